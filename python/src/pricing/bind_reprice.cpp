// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/functional.h>

#include <margincore/core/names.hpp>
#include <margincore/scenario/reprice.hpp>

#include "columns.hpp"
#include "dividend_list.hpp"

namespace py = pybind11;
using namespace margincore;
using namespace margincore::python;

namespace {

template <class T>
using Exact = py::array_t<T, py::array::c_style>;

template <class T>
std::span<const T> view(const std::optional<Exact<T>>& column) {
    return column ? std::span<const T>(column->data(), static_cast<std::size_t>(column->size())) : std::span<const T>{};
}

/// Progress that Python is told of, with the interpreter taken for the time of the call.
Progress told_to(const std::function<void(std::size_t, std::size_t)>& tell) {
    return [&tell](std::size_t done, std::size_t total) {
        const py::gil_scoped_acquire lock;
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        if (tell) {
            tell(done, total);
        }
    };
}

} // namespace

void bind_reprice(py::module_& module) {
    module.def(
        "reprice",
        [](const Column& right, const Column& spot, const Column& strike, const Column& time, const Column& rate,
           const Column& dividend_yield, const Column& price, const Column& implied_volatility,
           const std::optional<Exact<std::uint8_t>>& is_european, const std::optional<Exact<std::int64_t>>& underlying,
           const std::optional<Exact<std::int64_t>>& schedule, const std::vector<DividendList>& schedules,
           const std::vector<double>& moves, std::string_view volatility_mode, std::string_view dividend_model,
           std::string_view accuracy, unsigned threads, const std::function<void(std::size_t, std::size_t)>& progress) {
            std::vector<std::vector<Dividend>> lists;
            for (const DividendList& list : schedules) {
                lists.push_back(dividends_of(list));
            }
            const OptionSeries series{
                .options = python::view(right, spot, strike, time, rate, dividend_yield),
                .price = python::view(price),
                .implied_volatility = python::view(implied_volatility),
                .is_european = view(is_european),
                .underlying = view(underlying),
                .schedule = view(schedule),
                .schedules = lists,
            };
            const RepriceOptions options{.volatility_mode =
                                             parse_name<VolatilityMode>(volatility_mode, "volatility_mode"),
                                         .dividend_model = parse_name<DividendModel>(dividend_model, "dividend_model"),
                                         .accuracy = parse_name<Accuracy>(accuracy, "accuracy"),
                                         .threads = threads,
                                         .progress = told_to(progress)};
            Repriced result = reprice(series, moves, options);
            return std::tuple(std::move(result.gains), std::move(result.volatilities), std::move(result.prices),
                              std::move(result.floored_dividends));
        },
        column("right"), column("spot"), column("strike"), column("time"), column("rate"), column("dividend_yield"),
        column("price"), column("implied_volatility"), py::kw_only(), py::arg("is_european"), py::arg("underlying"),
        py::arg("schedule"), py::arg("schedules"), py::arg("moves"), py::arg("volatility_mode"),
        py::arg("dividend_model"), py::arg("accuracy"), py::arg("threads"), py::arg("progress"), Unlocked(),
        "Gains, shape (n_rows, n_moves), the volatilities held, the prices unmoved, and rows whose dividends are "
        "floored.");
}
