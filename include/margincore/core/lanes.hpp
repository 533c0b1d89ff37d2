// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace margincore {

/// How many doubles one instruction computes on the machine that is compiled for.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
inline constexpr std::size_t native_lanes = 8;
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr std::size_t native_lanes = 4;
#else
inline constexpr std::size_t native_lanes = 2;
#endif

namespace detail {

/// A vector type of the compiler's. A class of its own, so that it depends on its arguments where g++ looks.
template <class Element, std::size_t N>
struct VectorOf {
    typedef Element Type __attribute__((vector_size(N * sizeof(Element))));
};

} // namespace detail

/// Which of `N` lanes a condition holds in.
template <std::size_t N>
struct LaneMask {
    using Vector = typename detail::VectorOf<std::int64_t, N>::Type;

    Vector bits; ///< All ones where it holds, all zeros where it does not.

    [[nodiscard]] friend LaneMask operator&(LaneMask a, LaneMask b) { return {a.bits & b.bits}; }
    [[nodiscard]] friend LaneMask operator|(LaneMask a, LaneMask b) { return {a.bits | b.bits}; }
    [[nodiscard]] friend LaneMask operator!(LaneMask a) { return {~a.bits}; }

    [[nodiscard]] bool operator[](std::size_t lane) const { return bits[lane] != 0; }

    [[nodiscard]] friend bool any(LaneMask a) { // compilers do not turn the loop into this
#if defined(__AVX512DQ__)
        if constexpr (N == 8) {
            return _mm512_movepi64_mask((__m512i)a.bits) != 0;
        }
#endif
#if defined(__AVX__)
        if constexpr (N == 4) {
            return _mm256_movemask_pd((__m256d)a.bits) != 0;
        }
#endif
#if defined(__SSE2__)
        if constexpr (N == 2) {
            return _mm_movemask_pd((__m128d)a.bits) != 0;
        }
#endif
        std::int64_t some = 0;
        for (std::size_t i = 0; i < N; ++i) {
            some |= a.bits[i];
        }
        return some != 0;
    }
};

/// `N` doubles that are computed side by side: what a formula takes in place of one double, to be computed of as many.
///
/// A plain value in vector registers of the compiler's, without a library. Any `N` that is a power of two computes on
/// any target, but of more than `native_lanes` g++ warns (-Wpsabi), and they are no faster.
template <std::size_t N>
struct Lanes {
    using Vector = typename detail::VectorOf<double, N>::Type;
    using Mask = LaneMask<N>;
    using Bits = typename Mask::Vector;
    using UnsignedBits = typename detail::VectorOf<std::uint64_t, N>::Type;

    Vector values;

    Lanes() = default;
    Lanes(Vector lanes) : values(lanes) {}
    Lanes(double value) : values(value - Vector{}) {} // so that constants read as in the formula of one double

    static constexpr std::size_t size() { return N; }

    [[nodiscard]] static Lanes load(const double* from) {
        Lanes result;
        std::memcpy(&result.values, from, sizeof(Vector));
        return result;
    }
    void store(double* to) const { std::memcpy(to, &values, sizeof(Vector)); }

    [[nodiscard]] static Lanes from_bits(Bits bits) { return (Vector)bits; }
    [[nodiscard]] Bits bits() const { return (Bits)values; }

    [[nodiscard]] double operator[](std::size_t lane) const { return values[lane]; }
    void set(std::size_t lane, double value) { values[lane] = value; }

    Lanes& operator+=(Lanes b) { return *this = *this + b; }
    Lanes& operator-=(Lanes b) { return *this = *this - b; }
    Lanes& operator*=(Lanes b) { return *this = *this * b; }
    Lanes& operator/=(Lanes b) { return *this = *this / b; }

    [[nodiscard]] friend Lanes operator-(Lanes a) { return -a.values; }
    [[nodiscard]] friend Lanes operator+(Lanes a, Lanes b) { return a.values + b.values; }
    [[nodiscard]] friend Lanes operator-(Lanes a, Lanes b) { return a.values - b.values; }
    [[nodiscard]] friend Lanes operator*(Lanes a, Lanes b) { return a.values * b.values; }
    [[nodiscard]] friend Lanes operator/(Lanes a, Lanes b) { return a.values / b.values; }
    [[nodiscard]] friend Mask operator<(Lanes a, Lanes b) { return {a.values < b.values}; }
    [[nodiscard]] friend Mask operator>(Lanes a, Lanes b) { return {a.values > b.values}; }
    [[nodiscard]] friend Mask operator<=(Lanes a, Lanes b) { return {a.values <= b.values}; }
    [[nodiscard]] friend Mask operator>=(Lanes a, Lanes b) { return {a.values >= b.values}; }
    [[nodiscard]] friend Mask operator==(Lanes a, Lanes b) { return {a.values == b.values}; }

    /// `a` where the condition holds, else `b`; both are computed.
    [[nodiscard]] friend Lanes select(Mask condition, Lanes a, Lanes b) { return condition.bits ? a.values : b.values; }
    /// The lesser; `b` where one is not a number.
    [[nodiscard]] friend Lanes lesser(Lanes a, Lanes b) {
#if defined(__AVX512F__)
        if constexpr (N == 8) { // g++ finds the shorter ones by itself
            return (Vector)_mm512_maskz_min_pd(0xff, (__m512d)a.values, (__m512d)b.values);
        }
#endif
        return select(a < b, a, b);
    }
    /// The greater; `b` where one is not a number.
    [[nodiscard]] friend Lanes greater(Lanes a, Lanes b) {
#if defined(__AVX512F__)
        if constexpr (N == 8) {
            return (Vector)_mm512_maskz_max_pd(0xff, (__m512d)a.values, (__m512d)b.values);
        }
#endif
        return select(a > b, a, b);
    }
    [[nodiscard]] friend Lanes abs(Lanes a) { return from_bits(a.bits() & ~Lanes(-0.0).bits()); }

    /// a x b + c, in one rounding where the machine has an instruction for it.
    [[nodiscard]] friend Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
        if constexpr (N == 8) {
            return (Vector)_mm512_fmadd_pd((__m512d)a.values, (__m512d)b.values, (__m512d)c.values);
        }
#endif
#if defined(__FMA__)
        if constexpr (N == 4) {
            return (Vector)_mm256_fmadd_pd((__m256d)a.values, (__m256d)b.values, (__m256d)c.values);
        }
#endif
        return a * b + c;
    }

    [[nodiscard]] friend Lanes sqrt(Lanes a) { // compilers do not turn a loop into this: errno would not be set
#if defined(__AVX512F__)
        if constexpr (N == 8) {
            return (Vector)_mm512_maskz_sqrt_pd(0xff, (__m512d)a.values);
        }
#endif
#if defined(__AVX__)
        if constexpr (N == 4) {
            return (Vector)_mm256_sqrt_pd((__m256d)a.values);
        }
#endif
#if defined(__SSE2__)
        if constexpr (N == 2) {
            return (Vector)_mm_sqrt_pd((__m128d)a.values);
        }
#endif
        for (std::size_t i = 0; i < N; ++i) {
            a.values[i] = std::sqrt(a.values[i]);
        }
        return a;
    }
};

/// The lanes of as many doubles as one instruction computes.
using NativeLanes = Lanes<native_lanes>;

} // namespace margincore
