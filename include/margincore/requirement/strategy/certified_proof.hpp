// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/proof_number.hpp>
#include <margincore/requirement/strategy/proof_rows.hpp>
#include <margincore/requirement/strategy/proof_variables.hpp>

namespace margincore::detail {

/// Checks the proof of a certificate, and throws `DoesNotHold` where it is none.
class CertifiedProof {
public:
    CertifiedProof(const PairingProblem& problem, const PairingCertificate& certificate)
        : problem_(problem), certificate_(certificate) {}

    /// No pairing costs less.
    void require_valid() {
        where_ = "lower_bound";
        require_that(certificate_.lower_bound == certificate_.cost, "must be the cost where there is a proof");
        const ProofVariables all(problem_);
        std::vector<std::size_t> variables;
        for (const ProofVariable& named : certificate_.proof.variables) {
            where_ = "proof.variables[" + std::to_string(variables.size()) + "]";
            const std::optional<std::size_t> number = all.find(named);
            require_that(number.has_value(), "must be a variable of the problem");
            variables.push_back(*number);
        }
        ProofRows rows(all, variables);
        for (const ProofRow& named : certificate_.proof.rows) {
            where_ = "proof.rows[" + std::to_string(rows.rows().size()) + "]";
            require_that(rows.add(named), "must be a row of the problem");
        }
        walk(all, rows.rows(), variables);
    }

    /// What is being checked, in the certificate.
    [[nodiscard]] const std::string& where() const { return where_; }

private:
    struct Branch {
        std::size_t variable = 0;
        std::int64_t most = 0; ///< In the first case.
        std::int64_t lower = 0, upper = 0;
        bool is_first = true;
    };

    /// Goes through the cases, none of which may be missing, and proves every leaf.
    void walk(const ProofVariables& all, std::span<const ProofRows::Row> rows, std::span<const std::size_t> variables) {
        MicroDollars naked = 0;
        for (const PairingSeries& one : problem_.series) {
            naked += one.is_short ? one.contracts * one.lots * one.naked : 0;
        }
        std::vector<std::int64_t> lower, upper;
        std::int64_t step = 0; // of which every cost is a multiple
        for (const ProofVariables::Entry& entry : all.all()) {
            lower.push_back(entry.lower);
            upper.push_back(entry.upper);
            step = std::gcd(step, entry.cost);
        }
        std::vector<Branch> branches;
        bool is_open = true;
        for (std::size_t n = 0; n < certificate_.proof.nodes.size(); ++n) {
            const ProofNode& node = certificate_.proof.nodes[n];
            where_ = "proof.nodes[" + std::to_string(n) + "]";
            require_that(is_open, "must belong to a case");
            if (!node.is_leaf) {
                require_that(node.variable < variables.size(), "must branch on a variable that is named");
                const std::size_t j = variables[node.variable];
                require_that(lower[j] <= node.most && node.most < upper[j],
                             "must branch between the variable's bounds");
                branches.push_back({j, node.most, lower[j], upper[j]});
                upper[j] = node.most;
                continue;
            }
            const ProofNumber bound = leaf_bound(all, rows, lower, upper, node);
            const ProofNumber unit = ProofNumber{step == 0 ? 1 : step} << proof_multiplier_bits;
            require_that(proof_product(-proof_floor(-bound, unit), step == 0 ? 1 : step) >=
                             ProofNumber{certificate_.cost} - naked,
                         "must prove that nothing in it costs less than claimed");
            is_open = next_case(branches, lower, upper);
        }
        where_ = "proof.nodes";
        require_that(!is_open, "must have every case, and end with a leaf");
    }

    /// Goes on to the case that comes after a leaf; false where there is none.
    [[nodiscard]] static bool next_case(std::vector<Branch>& branches, std::vector<std::int64_t>& lower,
                                        std::vector<std::int64_t>& upper) {
        while (!branches.empty()) {
            Branch& last = branches.back();
            upper[last.variable] = last.upper;
            if (last.is_first) {
                last.is_first = false;
                lower[last.variable] = last.most + 1;
                return true;
            }
            lower[last.variable] = last.lower;
            branches.pop_back();
        }
        return false;
    }

    /// The least of the Lagrangian over a box: no point in it that keeps the rows costs less. In parts of a multiplier.
    [[nodiscard]] ProofNumber leaf_bound(const ProofVariables& all, std::span<const ProofRows::Row> rows,
                                         std::span<const std::int64_t> lower, std::span<const std::int64_t> upper,
                                         const ProofNode& leaf) {
        reduced_.clear();
        for (const ProofVariables::Entry& entry : all.all()) {
            reduced_.push_back(ProofNumber{entry.cost} * (ProofNumber{1} << proof_multiplier_bits));
        }
        ProofNumber bound = 0;
        for (const ProofNode::Multiplier& multiplier : leaf.multipliers) {
            require_that(multiplier.row < rows.size(), "must have multipliers of rows that are named");
            const ProofRows::Row& row = rows[multiplier.row];
            require_that(row.is_equality || multiplier.value >= 0, "must have no negative multiplier of an inequality");
            for (const auto& [j, coefficient] : row.coefficients) {
                reduced_[j] = proof_sum(reduced_[j], proof_product(coefficient, multiplier.value));
            }
            bound = proof_sum(bound, -proof_product(row.limit, multiplier.value));
        }
        for (std::size_t j = 0; j < reduced_.size(); ++j) {
            bound = proof_sum(bound, proof_product(reduced_[j], reduced_[j] > 0 ? lower[j] : upper[j]));
        }
        return bound;
    }

    const PairingProblem& problem_;
    const PairingCertificate& certificate_;
    std::string where_{};
    std::vector<ProofNumber> reduced_{};
};

} // namespace margincore::detail
