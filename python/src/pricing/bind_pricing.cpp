// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set, into a module each: MARGINCORE_PRICING_MODULE is its name.
#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <pybind11/pybind11.h>

#include <margincore/core/arrays.hpp>
#include <margincore/pricing/european_columns.hpp>
#include <margincore/pricing/implied_volatility_columns.hpp>
#include <margincore/pricing/option_columns.hpp>

#include "../raise_errors.hpp"
#include "columns.hpp"

namespace py = pybind11;
using namespace margincore;
using namespace margincore::python;

void bind_american(py::module_& module);
void bind_dividends(py::module_& module);
void bind_reprice(py::module_& module);

namespace {

double time_price_european(const OptionColumns& options, int repeats) {
    double best = std::numeric_limits<double>::infinity();
    Array prices;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        prices = price_european(options, std::move(prices));
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        best = (std::min)(best, taken.count());
    }
    return best;
}

} // namespace

PYBIND11_MODULE(MARGINCORE_PRICING_MODULE, module) {
    module.doc() = "Pricing for one instruction set; use it through the package margincore.";
    margincore::python::raise_errors_of_this_module();
    module.def(
        "price_european",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility) {
            return price_european(view(right, spot, strike, time, rate, dividend_yield, volatility));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), Unlocked(), "Prices, shape (n_rows); each argument a float or that many doubles.");
    module.def(
        "greeks_european",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility) {
            return as_tuple(greeks_european(view(right, spot, strike, time, rate, dividend_yield, volatility)));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), Unlocked(), "Delta, gamma, vega, theta and rho, each of shape (n_rows).");
    module.def(
        "implied_volatility_european",
        [](const Column& price, const Column& right, const Column& spot, const Column& strike, const Column& time,
           const Column& rate, const Column& dividend_yield) {
            return implied_volatility(view(price), view(right, spot, strike, time, rate, dividend_yield));
        },
        column("price"), column("right"), column("spot"), column("strike"), column("time"), column("rate"),
        column("dividend_yield"), Unlocked(), "Volatilities, shape (n_rows).");
    module.def(
        "time_price_european",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& volatility, int repeats) {
            return time_price_european(view(right, spot, strike, time, rate, dividend_yield, volatility), repeats);
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("volatility"), py::arg("repeats"), Unlocked(),
        "The least seconds that C++ takes for what price_european computes, for benchmarks.");
    bind_american(module);
    bind_dividends(module);
    bind_reprice(module);
}
