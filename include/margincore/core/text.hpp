// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace margincore {

/// The shortest text that reads back as this number: `0.1`, `250000`, `1e+300`, `nan`.
[[nodiscard]] inline std::string number_text(double value) {
    constexpr double written_out = 1e7; // whole numbers below it are easier to read without an exponent
    const bool is_plain = std::abs(value) < written_out && value == std::trunc(value);
    std::array<char, 32> buffer{};
    const auto end =
        is_plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr
                 : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

/// An amount as people write it, to the cent: `-1,234.50`. A negative amount that rounds to zero has no sign.
[[nodiscard]] inline std::string money_text(double amount) {
    constexpr std::size_t group = 3;
    constexpr std::size_t longest = 320; // a double in full
    std::array<char, longest> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(amount), std::chars_format::fixed, 2).ptr;
    std::string digits(buffer.data(), end);
    if (!std::isfinite(amount)) {
        return number_text(amount);
    }
    for (std::size_t position = digits.size() - group; position > group; position -= group) {
        digits.insert(position - group, ",");
    }
    const bool is_negative = amount < 0 && digits.find_first_not_of("0.,") != std::string::npos;
    return (is_negative ? "-" : "") + digits;
}

namespace detail {

/// The text with every byte that `shows` refuses written as `\xNN`.
template <class Shows>
[[nodiscard]] std::string escaped(std::string_view text, Shows shows) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (shows(byte)) {
            out += character;
        } else {
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
        }
    }
    return out;
}

} // namespace detail

/// A name as people wrote it, UTF-8 and all, with no control character in it: it stays on its line.
[[nodiscard]] inline std::string one_line(std::string_view text) {
    return detail::escaped(text, [](unsigned char byte) { return byte >= 0x20 && byte != 0x7f; });
}

/// The text in printable ASCII, shortened when it is long, so that hostile input can be named in a message.
[[nodiscard]] inline std::string printable(std::string_view text, std::size_t longest = 64) {
    std::string out =
        detail::escaped(text.substr(0, longest), [](unsigned char byte) { return byte >= 0x20 && byte < 0x7f; });
    if (text.size() > longest) {
        out += "...";
    }
    return out;
}

/// The printable form between single quotes.
[[nodiscard]] inline std::string in_quotes(std::string_view text) { return "'" + printable(text) + "'"; }

} // namespace margincore
