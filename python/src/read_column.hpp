// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <pybind11/pybind11.h>

#include <margincore/core/where.hpp>

#include "column.hpp"

namespace margincore::python {

/// A column of Python's: a NumPy array, an object that exports the Arrow C stream or array interface, or a pair of
/// codes and what they stand for. Memory of whole and floating-point numbers, text and codes is not copied.
///
/// @throws InvalidInput for what no column of a frame can be.
[[nodiscard]] std::shared_ptr<const Column> read_column(const pybind11::handle& source, const Where& where);

} // namespace margincore::python
