// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <margincore/account/enforcement.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/symbol.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/osi_symbol.hpp>
#include <margincore/stream/event.hpp>
#include <margincore/stream/message.hpp>

namespace margincore::stream {

/// Why a message cannot be read.
struct Unreadable {
    std::string where{};
    std::string reason{};
};

using Event = std::variant<Unreadable, BetaEvent, VolatilityEvent, PriceEvent, CashMovement, Fill, Tick>;

/// A message and the event in it.
struct ReadMessage {
    Message message{};
    Event event{};
    EventTime time = (std::numeric_limits<EventTime>::min)(); ///< Of the event; the least where it cannot be read.
};

namespace detail {

using document::ObjectReader;
using document::Value;

[[nodiscard]] inline EventTime read_time(const ObjectReader& reader) {
    constexpr double end_of_9999 = 253402300800000.0;
    const double time = reader.required("timestamp", reader.number("timestamp", 0, end_of_9999));
    if (time != std::floor(time)) {
        throw InvalidInput(reader.where("timestamp"), "must be whole milliseconds, got " + number_text(time));
    }
    return static_cast<EventTime>(time);
}

/// The whole number of parts of a unit that an amount is.
///
/// @throws InvalidInput where it is none.
[[nodiscard]] inline std::int64_t whole_parts(double amount, double parts_per_unit, std::string_view part,
                                              const Where& where) {
    constexpr double noise = 1e-3; // of a part: what a double of many digits cannot help
    const double parts = amount * parts_per_unit;
    const double whole = std::round(parts);
    if (std::abs(parts - whole) > noise || whole == 0) {
        throw InvalidInput(where, "must be whole " + std::string(part) + " and not zero, got " + number_text(amount));
    }
    return static_cast<std::int64_t>(whole);
}

[[nodiscard]] inline std::string read_id(const ObjectReader& reader, std::string_view key) {
    constexpr std::size_t longest = 256;
    std::string id = reader.required(key, reader.filled_text(key));
    if (id.size() > longest) {
        throw InvalidInput(reader.where(key), "must have at most 256 bytes, got " + std::to_string(id.size()));
    }
    return id;
}

[[nodiscard]] inline std::string read_symbol(const ObjectReader& reader) {
    constexpr std::size_t longest = 64;
    std::string symbol = reader.required("symbol", reader.text("symbol"));
    if (symbol.size() > longest) {
        throw InvalidInput(reader.where("symbol"), "must have at most 64 bytes, got " + std::to_string(symbol.size()));
    }
    return document::canonical_symbol(std::move(symbol), reader.where("symbol"));
}

[[nodiscard]] inline Price read_price(const ObjectReader& reader, const std::string& symbol) {
    return reader.required("price", is_option_symbol(symbol) ? reader.number("price", 0, largest_price)
                                                             : reader.positive("price", largest_price));
}

[[nodiscard]] inline Fill read_fill(const ObjectReader& reader) {
    Fill fill{.account_id = read_id(reader, "account_id"), .symbol = read_symbol(reader)};
    const Quantity quantity = reader.required("qty", reader.number("qty", -largest_fill, largest_fill));
    fill.quantity = whole_parts(quantity, nanos_per_unit, "billionths of a unit", reader.where("qty"));
    fill.price = read_price(reader, fill.symbol);
    fill.id = read_id(reader, "fill_id");
    fill.time = read_time(reader);
    return fill;
}

[[nodiscard]] inline CashMovement read_cash(const ObjectReader& reader) {
    CashMovement cash{.account_id = read_id(reader, "account_id")};
    cash.type = reader.required("type", reader.word<MovementType>("type"));
    const Where where = reader.where("amount");
    const Money amount = reader.required("amount", reader.number("amount", -largest_movement, largest_movement));
    const bool may_be_zero = cash.type == MovementType::opening; // an account that opens with nothing has a balance
    if (amount != 0 || !may_be_zero) {
        cash.amount = whole_parts(amount, micros_per_usd, "millionths of a USD", where);
    }
    if ((cash.type == MovementType::deposit && amount < 0) || (cash.type == MovementType::withdrawal && amount > 0)) {
        throw InvalidInput(where,
                           "must be positive for a DEPOSIT and negative for a WITHDRAWAL, got " + number_text(amount));
    }
    cash.id = read_id(reader, "cash_id");
    cash.time = read_time(reader);
    return cash;
}

[[nodiscard]] inline Event read_event(InputTopic topic, const ObjectReader& reader) {
    switch (topic) {
    case InputTopic::fills:
        return read_fill(reader);
    case InputTopic::cash:
        return read_cash(reader);
    case InputTopic::prices: {
        PriceEvent event{.symbol = read_symbol(reader)};
        event.price = read_price(reader, event.symbol);
        event.time = read_time(reader);
        return event;
    }
    case InputTopic::betas:
        return BetaEvent{
            .symbol = read_symbol(reader),
            .beta = reader.required("beta", reader.number("beta", -document::largest_beta, document::largest_beta)),
            .time = read_time(reader)};
    case InputTopic::volatilities:
        return VolatilityEvent{
            .symbol = read_symbol(reader),
            .volatility = reader.required("volatility", reader.number("volatility", 0, document::largest_volatility)),
            .time = read_time(reader)};
    case InputTopic::clock:
        return Tick{.time = read_time(reader)};
    }
    return Unreadable{};
}

[[nodiscard]] inline EventTime time_of(const Event& event) {
    return std::visit(
        [](const auto& known) {
            if constexpr (requires { known.time; }) {
                return known.time;
            } else {
                return (std::numeric_limits<EventTime>::min)();
            }
        },
        event);
}

} // namespace detail

/// Reads the event in a message. Keys beside those of the event are passed over: producers may say more.
///
/// @return  `Unreadable` with the place and the reason where it is none; nothing is thrown for what a message says.
[[nodiscard]] inline ReadMessage read_message(const Message& message) {
    ReadMessage read{.message = message};
    try {
        const InputTopic topic = parse_name<InputTopic>(message.topic, "topic");
        if (!message.value) {
            throw MissingData("value", "must be given, got nothing");
        }
        if (message.value->starts_with("\xEF\xBB\xBF")) { // RFC 8259, 8.1; another reader would find no account in it
            throw InvalidInput("value", "must be JSON without a byte order mark, got one");
        }
        const document::Value value = document::parse_json(*message.value, "value");
        const Where where("value");
        const document::ObjectReader reader(value, where);
        read.event = detail::read_event(topic, reader);
    } catch (const Error& error) {
        const std::string reason = error.what();
        read.event = Unreadable{.where = error.where(), .reason = reason};
    }
    read.time = detail::time_of(read.event);
    return read;
}

} // namespace margincore::stream
