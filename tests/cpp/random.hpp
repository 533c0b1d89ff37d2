// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

/// Random numbers that are the same with every standard library: its distributions are not, its engine is.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// In [low, high).
    double uniform(double low, double high) {
        return low + (high - low) * std::ldexp(static_cast<double>(engine_() >> 11U), -53);
    }
    /// From 0 to n - 1.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }
    bool chance(double probability) { return uniform(0, 1) < probability; }
    template <class T, std::size_t N>
    const T& one_of(const std::array<T, N>& choices) {
        return choices[below(N)];
    }

private:
    std::mt19937_64 engine_;
};
