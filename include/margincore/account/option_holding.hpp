// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include <margincore/core/units.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/stock_hedge.hpp>

namespace margincore {

inline constexpr std::size_t no_position = (std::numeric_limits<std::size_t>::max)();

/// What a combination of a problem is, for its lines.
struct CombinationTerms {
    StockHedgeTerms terms{}; ///< Per unit of stock; of a box, of one unit of each leg.
    Quantity units = 0.0;    ///< Of one time.
};

/// Stock that options may be held with.
struct HeldStock {
    std::size_t position = no_position; ///< In the account.
    Quantity lot = 0.0;                 ///< Units of a stock lot of the problem.
};

/// The options that an account holds on one underlying, as a problem, and what its parts are.
struct OptionHolding {
    PairingProblem problem{};
    std::vector<std::size_t> positions{};         ///< Of each series, in the account.
    std::vector<CombinationTerms> combinations{}; ///< Of each of the problem, but for the spreads, which come last.
    std::vector<HeldStock> stocks{};              ///< Each of the problem; the first is what the options are on.
    Quantity lot = 0.0;                           ///< Units of a lot.
    bool has_all_spreads = true; ///< Of those that the rulebook allows; there may be too many named ones.

    /// The rule that margins a combination of the problem.
    [[nodiscard]] std::string_view rule_of(std::size_t combination) const {
        return problem.combinations[combination].is_spread ? "strategy.spread" : combinations[combination].terms.rule;
    }

    /// Position of the stock in a combination of the problem; `no_position` where there is none.
    [[nodiscard]] std::size_t stock_of(std::size_t combination) const {
        const Combination& of = problem.combinations[combination];
        return of.stock_lots > 0 ? stocks[of.stock].position : no_position;
    }

    /// Empties the holding; its memory is kept.
    void clear() {
        problem.series.clear();
        problem.combinations.clear();
        problem.stock_lots.clear();
        positions.clear();
        combinations.clear();
        stocks.clear();
        lot = 0.0;
        has_all_spreads = true;
    }
};

/// An amount a unit as millionths of a dollar a lot.
[[nodiscard]] inline MicroDollars micro_dollars(Price per_unit, Quantity lot) {
    constexpr double micro = 1e6;
    return std::llround(per_unit * lot * micro);
}
[[nodiscard]] inline Money dollars(MicroDollars amount) {
    constexpr double micro = 1e6;
    return static_cast<double>(amount) / micro;
}

} // namespace margincore
