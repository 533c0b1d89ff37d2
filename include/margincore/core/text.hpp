// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace margincore {

/// The shortest text that reads back as this number: `0.1`, `1e+300`, `nan`.
[[nodiscard]] inline std::string number_text(double value) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

/// The text on one line with nothing in it that a terminal would act on, shortened when it is long.
///
/// Bytes outside printable ASCII are written as `\xNN`, so hostile input can be named in a message.
[[nodiscard]] inline std::string printable(std::string_view text, std::size_t longest = 64) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char character : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7f) {
            out += character;
        } else {
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
        }
    }
    if (text.size() > longest) {
        out += "...";
    }
    return out;
}

/// The printable form between single quotes.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    return "'" + printable(text) + "'";
}

} // namespace margincore
