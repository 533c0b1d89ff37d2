// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/value.hpp>

namespace margincore::document {

namespace detail {

/// Builds a value from the events of the JSON parser, and refuses what the library's own builder lets pass: repeated
/// keys, of which it keeps the last without a word, and nesting without an end.
class ValueBuilder final : public nlohmann::json_sax<Value> {
public:
    /// @param name  Of the whole text, for errors.
    explicit ValueBuilder(std::string_view name) : name_(name) {}

    [[nodiscard]] Value take() { return std::move(root_); }

    bool null() override { return add(nullptr), true; }
    bool boolean(bool value) override { return add(value), true; }
    bool number_integer(number_integer_t value) override { return add(value), true; }
    bool number_unsigned(number_unsigned_t value) override { return add(value), true; }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value), true; }
    bool string(string_t& value) override { return add(std::move(value)), true; }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*n*/) override { return open(Value::object()); }
    bool start_array(std::size_t /*n*/) override { return open(Value::array()); }
    bool key(string_t& value) override { return open_.back().key = std::move(value), true; }
    bool end_array() override { return open_.pop_back(), true; }

    bool end_object() override {
        std::vector<std::string_view> keys;
        for (const auto& [key, value] : open_.back().value->get_ref<const Value::object_t&>()) {
            keys.push_back(key);
        }
        std::ranges::sort(keys);
        const auto repeated = std::ranges::adjacent_find(keys);
        if (repeated != keys.end()) {
            open_.back().key = *repeated;
            throw InvalidInput(Where(path()), "must stand once in its object, got the key again");
        }
        return open_.pop_back(), true;
    }

    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::json::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: ...": the number is the library's affair.
        const std::string message = error.what();
        const std::size_t end_of_tag = message.find("] ");
        constexpr std::size_t longest = 256; // a message quotes what was last read, which may be megabytes
        throw InvalidInput(
            name_, "must be JSON, got " +
                       printable(end_of_tag == std::string::npos ? message : message.substr(end_of_tag + 2), longest));
    }

private:
    struct Open {
        Value* value;    // the object or list that is being filled
        std::string key; // of the member that comes next, or is being filled
    };

    [[nodiscard]] std::string path() const {
        std::string text;
        for (const Open& open : open_) {
            if (open.value->is_object()) {
                text += (text.empty() ? "" : ".") + printable(open.key);
            } else {
                const std::size_t next = open.value->size();
                text += "[" + std::to_string(next == 0 ? 0 : next - 1) + "]";
            }
        }
        return text;
    }

    Value& add(Value value) {
        if (open_.empty()) {
            return root_ = std::move(value);
        }
        Value& parent = *open_.back().value;
        if (parent.is_object()) {
            return append(parent, open_.back().key, std::move(value));
        }
        return parent.emplace_back(std::move(value));
    }

    bool open(Value empty) {
        Value& added = add(std::move(empty));
        if (open_.size() == deepest_nesting) {
            throw InvalidInput(Where(path()),
                               "must not be nested deeper than " + std::to_string(deepest_nesting) + " levels");
        }
        if (added.is_object()) { // growing copies the keys, and few objects of a document have more than this
            constexpr std::size_t usual_keys = 8;
            added.get_ref<Value::object_t&>().reserve(usual_keys);
        }
        open_.push_back({&added, {}});
        return true;
    }

    std::string_view name_;
    Value root_;
    std::vector<Open> open_;
};

} // namespace detail

/// Reads JSON text (UTF-8).
///
/// @param name  Of the whole text, for errors.
/// @throws InvalidInput where the text is not JSON, is not UTF-8, repeats a key in an object, or is nested too deep.
[[nodiscard]] inline Value parse_json(std::string_view text, std::string_view name = "document") {
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) { // the parser takes it for the end
        throw InvalidInput(name, "must be JSON in UTF-8, got a zero byte after " + std::to_string(zero) + " bytes");
    }
    detail::ValueBuilder builder(name);
    Value::sax_parse(text.begin(), text.end(), &builder);
    return builder.take();
}

/// Writes JSON text, keys in order.
///
/// @param indent  Spaces a level; nothing for one line.
[[nodiscard]] inline std::string to_json(const Value& value, std::optional<int> indent = std::nullopt) {
    return value.dump(indent.value_or(-1), ' ', false, Value::error_handler_t::replace);
}

} // namespace margincore::document
