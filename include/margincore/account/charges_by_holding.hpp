// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <margincore/account/checked_charges.hpp>
#include <margincore/account/checked_figures.hpp>
#include <margincore/account/house_charges.hpp>
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

namespace margincore {

/// What the house charges on an underlying by itself, USD, >= 0: on it and on the options on it.
struct HoldingCharge {
    InstrumentIndex underlying = 0; ///< Row of the market.
    Money amount = 0.0;

    friend bool operator==(const HoldingCharge&, const HoldingCharge&) = default;
};

/// The house charges of an account by what they are asked for, USD, >= 0. They add up to its add-ons.
struct ChargesByHolding {
    std::vector<HoldingCharge> holdings{}; ///< Of every underlying on which anything is not flat, as first held.
    Money account = 0.0; ///< What no single one is charged for: industries and the account as a whole.

    friend bool operator==(const ChargesByHolding&, const ChargesByHolding&) = default;
};

/// The house charges of an account by underlying; nothing where the policy charges nothing.
///
/// @param account    A view whose rows are in the table.
/// @param market     Rows of every instrument, made with the same policy.
/// @param workspace  Memory for options.
/// @throws           As `evaluate`, where the policy charges anything.
[[nodiscard]] inline ChargesByHolding charges_by_holding(const AccountView& account, const MarketRows& market,
                                                         const Policy& policy, OptionWorkspace& workspace) {
    ChargesByHolding charges{};
    if (policy.charges_nothing()) {
        return charges;
    }
    const NullSink sink;
    const Figures figures = detail::checked_figures(account, market, in_document);
    const std::vector<ConversionOffset> offsets = detail::offsets_of(account, market);
    const OptionMargin options = detail::options_of(account, market, policy, offsets, sink, workspace, in_document);
    const HouseCharges all = detail::checked_charges(
        account, market, policy, figures, offsets, options, sink, workspace.house, in_document,
        [&](InstrumentIndex underlying, Money charge) { charges.holdings.push_back({underlying, charge}); });
    charges.account = all.industries + all.account;
    return charges;
}

/// The same in memory of its own.
[[nodiscard]] inline ChargesByHolding charges_by_holding(const AccountView& account, const MarketRows& market,
                                                         const Policy& policy) {
    OptionWorkspace workspace;
    return charges_by_holding(account, market, policy, workspace);
}

} // namespace margincore
