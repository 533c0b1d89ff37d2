// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// The most cash that can be withdrawn.
///
/// It leaves the initial and the total excess at zero or more and, where it makes the balance a debit or anything is
/// short, an equity of $2,000. Withdrawing lowers the net liquidation value, which may raise an add-on of the account.
/// @param evaluation  Of the account as it stands, with the same market and policy.
/// @return      USD, >= 0.
/// @source      12 CFR 220.4(e)(1); FINRA 4210(b)(4).
[[nodiscard]] inline Money withdrawable(const AccountView& account, const MarketRows& market,
                                        const Evaluation& evaluation, const Policy& policy) {
    const Money exposure = beta_exposure(account, market);
    const auto charge_after = [&](Money withdrawal) {
        const NullSink sink;
        return account_charges({.gross_value = evaluation.figures.gross_value,
                                .net_liquidation = evaluation.net_liquidation - withdrawal,
                                .exposure = exposure},
                               policy, sink);
    };
    const Money charge_now = charge_after(0.0);
    const auto allowed = [&](Money withdrawal) {
        return withdrawal <= evaluation.excess.total - (charge_after(withdrawal) - charge_now);
    };

    const Money above_minimum = evaluation.equity - policy.rulebook.minimum_equity;
    const Money without_minimum = holds_shorts(account) ? above_minimum : (std::max)(account.cash, above_minimum);
    Money most = (std::min)({evaluation.excess.initial, evaluation.excess.total, without_minimum});
    if (!(most > 0)) {
        return 0.0;
    }
    if (allowed(most)) {
        return most;
    }
    // Charges only grow with the withdrawal, so what is allowed is an interval from 0: bisect to its last double.
    Money least = 0.0;
    for (Money middle = most / 2; middle > least && middle < most; middle = least + (most - least) / 2) {
        (allowed(middle) ? least : most) = middle;
    }
    return least;
}

/// What can be bought of marginable stock at 50 % initial and 25 % maintenance. USD, >= 0.
///
/// @source 12 CFR 220.12(a); FINRA 4210(c)(1).
[[nodiscard]] inline Money buying_power(const Evaluation& evaluation, const Policy& policy) {
    const SecurityRates& rates = policy.rulebook.stock;
    return (std::max)(0.0, (std::min)(evaluation.excess.initial / rates.regulation_t.long_stock,
                                      evaluation.excess.total / rates.maintenance.long_stock));
}

} // namespace margincore
