// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <vector>

#include <margincore/market/return_statistics.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

/// Normally distributed enough for the purpose: the sum of twelve uniform numbers.
Matrix random_returns(Random& random, Eigen::Index periods, Eigen::Index assets) {
    Matrix returns(periods, assets);
    for (Eigen::Index i = 0; i < returns.size(); ++i) {
        double sum = -6;
        for (int k = 0; k < 12; ++k) {
            sum += random.uniform(0, 1);
        }
        returns.data()[i] = 0.0005 + 0.02 * sum;
    }
    return returns;
}

} // namespace

TEST_CASE("historical volatility: the textbook's twenty returns", "[market][cited]") {
    // Hull, Options, Futures and Other Derivatives, "Estimating volatility from historical data": 20 log returns of
    // these 21 prices, daily standard deviation 0.01216, annual volatility 19.3 %. The tolerances are the digits
    // printed.
    const std::vector<double> prices{20.00, 20.10, 19.90, 20.00, 20.50, 20.25, 20.90, 20.90, 20.90, 20.75, 20.75,
                                     21.00, 21.10, 20.90, 20.90, 21.25, 21.40, 21.40, 21.25, 21.75, 22.00};
    Matrix returns(20, 1);
    for (std::size_t i = 0; i < 20; ++i) {
        returns(static_cast<Eigen::Index>(i), 0) = std::log(prices[i + 1] / prices[i]);
    }
    CHECK(std::abs(historical_volatility(returns, 1)(0) - 0.01216) < 0.000005);
    CHECK(std::abs(historical_volatility(returns)(0) - 0.193) < 0.0005);
}

TEST_CASE("historical volatility: two-pass formula in extended precision", "[market][oracle]") {
    Random random(252);
    const Matrix returns = random_returns(random, 30, 7);
    const Array volatility = historical_volatility(returns);
    REQUIRE(volatility.size() == 7);
    for (Eigen::Index asset = 0; asset < 7; ++asset) {
        long double mean = 0;
        long double squares = 0;
        for (Eigen::Index t = 0; t < 30; ++t) {
            mean += static_cast<long double>(returns(t, asset)) / 30;
        }
        for (Eigen::Index t = 0; t < 30; ++t) {
            squares += (returns(t, asset) - mean) * (returns(t, asset) - mean);
        }
        CAPTURE(asset);
        CHECK(volatility(asset) == about(static_cast<double>(std::sqrt(squares / 29 * 252))));
    }
    CHECK(historical_volatility(returns, 1)(3) * std::sqrt(12.0) == about(historical_volatility(returns, 12)(3)));
}

TEST_CASE("historical beta: slope of the regression, by sums in extended precision", "[market][oracle]") {
    Random random(500);
    const Matrix returns = random_returns(random, 60, 5);
    const Array benchmark = random_returns(random, 60, 1).col(0);
    const Array beta = historical_beta(returns, benchmark);
    REQUIRE(beta.size() == 5);
    for (Eigen::Index asset = 0; asset < 5; ++asset) {
        long double x = 0;
        long double y = 0;
        long double xx = 0;
        long double xy = 0;
        for (Eigen::Index t = 0; t < 60; ++t) {
            x += benchmark(t);
            y += returns(t, asset);
            xx += static_cast<long double>(benchmark(t)) * benchmark(t);
            xy += static_cast<long double>(benchmark(t)) * returns(t, asset);
        }
        CAPTURE(asset);
        CHECK(beta(asset) == about(static_cast<double>((60 * xy - x * y) / (60 * xx - x * x))));
    }
}

TEST_CASE("historical beta: identities", "[market][property]") {
    Random random(3);
    const Array benchmark = random_returns(random, 40, 1).col(0);
    Matrix returns(40, 3);
    returns.col(0) = benchmark;
    returns.col(1) = 1.8 * benchmark + 0.01;
    returns.col(2) = 0.02;
    const Array beta = historical_beta(returns, benchmark);
    CHECK(beta(0) == about(1));
    CHECK(beta(1) == about(1.8));
    CHECK(beta(2) == about(0));
    CHECK(historical_volatility(returns)(2) == about(0));
    Matrix by_hand(3, 1); // mean 0.01, deviations -0.02, 0, 0.02: benchmark variance 0.0008 / 2, covariance 0.0012 / 2
    by_hand << -0.02, 0.01, 0.04;
    Array market(3);
    market << -0.01, 0.01, 0.03;
    CHECK(historical_beta(by_hand, market)(0) == about(1.5));
}

TEST_CASE("historical statistics: a block of a larger array is read in place", "[market][property]") {
    Random random(11);
    const Matrix all = random_returns(random, 50, 8);
    const Matrix copy = all.block(5, 2, 30, 4);
    CHECK((historical_volatility(all.block(5, 2, 30, 4)) == historical_volatility(copy)).all());
}

TEST_CASE("historical statistics: what cannot be computed is refused by name", "[market][property]") {
    const Matrix one = Matrix::Zero(1, 2);
    const Matrix two = Matrix::Constant(2, 2, 0.01);
    Matrix broken = two;
    broken(1, 0) = std::numeric_limits<double>::quiet_NaN();
    const Array moving = Array::LinSpaced(2, 0.0, 0.01);
    Array infinite = moving;
    infinite(0) = std::numeric_limits<double>::infinity();

    CHECK_THROWS_AS(historical_volatility(one), InvalidInput);
    CHECK_THROWS_WITH(historical_volatility(one), "returns: must have at least 2 periods, got 1");
    CHECK_THROWS_WITH(historical_volatility(broken), "returns[1][0]: must be a finite number, got nan");
    CHECK_THROWS_WITH(historical_volatility(two, 0), "periods_per_year: must be more than zero, got 0");
    CHECK_THROWS_WITH(historical_beta(one, moving), "returns: must have at least 2 periods, got 1");
    CHECK_THROWS_WITH(historical_beta(two, Array::Zero(3)),
                      "benchmark_returns: must have one return for each of 2 periods, got 3");
    CHECK_THROWS_WITH(historical_beta(two, infinite), "benchmark_returns[0]: must be a finite number, got inf");
    CHECK_THROWS_WITH(historical_beta(two, Array::Constant(2, 0.25)),
                      "benchmark_returns: must move, got the same return in every period");
}
