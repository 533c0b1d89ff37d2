// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <margincore/core/text.hpp>

namespace margincore {

/// A place in the caller's data, such as `account.positions[3].quantity`.
///
/// A chain of links to the enclosing places: it costs nothing to make and becomes text only when something is
/// wrong. A link refers to its parent, so a parent must be a named object that outlives it, which is why
/// indexing a temporary does not compile.
class Where {
public:
    Where(std::string_view root) : key_(root) {}
    Where(const char* root) : key_(root) {}
    Where(const std::string& root) : key_(root) {}

    /// The member `key` of this place.
    [[nodiscard]] Where operator[](std::string_view key) const& { return {this, key, no_index}; }
    [[nodiscard]] Where operator[](const char* key) const& { return {this, key, no_index}; }
    /// The element `index` of this place, counted from 0.
    [[nodiscard]] Where operator[](std::size_t index) const& { return {this, {}, index}; }
    Where operator[](std::string_view key) && = delete;
    Where operator[](const char* key) && = delete;
    Where operator[](std::size_t index) && = delete;

    [[nodiscard]] std::string text() const {
        if (index_ != no_index) {
            return parent_->text() + "[" + std::to_string(index_) + "]";
        }
        if (parent_ == nullptr) {
            return printable(key_, key_.size());
        }
        const std::string parent = parent_->text();
        return parent.empty() ? printable(key_) : parent + "." + printable(key_);
    }

private:
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    Where(const Where* parent, std::string_view key, std::size_t index) : parent_(parent), key_(key), index_(index) {}

    const Where* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = no_index;
};

} // namespace margincore
