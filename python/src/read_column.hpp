// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <pybind11/pybind11.h>

#include <margincore/core/where.hpp>

#include "column.hpp"

namespace margincore::python {

/// A column of Python's: a NumPy array, an object that exports the Arrow C stream or array interface, or a pair of
/// codes and what they stand for. Memory of whole and floating-point numbers, text and codes is not copied.
///
/// @throws InvalidInput for what no column of a frame can be.
[[nodiscard]] std::shared_ptr<const Column> read_column(const pybind11::handle& source, const Where& where);

/// The parts of `read_column`.
[[nodiscard]] std::shared_ptr<const Column> read_numpy(const pybind11::handle& array, const Where& where);
[[nodiscard]] std::shared_ptr<const Column> read_arrow_stream(const pybind11::handle& source, const Where& where);
[[nodiscard]] std::shared_ptr<const Column> read_arrow_array(const pybind11::handle& source, const Where& where);

/// How the values of a column lie, and how many ticks of a time make a day.
struct ColumnKind {
    Layout layout = Layout::nothing;
    std::int64_t ticks_a_day = 1;
};

/// @throws InvalidInput for what no column can be.
[[noreturn]] void refuse_column(const Where& where, const std::string& got);

/// Adds a chunk to the end of a column.
void add_chunk(Column& column, Chunk chunk);

inline constexpr std::int64_t seconds_a_day = 86'400;

/// Ticks a day of a unit of time: s, m(illi), u, n.
[[nodiscard]] constexpr std::int64_t ticks_a_day(char unit) {
    return seconds_a_day * (unit == 's' ? 1 : unit == 'm' ? 1'000 : unit == 'u' ? 1'000'000 : 1'000'000'000);
}

} // namespace margincore::python
