// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/call_covers.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holding.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/strategy/pairing.hpp>

namespace margincore {

/// Finds what the positions of a group would ask for if the group were not allowed: the next best treatment.
///
/// - A spread of three or more series: the best pairing of its own options in spreads of two series, straddles and
///   naked; one of two series: naked.
/// - Stock with options, and a box with a value in equity: the best pairing of the same positions in which no such rule
///   takes all of them.
/// - A straddle: both naked.
/// - A naked short: the best spread with longs of the account that stand alone; nothing where they do not cover it, and
///   for a part of a contract whose rest is in a straddle.
/// - A long by itself: nothing, there is no other treatment.
///
/// The amount is the group's maintenance and what the account's excess would lose, so that it compares where equity
/// changes too. It is not below the maintenance where the pairing is optimal.
class NextBestFinder {
public:
    /// @param lines  Every line of the account.
    NextBestFinder(const AccountView& account, const MarketRows& market, const Policy& policy,
                   std::span<const Line> lines)
        : account_(account), market_(market), policy_(policy), lines_(lines) {}

    /// @param line  One of a group.
    [[nodiscard]] std::optional<NextBest> find(const Line& line) const {
        const bool all_short =
            std::ranges::all_of(line.legs, [&](const Leg& leg) { return is_option(leg) && leg.quantity < 0; });
        if (line.legs.size() == 1) {
            return all_short ? instead_of_naked(line) : std::nullopt;
        }
        const Positions positions = positions_of(line.legs);
        const OptionHolding holding = build(positions);
        if (all_short) { // of contracts of two sizes a straddle may hold a part of one
            Money naked = 0.0;
            for (std::size_t i = 0; i < positions.options; ++i) {
                const PairingSeries& one = holding.problem.series[i];
                naked += std::abs(positions.quantity[i]) * static_cast<double>(one.lots) * dollars(one.naked);
            }
            return NextBest{"option.short", naked};
        }
        const MicroDollars own = line.group->is_spread ? cost_of_spread(holding) : cost_of_rule(holding);
        const OptionHolding other = line.group->is_spread ? in_pairs(holding) : without_its_rule(holding);
        Pairer pairer;
        const Pairing& pairing = pairer.pair(other.problem, search());
        return NextBest{rule_of(other, pairing, positions), line.maintenance + dollars(pairing.cost - own)};
    }

private:
    /// Positions as an account of their own, options first.
    struct Positions {
        std::vector<InstrumentIndex> instrument{};
        std::vector<Quantity> quantity{};
        std::size_t options = 0;
    };

    [[nodiscard]] bool is_option(const Leg& leg) const {
        return margincore::is_option(market_[account_.instrument[leg.position]].facts.kind);
    }
    [[nodiscard]] InstrumentIndex underlying(const Leg& leg) const {
        return market_[account_.instrument[leg.position]].option.underlying;
    }
    [[nodiscard]] SearchOptions search() const { return {.node_limit = policy_.node_limit}; }

    [[nodiscard]] Positions positions_of(std::span<const Leg> legs) const {
        Positions result;
        for (const bool options : {true, false}) {
            for (const Leg& leg : legs) {
                if (is_option(leg) == options) {
                    result.instrument.push_back(account_.instrument[leg.position]);
                    result.quantity.push_back(leg.quantity);
                    result.options += options ? 1 : 0;
                }
            }
        }
        return result;
    }

    [[nodiscard]] OptionHolding build(const Positions& positions) const {
        const AccountView view{.instrument = positions.instrument, .quantity = positions.quantity};
        std::vector<std::size_t> options(positions.options);
        std::iota(options.begin(), options.end(), std::size_t{0});
        const InstrumentIndex underlying = market_[positions.instrument.front()].option.underlying;
        const auto quantity = [&](std::size_t i) { return positions.quantity[i]; };
        std::vector<CallCover> covers;
        detail::find_call_covers(view, underlying, options, market_, quantity, in_document, covers);
        const std::size_t stock = detail::stock_position(view, underlying, market_);
        OptionHolding memory;
        return detail::HoldingBuilder(view, market_, policy_.rulebook, memory)
            .build(underlying, options, stock, stock == no_position ? 0.0 : quantity(stock), covers);
    }

    /// What the options of a group take from the excess by losing their loan value.
    [[nodiscard]] static MicroDollars loan_value(const OptionHolding& holding) {
        MicroDollars sum = 0;
        for (const PairingSeries& one : holding.problem.series) {
            sum += one.contracts * one.lots * one.loan_value;
        }
        return sum;
    }

    /// What the pairing has counted for all positions of a holding as one spread, and
    [[nodiscard]] static MicroDollars cost_of_spread(const OptionHolding& holding) {
        std::vector<PairedGroup::Leg> legs;
        for (const PairingSeries& one : holding.problem.series) {
            const std::int64_t lots = one.contracts * one.lots;
            legs.push_back({static_cast<std::uint32_t>(legs.size()), one.is_short ? -lots : lots});
        }
        return maximum_loss(holding.problem.series, legs).first + loan_value(holding);
    }
    /// under the rule that takes all of them.
    [[nodiscard]] static MicroDollars cost_of_rule(const OptionHolding& holding) {
        const auto with_terms = std::span(holding.problem.combinations).first(holding.combinations.size());
        const Combination& all = *std::ranges::max_element(with_terms, {}, &Combination::leg_count);
        return holding.problem.series[static_cast<std::size_t>(all.legs[0].series)].contracts / all.legs[0].contracts *
                   all.cost +
               loan_value(holding);
    }

    /// The same options where a spread is of two series.
    [[nodiscard]] static OptionHolding in_pairs(OptionHolding holding) {
        PairingProblem& problem = holding.problem;
        problem.has_any_leg_spreads = false;
        std::erase_if(problem.combinations, &Combination::is_spread);
        const std::size_t n = problem.series.size();
        for (std::size_t i = 0; i < n && n > 2; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                const PairingSeries& held = problem.series[i];
                const PairingSeries& sold = problem.series[j];
                if (held.is_short || !sold.is_short || held.right != sold.right ||
                    held.style_class != sold.style_class || sold.expiry > held.expiry) {
                    continue;
                }
                const std::int64_t lots = std::lcm(held.lots, sold.lots);
                Combination pair{.is_spread = true};
                pair.add(i, lots / held.lots);
                pair.add(j, lots / sold.lots);
                pair.cost =
                    maximum_loss(problem.series, std::vector<PairedGroup::Leg>{{static_cast<std::uint32_t>(i), lots},
                                                                               {static_cast<std::uint32_t>(j), -lots}})
                        .first;
                problem.combinations.push_back(pair);
            }
        }
        return holding;
    }

    /// The same positions where no rule with a formula of its own takes all of them.
    [[nodiscard]] static OptionHolding without_its_rule(OptionHolding holding) {
        std::vector<Combination> kept;
        std::vector<CombinationTerms> terms;
        for (std::size_t c = 0; c < holding.problem.combinations.size(); ++c) {
            const Combination& one = holding.problem.combinations[c];
            if (one.is_spread) { // those come last, and have no terms
                kept.push_back(one);
            } else if (one.leg_count < holding.problem.series.size()) {
                kept.push_back(one);
                terms.push_back(holding.combinations[c]);
            }
        }
        holding.problem.combinations = std::move(kept);
        holding.combinations = std::move(terms);
        return holding;
    }

    /// The best spread of a short with longs that stand alone. Naked is priced above every such spread, and where it
    /// is taken all the same nothing covers the short.
    [[nodiscard]] std::optional<NextBest> instead_of_naked(const Line& line) const {
        std::vector<Leg> legs = line.legs;
        if (legs[0].quantity != std::floor(legs[0].quantity)) { // the rest of the contract is in a straddle
            return std::nullopt;
        }
        for (const Line& other : lines_) {
            if (other.group && other.legs.size() == 1 && other.legs[0].quantity > 0 &&
                underlying(other.legs[0]) == underlying(legs[0])) {
                legs.push_back(other.legs[0]);
            }
        }
        OptionHolding holding = build(positions_of(legs));
        PairingSeries& sold = holding.problem.series[0];
        const MicroDollars own = sold.contracts * sold.lots * sold.naked;
        for (const PairingSeries& held : holding.problem.series) {
            sold.naked =
                (std::max)(sold.naked, std::abs(held.strike - sold.strike) + held.loan_value + MicroDollars{1});
        }
        Pairer pairer;
        const Pairing& pairing = pairer.pair(holding.problem, search());
        if (std::ranges::any_of(pairing.groups, [](const PairedGroup& group) {
                return group.form == PairedGroup::Form::alone && group.legs[0].series == 0;
            })) {
            return std::nullopt;
        }
        return NextBest{"strategy.spread", line.maintenance + dollars(pairing.cost - own)};
    }

    /// The rule of the part that asks for most; longs by themselves ask for nothing.
    [[nodiscard]] std::string rule_of(const OptionHolding& holding, const Pairing& pairing,
                                      const Positions& positions) const {
        const bool has_stock = positions.options < positions.instrument.size();
        std::string rule = !has_stock ? "option.long" : positions.quantity.back() < 0 ? "stock.short" : "stock.long";
        Money most = -1.0;
        for (const PairedGroup& group : pairing.groups) {
            const auto [name, asked] = asks(holding, group);
            if (!name.empty() && asked > most) {
                most = asked;
                rule = name;
            }
        }
        return rule;
    }

    [[nodiscard]] static std::pair<std::string, Money> asks(const OptionHolding& holding, const PairedGroup& group) {
        switch (group.form) {
        case PairedGroup::Form::alone:
            return {holding.problem.series[group.legs[0].series].is_short ? "option.short" : "",
                    dollars(group.requirement)};
        case PairedGroup::Form::straddle:
            return {"strategy.straddle", dollars(group.requirement)};
        case PairedGroup::Form::spread:
            return {"strategy.spread", dollars(group.requirement)};
        case PairedGroup::Form::combination:
            break;
        }
        const CombinationTerms& of = holding.combinations[group.combination];
        return {std::string(of.terms.rule), of.terms.maintenance * of.units * static_cast<double>(group.times)};
    }

    const AccountView& account_;
    const MarketRows& market_;
    const Policy& policy_;
    std::span<const Line> lines_;
};

} // namespace margincore
