// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/holding_bands.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// Industry: holdings of one industry that net to a large share of the account's gross market value, where no single
/// holding does so by itself.
///
/// @source House rule; defaults from Fidelity's rules-based requirements, as published on its page on margin
///         requirements: above 30 and 70 % of gross value 5 and 10 %, only if no single position is above 40 %.
struct Industry {
    static constexpr std::string_view id = "industry";
    static constexpr double largest_threshold = 1.0; ///< A share of gross value is never more.
    static constexpr Needs needs = Needs::industry;

    /// By |net value of the industry| / gross market value.
    Bands bands{{{.above = 0.30, .rate = 0.05}, {.above = 0.70, .rate = 0.10}}, "bands"};

    /// Asks for nothing where the |net value| of one holding is above this share of gross market value: then
    /// concentration does.
    Fraction largest_position = 0.40;

    [[nodiscard]] AddOnRate industry_rate(const IndustryHolding& industry, const AddOnContext& context) const {
        if (!(context.gross_value > 0) ||
            Bands::is_above(industry.largest_holding / context.gross_value, largest_position)) {
            return {};
        }
        return rate_at(bands, std::abs(industry.net_value) / context.gross_value);
    }

    [[nodiscard]] std::string why(const AddOnRate& rate) const {
        return fmt::format("{:.2f}% of gross value, above {:.6g}%, no holding above {:.6g}%", rate.measure * 100,
                           rate.above * 100, largest_position * 100);
    }

    friend bool operator==(const Industry&, const Industry&) = default;
};

static_assert(AddOn<Industry>);

} // namespace margincore
