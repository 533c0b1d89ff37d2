// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/holding_bands.hpp>

namespace margincore {

/// Beta leverage: an account whose beta-weighted exposure is a multiple of its net liquidation value.
///
/// A net liquidation value that is not positive counts as above every band, as long as anything is held.
/// @source House rule; default bands from the workshop's lecture on beta: above 2, 5 % of gross market value.
struct BetaLeverage {
    static constexpr std::string_view id = "beta_leverage";
    static constexpr double largest_threshold = 1e4;
    static constexpr Needs needs = Needs::beta;

    Bands bands{{{.above = 2.0, .rate = 0.05}}, "bands"}; ///< By |exposure| / net liquidation value.

    [[nodiscard]] AddOnRate account_rate(const AddOnContext& context) const {
        if (!(context.gross_value > 0)) {
            return {};
        }
        const double leverage = context.net_liquidation > 0 ? std::abs(context.exposure) / context.net_liquidation
                                                            : std::numeric_limits<double>::infinity();
        return rate_at(bands, leverage);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return std::isinf(rate.measure)
                   ? fmt::format("net liquidation value not positive, counts as beta leverage above {:.6g}", rate.above)
                   : fmt::format("beta leverage {:.2f}, above {:.6g}", rate.measure, rate.above);
    }

    friend bool operator==(const BetaLeverage&, const BetaLeverage&) = default;
};

static_assert(AddOn<BetaLeverage>);

} // namespace margincore
