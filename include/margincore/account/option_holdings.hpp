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

#include <margincore/account/call_covers.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/account/option_holding.hpp>
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

namespace detail {

/// The position of a stock that options may be held with; `no_position` where the account has none.
[[nodiscard]] inline std::size_t stock_position(const AccountView& account, InstrumentIndex stock,
                                                const MarketRows& market) {
    const auto found = std::ranges::find(account.instrument, stock);
    return found == account.instrument.end() || !is_security(market[stock].facts.kind)
               ? no_position
               : static_cast<std::size_t>(found - account.instrument.begin());
}

class HoldingBuilder {
public:
    /// @param memory  What is built in, one holding after another.
    HoldingBuilder(const AccountView& account, const MarketRows& market, const Rulebook& rulebook,
                   OptionHolding& memory)
        : account_(account), market_(market), rates_(rulebook.option), rules_(rulebook.spread), memory_(memory) {}

    /// The holding of options on one underlying; until the next is built.
    ///
    /// @param stock_position  Of the underlying; `no_position` where the account does not hold it.
    /// @param stock           Its net quantity that may be held with them.
    /// @param covers          What else may cover short calls.
    [[nodiscard]] const OptionHolding& build(InstrumentIndex underlying, std::span<const std::size_t> positions,
                                             std::size_t stock_position, Quantity stock,
                                             std::span<const CallCover> covers) {
        OptionHolding& holding = memory_;
        holding.clear();
        std::int64_t lot = 0;
        for (const std::size_t i : positions) {
            lot = std::gcd(lot, multiplier_parts(i));
        }
        holding.lot = static_cast<double>(lot) / parts_of_a_unit;
        holding.stocks.push_back({stock_position, holding.lot});
        const SecurityFacts& facts = market_[underlying].facts;
        const Underlying of{facts.kind, facts.price, facts.leverage};
        for (const std::size_t i : positions) {
            add_series(holding, i, of, lot);
        }
        holding.problem.stock_lots.push_back(static_cast<std::int64_t>(std::floor(std::abs(stock) / holding.lot)));
        if (stock != 0) {
            add_hedges(holding, facts, stock < 0);
        }
        for (const CallCover& cover : covers) {
            add_cover(holding, cover);
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

    /// Short calls that something else covers. It is counted in what the calls take of what is received for it.
    void add_cover(OptionHolding& holding, const CallCover& cover) const {
        const SecurityFacts& held = market_[account_.instrument[cover.position]].facts;
        const StockHedges hedges(held, market_.rates, rates_);
        constexpr double rounding = 1e-9; // of parts, that a ratio leaves
        const std::size_t first = holding.problem.combinations.size();
        std::int64_t lot = 0; // parts
        for (std::size_t i = 0; i < holding.problem.series.size(); ++i) {
            const PairingSeries& one = holding.problem.series[i];
            if (!one.is_short || one.right != Right::call) {
                continue;
            }
            const OptionContract& option = contract(holding.positions[i]);
            const Quantity units = cover.units(option.multiplier);
            const Price exercise_value = cover.exercise_value(option.strike, option.multiplier);
            if (exercise_value < 0) {
                continue;
            }
            const StockHedgeTerms terms = hedges.covered_call(exercise_value);
            const double parts = std::ceil(cover.taken(option.multiplier) * parts_of_a_unit * (1 - rounding));
            Combination combination{.stock = holding.stocks.size(), .stock_lots = static_cast<std::int64_t>(parts)};
            combination.cost =
                micro_dollars(terms.maintenance - hedges.stock_maintenance(false) + terms.not_counted, units);
            combination.add(i, 1);
            lot = std::gcd(lot, combination.stock_lots);
            holding.problem.combinations.push_back(combination);
            holding.combinations.push_back({terms, units});
        }
        if (lot == 0) {
            return;
        }
        for (Combination& combination : std::span(holding.problem.combinations).subspan(first)) {
            combination.stock_lots /= lot;
        }
        const Quantity units = static_cast<double>(lot) / (parts_of_a_unit * cover.received);
        holding.stocks.push_back({cover.position, units});
        constexpr double most = 1e15; // far beyond what any calls take
        const double lots = (std::min)(most, std::floor(cover.held / units * (1 + rounding)));
        holding.problem.stock_lots.push_back(static_cast<std::int64_t>(lots));
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
                                         .not_counted = -counted,
                                         .parts = {.strike = asked}},
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
