// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/account_type.hpp>
#include <margincore/account/certify.hpp>
#include <margincore/account/contributions.hpp>
#include <margincore/account/make_portfolio_report.hpp>
#include <margincore/account/make_report.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/verify.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/document/account_reader.hpp>

namespace margincore::document {

/// What to compute beside the requirement.
struct EvaluateOptions {
    std::optional<Method> method{};               ///< Nothing: what the account's type implies.
    bool stress = false;                          ///< The benchmark stress table, over the policy's moves.
    std::optional<std::vector<Fraction>> moves{}; ///< Moves of the benchmark instead of the policy's; implies stress.
    bool certificate = false;                     ///< The proof of the pairing of options.
    bool alternatives = false;                    ///< What each group of the pairing would ask for otherwise.
};

namespace detail {

/// The rows of portfolio margin of everything that an account holds.
[[nodiscard]] inline PortfolioRows held_portfolio_rows(const AccountDocument& document, const MarketRows& rows) {
    std::vector<std::uint8_t> is_held(rows.size(), 0);
    for (const InstrumentIndex row : document.instrument) {
        is_held[static_cast<std::size_t>(row)] = 1;
    }
    // A smile is that of all the series that the market has.
    const bool needs_all = document.policy.portfolio_margin.volatility_mode == VolatilityMode::sticky_moneyness;
    return portfolio_rows(rows, document.market, document.policy, [&](InstrumentIndex row) {
        return needs_all || is_held[static_cast<std::size_t>(row)] != 0;
    });
}

/// @throws Unsupported for a method that is not built.
[[nodiscard]] inline Method method_for(const AccountDocument& document, std::optional<Method> asked) {
    const Method method = asked.value_or(method_of(document.type));
    if (method == Method::cash) {
        throw Unsupported(asked ? Where("method") : Where("account.type"),
                          "the " + std::string(name_of(method)) + " method is not built yet");
    }
    return method;
}

} // namespace detail

/// The report of an account document.
///
/// @throws Unsupported for a method that is not built yet, and as `make_report` does.
[[nodiscard]] inline Report evaluate(const AccountDocument& document, const EvaluateOptions& options = {}) {
    const Method method = detail::method_for(document, options.method);
    const std::vector<Fraction>& moves = options.moves ? *options.moves : document.policy.stress_moves;
    const bool with_stress = options.stress || options.moves;
    const auto stress_moves = with_stress ? std::optional<std::span<const Fraction>>(moves) : std::nullopt;
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    Report report = method == Method::portfolio
                        ? make_portfolio_report(document.account(), rows, detail::held_portfolio_rows(document, rows),
                                                document.market, document.policy, stress_moves)
                        : make_report(document.account(), rows, document.market, document.policy, stress_moves,
                                      options.alternatives);
    if (options.certificate && method == Method::strategy) {
        report.certificate = certify(document.account(), rows, document.policy);
    }
    report.account_id = document.id;
    report.warnings.insert(report.warnings.begin(), document.warnings.begin(), document.warnings.end());
    return report;
}

/// What closing each position of an account document would change of its requirement.
///
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure as `evaluate` does.
[[nodiscard]] inline Contributions contributions(const AccountDocument& document,
                                                 std::optional<Method> method = std::nullopt) {
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    return detail::method_for(document, method) == Method::portfolio
               ? margincore::contributions(document.account(), rows, detail::held_portfolio_rows(document, rows),
                                           document.policy)
               : margincore::contributions(document.account(), rows, document.policy);
}

/// Whether a certificate holds of an account document, from the two alone.
///
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where the account cannot be margined.
[[nodiscard]] inline Verification verify(const AccountDocument& document, const AccountCertificate& certificate) {
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    return margincore::verify(document.account(), rows, document.policy, certificate);
}

} // namespace margincore::document
