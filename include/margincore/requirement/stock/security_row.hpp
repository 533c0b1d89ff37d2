// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include <Eigen/Core>

#include <margincore/core/units.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// What one unit of a security adds to an account, long or short: computed once a market by the rules, then
/// multiplied by quantities.
///
/// One cache line, so that a position costs one. NaN marks what is missing or has no rule, and makes every sum that it
/// enters NaN, so a loop over positions needs no test for it.
struct alignas(64) SecurityRow {
    /// Net value, gross value, initial requirement and maintenance of one unit held on one side, USD.
    using Side = Eigen::Array<Money, 4, 1>;
    static constexpr Eigen::Index net_value = 0;
    static constexpr Eigen::Index gross_value = 1;
    static constexpr Eigen::Index initial = 2;
    static constexpr Eigen::Index maintenance = 3;

    /// Of one unit long, and of one unit short with all signs turned: what a quantity, negative when short, multiplies.
    std::array<Side, 2> sides = {unknown(), unknown()};

    [[nodiscard]] Price price() const { return sides[0][net_value]; }
    [[nodiscard]] Side side(bool is_short) const { return is_short ? Side(-sides[1]) : sides[0]; }

    [[nodiscard]] static Side unknown() { return Side::Constant(std::numeric_limits<double>::quiet_NaN()); }
};

/// The row of something that has a value and, by itself, no requirement.
[[nodiscard]] inline SecurityRow value_row(Price price) {
    SecurityRow row;
    row.sides[0] << price, price, 0.0, 0.0;
    row.sides[1] << price, -price, 0.0, 0.0;
    return row;
}

/// The row of a security.
[[nodiscard]] inline SecurityRow security_row(const SecurityFacts& security, const SecurityRates& rates) {
    const Price price = security.price;
    SecurityRow row;
    for (const bool is_short : {false, true}) {
        const double sign = is_short ? -1.0 : 1.0;
        row.sides[static_cast<std::size_t>(is_short)] << price, sign * price,
            sign * margincore::initial(security, is_short, rates).per_unit(price),
            sign * margincore::maintenance(security, is_short, rates).per_unit(price);
    }
    return row;
}

} // namespace margincore
