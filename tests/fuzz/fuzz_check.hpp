// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

/// A crash that a fuzzer sees, with the fact that did not hold.
inline void fuzz_check(bool holds, const char* fact) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", fact);
        std::abort();
    }
}
