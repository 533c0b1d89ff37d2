// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>
#include <unsupported/Eigen/AutoDiff>

#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/european_columns.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

struct Option {
    OptionTerms<double> terms;
    double spot;
};

Option random_option(Random& random) {
    const double volatility = random.uniform(0.05, 1.5);
    const double time = random.uniform(1.0 / 365.0, 10.0);
    return {.terms = {.sign = random.chance(0.5) ? 1.0 : -1.0,
                      .strike = 100 * std::exp(random.uniform(-3, 3) * volatility * std::sqrt(time)),
                      .time = time,
                      .rate = random.uniform(-0.02, 0.1),
                      .dividend_yield = random.uniform(-0.02, 0.1),
                      .volatility = volatility},
            .spot = random.uniform(50, 150)};
}

/// Black, Scholes and Merton as it stands in books, by the C library in long double.
long double by_the_book(const Option& option) {
    const auto& [sign, strike, time, rate, yield, volatility] = option.terms;
    const auto cdf = [](long double x) { return 0.5L * std::erfc(-x / std::numbers::sqrt2_v<long double>); };
    const long double deviation = volatility * std::sqrt(static_cast<long double>(time));
    const long double spot = option.spot * std::exp(-static_cast<long double>(yield) * time);
    const long double present = strike * std::exp(-static_cast<long double>(rate) * time);
    const long double d1 = std::log(spot / present) / deviation + deviation / 2;
    return sign * (spot * cdf(sign * d1) - present * cdf(sign * (d1 - deviation)));
}

/// Columns of options, and the options that they are made of.
struct Columns {
    std::vector<double> sign, spot, strike, time, rate, dividend_yield, volatility;

    void add(const Option& option) {
        sign.push_back(option.terms.sign);
        spot.push_back(option.spot);
        strike.push_back(option.terms.strike);
        time.push_back(option.terms.time);
        rate.push_back(option.terms.rate);
        dividend_yield.push_back(option.terms.dividend_yield);
        volatility.push_back(option.terms.volatility);
    }
    [[nodiscard]] OptionColumns view() const {
        const auto column = [](const std::vector<double>& numbers) { return std::span<const double>(numbers); };
        return {.sign = column(sign),
                .spot = column(spot),
                .strike = column(strike),
                .time = column(time),
                .rate = column(rate),
                .dividend_yield = column(dividend_yield),
                .volatility = column(volatility)};
    }
};

} // namespace

TEST_CASE("European option: published prices", "[pricing][cited]") {
    struct Row {
        OptionTerms<double> terms;
        double spot;
        double price;
        double tolerance; // half a unit of the last digit that is printed
        const char* source;
    };
    const std::vector<Row> rows = {
        // Haug, The Complete Guide to Option Pricing Formulas (1998), by page, as QuantLib's
        // test-suite/europeanoption.cpp quotes it.
        {{1, 65, 0.25, 0.08, 0.00, 0.30}, 60, 2.1334, 5e-5, "Haug p. 2-8"},
        {{-1, 95, 0.50, 0.10, 0.05, 0.20}, 100, 2.4648, 5e-5, "Haug p. 2-8"},
        {{-1, 19, 0.75, 0.10, 0.10, 0.28}, 19, 1.7011, 5e-5, "Haug p. 2-8"},
        {{1, 1.60, 0.50, 0.06, 0.08, 0.12}, 1.56, 0.0291, 5e-5, "Haug p. 2-8"},
        {{-1, 70, 0.50, 0.10, 0.05, 0.35}, 75, 4.0870, 5e-5, "Haug p. 2-8"},
        {{1, 100, 0.10, 0.10, 0.10, 0.15}, 90, 0.0205, 5e-5, "Haug p. 24"},
        {{1, 100, 0.10, 0.10, 0.10, 0.35}, 110, 11.1381, 5e-5, "Haug p. 24"},
        {{-1, 100, 0.10, 0.10, 0.10, 0.15}, 110, 0.0408, 5e-5, "Haug p. 24"},
        {{-1, 100, 0.50, 0.10, 0.10, 0.35}, 90, 14.4452, 5e-5, "Haug p. 24"},
        {{1, 40, 0.75, 0.04, 0.08, 0.35}, 42, 5.0975, 5e-5, "Haug p. 27"},
    };
    for (const Row& row : rows) {
        INFO(row.source);
        CHECK(std::abs(european_price(row.terms, row.spot) - row.price) <= row.tolerance);
    }
}

TEST_CASE("European option: published greeks", "[pricing][cited]") {
    // Haug (1998), pages 11 to 16, as QuantLib's test-suite/europeanoption.cpp quotes it.
    const auto greeks = [](const OptionTerms<double>& terms, double spot) {
        return EuropeanOption<double>(terms, spot).greeks();
    };
    CHECK(std::abs(greeks({1, 100, 0.5, 0.10, 0.10, 0.36}, 105).delta - 0.5946) <= 5e-5);
    CHECK(std::abs(greeks({-1, 100, 0.5, 0.10, 0.10, 0.36}, 105).delta + 0.3566) <= 5e-5);
    CHECK(std::abs(greeks({1, 60, 0.75, 0.10, 0.0, 0.30}, 55).gamma - 0.0278) <= 5e-5);
    CHECK(std::abs(greeks({-1, 60, 0.75, 0.10, 0.0, 0.30}, 55).vega - 18.9358) <= 5e-5);
    CHECK(std::abs(greeks({-1, 405, 1.0 / 12, 0.07, 0.05, 0.20}, 430).theta + 31.1924) <= 5e-5);
}

TEST_CASE("European option: prices of one number, of lanes and of columns are those of the book", "[pricing][oracle]") {
    Random random(1);
    Columns columns;
    std::vector<Option> options;
    for (int i = 0; i < 20'003; ++i) { // and a rest that fills no lanes
        options.push_back(random_option(random));
        columns.add(options.back());
    }
    const Array prices = price_european(columns.view());
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto& [terms, spot] = options[i];
        const double exact = static_cast<double>(by_the_book(options[i]));
        const double tolerance = 1e-14 * (std::max)(spot, terms.strike);
        INFO(i << ": strike " << terms.strike << " time " << terms.time << " volatility " << terms.volatility);
        REQUIRE(std::abs(european_price(terms, spot) - exact) <= tolerance);
        REQUIRE(std::abs(prices[static_cast<Eigen::Index>(i)] - exact) <= tolerance);
    }
}

TEST_CASE("European option: computes in float as well", "[pricing][property]") {
    const float price = european_price<float>({1.0F, 105.0F, 0.5F, 0.05F, 0.01F, 0.2F}, 100.0F);
    CHECK(std::abs(price - european_price<double>({1, 105, 0.5, 0.05, 0.01, 0.2}, 100.0)) < 2e-5);
    CHECK(european_price<float>({1.0F, 90.0F, 0.0F, 0.0F, 0.0F, 0.2F}, 100.0F) == 10.0F);
}

TEST_CASE("European option: prices after moves are prices at the moved spots", "[pricing][property]") {
    Random random(2);
    for (int trial = 0; trial < 500; ++trial) {
        const auto [terms, spot] = random_option(random);
        const EuropeanOption<double> option(terms, spot);
        for (double factor = 0.7; factor < 1.31; factor += 0.06) {
            const double price = option.price({.factor = factor, .log_factor = std::log(factor)});
            REQUIRE(std::abs(price - european_price(terms, spot * factor)) <= 1e-13 * (std::max)(spot, terms.strike));
        }
    }
}

TEST_CASE("European option: parity, bounds and monotonicity", "[pricing][property]") {
    Random random(3);
    for (int trial = 0; trial < 2'000; ++trial) {
        const auto [terms, spot] = random_option(random);
        const auto with = [&, &held = terms](double sign, double strike, double volatility) {
            OptionTerms<double> changed = held;
            changed.sign = sign;
            changed.strike = strike;
            changed.volatility = volatility;
            return changed;
        };
        const double present_spot = spot * std::exp(-terms.dividend_yield * terms.time);
        const double present_strike = terms.strike * std::exp(-terms.rate * terms.time);
        const double tolerance = 1e-13 * (std::max)(spot, terms.strike);
        const double call = european_price(with(1, terms.strike, terms.volatility), spot);
        const double put = european_price(with(-1, terms.strike, terms.volatility), spot);
        REQUIRE(std::abs(call - put - (present_spot - present_strike)) <= tolerance);
        REQUIRE(call >= (std::max)(present_spot - present_strike, 0.0) - tolerance);
        REQUIRE(call <= present_spot + tolerance);
        REQUIRE(put <= present_strike + tolerance);
        REQUIRE(european_price(with(1, terms.strike, terms.volatility), 1.01 * spot) >= call - tolerance);
        REQUIRE(european_price(with(1, 1.01 * terms.strike, terms.volatility), spot) <= call + tolerance);
        REQUIRE(european_price(with(1, terms.strike, 1.01 * terms.volatility), spot) >= call - tolerance);
        REQUIRE(european_price(with(-1, terms.strike, 1.01 * terms.volatility), spot) >= put - tolerance);
    }
}

TEST_CASE("European option: greeks are slopes of the price, by bumps and by automatic differentiation",
          "[pricing][oracle]") {
    using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, 4, 1>>;
    static_assert(Real<Dual>);
    Random random(4);
    for (int trial = 0; trial < 500; ++trial) {
        const auto [terms, spot] = random_option(random);
        const Greeks<double> greeks = EuropeanOption<double>(terms, spot).greeks();
        const OptionTerms<Dual> seeded = {.sign = Dual(terms.sign),
                                          .strike = Dual(terms.strike),
                                          .time = Dual(terms.time, 4, 3),
                                          .rate = Dual(terms.rate, 4, 2),
                                          .dividend_yield = Dual(terms.dividend_yield),
                                          .volatility = Dual(terms.volatility, 4, 1)};
        const auto slopes = european_price<Dual>(seeded, Dual(spot, 4, 0)).derivatives();
        const double scale = (std::max)(spot, terms.strike);
        const double long_dated = (std::max)(1.0, terms.time);
        INFO("strike " << terms.strike << " time " << terms.time << " volatility " << terms.volatility);
        REQUIRE(std::abs(greeks.delta - slopes[0]) <= 1e-11);
        REQUIRE(std::abs(greeks.vega - slopes[1]) <= 1e-11 * scale * long_dated);
        REQUIRE(std::abs(greeks.rho - slopes[2]) <= 1e-11 * scale * long_dated);
        REQUIRE(std::abs(greeks.theta + slopes[3]) <= 1e-9 * scale); // by 1 / sqrt(T), up to 19 here
        const double step = 1e-3 * spot;
        const double up = EuropeanOption<double>(terms, spot + step).greeks().delta;
        const double down = EuropeanOption<double>(terms, spot - step).greeks().delta;
        const double bend = greeks.gamma * 1e-3 * (1 + 1 / (terms.volatility * std::sqrt(terms.time)));
        REQUIRE(std::abs(greeks.gamma - (up - down) / (2 * step)) <= (std::max)(1e-10, bend));
    }
}

TEST_CASE("European option: without time or volatility it is worth its discounted intrinsic value",
          "[pricing][property]") {
    for (const double sign : {1.0, -1.0}) {
        for (const double spot : {0.0, 50.0, 100.0, 150.0}) {
            for (const double time : {0.0, 1e-12, 1.0, 10.0}) {
                const OptionTerms<double> still = {sign, 100, time, 0.05, 0.02, 0.0};
                const double forward = sign * (spot * std::exp(-0.02 * time) - 100 * std::exp(-0.05 * time));
                INFO("sign " << sign << " spot " << spot << " time " << time);
                CHECK(std::abs(european_price(still, spot) - (std::max)(forward, 0.0)) <= 1e-12);
                CHECK(std::abs(european_price({sign, 100, 0, 0.05, 0.02, 0.3}, spot) -
                               (std::max)(sign * (spot - 100), 0.0)) <= 1e-12);
                for (const double volatility : {0.0, 1e-9, 0.3}) {
                    const Greeks<double> greeks =
                        EuropeanOption<double>({sign, 100, time, 0.05, 0.02, volatility}, spot).greeks();
                    for (const double greek : {greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho}) {
                        CHECK(std::isfinite(greek));
                    }
                }
            }
        }
    }
    CHECK(EuropeanOption<double>({-1, 100, 1, 0.05, 0.02, 0.3}, 0.0).greeks().delta == Approx(-std::exp(-0.02)));
}

TEST_CASE("European columns: one number stands for every row, and none for an empty column", "[pricing][property]") {
    const std::vector<double> strikes = {90, 95, 100, 105, 110, 115, 120, 125, 130};
    OptionColumns options{.spot = 100.0, .strike = std::span<const double>(strikes), .time = 0.5, .volatility = 0.2};
    const Array prices = price_european(options);
    REQUIRE(prices.size() == 9);
    for (std::size_t i = 0; i < strikes.size(); ++i) {
        CHECK(prices[static_cast<Eigen::Index>(i)] ==
              Approx(european_price<double>({1, strikes[i], 0.5, 0, 0, 0.2}, 100.0)).epsilon(1e-13));
    }
    options.strike = 100.0;
    CHECK(price_european(options).size() == 1);
    options.strike = std::span<const double>();
    CHECK(price_european(options).size() == 0);
    CHECK(greeks_european(options).gamma.size() == 0);
}

TEST_CASE("European columns: what no option can have is refused with its row", "[pricing][property]") {
    std::vector<double> column(13, 1.0);
    const auto message = [&](double bad, auto&& member) {
        column[11] = bad;
        OptionColumns options{.spot = 100.0, .strike = 100.0, .time = 0.5, .volatility = 0.2};
        options.*member = std::span<const double>(column);
        try {
            static_cast<void>(price_european(options));
        } catch (const InvalidInput& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    const double none = std::numeric_limits<double>::quiet_NaN();
    CHECK(message(-1, &OptionColumns::spot) == "spot[11]: must be zero or more, got -1");
    CHECK(message(0, &OptionColumns::strike) == "strike[11]: must be more than zero, got 0");
    CHECK(message(-0.25, &OptionColumns::time) == "time[11]: must be zero or more, got -0.25");
    CHECK(message(none, &OptionColumns::volatility).starts_with("volatility[11]: must be a finite number"));
    CHECK(message(6, &OptionColumns::rate) == "rate[11]: must be between -5 and 5, got 6");
    CHECK(message(-6, &OptionColumns::dividend_yield) == "dividend_yield[11]: must be between -5 and 5, got -6");
    CHECK(message(0.5, &OptionColumns::sign) == "right[11]: must be 1 for a call or -1 for a put, got 0.5");

    OptionColumns uneven{.spot = std::span<const double>(column), .strike = 100.0, .time = 0.5, .volatility = 0.2};
    const std::vector<double> shorter(12, 1.0);
    uneven.rate = std::span<const double>(shorter);
    CHECK_THROWS_WITH(price_european(uneven), "rate: must have the 13 rows of 'spot', got 12");
}
