// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/holding_bands.hpp>
#include <margincore/core/limits.hpp>

namespace margincore {

/// Low price: a share that costs little. Rates fall as the price rises.
///
/// @source House rule; default bands 100 % of the value at $3 and below: Fidelity, frequently asked questions on
/// margin,
///         lends on shares that trade over $3. FINRA 4210(c)(1) keeps 25 % of low-priced longs.
struct LowPrice {
    static constexpr std::string_view id = "low_price";
    static constexpr double largest_threshold = largest_price;
    static constexpr Needs needs = Needs::price;

    /// By price, USD per share.
    FallingBands bands{{{.above = 0.0, .rate = 1.00}, {.above = 3.0, .rate = 0.0}}, "bands"};
    std::optional<FallingBands> short_bands{}; ///< Of a net short holding; without them `bands` are of both sides.

    [[nodiscard]] AddOnRate holding_rate(const Holding& holding, const AddOnContext& /*context*/) const {
        return rate_at(bands, short_bands, holding, holding.price);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return std::isinf(rate.up_to) ? fmt::format("{:.6g} a share, above {:.6g}", rate.measure, rate.above)
                                      : fmt::format("{:.6g} a share, not above {:.6g}", rate.measure, rate.up_to);
    }

    friend bool operator==(const LowPrice&, const LowPrice&) = default;
};

static_assert(AddOn<LowPrice>);

} // namespace margincore
