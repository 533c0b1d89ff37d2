// SPDX-License-Identifier: Apache-2.0
// How long does an account of 20 options take from its document to the report under portfolio margin?
// Baseline: `reprice` of the same series at the same ten points, calibrated to the same marks, in the same run.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/document/document.hpp>
#include <margincore/pricing/american_columns.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>
#include <margincore/scenario/reprice.hpp>

#include "instruction_set.hpp"
#include "timing.hpp"

using namespace margincore;

namespace {

constexpr double spot = 100, rate = 0.04, dividend_yield = 0.01;
constexpr int expiries = 4, strikes = 5;

std::span<const double> column(const std::vector<double>& numbers) { return numbers; }

/// American options on one stock, puts and calls by turns, at the prices of a smile.
struct Series {
    std::vector<double> sign, strike, time, volatility, price;

    Series() {
        for (int e = 0; e < expiries; ++e) {
            for (int k = 0; k < strikes; ++k) {
                sign.push_back(k % 2 == 0 ? -1.0 : 1.0);
                strike.push_back(85.0 + 7.5 * k);
                time.push_back(28.0 * (e + 1) / 365.0);
                volatility.push_back(0.3 + 0.0002 * (strike.back() - spot) * (strike.back() - spot));
            }
        }
        const Array prices = price_american({.sign = column(sign),
                                             .spot = spot,
                                             .strike = column(strike),
                                             .time = column(time),
                                             .rate = rate,
                                             .dividend_yield = dividend_yield,
                                             .volatility = column(volatility)});
        price.assign(prices.begin(), prices.end());
    }
    [[nodiscard]] std::size_t size() const { return sign.size(); }
    [[nodiscard]] static double contracts(std::size_t i) { return i % 3 == 0 ? -5.0 : 4.0; }

    [[nodiscard]] Repriced reprice() const {
        const Points<Fraction> moves = moves_of(equity_range);
        return margincore::reprice({.options = {.sign = column(sign),
                                                .spot = spot,
                                                .strike = column(strike),
                                                .time = column(time),
                                                .rate = rate,
                                                .dividend_yield = dividend_yield},
                                    .price = column(price)},
                                   moves);
    }
    [[nodiscard]] std::string document() const {
        const Date today = date_of(2026, 11, 20, "valuation_date");
        std::string positions,
            instruments =
                fmt::format(R"("XYZ": {{"kind": "equity", "price": {}, "dividend_yield": {}}})", spot, dividend_yield);
        for (std::size_t i = 0; i < size(); ++i) {
            const Date expiry = today + std::chrono::days{std::lround(time[i] * 365)};
            const std::string day = to_string(expiry); // 2026-12-18
            const std::string symbol = fmt::format("XYZ   {}{}{}{}{:08.0f}", day.substr(2, 2), day.substr(5, 2),
                                                   day.substr(8, 2), sign[i] > 0 ? 'C' : 'P', strike[i] * 1000);
            positions +=
                fmt::format(R"({}{{"symbol": "{}", "quantity": {}}})", i == 0 ? "" : ", ", symbol, contracts(i));
            instruments += fmt::format(R"(, "{}": {{"price": {}}})", symbol, price[i]);
        }
        return fmt::format(
            R"({{"schema": 1, "account": {{"id": "A", "type": "portfolio_margin", "cash": 100000, "positions": [{}]}},
                 "market": {{"valuation_date": "2026-11-20", "rate": {}, "instruments": {{{}}}}}}})",
            positions, rate, instruments);
    }
    /// The loss at the worst point, or the minimum of contracts.
    [[nodiscard]] Money requirement() const {
        const Repriced repriced = reprice();
        Money worst = 0, minimum = 0;
        for (std::size_t k = 0; k < valuation_points; ++k) {
            Money gain = 0;
            for (std::size_t i = 0; i < size(); ++i) {
                gain += 100 * contracts(i) * repriced.gains(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k));
            }
            worst = std::min(worst, gain);
        }
        for (std::size_t i = 0; i < size(); ++i) { // a long one asks for no more than it is worth
            minimum += 100 * std::abs(contracts(i)) * (contracts(i) < 0 ? 0.375 : std::min(0.375, price[i]));
        }
        return std::max(-worst, minimum);
    }
};

[[gnu::noinline]] int run(const char* set) {
    const Series series;
    const std::string text = series.document();
    const document::Value value = document::parse_json(text, "document");
    const Report report = document::evaluate(document::read_account_document(value));
    if (!(std::abs(report.requirement.maintenance - series.requirement()) < 0.005)) {
        std::printf("wrong requirement: %.4f, expected %.4f\n", report.requirement.maintenance, series.requirement());
        return 1;
    }
    double reprice = std::numeric_limits<double>::infinity();
    double parse = reprice, read = reprice, market = reprice, price = reprice, make = reprice, write = reprice;
    double parsed = reprice, whole = reprice;
    const auto least = [](double& best, auto&& work) { best = std::min(best, seconds_of(work)); };
    for (int i = 0; i < 400; ++i) { // by turns, so that what else the machine does is in all of them
        least(reprice, [&] { static_cast<void>(series.reprice()); });
        document::Value in;
        document::AccountDocument account;
        MarketRows rows;
        PortfolioRows portfolio;
        Report made;
        document::Value out;
        least(parse, [&] { in = document::parse_json(text, "document"); });
        least(read, [&] { account = document::read_account_document(in); });
        least(market, [&] { rows = market_rows(account.instruments, account.market, account.policy); });
        least(price, [&] { portfolio = document::detail::held_portfolio_rows(account, rows); });
        least(make, [&] {
            made = make_portfolio_report(account.account(), rows, portfolio, account.market, account.policy);
        });
        least(write, [&] { out = document::report_document(made); });
        least(parsed,
              [&] { out = document::report_document(document::evaluate(document::read_account_document(value))); });
        least(whole, [&] {
            static_cast<void>(document::report_document(document::evaluate(document::read_account_document(
                                                            document::parse_json(text, "document"))))
                                  .dump());
        });
    }
    std::printf("an account of %zu options, %s, one core, best of several, microseconds\n"
                "reprice of the same series %6.0f\n"
                "parsed document to report  %6.0f, 1.5 times reprice and %+.0f (target +50)\n"
                "  read %.0f, rows of the market %.0f, priced rows %.0f, evaluate and explain %.0f, write %.0f\n"
                "JSON text to JSON text     %6.0f, of which parsing %.0f\n",
                series.size(), set, reprice * 1e6, parsed * 1e6, (parsed - 1.5 * reprice) * 1e6, read * 1e6,
                market * 1e6, price * 1e6, make * 1e6, write * 1e6, whole * 1e6, parse * 1e6);
    return 0;
}

} // namespace

int main() { return run_where_it_can(run); }
