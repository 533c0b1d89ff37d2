// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include <margincore/optimization/dual_simplex.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/lagrangian_bound.hpp>

namespace margincore {

/// Chooses the variable that a search branches on: by looking some pivots ahead at first, then by what its moves have
/// cost (pseudo-costs). The most fractional one would be among the worst.
///
/// @source Achterberg, Koch and Martin, Branching rules revisited (2005): reliability branching.
class Branching {
public:
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    static constexpr double integrality = 1e-6;

    struct Choice {
        std::size_t variable = none;
        std::int64_t down = 0; ///< The upper bound of the lower child; the lower bound of the other is one more.
        double score = -1.0;
        bool down_first = true;
    };

    void reset(std::size_t variables) { pseudo_costs_.assign(variables, {}); }

    /// The best fractional variable of a solved relaxation; none where all that branch are whole.
    /// @param best  Cost of the best point that is known.
    /// @param step  Of which every cost is a multiple.
    [[nodiscard]] Choice fractional(const IntegerProgram& program, DualSimplex& simplex, const Box& box,
                                    std::int64_t best, std::int64_t step) {
        candidates_.clear();
        for (std::size_t j = 0; j < program.variable_count(); ++j) {
            if (!program.variable(j).branches || !simplex.is_basic(j)) {
                continue;
            }
            const double x = simplex.x(j);
            const double fraction = x - std::floor(x);
            if (fraction < integrality || fraction > 1 - integrality) {
                continue;
            }
            const double floor = std::floor(x);
            double down = simplex.penalty(j, floor, true);
            double up = simplex.penalty(j, floor + 1, false);
            const PseudoCost& known = pseudo_costs_[j];
            if (known.count[0] > 0) {
                down = (std::max)(down, fraction * known.sum[0] / known.count[0]);
            }
            if (known.count[1] > 0) {
                up = (std::max)(up, (1 - fraction) * known.sum[1] / known.count[1]);
            }
            Choice choice{j, static_cast<std::int64_t>(floor), score(down, up, simplex, best, step), down <= up};
            candidates_.push_back(choice);
        }
        if (candidates_.empty()) {
            return {};
        }
        std::ranges::sort(candidates_, std::greater<>(), &Choice::score);
        const std::size_t tried = (std::min)(candidates_.size(), strong_candidates);
        for (std::size_t k = 0; k < tried && candidates_.size() > 1; ++k) {
            const PseudoCost& known = pseudo_costs_[candidates_[k].variable];
            if (known.count[0] < reliable || known.count[1] < reliable) {
                look_ahead(candidates_[k], simplex, box, best, step);
            }
        }
        return *std::ranges::max_element(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(tried),
                                         {}, &Choice::score);
    }

    /// Any variable that is not settled, the widest first, where there is nothing else to go by.
    [[nodiscard]] static Choice unsettled(const IntegerProgram& program, const DualSimplex& simplex, const Box& box) {
        Choice choice;
        std::int64_t widest = 0;
        for (std::size_t j = 0; j < program.variable_count(); ++j) {
            const std::int64_t range = box.upper[j] - box.lower[j];
            if (range > widest) {
                widest = range;
                const auto x = static_cast<std::int64_t>(std::floor(simplex.x(j)));
                choice = {j, std::clamp(x, box.lower[j], box.upper[j] - 1), 0.0, true};
            }
        }
        return choice;
    }

    /// Learns what a move of a variable by so much has cost.
    void learn(std::size_t variable, int side, double cost, double by) {
        if (by > integrality) {
            pseudo_costs_[variable].sum[side] += (std::max)(0.0, cost) / by;
            ++pseudo_costs_[variable].count[side];
        }
    }

private:
    static constexpr std::size_t strong_pivots = 20;
    static constexpr std::size_t strong_candidates = 8;
    static constexpr std::uint32_t reliable = 4;

    /// What a unit of a variable's move has cost the relaxation so far.
    struct PseudoCost {
        double sum[2] = {0.0, 0.0};
        std::uint32_t count[2] = {0, 0};
    };

    /// Both children of a candidate, some pivots far.
    void look_ahead(Choice& choice, DualSimplex& simplex, const Box& box, std::int64_t best, std::int64_t step) {
        const std::size_t j = choice.variable;
        const double value = simplex.value();
        const double x = simplex.x(j);
        const double cutoff = static_cast<double>(best);
        saved_ = simplex.state();
        double gain[2];
        for (int side = 0; side < 2; ++side) {
            const double lower = side == 0 ? static_cast<double>(box.lower[j]) : static_cast<double>(choice.down + 1);
            const double upper = side == 0 ? static_cast<double>(choice.down) : static_cast<double>(box.upper[j]);
            simplex.set_bounds(j, lower, upper);
            const DualSimplex::Status status = simplex.solve(cutoff, strong_pivots);
            gain[side] = status == DualSimplex::Status::infeasible ? cutoff - value : simplex.value() - value;
            gain[side] = (std::max)(gain[side], 0.0);
            PseudoCost& known = pseudo_costs_[j];
            known.sum[side] += gain[side] / (side == 0 ? x - std::floor(x) : std::ceil(x) - x);
            ++known.count[side];
            simplex.go_back_to(saved_);
        }
        choice.score = score(gain[0], gain[1], simplex, best, step);
        choice.down_first = gain[0] <= gain[1];
    }

    [[nodiscard]] static double score(double down, double up, const DualSimplex& simplex, std::int64_t best,
                                      std::int64_t step) {
        const double least = 1e-6 * static_cast<double>(step);
        const double most = 2 * (static_cast<double>(best) - simplex.value()) + 1;
        return std::clamp(down, least, most) * std::clamp(up, least, most);
    }

    std::vector<PseudoCost> pseudo_costs_{};
    std::vector<Choice> candidates_{};
    DualSimplex::State saved_{};
};

} // namespace margincore
