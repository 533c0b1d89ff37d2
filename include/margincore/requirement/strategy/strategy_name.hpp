// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/option_contract.hpp>

namespace margincore {

/// One series of a strategy, as its name sees it.
struct NamedLeg {
    Right right = Right::call;
    Price strike = 0.0;
    std::int64_t expiry = 0; ///< Any number that orders expirations.
    std::int64_t lots = 0;   ///< Negative when short, not 0.

    friend bool operator==(const NamedLeg&, const NamedLeg&) = default;
};

namespace detail {

using NamedLegs = std::span<const NamedLeg>;

[[nodiscard]] inline bool share_right(NamedLegs legs) {
    return std::ranges::all_of(legs, [&](const NamedLeg& leg) { return leg.right == legs[0].right; });
}
[[nodiscard]] inline bool share_expiry(NamedLegs legs) {
    return std::ranges::all_of(legs, [&](const NamedLeg& leg) { return leg.expiry == legs[0].expiry; });
}
[[nodiscard]] inline std::string of_right(std::string_view before, Right right, std::string_view after) {
    return std::string(before) + (right == Right::call ? "call" : "put") + std::string(after);
}

/// Two options of one right, the lower strike first, as many long as short.
[[nodiscard]] inline std::string two_leg_name(const NamedLeg& low, const NamedLeg& high) {
    if (low.right != high.right || low.lots != -high.lots) {
        return {};
    }
    if (low.expiry != high.expiry) {
        return of_right("", low.right, low.strike == high.strike ? " calendar" : " diagonal");
    }
    if (low.strike == high.strike) { // contracts of different size
        return {};
    }
    return of_right(low.lots > 0 ? "bull " : "bear ", low.right, " spread");
}

/// Three options of one right and expiry, by strike.
[[nodiscard]] inline std::string butterfly_name(NamedLegs legs) {
    if (!share_right(legs) || !share_expiry(legs) || legs[0].lots != legs[2].lots ||
        legs[1].lots != -2 * legs[0].lots || legs[0].strike == legs[1].strike || legs[1].strike == legs[2].strike) {
        return {};
    }
    const bool is_even = legs[1].strike - legs[0].strike == legs[2].strike - legs[1].strike;
    return of_right(legs[0].lots > 0 ? "long " : "short ", legs[0].right,
                    is_even ? " butterfly" : " broken-wing butterfly");
}

/// Four options of one right and expiry, by strike.
[[nodiscard]] inline std::string condor_name(NamedLegs legs) {
    for (std::size_t i = 0; i + 1 < legs.size(); ++i) {
        if (legs[i].strike == legs[i + 1].strike) {
            return {};
        }
    }
    const std::int64_t lots = legs[0].lots;
    if (!share_expiry(legs) || legs[1].lots != -lots || legs[2].lots != -lots || legs[3].lots != lots) {
        return {};
    }
    const bool is_even = legs[1].strike - legs[0].strike == legs[3].strike - legs[2].strike;
    return of_right(lots > 0 ? "long " : "short ", legs[0].right, is_even ? " condor" : " broken-wing condor");
}

/// Two puts beside two calls, as many of each long as short.
struct TwoAndTwo {
    NamedLeg long_put{};
    NamedLeg short_put{};
    NamedLeg long_call{};
    NamedLeg short_call{};
};

[[nodiscard]] inline std::optional<TwoAndTwo> two_and_two(NamedLegs legs) {
    TwoAndTwo found;
    for (const NamedLeg& leg : legs) {
        NamedLeg& place = leg.right == Right::put ? (leg.lots > 0 ? found.long_put : found.short_put)
                                                  : (leg.lots > 0 ? found.long_call : found.short_call);
        if (place.lots != 0 || std::abs(leg.lots) != std::abs(legs[0].lots)) {
            return std::nullopt;
        }
        place = leg;
    }
    return found;
}

/// Boxes, iron butterflies and iron condors.
[[nodiscard]] inline std::string box_or_iron_name(const TwoAndTwo& of) {
    const Price long_put = of.long_put.strike;
    const Price short_put = of.short_put.strike;
    const Price long_call = of.long_call.strike;
    const Price short_call = of.short_call.strike;
    if (long_call == short_put && short_call == long_put && long_call != short_call) {
        return long_call < short_call ? "long box" : "short box";
    }
    if (long_put < short_put && short_put <= short_call && short_call < long_call) {
        return short_put == short_call ? "iron butterfly" : "iron condor";
    }
    if (short_put < long_put && long_put <= long_call && long_call < short_call) {
        return long_put == long_call ? "reverse iron butterfly" : "reverse iron condor";
    }
    return {};
}

/// A put and a call sold beside a put and a call of one later expiry.
[[nodiscard]] inline std::string double_name(const TwoAndTwo& of) {
    if (of.short_put.strike == of.long_put.strike && of.short_call.strike == of.long_call.strike) {
        return of.short_put.strike == of.short_call.strike ? "calendar straddle" : "double calendar";
    }
    const bool is_around = of.long_put.strike <= of.short_put.strike && of.short_put.strike <= of.short_call.strike &&
                           of.short_call.strike <= of.long_call.strike;
    return is_around ? "double diagonal" : "";
}

[[nodiscard]] inline std::string four_leg_name(NamedLegs legs) {
    if (share_right(legs)) {
        return condor_name(legs);
    }
    const std::optional<TwoAndTwo> of = two_and_two(legs);
    if (!of) {
        return {};
    }
    if (share_expiry(legs)) {
        return box_or_iron_name(*of);
    }
    const bool is_double = of->short_put.expiry == of->short_call.expiry &&
                           of->long_put.expiry == of->long_call.expiry && of->short_put.expiry < of->long_put.expiry;
    return is_double ? double_name(*of) : "";
}

[[nodiscard]] inline std::vector<NamedLeg> by_strike(NamedLegs legs) {
    std::vector<NamedLeg> sorted(legs.begin(), legs.end());
    std::ranges::sort(sorted, [](const NamedLeg& a, const NamedLeg& b) {
        return std::tie(a.strike, a.right, a.expiry, a.lots) < std::tie(b.strike, b.right, b.expiry, b.lots);
    });
    return sorted;
}

/// A call and a put that are both short.
[[nodiscard]] inline std::string short_pair_name(const NamedLeg& low, const NamedLeg& high) {
    if (low.expiry != high.expiry) {
        return "short put and call";
    }
    if (low.strike == high.strike) {
        return "short straddle";
    }
    return low.right == Right::put ? "short strangle" : "short guts";
}

} // namespace detail

/// The strikes of a strategy, each once and the lowest first: `95/105`.
[[nodiscard]] inline std::string strikes_text(std::span<const NamedLeg> legs) {
    std::string text;
    Price last = 0.0;
    for (const NamedLeg& leg : detail::by_strike(legs)) {
        if (text.empty() || leg.strike != last) {
            text += (text.empty() ? "" : "/") + number_text(leg.strike);
        }
        last = leg.strike;
    }
    return text;
}

/// What traders call a spread of two to four series, without its strikes; empty where they have no name for it.
///
/// Iron condors and iron butterflies are those whose inner options are short; the others are "reverse".
/// @param legs  In no order; no series twice.
/// @source Options Industry Council, All Strategies, optionseducation.org; FINRA 4210(f)(2)(A), box spread; for
///         diagonals McMillan, Options as a Strategic Investment; for doubles Passarelli, Market Taker Mentoring.
[[nodiscard]] inline std::string spread_name(std::span<const NamedLeg> legs) {
    const std::vector<NamedLeg> sorted = detail::by_strike(legs);
    switch (sorted.size()) {
    case 2:
        return detail::two_leg_name(sorted[0], sorted[1]);
    case 3:
        return detail::butterfly_name(sorted);
    case 4:
        return detail::four_leg_name(sorted);
    default:
        return {};
    }
}

/// What traders call options that are margined together, with the strikes: `iron condor 50/53/67/70`, `naked put 95`.
/// For the explanation only: nothing is decided by a name.
///
/// @param legs  One option, a short call and a short put, or a spread. In no order; not empty.
[[nodiscard]] inline std::string strategy_name(std::span<const NamedLeg> legs) {
    const std::string strikes = " " + strikes_text(legs);
    if (legs.size() == 1) {
        return detail::of_right(legs[0].lots > 0 ? "long " : "naked ", legs[0].right, strikes);
    }
    if (legs.size() == 2 && legs[0].lots < 0 && legs[1].lots < 0) {
        const std::vector<NamedLeg> sorted = detail::by_strike(legs);
        return detail::short_pair_name(sorted[0], sorted[1]) + strikes;
    }
    const std::string name = spread_name(legs);
    return name.empty() ? "any-leg spread of " + std::to_string(legs.size()) + " series" : name + strikes;
}

} // namespace margincore
