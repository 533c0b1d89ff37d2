// SPDX-License-Identifier: Apache-2.0
// How fast are eleven prices of an American option under one to eight cash dividends, one core?
// Baseline: the same grid of one option at a time, without lanes, in the same run.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/dividend_grid.hpp>
#include <margincore/pricing/grid_accuracy.hpp>

#include "instruction_set.hpp"
#include "option_sample.hpp"
#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t options = 1024; // of the sample
constexpr std::size_t spots = spots_of_a_series;
constexpr int repeats = 7;
constexpr std::size_t checked_every = 16;
constexpr GridAccuracy tight{.points = 1600, .steps = 1600};

/// Dividends of each option; neighbours have as many, as the series of an underlying do.
[[nodiscard]] std::vector<std::vector<Dividend>> sample_dividends(const OptionSample& all) {
    std::mt19937_64 random(1973);
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
    std::vector<std::vector<Dividend>> result(options);
    for (std::size_t i = 0; i < options; ++i) {
        const std::size_t count = 1 + i / 8 % 8;
        for (std::size_t k = 0; k < count; ++k) {
            const double part = (static_cast<double>(k) + uniform(0.1, 0.9)) / static_cast<double>(count);
            result[i].push_back({part * all.columns[2][i], uniform(0.1, 1.5)});
        }
    }
    return result;
}

template <class T>
void price_all(const OptionSample& all, const std::vector<std::vector<Dividend>>& dividends,
               const GridAccuracy& accuracy, SampledPrices& prices) {
    for (std::size_t first = 0; first < options; first += lane_count<T>) {
        LaneDividends<T> of_lanes;
        for (std::size_t lane = 0; lane < lane_count<T>; ++lane) {
            of_lanes[lane] = dividends[first + lane];
        }
        const DividendGrid<T> grid(all.terms<T>(first), of_lanes, {.accuracy = accuracy});
        for (std::size_t k = 0; k < spots; ++k) {
            store(grid.price(T(spot_at(k))), prices[k].data() + first);
        }
    }
}

template <class T>
[[nodiscard]] bool measure(const OptionSample& all, const std::vector<std::vector<Dividend>>& dividends,
                           const GridAccuracy& accuracy, const char* name, double allowed) {
    SampledPrices prices;
    prices.fill(std::vector<double>(options));
    double best = 1e300;
    for (int i = 0; i < repeats; ++i) {
        best = std::min(best, seconds_of([&] { price_all<T>(all, dividends, accuracy, prices); }));
    }
    double worst = 0;
    for (std::size_t i = 0; i < options; i += checked_every) {
        const DividendGrid<double> reference(all.terms<double>(i), {std::span<const Dividend>(dividends[i])},
                                             {.accuracy = tight});
        for (std::size_t k = 0; k < spots; ++k) {
            worst = std::max(worst, std::abs(prices[k][i] - reference.price(spot_at(k))));
        }
    }
    if (!(worst < allowed)) {
        std::printf("wrong: %s differs by %.2e\n", name, worst);
        return false;
    }
    std::printf("  %-24s %7.2f us per series of %zu spots, greatest error $%.1e\n", name,
                best / static_cast<double>(options) * 1e6, spots, worst);
    return true;
}

[[gnu::noinline]] int run(const char* set) {
    const OptionSample all;
    const std::vector<std::vector<Dividend>> dividends = sample_dividends(all);
    std::printf("American options under cash dividends, %zu series, one core, %s, %zu lanes\n", options, set,
                native_lanes);
    const bool right = measure<NativeLanes>(all, dividends, fast_grid, "fast", 2.5e-2) &&
                       measure<NativeLanes>(all, dividends, accurate_grid, "accurate", 3e-3) &&
                       measure<double>(all, dividends, accurate_grid, "accurate, without lanes", 3e-3);
    return right ? 0 : 1;
}

} // namespace

int main() { return run_where_it_can(run); }
