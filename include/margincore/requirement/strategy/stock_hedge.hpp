// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include <margincore/core/citation.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>
#include <margincore/requirement/strategy/single_option.hpp>

namespace margincore {

/// What a hedge's maintenance is the sum of, USD per unit, each >= 0.
struct HedgeParts {
    Price stock = 0.0;                                      ///< Of the stock at its own rate.
    Price strike = 0.0;                                     ///< A percentage of a strike, or of the difference of two.
    Price out_of_the_money = 0.0;                           ///< What protects is so much out of the money.
    Price in_the_money = 0.0;                               ///< A short put is so much in the money.
    Price at_most = std::numeric_limits<Price>::infinity(); ///< Of the sum.

    [[nodiscard]] constexpr Price sum() const { return stock + strike + out_of_the_money + in_the_money; }

    friend bool operator==(const HedgeParts&, const HedgeParts&) = default;
};

/// What stock and the options that cover or protect it ask for together, USD per unit.
struct StockHedgeTerms {
    std::string_view rule{}; ///< "strategy.covered_call"
    Citation citation{};
    Price maintenance = 0.0; ///< Of the stock and the options.
    Price initial = 0.0;     ///< Never below the maintenance.
    Price not_counted = 0.0; ///< Value of the stock that does not count toward equity, >= 0.
    HedgeParts parts{};      ///< Of the maintenance.

    friend bool operator==(const StockHedgeTerms&, const StockHedgeTerms&) = default;
};

/// One option beside stock.
struct HedgeOption {
    Right right = Right::call;
    Price strike = 0.0;

    friend bool operator==(const HedgeOption&, const HedgeOption&) = default;
};

/// The hedges of FINRA 4210(f)(2)(H)(iv) and (v) on one unit of stock, long or short.
///
/// The percentages of the stock are its own: a leveraged fund's or those of stock without loan value.
/// @source FINRA 4210(f)(2)(H)(iv), (v)(a) to (d); 12 CFR 220.4(b)(4)(i), (ii). Regulation T is never reduced.
class StockHedges {
public:
    StockHedges(const SecurityFacts& stock, const SecurityRates& stock_rates, const OptionRates& rates)
        : price_(stock.price), rates_(rates) {
        long_terms_ = maintenance(stock, false, stock_rates);
        long_maintenance_ = long_terms_.per_unit(price_);
        short_maintenance_ = maintenance(stock, true, stock_rates).per_unit(price_);
        long_initial_ = regulation_t(stock, false, stock_rates).per_unit(price_);
        short_initial_ = regulation_t(stock, true, stock_rates).per_unit(price_);
    }

    /// Maintenance of a unit of the stock by itself.
    [[nodiscard]] Price stock_maintenance(bool is_short) const {
        return is_short ? short_maintenance_ : long_maintenance_;
    }

    /// Long stock and a short call: the stock counts up to the strike, the call asks for nothing.
    ///
    /// @param strike  Or what exercise brings for a unit of another security that covers the call.
    [[nodiscard]] StockHedgeTerms covered_call(Price strike) const {
        const Price base = rates_.covered_call_base == CoveredCallBase::capped ? (std::min)(price_, strike) : price_;
        return terms("strategy.covered_call", {"FINRA 4210", "(f)(2)(H)(iv)"}, {.stock = long_terms_.per_unit(base)},
                     long_initial_, above(strike));
    }
    /// Short stock and a short put: the stock's own, and what the put is in the money.
    [[nodiscard]] StockHedgeTerms covered_put(Price strike) const {
        const Price in = in_the_money(Right::put, strike, price_);
        return terms("strategy.covered_put", {"FINRA 4210", "(f)(2)(H)(iv)"},
                     {.stock = short_maintenance_, .in_the_money = in}, short_initial_ + in, 0.0);
    }
    /// Long stock and a long put.
    [[nodiscard]] StockHedgeTerms protective_put(Price strike) const {
        return terms("strategy.protective_put", {"FINRA 4210", "(f)(2)(H)(v)(a)"},
                     {.strike = rates_.hedge_strike * strike,
                      .out_of_the_money = out_of_the_money(Right::put, strike, price_),
                      .at_most = long_maintenance_},
                     long_initial_, 0.0);
    }
    /// Short stock and a long call.
    [[nodiscard]] StockHedgeTerms protective_call(Price strike) const {
        return terms("strategy.protective_call", {"FINRA 4210", "(f)(2)(H)(v)(a)"},
                     {.strike = rates_.hedge_strike * strike,
                      .out_of_the_money = out_of_the_money(Right::call, strike, price_),
                      .at_most = short_maintenance_},
                     short_initial_, 0.0);
    }
    /// Long stock, a long put and a short call of one strike and expiry.
    [[nodiscard]] StockHedgeTerms conversion(Price strike) const {
        return terms("strategy.conversion", {"FINRA 4210", "(f)(2)(H)(v)(b)"}, {.strike = rates_.hedge_strike * strike},
                     long_initial_, above(strike));
    }
    /// Short stock, a long call and a short put of one strike and expiry.
    [[nodiscard]] StockHedgeTerms reverse_conversion(Price strike) const {
        return terms("strategy.reverse_conversion", {"FINRA 4210", "(f)(2)(H)(v)(c)"},
                     {.strike = rates_.hedge_strike * strike, .in_the_money = in_the_money(Right::put, strike, price_)},
                     short_initial_, 0.0);
    }
    /// Long stock, a long put and a short call of a higher strike, of one expiry.
    [[nodiscard]] StockHedgeTerms collar(Price put_strike, Price call_strike) const {
        const Price stock = rates_.collar_put == CollarPut::capped ? (std::min)(price_, call_strike) : price_;
        return terms("strategy.collar", {"FINRA 4210", "(f)(2)(H)(v)(d)"},
                     {.strike = rates_.hedge_strike * put_strike,
                      .out_of_the_money = out_of_the_money(Right::put, put_strike, stock),
                      .at_most = long_terms_.per_unit(call_strike)},
                     long_initial_, above(call_strike));
    }

    /// The terms of stock with a short option, a long one, or both of one expiry; nothing where no rule has them.
    [[nodiscard]] std::optional<StockHedgeTerms> find(bool stock_is_short, const std::optional<HedgeOption>& short_leg,
                                                      const std::optional<HedgeOption>& long_leg) const {
        const Right covers = stock_is_short ? Right::put : Right::call;
        if ((!short_leg && !long_leg) || (short_leg && short_leg->right != covers) ||
            (long_leg && long_leg->right == covers)) {
            return std::nullopt;
        }
        if (!long_leg) {
            return stock_is_short ? covered_put(short_leg->strike) : covered_call(short_leg->strike);
        }
        if (!short_leg) {
            return stock_is_short ? protective_call(long_leg->strike) : protective_put(long_leg->strike);
        }
        if (long_leg->strike == short_leg->strike) {
            return stock_is_short ? reverse_conversion(short_leg->strike) : conversion(short_leg->strike);
        }
        if (!stock_is_short && long_leg->strike < short_leg->strike) {
            return collar(long_leg->strike, short_leg->strike);
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] Price above(Price strike) const { return in_the_money(Right::call, strike, price_); }

    [[nodiscard]] static StockHedgeTerms terms(std::string_view rule, Citation citation, const HedgeParts& parts,
                                               Price initial, Price not_counted) {
        const Price maintenance = (std::min)(parts.sum(), parts.at_most);
        return {rule, citation, maintenance, (std::max)(initial, maintenance), not_counted, parts};
    }

    Price price_;
    OptionRates rates_;
    SecurityTerms long_terms_{};
    Price long_maintenance_ = 0.0;
    Price short_maintenance_ = 0.0;
    Price long_initial_ = 0.0; ///< Regulation T's: a hedge takes the place of the stock's own maintenance.
    Price short_initial_ = 0.0;
};

} // namespace margincore
