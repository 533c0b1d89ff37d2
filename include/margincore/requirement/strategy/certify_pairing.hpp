// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/rounding_cut.hpp>
#include <margincore/optimization/search_result.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/pairing_program.hpp>

namespace margincore {

namespace detail {

/// Says what a search proved in terms of the problem, the variables and rows that it speaks of only.
class ProofWriter {
public:
    ProofWriter(const PairingProblem& problem, const PairingProgram& program, const SearchResult& search)
        : problem_(problem), program_(program), search_(search) {
        name_variables();
        name_rows();
        variable_places_.assign(variables_.size(), none);
        row_places_.assign(rows_.size() + search.cuts.size(), none);
    }

    [[nodiscard]] PairingProof write() && {
        paths_.reserve(search_.leaves.size());
        for (const SearchLeaf& leaf : search_.leaves) {
            paths_.push_back(&leaf);
        }
        write_cases(0, paths_.size(), 0);
        return std::move(proof_);
    }

private:
    static constexpr std::uint32_t none = (std::numeric_limits<std::uint32_t>::max)();
    using VariableKind = ProofVariable::Kind;
    using RowKind = ProofRow::Kind;

    [[nodiscard]] const PairingSeries& series(std::size_t index) const { return problem_.series[index]; }

    // --- what the program's variables and rows are, in its order -----------------------------------------------------

    /// A short whose expiry is the cut date of a group.
    [[nodiscard]] std::uint32_t cut_of(const PairingProgram::Group& group) const {
        const std::int32_t style_class = series(group.uses.front().series).style_class;
        const auto found = std::ranges::find_if(problem_.series, [&](const PairingSeries& one) {
            return one.is_short && one.style_class == style_class && one.expiry == group.cut_date;
        });
        return static_cast<std::uint32_t>(found - problem_.series.begin());
    }

    void name_variables() {
        variables_.resize(program_.program().variable_count());
        for (const PairingProgram::Group& group : program_.groups()) {
            const std::uint32_t cut = cut_of(group);
            for (const PairingProgram::Use& use : group.uses) {
                variables_[use.variable] = {.kind = VariableKind::in_spread, .cut = cut, .index = use.series};
            }
            variables_[group.loss] = {.kind = VariableKind::greatest_loss, .cut = cut};
            for (const Right right : {Right::call, Right::put}) {
                if (const auto carry = group.carries[right == Right::put].variable; carry != no_variable) {
                    variables_[carry] = {.kind = VariableKind::carry, .cut = cut, .right = right};
                }
            }
        }
        for (std::uint32_t c = 0; c < problem_.combinations.size(); ++c) {
            variables_[program_.combination_variable(c)] = {.kind = VariableKind::combination, .index = c};
        }
        for (const std::uint32_t i : program_.straddles().order()) {
            variables_[program_.straddles().premium_only_variable(i)] = {.kind = VariableKind::premium_only,
                                                                         .index = i};
        }
        for (std::uint32_t i = 0; i < problem_.series.size(); ++i) {
            if (const auto alone = program_.alone_variable(i)) {
                variables_[*alone] = {.kind = VariableKind::alone, .index = i};
            }
        }
    }

    void name_rows() {
        for (std::uint32_t i = 0; i < problem_.series.size(); ++i) {
            if (program_.alone_variable(i)) {
                rows_.push_back({.kind = RowKind::holding, .index = i});
            }
        }
        for (std::uint32_t stock = 0; stock < problem_.stock_lots.size(); ++stock) {
            if (program_.has_stock_row(stock)) {
                rows_.push_back({.kind = RowKind::stock, .index = stock});
            }
        }
        for (const PairingProgram::Group& group : program_.groups()) {
            name_rows_of(group);
        }
        const std::span<const std::uint32_t> order = program_.straddles().order();
        for (const std::uint32_t i : order) {
            rows_.push_back({.kind = RowKind::straddle_limit, .index = i});
        }
        std::size_t first = 0;
        for (const std::size_t end : program_.straddles().ends()) {
            for (const Right right : {Right::call, Right::put}) {
                for (const std::uint32_t i : order.subspan(first, end - first)) {
                    rows_.push_back({.kind = RowKind::straddles, .index = i, .right = right});
                }
            }
            first = end;
        }
    }

    void name_rows_of(const PairingProgram::Group& group) {
        const std::uint32_t cut = cut_of(group);
        std::vector<std::pair<MicroDollars, std::uint32_t>> strikes;
        for (const Right right : {Right::call, Right::put}) {
            bool has_right = false;
            for (const PairingProgram::Use& use : group.uses) {
                has_right = has_right || series(use.series).right == right;
            }
            if (has_right) {
                rows_.push_back({.kind = RowKind::balance, .cut = cut, .right = right});
            }
            if (has_right && group.carries[right == Right::put].variable != no_variable) {
                rows_.push_back({.kind = RowKind::small_balance, .cut = cut, .right = right});
            }
        }
        for (const PairingProgram::Use& use : group.uses) {
            strikes.emplace_back(series(use.series).strike, use.series);
        }
        std::ranges::sort(strikes);
        for (std::size_t k = 0; k < strikes.size(); ++k) {
            if (k == 0 || strikes[k].first != strikes[k - 1].first) {
                rows_.push_back({.kind = RowKind::strike, .cut = cut, .index = strikes[k].second});
            }
        }
    }

    // --- the proof ---------------------------------------------------------------------------------------------------

    [[nodiscard]] std::uint32_t variable(std::uint32_t of_program) {
        std::uint32_t& place = variable_places_[of_program];
        if (place == none) {
            place = static_cast<std::uint32_t>(proof_.variables.size());
            proof_.variables.push_back(variables_[of_program]);
        }
        return place;
    }

    /// The place of a row in the proof; what it follows from comes before it.
    [[nodiscard]] std::uint32_t row(std::uint32_t of_program) { // NOLINT(misc-no-recursion): cuts follow from earlier
        if (row_places_[of_program] != none) {
            return row_places_[of_program];
        }
        ProofRow row;
        if (of_program < rows_.size()) {
            row = rows_[of_program];
        } else {
            row = rounded(search_.cuts[of_program - rows_.size()]);
        }
        row_places_[of_program] = static_cast<std::uint32_t>(proof_.rows.size());
        proof_.rows.push_back(std::move(row));
        return row_places_[of_program];
    }

    [[nodiscard]] ProofRow rounded(const CutDerivation& cut) { // NOLINT(misc-no-recursion)
        ProofRow row{.kind = RowKind::rounded, .divisor = cut.divisor};
        for (const CutDerivation::Part& part : cut.parts) {
            if (part.multiplier != 0) {
                row.parts.push_back({this->row(part.row), part.multiplier});
            }
        }
        for (const std::uint32_t j : cut.from_upper) {
            const bool is_in = std::ranges::any_of(cut.parts, [&](const CutDerivation::Part& part) {
                return part.multiplier != 0 && program_.program().coefficients(part.row)[j] != 0;
            });
            if (is_in) {
                row.from_upper.push_back(variable(j));
            }
        }
        return row;
    }

    /// Writes the node that some leaves are under, all of which have their first branches, so many, in common.
    void write_cases(std::size_t first, std::size_t last, std::size_t depth) { // NOLINT(misc-no-recursion): of a search
        if (last - first == 1) {
            ProofNode node;
            for (const Multiplier& multiplier : paths_[first]->multipliers) {
                if (multiplier.value != 0) {
                    node.multipliers.push_back({row(multiplier.row), multiplier.value});
                }
            }
            proof_.nodes.push_back(std::move(node));
            return;
        }
        const auto branch = [depth](const SearchLeaf* leaf) -> const BranchedBounds& {
            return leaf->bounds[leaf->bounds.size() - 1 - depth]; // the last branch comes first
        };
        std::int64_t least = branch(paths_[first]).lower;
        for (std::size_t k = first; k < last; ++k) {
            least = (std::min)(least, branch(paths_[k]).lower);
        }
        const auto begin = paths_.begin() + static_cast<std::ptrdiff_t>(first);
        const auto middle = std::stable_partition(begin, paths_.begin() + static_cast<std::ptrdiff_t>(last),
                                                  [&](const SearchLeaf* leaf) { return branch(leaf).lower == least; });
        const auto split = static_cast<std::size_t>(middle - paths_.begin());
        const BranchedBounds& bounds = branch(paths_[first]);
        proof_.nodes.push_back({.is_leaf = false, .variable = variable(bounds.variable), .most = bounds.upper});
        write_cases(first, split, depth + 1);
        write_cases(split, last, depth + 1);
    }

    const PairingProblem& problem_;
    const PairingProgram& program_;
    const SearchResult& search_;
    std::vector<ProofVariable> variables_{};
    std::vector<ProofRow> rows_{};
    std::vector<std::uint32_t> variable_places_{}, row_places_{};
    std::vector<const SearchLeaf*> paths_{};
    PairingProof proof_{};
};

} // namespace detail

/// The certificate of the least pairing of a problem.
///
/// The pairing is that of `Pairer::pair`: to keep a proof changes nothing of the search. Where the search came to no
/// end, or its leaves are more than the options keep, there is no proof in it.
/// @param options  `leaf_limit` is the number of leaves that a proof has at most.
[[nodiscard]] inline PairingCertificate certify_pairing(Pairer& pairer, const PairingProblem& problem,
                                                        const SearchOptions& options) {
    const Pairing& pairing = pairer.pair(problem, options);
    PairingCertificate certificate{.cost = pairing.cost, .lower_bound = pairing.lower_bound};
    for (const PairedGroup& group : pairing.groups) {
        CertifiedGroup& certified = certificate.groups.emplace_back();
        certified.form = group.form == PairedGroup::Form::alone      ? CertifiedForm::alone
                         : group.form == PairedGroup::Form::straddle ? CertifiedForm::straddle
                         : group.form == PairedGroup::Form::spread   ? CertifiedForm::spread
                                                                     : CertifiedForm::combination;
        for (const PairedGroup::Leg& leg : group.legs) {
            certified.series.push_back(leg.series);
            certified.lots.push_back(leg.lots);
        }
        certified.combination = static_cast<std::uint32_t>(group.combination);
        certified.times = group.times;
        certified.requirement = group.requirement;
    }
    if (options.leaf_limit > 0 && !pairer.search().leaves.empty() && pairing.cost == pairing.lower_bound) {
        certificate.proof = detail::ProofWriter(problem, pairer.program(), pairer.search()).write();
    }
    return certificate;
}

} // namespace margincore
