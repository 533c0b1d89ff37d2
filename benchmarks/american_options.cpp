// SPDX-License-Identifier: Apache-2.0
// How fast are eleven prices of an American option with a continuous yield, one core?
// Baseline: the same of one option at a time, without lanes, in the same run.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <random>
#include <vector>

#include <margincore/core/lanes.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/option_terms.hpp>

#include "instruction_set.hpp"

using namespace margincore;

namespace {

constexpr std::size_t series = 4096;
constexpr std::size_t spots = 11;
constexpr int repeats = 15;
constexpr std::size_t checked_every = 16;
constexpr AmericanScheme tight = {
    .collocation_nodes = 16, .iterations = 12, .boundary_points = 21, .pricing_points = 61, .approximation_steps = 6};

double spot_at(std::size_t k) { return 70.0 + 6.0 * static_cast<double>(k); }

/// Columns, so that lanes are loaded as they are from a caller's arrays.
struct Series {
    std::array<std::vector<double>, 6> columns; // sign, strike, time, rate, dividend yield, volatility

    Series() {
        std::mt19937_64 random(20160624);
        const auto uniform = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
        for (std::size_t i = 0; i < series; ++i) {
            columns[0].push_back(uniform(0, 1) < 0.5 ? 1.0 : -1.0);
            columns[1].push_back(uniform(80, 125));
            columns[2].push_back(uniform(3.0 / 365, 2));
            columns[3].push_back(uniform(0, 0.08));
            columns[4].push_back(uniform(0, 0.06));
            columns[5].push_back(uniform(0.1, 1.2));
        }
    }

    template <class T>
    [[nodiscard]] OptionTerms<T> terms(std::size_t first) const {
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

/// Prices by [spot][series].
using Prices = std::array<std::vector<double>, spots>;

template <class T, AmericanScheme scheme>
void price_all(const Series& all, Prices& prices) {
    constexpr std::size_t lanes = sizeof(T) / sizeof(double);
    for (std::size_t first = 0; first < series; first += lanes) {
        const AmericanOption<T, scheme> option(all.terms<T>(first));
        for (std::size_t k = 0; k < spots; ++k) {
            const T price = option.price(T(spot_at(k)));
            if constexpr (lanes == 1) {
                prices[k][first] = price;
            } else {
                price.store(prices[k].data() + first);
            }
        }
    }
}

template <class T, AmericanScheme scheme>
bool measure(const Series& all, const char* name, double allowed) {
    Prices prices;
    prices.fill(std::vector<double>(series));
    double best = 1e300;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        price_all<T, scheme>(all, prices);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    double worst = 0;
    for (std::size_t i = 0; i < series; i += checked_every) {
        const AmericanOption<double, tight> reference(all.terms<double>(i));
        for (std::size_t k = 0; k < spots; ++k) {
            worst = std::max(worst, std::abs(prices[k][i] - reference.price(spot_at(k))));
        }
    }
    if (!(worst < allowed)) {
        std::printf("wrong: %s differs by %.2e\n", name, worst);
        return false;
    }
    std::printf("  %-24s %7.3f us per series of %zu spots, %6.2f M prices/s, greatest error $%.1e\n", name,
                best / series * 1e6, spots, static_cast<double>(series * spots) / best * 1e-6, worst);
    return true;
}

[[gnu::noinline]] int run(const char* set) {
    const Series all;
    std::printf("American options, %zu series, one core, %s, %zu lanes\n", series, set, native_lanes);
    constexpr AmericanScheme fast = american_scheme(Accuracy::fast);
    constexpr AmericanScheme accurate = american_scheme(Accuracy::accurate);
    const bool right = measure<NativeLanes, fast>(all, "fast", 1e-3) &&
                       measure<NativeLanes, accurate>(all, "accurate", 1e-4) &&
                       measure<double, fast>(all, "fast, without lanes", 1e-3);
    return right ? 0 : 1;
}

} // namespace

int main() {
    const InstructionSet set = instruction_set();
    if (!set.is_here) {
        std::printf("this machine has no %s: nothing measured\n", set.name);
        return 0;
    }
    return run(set.name);
}
