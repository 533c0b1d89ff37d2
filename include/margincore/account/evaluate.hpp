// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
#include <margincore/requirement/stock/debt.hpp>
#include <margincore/requirement/stock/security_margin.hpp>

namespace margincore {

/// What an account must hold, USD.
struct Requirement {
    Money initial = 0.0;     ///< Regulation T requirement of the positions as they stand, not below maintenance.
    Money maintenance = 0.0; ///< FINRA 4210.
    Money add_ons = 0.0;     ///< House charges on top of maintenance.
    Money total = 0.0;       ///< Maintenance and add-ons.

    friend bool operator==(const Requirement&, const Requirement&) = default;
};

/// Equity less each requirement, USD; negative when the account is short of it.
struct Excess {
    Money initial = 0.0; ///< The Regulation T excess.
    Money maintenance = 0.0;
    Money total = 0.0; ///< Over maintenance and add-ons.

    friend bool operator==(const Excess&, const Excess&) = default;
};

/// The figures of one account under the strategy method.
struct Evaluation {
    Figures figures{};
    Money net_liquidation = 0.0; ///< Cash and everything at market.
    Money equity = 0.0;          ///< FINRA 4210(a)(5): what counts toward the requirement.
    Requirement requirement{};
    Excess excess{};
    Money pairing_gap = 0.0; ///< How much less the net requirement might be, as far as is proven; 0 when optimal.

    /// The requirement that leaves the same excess over the net liquidation value.
    [[nodiscard]] Money net_requirement() const { return net_liquidation - excess.maintenance; }

    friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

namespace detail {

/// Finds out whether anything is wrong with an account whose figures look as if it were, and what.
///
/// @param are_exact  Its figures are numbers that a double holds to the cent.
inline void require_figures(const AccountView& account, const MarketRows& market, bool are_exact,
                            const AccountPlace& place) {
    require_amounts(account, place);
    if (are_exact) {
        return;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex index = account.instrument[i];
        const MarketRow& row = market[index];
        const Instrument& instrument = market.instrument(index);
        const Where position = place.positions[place.row(i)];
        if (const auto refused = market.refused.find(row.table_row); refused != market.refused.end()) {
            if (refused->second) {
                std::rethrow_exception(refused->second);
            }
            throw MissingData(position["symbol"],
                              "must have a row in the instruments, got none for " + in_quotes(instrument.symbol));
        }
        if (is_option(instrument.kind)) {
            require_option(account, i, market, place);
            continue;
        }
        if (!is_security(instrument.kind)) {
            throw Unsupported(position["symbol"], "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                                      "' is not built yet, got " + in_quotes(instrument.symbol));
        }
        if (!instrument.marginable && has_debt_rule(instrument.kind)) {
            at_instrument(market, index, place, "marginable", [&](const Where& where) {
                throw Unsupported(where, "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                             "' without loan value is not built, got false");
            });
        }
        if (std::isnan(row.facts.price)) {
            throw MissingData(position["symbol"], "must have a price, got none for " + in_quotes(instrument.symbol));
        }
        if (const std::string_view missing = missing_term(row.facts, market.rates.debt); !missing.empty()) {
            at_instrument(market, index, place, missing, [](const Where& where) {
                throw MissingData(where, "must be given, the rate depends on it, got nothing");
            });
        }
    }
    throw NumericalFailure(place.account, "must have figures up to 9e13 USD, in which every cent is exact, got more");
}

/// The offsets of an account; none, and no work, where the market has nothing that converts.
[[nodiscard]] inline std::vector<ConversionOffset> offsets_of(const AccountView& account, const MarketRows& market) {
    if (!market.has_conversions) {
        return {};
    }
    return conversion_offsets(
        account, [&](InstrumentIndex row) -> const SecurityFacts& { return market[row].facts; },
        [&](InstrumentIndex row) -> const ConversionRow& { return market[row].conversion; }, market.rates);
}

/// The pairs that an offset may be taken of at some price.
[[nodiscard]] inline std::vector<ConversionPair> pairs_of(const AccountView& account, const MarketRows& market) {
    return conversion_pairs(
        account, [&](InstrumentIndex row) -> const SecurityFacts& { return market[row].facts; },
        [&](InstrumentIndex row) -> const ConversionRow& { return market[row].conversion; });
}

/// What the positions add up to, checked.
[[nodiscard]] inline Figures checked_figures(const AccountView& account, const MarketRows& market,
                                             const AccountPlace& place) {
    const SecurityFigures of = security_figures(account, market.rows, market.boxed);
    const bool are_exact = of.figures.gross_value + of.figures.initial <= largest_exact_money;
    if (!(are_exact && of.quantities_can_be && std::abs(account.cash) <= largest_cash)) [[unlikely]] {
        require_figures(account, market, are_exact, place);
    }
    return of.figures;
}

[[nodiscard]] inline Evaluation evaluation(Money cash, const Figures& figures, Money add_ons) {
    const Money net_liquidation = cash + figures.net_value;
    const Money equity = net_liquidation - figures.not_counted;
    const Money total = figures.maintenance + add_ons;
    return {.figures = figures,
            .net_liquidation = net_liquidation,
            .equity = equity,
            .requirement = {.initial = figures.initial,
                            .maintenance = figures.maintenance,
                            .add_ons = add_ons,
                            .total = total},
            .excess = {.initial = equity - figures.initial,
                       .maintenance = equity - figures.maintenance,
                       .total = equity - total}};
}

/// The figures of an account whose positions have nothing to do with each other, without lines.
[[nodiscard]] inline Evaluation evaluate_apart(const AccountView& account, const MarketRows& market,
                                               const AccountPlace& place) {
    return evaluation(account.cash, checked_figures(account, market, place), 0.0);
}

/// What the house charges an account, where all that the policy needs is known.
///
/// @param figures  Of the account.
/// @param take     As for `house_charges`.
template <LineSink Sink, std::invocable<std::size_t, Money> Take>
[[nodiscard]] HouseCharges checked_charges(const AccountView& account, const MarketRows& market, const Policy& policy,
                                           const Figures& figures, std::span<const ConversionOffset> offsets,
                                           Sink& sink, const AccountPlace& place, Take&& take) {
    require_needs(account, market, policy, place);
    const AddOnContext context{.gross_value = figures.gross_value,
                               .net_liquidation = account.cash + figures.net_value,
                               .exposure = beta_exposure(account, market)};
    return house_charges(account, market, context, policy, offsets, sink, std::forward<Take>(take));
}

/// The figures of any account, with its lines.
///
/// Few accounts of a book come here, so it stands by itself: in the others' way it would cost them.
template <LineSink Sink>
[[nodiscard]] Evaluation evaluate_together(const AccountView& account, const MarketRows& market, const Policy& policy,
                                           Sink& sink, OptionWorkspace& workspace, const AccountPlace& place) {
    Figures figures = checked_figures(account, market, place);
    const bool has_options = holds_options(account, market);
    if (has_options && !policy.charges_nothing()) {
        throw Unsupported(place.account, "house rates and add-ons of accounts with options are not built yet");
    }
    const std::vector<ConversionOffset> offsets = offsets_of(account, market);
    if (!offsets.empty()) {
        apply(offsets, account, market.rows, market.boxed, figures);
    }
    for (const ConversionOffset& offset : offsets) {
        explain_offset(offset, market[account.instrument[offset.long_position]].facts, market.rates, sink);
    }
    OptionMargin options{};
    if (has_options && !offsets.empty()) {
        throw Unsupported(place.account, "options beside convertibles or warrants against a short is not built yet");
    }
    if (has_options || !policy.groups.empty()) {
        options = option_margin(
            account, market, policy, [&](std::size_t i) { return quantity_alone(account, i, offsets); }, sink,
            workspace, place);
        figures.initial += options.initial;
        figures.maintenance += options.maintenance;
        figures.not_counted += options.not_counted;
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (!is_option(market[account.instrument[i]].facts.kind)) {
            const Quantity hedged = has_options ? options.hedged[i] : 0.0;
            explain_security(i, quantity_alone(account, i, offsets) - hedged, account.boxed_at(i),
                             market[account.instrument[i]].facts, market.rates, sink);
        }
    }
    if (policy.charges_nothing()) {
        Evaluation result = evaluation(account.cash, figures, 0.0);
        result.pairing_gap = options.gap;
        return result;
    }
    const HouseCharges charges = checked_charges(account, market, policy, figures, offsets, sink, place,
                                                 [](std::size_t /*position*/, Money /*charge*/) {});
    return evaluation(account.cash, figures, charges.total());
}

} // namespace detail

/// The figures of one account, each with its lines.
///
/// @param account    A view whose rows are in the table (`require_rows`).
/// @param market     Rows of every instrument, made with the same policy.
/// @param sink       Takes the lines; they add up to the requirement.
/// @param workspace  Memory for options, which one account after another may use.
/// @param place      The account in the caller's data, for errors.
/// @throws InvalidInput     for a quantity or a balance that no account can have, and for a group of the policy that
///                          the account does not hold or no rule has.
/// @throws Unsupported      for a position whose rule is not built yet.
/// @throws MissingData      where a term, a price, or what an add-on needs is not there.
/// @throws NumericalFailure where the figures are beyond what a double holds to the cent.
template <LineSink Sink>
[[nodiscard]] inline Evaluation evaluate(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         Sink& sink, OptionWorkspace& workspace,
                                         const AccountPlace& place = in_document) {
    constexpr bool explains = !std::is_same_v<std::remove_const_t<Sink>, NullSink>;
    if (explains || market.has_conversions || !policy.charges_nothing() || !policy.groups.empty() ||
        holds_options(account, market)) [[unlikely]] {
        return detail::evaluate_together(account, market, policy, sink, workspace, place);
    }
    return detail::evaluate_apart(account, market, place);
}

/// The figures of one account with its lines, in memory of its own.
template <LineSink Sink>
[[nodiscard]] inline Evaluation evaluate(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         Sink& sink, const AccountPlace& place = in_document) {
    OptionWorkspace workspace;
    return evaluate(account, market, policy, sink, workspace, place);
}

/// The figures of one account, without lines.
[[nodiscard]] inline Evaluation evaluate(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         const AccountPlace& place = in_document) {
    const NullSink sink;
    return evaluate(account, market, policy, sink, place);
}

/// What the account must bring to meet maintenance, and to meet maintenance with the house's add-ons. USD, >= 0.
struct MarginCall {
    Money maintenance = 0.0;
    Money house = 0.0;

    friend bool operator==(const MarginCall&, const MarginCall&) = default;
};

[[nodiscard]] inline MarginCall margin_call(const Excess& excess) {
    return {.maintenance = (std::max)(0.0, -excess.maintenance), .house = (std::max)(0.0, -excess.total)};
}

} // namespace margincore
