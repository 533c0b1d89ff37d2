// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace margincore::stream {

/// What an event said, as a number: events of one id that say other things are told apart.
///
/// @source FNV-1a, 64 bits: Fowler, Noll, Vo, "FNV Hash", IETF draft-eastlake-fnv.
class Fingerprint {
public:
    Fingerprint& operator<<(std::string_view text) {
        for (const char c : text) {
            add(static_cast<unsigned char>(c));
        }
        add(0xff); // no byte of UTF-8: "ab", "c" is not "a", "bc"
        return *this;
    }
    Fingerprint& operator<<(std::int64_t number) {
        for (int shift = 0; shift < 64; shift += 8) {
            add(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
        }
        return *this;
    }
    Fingerprint& operator<<(double number) { return *this << std::bit_cast<std::int64_t>(number); }

    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    void add(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }

    std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

/// The 128 bits of a UUID.
using Uuid = std::array<std::uint64_t, 2>;

/// Reads a UUID in its usual form, 8-4-4-4-12 hexadecimal digits in lower case; nothing for any other text.
[[nodiscard]] inline std::optional<Uuid> parse_uuid(std::string_view text) {
    constexpr std::size_t length = 36;
    if (text.size() != length) {
        return std::nullopt;
    }
    Uuid uuid{};
    std::size_t digits = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') {
                return std::nullopt;
            }
            continue;
        }
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) {
            return std::nullopt;
        }
        std::uint64_t& half = uuid[digits++ / 16];
        half = half << 4U | static_cast<std::uint64_t>(digit);
    }
    return uuid;
}

enum class Seen : std::uint8_t { first, again, contradicted };

/// The ids of events that were counted, each with what it said. UUIDs take 16 bytes, other texts their own.
class EventIds {
public:
    /// Notes an event, unless its id was there.
    Seen note(std::string_view id, std::uint64_t said) {
        const std::optional<Uuid> uuid = parse_uuid(id);
        const auto [entry, is_new] = uuid ? note(uuids, *uuid, said) : note(texts, std::string(id), said);
        return is_new ? Seen::first : entry == said ? Seen::again : Seen::contradicted;
    }

    struct HashUuid {
        std::size_t operator()(const Uuid& uuid) const { return uuid[0] ^ uuid[1] * 0x9e3779b97f4a7c15ULL; }
    };

    std::unordered_map<Uuid, std::uint64_t, HashUuid> uuids{};
    std::unordered_map<std::string, std::uint64_t> texts{};

private:
    struct Noted {
        std::uint64_t said;
        bool is_new;
    };
    template <class Map, class Key>
    static Noted note(Map& map, const Key& key, std::uint64_t said) {
        const auto [entry, is_new] = map.try_emplace(key, said);
        return {entry->second, is_new};
    }
};

} // namespace margincore::stream
