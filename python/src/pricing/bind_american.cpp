// SPDX-License-Identifier: Apache-2.0
#include <margincore/core/names.hpp>
#include <margincore/pricing/american_columns.hpp>
#include <margincore/pricing/american_scheme.hpp>

#include "columns.hpp"

namespace py = pybind11;
using namespace margincore;
using namespace margincore::python;

void bind_american(py::module_& module) {
    module.def(
        "price_american",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility, std::string_view accuracy) {
            return price_american(view(right, spot, strike, time, rate, dividend_yield, volatility),
                                  parse_name<Accuracy>(accuracy, "accuracy"));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), py::kw_only(), py::arg("accuracy"), Unlocked(), "Prices, shape (n_rows).");
    module.def(
        "greeks_american",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility, std::string_view accuracy) {
            return as_tuple(greeks_american(view(right, spot, strike, time, rate, dividend_yield, volatility),
                                            parse_name<Accuracy>(accuracy, "accuracy")));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), py::kw_only(), py::arg("accuracy"), Unlocked(),
        "Delta, gamma, vega, theta and rho, each of shape (n_rows).");
    module.def(
        "implied_volatility_american",
        [](const Column& price, const Column& right, const Column& spot, const Column& strike, const Column& time,
           const Column& rate, const Column& dividend_yield, std::string_view accuracy) {
            return implied_volatility_american(view(price), view(right, spot, strike, time, rate, dividend_yield),
                                               parse_name<Accuracy>(accuracy, "accuracy"));
        },
        column("price"), column("right"), column("spot"), column("strike"), column("time"), column("rate"),
        column("dividend_yield"), py::kw_only(), py::arg("accuracy"), Unlocked(), "Volatilities, shape (n_rows).");
}
