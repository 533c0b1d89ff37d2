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

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_checks.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_words.hpp>
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
    Money not_counted = 0.0;        ///< Negative where shorts, which equity disregards, are worth more than longs.
    Money gap = 0.0;                ///< How far the pairing may be from the least, as far as is proven; 0 when optimal.
    std::vector<Quantity> hedged{}; ///< Of each position, the stock that is margined with options. Shape (n_positions).
};

namespace detail {

/// Computes the option part of one account, and hands out its lines.
template <LineSink Sink>
class OptionMarginer {
public:
    OptionMarginer(const AccountView& account, const MarketRows& market, const Policy& policy, Sink& sink)
        : account_(account), market_(market), policy_(policy), sink_(sink) {
        result_.hedged.assign(account.size(), 0.0);
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

    [[nodiscard]] OptionMargin result() && { return std::move(result_); }

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

    /// Options whose requirement is the same at the start and later, and which have no value in equity.
    void count_options(const OptionHolding& holding, const PairedGroup& group) {
        const Money requirement = dollars(group.requirement);
        result_.initial += requirement;
        result_.maintenance += requirement;
        for (const PairedGroup::Leg& leg : group.legs) {
            result_.not_counted += value(holding, leg);
        }
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
        result_.initial += requirement;
        result_.maintenance += requirement;
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
        result_.initial += units * terms.initial;
        result_.maintenance += units * terms.maintenance;
        result_.not_counted += units * terms.not_counted;
        for (const PairedGroup::Leg& leg : group.legs) { // a box has a value in equity, but none of its legs
            result_.not_counted += value(holding, leg);
        }
        const bool has_stock = holding.problem.combinations[group.combination].stock_lots > 0;
        const bool is_short = has_stock && account_.quantity[*holding.stock_position] < 0;
        if (has_stock) { // what the stock is charged by itself already
            const auto row = static_cast<std::size_t>(account_.instrument[*holding.stock_position]);
            const SecurityRow::Side alone = market_.rows[row].side(is_short);
            result_.initial -= units * alone[SecurityRow::initial];
            result_.maintenance -= units * alone[SecurityRow::maintenance];
            result_.hedged[*holding.stock_position] += is_short ? -units : units;
        }
        sink_.emit([&] {
            Line line{.rule = terms.rule,
                      .citation = terms.citation,
                      .initial_citation = terms.citation,
                      .initial = units * terms.initial,
                      .maintenance = units * terms.maintenance};
            line.why = fmt::format("{:.6g} x {}", terms.maintenance, units);
            if (terms.not_counted > 0) {
                line.why += fmt::format("; {:.6g} a unit does not count in equity", terms.not_counted);
            }
            line.initial_why = line.why;
            if (has_stock) {
                line.legs.push_back({*holding.stock_position, is_short ? -units : units});
                line.initial_citation = {"12 CFR 220.12", is_short ? "(c)(1)" : "(a)"};
                line.initial_why = "the stock's own, which hedges never reduce";
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
    OptionMargin result_{};
};

} // namespace detail

/// The option part of an account: its options paired at least net requirement, underlying by underlying.
///
/// @param alone  The net quantity of a position that offsets have not taken, by position.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where a position cannot be margined.
template <LineSink Sink, class Alone>
[[nodiscard]] OptionMargin option_margin(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         Alone&& alone, Sink& sink, const AccountPlace& place) {
    std::vector<std::pair<InstrumentIndex, std::size_t>> options; // by underlying, then as the account has them
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (is_option(market[account.instrument[i]].facts.kind)) {
            detail::require_option(account, i, market, place);
            if (account.quantity[i] != 0) {
                detail::require_no_index_cover(account, i, market, place);
                options.emplace_back(market[account.instrument[i]].option.underlying, i);
            }
        }
    }
    std::ranges::stable_sort(options, {}, &std::pair<InstrumentIndex, std::size_t>::first);
    const detail::HoldingBuilder builder(account, market, policy.rulebook.option);
    detail::OptionMarginer marginer(account, market, policy, sink);
    thread_local Pairer pairer; // a workspace, as large as the largest problem so far
    std::vector<std::size_t> positions;
    for (std::size_t first = 0; first < options.size();) {
        const InstrumentIndex underlying = options[first].first;
        positions.clear();
        for (; first < options.size() && options[first].first == underlying; ++first) {
            positions.push_back(options[first].second);
        }
        detail::require_size(account, positions, market, place);
        const auto found = std::ranges::find(account.instrument, underlying);
        const std::optional<std::size_t> stock =
            found == account.instrument.end()
                ? std::nullopt
                : std::optional(static_cast<std::size_t>(found - account.instrument.begin()));
        const OptionHolding holding =
            builder.build(underlying, positions, stock, detail::stock_beside(account, stock, market, alone));
        marginer.add(holding, pairer.pair(holding.problem, {.node_limit = policy.node_limit}));
    }
    return std::move(marginer).result();
}

} // namespace margincore
