// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <margincore/core/lanes.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_scheme.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/gauss_legendre.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr AmericanScheme fast = american_scheme(Accuracy::fast);
constexpr AmericanScheme accurate = american_scheme(Accuracy::accurate);
constexpr AmericanScheme tight = {
    .collocation_nodes = 16, .iterations = 12, .boundary_points = 21, .pricing_points = 61, .approximation_steps = 6};

template <AmericanScheme scheme>
double price(const OptionTerms<double>& terms, double spot) {
    return AmericanOption<double, scheme>(terms).price(spot);
}

OptionTerms<double> put(double strike, double time, double rate, double yield, double volatility) {
    return {
        .sign = -1.0, .strike = strike, .time = time, .rate = rate, .dividend_yield = yield, .volatility = volatility};
}

/// The call that is worth as much as a put: McDonald and Schroder (1998).
OptionTerms<double> mirrored(const OptionTerms<double>& terms, double spot) {
    return {.sign = -terms.sign,
            .strike = spot,
            .time = terms.time,
            .rate = terms.dividend_yield,
            .dividend_yield = terms.rate,
            .volatility = terms.volatility};
}

/// Of the ranges that the settings are chosen for.
OptionTerms<double> usual_terms(Random& random) {
    return {.sign = random.chance(0.5) ? 1.0 : -1.0,
            .strike = random.uniform(70, 140),
            .time = random.uniform(3 / 365.0, 2),
            .rate = random.chance(0.1) ? 0.0 : random.uniform(0, 0.08),
            .dividend_yield = random.chance(0.1) ? 0.0 : random.uniform(0, 0.06),
            .volatility = random.uniform(0.1, 1.2)};
}

/// Of any that a caller may give, limits included.
OptionTerms<double> any_terms(Random& random) {
    constexpr std::array<double, 8> times = {0.0, 1e-12, 1.0 / 365, 0.1, 1.0, 10.0, 100.0, 0.5};
    constexpr std::array<double, 9> rates = {0.0, 1e-12, -1e-12, 0.05, -0.05, 0.5, -0.5, 5.0, -5.0};
    constexpr std::array<double, 10> volatilities = {0.0, 1e-12, 1e-6, 1e-3, 0.01, 0.2, 1.0, 5.0, 100.0, 0.05};
    constexpr std::array<double, 5> strikes = {1e-6, 1.0, 100.0, 123.0, 1e9};
    OptionTerms<double> terms{};
    do {
        terms = {.sign = random.chance(0.5) ? 1.0 : -1.0,
                 .strike = random.one_of(strikes),
                 .time = random.one_of(times),
                 .rate = random.one_of(rates),
                 .dividend_yield = random.one_of(rates),
                 .volatility = random.one_of(volatilities)};
    } while (has_two_exercise_boundaries(terms));
    return terms;
}

template <std::size_t N>
OptionTerms<Lanes<N>> in_lanes(const std::array<OptionTerms<double>, N>& options) {
    OptionTerms<Lanes<N>> terms{};
    for (std::size_t i = 0; i < N; ++i) {
        terms.sign.set(i, options[i].sign);
        terms.strike.set(i, options[i].strike);
        terms.time.set(i, options[i].time);
        terms.rate.set(i, options[i].rate);
        terms.dividend_yield.set(i, options[i].dividend_yield);
        terms.volatility.set(i, options[i].volatility);
    }
    return terms;
}

void capture(const OptionTerms<double>& terms, double spot) {
    UNSCOPED_INFO("sign " << terms.sign << " strike " << terms.strike << " time " << terms.time << " rate "
                          << terms.rate << " yield " << terms.dividend_yield << " volatility " << terms.volatility
                          << " spot " << spot);
}

/// The best of a path without volatility by trying times.
double best_of_path(const OptionTerms<double>& terms, double spot) {
    constexpr int steps = 20'000;
    double best = 0;
    for (int i = 0; i <= steps; ++i) {
        const double time = terms.time * i / steps;
        best = std::max(best, terms.sign * (spot * std::exp(-terms.dividend_yield * time) -
                                            terms.strike * std::exp(-terms.rate * time)));
    }
    return best;
}

} // namespace

TEST_CASE("Gauss-Legendre: integrates powers below twice its points", "[pricing][property]") {
    constexpr GaussLegendre<7> gauss = gauss_legendre<7>();
    for (int power = 0; power < 14; ++power) {
        double sum = 0;
        for (std::size_t k = 0; k < 7; ++k) {
            sum += gauss.weights[k] * std::pow(gauss.points[k], power);
        }
        CAPTURE(power);
        CHECK(sum == about(1.0 / (power + 1), 1e-14));
    }
}

TEST_CASE("American option: the premium that the method's authors print", "[pricing][cited]") {
    // Andersen, Lake and Offengenden (2016), the table of a put at 100 with r = q = 5 %, 25 % and one year.
    const OptionTerms<double> terms = put(100, 1, 0.05, 0.05, 0.25);
    CHECK(price<tight>(terms, 100) - european_price(terms, 100.0) == about(0.106952702747, 1e-9));
    CHECK(std::abs(price<accurate>(terms, 100) - european_price(terms, 100.0) - 0.106952702747) < 1e-4);
    CHECK(std::abs(price<fast>(terms, 100) - european_price(terms, 100.0) - 0.106952702747) < 1e-3);
}

TEST_CASE("American option: values of binomial trees of 10,000 steps", "[pricing][oracle]") {
    // Ju, Review of Financial Studies 11 (1998), and Ju and Zhong, Journal of Derivatives 7 (1999): the puts of Geske
    // and Johnson (1984) at 40 with r = 4.88 %, to four digits; long calls with strike 100, to three. The tree's own
    // error is a unit of the last digit. Ju's approximations of the same, as QuantLib's test-suite/americanoption.cpp
    // quotes them from print, are within 0.02.
    constexpr std::array<double, 3> times = {0.0833, 0.3333, 0.5833};
    constexpr std::array<double, 3> strikes = {35, 40, 45};
    constexpr std::array<std::array<std::array<double, 3>, 3>, 3> puts = {
        {{{{0.0062, 0.2004, 0.4328}, {0.8522, 1.5798, 1.9904}, {5.0000, 5.0883, 5.2670}}},
         {{{0.0774, 0.6975, 1.2198}, {1.3099, 2.4825, 3.1696}, {5.0597, 5.7056, 6.2436}}},
         {{{0.2466, 1.3460, 2.1549}, {1.7681, 3.3874, 4.3526}, {5.2868, 6.5099, 7.3830}}}}};
    for (std::size_t v = 0; v < 3; ++v) {
        for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t t = 0; t < 3; ++t) {
                const OptionTerms<double> terms =
                    put(strikes[k], times[t], 0.0488, 0.0, 0.2 + 0.1 * static_cast<double>(v));
                capture(terms, 40);
                CHECK(std::abs(price<tight>(terms, 40) - puts[v][k][t]) < 2e-4);
                CHECK(std::abs(price<accurate>(terms, 40) - puts[v][k][t]) < 2e-4);
            }
        }
    }
    struct Calls {
        double rate, yield, volatility;
        std::array<double, 5> prices; // at 80, 90, 100, 110, 120
    };
    constexpr std::array<Calls, 3> calls = {{{0.03, 0.07, 0.2, {2.580, 5.167, 9.066, 14.443, 21.414}},
                                             {0.03, 0.07, 0.4, {11.326, 15.722, 20.793, 26.495, 32.781}},
                                             {0.00, 0.07, 0.3, {5.518, 8.842, 13.142, 18.453, 24.791}}}};
    for (const Calls& row : calls) {
        for (std::size_t i = 0; i < 5; ++i) {
            const double spot = 80 + 10 * static_cast<double>(i);
            const OptionTerms<double> terms{1.0, 100, 3, row.rate, row.yield, row.volatility};
            capture(terms, spot);
            CHECK(std::abs(price<tight>(terms, spot) - row.prices[i]) < 1e-3);
        }
    }
}

TEST_CASE("American option: within its setting of QuantLib's prices", "[pricing][oracle]") {
    // tests/oracle/american.py. Each fifth row, from the first, is of wider ranges than the settings are chosen for: up
    // to ten years, volatilities of 5 % to 200 %. The engine itself ends beside its solution in some of these (see the
    // case after this one), so a part of them is compared with the tight setting, which its fixed point B confirms.
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/../oracle/american.csv");
    REQUIRE(file);
    std::string line;
    std::getline(file, line);
    std::array<double, 2> greatest = {0, 0};
    std::array<double, 2> squares = {0, 0};
    std::array<double, 2> greatest_wide = {0, 0};
    std::size_t usual = 0;
    for (std::size_t index = 0; std::getline(file, line); ++index) {
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream fields(line);
        std::string right;
        OptionTerms<double> terms{};
        double spot = 0;
        double expected = 0;
        fields >> right >> spot >> terms.strike >> terms.time >> terms.rate >> terms.dividend_yield >>
            terms.volatility >> expected;
        REQUIRE(!fields.fail());
        terms.sign = right == "call" ? 1.0 : -1.0;
        const bool is_wide = index % 5 == 0;
        if (is_wide) {
            if (index % 100 != 0) {
                continue; // the tight setting takes its time
            }
            expected = price<tight>(terms, spot);
        }
        const std::array<double, 2> errors = {std::abs(price<fast>(terms, spot) - expected),
                                              std::abs(price<accurate>(terms, spot) - expected)};
        for (std::size_t i = 0; i < 2; ++i) {
            if (is_wide) {
                greatest_wide[i] = std::max(greatest_wide[i], errors[i]);
            } else {
                greatest[i] = std::max(greatest[i], errors[i]);
                squares[i] += errors[i] * errors[i];
            }
        }
        usual += is_wide ? 0 : 1;
    }
    REQUIRE(usual > 0);
    CHECK(greatest[0] < 1e-3);
    CHECK(greatest[1] < 1e-4);
    CHECK(std::sqrt(squares[0] / static_cast<double>(usual)) < 5e-5);
    CHECK(std::sqrt(squares[1] / static_cast<double>(usual)) < 5e-6);
    CHECK(greatest_wide[0] < 2e-2); // volatility x root(time) of 3 and more
    CHECK(greatest_wide[1] < 1e-2); // nine years at 6 % volatility
}

TEST_CASE("American option: low volatility with the rate much above the yield", "[pricing][regression]") {
    // Plain iterations circle the boundary of these; QuantLib 1.44 gives 0.98, 9.22 and 51.48 by fixed point A.
    // Sources: its fixed point B with the tanh-sinh rule, 40 nodes; the third is far beyond the boundary: its intrinsic
    // value.
    CHECK(std::abs(price<tight>({1, 100.821, 1917 / 365.0, 0.0468, 0.1160, 0.0899}, 100) - 1.73028) < 5e-4);
    CHECK(std::abs(price<tight>(put(109.225, 2724 / 365.0, 0.1032, -0.0148, 0.1696), 100) - 9.54836) < 5e-4);
    CHECK(price<fast>({1, 49.795, 3341 / 365.0, -0.0165, 0.1062, 0.0777}, 100) == about(50.205));
    CHECK(price<accurate>({1, 49.795, 3341 / 365.0, -0.0165, 0.1062, 0.0777}, 100) == about(50.205));
}

TEST_CASE("American option: not below European, nor exercise, and monotone", "[pricing][property]") {
    Random random(2016);
    for (int i = 0; i < 400; ++i) {
        const OptionTerms<double> terms = usual_terms(random);
        const AmericanOption<double, fast> option(terms);
        double before = terms.sign > 0 ? 0 : terms.strike;
        for (double spot = 40; spot < 200; spot += 8) {
            capture(terms, spot);
            const double here = option.price(spot);
            CHECK(here >= european_price(terms, spot) - 1e-12);
            CHECK(here >= std::max(0.0, terms.sign * (spot - terms.strike)));
            CHECK(terms.sign * (here - before) >= -1e-10);
            before = here;
        }
        const double spot = random.uniform(80, 125);
        OptionTerms<double> more = terms;
        const double here = option.price(spot);
        capture(terms, spot);
        more.time *= 1.1;
        CHECK(price<fast>(more, spot) >= here - 2e-3); // twice what the setting may be wrong by
        more = terms;
        more.volatility *= 1.1;
        CHECK(price<fast>(more, spot) >= here);
        more = terms;
        more.strike *= 1.02;
        CHECK(-terms.sign * (price<fast>(more, spot) - here) >= -1e-10);
    }
}

TEST_CASE("American option: a call is a put with the roles exchanged, and prices scale", "[pricing][property]") {
    Random random(1998);
    for (int i = 0; i < 200; ++i) {
        const OptionTerms<double> terms = usual_terms(random);
        const double spot = random.uniform(70, 140);
        const double here = price<fast>(terms, spot);
        capture(terms, spot);
        CHECK(price<fast>(mirrored(terms, spot), terms.strike) == about(here, 1e-12));
        OptionTerms<double> scaled = terms;
        scaled.strike *= 7.25;
        CHECK(price<fast>(scaled, 7.25 * spot) == about(7.25 * here, 1e-12));
    }
}

TEST_CASE("American option: is European where early exercise never pays", "[pricing][property]") {
    Random random(1973);
    for (int i = 0; i < 300; ++i) {
        OptionTerms<double> terms = usual_terms(random);
        double& effective_rate = terms.sign > 0 ? terms.dividend_yield : terms.rate;
        double& effective_yield = terms.sign > 0 ? terms.rate : terms.dividend_yield;
        effective_rate = random.chance(0.5) ? 0.0 : -random.uniform(0, 0.03);
        effective_yield = effective_rate + random.uniform(0, 0.05);
        const double spot = random.uniform(50, 200);
        capture(terms, spot);
        CHECK_FALSE(has_two_exercise_boundaries(terms));
        CHECK(price<fast>(terms, spot) == about(european_price(terms, spot), 1e-12));
        const Greeks<double> european = EuropeanOption<double>(terms, spot).greeks();
        const SpotGreeks<double> greeks = AmericanOption<double, fast>(terms).spot_greeks(spot);
        CHECK(greeks.delta == about(european.delta));
        CHECK(greeks.gamma == about(european.gamma));
        CHECK(greeks.theta == about(european.theta, 1e-9));
    }
}

TEST_CASE("American option: two boundaries of exercise are told", "[pricing][property]") {
    CHECK(has_two_exercise_boundaries(put(100, 1, -0.01, -0.02, 0.2)));
    CHECK_FALSE(has_two_exercise_boundaries(put(100, 1, -0.01, -0.01, 0.2)));
    CHECK_FALSE(has_two_exercise_boundaries(put(100, 1, 0.0, -0.02, 0.2)));
    CHECK_FALSE(has_two_exercise_boundaries(put(100, 1, -0.01, 0.02, 0.2)));
    CHECK(has_two_exercise_boundaries<double>({1, 100, 1, -0.02, -0.01, 0.2}));
    CHECK_FALSE(has_two_exercise_boundaries<double>({1, 100, 1, -0.02, 0.0, 0.2}));
    const auto lanes =
        has_two_exercise_boundaries(in_lanes<2>({put(100, 1, -0.01, -0.02, 0.2), put(100, 1, 0.01, -0.02, 0.2)}));
    CHECK(lanes[0]);
    CHECK_FALSE(lanes[1]);
}

TEST_CASE("American option: without a rate a put on what costs to hold is exercised early", "[pricing][oracle]") {
    // r = 0 > q: the strike earns nothing, but the underlying costs. QuantLib 1.44, fixed point B with the tanh-sinh
    // rule, 40 nodes; its finite differences on 4,000 x 4,000 nodes give 14.06416.
    CHECK(std::abs(price<tight>(put(110, 1, 0.0, -0.05, 0.25), 100) - 14.06435) < 2e-5);
    CHECK(std::abs(price<fast>(put(110, 1, 0.0, -0.05, 0.25), 100) - 14.06435) < 1e-3);
}

TEST_CASE("American option: without time or volatility the best of a certain path", "[pricing][property]") {
    Random random(0);
    for (int i = 0; i < 300; ++i) {
        OptionTerms<double> terms = usual_terms(random);
        terms.rate = random.uniform(-0.02, 0.1);
        terms.dividend_yield = random.uniform(-0.02, 0.1);
        if (has_two_exercise_boundaries(terms)) {
            continue;
        }
        terms.time = random.uniform(0, 20);
        const double spot = random.uniform(50, 200);
        OptionTerms<double> calm = terms;
        calm.volatility = 0;
        const double best = best_of_path(terms, spot);
        capture(calm, spot);
        CHECK(std::abs(price<fast>(calm, spot) - best) < 1e-5); // of the times tried
        calm.volatility = 1e-4;
        CHECK(std::abs(price<fast>(calm, spot) - best) < 0.15); // grows as volatility x root(time)
        OptionTerms<double> late = terms;
        late.time = 0;
        CHECK(price<fast>(late, spot) == std::max(0.0, terms.sign * (spot - terms.strike)));
        late.time = 1e-10;
        CHECK(std::abs(price<fast>(late, spot) - std::max(0.0, terms.sign * (spot - terms.strike))) < 1e-3);
    }
}

TEST_CASE("American option: any terms and spot give a number between its bounds", "[pricing][property]") {
    Random random(7);
    constexpr std::array<double, 8> spots = {0.0, 1e-300, 1e-6, 50.0, 100.0, 130.0, 1e6, 1e9};
    for (int i = 0; i < 4000; ++i) {
        std::array<OptionTerms<double>, native_lanes> options;
        std::array<double, native_lanes> at{};
        for (std::size_t k = 0; k < native_lanes; ++k) {
            options[k] = any_terms(random);
            at[k] = random.one_of(spots);
        }
        const AmericanOption<NativeLanes, fast> packed(in_lanes(options));
        const NativeLanes prices = packed.price(NativeLanes::load(at.data()));
        const SpotGreeks<NativeLanes> packed_greeks = packed.spot_greeks(NativeLanes::load(at.data()));
        for (std::size_t k = 0; k < native_lanes; ++k) {
            const OptionTerms<double>& terms = options[k];
            const AmericanOption<double, fast> option(terms);
            const double here = option.price(at[k]);
            const SpotGreeks<double> greeks = option.spot_greeks(at[k]);
            capture(terms, at[k]);
            CHECK(std::isfinite(here));
            CHECK(here >= std::max(0.0, terms.sign * (at[k] - terms.strike)));
            const double present_spot = at[k] * std::exp(std::max(0.0, -terms.dividend_yield * terms.time));
            const double present_strike = terms.strike * std::exp(std::max(0.0, -terms.rate * terms.time));
            CHECK(here <= (terms.sign > 0 ? present_spot : present_strike) * (1 + 1e-12));
            CHECK(std::isfinite(greeks.delta));
            CHECK(std::isfinite(greeks.gamma));
            CHECK(std::isfinite(greeks.theta));
            CHECK(std::isfinite(prices[k]));
            CHECK(std::isfinite(packed_greeks.delta[k]));
            CHECK(std::isfinite(packed_greeks.gamma[k]));
            CHECK(std::isfinite(packed_greeks.theta[k]));
        }
    }
}

TEST_CASE("American option: lanes are as one number", "[pricing][property]") {
    Random random(8);
    for (int i = 0; i < 200; ++i) {
        std::array<OptionTerms<double>, native_lanes> options;
        for (OptionTerms<double>& terms : options) {
            terms = usual_terms(random);
            terms.time = random.chance(0.1) ? 0.0 : terms.time;
            terms.rate = random.chance(0.1) ? -0.01 : terms.rate;
            terms.dividend_yield = std::max(terms.rate, terms.dividend_yield);
        }
        const AmericanOption<NativeLanes, accurate> packed(in_lanes(options));
        for (const double spot : {0.0, 60.0, 99.0, 131.0}) {
            const NativeLanes prices = packed.price(spot);
            const SpotGreeks<NativeLanes> greeks = packed.spot_greeks(spot);
            for (std::size_t k = 0; k < native_lanes; ++k) {
                const AmericanOption<double, accurate> option(options[k]);
                const SpotGreeks<double> expected = option.spot_greeks(spot);
                capture(options[k], spot);
                CHECK(prices[k] == about(option.price(spot), 1e-12));
                CHECK(greeks.delta[k] == about(expected.delta));
                CHECK(greeks.gamma[k] == about(expected.gamma));
                CHECK(greeks.theta[k] == about(expected.theta));
            }
        }
    }
}

TEST_CASE("American options of floats are those of doubles, where powers of a float would overflow too",
          "[pricing][property]") {
    for (const double volatility : {0.001, 0.01, 0.3, 2.0}) {
        for (const double spot : {50.0, 99.0, 100.0, 200.0}) {
            for (const float sign : {-1.0F, 1.0F}) {
                const AmericanOption<float, accurate> option(
                    {sign, 100.0F, 1.0F, 0.05F, 0.02F, static_cast<float>(volatility)});
                const AmericanOption<double, accurate> reference({sign, 100, 1, 0.05, 0.02, volatility});
                const auto at = static_cast<float>(spot);
                const SpotGreeks<double> greeks = reference.spot_greeks(spot);
                CAPTURE(volatility, spot, sign);
                CHECK(std::abs(option.price(at) - reference.price(spot)) < 1e-3);
                CHECK(std::abs(option.spot_greeks(at).delta - greeks.delta) < 2e-3);
                CHECK(std::abs(option.spot_greeks(at).theta - greeks.theta) < 2e-2);
            }
        }
    }
}
