// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <margincore/document/value.hpp>
#include <margincore/stream/message.hpp>

namespace margincore::stream {

namespace detail {

/// Bytes as text.
///
/// @source RFC 4648, section 4.
[[nodiscard]] inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += i + k <= bytes.size() ? digits[group >> (18U - 6U * k) & 63U] : '=';
        }
    }
    return text;
}

/// Bytes of a key or a value that a letter repeats, and of its reason: escaped, all are below what a broker takes.
inline constexpr std::size_t longest_repeated = 65'536;
inline constexpr std::size_t longest_reason = 4'096;

/// The beginning of a text, without a part of a character at its end.
[[nodiscard]] inline std::string_view beginning(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) {
        return text;
    }
    const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; };
    std::size_t end = longest;
    while (end > longest - 4 && continues(text[end])) {
        --end;
    }
    return text.substr(0, end);
}

/// Puts bytes that may be no text: as text where they are UTF-8, as base64 under another key where they are not. Of
/// what is long the beginning, and its size.
inline void put_bytes(document::Value& object, const std::string& key, std::string_view whole) {
    const std::string_view bytes = beginning(whole, longest_repeated);
    if (bytes.size() < whole.size()) {
        object[key + "_bytes"] = whole.size();
    }
    try {
        const std::string text(bytes);
        static_cast<void>(document::Value(text).dump()); // throws where it is no UTF-8
        object[key] = text;
    } catch (const document::Value::exception&) {
        object[key + "_base64"] = base64(bytes);
    }
}

} // namespace detail

/// What is written of a message that cannot be used: where it stands in the log, what it said, and the reason.
[[nodiscard]] inline Output dead_letter(const Message& message, std::string_view where, std::string_view reason) {
    document::Value letter = {{"topic", std::string(message.topic)},
                              {"partition", message.partition},
                              {"offset", message.offset},
                              {"timestamp", message.timestamp},
                              {"where", std::string(detail::beginning(where, detail::longest_reason))},
                              {"reason", std::string(detail::beginning(reason, detail::longest_reason))}};
    letter["key"] = nullptr;
    letter["value"] = nullptr;
    if (message.key) {
        detail::put_bytes(letter, "key", *message.key);
    }
    if (message.value) {
        detail::put_bytes(letter, "value", *message.value);
    }
    return {.topic = dead_letter_topic,
            .key = std::string(message.topic) + "-" + std::to_string(message.partition),
            .value = letter.dump(-1, ' ', false, document::Value::error_handler_t::replace)};
}

} // namespace margincore::stream
