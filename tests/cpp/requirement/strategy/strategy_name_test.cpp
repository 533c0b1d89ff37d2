// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/strategy_name.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int near = 1;
constexpr int far = 2;

struct Row {
    std::string name;
    std::vector<NamedLeg> legs;
    std::string source;
};

const std::string oic = "Options Industry Council, All Strategies, optionseducation.org";
const std::string finra = "FINRA 4210(f)(2)(A), box spread";
const std::string mcmillan = "McMillan, Options as a Strategic Investment, diagonal spreads";
const std::string guts = "The Options Guide, Short Guts, theoptionsguide.com";
const std::string playbook = "The Options Playbook, skip strike (broken wing) butterfly";
const std::string lean = "Interactive Brokers margin tests of Lean, reverse iron condor";
const std::string passarelli = "Passarelli, Market Taker Mentoring, double calendars and double diagonals";
const std::string horizontal = "Fincyclopedia, calendar (horizontal) straddle";
const std::string terms_of_ours = "our term for what has none";

const std::vector<Row> rows = {
    {"long call 100", {{call, 100, near, 3}}, oic},
    {"long put 52.5", {{put, 52.5, near, 1}}, oic},
    {"naked put 95", {{put, 95, near, -2}}, oic},
    {"naked call 105", {{call, 105, near, -1}}, oic},
    {"bull call spread 100/110", {{call, 100, near, 1}, {call, 110, near, -1}}, oic},
    {"bear call spread 100/110", {{call, 100, near, -4}, {call, 110, near, 4}}, oic},
    {"bull put spread 95/100", {{put, 95, near, 1}, {put, 100, near, -1}}, oic},
    {"bear put spread 95/100", {{put, 95, near, -1}, {put, 100, near, 1}}, oic},
    {"call calendar 100", {{call, 100, near, -1}, {call, 100, far, 1}}, oic},
    {"put calendar 100", {{put, 100, near, -1}, {put, 100, far, 1}}, oic},
    {"call diagonal 100/105", {{call, 105, near, -1}, {call, 100, far, 1}}, mcmillan},
    {"put diagonal 95/100", {{put, 95, near, -1}, {put, 100, far, 1}}, mcmillan},
    {"short straddle 100", {{call, 100, near, -1}, {put, 100, near, -1}}, oic},
    {"short strangle 90/110", {{call, 110, near, -1}, {put, 90, near, -1}}, oic},
    {"short guts 90/110", {{call, 90, near, -1}, {put, 110, near, -1}}, guts},
    {"short put and call 90/110", {{call, 110, near, -1}, {put, 90, far, -1}}, terms_of_ours},
    {"long call butterfly 95/100/105", {{call, 95, near, 1}, {call, 100, near, -2}, {call, 105, near, 1}}, oic},
    {"short put butterfly 95/100/105", {{put, 95, near, -3}, {put, 100, near, 6}, {put, 105, near, -3}}, oic},
    {"long call broken-wing butterfly 95/100/110",
     {{call, 95, near, 1}, {call, 100, near, -2}, {call, 110, near, 1}},
     playbook},
    {"long call condor 95/100/105/110",
     {{call, 95, near, 1}, {call, 100, near, -1}, {call, 105, near, -1}, {call, 110, near, 1}},
     oic},
    {"short put condor 95/100/105/110",
     {{put, 95, near, -1}, {put, 100, near, 1}, {put, 105, near, 1}, {put, 110, near, -1}},
     oic},
    {"long call broken-wing condor 95/100/105/120",
     {{call, 95, near, 1}, {call, 100, near, -1}, {call, 105, near, -1}, {call, 120, near, 1}},
     playbook + ", by analogy"},
    {"iron condor 50/53/67/70",
     {{put, 50, near, 1}, {put, 53, near, -1}, {call, 67, near, -1}, {call, 70, near, 1}},
     oic},
    {"reverse iron condor 50/53/67/70",
     {{put, 50, near, -1}, {put, 53, near, 1}, {call, 67, near, 1}, {call, 70, near, -1}},
     lean},
    {"iron butterfly 90/100/110",
     {{put, 90, near, 1}, {put, 100, near, -1}, {call, 100, near, -1}, {call, 110, near, 1}},
     oic},
    {"reverse iron butterfly 90/100/110",
     {{put, 90, near, -1}, {put, 100, near, 1}, {call, 100, near, 1}, {call, 110, near, -1}},
     lean},
    {"long box 95/105", {{call, 95, near, 1}, {call, 105, near, -1}, {put, 105, near, 1}, {put, 95, near, -1}}, finra},
    {"short box 95/105", {{call, 95, near, -1}, {call, 105, near, 1}, {put, 105, near, -1}, {put, 95, near, 1}}, finra},
    {"double calendar 90/110",
     {{put, 90, near, -1}, {put, 90, far, 1}, {call, 110, near, -1}, {call, 110, far, 1}},
     passarelli},
    {"calendar straddle 100",
     {{put, 100, near, -1}, {put, 100, far, 1}, {call, 100, near, -1}, {call, 100, far, 1}},
     horizontal},
    {"double diagonal 85/90/110/115",
     {{put, 90, near, -1}, {put, 85, far, 1}, {call, 110, near, -1}, {call, 115, far, 1}},
     passarelli},
    // Near misses: one number off, and the name does not hold.
    {"any-leg spread of 3 series", {{call, 95, near, 2}, {call, 100, near, -3}, {call, 105, near, 1}}, terms_of_ours},
    {"any-leg spread of 3 series", {{call, 95, near, 1}, {call, 100, near, -2}, {call, 105, far, 1}}, terms_of_ours},
    {"any-leg spread of 4 series",
     {{put, 50, near, 1}, {put, 53, near, -1}, {call, 67, near, -1}, {call, 70, far, 1}},
     terms_of_ours},
    {"any-leg spread of 4 series", // two puts above two calls
     {{put, 110, near, 1}, {put, 115, near, -1}, {call, 90, near, -1}, {call, 95, near, 1}},
     terms_of_ours},
    {"any-leg spread of 4 series", // two puts on two calls
     {{put, 50, near, 2}, {put, 53, near, -2}, {call, 67, near, -1}, {call, 70, near, 1}},
     terms_of_ours},
    {"any-leg spread of 2 series", {{call, 100, near, 1}, {call, 100, near, -1}}, terms_of_ours}, // mini and standard
    {"any-leg spread of 5 series",
     {{call, 95, near, 1}, {call, 100, near, -3}, {call, 105, near, 1}, {call, 110, near, 2}, {call, 115, near, -1}},
     terms_of_ours},
};

} // namespace

TEST_CASE("strategy name: what traders call it, in any order and any number of lots", "[strategy][cited]") {
    std::mt19937_64 random(20261126);
    for (const Row& row : rows) {
        INFO(row.name << ": " << row.source);
        CHECK(strategy_name(row.legs) == row.name);
        std::vector<NamedLeg> legs = row.legs;
        for (int k = 0; k < 5; ++k) {
            std::shuffle(legs.begin(), legs.end(), random);
            for (NamedLeg& leg : legs) {
                leg.lots *= 7;
            }
            CHECK(strategy_name(legs) == row.name);
        }
    }
}

TEST_CASE("strategy name: strikes have every digit that they have, and no more", "[strategy][property]") {
    const std::vector<NamedLeg> legs = {{call, 1190.909, near, 1}, {call, 0.5, near, 1}, {put, 0.5, near, 1}};
    CHECK(strikes_text(legs) == "0.5/1190.909");
}
