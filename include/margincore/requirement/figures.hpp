// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/core/units.hpp>

namespace margincore {

/// What the positions of an account add up to.
struct Figures {
    Money net_value = 0.0;   ///< Longs less shorts at market.
    Money gross_value = 0.0; ///< Longs and shorts counted separately at market, boxed ones included.
    Money initial = 0.0;     ///< Reg T initial requirement.
    Money maintenance = 0.0; ///< FINRA 4210 maintenance requirement.
    Money not_counted = 0.0; ///< Market value that does not count toward equity; short options turn it negative.

    friend bool operator==(const Figures&, const Figures&) = default;
};

} // namespace margincore
