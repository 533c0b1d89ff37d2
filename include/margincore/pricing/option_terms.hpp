// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/real.hpp>

namespace margincore {

/// What the price of an option depends on beside the price of its underlying. Of one option, or of one a lane.
template <Real T>
struct OptionTerms {
    T sign;           ///< +1 for a call, -1 for a put.
    T strike;         ///< USD per unit of the underlying, > 0.
    T time;           ///< To expiry, ACT/365F years, >= 0.
    T rate;           ///< Continuously compounded, ACT/365F.
    T dividend_yield; ///< Continuous, ACT/365F.
    T volatility;     ///< Annualised, a fraction, >= 0.
};

} // namespace margincore
