// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/designated_groups.hpp>
#include <margincore/account/designated_leg.hpp>
#include <margincore/account/each_option_holding.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/optimization/search_result.hpp>
#include <margincore/requirement/strategy/certify_pairing.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>

namespace margincore {

namespace detail {

/// A combination of a holding, by its rule, its stock and its options.
[[nodiscard]] inline CertifiedCombination certified_combination(const OptionHolding& holding,
                                                                const AccountView& account, const MarketRows& market,
                                                                std::size_t index) {
    CertifiedCombination named{.rule = std::string(holding.rule_of(index))};
    if (const std::size_t stock = holding.stock_of(index); stock != no_position) {
        named.stock = market.instrument(account.instrument[stock]).symbol;
    }
    for (const Combination::Leg& leg : holding.problem.combinations[index].used()) {
        named.series.push_back(static_cast<std::uint32_t>(leg.series));
        named.contracts.push_back(leg.contracts);
    }
    return named;
}

/// Counts the combinations of a certificate anew, those that it speaks of only.
inline void name_combinations(const OptionHolding& holding, const AccountView& account, const MarketRows& market,
                              UnderlyingCertificate& certificate) {
    constexpr std::uint32_t none = (std::numeric_limits<std::uint32_t>::max)();
    std::vector<std::uint32_t> places(holding.problem.combinations.size(), none);
    const auto rename = [&](std::uint32_t& combination) {
        if (places[combination] == none) {
            places[combination] = static_cast<std::uint32_t>(certificate.combinations.size());
            certificate.combinations.push_back(certified_combination(holding, account, market, combination));
        }
        combination = places[combination];
    };
    for (CertifiedGroup& group : certificate.pairing.groups) {
        if (group.times > 0) {
            rename(group.combination);
        }
    }
    for (ProofVariable& variable : certificate.pairing.proof.variables) {
        if (variable.kind == ProofVariable::Kind::combination) {
            rename(variable.index);
        }
    }
}

} // namespace detail

/// The certificate of an account whose requirement was computed: the same pairings, with their proofs.
///
/// @throws Unsupported  where the policy designates groups.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure as `evaluate` does.
[[nodiscard]] inline AccountCertificate certify(const AccountView& account, const MarketRows& market,
                                                const Policy& policy, const AccountPlace& place = in_document) {
    if (policy.pairing == PairingMode::designated) {
        throw Unsupported("policy.pairing",
                          "a certificate of groups that are designated is not built: they are charged "
                          "as they stand, and nothing is proven of them");
    }
    AccountCertificate result;
    const auto offsets = detail::offsets_of(account, market);
    OptionWorkspace workspace;
    const SearchOptions options{.node_limit = policy.node_limit, .leaf_limit = most_proof_leaves};
    detail::each_option_holding(
        account, market, policy, [&](std::size_t i) { return quantity_alone(account, i, offsets); }, workspace, place,
        [&](InstrumentIndex underlying, const OptionHolding& holding) {
            UnderlyingCertificate& certificate = result.pairings.emplace_back();
            certificate.underlying = market.instrument(underlying).symbol;
            for (const std::size_t position : holding.positions) {
                certificate.series.push_back(market.instrument(account.instrument[position]).symbol);
            }
            certificate.pairing =
                certify_pairing(workspace.pairer, holding.problem,
                                holding.has_all_spreads ? options : detail::search_among_some(options));
            if (!holding.has_all_spreads) {
                const Pairing found{.cost = certificate.pairing.cost, .lower_bound = certificate.pairing.lower_bound};
                certificate.pairing.lower_bound =
                    detail::with_proven_bound(found, holding, workspace.pairer, options).lower_bound;
                certificate.pairing.proof = {};
            }
            detail::name_combinations(holding, account, market, certificate);
        });
    return result;
}

} // namespace margincore
