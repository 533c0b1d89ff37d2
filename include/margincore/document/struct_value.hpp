// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/fields.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/value.hpp>

/// Structs to values and back, from the one list of their fields.
namespace margincore::document {

/// A pair of a fall and a rise, written as a list of two: `CallPrices`, `ReverseStress`.
template <class T>
concept DownUp = requires(T pair) {
    { pair.down } -> std::same_as<std::optional<double>&>;
    { pair.up } -> std::same_as<std::optional<double>&>;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

/// Pairs of a name and a value, written as an object.
template <class T>
inline constexpr bool is_named_values = false;
template <class T>
inline constexpr bool is_named_values<std::vector<std::pair<std::string, T>>> = true;

/// The value of a struct, or of a member of one.
template <class T>
[[nodiscard]] Value to_value(const T& data) {
    if constexpr (Documented<T>) {
        Value object = Value::object();
        object.get_ref<Value::object_t&>().reserve(std::tuple_size_v<std::remove_cvref_t<decltype(fields<T>)>>);
        for_each_field<T>(
            [&](const auto& field) { append(object, std::string(field.name), to_value(data.*field.member)); });
        return object;
    } else if constexpr (DownUp<T>) {
        return Value::array({to_value(data.down), to_value(data.up)});
    } else if constexpr (is_named_values<T>) {
        Value object = Value::object();
        for (const auto& [name, member] : data) {
            append(object, name, to_value(member));
        }
        return object;
    } else if constexpr (is_vector<T>) {
        Value list = Value::array();
        for (const auto& element : data) {
            list.push_back(to_value(element));
        }
        return list;
    } else if constexpr (is_optional<T>) {
        return data ? to_value(*data) : Value();
    } else if constexpr (std::is_enum_v<T>) {
        return std::string(name_of(data));
    } else {
        return data;
    }
}

/// The struct that a value was made of. Keys that it does not know are passed over, because documents that are
/// written grow; members that were added later keep their default where they are absent.
///
/// @throws InvalidInput, MissingData with the path into the value.
template <class T>
[[nodiscard]] T from_value(const Value& value, const Where& where) {
    if constexpr (Documented<T>) {
        const ObjectReader reader(value, where);
        T data{};
        for_each_field<T>([&](const auto& field) {
            using Member = std::remove_cvref_t<decltype(data.*field.member)>;
            if (field.presence == Presence::required || reader.has(field.name)) {
                data.*field.member = from_value<Member>(reader.require(field.name), reader.where(field.name));
            }
        });
        return data;
    } else if constexpr (DownUp<T>) {
        if (read_list(value, where).size() != 2) {
            refuse_type(value, "a list of two", where);
        }
        return {from_value<std::optional<double>>(value[0], where[std::size_t{0}]),
                from_value<std::optional<double>>(value[1], where[std::size_t{1}])};
    } else if constexpr (is_named_values<T>) {
        T data;
        for (const auto& [name, member] : read_object(value, where)) {
            data.emplace_back(name, from_value<typename T::value_type::second_type>(member, where[name]));
        }
        return data;
    } else if constexpr (is_vector<T>) {
        T data;
        for (const Value& element : read_list(value, where)) {
            data.push_back(from_value<typename T::value_type>(element, where[data.size()]));
        }
        return data;
    } else if constexpr (is_optional<T>) {
        return value.is_null() ? T{} : T(from_value<typename T::value_type>(value, where));
    } else if constexpr (std::is_enum_v<T>) {
        return parse_name<T>(read_text(value, where), where);
    } else if constexpr (std::is_same_v<T, bool>) {
        return read_flag(value, where);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return read_text(value, where);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        if (!value.is_number_integer()) {
            refuse_type(value, "a whole number", where);
        }
        return value.get<std::int64_t>();
    } else {
        static_assert(std::is_same_v<T, double>);
        return read_number(value, where);
    }
}

} // namespace margincore::document
