// SPDX-License-Identifier: Apache-2.0
// How fast are eleven prices of an American option with a continuous yield, one core?
// Baseline: the same of one option at a time, without lanes, in the same run.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/option_terms.hpp>

#include "instruction_set.hpp"
#include "option_sample.hpp"
#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t series = OptionSample::size;
constexpr std::size_t spots = spots_of_a_series;
constexpr int repeats = 15;
constexpr std::size_t checked_every = 16;
constexpr AmericanScheme tight = {
    .collocation_nodes = 16, .iterations = 12, .boundary_points = 21, .pricing_points = 61, .approximation_steps = 6};

template <class T, AmericanScheme scheme>
void price_all(const OptionSample& all, SampledPrices& prices) {
    for (std::size_t first = 0; first < series; first += lane_count<T>) {
        const AmericanOption<T, scheme> option(all.terms<T>(first));
        for (std::size_t k = 0; k < spots; ++k) {
            store(option.price(T(spot_at(k))), prices[k].data() + first);
        }
    }
}

template <class T, AmericanScheme scheme>
bool measure(const OptionSample& all, const char* name, double allowed) {
    SampledPrices prices;
    prices.fill(std::vector<double>(series));
    double best = 1e300;
    for (int i = 0; i < repeats; ++i) {
        best = std::min(best, seconds_of([&] { price_all<T, scheme>(all, prices); }));
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
    const OptionSample all;
    std::printf("American options, %zu series, one core, %s, %zu lanes\n", series, set, native_lanes);
    constexpr AmericanScheme fast = american_scheme(Accuracy::fast);
    constexpr AmericanScheme accurate = american_scheme(Accuracy::accurate);
    const bool right = measure<NativeLanes, fast>(all, "fast", 1e-3) &&
                       measure<NativeLanes, accurate>(all, "accurate", 1e-4) &&
                       measure<double, fast>(all, "fast, without lanes", 1e-3);
    return right ? 0 : 1;
}

} // namespace

int main() { return run_where_it_can(run); }
