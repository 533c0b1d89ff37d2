// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/holding_bands.hpp>

namespace margincore {

/// Volatility: an underlying that moves a lot.
///
/// @source House rule; default bands from the workshop's exercise 2: above 40 % a year 5 % of the value, above 60 % 10
/// %.
struct VolatilityBand {
    static constexpr std::string_view id = "volatility";
    static constexpr double largest_threshold = 20.0; ///< As the largest volatility that a document may have.
    static constexpr Needs needs = Needs::volatility;

    Bands bands{{{.above = 0.40, .rate = 0.05}, {.above = 0.60, .rate = 0.10}}, "bands"}; ///< By annualised volatility.
    std::optional<Bands> short_bands{}; ///< Of a net short holding; without them `bands` are of both sides.

    [[nodiscard]] AddOnRate holding_rate(const Holding& holding, const AddOnContext& /*context*/) const {
        return rate_at(bands, short_bands, holding, holding.volatility);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return fmt::format("volatility {:.2f}%, above {:.6g}%", rate.measure * 100, rate.above * 100);
    }

    friend bool operator==(const VolatilityBand&, const VolatilityBand&) = default;
};

static_assert(AddOn<VolatilityBand>);

} // namespace margincore
