// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/dividend_columns.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/implied_volatility.hpp>
#include <margincore/pricing/implied_volatility_columns.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

TEST_CASE("implied volatility: gives back the volatility of a price, where the price determines it",
          "[pricing][property]") {
    Random random(1);
    std::vector<double> sign, strike, time, rate, yield, price, volatility, noise;
    for (int i = 0; i < 20'003; ++i) {
        volatility.push_back(std::exp(random.uniform(std::log(0.02), std::log(3.0))));
        time.push_back(std::exp(random.uniform(std::log(1 / 365.0), std::log(10.0))));
        const double moneyness = random.uniform(-5, 5) * volatility.back() * std::sqrt(time.back());
        strike.push_back(100 * std::exp((std::clamp)(moneyness, -12.0, 12.0)));
        sign.push_back(random.chance(0.5) ? 1 : -1);
        rate.push_back(random.uniform(-0.02, 0.08));
        yield.push_back(random.uniform(-0.02, 0.06));
        const EuropeanOption<double> option(
            {sign.back(), strike.back(), time.back(), rate.back(), yield.back(), volatility.back()}, 100.0);
        price.push_back(option.price());
        // What the last digit of the price, or of its larger halves, is worth in volatility.
        noise.push_back(1e-15 * (std::max)(100.0, strike.back()) / option.greeks().vega);
    }
    const auto column = [](const std::vector<double>& numbers) { return std::span<const double>(numbers); };
    const Array found = implied_volatility(column(price), {.sign = column(sign),
                                                           .spot = 100.0,
                                                           .strike = column(strike),
                                                           .time = column(time),
                                                           .rate = column(rate),
                                                           .dividend_yield = column(yield)});
    int determined = 0;
    for (std::size_t i = 0; i < price.size(); ++i) {
        const double error = std::abs(found[static_cast<Eigen::Index>(i)] - volatility[i]);
        INFO("strike " << strike[i] << " time " << time[i] << " volatility " << volatility[i] << " sign " << sign[i]);
        if (noise[i] < 1e-10 * volatility[i]) {
            ++determined;
            REQUIRE(error < 1e-9 * volatility[i]);
        }
        REQUIRE((error < 1e-12 * volatility[i] + 10 * noise[i] || noise[i] > 0.01 * volatility[i]));
    }
    CHECK(determined > 12'000);
}

TEST_CASE("implied volatility: a step that happens to be short is not taken for the end", "[pricing][regression]") {
    // One of a million random calls: at the first guess the numerator of Householder's step all but vanishes.
    const OptionTerms<double> terms{.sign = 1.0,
                                    .strike = 96.48484561370482,
                                    .time = 0.3511936630062663,
                                    .rate = 0.045951339551320504,
                                    .dividend_yield = 0.03054653680158701,
                                    .volatility = 0.10936969900877627};
    const double spot = 97.59113759049951;
    const double found = implied_volatility_european(terms, spot, european_price(terms, spot)).volatility;
    CHECK(found == about(terms.volatility, 1e-12));
}

TEST_CASE("implied volatility: every first guess on a fine mesh is mended", "[pricing][property]") {
    for (double moneyness = -1.5; moneyness <= 1.5; moneyness += 0.01) { // in deviations
        for (double volatility = 0.02; volatility < 1.2; volatility *= 1.01) {
            const OptionTerms<double> terms{.sign = moneyness < 0 ? 1.0 : -1.0,
                                            .strike = 100.0,
                                            .time = 0.5,
                                            .rate = 0.03,
                                            .dividend_yield = 0.03,
                                            .volatility = volatility};
            const double spot = 100.0 * std::exp(moneyness * volatility * std::sqrt(0.5));
            const double found = implied_volatility_european(terms, spot, european_price(terms, spot)).volatility;
            if (std::abs(found / volatility - 1) > 1e-10) {
                CAPTURE(moneyness, volatility, found);
                CHECK(found == about(volatility, 1e-10));
            }
        }
    }
}

TEST_CASE("implied volatility: of a price without time value it is zero", "[pricing][property]") {
    const double time_and_rate = 100 - 80 * std::exp(-0.05);
    CHECK(
        implied_volatility(time_and_rate, {.sign = 1.0, .spot = 100.0, .strike = 80.0, .time = 1.0, .rate = 0.05})[0] <
        0.02); // the last digit may be time value
    CHECK(implied_volatility(0.0, {.sign = 1.0, .spot = 100.0, .strike = 180.0, .time = 1.0})[0] == 0.0);
    CHECK(implied_volatility(20.0, {.sign = 1.0, .spot = 100.0, .strike = 80.0, .time = 1.0})[0] == 0.0);
}

TEST_CASE("implied volatility: extremes are found or refused by name, never not a number", "[pricing][property]") {
    const OptionColumns call{.sign = 1.0, .spot = 100.0, .strike = 100.0, .time = 1.0};
    for (const double volatility : {1e-6, 1e-3, 5.0, 10.0}) {
        const double price = european_price<double>({1, 100, 1, 0, 0, volatility}, 100.0);
        CHECK(implied_volatility(price, call)[0] == Approx(volatility).epsilon(1e-8));
    }
    const OptionColumns far{.sign = 1.0, .spot = 100.0, .strike = 200.0, .time = 0.01};
    CHECK(implied_volatility(1e-200, far)[0] > 0.1);
    CHECK_THROWS_WITH(implied_volatility(100.0, call),
                      "price: must be below 100, which no volatility reaches, got 100");
    const std::vector<double> prices = {25.0, 19.0};
    CHECK_THROWS_WITH(
        implied_volatility(std::span<const double>(prices), {.sign = 1.0, .spot = 100.0, .strike = 80.0, .time = 1.0}),
        "price[1]: must be at least 20, what the option is worth without volatility, got 19");
    CHECK_THROWS_AS(implied_volatility(19.0, {.sign = 1.0, .spot = 100.0, .strike = 80.0, .time = 1.0}),
                    NumericalFailure);
    CHECK_THROWS_WITH(implied_volatility(5.0, {.sign = 1.0, .spot = 100.0, .strike = 100.0, .time = 0.0}),
                      "time: must be more than zero, got 0");
    CHECK_THROWS_WITH(implied_volatility(5.0, {.sign = 1.0, .spot = 0.0, .strike = 100.0, .time = 1.0}),
                      "spot: must be more than zero, got 0");
    CHECK_THROWS_WITH(implied_volatility(-5.0, call), "price: must be zero or more, got -5");
}

TEST_CASE("implied volatility: a search that begins where the price is flat still ends at the price",
          "[pricing][property]") {
    // Deep in the money early exercise is best up to a volatility of about 0.6, and the search begins far below it;
    // steps by the slope there, which is as good as zero, lead nowhere near.
    std::vector<Dividend> dividends;
    for (int k = 0; k < 8; ++k) {
        dividends.push_back({.time = (7 + 91 * k) / 365.0, .amount = 0.35});
    }
    for (const GridAccuracy accuracy : {fast_grid, accurate_grid}) {
        const DividendGridPolicy policy{.accuracy = accuracy};
        OptionColumns call{.sign = 1.0, .spot = 58.0, .strike = 12.0, .time = 1.91, .rate = 0.035};
        for (int percent = 60; percent < 90; ++percent) {
            call.volatility = percent / 100.0;
            const double price = price_with_dividends(call, dividends, policy)[0];
            call.volatility = implied_volatility_with_dividends(price, call, dividends, policy)[0];
            CHECK(price_with_dividends(call, dividends, policy)[0] == Approx(price).epsilon(0).margin(1e-6 * 58));
        }
    }
}
