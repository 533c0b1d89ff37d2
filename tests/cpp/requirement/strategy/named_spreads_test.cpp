// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/named_spread.hpp>
#include <margincore/requirement/strategy/named_spreads.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr std::int64_t january = 1;
constexpr std::int64_t february = 2;

/// Options that are held, and legs of all of them.
struct Holding {
    std::vector<PairingSeries> series{};
    std::vector<PairedGroup::Leg> legs{};

    Holding& hold(std::int64_t contracts, Right right, MicroDollars strike, std::int64_t expiry,
                  std::int64_t lots = 1) {
        legs.push_back({static_cast<std::uint32_t>(series.size()), contracts * lots});
        series.push_back({.right = right,
                          .is_short = contracts < 0,
                          .contracts = contracts < 0 ? -contracts : contracts,
                          .lots = lots,
                          .expiry = expiry,
                          .strike = strike,
                          .naked = 1'000});
        return *this;
    }
    [[nodiscard]] bool is_named(const SpreadRules& rules = {}) const { return is_named_spread(series, legs, rules); }
    [[nodiscard]] std::vector<Combination> combinations(const SpreadRules& rules = {}) const {
        std::vector<Combination> found;
        REQUIRE(NamedSpreads(series, rules).add_to(found));
        return found;
    }
};

} // namespace

// The shapes are those of Cboe Rule 10.3(a)(5) and (c)(5)(C) as the strategies' names have them.

TEST_CASE("named spread: two options of a right, one for one, the short expiring no later", "[requirement]") {
    CHECK(Holding().hold(-1, put, 90, january).hold(1, put, 85, january).is_named());          // vertical
    CHECK(Holding().hold(1, call, 90, february).hold(-1, call, 90, january).is_named());       // calendar
    CHECK(Holding().hold(-3, call, 90, january).hold(3, call, 95, february).is_named());       // diagonal, three times
    CHECK_FALSE(Holding().hold(-1, call, 90, february).hold(1, call, 90, january).is_named()); // the long expires first
    CHECK_FALSE(Holding().hold(-2, call, 90, january).hold(1, call, 85, january).is_named());
    CHECK_FALSE(Holding().hold(-1, call, 90, january).hold(1, put, 85, january).is_named());
    CHECK_FALSE(Holding().hold(-1, call, 90, january).hold(-1, call, 85, january).is_named());
    CHECK_FALSE(Holding().hold(1, call, 90, january).is_named());
}

TEST_CASE("named spread: units count, not contracts", "[requirement]") {
    // ten minis of 10 shares against one contract of 100
    CHECK(Holding().hold(-10, call, 95, january, 1).hold(1, call, 90, january, 10).is_named());
    CHECK_FALSE(Holding().hold(-1, call, 95, january, 1).hold(1, call, 90, january, 10).is_named());
}

TEST_CASE("named spread: options of different styles are in none", "[requirement]") {
    Holding mixed = Holding().hold(-1, put, 90, january).hold(1, put, 85, january);
    mixed.series[1].style_class = 1;
    CHECK_FALSE(mixed.is_named());
}

TEST_CASE("named spread: no calendar where a series is of one date", "[requirement]") {
    Holding calendar = Holding().hold(1, call, 90, february).hold(-1, call, 90, january);
    calendar.series[0].spans_dates = false;
    CHECK_FALSE(calendar.is_named());
    Holding vertical = Holding().hold(1, call, 85, january).hold(-1, call, 90, january);
    vertical.series[0].spans_dates = false;
    CHECK(vertical.is_named());
}

TEST_CASE("named spread: butterflies and condors of one right, bought and written", "[requirement]") {
    CHECK(Holding().hold(1, put, 90, january).hold(-2, put, 95, january).hold(1, put, 100, january).is_named());
    CHECK(Holding().hold(-1, put, 90, january).hold(2, put, 95, january).hold(-1, put, 100, january).is_named());
    CHECK(Holding().hold(1, put, 90, january).hold(-2, put, 95, january).hold(1, put, 97, january).is_named());
    CHECK_FALSE(Holding().hold(1, put, 90, january).hold(-2, put, 95, january).hold(1, put, 100, february).is_named());
    CHECK_FALSE(Holding().hold(1, put, 90, january).hold(1, put, 95, january).hold(-2, put, 100, january).is_named());
    const auto four = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
        return Holding()
            .hold(a, call, 90, january)
            .hold(d, call, 105, january)
            .hold(b, call, 95, january)
            .hold(c, call, 100, january)
            .is_named();
    };
    CHECK(four(1, -1, -1, 1));
    CHECK(four(-2, 2, 2, -2));
    CHECK_FALSE(four(1, -1, 1, -1)); // two verticals
    CHECK_FALSE(four(1, 1, -1, -1));
    CHECK_FALSE(four(1, -2, -1, 2));
}

TEST_CASE("named spread: iron condors and butterflies, where their wings may differ", "[requirement]") {
    const auto iron = [](MicroDollars p1, MicroDollars p2, MicroDollars c1, MicroDollars c2, std::int64_t sign = 1) {
        return Holding()
            .hold(-sign, call, c1, january)
            .hold(sign, put, p1, january)
            .hold(sign, call, c2, january)
            .hold(-sign, put, p2, january);
    };
    const SpreadRules equal_wings{.unequal_iron_wings = false};
    CHECK(iron(85, 90, 110, 115).is_named(equal_wings));
    CHECK(iron(85, 90, 110, 115, -1).is_named(equal_wings)); // bought
    CHECK(iron(85, 100, 100, 115).is_named(equal_wings));    // a butterfly
    CHECK(iron(85, 90, 110, 120).is_named());
    CHECK_FALSE(iron(85, 90, 110, 120).is_named(equal_wings));
    CHECK_FALSE(iron(85, 112, 110, 115).is_named()); // the strikes cross
    CHECK_FALSE(Holding()
                    .hold(1, put, 85, january)
                    .hold(-1, put, 90, january)
                    .hold(1, call, 110, january)
                    .hold(-1, call, 115, january)
                    .is_named()); // one side bought, one written
}

TEST_CASE("named spread: boxes, bought and written", "[requirement]") {
    const auto box = [](std::int64_t sign, MicroDollars high_put) {
        return Holding()
            .hold(sign, call, 90, january)
            .hold(-sign, call, 100, january)
            .hold(-sign, put, 90, january)
            .hold(sign, put, high_put, january);
    };
    CHECK(box(1, 100).is_named({.unequal_iron_wings = false}));
    CHECK(box(-1, 100).is_named({.unequal_iron_wings = false}));
    CHECK_FALSE(box(1, 105).is_named());
}

TEST_CASE("named spreads: what no pairing needs is left out", "[requirement]") {
    // A written butterfly is no better than its two verticals; of a bought one the whole is, and of its verticals that
    // in the money loses nothing: 1 x (0 + 5) against 0.
    CHECK(Holding()
              .hold(-1, call, 90, january)
              .hold(2, call, 95, january)
              .hold(-1, call, 100, january)
              .combinations()
              .size() == 2);
    CHECK(Holding()
              .hold(1, call, 90, january)
              .hold(-2, call, 95, january)
              .hold(1, call, 100, january)
              .combinations()
              .size() == 3);
    // A spread as wide as its short is charged by itself is no relief.
    CHECK(Holding().hold(-1, put, 2'000, january).hold(1, put, 1'000, january).combinations().empty());
    CHECK(Holding().hold(-1, put, 1'999, january).hold(1, put, 1'000, january).combinations().size() == 1);
}

TEST_CASE("named spreads: those of standard and mini contracts take whole contracts of both", "[requirement]") {
    const std::vector<Combination> found =
        Holding().hold(-25, call, 95, january, 1).hold(3, call, 90, january, 10).combinations();
    REQUIRE(found.size() == 1);
    CHECK(found[0].legs[0] == Combination::Leg{0, 10});
    CHECK(found[0].legs[1] == Combination::Leg{1, 1});
    CHECK(found[0].cost == 0);
}

TEST_CASE("named spreads: sixteen series have all of theirs, and the limit is told where it is reached",
          "[requirement][property]") {
    std::mt19937 random(20'261'126); // NOLINT: fixed on purpose
    for (int round = 0; round < 200; ++round) {
        Holding holding;
        for (int i = 0; i < 16; ++i) {
            const bool is_short = (random() & 1U) != 0;
            holding.hold(is_short ? -1 : 1, round % 2 == 0 || (random() & 1U) != 0 ? call : put, 100 + i, january);
        }
        std::vector<Combination> all;
        CHECK(NamedSpreads(holding.series, {}).add_to(all));
        for (const Combination& one : all) {
            std::vector<PairedGroup::Leg> legs;
            for (const Combination::Leg& leg : one.used()) {
                const auto series = static_cast<std::uint32_t>(leg.series);
                legs.push_back({series, holding.series[series].is_short ? -leg.contracts : leg.contracts});
            }
            CHECK(is_named_spread(holding.series, legs, {}));
            CHECK(one.cost == maximum_loss(holding.series, legs).first);
        }
        std::vector<Combination> few;
        const bool has_all = NamedSpreads(holding.series, {}).add_to(few, 3);
        CHECK(has_all == (all.size() <= 3));
        CHECK(few.size() == std::min<std::size_t>(all.size(), 3));
    }
}
