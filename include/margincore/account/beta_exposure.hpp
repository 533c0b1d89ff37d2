// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <margincore/account/market_rows.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// The account as so much of the benchmark: sum of value times beta, USD, long positive.
///
/// @return NaN where a beta is missing.
/// @source Workshop on real-time margin risk, beta weighting.
[[nodiscard]] inline Money beta_exposure(const AccountView& account, const MarketRows& market) {
    Money exposure = 0.0;
    for (std::size_t i = 0; i < account.size(); ++i) {
        exposure += account.quantity[i] * market.beta_value[static_cast<std::size_t>(account.instrument[i])];
    }
    return exposure;
}

} // namespace margincore
