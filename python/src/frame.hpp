// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "column.hpp"

namespace margincore::python {

/// The columns of a frame, by name.
using Columns = std::map<std::string, std::shared_ptr<const Column>>;

/// A frame of a caller: its name, for errors, and its columns.
class Frame {
public:
    /// @throws InvalidInput where columns differ in length.
    Frame(std::string name, Columns columns);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Columns& columns() const { return columns_; }
    [[nodiscard]] const Column* find(const std::string& column) const;
    /// @throws MissingData where the frame does not have it.
    [[nodiscard]] const Column& require(const std::string& column) const;
    /// @throws InvalidInput where a column is none of those named.
    void require_known(std::span<const std::string_view> names) const;
    /// @throws InvalidInput where there is such a column and it holds anything but numbers.
    void require_numbers(const std::string& column) const;
    /// @throws InvalidInput where there is such a column and it holds anything but text.
    void require_text(const std::string& column) const;

private:
    std::string name_;
    Columns columns_;
    std::size_t size_ = 0;
};

} // namespace margincore::python
