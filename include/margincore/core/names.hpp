// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// One enumerator and the word for it in documents.
template <class Enumeration>
struct Name {
    Enumeration value;
    std::string_view text;
};

// clang 14 does not deduce the parameters of an aggregate by itself.
template <class Enumeration>
Name(Enumeration, std::string_view) -> Name<Enumeration>;
template <class Enumeration>
Name(Enumeration, const char*) -> Name<Enumeration>;

/// The words of an enumeration: specialise with an array of `Name`, one for each enumerator that has a word.
template <class Enumeration>
inline constexpr int names = 0;

/// The word for an enumerator.
template <class Enumeration>
[[nodiscard]] constexpr std::string_view name_of(Enumeration value) {
    for (const auto& name : names<Enumeration>) {
        if (name.value == value) {
            return name.text;
        }
    }
    return "?";
}

/// The words of an enumeration as a list for a message: `call, put`.
template <class Enumeration>
[[nodiscard]] std::string list_of_names() {
    std::string list;
    for (const auto& name : names<Enumeration>) {
        list += (list.empty() ? "" : ", ") + std::string(name.text);
    }
    return list;
}

/// The enumerator for a word.
///
/// @throws InvalidInput naming the words that there are.
template <class Enumeration>
[[nodiscard]] Enumeration parse_name(std::string_view text, const Where& where) {
    for (const auto& name : names<Enumeration>) {
        if (name.text == text) {
            return name.value;
        }
    }
    throw InvalidInput(where, "must be one of " + list_of_names<Enumeration>() + ", got " + in_quotes(text));
}

} // namespace margincore
