// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <margincore/add_on/add_on.hpp>

namespace margincore {

/// The add-on that asks for nothing. Copy it to write your own, then name yours in `catalogue.hpp`.
struct NullAddOn {
    /// The name in `policy.add_ons[].id`.
    static constexpr std::string_view id = "none";

    /// What has to be known of every underlying that is held; where it is missing, evaluating says so by name.
    static constexpr Needs needs = Needs::nothing;

    /// The rate of |net value| that one underlying adds. An add-on on the whole account has
    /// `account_rate(const AddOnContext&)` instead, a rate of the gross market value.
    [[nodiscard]] AddOnRate holding_rate(const Holding& /*holding*/, const AddOnContext& /*context*/) const {
        return {};
    }

    /// What was measured, in words; asked for only where the rate is above 0.
    [[nodiscard]] std::string why(const AddOnRate& /*rate*/) const { return {}; }

    friend bool operator==(const NullAddOn&, const NullAddOn&) = default;
};

static_assert(AddOn<NullAddOn>);

} // namespace margincore
