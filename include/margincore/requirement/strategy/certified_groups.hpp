// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/proof_number.hpp>
#include <margincore/requirement/strategy/proof_variables.hpp>

namespace margincore::detail {

/// Checks the groups of a certificate, and throws `DoesNotHold` where one is not what it says.
class CertifiedGroups {
public:
    CertifiedGroups(const PairingProblem& problem, const PairingCertificate& certificate)
        : problem_(problem), certificate_(certificate) {}

    /// Every group is allowed and costs what is claimed, and every lot is in one.
    void require_valid() {
        for (const PairingSeries& one : problem_.series) {
            left_.push_back(one.contracts * one.lots);
        }
        stock_left_ = problem_.stock_lots;
        ProofNumber cost = 0;
        for (std::size_t g = 0; g < certificate_.groups.size(); ++g) {
            const CertifiedGroup& group = certificate_.groups[g];
            where_ = "groups[" + std::to_string(g) + "]";
            take(group);
            const ProofNumber requirement = requirement_of(group);
            require_amount(requirement, group.requirement, "must ask for what the rule does");
            cost += requirement;
            for (std::size_t k = 0; k < group.series.size() && group.form != CertifiedForm::alone; ++k) {
                const PairingSeries& one = problem_.series[group.series[k]];
                cost += one.is_short ? 0 : ProofNumber{group.lots[k]} * one.loan_value;
            }
        }
        where_ = "groups";
        require_that(std::ranges::all_of(left_, [](std::int64_t lots) { return lots == 0; }),
                     "must have every option that is held in one group");
        where_ = "cost";
        require_amount(cost, certificate_.cost, "must be what the groups cost");
        where_ = "lower_bound";
        require_that(certificate_.lower_bound <= certificate_.cost, "must not be above the cost");
    }

    /// What is being checked, in the certificate.
    [[nodiscard]] const std::string& where() const { return where_; }

private:
    static void require_amount(ProofNumber is, MicroDollars claimed, const std::string& what) {
        constexpr ProofNumber largest = std::int64_t{1} << 62;
        if (is != claimed) {
            throw DoesNotHold{
                what + ", " +
                (is > largest || is < -largest ? "beyond 62 bits" : std::to_string(static_cast<std::int64_t>(is))) +
                ", got " + std::to_string(claimed)};
        }
    }

    /// Takes the options and the stock of a group from what is left.
    void take(const CertifiedGroup& group) {
        require_that(!group.series.empty() && group.series.size() == group.lots.size(),
                     "must have lots of each series");
        for (std::size_t k = 0; k < group.series.size(); ++k) {
            const std::uint32_t i = group.series[k];
            require_that(i < problem_.series.size(), "must have series that are held");
            const PairingSeries& one = problem_.series[i];
            const bool is_of_side = one.is_short ? group.lots[k] < 0 && group.lots[k] >= -left_[i]
                                                 : group.lots[k] > 0 && group.lots[k] <= left_[i];
            require_that(is_of_side, "must have of each series what is held and in no other group");
            left_[i] -= one.is_short ? -group.lots[k] : group.lots[k];
            const bool may_split = group.form == CertifiedForm::straddle || group.form == CertifiedForm::alone;
            require_that(may_split || group.lots[k] % one.lots == 0, "must have whole contracts");
        }
    }

    [[nodiscard]] ProofNumber requirement_of(const CertifiedGroup& group) {
        switch (group.form) {
        case CertifiedForm::alone: {
            require_that(group.series.size() == 1, "must have one series");
            const PairingSeries& one = problem_.series[group.series[0]];
            return one.is_short ? -ProofNumber{group.lots[0]} * one.naked : 0;
        }
        case CertifiedForm::straddle:
            return straddle(group);
        case CertifiedForm::spread:
            return spread(group);
        case CertifiedForm::combination:
            return combination(group);
        }
        throw DoesNotHold{"must have a form that is known"};
    }

    /// The greater requirement and the other's premium; the larger sum where both are asked for as much.
    [[nodiscard]] ProofNumber straddle(const CertifiedGroup& group) const {
        require_that(group.series.size() == 2 && group.lots[0] == group.lots[1], "must have two shorts of equal lots");
        const PairingSeries& one = problem_.series[group.series[0]];
        const PairingSeries& other = problem_.series[group.series[1]];
        require_that(one.is_short && other.is_short && one.right != other.right && one.style_class == other.style_class,
                     "must be a short call and a short put of one style");
        const MicroDollars premium = one.naked > other.naked   ? other.premium
                                     : one.naked < other.naked ? one.premium
                                                               : (std::max)(one.premium, other.premium);
        return -ProofNumber{group.lots[0]} * ((std::max)(one.naked, other.naked) + premium);
    }

    /// The greatest loss at a strike, of any balanced set or of one that has a name.
    [[nodiscard]] ProofNumber spread(const CertifiedGroup& group) const {
        if (!problem_.has_any_leg_spreads) {
            require_that(combination_of(group).is_spread, "must be a spread that the rulebook has");
        }
        ProofNumber balance[2] = {0, 0};
        ProofNumber greatest = 0;
        bool has_short = false;
        for (std::size_t k = 0; k < group.series.size(); ++k) {
            const PairingSeries& at = problem_.series[group.series[k]];
            balance[ProofVariables::side(at.right)] += group.lots[k];
            has_short = has_short || at.is_short;
            ProofNumber loss = 0;
            for (std::size_t other = 0; other < group.series.size(); ++other) {
                const PairingSeries& one = problem_.series[group.series[other]];
                require_that(one.style_class == at.style_class, "must have options of one style");
                require_that(!at.is_short || one.is_short || at.expiry <= one.expiry,
                             "must have no short that expires after a long");
                loss -= ProofNumber{group.lots[other]} * ProofVariables::intrinsic(one, at.strike);
            }
            greatest = (std::max)(greatest, loss);
        }
        for (const ProofNumber lots : balance) {
            require_that(lots == 0 || (problem_.longs_may_exceed && lots > 0),
                         "must have as many lots long as short of each right");
        }
        require_that(has_short, "must have a short");
        return greatest;
    }

    /// The combination that a group says it is, whose legs it has.
    [[nodiscard]] const Combination& combination_of(const CertifiedGroup& group) const {
        require_that(group.combination < problem_.combinations.size() && group.times > 0,
                     "must be a combination that a rule has");
        const Combination& of = problem_.combinations[group.combination];
        require_that(of.leg_count == group.series.size(), "must have the legs of its combination");
        for (std::size_t k = 0; k < of.leg_count; ++k) {
            const PairingSeries& one = problem_.series[group.series[k]];
            const ProofNumber lots = proof_product(group.times, of.legs[k].contracts * one.lots);
            require_that(static_cast<std::uint32_t>(of.legs[k].series) == group.series[k] &&
                             group.lots[k] == (one.is_short ? -lots : lots),
                         "must have the legs of its combination");
        }
        return of;
    }

    /// What the rule of a combination asks for, with its stock.
    [[nodiscard]] ProofNumber combination(const CertifiedGroup& group) {
        const Combination& of = combination_of(group);
        if (of.stock_lots > 0) {
            const ProofNumber stock = proof_product(group.times, of.stock_lots);
            require_that(stock <= stock_left_[of.stock], "must have stock that is held and in no other group");
            stock_left_[of.stock] -= static_cast<std::int64_t>(stock);
        }
        return proof_product(group.times, of.cost);
    }

    const PairingProblem& problem_;
    const PairingCertificate& certificate_;
    std::string where_{};
    std::vector<std::int64_t> left_{}, stock_left_{}; ///< Lots in no group yet.
};

} // namespace margincore::detail
