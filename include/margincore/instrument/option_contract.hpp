// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

enum class Right : std::uint8_t { call, put };
enum class ExerciseStyle : std::uint8_t { american, european };
enum class Settlement : std::uint8_t { physical, cash };
enum class SettlementTime : std::uint8_t { am, pm };

template <>
inline constexpr std::array names<Right> = {Name{Right::call, "call"}, Name{Right::put, "put"}};
template <>
inline constexpr std::array names<ExerciseStyle> = {Name{ExerciseStyle::american, "american"},
                                                    Name{ExerciseStyle::european, "european"}};
template <>
inline constexpr std::array names<Settlement> = {Name{Settlement::physical, "physical"},
                                                 Name{Settlement::cash, "cash"}};
template <>
inline constexpr std::array names<SettlementTime> = {Name{SettlementTime::am, "am"}, Name{SettlementTime::pm, "pm"}};

/// One part of what an adjusted contract delivers: units of a symbol, or cash where the symbol is empty.
struct Deliverable {
    std::string symbol{}; ///< Empty for cash.
    double amount = 0.0;  ///< Units a contract, or USD a contract.

    friend bool operator==(const Deliverable&, const Deliverable&) = default;
};

/// The terms of an option.
struct OptionContract {
    std::string underlying{};  ///< Symbol of the underlying instrument.
    Right right = Right::call; ///
    Price strike = 0.0;        ///< USD per unit of the underlying, > 0.
    Date expiry{};             ///< The last day of the option.
    ExerciseStyle style = ExerciseStyle::american;
    double multiplier = 100.0; ///< Units of the underlying a contract.
    Settlement settlement = Settlement::physical;
    SettlementTime settlement_time = SettlementTime::pm;
    bool listed = true;                     ///< Exchange-listed and issued by a registered clearing corporation.
    bool guaranteed = false;                ///< Over the counter, guaranteed by the carrying firm.
    std::vector<Deliverable> deliverable{}; ///< Of an adjusted contract; empty for a standard one.

    friend bool operator==(const OptionContract&, const OptionContract&) = default;
};

} // namespace margincore
