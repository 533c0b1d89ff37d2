// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// The house charges of an account by what they are asked for, USD, >= 0. They add up to its add-ons.
struct ChargesByHolding {
    std::vector<Money> holdings{}; ///< What each position is charged by itself. Shape (n_positions).
    Money account = 0.0;           ///< What no single one is charged for: industries and the account as a whole.

    friend bool operator==(const ChargesByHolding&, const ChargesByHolding&) = default;
};

/// The house charges of an account by position.
///
/// @param account  A view whose rows are in the table.
/// @param market   Rows of every instrument, made with the same policy.
/// @throws         As `evaluate`, where the policy charges anything.
[[nodiscard]] inline ChargesByHolding charges_by_holding(const AccountView& account, const MarketRows& market,
                                                         const Policy& policy) {
    ChargesByHolding charges{.holdings = std::vector<Money>(account.size())};
    if (policy.charges_nothing()) {
        return charges;
    }
    const NullSink sink;
    const HouseCharges all =
        detail::checked_charges(account, market, policy, detail::checked_figures(account, market, in_document),
                                detail::offsets_of(account, market), sink, in_document,
                                [&](std::size_t position, Money charge) { charges.holdings[position] = charge; });
    charges.account = all.industries + all.account;
    return charges;
}

} // namespace margincore
