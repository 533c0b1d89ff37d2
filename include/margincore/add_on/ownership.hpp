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

namespace margincore {

/// Ownership: a position that is a large part of all the shares outstanding.
///
/// @source House rule; default bands from Fidelity's rules-based requirements, as published on its page on margin
///         requirements: above 1, 3 and 5 % of the shares outstanding 10, 25 and 100 % of the value.
struct Ownership {
    static constexpr std::string_view id = "ownership";
    static constexpr double largest_threshold = 1.0; ///< All shares outstanding.
    static constexpr Needs needs = Needs::shares_outstanding;

    /// By |net units| / shares outstanding.
    Bands bands{{{.above = 0.01, .rate = 0.10}, {.above = 0.03, .rate = 0.25}, {.above = 0.05, .rate = 1.00}}, "bands"};
    std::optional<Bands> short_bands{}; ///< Of a net short holding; without them `bands` are of both sides.

    [[nodiscard]] AddOnRate holding_rate(const Holding& holding, const AddOnContext& /*context*/) const {
        return rate_at(bands, short_bands, holding, std::abs(holding.units) / holding.shares_outstanding);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return fmt::format("{:.2f}% of the shares outstanding, above {:.6g}%", rate.measure * 100, rate.above * 100);
    }

    friend bool operator==(const Ownership&, const Ownership&) = default;
};

static_assert(AddOn<Ownership>);

} // namespace margincore
