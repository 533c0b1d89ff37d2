// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <margincore/core/names.hpp>

namespace margincore::stream {

/// A record of a log, as Kafka hands it over. Views: whoever reads it holds the bytes.
struct Message {
    std::string_view topic{};
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp = -1; ///< Of the record, ms since 1970-01-01 UTC; -1 where the log has none.
    std::optional<std::string_view> key{};
    std::optional<std::string_view> value{};
};

/// A record to be written.
struct Output {
    std::string_view topic{}; ///< Lives as long as the program.
    std::string key{};
    std::string value{};
};

/// What an engine reads, in the order in which events of one time are applied: an account is evaluated at the prices of
/// its fill's time, not at those before.
enum class InputTopic : std::uint8_t { betas, volatilities, prices, cash, fills, clock };

inline constexpr std::string_view results_topic = "margin.calc.v1";
inline constexpr std::string_view stress_topic = "stress.beta_spy.v1";
inline constexpr std::string_view dead_letter_topic = "dead_letter.v1";

} // namespace margincore::stream

namespace margincore {

template <>
inline constexpr std::array names<stream::InputTopic> = {
    Name{stream::InputTopic::betas, "betas.v1"},   Name{stream::InputTopic::volatilities, "volatility.v1"},
    Name{stream::InputTopic::prices, "prices.v1"}, Name{stream::InputTopic::cash, "cash.v1"},
    Name{stream::InputTopic::fills, "fills.v1"},   Name{stream::InputTopic::clock, "clock.v1"},
};

} // namespace margincore
