// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <margincore/optimization/branching.hpp>
#include <margincore/optimization/cut_finder.hpp>
#include <margincore/optimization/dual_simplex.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/lagrangian_bound.hpp>
#include <margincore/optimization/search_result.hpp>

namespace margincore {

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

    /// What was found last.
    [[nodiscard]] const SearchResult& result() const { return result_; }

private:
    static constexpr std::size_t none = Branching::none;
    static constexpr int cut_rounds = 20;

    struct Node {
        std::size_t parent = none;
        BranchedBounds bounds{};
        std::int64_t lower_bound = 0;
        std::size_t multipliers = 0; ///< Place of those that prove the bound, where leaves are kept.
    };

    void begin(std::span<const std::int64_t> start) {
        const std::size_t n = program_->variable_count();
        result_.x.assign(start.begin(), start.end());
        result_.value = program_->cost(start);
        result_.lower_bound = result_.value;
        result_.nodes = 0;
        result_.leaves.clear();
        result_.cuts.clear();
        keeps_leaves_ = options_.leaf_limit > 0;
        step_ = program_->cost_step();
        nodes_.clear();
        open_.clear();
        kept_multipliers_.clear();
        nodes_.push_back({.lower_bound = (std::numeric_limits<std::int64_t>::min)()});
        box_.lower.resize(n);
        box_.upper.resize(n);
        branching_.reset(n);
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
        for (int round = 0;
             node == 0 && round < cut_rounds && status == DualSimplex::Status::optimal && bound < result_.value &&
             cuts_.add(*program_, simplex_, keeps_leaves_ ? &result_.cuts : nullptr);
             ++round) {
            hold_bound(node, bound);
            status = simplex_.solve(std::numeric_limits<double>::infinity(), most_pivots_);
            bound = prove(node, status, cutoff);
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

    /// Keeps what the multipliers of now prove of a node, so that it is known whatever comes later.
    void hold_bound(std::size_t node, std::int64_t bound) {
        nodes_[node].lower_bound = bound;
        if (keeps_leaves_) {
            nodes_[node].multipliers = kept_multipliers_.size();
            kept_multipliers_.push_back(multipliers_);
        }
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

    // --- branching ---------------------------------------------------------------------------------------------------

    std::size_t branch(std::size_t node, bool solved) {
        Branching::Choice choice;
        if (solved) {
            choice = branching_.fractional(*program_, simplex_, box_, result_.value, step_);
        }
        if (choice.variable == none) { // nothing to go by: any variable that is not settled
            choice = Branching::unsettled(*program_, simplex_, box_);
        }
        if (choice.variable == none) {
            settle_point();
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

    /// Settles a box of one point: it is the best, or it costs no less, or it breaks a row, whose multiplier proves it.
    void settle_point() {
        multipliers_.clear();
        const std::int64_t value = program_->cost(box_.lower);
        if (value >= result_.value) {
            return;
        }
        const auto broken = program_->broken_row(box_.lower);
        if (!broken) {
            result_.x = box_.lower;
            result_.value = value;
            return;
        }
        const double needed = std::ceil(static_cast<double>(result_.value - value)) + 1;
        const bool is_above = broken->is_above;
        multipliers_.push_back(
            {static_cast<std::uint32_t>(broken->row), multiplier_value(is_above ? needed : -needed, !is_above)});
    }

    /// Learns what the move of the last branch has cost.
    void learn(std::size_t node) {
        if (std::exchange(plunged_, false) && nodes_[node].parent != none) {
            const std::uint32_t j = nodes_[node].bounds.variable;
            const int side = simplex_.x(j) < last_x_ ? 0 : 1;
            const double fraction = last_x_ - std::floor(last_x_);
            branching_.learn(j, side, simplex_.value() - last_value_, side == 0 ? fraction : 1 - fraction);
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
    CutFinder cuts_{};
    Branching branching_{};
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
};

} // namespace margincore
