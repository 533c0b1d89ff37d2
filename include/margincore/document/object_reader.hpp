// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <margincore/core/check.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument.hpp>

namespace margincore::document {

[[noreturn]] inline void refuse_type(const Value& value, std::string_view type, const Where& where) {
    throw InvalidInput(where, "must be " + std::string(type) + ", got " + describe(value));
}

[[nodiscard]] inline double read_number(const Value& value, const Where& where) {
    if (!value.is_number()) {
        refuse_type(value, "a number", where);
    }
    return require_finite(value.get<double>(), where);
}

[[nodiscard]] inline const std::string& read_text(const Value& value, const Where& where) {
    if (!value.is_string()) {
        refuse_type(value, "a string", where);
    }
    return value.get_ref<const std::string&>();
}

[[nodiscard]] inline bool read_flag(const Value& value, const Where& where) {
    if (!value.is_boolean()) {
        refuse_type(value, "true or false", where);
    }
    return value.get<bool>();
}

[[nodiscard]] inline const Value& read_list(const Value& value, const Where& where) {
    if (!value.is_array()) {
        refuse_type(value, "a list", where);
    }
    return value;
}

[[nodiscard]] inline const Value::object_t& read_object(const Value& value, const Where& where) {
    if (!value.is_object()) {
        refuse_type(value, "an object", where);
    }
    return value.get_ref<const Value::object_t&>();
}

/// An object whose keys are known: anything else in it is refused by name, so a typo never changes a requirement.
class ObjectReader {
public:
    /// An object of which only some keys are of interest.
    ///
    /// @throws InvalidInput where the value is no object.
    ObjectReader(const Value& value, const Where& where) : object_(read_object(value, where)), where_(where) {}

    /// @param keys  Every key that the object may have.
    /// @throws InvalidInput where the value is no object or has a key that is not among them.
    ObjectReader(const Value& value, const Where& where, std::span<const std::string_view> keys)
        : ObjectReader(value, where) {
        for (const auto& [key, member] : object_) {
            if (std::ranges::find(keys, key) == keys.end()) {
                std::string known;
                for (const std::string_view name : keys) {
                    known += (known.empty() ? "" : ", ") + std::string(name);
                }
                throw InvalidInput(where_[key], "must be a known key (" + known + "), got " + in_quotes(key));
            }
        }
    }

    [[nodiscard]] Where where(std::string_view key) const { return where_[key]; }

    /// The value of a key; null where it is absent.
    [[nodiscard]] const Value* find(std::string_view key) const {
        const auto member =
            std::ranges::find(object_, key, [](const auto& entry) -> const std::string& { return entry.first; });
        return member == object_.end() ? nullptr : &member->second;
    }

    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }

    /// The value of a key.
    ///
    /// @throws MissingData where it is absent.
    [[nodiscard]] const Value& require(std::string_view key) const {
        const Value* value = find(key);
        if (value == nullptr) {
            throw MissingData(where(key), "must be given, got nothing");
        }
        return *value;
    }

    /// Reads the value of a key, where it is there, with one of the `read_` functions.
    template <class Read>
    [[nodiscard]] auto optional(std::string_view key, Read&& read) const
        -> std::optional<std::remove_cvref_t<std::invoke_result_t<Read, const Value&, const Where&>>> {
        const Value* value = find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        return read(*value, where(key));
    }

    [[nodiscard]] std::optional<double> number(std::string_view key) const { return optional(key, read_number); }

    /// A number in [low, high], where it is there.
    [[nodiscard]] std::optional<double> number(std::string_view key, double low, double high) const {
        return optional(key, [&](const Value& value, const Where& place) {
            return require_within(read_number(value, place), low, high, place);
        });
    }

    /// A number in (0, high], where it is there.
    [[nodiscard]] std::optional<double> positive(std::string_view key, double high) const {
        return optional(key, [&](const Value& value, const Where& place) {
            return require_positive(read_number(value, place), high, place);
        });
    }

    /// What is read from a key that must be there, whose value another function reads.
    ///
    /// @throws MissingData where it is absent.
    template <class T>
    [[nodiscard]] T required(std::string_view key, std::optional<T> value) const {
        static_cast<void>(require(key));
        return *std::move(value);
    }

    [[nodiscard]] std::optional<bool> flag(std::string_view key) const { return optional(key, read_flag); }

    [[nodiscard]] std::optional<std::string> text(std::string_view key) const { return optional(key, read_text); }

    /// A text that is not empty, where it is there.
    [[nodiscard]] std::optional<std::string> filled_text(std::string_view key) const {
        auto of_key = text(key);
        if (of_key && of_key->empty()) {
            throw InvalidInput(where(key), "must not be empty, got ''");
        }
        return of_key;
    }

    /// One of the words of an enumeration, where it is there.
    template <class Enumeration>
    [[nodiscard]] std::optional<Enumeration> word(std::string_view key) const {
        return optional(key, [](const Value& value, const Where& place) {
            if (!value.is_string()) {
                refuse_type(value, "one of " + list_of_names<Enumeration>(), place);
            }
            return parse_name<Enumeration>(read_text(value, place), place);
        });
    }

    [[nodiscard]] std::optional<Date> date(std::string_view key) const {
        return optional(key, [](const Value& value, const Where& place) {
            if (!value.is_string()) {
                refuse_type(value, "a date as YYYY-MM-DD", place);
            }
            return parse_date(read_text(value, place), place);
        });
    }

    [[nodiscard]] std::optional<std::string> ticker(std::string_view key) const {
        return optional(
            key, [](const Value& value, const Where& place) { return require_ticker(read_text(value, place), place); });
    }

private:
    const Value::object_t& object_;
    const Where& where_;
};

/// Version of the documents; it grows only by adding.
inline constexpr int schema_version = 1;

/// Checks the version that a document states; one that states none is of the first.
///
/// @throws Unsupported where it is another one.
inline void require_schema_version(const ObjectReader& document) {
    if (const auto version = document.number("schema"); version && *version != schema_version) {
        throw Unsupported(document.where("schema"), "must be 1, got " + describe(document.require("schema")));
    }
}

} // namespace margincore::document
