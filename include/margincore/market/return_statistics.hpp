// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>

#include <margincore/core/arrays.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// Trading days that a year of daily returns is annualised with.
/// @source Convention; the workshop's exercise on volatility-based margin uses it with 30 daily returns.
inline constexpr double trading_days_per_year = 252.0;

namespace detail {

inline void require_returns(const ConstMatrixRef& returns, Eigen::Index fewest, const Where& where) {
    if (returns.rows() < fewest) {
        throw InvalidInput(where, "must have at least " + std::to_string(fewest) + " periods, got " +
                                      std::to_string(returns.rows()));
    }
    for (Eigen::Index period = 0; period < returns.rows(); ++period) {
        for (Eigen::Index asset = 0; asset < returns.cols(); ++asset) {
            const Where row = where[static_cast<std::size_t>(period)];
            static_cast<void>(require_finite(returns(period, asset), row[static_cast<std::size_t>(asset)]));
        }
    }
}

} // namespace detail

/// Historical volatility of each column of returns: sample standard deviation times the root of the periods a year.
///
/// @param returns           Returns a period, fractions. Shape (n_periods, n_assets), n_periods >= 2.
/// @param periods_per_year  Periods a year: 252 for daily returns.
/// @return                  Annualised volatility, >= 0. Shape (n_assets).
/// @throws InvalidInput     where a return is not finite or there are fewer than two periods.
/// @source                  Sample standard deviation with n - 1; Hull, Options, Futures and Other Derivatives,
///                          "Estimating volatility from historical data".
[[nodiscard]] inline Array historical_volatility(const ConstMatrixRef& returns,
                                                 double periods_per_year = trading_days_per_year) {
    detail::require_returns(returns, 2, "returns");
    static_cast<void>(require_positive(periods_per_year, 1e9, "periods_per_year"));
    const Eigen::Array<double, 1, Eigen::Dynamic> mean = returns.colwise().mean();
    const auto degrees_of_freedom = static_cast<double>(returns.rows() - 1);
    const Array variance = (returns.rowwise() - mean).square().colwise().sum().transpose() / degrees_of_freedom;
    return (variance * periods_per_year).sqrt();
}

/// Beta of each column of returns to the benchmark: cov(r, r_benchmark) / var(r_benchmark).
///
/// @param returns            Returns a period, fractions. Shape (n_periods, n_assets), n_periods >= 2.
/// @param benchmark_returns  Returns of the benchmark over the same periods. Shape (n_periods).
/// @return                   Beta. Shape (n_assets).
/// @throws InvalidInput      where a return is not finite, lengths differ, there are fewer than two periods, or the
///                           benchmark does not move.
/// @source                   Definition of beta as the slope of the regression on the benchmark.
[[nodiscard]] inline Array historical_beta(const ConstMatrixRef& returns, const ConstArrayRef& benchmark_returns) {
    detail::require_returns(returns, 2, "returns");
    if (benchmark_returns.size() != returns.rows()) {
        throw InvalidInput("benchmark_returns", "must have one return for each of " + std::to_string(returns.rows()) +
                                                    " periods, got " + std::to_string(benchmark_returns.size()));
    }
    const Where benchmark("benchmark_returns");
    for (Eigen::Index period = 0; period < benchmark_returns.size(); ++period) {
        static_cast<void>(require_finite(benchmark_returns(period), benchmark[static_cast<std::size_t>(period)]));
    }
    if (benchmark_returns.minCoeff() == benchmark_returns.maxCoeff()) { // the mean need not be exact, so before it
        throw InvalidInput(benchmark, "must move, got the same return in every period");
    }
    const Array deviation = benchmark_returns - benchmark_returns.mean();
    const double variation = deviation.square().sum();
    return (returns.colwise() * deviation).colwise().sum().transpose() / variation;
}

} // namespace margincore
