// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <margincore/core/lanes.hpp>
#include <margincore/core/polynomial.hpp>

namespace margincore {

/// e to the power x; relative error below 3e-16. Of x beyond +-700 that of +-700: a denormal result would cost more
/// time than all the rest, and is zero to whoever asks.
/// @source Cody and Waite, Software Manual for the Elementary Functions (1980): the reduction by log 2 in two parts;
///         the polynomial is the best of its degree, by tests/oracle/approximations.py.
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline Lanes<N> exp(Lanes<N> x) {
    constexpr double furthest = 700.0;
    constexpr double log2_e = 1.44269504088896340736;
    constexpr double log_2_high = 6.93147180369123816490e-01; // 33 bits: a multiple by a whole number is exact
    constexpr double log_2_low = 1.90821492927058770002e-10;
    constexpr double to_whole = 0x1.8p52; // added, it leaves the nearest whole number in the lowest bits
    x = lesser(Lanes<N>(furthest), greater(Lanes<N>(-furthest), x)); // in this order NaN stays NaN
    const Lanes<N> shifted = multiply_add(x, Lanes<N>(log2_e), Lanes<N>(to_whole));
    const Lanes<N> whole = shifted - to_whole;
    const Lanes<N> r = multiply_add(whole, Lanes<N>(-log_2_low), multiply_add(whole, Lanes<N>(-log_2_high), x));
    const Lanes<N> g = polynomial(r, 0.5000000000000010629381, 0.1666666666666641300436, 0.04166666666653013899122,
                                  0.008333333333494124037386, 0.001388888894363448338812, 0.00019841269507351203588,
                                  0.00002480149309518233788188, 0.00000275575856545395631766,
                                  2.763024946215230827262e-7, 2.500029689180638585159e-8);
    const Lanes<N> power = 1.0 + multiply_add(r * r, g, r);
    return Lanes<N>::from_bits(power.bits() + (shifted.bits() << 52));
}

/// log(a / b), for positive normal numbers; relative error below 4e-16 near 1 too. Zero is as the least normal number.
/// @source As fdlibm's e_log.c: 2 atanh((m - 1) / (m + 1)) of the significands, with one division here.
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline Lanes<N> log_ratio(Lanes<N> a, Lanes<N> b) {
    using Bits = typename Lanes<N>::Bits;
    constexpr double sqrt_2 = 1.41421356237309504880;
    constexpr double log_2_high = 6.93147180369123816490e-01;
    constexpr double log_2_low = 1.90821492927058770002e-10;
    constexpr std::int64_t significand = 0xfffffffffffff;
    const auto significand_of = [](Lanes<N> x) {
        return Lanes<N>::from_bits((x.bits() & significand) | Lanes<N>(1.0).bits());
    };
    const auto exponent_of = [](Lanes<N> x) { // the bits of an integer below 2^52, put behind 2^52
        const auto exponent = (typename Lanes<N>::UnsignedBits)x.bits() >> 52; // signed shifts are slow before AVX-512
        return Lanes<N>::from_bits((Bits)exponent | Lanes<N>(0x1p52).bits());
    };
    Lanes<N> of_a = significand_of(a);
    Lanes<N> of_b = significand_of(b);
    Lanes<N> exponent = exponent_of(a) - exponent_of(b);
    const auto is_high = of_a > sqrt_2 * of_b;
    const auto is_low = of_b > sqrt_2 * of_a;
    of_b = select(is_high, of_b + of_b, of_b);
    of_a = select(is_low, of_a + of_a, of_a);
    exponent += select(is_high, Lanes<N>(1.0), Lanes<N>(0.0)) - select(is_low, Lanes<N>(1.0), Lanes<N>(0.0));
    const Lanes<N> s = (of_a - of_b) / (of_a + of_b);
    const Lanes<N> z = s * s;
    const Lanes<N> h = polynomial(z, 0.6666666666666734458952, 0.3999999999941434814267, 0.2857142874246926969103,
                                  0.222221985639624815856, 0.1818356484628387781253, 0.1531403627054185152439,
                                  0.1479610173993105273927);
    const Lanes<N> low = multiply_add(exponent, Lanes<N>(log_2_low), s * z * h);
    return multiply_add(exponent, Lanes<N>(log_2_high), multiply_add(s, Lanes<N>(2.0), low));
}

/// Natural logarithm, as `log_ratio`.
template <std::size_t N>
[[nodiscard, gnu::always_inline]] inline Lanes<N> log(Lanes<N> x) {
    return log_ratio(x, Lanes<N>(1.0));
}

} // namespace margincore
