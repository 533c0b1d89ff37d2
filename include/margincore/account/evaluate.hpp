// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <margincore/account/checked_charges.hpp>
#include <margincore/account/checked_figures.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
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

/// The figures of any account, with its lines.
///
/// Few accounts of a book come here, so it stands by itself: in the others' way it would cost them.
template <LineSink Sink>
[[nodiscard]] Evaluation evaluate_together(const AccountView& account, const MarketRows& market, const Policy& policy,
                                           Sink& sink, OptionWorkspace& workspace, const AccountPlace& place) {
    Figures figures = checked_figures(account, market, place);
    const std::vector<ConversionOffset> offsets = offsets_of(account, market);
    if (!offsets.empty()) {
        apply(offsets, account, market.rows, market.boxed, figures);
    }
    for (const ConversionOffset& offset : offsets) {
        explain_offset(offset, market[account.instrument[offset.long_position]].facts, market.rates, sink);
    }
    const OptionMargin options = options_of(account, market, policy, offsets, sink, workspace, place);
    figures.initial += options.initial;
    figures.maintenance += options.maintenance;
    figures.not_counted += options.not_counted;
    for (std::size_t i = 0; i < account.size(); ++i) {
        if (!is_option(market[account.instrument[i]].facts.kind)) {
            const Quantity hedged = options.hedged.empty() ? 0.0 : options.hedged[i];
            explain_security(i, quantity_alone(account, i, offsets) - hedged, account.boxed_at(i),
                             market[account.instrument[i]].facts, market.rates, sink);
        }
    }
    Money add_ons = 0.0;
    if (!policy.charges_nothing()) {
        add_ons = checked_charges(account, market, policy, figures, offsets, options, sink, workspace.house, place,
                                  [](InstrumentIndex /*row*/, Money /*charge*/) {})
                      .total();
    }
    Evaluation result = evaluation(account.cash, figures, add_ons);
    result.pairing_gap = options.gap;
    return result;
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
