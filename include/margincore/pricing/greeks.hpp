// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace margincore {

/// The sensitivities of a price: of one option, one a lane, or of columns of them.
template <class T>
struct Greeks {
    T delta; ///< Of the price to the spot.
    T gamma; ///< Of delta to the spot, per USD.
    T vega;  ///< Of the price to the volatility, per 1.00 of it.
    T theta; ///< Of the price to the passing of time, USD a year: negative where time costs.
    T rho;   ///< Of the price to the rate, per 1.00 of it.
};

} // namespace margincore
