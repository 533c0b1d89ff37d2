// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <margincore/optimization/branch_and_bound.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/optimization/lagrangian_bound.hpp>
#include <margincore/optimization/rounding_cut.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr std::int64_t nothing = std::numeric_limits<std::int64_t>::max();

/// Every point of the box of a program.
template <class Visit>
void for_each_point(const IntegerProgram& program, Visit&& visit) {
    const std::size_t n = program.variable_count();
    std::vector<std::int64_t> x(n);
    for (std::size_t j = 0; j < n; ++j) {
        x[j] = program.variable(j).lower;
    }
    for (;;) {
        visit(std::span<const std::int64_t>(x));
        std::size_t j = 0;
        for (; j < n && x[j] == program.variable(j).upper; ++j) {
            x[j] = program.variable(j).lower;
        }
        if (j == n) {
            return;
        }
        ++x[j];
    }
}

[[nodiscard]] std::int64_t least_cost(const IntegerProgram& program) {
    std::int64_t least = nothing;
    for_each_point(program, [&](std::span<const std::int64_t> x) {
        if (program.allows(x)) {
            least = std::min(least, program.cost(x));
        }
    });
    return least;
}

/// A program that allows the origin, so that there is a point to start from.
[[nodiscard]] IntegerProgram random_program(std::mt19937_64& random) {
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    IntegerProgram program;
    const std::int64_t n = between(1, 6);
    for (std::int64_t j = 0; j < n; ++j) {
        program.add({.cost = between(-50, 50), .upper = between(0, 4)});
    }
    const std::int64_t rows = between(0, 6);
    for (std::int64_t i = 0; i < rows; ++i) {
        const bool is_equality = between(0, 4) == 0;
        program.add_row(is_equality ? 0 : between(0, 9), is_equality, program.new_family());
        for (std::int64_t j = 0; j < n; ++j) {
            program.set(static_cast<std::size_t>(j), between(0, 2) == 0 ? 0 : between(-6, 6));
        }
    }
    return program;
}

} // namespace

TEST_CASE("branch and bound: finds the least of random programs, as enumeration does", "[optimization][property]") {
    std::mt19937_64 random(20261126);
    BranchAndBound search;
    for (int k = 0; k < 3000; ++k) {
        IntegerProgram program = random_program(random);
        const IntegerProgram before = program; // cuts are added to it
        const std::vector<std::int64_t> origin(program.variable_count(), 0);
        const SearchResult& result = search.solve(program, origin);
        INFO("program " << k);
        REQUIRE(result.value == least_cost(before));
        REQUIRE(result.is_optimal());
        REQUIRE(before.allows(result.x));
        REQUIRE(before.cost(result.x) == result.value);
    }
}

TEST_CASE("branch and bound: every leaf is proven and together they cover the box", "[optimization][property]") {
    std::mt19937_64 random(7);
    BranchAndBound search;
    for (int k = 0; k < 500; ++k) {
        IntegerProgram program = random_program(random);
        const std::vector<std::int64_t> origin(program.variable_count(), 0);
        const SearchResult& result = search.solve(program, origin, {.leaf_limit = 10'000});
        REQUIRE_FALSE(result.leaves.empty());
        std::vector<Box> boxes;
        std::vector<WideInteger> memory;
        for (const SearchLeaf& leaf : result.leaves) {
            Box box;
            for (std::size_t j = 0; j < program.variable_count(); ++j) {
                box.lower.push_back(program.variable(j).lower);
                box.upper.push_back(program.variable(j).upper);
            }
            for (const BranchedBounds& bounds : leaf.bounds) {
                box.lower[bounds.variable] = std::max(box.lower[bounds.variable], bounds.lower);
                box.upper[bounds.variable] = std::min(box.upper[bounds.variable], bounds.upper);
            }
            REQUIRE(lagrangian_bound(program, leaf.multipliers, box, program.cost_step(), memory) >= result.value);
            boxes.push_back(box);
        }
        for_each_point(program, [&](std::span<const std::int64_t> x) {
            const bool covered = std::ranges::any_of(boxes, [&](const Box& box) {
                for (std::size_t j = 0; j < x.size(); ++j) {
                    if (x[j] < box.lower[j] || x[j] > box.upper[j]) {
                        return false;
                    }
                }
                return true;
            });
            REQUIRE(covered);
        });
    }
}

TEST_CASE("branch and bound: where it stops early it says how far it may be from the least", "[optimization]") {
    std::mt19937_64 random(17);
    BranchAndBound search;
    int stopped_early = 0;
    for (int k = 0; k < 3000; ++k) {
        const IntegerProgram program = random_program(random);
        const std::vector<std::int64_t> origin(program.variable_count(), 0);
        IntegerProgram copy = program;
        const SearchResult& result = search.solve(copy, origin, {.node_limit = 1});
        const std::int64_t least = least_cost(program);
        REQUIRE(result.lower_bound <= least);
        REQUIRE(least <= result.value);
        REQUIRE(result.nodes <= 1);
        stopped_early += result.is_optimal() ? 0 : 1;
    }
    CHECK(stopped_early > 0);
}

TEST_CASE("rounding cut: no point of a program is cut off, whatever the multipliers", "[optimization][property]") {
    std::mt19937_64 random(11);
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    RoundingMemory memory;
    std::size_t cuts = 0;
    for (int k = 0; k < 3000; ++k) {
        const IntegerProgram program = random_program(random);
        CutDerivation derivation{.divisor = between(2, 9)};
        for (std::uint32_t i = 0; i < program.row_count(); ++i) {
            derivation.parts.push_back({i, between(-8, 8)});
        }
        for (std::uint32_t j = 0; j < program.variable_count(); ++j) {
            if (between(0, 1) == 1) {
                derivation.from_upper.push_back(j);
            }
        }
        const Cut* const cut = rounding_cut(program, derivation, memory);
        if (cut == nullptr) {
            continue;
        }
        ++cuts;
        for_each_point(program, [&](std::span<const std::int64_t> x) {
            if (program.allows(x)) {
                std::int64_t sum = 0;
                for (std::size_t j = 0; j < x.size(); ++j) {
                    sum += cut->coefficients[j] * x[j];
                }
                REQUIRE(sum <= cut->limit);
            }
        });
    }
    CHECK(cuts > 1000);
}

TEST_CASE("Lagrangian bound: no point of a box costs less, whatever the multipliers", "[optimization][property]") {
    std::mt19937_64 random(13);
    std::vector<WideInteger> memory;
    for (int k = 0; k < 1000; ++k) {
        const IntegerProgram program = random_program(random);
        Box box;
        for (std::size_t j = 0; j < program.variable_count(); ++j) {
            box.lower.push_back(program.variable(j).lower);
            box.upper.push_back(program.variable(j).upper);
        }
        std::vector<Multiplier> multipliers;
        for (std::uint32_t i = 0; i < program.row_count(); ++i) {
            const double dual = std::uniform_real_distribution<double>(-20, 20)(random);
            multipliers.push_back({i, multiplier_value(dual, program.row(i).is_equality)});
            REQUIRE((program.row(i).is_equality || multipliers.back().value >= 0));
        }
        REQUIRE(lagrangian_bound(program, multipliers, box, program.cost_step(), memory) <= least_cost(program));
    }
}
