// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <margincore/scenario/linear_stress.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

TEST_CASE("linear stress: each holding moves by its beta, and no holding falls below worthless",
          "[scenario][property]") {
    const std::vector<double> moves{-1.0, -0.4, -0.08, 0.0, 0.25, 1.5};
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        std::vector<double> prices;
        std::vector<double> betas;
        std::vector<InstrumentIndex> instrument;
        std::vector<double> quantity;
        const bool may_be_worthless = seed % 2 == 0;
        for (InstrumentIndex i = 0; i < 12; ++i) {
            prices.push_back(random.uniform(0.01, 500));
            betas.push_back(may_be_worthless ? random.uniform(-3, 4) : random.uniform(-0.6, 0.9));
            if (random.chance(0.6)) {
                instrument.push_back(i);
                quantity.push_back(random.uniform(-1000, 1000));
            }
        }
        const AccountView account{.instrument = instrument, .quantity = quantity};
        double exposure = 0;
        for (std::size_t i = 0; i < instrument.size(); ++i) {
            const auto row = static_cast<std::size_t>(instrument[i]);
            exposure += quantity[i] * prices[row] * betas[row];
        }
        const LinearStress stress(prices, betas, moves);
        CHECK(stress.moves() == moves);
        for (std::size_t k = 0; k < moves.size(); ++k) {
            double expected = 0;
            double size = 1;
            for (std::size_t i = 0; i < instrument.size(); ++i) {
                const auto row = static_cast<std::size_t>(instrument[i]);
                const double gain = quantity[i] * prices[row] * (std::max)(-1.0, betas[row] * moves[k]);
                expected += gain;
                size += std::abs(gain) + std::abs(quantity[i] * prices[row]);
            }
            CAPTURE(seed, k);
            CHECK(std::abs(stress.gain(account, exposure, k) - expected) <= 1e-14 * 10 * size); // sums of 12 terms
        }
    }
}

TEST_CASE("linear stress: an account gains nothing where the benchmark stays, or where it holds nothing",
          "[scenario][property]") {
    const std::vector<double> prices{100.0, 5.0};
    const std::vector<double> betas{2.0, -1.5};
    const LinearStress stress(prices, betas, {-0.9, 0.0, 0.9});
    const std::vector<InstrumentIndex> instrument{0, 1};
    const std::vector<double> quantity{10, -20};
    CHECK(stress.gain({.instrument = instrument, .quantity = quantity}, 2150.0, 1) == 0.0);
    CHECK(stress.gain({}, 0.0, 0) == 0.0);
    // 10 x 100 falls by all of it, -1.8 bounded at -1; -20 x 5 rises by 1.35: a short loses 135.
    CHECK(stress.gain({.instrument = instrument, .quantity = quantity}, 2150.0, 0) == -1135.0);
}

TEST_CASE("linear stress: a missing beta makes the gain missing", "[scenario]") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> prices{100.0};
    const std::vector<double> betas{nan};
    const LinearStress stress(prices, betas, {-0.5});
    const std::vector<InstrumentIndex> instrument{0};
    const std::vector<double> quantity{1};
    CHECK(std::isnan(stress.gain({.instrument = instrument, .quantity = quantity}, nan, 0)));
}
