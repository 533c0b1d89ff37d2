// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catch.hpp"

/// Equal up to rounding: 1e-10 relative, and absolute around zero. A row with a wider tolerance says why.
inline Catch::Approx about(double expected, double tolerance = 1e-10) {
    return Catch::Approx(expected).epsilon(tolerance).margin(tolerance);
}
