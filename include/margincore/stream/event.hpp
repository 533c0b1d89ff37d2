// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <margincore/account/enforcement.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore::stream {

/// Whole billionths of a unit: sums of quantities do not depend on their order.
using Nanos = std::int64_t;
/// Whole millionths of a USD: sums of money do not depend on their order.
using Micros = std::int64_t;

inline constexpr double nanos_per_unit = 1e9;
inline constexpr double micros_per_usd = 1e6;
inline constexpr Quantity largest_fill = 9e9; ///< Units, beyond which 64 bits do not hold billionths.
inline constexpr Money largest_movement = 9e12;

/// Something bought (+) or sold (-).
struct Fill {
    std::string account_id{};
    std::string symbol{}; ///< Canonical.
    Nanos quantity = 0;
    Price price = 0.0; ///< Per share, unit or unit of an option's multiplier.
    std::string id{};
    EventTime time = 0;
};

enum class MovementType : std::uint8_t { opening, deposit, withdrawal };

/// Money that came (+) or went (-), trades apart.
struct CashMovement {
    std::string account_id{};
    Micros amount = 0;
    MovementType type = MovementType::deposit;
    std::string id{};
    EventTime time = 0;
};

/// What the market says of a symbol.
struct PriceEvent {
    std::string symbol{};
    Price price = 0.0;
    EventTime time = 0;
};

struct BetaEvent {
    std::string symbol{};
    double beta = 0.0;
    EventTime time = 0;
};

struct VolatilityEvent {
    std::string symbol{};
    Volatility volatility = 0.0; ///< Historical, a year.
    EventTime time = 0;
};

/// The time of the log itself moved on, whether or not anything happened.
struct Tick {
    EventTime time = 0;
};

} // namespace margincore::stream

namespace margincore {

template <>
inline constexpr std::array names<stream::MovementType> = {
    Name{stream::MovementType::opening, "OPENING"},
    Name{stream::MovementType::deposit, "DEPOSIT"},
    Name{stream::MovementType::withdrawal, "WITHDRAWAL"},
};

} // namespace margincore
