// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/spread_parts.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;

/// A book whose options are one spread.
struct Spread {
    std::vector<PairingSeries> series{};
    PairedGroup group{.form = PairedGroup::Form::spread};

    Spread& hold(std::int64_t contracts, Right right, MicroDollars strike, std::int64_t expiry = 1,
                 std::int64_t lots = 1) {
        group.legs.push_back({static_cast<std::uint32_t>(series.size()), contracts * lots});
        series.push_back({.right = right,
                          .is_short = contracts < 0,
                          .contracts = contracts < 0 ? -contracts : contracts,
                          .lots = lots,
                          .expiry = expiry,
                          .strike = strike});
        group.requirement = maximum_loss(series, group.legs).first;
        return *this;
    }

    [[nodiscard]] std::vector<PairedGroup> parts() const { return spread_parts(series, group); }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const PairedGroup& part : parts()) {
            std::vector<NamedLeg> legs;
            for (const PairedGroup::Leg& leg : part.legs) {
                const PairingSeries& one = series[leg.series];
                legs.push_back({one.right, static_cast<Price>(one.strike), one.expiry, leg.lots});
            }
            result.push_back(strategy_name(legs));
        }
        return result;
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("spread parts: spreads that do not depend on each other are named one by one", "[strategy][property]") {
    // Two debit spreads lose nothing, together and apart.
    CHECK(Spread().hold(1, call, 100).hold(-1, call, 105).hold(2, put, 90).hold(-2, put, 80).names() ==
          Names{"bull call spread 100/105", "bear put spread 80/90"});
    // Two iron condors and a put spread of the same strikes: 5 twice, and 5.
    CHECK(Spread().hold(3, put, 85).hold(-3, put, 90).hold(-2, call, 110).hold(2, call, 115).names() ==
          Names{"iron condor 85/90/110/115", "bull put spread 85/90"});
    CHECK(Spread().hold(-1, call, 100, 1).hold(1, call, 100, 2).hold(-4, put, 70, 1).hold(4, put, 70, 2).names() ==
          Names{"call calendar 100", "put calendar 70"});
}

TEST_CASE("spread parts: what is cheaper together stays together", "[strategy][property]") {
    // Each side of an iron condor loses 5, and never both.
    CHECK(Spread().hold(1, put, 85).hold(-1, put, 90).hold(-1, call, 110).hold(1, call, 115).names() ==
          Names{"iron condor 85/90/110/115"});
    // A gain of 10 below stands against a loss of 10 above (Regulatory Notice 12-44).
    CHECK(Spread().hold(1, call, 100).hold(-1, call, 110).hold(-1, call, 190).hold(1, call, 200).names() ==
          Names{"long call condor 100/110/190/200"});
    // The gain of the bull spread pays for the loss of the two others: no part can go.
    CHECK(Spread()
              .hold(3, call, 100)
              .hold(-3, call, 110)
              .hold(-1, call, 120)
              .hold(1, call, 130)
              .hold(-2, call, 140)
              .hold(2, call, 150)
              .names()
              .front()
              .find("condor") != std::string::npos);
}

TEST_CASE("spread parts: contracts of two sizes are whole in every part", "[strategy][property]") {
    const Spread book = Spread().hold(1, call, 100, 1, 10).hold(-10, call, 105, 1, 1);
    const std::vector<PairedGroup> parts = book.parts();
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].legs == std::vector<PairedGroup::Leg>{{0, 10}, {1, -10}});
}

TEST_CASE("spread parts: parts are spreads, hold every lot and lose what the whole loses", "[strategy][property]") {
    std::mt19937_64 random(20261127);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    std::size_t split = 0;
    std::size_t any_leg = 0;
    for (int k = 0; k < 2'000; ++k) {
        Spread book;
        for (const Right right : {call, put}) { // longs expire on day 2 or 3, shorts on day 1 or 2
            const int pairs = between(0, 6);
            for (int i = 0; i < pairs; ++i) {
                const std::int64_t lots = between(1, 4);
                book.hold(lots, right, 5 * between(10, 30), between(2, 3));
                book.hold(-lots, right, 5 * between(10, 30), between(1, 2));
            }
        }
        if (book.series.empty()) {
            continue;
        }
        const std::vector<PairedGroup> parts = book.parts();
        std::map<std::uint32_t, std::int64_t> lots;
        MicroDollars loss = 0;
        for (const PairedGroup& part : parts) {
            std::int64_t balance[2] = {0, 0};
            for (const PairedGroup::Leg& leg : part.legs) {
                lots[leg.series] += leg.lots;
                balance[book.series[leg.series].right == put] += leg.lots;
                CHECK(leg.lots != 0);
                CHECK((leg.lots < 0) == book.series[leg.series].is_short);
            }
            CHECK(balance[0] == 0);
            CHECK(balance[1] == 0);
            CHECK(std::pair(part.requirement, part.worst_strike) == maximum_loss(book.series, part.legs));
            loss += part.requirement;
        }
        CHECK(loss == book.group.requirement);
        for (const PairedGroup::Leg& leg : book.group.legs) {
            CHECK(lots[leg.series] == leg.lots);
        }
        split += parts.size() > 1 ? 1U : 0U;
        for (const std::string& name : book.names()) {
            any_leg += name.starts_with("any-leg") ? 1U : 0U;
        }
    }
    CHECK(split > 500);
    CHECK(any_leg > 0);
}
