// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <margincore/scenario/unit_gains.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

TEST_CASE("unit gains: the worked check of the workshop", "[scenario][cited]") {
    // Workshop on real-time margin risk, beta weighting: AAPL 100 at 150, NVDA 50 at 400, KO 200 at 60.
    const std::vector<Price> prices{150, 400, 60};
    const std::vector<double> betas{1.2, 1.8, 0.6};
    const std::vector<Fraction> moves{-0.08, -0.06, 0.06, 0.0};
    const std::vector<InstrumentIndex> instrument{0, 1, 2};
    const std::vector<Quantity> quantity{100, 50, 200};
    const auto gains = benchmark_gains(prices, betas, moves).net({.instrument = instrument, .quantity = quantity});
    CHECK(gains[0] == about(-4896));
    CHECK(gains[1] == about(-3672));
    CHECK(gains[2] == about(3672));
    CHECK(gains[3] == 0.0);
}

TEST_CASE("unit gains: a holding loses its value at most, a short gains it at most", "[scenario][property]") {
    const std::vector<Price> prices{100};
    const std::vector<double> betas{2};
    const std::vector<Fraction> moves{-0.9};
    const UnitGains gains = benchmark_gains(prices, betas, moves);
    const std::vector<InstrumentIndex> instrument{0};
    for (const Quantity quantity : {10.0, -10.0}) {
        CHECK(gains.net({.instrument = instrument, .quantity = {&quantity, 1}})[0] == -100 * quantity);
    }
}

TEST_CASE("unit gains: any number of points is netted as one point at a time", "[scenario][property]") {
    Random random(11);
    const std::size_t instruments = 30;
    std::vector<Price> prices;
    std::vector<double> betas;
    for (std::size_t i = 0; i < instruments; ++i) {
        prices.push_back(random.uniform(1, 500));
        betas.push_back(random.uniform(-1, 3));
    }
    for (const std::size_t points : {0U, 1U, 7U, 8U, 9U, 16U, 21U}) {
        CAPTURE(points);
        std::vector<Fraction> moves;
        for (std::size_t k = 0; k < points; ++k) {
            moves.push_back(random.uniform(-1, 1));
        }
        std::vector<InstrumentIndex> instrument;
        std::vector<Quantity> quantity;
        for (std::size_t i = 0; i < 12; ++i) {
            instrument.push_back(static_cast<InstrumentIndex>(random.below(instruments)));
            quantity.push_back(random.uniform(-100, 100));
        }
        const auto gains = benchmark_gains(prices, betas, moves).net({.instrument = instrument, .quantity = quantity});
        for (std::size_t k = 0; k < points; ++k) {
            double expected = 0;
            for (std::size_t i = 0; i < instrument.size(); ++i) {
                const auto row = static_cast<std::size_t>(instrument[i]);
                expected += quantity[i] * prices[row] * std::max(-1.0, betas[row] * moves[k]);
            }
            CHECK(gains[k] == about(expected));
        }
    }
}

TEST_CASE("unit gains: a missing price or beta shows in the accounts that hold it alone", "[scenario][property]") {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const std::vector<Price> prices{100, missing, 100};
    const std::vector<double> betas{1, 1, missing};
    const std::vector<Fraction> moves{0.1};
    const UnitGains unit_gains = benchmark_gains(prices, betas, moves);
    const std::vector<Quantity> quantity{1};
    for (const InstrumentIndex row : {0, 1, 2}) {
        CHECK(std::isnan(unit_gains.net({.instrument = {&row, 1}, .quantity = quantity})[0]) == (row != 0));
    }
}
