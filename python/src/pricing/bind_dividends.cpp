// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/dividend_columns.hpp>
#include <margincore/scenario/floored_dividends.hpp>
#include <margincore/scenario/option_series.hpp>

#include "columns.hpp"
#include "dividend_list.hpp"

namespace py = pybind11;
using namespace margincore;
using namespace margincore::python;

namespace {

DividendGridPolicy policy_of(std::string_view style, std::string_view model, std::string_view accuracy) {
    return {.style = parse_name<ExerciseStyle>(style, "style"),
            .model = parse_name<DividendModel>(model, "dividend_model"),
            .accuracy = parse_name<Accuracy>(accuracy, "accuracy") == Accuracy::fast ? fast_grid : accurate_grid};
}

} // namespace

void bind_dividends(py::module_& module) {
    module.def(
        "price_with_dividends",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility, const DividendList& dividends,
           std::string_view style, std::string_view model, std::string_view accuracy) {
            return price_with_dividends(view(right, spot, strike, time, rate, dividend_yield, volatility),
                                        dividends_of(dividends), policy_of(style, model, accuracy));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), py::kw_only(), py::arg("dividends"), py::arg("style"), py::arg("dividend_model"),
        py::arg("accuracy"), Unlocked(), "Prices, shape (n_rows).");
    module.def(
        "greeks_with_dividends",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility, const DividendList& dividends,
           std::string_view style, std::string_view model, std::string_view accuracy) {
            return as_tuple(greeks_with_dividends(view(right, spot, strike, time, rate, dividend_yield, volatility),
                                                  dividends_of(dividends), policy_of(style, model, accuracy)));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), py::kw_only(), py::arg("dividends"), py::arg("style"), py::arg("dividend_model"),
        py::arg("accuracy"), Unlocked(), "Delta, gamma, vega, theta and rho, each of shape (n_rows).");
    module.def(
        "implied_volatility_with_dividends",
        [](const Column& price, const Column& right, const Column& spot, const Column& strike, const Column& time,
           const Column& rate, const Column& dividend_yield, const DividendList& dividends, std::string_view style,
           std::string_view model, std::string_view accuracy) {
            return implied_volatility_with_dividends(view(price), view(right, spot, strike, time, rate, dividend_yield),
                                                     dividends_of(dividends), policy_of(style, model, accuracy));
        },
        column("price"), column("right"), column("spot"), column("strike"), column("time"), column("rate"),
        column("dividend_yield"), py::kw_only(), py::arg("dividends"), py::arg("style"), py::arg("dividend_model"),
        py::arg("accuracy"), Unlocked(), "Volatilities, shape (n_rows).");
    module.def(
        "floored_dividends",
        [](const Column& spot, const Column& time, const Column& rate, const Column& dividend_yield,
           const DividendList& dividends) {
            const std::array<std::vector<Dividend>, 1> schedules = {dividends_of(dividends)};
            OptionSeries series{.options = view(1.0, spot, 1.0, time, rate, dividend_yield), .schedules = schedules};
            const std::vector<std::int64_t> schedule(series.size(), 0); // the first and only one, of every row
            series.schedule = schedule;
            return floored_dividends(series);
        },
        column("spot"), column("time"), column("rate"), column("dividend_yield"), py::kw_only(), py::arg("dividends"),
        Unlocked(), "Rows with a dividend that is at least what is left of the spot.");
}
