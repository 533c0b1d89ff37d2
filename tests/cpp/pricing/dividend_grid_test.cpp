// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/dividend_grid.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr double call = 1;
constexpr double put = -1;
constexpr ExerciseStyle american = ExerciseStyle::american;
constexpr ExerciseStyle european = ExerciseStyle::european;
constexpr DividendModel escrowed = DividendModel::escrowed;
constexpr std::array both_models{DividendModel::spot, DividendModel::escrowed};

static_assert(!GridNumber<float>); // a grid of floats would compile, and mean nothing

using Dividends = std::vector<Dividend>;

DividendGrid<double> grid(const OptionTerms<double>& terms, const Dividends& dividends,
                          const DividendGridPolicy& policy = {}) {
    return {terms, {std::span<const Dividend>(dividends)}, policy};
}

DividendGrid<double> grid(const OptionTerms<double>& terms, const Dividends& dividends,
                          const DividendGridPolicy& policy, const SpotRange<double>& spots) {
    return {terms, {std::span<const Dividend>(dividends)}, policy, spots};
}

/// Black, Scholes and Merton with the error function of the standard library; 0 time and volatility allowed.
double european_price(const OptionTerms<double>& o, double spot) {
    const double forward = spot * std::exp((o.rate - o.dividend_yield) * o.time);
    const double discount = std::exp(-o.rate * o.time);
    const double deviation = o.volatility * std::sqrt(o.time);
    if (deviation <= 0 || spot <= 0) {
        return discount * std::max(0.0, o.sign * (forward - o.strike));
    }
    const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
    const double d = std::log(forward / o.strike) / deviation + 0.5 * deviation;
    return discount * o.sign * (forward * cdf(o.sign * d) - o.strike * cdf(o.sign * (d - deviation)));
}

/// E[f(X at t)] for a lognormal X, discounted, by the trapezoidal rule over ten standard deviations to either side.
double expected(const OptionTerms<double>& o, double spot, double time, const std::function<double(double)>& f) {
    constexpr int steps = 4000;
    double sum = 0;
    for (int i = 0; i <= steps; ++i) {
        const double z = -10 + 20.0 * i / steps;
        const double x = spot * std::exp((o.rate - o.dividend_yield - 0.5 * o.volatility * o.volatility) * time +
                                         o.volatility * std::sqrt(time) * z);
        sum += std::exp(-0.5 * z * z) * f(x);
    }
    return std::exp(-o.rate * time) * sum * 20.0 / steps / std::sqrt(2 * 3.14159265358979323846);
}

OptionTerms<double> after(OptionTerms<double> terms, double time) {
    terms.time -= time;
    return terms;
}

/// Roll, Geske and Whaley: an American call on an escrowed dividend is exercised just before it or at expiry.
double roll_geske_whaley(const OptionTerms<double>& o, double spot, const Dividend& dividend) {
    const double moves = spot - dividend.amount * std::exp(-o.rate * dividend.time);
    return expected(o, moves, dividend.time, [&](double x) {
        return std::max(x + dividend.amount - o.strike, european_price(after(o, dividend.time), x));
    });
}

OptionTerms<double> random_terms(Random& random) {
    return {.sign = random.chance(0.5) ? call : put,
            .strike = 100,
            .time = random.uniform(0.05, 2),
            .rate = random.uniform(0, 0.08),
            .dividend_yield = random.chance(0.5) ? 0.0 : random.uniform(0, 0.05),
            .volatility = random.uniform(0.1, 0.9)};
}

Dividends random_dividends(Random& random, double time, std::size_t count) {
    Dividends dividends(count);
    for (Dividend& dividend : dividends) {
        dividend = {random.uniform(0, time), random.uniform(0, 2)};
    }
    std::sort(dividends.begin(), dividends.end(), [](auto& a, auto& b) { return a.time < b.time; });
    return dividends;
}

} // namespace

TEST_CASE("dividend grid: published prices", "[pricing][cited]") {
    // Haug, The Complete Guide to Option Pricing Formulas (1997), 1.4.1, page 19: 4.3860, and 3.5107 for the European
    // call. The tolerance is the accurate grid's and the digits printed.
    const OptionTerms<double> haug{call, 82, 1.0 / 3, 0.06, 0, 0.3};
    const Dividends one{{0.25, 4}};
    CHECK(std::abs(grid(haug, one, {.style = american, .model = escrowed}).price(80) - 4.3860) < 0.0005);
    CHECK(std::abs(grid(haug, one, {.style = european, .model = escrowed}).price(80) - 3.5107) < 0.0005);
    CHECK(std::abs(roll_geske_whaley(haug, 80, one[0]) - 4.3860) < 0.00006);
    // Hull, Options, Futures, and Other Derivatives, 5th edition, exercise 12.8, as QuantLib's tests quote it.
    const OptionTerms<double> hull{call, 40, 0.5, 0.09, 0, 0.3};
    const Dividends two{{2.0 / 12, 0.5}, {5.0 / 12, 0.5}};
    CHECK(std::abs(grid(hull, two, {.style = european, .model = escrowed}).price(40) - 3.67) < 0.005);
}

TEST_CASE("dividend grid: QuantLib's finite differences", "[pricing][oracle]") {
    // FdBlackScholesVanillaEngine of QuantLib 1.44, Douglas scheme, from grids of 1500 x 1500 and 3000 x 3000, which
    // differ by 1.4e-4 at most. Dividends that recur: the first, the days between, the number.
    struct Row {
        double sign, spot;
        DividendModel model;
        ExerciseStyle style;
        int first, between, count;
        double amount;
        int days;
        double rate, dividend_yield, volatility, price;
    };
    const std::vector<Row> rows{
        {put, 100, DividendModel::spot, american, 91, 91, 4, 1, 365, 0.05, 0, 0.3, 11.24774},
        {call, 105, DividendModel::spot, american, 91, 91, 4, 1, 365, 0.05, 0, 0.3, 15.70020},
        {put, 100, escrowed, american, 91, 91, 4, 1, 365, 0.05, 0, 0.3, 10.95904},
        {call, 110, escrowed, american, 30, 90, 2, 2, 182, 0.03, 0, 0.25, 12.16045},
        {put, 90, DividendModel::spot, american, 30, 90, 2, 2, 182, 0.03, 0.02, 0.6, 23.34380},
        {call, 100, DividendModel::spot, european, 30, 90, 2, 2, 182, 0.03, 0.02, 0.6, 14.84037},
        {put, 95, escrowed, american, 10, 91, 1, 0.75, 30, 0.08, 0, 0.2, 5.85069},
        {call, 120, DividendModel::spot, american, 60, 91, 8, 0.9, 730, 0.04, 0.01, 0.4, 34.16463},
    };
    for (const Row& row : rows) {
        Dividends dividends;
        for (int i = 0; i < row.count; ++i) {
            dividends.push_back({(row.first + row.between * i) / 365.0, row.amount});
        }
        const OptionTerms<double> terms{row.sign, 100, row.days / 365.0, row.rate, row.dividend_yield, row.volatility};
        CAPTURE(row.sign, row.spot, row.price);
        CHECK(std::abs(grid(terms, dividends, {row.style, row.model, accurate_grid}).price(row.spot) - row.price) <
              1e-3);
        CHECK(std::abs(grid(terms, dividends, {row.style, row.model, fast_grid}).price(row.spot) - row.price) < 1e-2);
    }
}

TEST_CASE("dividend grid: closed forms of European options", "[pricing][oracle]") {
    Random random(1973);
    for (int i = 0; i < 60; ++i) {
        const OptionTerms<double> terms = random_terms(random);
        const auto without = grid(terms, {}, {.style = european});
        const Dividends dividends = random_dividends(random, terms.time, 3);
        const auto set_aside = grid(terms, dividends, {.style = european, .model = escrowed});
        const double value = present_value(dividends, terms.time, terms.rate, terms.dividend_yield);
        CAPTURE(i, terms.sign, terms.time, terms.volatility);
        for (const double spot : {70.0, 90.0, 100.0, 115.0, 140.0}) {
            CHECK(std::abs(without.price(spot) - european_price(terms, spot)) < 3e-4);
            CHECK(std::abs(set_aside.price(spot) - european_price(terms, spot - value)) < 3e-4);
        }
    }
}

TEST_CASE("dividend grid: one dividend in the spot model, by quadrature", "[pricing][oracle]") {
    // A European option after the dividend is Black and Scholes'; so is an American call that pays no yield.
    Random random(2003);
    for (int i = 0; i < 40; ++i) {
        OptionTerms<double> terms = random_terms(random);
        const Dividend dividend{random.chance(0.2) ? terms.time : random.uniform(0.02, 1) * terms.time,
                                random.uniform(0, 5)};
        const Dividends dividends{dividend};
        const auto held = grid(terms, dividends, {.style = european});
        const auto value_after = [&](double spot) {
            return european_price(after(terms, dividend.time), std::max(0.0, spot - dividend.amount));
        };
        CAPTURE(i, terms.sign, terms.time, terms.volatility, dividend.time, dividend.amount);
        for (const double spot : {75.0, 100.0, 130.0}) {
            CHECK(std::abs(held.price(spot) - expected(terms, spot, dividend.time, value_after)) < 6e-4);
        }
        terms.sign = call;
        terms.dividend_yield = 0;
        const auto early = grid(terms, dividends);
        for (const double spot : {75.0, 100.0, 130.0}) {
            const double price = expected(terms, spot, dividend.time,
                                          [&](double x) { return std::max(x - terms.strike, value_after(x)); });
            CHECK(std::abs(early.price(spot) - std::max(price, spot - terms.strike)) < 1e-3);
        }
    }
}

TEST_CASE("dividend grid: Roll, Geske and Whaley", "[pricing][oracle]") {
    Random random(1981);
    for (int i = 0; i < 40; ++i) {
        OptionTerms<double> terms = random_terms(random);
        terms.sign = call;
        terms.dividend_yield = 0;
        const Dividend dividend{random.uniform(0.02, 0.98) * terms.time, random.uniform(0, 5)};
        const auto prices = grid(terms, {dividend}, {.style = american, .model = escrowed});
        CAPTURE(i, terms.time, terms.volatility, dividend.time, dividend.amount);
        for (const double spot : {75.0, 100.0, 130.0}) {
            const double price = std::max(roll_geske_whaley(terms, spot, dividend), spot - terms.strike);
            CHECK(std::abs(prices.price(spot) - price) < 1e-3);
        }
    }
}

TEST_CASE("dividend grid: order of prices", "[pricing][property]") {
    Random random(60);
    for (int i = 0; i < 30; ++i) {
        const OptionTerms<double> terms = random_terms(random);
        const Dividends dividends = random_dividends(random, terms.time, 1 + random.below(8));
        for (const DividendModel model : both_models) {
            const auto early = grid(terms, dividends, {.style = american, .model = model});
            const auto held = grid(terms, dividends, {.style = european, .model = model});
            double last = early.price(20);
            CAPTURE(i, name_of(model));
            for (double spot = 25; spot <= 300; spot += 5) {
                const double price = early.price(spot);
                CHECK(price >= std::max(0.0, terms.sign * (spot - terms.strike)));
                CHECK(price >= held.price(spot) - 1e-3); // each has the error of its grid
                CHECK(held.price(spot) >= 0);
                CHECK(terms.sign * (price - last) >= -1e-4);
                CHECK(std::abs(price - last) <= 5 + 1e-3);
                last = price;
            }
        }
    }
}

TEST_CASE("dividend grid: a lane is the same to the bit, whatever stands beside it", "[pricing][property]") {
    using T = NativeLanes;
    using Terms = OptionTerms<double>;
    const std::vector<double> spots{60.0, 95.0, 110.0, 250.0};
    Random random(8);
    for (int round = 0; round < 12; ++round) {
        std::vector<Terms> terms;
        std::vector<Dividends> dividends;
        for (std::size_t lane = 0; lane < native_lanes; ++lane) {
            terms.push_back(random_terms(random));
            if (random.chance(0.2)) { // beyond all lanes' points some time
                terms.back().volatility = random.uniform(0.01, 3);
            }
            dividends.push_back(random_dividends(random, terms.back().time, round < 4 ? 3 : random.below(10)));
            if (!dividends.back().empty() && random.chance(0.2)) { // most of the spot, some of them in the last days
                dividends.back().back() = {random.uniform(0.998, 1) * terms.back().time, random.uniform(10, 90)};
            }
        }
        // With the option in each lane that `at` says.
        const auto pack_of = [&](auto&& at, const DividendGridPolicy& policy) {
            const auto member = [&](double Terms::* which) {
                return by_lane<T>([&](std::size_t lane) { return terms[at(lane)].*which; });
            };
            LaneDividends<T> lanes;
            for (std::size_t lane = 0; lane < native_lanes; ++lane) {
                lanes[lane] = dividends[at(lane)];
            }
            return DividendGrid<T>({member(&Terms::sign), member(&Terms::strike), member(&Terms::time),
                                    member(&Terms::rate), member(&Terms::dividend_yield), member(&Terms::volatility)},
                                   lanes, policy, {T(spots.front()), T(spots.back())});
        };
        for (const DividendModel model : both_models) {
            const DividendGridPolicy policy{.style = round % 3 == 0 ? european : american,
                                            .model = model,
                                            .accuracy = round % 2 == 0 ? accurate_grid : fast_grid};
            const auto together = pack_of([](std::size_t lane) { return lane; }, policy);
            for (std::size_t lane = 0; lane < native_lanes; ++lane) {
                const auto alone = pack_of([&](std::size_t) { return lane; }, policy);
                const DividendGrid<double> single(terms[lane], {std::span<const Dividend>(dividends[lane])}, policy,
                                                  {spots.front(), spots.back()});
                for (const double spot : spots) {
                    CAPTURE(round, name_of(model), lane, spot);
                    CHECK(together.price(T(spot))[lane] == alone.price(T(spot))[0]);
                    CHECK(together.delta(T(spot))[lane] == alone.delta(T(spot))[0]);
                    CHECK(together.gamma(T(spot))[lane] == alone.gamma(T(spot))[0]);
                    CHECK(together.theta(T(spot))[lane] == alone.theta(T(spot))[0]);
                    CHECK(std::abs(together.price(T(spot))[lane] - single.price(spot)) < 1e-9);
                }
            }
        }
    }
}

TEST_CASE("dividend grid: what pays nothing is the American option without, however deep in the money",
          "[pricing][oracle]") {
    // By the boundary of exercise (Andersen, Lake and Offengenden), an independent method. Where the yield of the put
    // form is above its rate, exercise is decided far below the strike.
    Random random(1984);
    double squares = 0;
    int count = 0;
    for (int i = 0; i < 300; ++i) {
        OptionTerms<double> terms{.sign = random.chance(0.5) ? call : put,
                                  .strike = 100 * std::exp(random.uniform(0, 1)),
                                  .time = random.uniform(0.05, 2),
                                  .rate = random.uniform(0, 0.08),
                                  .dividend_yield = random.uniform(0, 0.08),
                                  .volatility = std::exp(random.uniform(std::log(0.02), 0))};
        terms.strike = terms.sign > 0 ? 1e4 / terms.strike : terms.strike;
        const DividendGrid<double> priced(terms, {}, {}, {100, 100});
        const double price = AmericanOption<double, american_scheme(Accuracy::accurate)>(terms).price(100);
        const double error = std::abs(priced.price(100) - price);
        CAPTURE(terms.sign, terms.strike, terms.time, terms.rate, terms.dividend_yield, terms.volatility);
        CHECK(error < 5e-3);
        squares += error * error;
        ++count;
    }
    CHECK(std::sqrt(squares / count) < 4e-4);
}

TEST_CASE("dividend grid: exercise that is decided deep in the money", "[pricing][oracle]") {
    // An independent solver of finite differences with a penalty for exercise, 1,600 and 3,200 points and steps.
    const auto price = [](const OptionTerms<double>& terms, const Dividend& dividend) {
        return grid(terms, {dividend}, {}, {100, 100}).price(100);
    };
    CHECK(std::abs(price({put, 198.54, 1.83, 0.034, 0.07, 0.106}, {0.915, 0.5}) - 99.3716) < 1e-3);
    CHECK(std::abs(price({call, 36.801, 1.2257, 0.0647, 0.023, 0.1327}, {0.61285, 0.5}) - 63.2527) < 1e-3);
    CHECK(std::abs(price({put, 285.51, 7.67, 0.0169, 0.0573, 0.0942}, {3.835, 0.5}) - 188.9165) < 2e-3);
}

TEST_CASE("dividend grid: delta, gamma and theta", "[pricing][oracle]") {
    const OptionTerms<double> terms{call, 100, 0.5, 0.04, 0.01, 0.3};
    for (const double spot : {80.0, 100.0, 125.0}) { // European without dividends: differences of the formula
        const auto prices = grid(terms, {}, {.style = european});
        const auto formula = [&](double at) { return european_price(terms, at); };
        CHECK(std::abs(prices.delta(spot) - (formula(spot + 0.01) - formula(spot - 0.01)) / 0.02) < 1e-4);
        CHECK(std::abs(prices.gamma(spot) -
                       (formula(spot + 0.05) + formula(spot - 0.05) - 2 * formula(spot)) / 0.0025) < 1e-4);
        const double day = 1.0 / 365;
        CHECK(std::abs(prices.theta(spot) - (european_price(after(terms, day), spot) - formula(spot)) / day) < 0.05);
    }
    const Dividends dividends{{0.2, 1}, {0.4, 1}};
    for (const DividendModel model : both_models) { // American with them: differences of the grid's own prices
        for (const double sign : {call, put}) {
            OptionTerms<double> early = terms;
            early.sign = sign;
            const auto prices = grid(early, dividends, {.style = american, .model = model});
            const double hour = 1.0 / 8760;
            const auto later =
                grid(after(early, hour), {{0.2 - hour, 1}, {0.4 - hour, 1}}, {.style = american, .model = model});
            for (const double spot : {90.0, 100.0, 115.0}) {
                CAPTURE(name_of(model), sign, spot);
                const double up = prices.price(spot + 0.5);
                const double down = prices.price(spot - 0.5);
                CHECK(std::abs(prices.delta(spot) - (up - down)) < 2e-4);
                CHECK(std::abs(prices.gamma(spot) - (prices.delta(spot + 0.5) - prices.delta(spot - 0.5))) < 5e-4);
                CHECK(std::abs(prices.theta(spot) - (later.price(spot) - prices.price(spot)) / hour) < 0.3);
            }
        }
    }
    const auto exercised = grid({put, 100, 1, 0.08, 0, 0.2}, {});
    CHECK(exercised.price(70) == about(30));
    CHECK(exercised.delta(70) == about(-1));
    CHECK(exercised.gamma(70) == 0);
    CHECK(exercised.theta(70) == 0);
}

TEST_CASE("dividend grid: beyond its ends, and without time or volatility", "[pricing][property]") {
    const Dividends dividends{{0.25, 1}, {0.5, 1}};
    for (const DividendModel model : both_models) {
        for (const double sign : {call, put}) {
            for (const auto& [time, volatility] :
                 std::vector<std::pair<double, double>>{{0, 0.3}, {1, 0}, {0, 0}, {1, 1e-9}, {1, 0.01}}) {
                const OptionTerms<double> terms{sign, 100, time, 0.05, 0, volatility};
                const CertainPath path(terms, dividends, american);
                const auto prices = grid(terms, dividends, {.style = american, .model = model});
                CAPTURE(name_of(model), sign, time, volatility);
                for (const double spot : {0.5, 20.0, 80.0, 90.0, 112.0, 130.0, 400.0}) {
                    CHECK(std::abs(prices.price(spot) - path.price(spot)) < 1e-3);
                    CHECK(std::isfinite(prices.delta(spot) + prices.gamma(spot) + prices.theta(spot)));
                }
            }
        }
    }
}

TEST_CASE("dividend grid: a dividend that exceeds the spot is told", "[pricing][property]") {
    const OptionTerms<double> terms{put, 100, 1, 0, 0, 0.4};
    const Dividends dividends{{0.25, 30}, {0.5, 30}};
    for (const DividendModel model : both_models) {
        const auto prices = grid(terms, dividends, {.style = european, .model = model});
        CHECK(prices.dividend_exceeds(55) == 1);
        CHECK(prices.dividend_exceeds(65) == 0);
        CHECK(prices.price(1e-3) == about(100, 1e-3));
        CHECK(prices.price(40) <= 100);
    }
    // One dividend that mostly takes all: by quadrature.
    const Dividends one{{0.5, 80}};
    const auto prices = grid(terms, one, {.style = european});
    for (const double spot : {40.0, 70.0, 100.0, 150.0}) {
        const double price = expected(
            terms, spot, 0.5, [&](double x) { return european_price(after(terms, 0.5), std::max(0.0, x - 80)); });
        CAPTURE(spot);
        CHECK(std::abs(prices.price(spot) - price) < 1e-2); // a kink of 80 at the spot of 80, which no grid here meets
    }
}

TEST_CASE("dividend grid: from one day to ten years, forty dividends, any rates", "[pricing][property]") {
    for (const DividendModel model : both_models) {
        for (const double sign : {call, put}) {
            for (const double time : {1.0 / 365, 10.0}) {
                for (const double volatility : {0.03, 0.4, 2.0}) {
                    for (const double rate : {-0.02, 0.0, 0.15}) {
                        Dividends dividends;
                        for (int i = 1; i <= 40; ++i) {
                            dividends.push_back({time * i / 40, 0.5});
                        }
                        const OptionTerms<double> terms{sign, 100, time, rate, 0.01, volatility};
                        const auto prices = grid(terms, dividends, {american, model, fast_grid});
                        const auto held = grid(terms, dividends, {european, model, fast_grid});
                        CAPTURE(name_of(model), sign, time, volatility, rate);
                        for (const double spot : {1.0, 70.0, 100.0, 130.0, 1000.0}) {
                            const double price = prices.price(spot);
                            CHECK(price >= std::max(0.0, sign * (spot - 100)));
                            CHECK(price <= std::max(spot, 100 * std::exp(std::max(0.0, -rate) * time)) + 1e-9);
                            CHECK(price >= held.price(spot) - 0.05);
                            CHECK(std::isfinite(prices.delta(spot) + prices.gamma(spot) + prices.theta(spot)));
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("dividend grid: dividends that do not matter", "[pricing][property]") {
    const OptionTerms<double> terms{call, 100, 0.5, 0.03, 0, 0.25};
    const auto without = grid(terms, {});
    const auto with = grid(terms, {{0, 2}, {0.6, 3}});
    const auto nothing = grid(terms, {{0.25, 0}});
    for (const double spot : {85.0, 100.0, 120.0}) {
        CHECK(with.price(spot) == without.price(spot));
        CHECK(std::abs(nothing.price(spot) - without.price(spot)) < 2e-4); // steps are finer around it
    }
}

TEST_CASE("dividend grid: an accuracy that cannot be is refused by name", "[pricing][property]") {
    using Catch::Matchers::ContainsSubstring;
    const OptionTerms<double> terms{call, 100, 0.5, 0.03, 0, 0.25};
    CHECK_THROWS_WITH(grid(terms, {}, {.accuracy = {101, 50}}), ContainsSubstring("accuracy.points"));
    CHECK_THROWS_WITH(grid(terms, {}, {.accuracy = {14, 50}}), ContainsSubstring("accuracy.points"));
    CHECK_THROWS_WITH(grid(terms, {}, {.accuracy = {100, 3}}), ContainsSubstring("accuracy.steps"));
}
