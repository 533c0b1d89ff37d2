// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/account/rulebook.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/strategy/named_spreads.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/single_option.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>
#include <margincore/requirement/strategy/stock_hedge.hpp>

namespace margincore {

/// What a combination of a problem is, for its lines.
struct CombinationTerms {
    StockHedgeTerms terms{}; ///< Per unit of stock; of a box, of one unit of each leg.
    Quantity units = 0.0;    ///< Of one time.
};

/// The options that an account holds on one underlying, as a problem, and what its parts are.
struct OptionHolding {
    PairingProblem problem{};
    std::vector<std::size_t> positions{};         ///< Of each series, in the account.
    std::vector<CombinationTerms> combinations{}; ///< Of each of the problem, but for the spreads, which come last.
    std::optional<std::size_t> stock_position{};  ///< The stock that may be held with them.
    Quantity lot = 0.0;                           ///< Units of a lot.
    bool has_all_spreads = true; ///< Of those that the rulebook allows; there may be too many named ones.

    /// The rule that margins a combination of the problem.
    [[nodiscard]] std::string_view rule_of(std::size_t combination) const {
        return problem.combinations[combination].is_spread ? "strategy.spread" : combinations[combination].terms.rule;
    }

    /// Empties the holding; its memory is kept.
    void clear() {
        problem.series.clear();
        problem.combinations.clear();
        problem.stock_lots.clear();
        positions.clear();
        combinations.clear();
        stock_position.reset();
        lot = 0.0;
        has_all_spreads = true;
    }
};

/// An amount a unit as millionths of a dollar a lot.
[[nodiscard]] inline MicroDollars micro_dollars(Price per_unit, Quantity lot) {
    constexpr double micro = 1e6;
    return std::llround(per_unit * lot * micro);
}
[[nodiscard]] inline Money dollars(MicroDollars amount) {
    constexpr double micro = 1e6;
    return static_cast<double>(amount) / micro;
}

namespace detail {

/// The stock of an underlying that options may be held with: its net position, offsets taken off.
template <class Alone>
[[nodiscard]] Quantity stock_beside(const AccountView& account, std::optional<std::size_t> position,
                                    const MarketRows& market, Alone&& alone) {
    if (!position || !is_security(market[account.instrument[*position]].facts.kind)) {
        return 0.0;
    }
    return alone(*position);
}

class HoldingBuilder {
public:
    /// @param memory  What is built in, one holding after another.
    HoldingBuilder(const AccountView& account, const MarketRows& market, const Rulebook& rulebook,
                   OptionHolding& memory)
        : account_(account), market_(market), rates_(rulebook.option), rules_(rulebook.spread), memory_(memory) {}

    /// The holding of options on one underlying; until the next is built.
    ///
    /// @param stock  Net quantity of the underlying that may be held with them.
    [[nodiscard]] const OptionHolding& build(InstrumentIndex underlying, std::span<const std::size_t> positions,
                                             std::optional<std::size_t> stock_position, Quantity stock) {
        OptionHolding& holding = memory_;
        holding.clear();
        holding.stock_position = stock_position;
        std::int64_t lot = 0;
        for (const std::size_t i : positions) {
            lot = std::gcd(lot, multiplier_parts(i));
        }
        holding.lot = static_cast<double>(lot) / parts_of_a_unit;
        const SecurityFacts& facts = market_[underlying].facts;
        const Underlying of{facts.kind, facts.price, facts.leverage};
        for (const std::size_t i : positions) {
            add_series(holding, i, of, lot);
        }
        holding.problem.stock_lots.push_back(static_cast<std::int64_t>(std::floor(std::abs(stock) / holding.lot)));
        if (stock != 0) {
            add_hedges(holding, facts, stock < 0);
        }
        add_boxes(holding);
        holding.problem.has_any_leg_spreads = rules_.any_leg;
        holding.problem.longs_may_exceed = rules_.balance == SpreadBalance::long_surplus;
        if (!rules_.any_leg) {
            holding.has_all_spreads = NamedSpreads(holding.problem.series, rules_).add_to(holding.problem.combinations);
        }
        return holding;
    }

private:
    [[nodiscard]] const OptionContract& contract(std::size_t position) const {
        return *market_.instrument(account_.instrument[position]).option;
    }
    [[nodiscard]] std::int64_t multiplier_parts(std::size_t position) const {
        return std::llround(contract(position).multiplier * parts_of_a_unit);
    }

    void add_series(OptionHolding& holding, std::size_t i, const Underlying& underlying, std::int64_t lot) const {
        const OptionContract& option = contract(i);
        const MarketRow& row = market_[account_.instrument[i]];
        const Price price = row.facts.price;
        PairingSeries& series = holding.problem.series.emplace_back();
        series.style_class = (option.style == ExerciseStyle::european ? 1 : 0) + (option.listed ? 0 : 2);
        series.right = option.right;
        series.is_short = account_.quantity[i] < 0;
        series.contracts = std::llround(std::abs(account_.quantity[i]));
        series.lots = multiplier_parts(i) / lot;
        series.expiry = row.option.expiry;
        series.strike = micro_dollars(option.strike, holding.lot);
        series.spans_dates = rules_.cash_settled_calendars || option.settlement != Settlement::cash;
        if (series.is_short) {
            const ShortOptionTerms terms = short_option(option.right, option.strike, price, underlying, rates_);
            series.naked = micro_dollars(terms.per_unit(), holding.lot);
            series.premium = micro_dollars(price, holding.lot);
        } else if (row.option.has_loan_value) {
            series.loan_value = micro_dollars((1 - rates_.long_term) * price, holding.lot);
        }
        holding.positions.push_back(i);
    }

    [[nodiscard]] HedgeOption hedge_option(const OptionHolding& holding, std::size_t series) const {
        const OptionContract& option = contract(holding.positions[series]);
        return {option.right, option.strike};
    }

    void add_hedges(OptionHolding& holding, const SecurityFacts& stock, bool is_short) const {
        const StockHedges hedges(stock, market_.rates, rates_);
        const Price alone = hedges.stock_maintenance(is_short);
        const auto add = [&](std::optional<std::size_t> short_leg, std::optional<std::size_t> long_leg) {
            const auto of = [&](std::optional<std::size_t> leg) {
                return leg ? std::optional(hedge_option(holding, *leg)) : std::nullopt;
            };
            const auto terms = hedges.find(is_short, of(short_leg), of(long_leg));
            if (!terms) {
                return;
            }
            const std::int64_t lots = holding.problem.series[short_leg ? *short_leg : *long_leg].lots;
            Combination combination{.stock_lots = lots};
            combination.cost = lots * micro_dollars(terms->maintenance - alone + terms->not_counted, holding.lot);
            for (const auto& leg : {short_leg, long_leg}) {
                if (leg) {
                    combination.add(*leg, 1);
                }
            }
            holding.problem.combinations.push_back(combination);
            holding.combinations.push_back({*terms, static_cast<double>(lots) * holding.lot});
        };
        const std::size_t n = holding.problem.series.size();
        for (std::size_t i = 0; i < n; ++i) {
            const PairingSeries& one = holding.problem.series[i];
            one.is_short ? add(i, std::nullopt) : add(std::nullopt, i);
            for (std::size_t j = 0; j < n && one.is_short; ++j) {
                const PairingSeries& other = holding.problem.series[j];
                if (!other.is_short && other.right != one.right && other.expiry == one.expiry &&
                    other.lots == one.lots) {
                    add(i, j);
                }
            }
        }
    }

    /// Long boxes of European cash-settled options: half the strike difference, and a value in equity up to all of it.
    void add_boxes(OptionHolding& holding) const {
        const std::span<const PairingSeries> series = holding.problem.series;
        const auto find = [&](const PairingSeries& like, Right right, bool is_short, MicroDollars strike) {
            const auto found = std::ranges::find_if(series, [&](const PairingSeries& one) {
                return one.style_class == like.style_class && one.right == right && one.is_short == is_short &&
                       one.strike == strike && one.expiry == like.expiry && one.lots == like.lots;
            });
            return found == series.end() ? std::nullopt
                                         : std::optional(static_cast<std::size_t>(found - series.begin()));
        };
        for (std::size_t low = 0; low < series.size(); ++low) {
            const OptionContract& option = contract(holding.positions[low]);
            if (series[low].is_short || option.right != Right::call || option.style != ExerciseStyle::european ||
                option.settlement != Settlement::cash) {
                continue;
            }
            for (std::size_t high = 0; high < series.size(); ++high) {
                if (!series[high].is_short || series[high].right != Right::call ||
                    series[high].strike <= series[low].strike || series[high].expiry != series[low].expiry ||
                    series[high].lots != series[low].lots || series[high].style_class != series[low].style_class) {
                    continue;
                }
                const auto long_put = find(series[low], Right::put, false, series[high].strike);
                const auto short_put = find(series[low], Right::put, true, series[low].strike);
                if (long_put && short_put) {
                    add_box(holding, {low, high, *short_put, *long_put});
                }
            }
        }
    }

    void add_box(OptionHolding& holding, const std::array<std::size_t, 4>& legs) const {
        Price value = 0.0;
        Combination combination{};
        for (const std::size_t leg : legs) {
            const Price price = market_[account_.instrument[holding.positions[leg]]].facts.price;
            value += holding.problem.series[leg].is_short ? -price : price;
            combination.add(leg, 1);
        }
        const Price difference =
            contract(holding.positions[legs[1]]).strike - contract(holding.positions[legs[0]]).strike;
        const Price asked = rates_.long_box * difference;
        const Price counted = (std::min)(value, difference);
        const std::int64_t lots = holding.problem.series[legs[0]].lots;
        combination.cost = lots * micro_dollars(asked - counted, holding.lot);
        holding.problem.combinations.push_back(combination);
        holding.combinations.push_back({{.rule = "strategy.long_box",
                                         .citation = {"FINRA 4210", "(f)(2)(H)(v)(e)"},
                                         .maintenance = asked,
                                         .initial = asked,
                                         .not_counted = -counted},
                                        static_cast<double>(lots) * holding.lot});
    }

    const AccountView& account_;
    const MarketRows& market_;
    const OptionRates& rates_;
    const SpreadRules& rules_;
    OptionHolding& memory_;
};

} // namespace detail
} // namespace margincore
