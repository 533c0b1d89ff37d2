// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// Gains and losses of several groups at each point, before one offsets the other. Losses are <= 0.
template <class T = Money>
struct GainsAndLosses {
    Points<T> losses = zero_points<T>();
    Points<T> gains = zero_points<T>();

    void add(const Points<T>& points) {
        for (std::size_t i = 0; i < valuation_points; ++i) {
            const bool loses = points[i] < T(0.0); // both are added to: a branch would often be wrong
            losses[i] += loses ? points[i] : T(0.0);
            gains[i] += loses ? T(0.0) : points[i];
        }
    }
};

/// What a group comes to at one point: its losses less the part of its gains that may offset them.
///
/// The part multiplies gains only. Where gains are left, `haircut` passes them on cut, and `residual` whole: what met
/// no loss was not cut.
/// @param offset  Part of a gain that offsets losses, 0 to 1.
/// @source FINRA 4210(g)(8) by way of SEC Rule 15c3-1a(b)(1)(iv)(B); the rule's words do not settle what is passed on,
///         and `haircut` is never the lower requirement.
template <class T>
[[nodiscard]] T offset_at(const T& losses, const T& gains, Fraction offset, OffsetCarry carry) {
    const T rest = T(losses + offset * gains);
    return carry == OffsetCarry::residual && rest > T(0.0) ? T(rest / offset) : rest;
}

template <class T>
[[nodiscard]] Points<T> offset(const GainsAndLosses<T>& of, Fraction offset, OffsetCarry carry) {
    Points<T> points{};
    for (std::size_t i = 0; i < valuation_points; ++i) {
        points[i] = offset_at(of.losses[i], of.gains[i], offset, carry);
    }
    return points;
}

/// What of the gains of a group at one point offset losses, and what of them was lost to the percentage. USD, >= 0.
template <class T = Money>
struct UsedGain {
    T used = T(0.0);
    T cut = T(0.0);
};

template <class T>
[[nodiscard]] UsedGain<T> used_gain(const T& losses, const T& gains, Fraction offset, OffsetCarry carry) {
    const T usable = T(offset * gains);
    const bool is_left = T(losses + usable) > T(0.0);
    const T used = is_left ? T(-losses) : usable;
    const T cut = carry == OffsetCarry::residual && is_left ? T(used * ((1 - offset) / offset)) // of what was used
                                                            : T((1 - offset) * gains);
    return {.used = used, .cut = cut};
}

} // namespace margincore
