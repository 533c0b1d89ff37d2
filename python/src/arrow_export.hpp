// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pybind11/pybind11.h>

namespace margincore::python {

/// A column to be handed out: doubles in memory that `owner` keeps, or texts of the rows that failed.
struct ExportedColumn {
    std::string name{};
    std::span<const double> numbers{};
    std::vector<std::string_view> texts{}; ///< Of a column of texts, one for each row that failed.
    bool is_text = false;
};

/// An Arrow C stream, in its capsule, of one batch with these columns. Doubles are not copied.
///
/// @param failed  Rows whose numbers are null and that alone have texts; ascending.
/// @param owner   Keeps the doubles for as long as anybody reads them.
[[nodiscard]] pybind11::capsule export_stream(std::vector<ExportedColumn> columns, std::size_t rows,
                                              const std::vector<std::size_t>& failed,
                                              const std::shared_ptr<const void>& owner);

} // namespace margincore::python
