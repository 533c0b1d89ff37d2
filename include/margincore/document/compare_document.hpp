// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <margincore/account/compare.hpp>
#include <margincore/account/comparison.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/spot_volatility.hpp>
#include <margincore/core/units.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/evaluate_document.hpp>

namespace margincore::document {

/// The account of a document under the strategy method and under portfolio margin, whatever its type.
///
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where neither method can margin it.
[[nodiscard]] inline Comparison compare(const AccountDocument& document) {
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    Comparison comparison = margincore::compare(document.account(), rows, detail::held_portfolio_rows(document, rows),
                                                document.market, document.policy);
    comparison.account_id = document.id;
    comparison.warnings.insert(comparison.warnings.begin(), document.warnings.begin(), document.warnings.end());
    return comparison;
}

/// What the positions of a class group of a document gain as spot and volatilities move.
///
/// @throws  As `margincore::spot_volatility_gains` does.
[[nodiscard]] inline SpotVolatilityGains spot_volatility_gains(const AccountDocument& document, std::string_view name,
                                                               std::span<const Fraction> spot_moves,
                                                               std::span<const Fraction> volatility_moves) {
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    return margincore::spot_volatility_gains(document.account(), rows, document.market, document.policy, name,
                                             spot_moves, volatility_moves);
}

} // namespace margincore::document
