// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/group_table_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/value.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>

namespace margincore::document {

namespace detail {

/// The keys of a policy that portfolio margin reads.
inline constexpr std::array<std::string_view, 10> portfolio_margin_keys = {
    "offset_carry", "minimum_level", "minimum_per_contract", "volatility_mode", "dividend_model",
    "accuracy",     "group_table",   "house_ranges",         "equity_tier",     "baskets"};

[[nodiscard]] inline std::map<std::string, PriceRange> read_house_ranges(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"low", "high"};
    constexpr Fraction highest = 10.0;
    std::map<std::string, PriceRange> ranges;
    for (const auto& [id, entry] : read_object(value, where)) {
        const Where place = where[id];
        const ObjectReader reader(entry, place, keys);
        const auto low = reader.number("low", -1, 0);
        const auto high = reader.number("high", 0, highest);
        if (!low && !high) {
            throw MissingData(place, "must have a side, low or high, got neither");
        }
        ranges[id] = {.low = low.value_or(0.0), .high = high.value_or(0.0)};
    }
    return ranges;
}

[[nodiscard]] inline std::vector<StockBasket> read_baskets(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"index", "capitalization", "positions"};
    constexpr std::array<std::string_view, 2> leg_keys = {"symbol", "quantity"};
    std::vector<StockBasket> baskets;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[baskets.size()];
        const ObjectReader reader(entry, place, keys);
        StockBasket basket{.index = reader.required("index", reader.text("index")),
                           .capitalization = reader.required("capitalization", reader.number("capitalization", 0, 1))};
        const Where where_positions = reader.where("positions");
        for (const Value& leg : read_list(reader.require("positions"), where_positions)) {
            const Where where_leg = where_positions[basket.legs.size()];
            const ObjectReader leg_reader(leg, where_leg, leg_keys);
            basket.legs.push_back({.symbol = leg_reader.required("symbol", leg_reader.ticker("symbol")),
                                   .quantity = leg_reader.required("quantity", leg_reader.number("quantity"))});
        }
        if (basket.legs.empty()) {
            throw InvalidInput(where_positions, "must have at least one position, got none");
        }
        baskets.push_back(std::move(basket));
    }
    return baskets;
}

/// @throws InvalidInput where it is none of the tiers that FINRA's guidance names.
[[nodiscard]] inline Money require_tier(Money tier, const Where& where) {
    constexpr std::array<Money, 3> tiers = {100'000.0, 150'000.0, 500'000.0};
    if (std::ranges::find(tiers, tier) == tiers.end()) {
        throw InvalidInput(where, "must be 100000, 150000 or 500000, got " + number_text(tier));
    }
    return tier;
}

} // namespace detail

/// Reads what portfolio margin takes from a policy; what is absent keeps its default.
[[nodiscard]] inline PortfolioMarginPolicy read_portfolio_margin_policy(const ObjectReader& reader) {
    PortfolioMarginPolicy policy;
    policy.offset_carry = reader.word<OffsetCarry>("offset_carry").value_or(policy.offset_carry);
    policy.minimum_level = reader.word<MinimumLevel>("minimum_level").value_or(policy.minimum_level);
    policy.minimum_per_contract =
        reader.number("minimum_per_contract", 0, largest_price).value_or(policy.minimum_per_contract);
    policy.volatility_mode = reader.word<VolatilityMode>("volatility_mode").value_or(policy.volatility_mode);
    policy.dividend_model = reader.word<DividendModel>("dividend_model").value_or(policy.dividend_model);
    policy.accuracy = reader.word<Accuracy>("accuracy").value_or(policy.accuracy);
    policy.group_table = reader.optional("group_table", read_group_table);
    policy.house_ranges = reader.optional("house_ranges", detail::read_house_ranges).value_or(policy.house_ranges);
    if (const auto tier = reader.number("equity_tier")) {
        policy.equity_tier = detail::require_tier(*tier, reader.where("equity_tier"));
    }
    policy.baskets = reader.optional("baskets", detail::read_baskets).value_or(policy.baskets);
    return policy;
}

} // namespace margincore::document
