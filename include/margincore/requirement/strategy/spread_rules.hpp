// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <margincore/core/names.hpp>

namespace margincore {

/// Whether longs of a right may be of more units than its shorts inside a spread.
enum class SpreadBalance : std::uint8_t { equal, long_surplus };

template <>
inline constexpr std::array names<SpreadBalance> = {Name{SpreadBalance::equal, "equal"},
                                                    Name{SpreadBalance::long_surplus, "long_surplus"}};

/// Which sets of options a rulebook margins as one spread.
///
/// Without spreads of any number of legs there are the named ones: two options of a right, one for one; butterflies and
/// iron butterflies; condors and iron condors; boxes.
struct SpreadRules {
    bool any_leg = true;                ///< FINRA 4210(f)(2)(A)(xxxii): any number of legs.
    bool unequal_iron_wings = true;     ///< Of named spreads: an iron condor whose wings differ is one, too.
    bool cash_settled_calendars = true; ///< Of named spreads: options settled in cash may be of two expirations.

    SpreadBalance balance = SpreadBalance::equal; ///< FINRA 4210(f)(2)(A)(xxxii) says equal. Of any-leg spreads.

    friend bool operator==(const SpreadRules&, const SpreadRules&) = default;
};

} // namespace margincore
