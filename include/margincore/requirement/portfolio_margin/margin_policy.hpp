// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>
#include <margincore/scenario/option_series.hpp>

namespace margincore {

/// What of a gain is passed up to the next level of groups.
enum class OffsetCarry : std::uint8_t {
    haircut,  ///< Every gain is cut once a level: never the lower requirement.
    residual, ///< Only gains that met a loss are cut.
};

template <>
inline constexpr std::array names<OffsetCarry> = {Name{OffsetCarry::haircut, "haircut"},
                                                  Name{OffsetCarry::residual, "residual"}};

/// What the minimum of contracts is compared with.
enum class MinimumLevel : std::uint8_t {
    class_group, ///< The loss that each class group keeps.
    top_group,   ///< The loss of the whole top group.
};

template <>
inline constexpr std::array names<MinimumLevel> = {Name{MinimumLevel::class_group, "class"},
                                                   Name{MinimumLevel::top_group, "top_group"}};

/// A position, or a part of one, that belongs to a stock basket.
struct BasketLeg {
    std::string symbol{};
    Quantity quantity = 0.0; ///< Shares, negative when short.

    friend bool operator==(const BasketLeg&, const BasketLeg&) = default;
};

/// A qualified stock basket: stocks of one index that stand for so much of its capitalization that they may offset
/// products of the index.
struct StockBasket {
    std::string index{};           ///< Symbol of the index, or the id of its class group.
    Fraction capitalization = 0.0; ///< Part of the capitalization of the index that its stocks cover.
    std::vector<BasketLeg> legs{};

    friend bool operator==(const StockBasket&, const StockBasket&) = default;
};

/// How portfolio margin is computed where the rule or its publications leave a choice, and what the house adds.
struct PortfolioMarginPolicy {
    OffsetCarry offset_carry = OffsetCarry::haircut;
    MinimumLevel minimum_level = MinimumLevel::class_group;
    Money minimum_per_contract = 0.375; ///< Per unit of the multiplier. @source FINRA 4210(g)(7)(B)
    Fraction basket_offset = 0.95;      ///< Of a stock basket's gain. @source 15c3-1a(b)(1)(iv)(B)(1)
    VolatilityMode volatility_mode = VolatilityMode::sticky_strike;
    DividendModel dividend_model = DividendModel::spot;
    Accuracy accuracy = Accuracy::fast;
    std::optional<GroupTable> group_table{};          ///< Nothing for the built-in one.
    std::map<std::string, PriceRange> house_ranges{}; ///< By id of the class group.
    std::optional<Money> equity_tier{};               ///< Equity below it is warned of.
    std::vector<StockBasket> baskets{};               ///< Of one account's positions.

    friend bool operator==(const PortfolioMarginPolicy&, const PortfolioMarginPolicy&) = default;
};

} // namespace margincore
