// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/designated_groups.hpp>
#include <margincore/account/each_option_holding.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_words.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/spread_parts.hpp>

namespace margincore {

/// Whether an account holds options.
[[nodiscard]] inline bool holds_options(const AccountView& account, const MarketRows& market) {
    return market.has_options && std::ranges::any_of(account.instrument, [&](InstrumentIndex row) {
               return is_option(market[row].facts.kind);
           });
}

/// What pairing the options of an account adds to the figures of its securities by themselves.
struct OptionMargin {
    Money initial = 0.0;
    Money maintenance = 0.0;
    Money not_counted = 0.0; ///< Negative where shorts, which equity disregards, are worth more than longs.
    Money gap = 0.0;         ///< How far the pairing may be from the least, as far as is proven; 0 when optimal.

    /// Of each position, the stock that is margined with options; in the workspace. Shape (n_positions).
    std::span<const Quantity> hedged{};

    /// Of each position, its part of `maintenance` and `not_counted` together; in the workspace. What options ask for
    /// as a group stands with one of them: a sum over all on one underlying is theirs. Shape (n_positions).
    std::span<const Money> asked{};
};

namespace detail {

/// Computes the option part of one account, and hands out its lines.
template <LineSink Sink>
class OptionMarginer {
public:
    /// @param workspace  Memory for the stock that is margined with options, and for what positions ask for.
    OptionMarginer(const AccountView& account, const MarketRows& market, const Policy& policy, Sink& sink,
                   OptionWorkspace& workspace)
        : account_(account), market_(market), policy_(policy), sink_(sink), hedged_(workspace.hedged),
          asked_(workspace.asked) {
        hedged_.assign(account.size(), 0.0);
        asked_.assign(account.size(), 0.0);
    }

    void add(const OptionHolding& holding, const Pairing& pairing) {
        result_.gap += dollars(pairing.cost - pairing.lower_bound);
        for (const PairedGroup& group : pairing.groups) {
            switch (group.form) {
            case PairedGroup::Form::alone:
                add_alone(holding, group);
                break;
            case PairedGroup::Form::straddle:
                count_options(holding, group);
                explain_options(holding, group, "strategy.straddle", {"FINRA 4210", "(f)(2)(H)"},
                                [&] { return words(holding).straddle_why(group); });
                break;
            case PairedGroup::Form::spread:
                count_options(holding, group);
                explain_spread(holding, group);
                break;
            case PairedGroup::Form::combination:
                add_combination(holding, group);
                break;
            }
        }
    }

    [[nodiscard]] OptionMargin result() const {
        OptionMargin result = result_;
        result.hedged = hedged_;
        result.asked = asked_;
        return result;
    }

private:
    [[nodiscard]] Price price(const OptionHolding& holding, std::size_t series) const {
        return market_[account_.instrument[holding.positions[series]]].facts.price;
    }
    [[nodiscard]] Money value(const OptionHolding& holding, const PairedGroup::Leg& leg) const {
        return static_cast<double>(leg.lots) * holding.lot * price(holding, leg.series);
    }
    [[nodiscard]] Leg line_leg(const OptionHolding& holding, const PairedGroup::Leg& leg) const {
        const double lots = static_cast<double>(holding.problem.series[leg.series].lots);
        return {holding.positions[leg.series], static_cast<double>(leg.lots) / lots};
    }

    /// What a position asks for at the start and later.
    void count(std::size_t position, Money initial, Money maintenance) {
        result_.initial += initial;
        result_.maintenance += maintenance;
        asked_[position] += maintenance;
    }

    /// Market value of a position that equity does not have.
    void count_out(std::size_t position, Money value) {
        result_.not_counted += value;
        asked_[position] += value;
    }

    void count_out(const OptionHolding& holding, std::span<const PairedGroup::Leg> legs) {
        for (const PairedGroup::Leg& leg : legs) {
            count_out(holding.positions[leg.series], value(holding, leg));
        }
    }

    /// Options whose requirement is the same at the start and later, and which have no value in equity.
    void count_options(const OptionHolding& holding, const PairedGroup& group) {
        const Money requirement = dollars(group.requirement);
        count(holding.positions[group.legs.front().series], requirement, requirement);
        count_out(holding, group.legs);
    }

    template <class Why>
    void explain_options(const OptionHolding& holding, const PairedGroup& group, std::string_view rule,
                         Citation citation, Why&& why) {
        sink_.emit([&] {
            Line line{.rule = rule, .citation = citation, .initial_citation = citation};
            line.initial = line.maintenance = dollars(group.requirement);
            line.why = line.initial_why = why();
            line.group = words(holding).group(group);
            for (const PairedGroup::Leg& leg : group.legs) {
                line.legs.push_back(line_leg(holding, leg));
            }
            return line;
        });
    }

    /// A line for each part that people have a name for.
    void explain_spread(const OptionHolding& holding, const PairedGroup& group) {
        if constexpr (!std::is_same_v<std::remove_const_t<Sink>, NullSink>) {
            for (const PairedGroup& part : spread_parts(holding.problem.series, group)) {
                explain_options(holding, part, "strategy.spread", {"FINRA 4210", "(f)(2)(H)(i)"},
                                [&] { return words(holding).spread_why(part); });
            }
        }
    }

    void add_alone(const OptionHolding& holding, const PairedGroup& group) {
        const PairedGroup::Leg& leg = group.legs.front();
        const PairingSeries& series = holding.problem.series[leg.series];
        if (series.is_short) {
            count_options(holding, group);
            explain_options(holding, group, "option.short", {"FINRA 4210", "(f)(2)(E)(i)"},
                            [&] { return words(holding).short_why(leg); });
            return;
        }
        if (series.loan_value == 0) {
            count_options(holding, group);
            explain_options(holding, group, "option.long", {"FINRA 4210", "(f)(2)(D)"},
                            [] { return std::string("paid in full, and without value in equity"); });
            return;
        }
        const Money requirement = policy_.rulebook.option.long_term * value(holding, leg);
        count(holding.positions[leg.series], requirement, requirement);
        sink_.emit([&] {
            Line line{.rule = "option.long_term",
                      .citation = {"FINRA 4210", "(f)(2)(D)"},
                      .initial_citation = {"FINRA 4210", "(f)(2)(D)"},
                      .legs = {line_leg(holding, leg)},
                      .initial = requirement,
                      .maintenance = requirement};
            line.why = line.initial_why =
                fmt::format("{:.6g}% of {}: more than {} months to expiry", policy_.rulebook.option.long_term * 100,
                            money_text(value(holding, leg)), policy_.rulebook.option.loan_value_months);
            line.group = words(holding).group(group);
            return line;
        });
    }

    void add_combination(const OptionHolding& holding, const PairedGroup& group) {
        const StockHedgeTerms& terms = holding.combinations[group.combination].terms;
        const Quantity units = holding.combinations[group.combination].units * static_cast<double>(group.times);
        const Combination& combination = holding.problem.combinations[group.combination];
        const bool has_stock = combination.stock_lots > 0;
        const std::size_t stock = holding.stocks[combination.stock].position;
        const std::size_t first = has_stock ? stock : holding.positions[group.legs.front().series];
        count(first, units * terms.initial, units * terms.maintenance);
        count_out(first, units * terms.not_counted);
        count_out(holding, group.legs); // a box has a value in equity, but none of its legs
        const bool is_short = has_stock && account_.quantity[stock] < 0;
        if (has_stock) { // what the stock is charged by itself already
            const auto row = static_cast<std::size_t>(account_.instrument[stock]);
            const SecurityRow::Side alone = market_.rows[row].side(is_short);
            count(stock, -units * alone[SecurityRow::initial], -units * alone[SecurityRow::maintenance]);
            hedged_[stock] += is_short ? -units : units;
        }
        sink_.emit([&] {
            Line line{.rule = terms.rule,
                      .citation = terms.citation,
                      .initial_citation = terms.citation,
                      .initial = units * terms.initial,
                      .maintenance = units * terms.maintenance};
            line.why = words(holding).combination_why(terms, units, has_stock);
            line.initial_why = line.why;
            if (has_stock) {
                line.legs.push_back({stock, is_short ? -units : units});
            }
            if (has_stock && terms.initial > terms.maintenance) {
                line.initial_citation = {"12 CFR 220.12", is_short ? "(c)(1)" : "(a)"};
                line.initial_why = terms.parts.in_the_money > 0 && terms.parts.stock > 0
                                       ? "the stock's own under Regulation T and what the put is in the money"
                                       : "the stock's own under Regulation T, which hedges never reduce";
            }
            for (const PairedGroup::Leg& leg : group.legs) {
                line.legs.push_back(line_leg(holding, leg));
            }
            line.group = words(holding).group(group);
            return line;
        });
    }

    [[nodiscard]] OptionWords words(const OptionHolding& holding) const {
        return {account_, market_, policy_, holding};
    }

    const AccountView& account_;
    const MarketRows& market_;
    const Policy& policy_;
    Sink& sink_;
    std::vector<Quantity>& hedged_;
    std::vector<Money>& asked_;
    OptionMargin result_{};
};

} // namespace detail

/// The option part of an account: its options paired at least net requirement, or as the policy designates, underlying
/// by underlying.
///
/// @param alone      The net quantity of a position that offsets have not taken, by position.
/// @param workspace  Memory, and where the result's spans lie until it is used again.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where a position cannot be margined.
template <LineSink Sink, class Alone>
[[nodiscard]] OptionMargin option_margin(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         Alone&& alone, Sink& sink, OptionWorkspace& workspace,
                                         const AccountPlace& place) {
    const detail::DesignatedGroups designated(account, market, policy, alone);
    detail::OptionMarginer marginer(account, market, policy, sink, workspace);
    const SearchOptions search{.node_limit = policy.node_limit};
    detail::each_option_holding(
        account, market, policy, alone, workspace, place,
        [&](InstrumentIndex /*underlying*/, const OptionHolding& holding) {
            const Pairing& paired = workspace.pairer.pair(
                holding.problem, holding.has_all_spreads ? search : detail::search_among_some(search));
            if (policy.pairing == PairingMode::optimal && holding.has_all_spreads) {
                marginer.add(holding, paired);
                return;
            }
            const Pairing least =
                holding.has_all_spreads ? paired : detail::with_proven_bound(paired, holding, workspace.pairer, search);
            marginer.add(holding, policy.pairing == PairingMode::optimal ? least : designated.pairing(holding, least));
        });
    return marginer.result();
}

} // namespace margincore
