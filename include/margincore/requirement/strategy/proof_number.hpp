// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>

/// Numbers of a proof that somebody hands in: whatever it says, they are exact or it is refused.
namespace margincore::detail {

__extension__ typedef __int128 ProofNumber;

/// Thrown in the checker of certificates: what is not so that one says.
struct DoesNotHold {
    std::string what{};
};

inline void require_that(bool holds, const char* what) {
    if (!holds) {
        throw DoesNotHold{what};
    }
}

/// Numbers so large are refused, so that every one can be negated and rounded up.
[[nodiscard]] inline ProofNumber proof_checked(ProofNumber number, bool overflows) {
    constexpr ProofNumber largest = (std::numeric_limits<ProofNumber>::max)() / 4;
    if (overflows || number > largest || number < -largest) {
        throw DoesNotHold{"must have numbers of at most 125 bits, got more"};
    }
    return number;
}
[[nodiscard]] inline ProofNumber proof_sum(ProofNumber a, ProofNumber b) {
    ProofNumber sum = 0;
    const bool overflows = __builtin_add_overflow(a, b, &sum);
    return proof_checked(sum, overflows);
}
[[nodiscard]] inline ProofNumber proof_product(ProofNumber a, ProofNumber b) {
    ProofNumber product = 0;
    const bool overflows = __builtin_mul_overflow(a, b, &product);
    return proof_checked(product, overflows);
}
/// The quotient rounded down; the divisor is positive.
[[nodiscard]] inline ProofNumber proof_floor(ProofNumber number, ProofNumber divisor) {
    const ProofNumber quotient = number / divisor;
    return quotient * divisor > number ? quotient - 1 : quotient;
}
/// The greatest common divisor, >= 0.
[[nodiscard]] inline ProofNumber proof_divisor(ProofNumber a, ProofNumber b) {
    while (b != 0) {
        const ProofNumber rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

} // namespace margincore::detail
