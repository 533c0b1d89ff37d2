// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <variant>

#include <pybind11/eigen.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/core/arrays.hpp>
#include <margincore/pricing/greeks.hpp>
#include <margincore/pricing/option_columns.hpp>

/// Columns between Python and C++, for the files of the pricing module.
namespace margincore::python {

namespace py = pybind11;

/// What margincore._pricing hands over: one number for every row, or a column of doubles in one piece.
using Column = std::variant<double, py::array_t<double, py::array::c_style>>;

inline NumberColumn view(const Column& column) {
    if (const double* constant = std::get_if<double>(&column)) {
        return *constant;
    }
    const auto& rows = std::get<1>(column);
    return std::span<const double>(rows.data(), static_cast<std::size_t>(rows.size()));
}

inline OptionColumns view(const Column& right, const Column& spot, const Column& strike, const Column& time,
                          const Column& rate, const Column& dividend_yield, const Column& volatility = 0.0) {
    return {.sign = view(right),
            .spot = view(spot),
            .strike = view(strike),
            .time = view(time),
            .rate = view(rate),
            .dividend_yield = view(dividend_yield),
            .volatility = view(volatility)};
}

/// Columns that become a tuple of NumPy arrays without a copy.
inline auto as_tuple(Greeks<Array> greeks) {
    return std::tuple(std::move(greeks.delta), std::move(greeks.gamma), std::move(greeks.vega), std::move(greeks.theta),
                      std::move(greeks.rho));
}

/// An argument that is a column, never converted: a copy would be made without a word.
inline py::arg column(const char* name) {
    py::arg argument(name);
    argument.noconvert();
    return argument;
}

/// The interpreter runs while columns are computed.
using Unlocked = py::call_guard<py::gil_scoped_release>;

} // namespace margincore::python
