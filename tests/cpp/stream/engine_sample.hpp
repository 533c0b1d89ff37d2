// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/document/json.hpp>
#include <margincore/document/value.hpp>
#include <margincore/stream/margin_engine.hpp>

namespace sample {

/// A Thursday noon in New York, after the rulebook came into force.
inline constexpr std::int64_t noon = 1'790'870'400'000; // 2026-10-01T16:00:00Z

/// Messages of a log, each with its bytes.
class Log {
public:
    Log& add(std::string_view topic, std::string value, std::int64_t record = noon + 1'000'000'000) {
        const std::string& text = values_.emplace_back(std::move(value));
        messages.push_back(
            {.topic = topic, .offset = static_cast<std::int64_t>(messages.size()), .timestamp = record, .value = text});
        return *this;
    }
    Log& price(std::string_view symbol, double price, std::int64_t time) {
        return add("prices.v1", fmt::format(R"({{"symbol":"{}","price":{},"timestamp":{}}})", symbol, price, time));
    }
    Log& beta(std::string_view symbol, double beta, std::int64_t time) {
        return add("betas.v1", fmt::format(R"({{"symbol":"{}","beta":{},"timestamp":{}}})", symbol, beta, time));
    }
    Log& fill(std::string_view account, std::string_view symbol, double quantity, double price, std::string_view id,
              std::int64_t time) {
        return add(
            "fills.v1",
            fmt::format(R"({{"account_id":"{}","symbol":"{}","qty":{},"price":{},"fill_id":"{}","timestamp":{}}})",
                        account, symbol, quantity, price, id, time));
    }
    Log& cash(std::string_view account, double amount, std::string_view type, std::string_view id, std::int64_t time) {
        return add("cash.v1",
                   fmt::format(R"({{"account_id":"{}","amount":{},"type":"{}","cash_id":"{}","timestamp":{}}})",
                               account, amount, type, id, time));
    }

    void apply_to(margincore::stream::MarginEngine& engine, std::size_t first = 0,
                  std::size_t last = static_cast<std::size_t>(-1)) const {
        for (std::size_t i = first; i < messages.size() && i < last; ++i) {
            engine.apply(messages[i]);
        }
    }

    std::vector<margincore::stream::Message> messages{};

private:
    std::deque<std::string> values_{}; // whose strings stay where they are
};

inline margincore::stream::MarginEngine engine(std::string_view settings = "{}") {
    return margincore::stream::MarginEngine(
        margincore::stream::read_settings(margincore::document::parse_json(settings)));
}

/// The values that were written to a topic.
inline std::vector<margincore::document::Value> values_of(const std::vector<margincore::stream::Output>& outputs,
                                                          std::string_view topic) {
    std::vector<margincore::document::Value> values;
    for (const margincore::stream::Output& output : outputs) {
        if (output.topic == topic) {
            values.push_back(margincore::document::parse_json(output.value));
        }
    }
    return values;
}

} // namespace sample
