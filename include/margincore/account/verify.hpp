// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/each_option_holding.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/strategy/pairing_checker.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/proof_number.hpp>

namespace margincore {

/// Whether the certificate of an account holds.
struct Verification {
    CertificateStatus status = CertificateStatus::proven;
    std::string where{};         ///< The first thing that is refused, or the first pairing without a proof, and
    std::string what{};          ///< what is not so.
    Money net_requirement = 0.0; ///< Of the account, its options margined as the certificate has it; 0 when refused.
    Money lower_bound = 0.0;     ///< As stated; of a proven certificate the same.

    friend bool operator==(const Verification&, const Verification&) = default;
};

namespace detail {

/// The problem of a holding in the order in which a certificate counts its series and combinations.
///
/// @throws DoesNotHold where the certificate is of other options.
class CertifiedOrder {
public:
    CertifiedOrder(const OptionHolding& holding, const AccountView& account, const MarketRows& market)
        : holding_(holding), account_(account), market_(market) {}

    [[nodiscard]] PairingProblem problem(const UnderlyingCertificate& certificate) {
        PairingProblem problem = holding_.problem;
        require_that(certificate.series.size() == problem.series.size(), "must have every option that is held, once");
        places_.assign(problem.series.size(), none);
        for (std::size_t k = 0; k < certificate.series.size(); ++k) {
            const std::size_t i = find_series(certificate.series[k]);
            require_that(i != none && places_[i] == none, "must have every option that is held, once");
            places_[i] = k;
            problem.series[k] = holding_.problem.series[i];
        }
        problem.combinations.clear();
        std::vector<bool> is_named(holding_.problem.combinations.size(), false);
        for (const CertifiedCombination& named : certificate.combinations) {
            const std::size_t c = find_combination(named);
            require_that(c != none && !is_named[c], "must have combinations that a rule has, each once");
            is_named[c] = true;
            problem.combinations.push_back(in_order(c));
        }
        for (std::size_t c = 0; c < is_named.size(); ++c) {
            if (!is_named[c]) {
                problem.combinations.push_back(in_order(c));
            }
        }
        return problem;
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    [[nodiscard]] std::string stock_of(std::size_t combination) const {
        const std::size_t stock = holding_.stock_of(combination);
        return stock == no_position ? "" : market_.instrument(account_.instrument[stock]).symbol;
    }

    [[nodiscard]] std::size_t find_series(const std::string& symbol) const {
        for (std::size_t i = 0; i < holding_.positions.size(); ++i) {
            if (market_.instrument(account_.instrument[holding_.positions[i]]).symbol == symbol) {
                return i;
            }
        }
        return none;
    }

    [[nodiscard]] Combination in_order(std::size_t index) const {
        Combination combination = holding_.problem.combinations[index];
        for (std::size_t k = 0; k < combination.leg_count; ++k) {
            const auto series = static_cast<std::size_t>(combination.legs[k].series);
            combination.legs[k].series = static_cast<std::int32_t>(places_[series]);
        }
        return combination;
    }

    [[nodiscard]] std::size_t find_combination(const CertifiedCombination& named) const {
        for (std::size_t c = 0; c < holding_.problem.combinations.size(); ++c) {
            const Combination combination = in_order(c);
            bool is_same = holding_.rule_of(c) == named.rule && stock_of(c) == named.stock &&
                           named.series.size() == combination.leg_count &&
                           named.contracts.size() == combination.leg_count;
            for (std::size_t k = 0; k < combination.leg_count && is_same; ++k) {
                is_same = static_cast<std::uint32_t>(combination.legs[k].series) == named.series[k] &&
                          combination.legs[k].contracts == named.contracts[k];
            }
            if (is_same) {
                return c;
            }
        }
        return none;
    }

    const OptionHolding& holding_;
    const AccountView& account_;
    const MarketRows& market_;
    std::vector<std::size_t> places_{}; ///< Of each series of the holding, in the certificate.
};

/// What options add to the net requirement before they are paired: their value, and less for longs with loan value.
[[nodiscard]] inline Money unpaired_value(const OptionHolding& holding, const AccountView& account,
                                          const MarketRows& market) {
    Money sum = 0.0;
    for (std::size_t k = 0; k < holding.positions.size(); ++k) {
        const std::size_t i = holding.positions[k];
        const MarketRow& row = market[account.instrument[i]];
        const PairingSeries& series = holding.problem.series[k];
        sum += account.quantity[i] * row.option.multiplier * row.facts.price;
        sum -= dollars(series.is_short ? 0 : series.contracts * series.lots * series.loan_value);
    }
    return sum;
}

} // namespace detail

/// Whether a certificate of an account holds, from the account and the certificate alone: see `verify_pairing`.
///
/// Prices, single options, stock and what rules ask for combinations are computed as for a report; the pairing is not.
/// @throws InvalidInput, MissingData, Unsupported, NumericalFailure where a position cannot be margined.
[[nodiscard]] inline Verification verify(const AccountView& account, const MarketRows& market, const Policy& policy,
                                         const AccountCertificate& certificate,
                                         const AccountPlace& place = in_document) {
    Figures figures = detail::checked_figures(account, market, place);
    const auto offsets = detail::offsets_of(account, market);
    if (!offsets.empty()) {
        apply(offsets, account, market.rows, market.boxed, figures);
    }
    OptionWorkspace workspace;
    Verification result;
    Money net = figures.maintenance + figures.not_counted;
    Money gap = 0.0;
    std::vector<bool> is_checked(certificate.pairings.size(), false);
    const auto refuse = [&](std::string where, std::string what) {
        if (result.status != CertificateStatus::refused) {
            result = {CertificateStatus::refused, std::move(where), std::move(what)};
        }
    };
    const auto check = [&](InstrumentIndex underlying, const OptionHolding& holding) {
        const std::string& symbol = market.instrument(underlying).symbol;
        const auto found = std::ranges::find(certificate.pairings, symbol, &UnderlyingCertificate::underlying);
        if (found == certificate.pairings.end()) {
            refuse("certificate.pairings", "must have the options on " + in_quotes(symbol));
            return;
        }
        const auto number = static_cast<std::size_t>(found - certificate.pairings.begin());
        const std::string where = "certificate.pairings[" + std::to_string(number) + "]";
        is_checked[number] = true;
        try {
            const PairingProblem problem = detail::CertifiedOrder(holding, account, market).problem(*found);
            const PairingVerdict verdict = verify_pairing(problem, found->pairing);
            if (verdict.status == CertificateStatus::refused) {
                refuse(where + "." + verdict.where, verdict.what);
            } else if (verdict.status == CertificateStatus::stated && result.status == CertificateStatus::proven) {
                result.status = CertificateStatus::stated;
                result.where = where;
                result.what = "has no proof that no pairing costs less";
            }
        } catch (const detail::DoesNotHold& refused) {
            refuse(where, refused.what);
        }
        net += detail::unpaired_value(holding, account, market) + dollars(found->pairing.cost);
        gap += dollars(found->pairing.cost) - dollars(found->pairing.lower_bound);
    };
    detail::each_option_holding(
        account, market, policy, [&](std::size_t i) { return quantity_alone(account, i, offsets); }, workspace, place,
        check);
    for (std::size_t k = 0; k < is_checked.size(); ++k) {
        if (!is_checked[k]) {
            refuse("certificate.pairings[" + std::to_string(k) + "].underlying",
                   "must be of options that are held, each once");
        }
    }
    if (result.status != CertificateStatus::refused) {
        result.net_requirement = net;
        result.lower_bound = net - gap;
    }
    return result;
}

} // namespace margincore
