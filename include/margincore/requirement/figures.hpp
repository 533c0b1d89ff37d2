// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>

namespace margincore {

/// What the positions of an account add up to.
struct Figures {
    Money long_value = 0.0;  ///< Market value of longs, boxed ones included.
    Money short_value = 0.0; ///< Market value of shorts as a positive number, boxed ones included.
    Money initial = 0.0;     ///< Reg T initial requirement.
    Money maintenance = 0.0; ///< FINRA 4210 maintenance requirement.
    Money exposure = 0.0;    ///< Beta-weighted net value; NaN where a beta is missing.

    [[nodiscard]] Money net_value() const { return long_value - short_value; }
    [[nodiscard]] Money gross_value() const { return long_value + short_value; }

    friend bool operator==(const Figures&, const Figures&) = default;
};

} // namespace margincore
