// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <margincore/optimization/dual_simplex.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/lagrangian_bound.hpp>
#include <margincore/optimization/rounding_cut.hpp>

namespace margincore {

/// One bound that a branch moved.
struct BranchedBounds {
    std::uint32_t variable = 0;
    std::int64_t lower = 0;
    std::int64_t upper = 0;

    friend bool operator==(const BranchedBounds&, const BranchedBounds&) = default;
};

/// A part of the box of a program, and the multipliers that prove that nothing in it is better.
struct SearchLeaf {
    std::vector<BranchedBounds> bounds{};
    std::vector<Multiplier> multipliers{};
};

struct SearchOptions {
    std::size_t node_limit = 1'000'000; ///< Relaxations solved before the search gives up and states a gap.
    std::size_t leaf_limit = 0;         ///< Leaves kept as a proof; 0 for none.
};

/// What a search found, and what it proved.
struct SearchResult {
    std::vector<std::int64_t> x{}; ///< The best point. Shape (n_variables).
    std::int64_t value = 0;        ///< Its cost.
    std::int64_t lower_bound = 0;  ///< No point costs less: `value` where the search came to its end.
    std::size_t nodes = 0;
    std::vector<SearchLeaf> leaves{}; ///< Cover the box; empty where more were needed than kept.

    [[nodiscard]] bool is_optimal() const { return lower_bound == value; }
};

/// Solves integer programs by branch and bound: best bound first, plunging. Every prune is proven in integers.
///
/// Keeps its memory from one program to the next.
class BranchAndBound {
public:
    /// @param start  A point that the program allows.
    const SearchResult& solve(IntegerProgram& program, std::span<const std::int64_t> start,
                              const SearchOptions& options = {}) {
        program_ = &program;
        options_ = options;
        begin(start);
        std::size_t next = 0;
        while (next != none) {
            next = process(next);
            if (next == none) {
                next = take_open();
            }
            if (next != none && result_.nodes >= options_.node_limit) {
                state_gap(next);
                break;
            }
        }
        return result_;
    }

private:
    static constexpr std::size_t none = (std::numeric_limits<std::size_t>::max)();
    static constexpr double integrality = 1e-6;
    static constexpr std::size_t strong_pivots = 20;
    static constexpr std::size_t strong_candidates = 8;
    static constexpr std::uint32_t reliable = 4;
    static constexpr int cut_rounds = 20;
    static constexpr std::size_t cuts_a_round = 10;
    static constexpr double least_fraction = 1e-3;
    static constexpr std::int64_t largest_divisor = 1000;
    static constexpr double largest_coefficient = 1e5;

    struct Node {
        std::size_t parent = none;
        BranchedBounds bounds{};
        std::int64_t lower_bound = 0;
        std::size_t multipliers = 0; ///< Place of those of its parent, where leaves are kept.
    };

    /// What a unit of a variable's move has cost the relaxation so far.
    struct PseudoCost {
        double sum[2] = {0.0, 0.0};
        std::uint32_t count[2] = {0, 0};
    };

    void begin(std::span<const std::int64_t> start) {
        const std::size_t n = program_->variable_count();
        result_.x.assign(start.begin(), start.end());
        result_.value = program_->cost(start);
        result_.lower_bound = result_.value;
        result_.nodes = 0;
        result_.leaves.clear();
        keeps_leaves_ = options_.leaf_limit > 0;
        step_ = program_->cost_step();
        nodes_.clear();
        open_.clear();
        kept_multipliers_.clear();
        nodes_.push_back({.lower_bound = (std::numeric_limits<std::int64_t>::min)()});
        box_.lower.resize(n);
        box_.upper.resize(n);
        pseudo_costs_.assign(n, {});
        simplex_.reset(*program_);
        most_pivots_ = 50 * (n + program_->row_count()) + 1000;
    }

    void read_box(std::size_t node) {
        for (std::size_t j = 0; j < program_->variable_count(); ++j) {
            box_.lower[j] = program_->variable(j).lower;
            box_.upper[j] = program_->variable(j).upper;
        }
        for (; nodes_[node].parent != none; node = nodes_[node].parent) { // later branches are within earlier ones
            const BranchedBounds& bounds = nodes_[node].bounds;
            box_.lower[bounds.variable] = (std::max)(box_.lower[bounds.variable], bounds.lower);
            box_.upper[bounds.variable] = (std::min)(box_.upper[bounds.variable], bounds.upper);
        }
    }

    /// Solves the relaxation of a node and prunes or branches it.
    /// @return The child to go on with; none where there is none.
    std::size_t process(std::size_t node) {
        ++result_.nodes;
        read_box(node);
        simplex_.set_box(box_);
        const double cutoff = static_cast<double>(result_.value - step_) + 0.5;
        DualSimplex::Status status = simplex_.solve(cutoff, most_pivots_);
        std::int64_t bound = prove(node, status, cutoff);
        if (bound < result_.value && status == DualSimplex::Status::above_cutoff) {
            status = simplex_.solve(std::numeric_limits<double>::infinity(), most_pivots_);
            bound = prove(node, status, cutoff);
        }
        for (int round = 0; node == 0 && round < cut_rounds && status == DualSimplex::Status::optimal &&
                            bound < result_.value && add_cuts();
             ++round) {
            status = simplex_.solve(std::numeric_limits<double>::infinity(), most_pivots_);
            bound = (std::max)(bound, prove(node, status, cutoff));
        }
        learn(node);
        if (status == DualSimplex::Status::optimal) {
            try_point();
        }
        if (bound >= result_.value) {
            keep_leaf(node);
            return none;
        }
        nodes_[node].lower_bound = bound;
        return branch(node, status == DualSimplex::Status::optimal);
    }

    /// The greater of what is known of a node and what its multipliers prove now.
    std::int64_t prove(std::size_t node, DualSimplex::Status status, double cutoff) {
        if (status == DualSimplex::Status::infeasible) {
            simplex_.read_ray(multipliers_, simplex_.ray_length(cutoff));
        } else {
            simplex_.read_multipliers(multipliers_);
        }
        const std::int64_t bound = lagrangian_bound(*program_, multipliers_, box_, step_, reduced_);
        if (bound < nodes_[node].lower_bound && keeps_leaves_) { // its parent's prove more
            multipliers_ = kept_multipliers_[nodes_[node].multipliers];
        }
        return (std::max)(bound, nodes_[node].lower_bound);
    }

    /// Takes the point of the relaxation, rounded, where the program allows it and it is better.
    void try_point() {
        const std::size_t n = program_->variable_count();
        point_.resize(n);
        for (std::size_t j = 0; j < n; ++j) {
            point_[j] = std::llround(simplex_.x(j));
        }
        const std::int64_t value = program_->cost(point_);
        if (value < result_.value && program_->allows(point_)) {
            result_.x = point_;
            result_.value = value;
        }
    }

    void keep_leaf(std::size_t node) {
        if (!keeps_leaves_) {
            return;
        }
        if (result_.leaves.size() >= options_.leaf_limit) {
            result_.leaves.clear();
            keeps_leaves_ = false;
            return;
        }
        SearchLeaf& leaf = result_.leaves.emplace_back();
        leaf.multipliers = multipliers_;
        for (std::size_t at = node; nodes_[at].parent != none; at = nodes_[at].parent) {
            leaf.bounds.push_back(nodes_[at].bounds);
        }
    }

    // --- cuts --------------------------------------------------------------------------------------------------------

    /// Cuts off the point of the relaxation where rounding can.
    [[nodiscard]] bool add_cuts() {
        const std::size_t n = program_->variable_count();
        std::size_t added = 0;
        for (std::size_t j = 0; j < n && added < cuts_a_round; ++j) {
            if (!simplex_.is_basic(j)) {
                continue;
            }
            const double x = simplex_.x(j);
            const double fraction = x - std::floor(x);
            if (fraction < least_fraction || fraction > 1 - least_fraction) {
                continue;
            }
            if (!derive(j)) {
                continue;
            }
            const std::optional<Cut> cut = rounding_cut(*program_, derivation_);
            if (!cut) {
                continue;
            }
            double excess = -static_cast<double>(cut->limit);
            double norm = 0.0;
            for (std::size_t k = 0; k < n; ++k) {
                excess += static_cast<double>(cut->coefficients[k]) * simplex_.x(k);
                norm = (std::max)(norm, std::abs(static_cast<double>(cut->coefficients[k])));
            }
            if (norm > largest_coefficient || excess < 1e-5 * norm) {
                continue;
            }
            program_->add_row(cut->limit, false, program_->new_family());
            for (std::size_t k = 0; k < n; ++k) {
                program_->set(k, cut->coefficients[k]);
            }
            ++added;
        }
        if (added > 0) {
            simplex_.read_added_rows();
        }
        return added > 0;
    }

    /// The tableau row of a variable in integers, if a divisor makes it so.
    [[nodiscard]] bool derive(std::size_t variable) {
        factors_.clear();
        derivation_.parts.clear();
        derivation_.from_upper.clear();
        simplex_.for_each_part(variable, [&](std::size_t row, double factor) {
            if (std::abs(factor) > 1e-9) {
                derivation_.parts.push_back({static_cast<std::uint32_t>(row), 0});
                factors_.push_back(factor);
            }
        });
        for (std::int64_t divisor = 2; divisor <= largest_divisor; ++divisor) {
            bool fits = true;
            for (std::size_t k = 0; k < factors_.size() && fits; ++k) {
                const double scaled = factors_[k] * static_cast<double>(divisor);
                derivation_.parts[k].multiplier = std::llround(scaled);
                fits = std::abs(scaled - std::round(scaled)) < 1e-6;
            }
            if (fits) {
                derivation_.divisor = divisor;
                for (std::size_t j = 0; j < program_->variable_count(); ++j) {
                    const IntegerProgram::Variable& bounds = program_->variable(j);
                    if (2 * simplex_.x(j) > static_cast<double>(bounds.lower + bounds.upper)) {
                        derivation_.from_upper.push_back(static_cast<std::uint32_t>(j));
                    }
                }
                return true;
            }
        }
        return false;
    }

    // --- branching ---------------------------------------------------------------------------------------------------

    struct Choice {
        std::size_t variable = none;
        std::int64_t down = 0; ///< The upper bound of the lower child; the lower bound of the other is one more.
        double score = -1.0;
        bool down_first = true;
    };

    std::size_t branch(std::size_t node, bool solved) {
        Choice choice;
        if (solved) {
            choice = fractional_choice();
        }
        if (choice.variable == none) { // nothing to go by: any variable that is not settled
            choice = unsettled_choice();
        }
        if (choice.variable == none) { // one point: what it is worth is known, or it is not allowed
            keep_leaf(node);
            return none;
        }
        const std::size_t j = choice.variable;
        const auto variable = static_cast<std::uint32_t>(j);
        const std::size_t kept = kept_multipliers_.size();
        if (keeps_leaves_) {
            kept_multipliers_.push_back(multipliers_);
        }
        last_value_ = simplex_.value();
        last_x_ = simplex_.x(j);
        Node lower{node, {variable, box_.lower[j], choice.down}, nodes_[node].lower_bound, kept};
        Node upper{node, {variable, choice.down + 1, box_.upper[j]}, nodes_[node].lower_bound, kept};
        if (!choice.down_first) {
            std::swap(lower, upper);
        }
        nodes_.push_back(upper);
        push_open(nodes_.size() - 1);
        nodes_.push_back(lower);
        plunged_ = true;
        return nodes_.size() - 1;
    }

    [[nodiscard]] Choice fractional_choice() {
        candidates_.clear();
        for (std::size_t j = 0; j < program_->variable_count(); ++j) {
            if (!program_->variable(j).branches || !simplex_.is_basic(j)) {
                continue;
            }
            const double x = simplex_.x(j);
            const double fraction = x - std::floor(x);
            if (fraction < integrality || fraction > 1 - integrality) {
                continue;
            }
            const double floor = std::floor(x);
            double down = simplex_.penalty(j, floor, true);
            double up = simplex_.penalty(j, floor + 1, false);
            const PseudoCost& known = pseudo_costs_[j];
            if (known.count[0] > 0) {
                down = (std::max)(down, fraction * known.sum[0] / known.count[0]);
            }
            if (known.count[1] > 0) {
                up = (std::max)(up, (1 - fraction) * known.sum[1] / known.count[1]);
            }
            Choice choice{j, static_cast<std::int64_t>(floor), score(down, up), down <= up};
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
                look_ahead(candidates_[k]);
            }
        }
        return *std::ranges::max_element(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(tried),
                                         {}, &Choice::score);
    }

    /// Both children of a candidate, some pivots far.
    void look_ahead(Choice& choice) {
        const std::size_t j = choice.variable;
        const double value = simplex_.value();
        const double x = simplex_.x(j);
        const double cutoff = static_cast<double>(result_.value);
        saved_ = simplex_.state();
        double gain[2];
        for (int side = 0; side < 2; ++side) {
            const double lower = side == 0 ? static_cast<double>(box_.lower[j]) : static_cast<double>(choice.down + 1);
            const double upper = side == 0 ? static_cast<double>(choice.down) : static_cast<double>(box_.upper[j]);
            simplex_.set_bounds(j, lower, upper);
            const DualSimplex::Status status = simplex_.solve(cutoff, strong_pivots);
            gain[side] = status == DualSimplex::Status::infeasible ? cutoff - value : simplex_.value() - value;
            gain[side] = (std::max)(gain[side], 0.0);
            PseudoCost& known = pseudo_costs_[j];
            known.sum[side] += gain[side] / (side == 0 ? x - std::floor(x) : std::ceil(x) - x);
            ++known.count[side];
            simplex_.go_back_to(saved_);
        }
        choice.score = score(gain[0], gain[1]);
        choice.down_first = gain[0] <= gain[1];
    }

    [[nodiscard]] double score(double down, double up) const {
        const double least = 1e-6 * static_cast<double>(step_);
        const double most = 2 * (static_cast<double>(result_.value) - simplex_.value()) + 1;
        return std::clamp(down, least, most) * std::clamp(up, least, most);
    }

    [[nodiscard]] Choice unsettled_choice() const {
        Choice choice;
        std::int64_t widest = 0;
        for (std::size_t j = 0; j < program_->variable_count(); ++j) {
            const std::int64_t range = box_.upper[j] - box_.lower[j];
            if (range > widest) {
                widest = range;
                const auto x = static_cast<std::int64_t>(std::floor(simplex_.x(j)));
                choice = {j, std::clamp(x, box_.lower[j], box_.upper[j] - 1), 0.0, true};
            }
        }
        return choice;
    }

    /// Learns what the move of the last branch has cost.
    void learn(std::size_t node) {
        if (!std::exchange(plunged_, false) || nodes_[node].parent == none) {
            return;
        }
        const std::uint32_t j = nodes_[node].bounds.variable;
        const int side = simplex_.x(j) < last_x_ ? 0 : 1;
        const double fraction = last_x_ - std::floor(last_x_);
        const double by = side == 0 ? fraction : 1 - fraction;
        if (by > integrality) {
            pseudo_costs_[j].sum[side] += (std::max)(0.0, simplex_.value() - last_value_) / by;
            ++pseudo_costs_[j].count[side];
        }
    }

    // --- nodes that wait ---------------------------------------------------------------------------------------------

    [[nodiscard]] auto by_bound() const {
        return [this](std::size_t a, std::size_t b) { return nodes_[a].lower_bound > nodes_[b].lower_bound; };
    }
    void push_open(std::size_t node) {
        open_.push_back(node);
        std::ranges::push_heap(open_, by_bound());
    }
    [[nodiscard]] std::size_t take_open() {
        while (!open_.empty()) {
            std::ranges::pop_heap(open_, by_bound());
            const std::size_t node = open_.back();
            open_.pop_back();
            if (nodes_[node].lower_bound < result_.value) {
                return node;
            }
            if (keeps_leaves_) { // proven by its parent, since a better point was found
                multipliers_ = kept_multipliers_[nodes_[node].multipliers];
                keep_leaf(node);
            }
        }
        result_.lower_bound = result_.value;
        return none;
    }
    void state_gap(std::size_t next) {
        result_.lower_bound = (std::min)(result_.value, nodes_[next].lower_bound);
        for (const std::size_t node : open_) {
            result_.lower_bound = (std::min)(result_.lower_bound, nodes_[node].lower_bound);
        }
        result_.leaves.clear();
    }

    IntegerProgram* program_ = nullptr;
    SearchOptions options_{};
    SearchResult result_{};
    DualSimplex simplex_{};
    DualSimplex::State saved_{};
    std::int64_t step_ = 1;
    std::size_t most_pivots_ = 0;
    bool keeps_leaves_ = false;
    bool plunged_ = false;
    double last_value_ = 0.0;
    double last_x_ = 0.0;
    Box box_{};
    std::vector<Node> nodes_{};
    std::vector<std::size_t> open_{};
    std::vector<std::vector<Multiplier>> kept_multipliers_{};
    std::vector<Multiplier> multipliers_{};
    std::vector<WideInteger> reduced_{};
    std::vector<std::int64_t> point_{};
    std::vector<PseudoCost> pseudo_costs_{};
    std::vector<Choice> candidates_{};
    CutDerivation derivation_{};
    std::vector<double> factors_{};
};

} // namespace margincore
