// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/holding_bands.hpp>

namespace margincore {

/// Liquidity: a position that takes days of the market's average volume to liquidate.
///
/// An average volume of 0 counts as above every band.
/// @source House rule; default bands from Fidelity's rules-based requirements, as published on its page on margin
///         requirements: above 1, 2, 3 and 5 days 10, 20, 30 and 50 % of the value.
struct Liquidity {
    static constexpr std::string_view id = "liquidity";
    static constexpr double largest_threshold = 1e4; ///< Days: forty years of trading, so no number of shares.
    static constexpr Needs needs = Needs::average_daily_volume;

    /// By days to liquidate, |net units| / average daily volume.
    Bands bands{{{.above = 1.0, .rate = 0.10},
                 {.above = 2.0, .rate = 0.20},
                 {.above = 3.0, .rate = 0.30},
                 {.above = 5.0, .rate = 0.50}},
                "bands"};
    std::optional<Bands> short_bands{}; ///< Of a net short holding; without them `bands` are of both sides.

    [[nodiscard]] AddOnRate holding_rate(const Holding& holding, const AddOnContext& /*context*/) const {
        if (holding.units == 0) {
            return {};
        }
        const double days = holding.average_daily_volume == 0 ? std::numeric_limits<double>::infinity()
                                                              : std::abs(holding.units) / holding.average_daily_volume;
        return rate_at(bands, short_bands, holding, days);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return std::isinf(rate.measure)
                   ? fmt::format("no average volume, counts as above {:.6g} days to liquidate", rate.above)
                   : fmt::format("{:.2f} days to liquidate, above {:.6g}", rate.measure, rate.above);
    }

    friend bool operator==(const Liquidity&, const Liquidity&) = default;
};

static_assert(AddOn<Liquidity>);

} // namespace margincore
