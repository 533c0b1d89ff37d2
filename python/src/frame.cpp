// SPDX-License-Identifier: Apache-2.0
#include "frame.hpp"

#include <algorithm>
#include <utility>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/object_reader.hpp>

namespace margincore::python {

Frame::Frame(std::string name, Columns columns) : name_(std::move(name)), columns_(std::move(columns)) {
    const Where where(name_);
    const Column* first = nullptr;
    for (const auto& [column_name, column] : columns_) {
        if (first != nullptr && column->size != first->size) {
            throw InvalidInput(where[column_name], "must be as long as the other columns, " +
                                                       std::to_string(first->size) + " rows, got " +
                                                       std::to_string(column->size));
        }
        first = column.get();
        size_ = column->size;
    }
}

const Column* Frame::find(const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? nullptr : found->second.get();
}

const Column& Frame::require(const std::string& column) const {
    const Column* found = find(column);
    if (found == nullptr) {
        const Where where(name_);
        throw MissingData(where[column], "must be a column, got none of that name");
    }
    return *found;
}

void Frame::require_known(std::span<const std::string_view> names) const {
    const Where where(name_);
    for (const auto& [name, column] : columns_) {
        if (std::ranges::find(names, name) == names.end()) {
            std::string known;
            for (const std::string_view one : names) {
                known += (known.empty() ? "" : ", ") + std::string(one);
            }
            throw InvalidInput(where[name], "must be a known column (" + known + "), got " + in_quotes(name));
        }
    }
}

void Frame::require_numbers(const std::string& column) const {
    const Column* found = find(column);
    if (found == nullptr || found->layout == Layout::nothing || (is_number(found->layout) && !found->is_dictionary)) {
        return;
    }
    const Where where(name_);
    for (std::size_t i = 0; i < found->values.size(); ++i) { // of objects the first that is none
        const document::Value& value = found->values[i];
        if (!value.is_number() && !value.is_null()) {
            const Where row = where[i];
            document::refuse_type(value, "a number", row[column]);
        }
    }
    if (found->layout != Layout::values) {
        throw InvalidInput(where[column], "must be numbers, got a column of " + found->content());
    }
}

void Frame::require_text(const std::string& column) const {
    if (const Column* found = find(column); found != nullptr && !found->holds_text()) {
        const Where where(name_);
        throw InvalidInput(where[column], "must be text, got a column of " + found->content());
    }
}

} // namespace margincore::python
