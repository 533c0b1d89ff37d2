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

/// Puts bytes that may be no text: as text where they are UTF-8, as base64 under another key where they are not.
inline void put_bytes(document::Value& object, const std::string& key, std::string_view bytes) {
    try {
        const std::string text(bytes);
        static_cast<void>(document::Value(text).dump()); // throws where it is no UTF-8
        object[key] = text;
    } catch (const document::Value::exception&) {
        object[key + "_base64"] = base64(bytes);
    }
}

} // namespace detail

/// What is written of a message that cannot be used: where it stands in the log, all that it said, and the reason.
[[nodiscard]] inline Output dead_letter(const Message& message, std::string_view where, std::string_view reason) {
    document::Value letter = {
        {"topic", std::string(message.topic)}, {"partition", message.partition}, {"offset", message.offset},
        {"timestamp", message.timestamp},      {"where", std::string(where)},    {"reason", std::string(reason)}};
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
