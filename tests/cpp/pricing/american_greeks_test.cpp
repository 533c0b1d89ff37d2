// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_greeks.hpp>
#include <margincore/pricing/american_scheme.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr AmericanScheme accurate = american_scheme(Accuracy::accurate);
constexpr AmericanScheme tight = {
    .collocation_nodes = 16, .iterations = 12, .boundary_points = 21, .pricing_points = 61, .approximation_steps = 6};

double price(const OptionTerms<double>& terms, double spot) { return AmericanOption<double, tight>(terms).price(spot); }

/// The central difference of tight prices in a term.
double slope(OptionTerms<double> terms, double OptionTerms<double>::* term, double step, double spot) {
    OptionTerms<double> above = terms;
    above.*term += step;
    OptionTerms<double> below = terms;
    below.*term -= step;
    return (price(above, spot) - price(below, spot)) / (2 * step);
}

} // namespace

TEST_CASE("American greeks: differences of prices", "[pricing][property]") {
    Random random(1990);
    for (int i = 0; i < 60; ++i) {
        const OptionTerms<double> terms{.sign = random.chance(0.5) ? 1.0 : -1.0,
                                        .strike = 100,
                                        .time = random.uniform(0.05, 2),
                                        .rate = random.uniform(0.005, 0.08),
                                        .dividend_yield = random.uniform(0.005, 0.06),
                                        .volatility = random.uniform(0.1, 0.8)};
        const AmericanGreeks<double, accurate> option(terms);
        const AmericanOption<double, tight> reference(terms);
        for (const double spot : {80.0, 95.0, 100.0, 105.0, 120.0}) {
            const double step = spot * 1e-3;
            const double gamma_below = reference.spot_greeks(spot - step).gamma;
            const double gamma_above = reference.spot_greeks(spot + step).gamma;
            if (gamma_below == 0.0 || gamma_above == 0.0) {
                continue; // gamma has a jump at the boundary of exercise
            }
            const double above = reference.price(spot + step);
            const double below = reference.price(spot - step);
            const double here = reference.price(spot);
            const Greeks<double> greeks = option.greeks(spot);
            INFO("sign " << terms.sign << " time " << terms.time << " rate " << terms.rate << " yield "
                         << terms.dividend_yield << " volatility " << terms.volatility << " spot " << spot);
            // The tolerances are those of the accurate setting near the boundary, where it is less sure of the slopes.
            CHECK(std::abs(greeks.delta - (above - below) / (2 * step)) < 5e-4);
            CHECK(std::abs(greeks.gamma - (above - 2 * here + below) / (step * step)) < 1e-4);
            CHECK(std::abs(greeks.theta + slope(terms, &OptionTerms<double>::time, 1e-4, spot)) < 1e-2);
            CHECK(std::abs(greeks.vega - slope(terms, &OptionTerms<double>::volatility, 1e-4, spot)) < 1e-2);
            CHECK(std::abs(greeks.rho - slope(terms, &OptionTerms<double>::rate, 1e-4, spot)) < 2e-2);
            CHECK(option.price(spot) == (AmericanOption<double, accurate>(terms).price(spot)));
        }
    }
}

TEST_CASE("American greeks: gamma beside the boundary of exercise is what the equation leaves there",
          "[pricing][property]") {
    // The price is strike - spot there and stands still in time, so that Merton's equation has only gamma left:
    // gamma = 2 (r K - q B) / (volatility B)^2.
    const OptionTerms<double> terms{
        .sign = -1.0, .strike = 100, .time = 0.5, .rate = 0.05, .dividend_yield = 0.02, .volatility = 0.3};
    const AmericanOption<double, accurate> option(terms);
    double exercised = 50;
    double held = 100;
    for (int i = 0; i < 60; ++i) {
        const double middle = (exercised + held) / 2;
        (option.spot_greeks(middle).gamma == 0.0 ? exercised : held) = middle;
    }
    const double expected = 2 * (5.0 - 0.02 * held) / (0.09 * held * held);
    CHECK(option.spot_greeks(held * (1 + 1e-9)).gamma == about(expected, 1e-2)); // of the setting
    CHECK(option.spot_greeks(held * (1 + 1e-9)).delta == about(-1.0, 1e-3));
    CHECK(option.spot_greeks(exercised).delta == -1.0);
    CHECK(option.spot_greeks(exercised).theta == 0.0);
}

TEST_CASE("American greeks: rho where rate and yield are next to each other and near zero", "[pricing][oracle]") {
    // Finite differences of prices of an independent solver, 3,200 points and steps.
    const AmericanGreeks<double, accurate> option(
        {-1.0, 125.02221588775686, 214.0 / 365, 0.0029684316983411476, 0.0036054906188963736, 1.0460379501584165});
    CHECK(std::abs(option.greeks(100).rho + 47.694) < 1e-2);
}

TEST_CASE("American greeks: steps stay where options are", "[pricing][property]") {
    // No volatility; a put at the edge to two boundaries, and a call.
    const AmericanGreeks<double, accurate> calm({-1.0, 100, 1, 0.03, 0.05, 0.0});
    CHECK(std::isfinite(calm.greeks(100).vega));
    const AmericanGreeks<double, accurate> edge({-1.0, 100, 1, 0.0, -0.02, 0.2});
    CHECK(std::isfinite(edge.greeks(100).rho));
    CHECK(edge.greeks(100).rho < 0);
    const AmericanGreeks<double, accurate> call({1.0, 100, 1, -0.01, -0.01, 0.2});
    CHECK(call.greeks(100).rho > 0);
}
