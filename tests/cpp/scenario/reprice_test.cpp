// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/dividend_grid.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/scenario/reprice.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
const std::vector<Fraction> valuation_points = {-0.15, -0.12, -0.09, -0.06, -0.03, 0.03, 0.06, 0.09, 0.12, 0.15};

/// Columns of series that grow a row at a time.
struct Series {
    std::vector<double> sign, spot, strike, time, rate, yield, price, volatility;
    std::vector<std::uint8_t> is_european;
    std::vector<std::int64_t> underlying, schedule;
    std::vector<std::vector<Dividend>> schedules;

    std::size_t add(const OptionTerms<double>& terms, double at_spot, bool european, std::int64_t dividends = -1) {
        sign.push_back(terms.sign);
        spot.push_back(at_spot);
        strike.push_back(terms.strike);
        time.push_back(terms.time);
        rate.push_back(terms.rate);
        yield.push_back(terms.dividend_yield);
        price.push_back(none);
        volatility.push_back(terms.volatility);
        is_european.push_back(european ? 1 : 0);
        underlying.push_back(static_cast<std::int64_t>(at_spot));
        schedule.push_back(dividends);
        return sign.size() - 1;
    }
    [[nodiscard]] OptionSeries view() const {
        const auto column = [](const std::vector<double>& numbers) { return std::span<const double>(numbers); };
        return {.options = {.sign = column(sign),
                            .spot = column(spot),
                            .strike = column(strike),
                            .time = column(time),
                            .rate = column(rate),
                            .dividend_yield = column(yield)},
                .price = column(price),
                .implied_volatility = column(volatility),
                .is_european = is_european,
                .underlying = underlying,
                .schedule = schedule,
                .schedules = schedules};
    }
    /// A row, and nothing else.
    [[nodiscard]] Series only(std::size_t row) const {
        Series one;
        one.schedules = schedules;
        one.add({sign[row], strike[row], time[row], rate[row], yield[row], volatility[row]}, spot[row],
                is_european[row] != 0, schedule[row]);
        return one;
    }
    /// The price of a row by the option classes themselves.
    [[nodiscard]] double alone(std::size_t row, double factor) const {
        const OptionTerms<double> terms{sign[row], strike[row], time[row], rate[row], yield[row], volatility[row]};
        if (schedule[row] >= 0 && schedules[0][0].time <= time[row]) {
            const DividendGridPolicy policy{.style = is_european[row] != 0 ? ExerciseStyle::european
                                                                           : ExerciseStyle::american,
                                            .accuracy = fast_grid};
            const SpotRange<double> moved{spot[row] * 0.85, spot[row] * 1.15};
            return DividendGrid<double>(terms, {std::span<const Dividend>(schedules[0])}, policy, moved)
                .price(spot[row] * factor);
        }
        return is_european[row] != 0
                   ? european_price(terms, spot[row] * factor)
                   : AmericanOption<double, american_scheme(Accuracy::fast)>(terms).price(spot[row] * factor);
    }
};

Series random_series(std::uint64_t seed, std::size_t count) {
    Random random(seed);
    Series series;
    series.schedules = {{{0.1, 0.5}, {0.35, 0.5}, {0.6, 0.5}}};
    for (std::size_t i = 0; i < count; ++i) {
        series.add({.sign = random.chance(0.5) ? 1.0 : -1.0,
                    .strike = 100 * std::exp(random.uniform(-0.3, 0.3)),
                    .time = random.uniform(0.02, 1.0),
                    .rate = random.uniform(0, 0.06),
                    .dividend_yield = random.chance(0.5) ? 0.0 : random.uniform(0, 0.04),
                    .volatility = random.uniform(0.15, 0.8)},
                   100, random.chance(0.3), random.chance(0.2) ? 0 : -1);
    }
    return series;
}

} // namespace

TEST_CASE("reprice: gains are those of each series alone, whatever stands beside it", "[scenario][property]") {
    const Series series = random_series(1, 203);
    const Repriced result = reprice(series.view(), valuation_points);
    for (std::size_t row = 0; row < series.sign.size(); ++row) {
        const auto r = static_cast<Eigen::Index>(row);
        const Repriced alone = reprice(series.only(row).view(), valuation_points);
        REQUIRE(result.prices[r] == alone.prices[0]);
        // By one number at a time, whose exponential is another's; early exercise makes more of a rounding.
        const double tolerance = 1e-9;
        INFO("row " << row << " european " << int(series.is_european[row]) << " schedule " << series.schedule[row]);
        REQUIRE(std::abs(result.prices[r] - series.alone(row, 1.0)) < tolerance);
        for (std::size_t k = 0; k < valuation_points.size(); ++k) {
            REQUIRE(result.gains(r, static_cast<Eigen::Index>(k)) == alone.gains(0, static_cast<Eigen::Index>(k)));
            const double gain = series.alone(row, 1 + valuation_points[k]) - series.alone(row, 1.0);
            REQUIRE(std::abs(result.gains(r, static_cast<Eigen::Index>(k)) - gain) < tolerance);
        }
    }
}

TEST_CASE("reprice: a series is calibrated to its own mark, and no move is no gain", "[scenario][property]") {
    Series series = random_series(2, 120);
    const Repriced made = reprice(series.view(), {});
    std::vector<double> volatility = series.volatility;
    for (std::size_t row = 0; row < volatility.size(); ++row) {
        series.price[row] = made.prices[static_cast<Eigen::Index>(row)];
        series.volatility[row] = none;
    }
    const std::vector<Fraction> moves = {-0.1, 0.0, 0.1};
    const Repriced result = reprice(series.view(), moves);
    for (std::size_t row = 0; row < volatility.size(); ++row) {
        const auto r = static_cast<Eigen::Index>(row);
        INFO("row " << row << " volatility " << volatility[row] << " price " << series.price[row]);
        CHECK(result.gains(r, 1) == 0.0);
        if (result.volatilities[r] > 0.01) { // and the mark says something of it
            CHECK(std::abs(result.prices[r] - series.price[row]) < 2e-4);
        }
    }
}

TEST_CASE("reprice: marks without time value take the floor of 1 %", "[scenario][property]") {
    Series series;
    for (const double mark : {20.0, 19.0}) {
        const std::size_t row = series.add({1, 80, 0.5, 0.0, 0.0, none}, 100, true);
        series.price[row] = mark;
    }
    const Repriced result = reprice(series.view(), valuation_points);
    CHECK(result.volatilities[0] == 0.01);
    CHECK(result.volatilities[1] == 0.01);
    CHECK(result.gains(0, 9) == Approx(15.0));
}

TEST_CASE("reprice: a mark above what the option is worth without volatility has its own, however low",
          "[scenario][property]") {
    Series series;
    const std::vector<Dividend> dividends = {{0.25, 1.0}};
    series.schedules = {dividends};
    const DividendGridPolicy grid{.style = ExerciseStyle::american, .accuracy = fast_grid};
    for (const bool european : {true, false}) { // without a yield the American call is worth the European one
        const OptionTerms<double> terms{1, 102, 0.5, 0.04, 0.0, 0.005};
        series.price[series.add(terms, 100, european)] = european_price(terms, 100.0);
    }
    const OptionTerms<double> put{-1, 100, 0.5, 0.0, 0.04, 0.005};
    series.price[series.add(put, 100, false)] =
        AmericanOption<double, american_scheme(Accuracy::fast)>(put).price(100.0);
    const OptionTerms<double> call{1, 101, 0.5, 0.04, 0.0, 0.008};
    series.price[series.add(call, 100, false, 0)] =
        DividendGrid<double>(call, {std::span<const Dividend>(dividends)}, grid).price(100.0);
    const std::vector<double> volatility = series.volatility;
    series.volatility.assign(volatility.size(), none);
    const Repriced result = reprice(series.view(), {});
    for (std::size_t row = 0; row < volatility.size(); ++row) {
        const auto r = static_cast<Eigen::Index>(row);
        INFO("row " << row << " price " << series.price[row]);
        CHECK(result.volatilities[r] == Approx(volatility[row]).epsilon(1e-3));
        CHECK(std::abs(result.prices[r] - series.price[row]) < 2e-4);
    }
}

TEST_CASE("reprice: the volatility of a mark may be given in its place", "[scenario][property]") {
    Series series;
    series.schedules = {{{0.001, 0.01}}};
    for (const std::int64_t schedule : {-1, 0}) {
        for (const bool european : {true, false}) {
            for (const double missing : {1e-9, 1e-7, 1e-5, 1e-3, 0.1, 0.5}) { // of the price's limit
                for (const double time : {0.001, 0.002, 1.0}) {
                    const std::size_t row =
                        series.add({1, 100, time, 0.0, schedule < 0 ? 0.01 : 0.0, none}, 100, european, schedule);
                    series.price[row] = 99.0 * (1 - missing);
                }
            }
        }
    }
    std::size_t refused = 0;
    for (std::size_t row = 0; row < series.sign.size(); ++row) {
        Series one = series;
        const auto only = [row](auto& column) { column = {column[row]}; };
        only(one.sign), only(one.spot), only(one.strike), only(one.time), only(one.rate), only(one.yield);
        only(one.price), only(one.volatility), only(one.is_european), only(one.underlying), only(one.schedule);
        Repriced found;
        try {
            found = reprice(one.view(), valuation_points);
        } catch (const NumericalFailure& failure) {
            CHECK(std::string(failure.where()) == "price[0]");
            ++refused;
            continue;
        }
        CHECK(found.volatilities[0] <= largest_option_volatility);
        one.volatility[0] = found.volatilities[0];
        INFO("row " << row << " volatility " << found.volatilities[0]);
        CHECK((reprice(one.view(), valuation_points).gains == found.gains).all());
    }
    CHECK(refused > 0);
    CHECK(refused < series.sign.size());
}

TEST_CASE("reprice: a series that expires today gains what its intrinsic value does", "[scenario][property]") {
    Series series;
    for (const bool european : {false, true}) {
        for (const double sign : {1.0, -1.0}) {
            const std::size_t row = series.add({sign, 103, 0.0, 0.05, 0.01, none}, 100, european);
            series.price[row] = 3.5;
        }
    }
    const Repriced result = reprice(series.view(), valuation_points);
    for (std::size_t row = 0; row < 4; ++row) {
        for (std::size_t k = 0; k < valuation_points.size(); ++k) {
            const double s = series.sign[row];
            const double gain =
                (std::max)(0.0, s * (100 * (1 + valuation_points[k]) - 103)) - (std::max)(0.0, s * (100.0 - 103));
            CHECK(result.gains(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(k)) ==
                  Approx(gain).margin(1e-12));
        }
    }
}

TEST_CASE("reprice: threads change no bit, and progress ends at all", "[scenario][property]") {
    const Series series = random_series(3, 2'000);
    std::size_t last = 0;
    std::size_t all = 0;
    const Repriced one = reprice(series.view(), valuation_points,
                                 {.accuracy = Accuracy::fast, .progress = [&](std::size_t done, std::size_t total) {
                                      CHECK(done >= last);
                                      last = done;
                                      all = total;
                                  }});
    CHECK(last == all);
    CHECK(all == 4'000);
    const Repriced four = reprice(series.view(), valuation_points, {.threads = 4});
    CHECK((one.gains == four.gains).all());
    CHECK((one.volatilities == four.volatilities).all());
}

TEST_CASE(
    "reprice: along a flat smile nothing moves, along a skew the volatility after the move is that of the moneyness",
    "[scenario][property]") {
    Series flat;
    Series skew;
    for (const double strike : {80.0, 90.0, 100.0, 110.0, 120.0}) {
        flat.add({1, strike, 0.5, 0.02, 0.0, 0.3}, 100, true);
        skew.add({1, strike, 0.5, 0.02, 0.0, 0.3 - 0.4 * std::log(strike / 100)}, 100, true);
    }
    const RepriceOptions sticky{.volatility_mode = VolatilityMode::sticky_moneyness};
    const Repriced held = reprice(flat.view(), valuation_points);
    const Repriced moved = reprice(flat.view(), valuation_points, sticky);
    CHECK((held.gains - moved.gains).abs().maxCoeff() < 1e-12);
    const Repriced along = reprice(skew.view(), std::vector<Fraction>{0.05}, sticky);
    // The smile is straight in log(strike / spot) and the strike of 100 stays between others after the move.
    const double after = european_price<double>({1, 100, 0.5, 0.02, 0.0, 0.3 + 0.4 * std::log(1.05)}, 105.0);
    CHECK(along.gains(2, 0) == Approx(after - european_price<double>({1, 100, 0.5, 0.02, 0.0, 0.3}, 100.0)));
}

TEST_CASE("reprice: smiles of several spots need their underlyings", "[scenario][property]") {
    Series series;
    series.add({1, 100, 0.5, 0.04, 0.0, 0.2}, 100, true);
    series.add({1, 10.5, 0.5, 0.04, 0.0, 0.8}, 10, true);
    const RepriceOptions sticky{.volatility_mode = VolatilityMode::sticky_moneyness};
    CHECK(reprice(series.view(), std::vector<Fraction>{-0.1}, sticky).gains(0, 0) < 0);
    series.underlying.clear();
    CHECK_THROWS_WITH(
        reprice(series.view(), valuation_points, sticky),
        "underlying: must be given where spots differ and the volatility follows a smile, got 100 and 10");
    CHECK_NOTHROW(reprice(series.view(), valuation_points));
    series.spot[1] = 100;
    CHECK_NOTHROW(reprice(series.view(), valuation_points, sticky));
}

TEST_CASE("reprice: what it cannot price is refused by name, with its row", "[scenario][property]") {
    const auto message = [](auto&& spoil, const std::vector<Fraction>& moves = {0.1}) {
        Series series;
        for (int i = 0; i < 3; ++i) {
            series.add({-1, 100, 0.5, 0.02, 0.01, 0.3}, 100, false);
        }
        spoil(series);
        try {
            static_cast<void>(reprice(series.view(), moves));
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("nothing was thrown");
    };
    CHECK(message([](Series& series) { series.strike[2] = 0; }) == "strike[2]: must be more than zero, got 0");
    CHECK(message([](Series& series) { series.volatility[1] = none; }) ==
          "price[1]: must be given, or implied_volatility, got neither");
    CHECK(message([](Series& series) {
              series.volatility[1] = none;
              series.price[1] = 100.5;
          }) == "price[1]: must be below 100, which no volatility reaches, got 100.5");
    CHECK(message([](Series& series) { series.price[0] = -1; }) == "price[0]: must be zero or more, got -1");
    CHECK(message([](Series&) {}, {0.1, -1.5}).starts_with("moves[1]: must be"));
    CHECK(message([](Series& series) { series.schedule[2] = 0; }) ==
          "schedule[2]: must be a row of the 0 schedules of dividends, got 0");
    CHECK(message([](Series& series) {
              series.rate[1] = -0.01;
              series.yield[1] = -0.02;
          }).starts_with("dividend_yield[1]: with this rate exercise has two boundaries"));
    CHECK(message([](Series& series) {
              series.schedules = {{{0.25, 1.0}}};
              series.schedule[1] = 0;
              series.rate[1] = -0.01;
              series.yield[1] = -0.02;
          }).starts_with("dividend_yield[1]: with this rate exercise has two boundaries"));
    CHECK(message([](Series& series) { series.schedule.pop_back(); }) ==
          "dividends: must have the 3 rows of the series, got 2");
    CHECK_NOTHROW(reprice(OptionSeries{.options = {.strike = std::span<const double>()}}, valuation_points));
}

TEST_CASE("reprice: after a fall to nothing a call is worthless and a put worth its strike", "[scenario][property]") {
    Series series;
    series.schedules = {{{0.25, 1.0}}};
    for (const double rate : {0.05, -0.02}) {
        for (const bool european : {true, false}) {
            for (const std::int64_t schedule : {-1, 0}) {
                series.add({1, 90, 0.5, rate, 0.0, 0.3}, 100, european, schedule);
                series.add({-1, 90, 0.5, rate, 0.0, 0.3}, 100, european, schedule);
            }
        }
    }
    const std::vector<Fraction> moves = {-1.0, -0.999};
    const Repriced all = reprice(series.view(), moves);
    for (Eigen::Index row = 0; row < all.prices.size(); ++row) {
        const auto i = static_cast<std::size_t>(row);
        // Nothing is left to be uncertain about: the strike at expiry, or now where the style lets and that is more.
        const double later = std::exp(-series.rate[i] * 0.5);
        const double of_strike = series.is_european[i] != 0 ? later : (std::max)(1.0, later);
        const double price = series.sign[i] > 0 ? 0.0 : 90 * of_strike;
        CAPTURE(row);
        CHECK(all.prices[row] + all.gains(row, 0) == Approx(price).margin(1e-12));
        CHECK(std::abs(all.gains(row, 0) - all.gains(row, 1)) < 1.1); // no jump: nearly nothing is nearly the same
    }
}

TEST_CASE("reprice: where it is asked to pass over what is wrong, the others are as without", "[scenario][property]") {
    Series sound;
    Series mixed;
    Random random(19);
    std::vector<std::size_t> wrong;
    for (std::size_t i = 0; i < 200; ++i) {
        const OptionTerms<double> terms{random.chance(0.5) ? 1.0 : -1.0, 100, random.uniform(0.1, 2.0), 0.03, 0.01,
                                        random.uniform(0.1, 0.6)};
        const std::size_t row = mixed.add(terms, 100, random.chance(0.3));
        if (i % 7 == 3) {
            wrong.push_back(i);
            mixed.volatility[row] = none;
            mixed.price[row] = i % 2 == 0 ? 1e6 : none; // beyond any volatility, or no mark at all
            mixed.strike[row] = i % 3 == 0 ? -1 : 100;
        } else {
            sound.add(terms, 100, mixed.is_european[row] != 0);
        }
    }
    RepriceOptions options;
    options.passes_over = true;
    const Repriced all = reprice(mixed.view(), valuation_points, options);
    const Repriced rest = reprice(sound.view(), valuation_points);
    REQUIRE(all.failures.size() == wrong.size());
    Eigen::Index at = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        const auto row = static_cast<Eigen::Index>(i);
        const auto failure = std::ranges::find(all.failures, i, &SeriesFailure::row);
        REQUIRE((failure != all.failures.end()) == (std::ranges::find(wrong, i) != wrong.end()));
        if (failure != all.failures.end()) {
            CHECK_THROWS_AS(std::rethrow_exception(failure->reason), Error);
            CHECK(all.gains.row(row).isNaN().all());
        } else {
            CHECK((all.gains.row(row) == rest.gains.row(at)).all());
            ++at;
        }
    }
    CHECK_THROWS_AS(reprice(mixed.view(), valuation_points), Error);
}

TEST_CASE("reprice: a dividend beyond the spot is floored and reported", "[scenario][property]") {
    Series series;
    series.schedules = {{{0.1, 150.0}}};
    series.add({1, 100, 0.5, 0.02, 0.0, 0.3}, 100, false);
    series.add({1, 100, 0.5, 0.02, 0.0, 0.3}, 100, false, 0);
    const Repriced result = reprice(series.view(), valuation_points);
    CHECK(result.floored_dividends == std::vector<std::size_t>{1});
    CHECK(std::isfinite(result.gains(1, 0)));
}

TEST_CASE("reprice: a dividend beyond the spot after a move is reported too", "[scenario][property]") {
    Series series;
    series.schedules = {{{0.1, 90.0}}, {{0.1, 60.0}, {0.2, 25.0}}, {{0.1, 80.0}}, {{0.6, 90.0}}};
    for (std::int64_t schedule = 0; schedule < 4; ++schedule) {
        series.add({1, 100, 0.5, 0.0, 0.0, 0.3}, 100, false, schedule);
    }
    const auto floored = [&](const std::vector<Fraction>& moves) {
        return reprice(series.view(), moves).floored_dividends;
    };
    CHECK(floored({0.15}).empty());
    CHECK(floored({0.15, -0.12}) == std::vector<std::size_t>{0});
    CHECK(floored({-0.15, 0.15}) == std::vector<std::size_t>{0, 1}); // 85 less 60 less 25
    CHECK(floored({-0.2}) == std::vector<std::size_t>{0, 1, 2});     // the last goes ex after expiry
}
