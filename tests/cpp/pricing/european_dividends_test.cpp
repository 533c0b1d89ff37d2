// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>
#include <unsupported/Eigen/AutoDiff>

#include <margincore/core/lanes.hpp>
#include <margincore/pricing/dividend_grid.hpp>
#include <margincore/pricing/european_dividends.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr double spot = 100;

struct Sample {
    OptionTerms<double> terms;
    std::vector<Dividend> dividends; ///< Some have gone ex, or do so after expiry.
};

Sample random_sample(Random& random) {
    Sample sample{.terms = {.sign = random.chance(0.5) ? 1.0 : -1.0,
                            .strike = random.uniform(75, 130),
                            .time = random.uniform(0.1, 2),
                            .rate = random.uniform(-0.01, 0.08),
                            .dividend_yield = random.uniform(0, 0.05),
                            .volatility = random.uniform(0.1, 0.8)},
                  .dividends = {{-0.1, 3}, {0.0, 4}}};
    for (double time = random.uniform(0.01, 0.2); time < 2.5; time += 0.25) {
        sample.dividends.push_back({time, random.uniform(0.1, 1.5)});
    }
    return sample;
}

double price(const OptionTerms<double>& terms, double at, const std::vector<Dividend>& dividends) {
    return european_price(terms, at, std::span<const Dividend>(dividends));
}

template <class T>
OptionTerms<T> as(const OptionTerms<double>& terms) {
    return {T(terms.sign), T(terms.strike), T(terms.time), T(terms.rate), T(terms.dividend_yield), T(terms.volatility)};
}

} // namespace

TEST_CASE("European dividends: published price of the escrowed model", "[pricing][cited]") {
    // Haug, The Complete Guide to Option Pricing Formulas (1997), 1.4.1, page 19: 3.5107.
    CHECK(std::abs(price({1, 82, 1.0 / 3, 0.06, 0, 0.3}, 80, {{0.25, 4}}) - 3.5107) < 6e-5);
}

TEST_CASE("European dividends: the grid's prices and sensitivities", "[pricing][oracle]") {
    Random random(1997);
    for (int i = 0; i < 40; ++i) {
        const auto [terms, dividends] = random_sample(random);
        const DividendGrid<double> grid(terms, {std::span<const Dividend>(dividends)},
                                        {.style = ExerciseStyle::european, .model = DividendModel::escrowed});
        const Greeks<double> greeks = european_greeks(terms, spot, std::span<const Dividend>(dividends));
        CAPTURE(i, terms.sign, terms.strike, terms.time, terms.volatility);
        CHECK(std::abs(price(terms, spot, dividends) - grid.price(spot)) < 3e-4);
        CHECK(std::abs(greeks.delta - grid.delta(spot)) < 1e-4);
        CHECK(std::abs(greeks.gamma - grid.gamma(spot)) < 1e-4);
        CHECK(std::abs(greeks.theta - grid.theta(spot)) < 5e-2);
    }
}

TEST_CASE("European dividends: sensitivities are differences of prices", "[pricing][property]") {
    Random random(1998);
    constexpr double step = 1e-5;
    for (int i = 0; i < 60; ++i) {
        const auto sample = random_sample(random); // clang 14 captures no structured binding
        const auto& terms = sample.terms;
        const auto& dividends = sample.dividends;
        const Greeks<double> greeks = european_greeks(terms, spot, std::span<const Dividend>(dividends));
        const auto slope = [&](double OptionTerms<double>::* term) {
            OptionTerms<double> above = terms;
            OptionTerms<double> below = terms;
            above.*term += step;
            below.*term -= step;
            return (price(above, spot, dividends) - price(below, spot, dividends)) / (2 * step);
        };
        const auto in_time = [&](double time) { // as time goes by all dividends draw nearer
            OptionTerms<double> then = terms;
            then.time -= time;
            std::vector<Dividend> nearer = dividends;
            for (Dividend& dividend : nearer) {
                dividend.time -= dividend.time > 0 ? time : 0;
            }
            return price(then, spot, nearer);
        };
        CAPTURE(i, terms.sign, terms.strike, terms.time, terms.volatility);
        CHECK(std::abs(greeks.delta - (price(terms, spot + step, dividends) - price(terms, spot - step, dividends)) /
                                          (2 * step)) < 1e-7);
        CHECK(std::abs(greeks.vega - slope(&OptionTerms<double>::volatility)) < 1e-5);
        CHECK(std::abs(greeks.rho - slope(&OptionTerms<double>::rate)) < 1e-5);
        CHECK(std::abs(greeks.theta - (in_time(step) - in_time(-step)) / (2 * step)) < 1e-5);
    }
}

TEST_CASE("European dividends: of floats, of lanes and of numbers that differentiate themselves",
          "[pricing][property]") {
    using Differential = Eigen::AutoDiffScalar<Eigen::Matrix<double, 3, 1>>;
    Random random(1999);
    for (int i = 0; i < 40; ++i) {
        const auto [terms, dividends] = random_sample(random);
        const std::span<const Dividend> view(dividends);
        const double expected = price(terms, spot, dividends);
        CAPTURE(i, terms.sign, terms.strike, terms.time, terms.volatility);
        CHECK(std::abs(european_price(as<float>(terms), static_cast<float>(spot), view) - expected) < 1e-3);
        const NativeLanes lanes = european_price(as<NativeLanes>(terms), NativeLanes(spot), view);
        CHECK(lanes[native_lanes - 1] == about(expected));

        OptionTerms<Differential> differential = as<Differential>(terms);
        differential.volatility.derivatives()[1] = 1;
        differential.rate.derivatives()[2] = 1;
        Differential at(spot);
        at.derivatives()[0] = 1;
        const Differential result = european_price(differential, at, view);
        const Greeks<double> greeks = european_greeks(terms, spot, view);
        CHECK(result.value() == about(expected));
        CHECK(std::abs(result.derivatives()[0] - greeks.delta) < 1e-9);
        CHECK(std::abs(result.derivatives()[1] - greeks.vega) < 1e-7);
        CHECK(std::abs(result.derivatives()[2] - greeks.rho) < 1e-7);
    }
}

TEST_CASE("European dividends: dividends of more than the spot leave what does not move", "[pricing][property]") {
    const std::vector<Dividend> dividends{{0.5, 150}};
    CHECK(price({1, 100, 1, 0, 0, 0.3}, spot, dividends) == about(0, 1e-12));
    CHECK(price({-1, 100, 1, 0.05, 0, 0.3}, spot, dividends) == about(100 * std::exp(-0.05)));
    const Greeks<double> greeks =
        european_greeks<double>({-1, 100, 1, 0.05, 0, 0.3}, spot, std::span<const Dividend>(dividends));
    CHECK(greeks.delta == 0);
    CHECK(greeks.rho == about(-100 * std::exp(-0.05)));
}
