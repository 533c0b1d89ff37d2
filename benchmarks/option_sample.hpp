// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/pricing/option_terms.hpp>

/// Options to measure with, in columns, so that lanes are loaded as they are from a caller's arrays.
struct OptionSample {
    static constexpr std::size_t size = 4096;

    std::array<std::vector<double>, 6> columns; // sign, strike, time, rate, dividend yield, volatility

    explicit OptionSample(double largest_yield = 0.06) {
        std::mt19937_64 random(20160624);
        const auto uniform = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
        for (std::size_t i = 0; i < size; ++i) {
            columns[0].push_back(uniform(0, 1) < 0.5 ? 1.0 : -1.0);
            columns[1].push_back(uniform(80, 125));
            columns[2].push_back(uniform(3.0 / 365, 2));
            columns[3].push_back(uniform(0, 0.08));
            columns[4].push_back(uniform(0, 1) * largest_yield);
            columns[5].push_back(uniform(0.1, 1.2));
        }
    }

    /// The terms of the options from `first` on, one a lane.
    template <class T>
    [[nodiscard]] margincore::OptionTerms<T> terms(std::size_t first) const {
        const auto load = [&](std::size_t column) {
            if constexpr (requires { T::load(columns[column].data()); }) {
                return T::load(columns[column].data() + first);
            } else {
                return T(columns[column][first]);
            }
        };
        return {.sign = load(0),
                .strike = load(1),
                .time = load(2),
                .rate = load(3),
                .dividend_yield = load(4),
                .volatility = load(5)};
    }
};

inline constexpr std::size_t spots_of_a_series = 11; ///< Ten points of a scenario, and the base.

[[nodiscard]] inline double spot_at(std::size_t k) { return 70.0 + 6.0 * static_cast<double>(k); }

/// Prices by [spot][option].
using SampledPrices = std::array<std::vector<double>, spots_of_a_series>;

template <class T>
void store(const T& price, double* to) {
    if constexpr (margincore::lane_count<T> == 1) {
        *to = price;
    } else {
        price.store(to);
    }
}
