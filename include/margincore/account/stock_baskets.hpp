// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <margincore/account/class_groups.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// What of the capitalization of an index a stock basket must cover.
/// @source SEC Rule 15c3-1a(b)(1)(i)(D)
inline constexpr Fraction diversified_basket_capitalization = 0.50;
inline constexpr Fraction narrow_basket_capitalization = 0.95;

/// The class group that a stock basket belongs to.
///
/// @throws InvalidInput where its index is in no class, or it covers too little of it to qualify.
[[nodiscard]] inline GroupIndex class_of_basket(const StockBasket& basket, const ClassGroups& classes,
                                                const Where& where) {
    const auto class_group = classes.of_symbol(basket.index);
    if (!class_group) {
        throw InvalidInput(where["index"],
                           "must be an index or a class of the group table, got " + in_quotes(basket.index));
    }
    const bool is_diversified = classes.range(*class_group) != equity_range;
    const Fraction least = is_diversified ? diversified_basket_capitalization : narrow_basket_capitalization;
    if (!(basket.capitalization >= least)) {
        throw InvalidInput(where["capitalization"], "must be at least " + number_text(least) + " of the index, got " +
                                                        number_text(basket.capitalization));
    }
    return *class_group;
}

/// The positions of an account without the parts of them that are in stock baskets, and the baskets.
class BasketSplit {
public:
    /// What of a position is in a basket.
    struct Part {
        std::size_t basket;
        std::size_t position;
        Quantity quantity;
    };

    /// @throws InvalidInput where a basket has what the account does not hold, or no stock.
    BasketSplit(const AccountView& account, const MarketRows& market, const PortfolioMarginPolicy& policy)
        : account_(account), market_(market), quantity_(account.quantity.begin(), account.quantity.end()) {
        const Where where_baskets("policy.baskets");
        for (std::size_t b = 0; b < policy.baskets.size(); ++b) {
            const Where place = where_baskets[b];
            const Where where_legs = place["positions"];
            for (std::size_t k = 0; k < policy.baskets[b].legs.size(); ++k) {
                take(b, policy.baskets[b].legs[k], where_legs[k]);
            }
        }
    }

    /// What is in no basket.
    [[nodiscard]] AccountView rest() const {
        AccountView rest = account_;
        rest.quantity = quantity_;
        return rest;
    }

    [[nodiscard]] std::span<const Part> parts() const { return parts_; }

    /// Adds the baskets to the classes that the rest comes to.
    ///
    /// @param class_of  Of each basket.
    /// @param range_of  Takes a class group.
    template <class RangeOf>
    void add_to(std::vector<ClassGains<>>& classes, const std::vector<GroupIndex>& class_of, RangeOf&& range_of) const {
        for (const Part& part : parts_) {
            const GroupIndex class_group = class_of[part.basket];
            auto held = std::ranges::find(classes, class_group, &ClassGains<>::class_group);
            if (held == classes.end()) {
                held = classes.insert(classes.end(), {.class_group = class_group});
            }
            held->has_basket = true;
            const Points<Fraction> moves = moves_of(range_of(class_group));
            const Money value = part.quantity * market_[account_.instrument[part.position]].facts.price;
            for (std::size_t k = 0; k < valuation_points; ++k) {
                held->basket[k] += value * moves[k];
            }
        }
    }

private:
    void take(std::size_t basket, const BasketLeg& leg, const Where& where) {
        for (std::size_t i = 0; i < account_.size(); ++i) {
            const Instrument& instrument = market_.instrument(account_.instrument[i]);
            if (instrument.symbol != leg.symbol) {
                continue;
            }
            if (instrument.kind != Kind::equity || !instrument.marginable) { // what is not eligible offsets nothing
                throw InvalidInput(where["symbol"],
                                   "must be a stock that carries loan value, got " + in_quotes(leg.symbol));
            }
            const Quantity left = quantity_[i];
            if (leg.quantity == 0 || leg.quantity * left < 0 || std::abs(leg.quantity) > std::abs(left)) {
                throw InvalidInput(where["quantity"], "must be of what the account holds and no other basket has, " +
                                                          number_text(left) + ", got " + number_text(leg.quantity));
            }
            quantity_[i] -= leg.quantity;
            parts_.push_back({basket, i, leg.quantity});
            return;
        }
        throw InvalidInput(where["symbol"], "must be a position of the account, got " + in_quotes(leg.symbol));
    }

    const AccountView& account_;
    const MarketRows& market_;
    std::vector<Quantity> quantity_;
    std::vector<Part> parts_{};
};

} // namespace margincore
