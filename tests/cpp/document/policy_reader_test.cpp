// SPDX-License-Identifier: Apache-2.0
// What each key of a policy becomes. What is refused: malformed_documents_test.cpp.
#include <string>
#include <vector>

#include <margincore/document/json.hpp>
#include <margincore/document/policy_reader.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

Policy read(const std::string& text) { return document::read_policy(document::parse_json(text), "policy"); }

} // namespace

TEST_CASE("policy: an empty one is the default", "[document][property]") {
    CHECK(read("{}") == Policy{});
    CHECK(read(R"({"rulebook": "finra-2026"})") == Policy{});
}

TEST_CASE("policy: house rates, by canonical symbol", "[document][property]") {
    const Policy policy =
        read(R"({"house_rates": {"NVDA": {"long": 0.4, "short": 0.5}, "KO": {"long": 0.3}, "XYZ": {"short": 2}}})");
    CHECK(policy.house_rates.size() == 3);
    CHECK(policy.house_rates.at("NVDA") == HouseRates{.long_rate = 0.4, .short_rate = 0.5});
    CHECK(policy.house_rates.at("KO") == HouseRates{.long_rate = 0.3});
    CHECK(policy.house_rates.at("XYZ") == HouseRates{.short_rate = 2});
}

TEST_CASE("policy: base rates, either side or both", "[document][property]") {
    CHECK(read(R"({"base_rates": {"long": 0.3}})").base_rates == HouseRates{.long_rate = 0.3});
    CHECK(read(R"({"base_rates": {"short": 0.4}})").base_rates == HouseRates{.short_rate = 0.4});
    CHECK(read(R"({"base_rates": {"long": 0.3, "short": 0.4}})").base_rates ==
          HouseRates{.long_rate = 0.3, .short_rate = 0.4});
}

TEST_CASE("policy: add-ons, with their own bands or the caller's", "[document][property]") {
    const Policy policy = read(R"({"add_ons": [{"id": "concentration"}, {"id": "none"},
        {"id": "volatility", "bands": [{"above": 0.5, "rate": 0.2}, {"above": 0.25, "rate": 0.1}]}]})");
    const std::vector<AnyAddOn> expected{Concentration{}, NullAddOn{},
                                         VolatilityBand{.bands = Bands({{0.25, 0.1}, {0.5, 0.2}}, "bands")}};
    CHECK(policy.add_ons == expected);
}

TEST_CASE("policy: add-ons with what else they have", "[document][property]") {
    const Policy policy = read(R"({"add_ons": [
        {"id": "concentration", "short_bands": [{"above": 0.1, "rate": 0.2}]},
        {"id": "low_price", "bands": [{"above": 5, "rate": 0}, {"above": 0, "rate": 1}]},
        {"id": "industry", "largest_position": 0.3}, {"id": "liquidity"}, {"id": "ownership"}]})");
    const std::vector<AnyAddOn> expected{Concentration{.short_bands = Bands({{0.1, 0.2}}, "bands")},
                                         LowPrice{.bands = FallingBands({{0, 1}, {5, 0}}, "bands")},
                                         Industry{.largest_position = 0.3}, Liquidity{}, Ownership{}};
    CHECK(policy.add_ons == expected);
}

TEST_CASE("policy: stated beta, moves and thresholds", "[document][property]") {
    CHECK(read(R"({"missing_beta": 1.5})").missing_beta == 1.5);
    CHECK(read(R"({"stress_moves": [-1, 0, 0.25]})").stress_moves == std::vector<double>{-1, 0, 0.25});
    CHECK(read(R"({"ladder": {"restrict_after_minutes": 15}})").ladder == Ladder{.restrict_after_minutes = 15});
    CHECK(read(R"({"ladder": {"warning_excess": 0.1, "severe_move": 0.08, "liquidate_deficiency": 0.25}})").ladder ==
          Ladder{.warning_excess = 0.1, .severe_move = 0.08, .liquidate_deficiency = 0.25});
}

TEST_CASE("policy: who pairs the options, and the groups", "[document][property]") {
    CHECK(read(R"({"spread_balance": "long_surplus"})").rulebook.spread.balance == SpreadBalance::long_surplus);
    CHECK(read(R"({"pairing": "optimal", "groups": []})") == Policy{});
    const Policy policy = read(R"({"pairing": "designated", "groups": [[{"symbol": "NVDA", "quantity": 100},
        {"symbol": "NVDA270115C00450000", "quantity": -1}], [{"symbol": "KO", "quantity": -2.5}]]})");
    CHECK(policy.pairing == PairingMode::designated);
    CHECK(policy.groups ==
          std::vector<std::vector<DesignatedLeg>>{{{"NVDA", 100}, {"NVDA  270115C00450000", -1}}, {{"KO", -2.5}}});
}

TEST_CASE("policy: a profile's own switches, unless the policy says otherwise", "[document][property]") {
    CHECK(read(R"({"rulebook": "ibkr-like"})").rulebook == ibkr_like);
    CHECK(read(R"({"rulebook": "ibkr-like"})").rulebook.option.covered_call_base == CoveredCallBase::market);
    CHECK(read(R"({"rulebook": "ibkr-like", "covered_call_rate_base": "capped"})").rulebook.option.covered_call_base ==
          CoveredCallBase::capped);
}
