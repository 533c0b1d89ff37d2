// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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
    std::size_t node_limit = 5'000; ///< Relaxations solved before the search gives up and states a gap.
    std::size_t leaf_limit = 0;     ///< Leaves kept as a proof; 0 for none.
};

/// What a search found, and what it proved.
struct SearchResult {
    std::vector<std::int64_t> x{}; ///< The best point. Shape (n_variables).
    std::int64_t value = 0;        ///< Its cost.
    std::int64_t lower_bound = 0;  ///< No point costs less: `value` where the search came to its end.
    std::size_t nodes = 0;
    std::vector<SearchLeaf> leaves{};  ///< Cover the box; empty where more were needed than kept.
    std::vector<CutDerivation> cuts{}; ///< How the rows that the search added follow; where leaves are kept.

    [[nodiscard]] bool is_optimal() const { return lower_bound == value; }
};

} // namespace margincore
