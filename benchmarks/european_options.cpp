// SPDX-License-Identifier: Apache-2.0
// How fast are European prices, of columns and at the eleven spots of a series, one core?
// Baseline: the formula of the book as a plain loop over the same columns with the functions of libm, in the same run.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include <margincore/core/arrays.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/european_columns.hpp>

#include "instruction_set.hpp"
#include "option_sample.hpp"
#include "timing.hpp"

using namespace margincore;

namespace {

constexpr std::size_t options = OptionSample::size;
constexpr std::size_t spots = spots_of_a_series;
constexpr int repeats = 301;
constexpr double spot = 100.0;
constexpr double allowed = 1e-13 * spot;

/// The book's formula: Black and Scholes (1973), Merton (1973).
[[nodiscard]] double plain_price(const OptionTerms<double>& terms, double at) {
    const double deviation = terms.volatility * std::sqrt(terms.time);
    const double d1 =
        (std::log(at / terms.strike) + (terms.rate - terms.dividend_yield) * terms.time) / deviation + 0.5 * deviation;
    const auto probability = [&](double d) { return 0.5 * std::erfc(-terms.sign * d * std::sqrt(0.5)); };
    return terms.sign * (at * std::exp(-terms.dividend_yield * terms.time) * probability(d1) -
                         terms.strike * std::exp(-terms.rate * terms.time) * probability(d1 - deviation));
}

[[nodiscard]] double greatest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double greatest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        greatest = std::max(greatest, std::abs(a[i] - b[i]));
    }
    return greatest;
}

/// Columns, each at one spot.
[[nodiscard]] bool measure_columns(const OptionSample& all) {
    const std::vector<double> at(options, spot);
    const OptionColumns columns{.sign = std::span<const double>(all.columns[0]),
                                .spot = std::span<const double>(at),
                                .strike = std::span<const double>(all.columns[1]),
                                .time = std::span<const double>(all.columns[2]),
                                .rate = std::span<const double>(all.columns[3]),
                                .dividend_yield = std::span<const double>(all.columns[4]),
                                .volatility = std::span<const double>(all.columns[5])};
    std::vector<double> plain(options);
    Array ours(static_cast<Eigen::Index>(options));
    double best_plain = 1e300;
    double best_ours = 1e300;
    for (int i = 0; i < repeats; ++i) { // in turn, so that both meet the same machine
        best_plain = std::min(best_plain, seconds_of([&] {
                                  for (std::size_t k = 0; k < options; ++k) {
                                      plain[k] = plain_price(all.terms<double>(k), spot);
                                  }
                              }));
        best_ours = std::min(best_ours, seconds_of([&] { ours = price_european(columns, std::move(ours)); }));
    }
    const double error = greatest_difference(plain, {ours.data(), ours.data() + options});
    std::printf("  columns           %7.1f M prices/s, plain libm loop %6.1f, ratio %5.2f, greatest difference $%.1e\n",
                options / best_ours * 1e-6, options / best_plain * 1e-6, best_plain / best_ours, error);
    return error < allowed;
}

/// The spots of a series, what they share computed once, on both sides.
[[nodiscard]] bool measure_series(const OptionSample& all) {
    SampledPrices ours;
    SampledPrices plain;
    ours.fill(std::vector<double>(options));
    plain.fill(std::vector<double>(options));
    double best_plain = 1e300;
    double best_ours = 1e300;
    for (int i = 0; i < repeats; ++i) {
        best_plain = std::min(best_plain, seconds_of([&] {
                                  for (std::size_t k = 0; k < options; ++k) {
                                      const OptionTerms<double> terms = all.terms<double>(k);
                                      for (std::size_t s = 0; s < spots; ++s) {
                                          plain[s][k] = plain_price(terms, spot_at(s));
                                      }
                                  }
                              }));
        best_ours = std::min(
            best_ours, seconds_of([&] {
                std::vector<SpotMove<NativeLanes>> moves;
                for (std::size_t s = 0; s < spots; ++s) {
                    moves.push_back({NativeLanes(spot_at(s) / spot), NativeLanes(std::log(spot_at(s) / spot))});
                }
                for (std::size_t k = 0; k < options; k += native_lanes) {
                    const EuropeanOption<NativeLanes> option(all.terms<NativeLanes>(k), NativeLanes(spot));
                    for (std::size_t s = 0; s < spots; ++s) {
                        store(option.price(moves[s]), ours[s].data() + k);
                    }
                }
            }));
    }
    double error = 0;
    for (std::size_t s = 0; s < spots; ++s) {
        error = std::max(error, greatest_difference(plain[s], ours[s]));
    }
    constexpr double prices = options * spots;
    std::printf("  11 spots a series %7.2f ns a price, plain libm loop %6.2f, ratio %5.2f, greatest difference $%.1e\n",
                best_ours / prices * 1e9, best_plain / prices * 1e9, best_plain / best_ours, error);
    return error < allowed;
}

[[gnu::noinline]] int run(const char* set) {
    const OptionSample all;
    std::printf("European options, %zu series, one core, %s, %zu lanes\n", options, set, native_lanes);
    const bool columns = measure_columns(all);
    const bool series = measure_series(all);
    return columns && series ? 0 : 1;
}

} // namespace

int main() { return run_where_it_can(run); }
