// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <margincore/account/house_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/stock_margin.hpp>

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

    /// The requirement that leaves the same excess over the net liquidation value.
    [[nodiscard]] Money net_requirement() const { return net_liquidation - excess.maintenance; }

    friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

namespace detail {

/// Finds out why the figures of an account are not numbers.
[[noreturn]] inline void refuse_figures(const AccountView& account, const MarketRows& market, const Where& where) {
    const Where positions = where["positions"];
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Instrument& instrument = market.instrument(account.instrument[i]);
        const Where position = positions[i];
        if (!is_stock(instrument.kind)) {
            throw Unsupported(position["symbol"], "margin of kind '" + std::string(kind_text(instrument.kind)) +
                                                      "' is not built yet, got " + in_quotes(instrument.symbol));
        }
        if (std::isnan(market.rows[static_cast<std::size_t>(account.instrument[i])].price)) {
            throw MissingData(position["symbol"], "must have a price, got none for " + in_quotes(instrument.symbol));
        }
    }
    throw NumericalFailure(where, "must have figures up to 9e13 USD, in which every cent is exact, got more");
}

} // namespace detail

/// The figures of one account, each with its lines.
///
/// @param account  A valid view (`require_valid`).
/// @param market   Rows of every instrument, made with the same policy.
/// @param sink     Takes the lines; they add up to the requirement.
/// @param where    The account in the caller's data, for errors.
/// @throws Unsupported      for a position whose rule is not built yet.
/// @throws MissingData      where something that an add-on needs is not there.
/// @throws NumericalFailure where the figures are beyond what a double holds to the cent.
template <LineSink Sink>
[[nodiscard]] Evaluation evaluate(const AccountView& account, const MarketRows& market, const Policy& policy,
                                  Sink& sink, const Where& where = "account", const Where& where_market = "market") {
    Evaluation result;
    result.figures = stock_figures(account, market.rows);
    if (!(result.figures.gross_value + result.figures.initial <= largest_exact_money)) {
        detail::refuse_figures(account, market, where);
    }
    for (const AnyAddOn& add_on : policy.add_ons) {
        require_needs(account, market, needs_of(add_on), where_market);
    }
    for (std::size_t i = 0; i < account.size(); ++i) {
        explain_stock(i, account.quantity[i], account.boxed_at(i),
                      market.facts[static_cast<std::size_t>(account.instrument[i])], market.rates, sink);
    }

    const Figures& figures = result.figures;
    result.net_liquidation = account.cash + figures.net_value;
    result.equity = result.net_liquidation;
    const AddOnContext context{
        .gross_value = figures.gross_value, .net_liquidation = result.net_liquidation, .exposure = figures.exposure};
    const Money add_ons =
        holding_charges(account, market, context, policy, sink) + account_charges(context, policy, sink);
    result.requirement = {.initial = figures.initial,
                          .maintenance = figures.maintenance,
                          .add_ons = add_ons,
                          .total = figures.maintenance + add_ons};
    result.excess = {.initial = result.equity - result.requirement.initial,
                     .maintenance = result.equity - result.requirement.maintenance,
                     .total = result.equity - result.requirement.total};
    return result;
}

/// The figures of one account, without lines.
[[nodiscard]] inline Evaluation evaluate(const AccountView& account, const MarketRows& market, const Policy& policy) {
    NullSink sink;
    return evaluate(account, market, policy, sink);
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
