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

/// Concentration: an underlying that is a large share of the account's gross market value.
///
/// @source House rule; default bands from the workshop's exercise 1: above 30 % of gross value, 10 % of the value.
struct Concentration {
    static constexpr std::string_view id = "concentration";
    static constexpr double largest_threshold = 1.0; ///< A share of gross value is never more.
    static constexpr Needs needs = Needs::nothing;

    Bands bands{{{.above = 0.30, .rate = 0.10}}, "bands"}; ///< By |net value| / gross market value.
    std::optional<Bands> short_bands{}; ///< Of a net short holding; without them `bands` are of both sides.

    [[nodiscard]] AddOnRate holding_rate(const Holding& holding, const AddOnContext& context) const {
        if (!(context.gross_value > 0)) {
            return {};
        }
        return rate_at(bands, short_bands, holding, std::abs(holding.net_value) / context.gross_value);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return fmt::format("{:.2f}% of gross value, above {:.6g}%", rate.measure * 100, rate.above * 100);
    }

    friend bool operator==(const Concentration&, const Concentration&) = default;
};

static_assert(AddOn<Concentration>);

} // namespace margincore
