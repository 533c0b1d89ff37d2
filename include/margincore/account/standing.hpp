// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <vector>

#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

namespace detail {

/// The severe scenario that leaves the least excess; null where the stress table has no severe one.
[[nodiscard]] inline const StressPoint* worst_severe(const std::vector<StressPoint>& points, Fraction severe_move) {
    const StressPoint* worst = nullptr;
    for (const StressPoint& point : points) {
        if (std::abs(point.move) >= severe_move && (worst == nullptr || point.excess < worst->excess)) {
            worst = &point;
        }
    }
    return worst;
}

/// Of a stress table, or of a worst scenario, in which nothing is severe.
[[nodiscard]] inline MissingData no_severe_move(Fraction severe_move) {
    return {"stress", "must have a benchmark move of at least " + number_text(severe_move) + ", got none"};
}

} // namespace detail

/// What the enforcement ladder reads of an account at an event. USD.
struct Standing {
    Money excess = 0.0;          ///< Total excess.
    Money requirement = 0.0;     ///< Total requirement, >= 0.
    Money gross_value = 0.0;     ///< Longs and shorts counted separately, at market, >= 0.
    Fraction severe_move = 0.0;  ///< The severe benchmark move that leaves the least excess.
    Money excess_stressed = 0.0; ///< Total excess after that move.

    friend bool operator==(const Standing&, const Standing&) = default;
};

/// The standing of an account, from its report.
///
/// @param report  With stress, at least one of whose moves is severe.
/// @throws MissingData where the report has no stress, no severe move or no gross value.
[[nodiscard]] inline Standing standing_of(const Report& report, const Ladder& ladder) {
    if (!report.stress) {
        throw MissingData("stress", "must be in the report that enforcement reads, got nothing");
    }
    const StressPoint* severe = detail::worst_severe(*report.stress, ladder.severe_move);
    if (severe == nullptr) {
        throw detail::no_severe_move(ladder.severe_move);
    }
    if (std::isnan(report.gross_value)) {
        throw MissingData("gross_value", "must be in the report that enforcement reads, got nothing");
    }
    return {.excess = report.excess.total,
            .requirement = report.requirement.total,
            .gross_value = report.gross_value,
            .severe_move = severe->move,
            .excess_stressed = severe->excess};
}

} // namespace margincore
