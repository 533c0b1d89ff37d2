// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>

namespace margincore {

/// An amount of money in millionths of a dollar: fixed point, so that ties and bounds are decided, not rounded.
using MicroDollars = std::int64_t;

/// One series that an account is long or short, as the pairing sees it.
///
/// A lot is the greatest number of units that every contract of the problem has a whole number of: 100 shares, or 10
/// where a mini stands beside standard contracts.
struct PairingSeries {
    std::int32_t style_class = 0; ///< Options of different classes are in no spread and no straddle together.
    Right right = Right::call;
    bool is_short = false;
    std::int64_t contracts = 0;  ///< Held, > 0.
    std::int64_t lots = 1;       ///< A contract, > 0.
    std::int64_t expiry = 0;     ///< Any number that orders expirations.
    MicroDollars strike = 0;     ///< A lot.
    MicroDollars naked = 0;      ///< Requirement of a lot by itself, premium included. Of a short.
    MicroDollars premium = 0;    ///< Market value of a lot. Of a short.
    MicroDollars loan_value = 0; ///< What a lot adds to the excess while it stands alone, >= 0. Of a long.
    bool spans_dates = true;     ///< May be in a named spread with options of another expiry.

    friend bool operator==(const PairingSeries&, const PairingSeries&) = default;
};

inline constexpr std::int32_t no_series = -1;

/// A set of options, or of stock and options, that a rule margins together at a price of its own: stock under a call,
/// a collar, a box.
struct Combination {
    struct Leg {
        std::int32_t series = 0;
        std::int64_t contracts = 1;

        friend bool operator==(const Leg&, const Leg&) = default;
    };
    static constexpr std::size_t most_legs = 4;

    std::array<Leg, most_legs> legs{}; ///< The first `leg_count`.
    std::size_t leg_count = 0;
    std::size_t stock = 0;       ///< Which stock of the problem it takes,
    std::int64_t stock_lots = 0; ///< and how much; 0 for none.
    MicroDollars cost = 0;       ///< What it adds to the net requirement of the stock by itself.
    bool is_spread = false;      ///< It costs its greatest loss, as any spread does.

    [[nodiscard]] std::span<const Leg> used() const { return std::span(legs).first(leg_count); }
    void add(std::size_t series, std::int64_t contracts) {
        legs[leg_count++] = {static_cast<std::int32_t>(series), contracts};
    }

    friend bool operator==(const Combination&, const Combination&) = default;
};

/// Options on one underlying, or on several that share a stock, and the stock that may be held with them.
struct PairingProblem {
    std::vector<PairingSeries> series{};
    std::vector<Combination> combinations{};
    std::vector<std::int64_t> stock_lots{}; ///< Whole lots of each stock, long or short; the combinations know which.
    bool has_any_leg_spreads = true; ///< Any balanced set of options is a spread; else the combinations alone are.
    bool longs_may_exceed = false;   ///< Such a set may have more longs of a right than shorts.

    friend bool operator==(const PairingProblem&, const PairingProblem&) = default;
};

} // namespace margincore
