// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <margincore/core/text.hpp>

namespace margincore::document {

/// A document before it is read: what JSON text, Python dicts and later columns all become, so that one reader gives
/// the same paths and messages. Objects keep the order of their keys, and have each key once.
using Value = nlohmann::ordered_json;

/// The deepest nesting that is taken for a document; the contract needs six.
inline constexpr std::size_t deepest_nesting = 32;

/// Adds a key to an object without looking for it first: whoever builds a value checks for repeated keys itself,
/// because the container's own look-up makes large objects quadratic.
inline Value& append(Value& object, std::string key, Value value) {
    return object.get_ref<Value::object_t&>().emplace_back(std::move(key), std::move(value)).second;
}

/// What a value is, for a message: `null`, `a list`, `'abc'`, `12.5`.
[[nodiscard]] inline std::string describe(const Value& value) {
    switch (value.type()) {
    case Value::value_t::object:
        return "an object";
    case Value::value_t::array:
        return "a list";
    case Value::value_t::string:
        return in_quotes(value.get_ref<const std::string&>());
    case Value::value_t::boolean:
        return value.get<bool>() ? "true" : "false";
    case Value::value_t::number_integer:
    case Value::value_t::number_unsigned:
    case Value::value_t::number_float:
        return number_text(value.get<double>());
    default:
        return "null";
    }
}

} // namespace margincore::document
