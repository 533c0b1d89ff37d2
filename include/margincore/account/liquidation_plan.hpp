// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// Which positions a liquidation closes first.
enum class LiquidationPlanner : std::uint8_t {
    highest_beta, ///< By descending beta, each in full before the next.
    least_value,  ///< Whatever trades the least market value.
};

template <>
inline constexpr std::array names<LiquidationPlanner> = {
    Name{LiquidationPlanner::highest_beta, "highest_beta"},
    Name{LiquidationPlanner::least_value, "least_value"},
};

struct LiquidationOptions {
    LiquidationPlanner planner = LiquidationPlanner::highest_beta;

    /// Excess to end with, as a share of the deficiency.
    /// @source Workshop on real-time margin risk, exercise 5.
    Fraction buffer = 0.10;

    std::size_t node_limit = 2'000'000; ///< Of the search for the least value.
    std::size_t scan_limit = 100'000;   ///< Evaluations that prove a smallest quantity where charges are not monotone.
};

/// One order of a liquidation.
struct LiquidationOrder {
    std::string symbol{};
    Quantity quantity = 0.0; ///< Whole; negative sells a long, positive buys a short back.
    Price price = 0.0;       ///< At market, USD a share.
    Money value = 0.0;       ///< Traded, USD, >= 0.
    std::optional<double> beta{};

    friend bool operator==(const LiquidationOrder&, const LiquidationOrder&) = default;
};

/// What to trade so that an account is in compliance again.
struct LiquidationPlan {
    LiquidationPlanner planner = LiquidationPlanner::highest_beta;
    std::vector<LiquidationOrder> orders{};
    Money value = 0.0; ///< Of all orders, USD, >= 0.
    Money excess_before = 0.0;
    Money target = 0.0; ///< Excess that the plan is to end with.
    Money excess_after = 0.0;
    bool restored = false;   ///< The target is reached.
    Money deficiency = 0.0;  ///< max(0, -excess_after): what remains.
    Money lower_bound = 0.0; ///< Proven for the value that must be traded, of orders of whole shares.
    bool proven = false;     ///< That the plan is what its planner asks for: the smallest quantities, the least value.
    std::vector<std::string> notes{}; ///< What was left alone, and why.

    friend bool operator==(const LiquidationPlan&, const LiquidationPlan&) = default;
};

} // namespace margincore
