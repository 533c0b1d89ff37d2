// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <margincore/document/json.hpp>
#include <margincore/document/struct_value.hpp>

#include "catch.hpp"

using namespace margincore;
using document::from_value;
using document::parse_json;
using document::to_json;
using document::to_value;

namespace {

template <class T>
void check_round_trip(const T& data, const std::string& json) {
    CHECK(to_json(to_value(data)) == json);
    CHECK(from_value<T>(parse_json(json), "here") == data);
}

template <class T>
std::string message_of(const std::string& json) {
    try {
        static_cast<void>(from_value<T>(parse_json(json), "here"));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("structs: written and read back as documents", "[document][property]") {
    check_round_trip(MarginCall{.maintenance = 1.5, .house = 2}, R"({"maintenance":1.5,"house":2.0})");
    check_round_trip(CallPrices{.down = 80.0}, "[80.0,null]");
    check_round_trip(EnforcementState{.warned = true}, R"({"warned":true,"call_issued_at":null,"restricted":false,)"
                                                       R"("liquidating":false})");
    check_round_trip(EnforcementState{.call_issued_at = 1'790'000'000'000, .restricted = true},
                     R"({"warned":false,"call_issued_at":1790000000000,"restricted":true,"liquidating":false})");
    check_round_trip(
        EnforcementEvent{.action = EnforcementAction::close_only, .time = 5, .scenario = -0.08, .reason = "r"},
        R"({"action":"CLOSE_ONLY","time":5,"excess":0.0,"deficiency":0.0,"scenario":-0.08,)"
        R"("excess_stressed":null,"reason":"r"})");
    check_round_trip(std::vector<Warning>{{"a.b", "text"}}, R"([{"where":"a.b","message":"text"}])");
    check_round_trip(std::vector<std::pair<std::string, CallPrices>>{{"KO", {}}, {"A", {.up = 2.0}}},
                     R"({"KO":[null,null],"A":[null,2.0]})");
    check_round_trip(Explanation{"root", {}, "", "", {{"leaf", 1.0, "c", "w", {}}}},
                     R"({"label":"root","amount":null,"citation":"","why":"","parts":[)"
                     R"({"label":"leaf","amount":1.0,"citation":"c","why":"w","parts":[]}]})");
    check_round_trip(Ladder{}, R"({"warning_excess":0.05,"restrict_after_minutes":30.0,"severe_move":0.06,)"
                               R"("liquidate_deficiency":0.5})");
}

TEST_CASE("structs: a wrong value is refused with its place", "[document][property]") {
    CHECK(message_of<MarginCall>(R"({"maintenance": 1})") == "here.house: must be given, got nothing");
    CHECK(message_of<MarginCall>(R"({"maintenance": 1, "house": 1, "x": 1})").empty()); // documents grow
    CHECK(message_of<MarginCall>("[]") == "here: must be an object, got a list");
    CHECK(message_of<CallPrices>("[1]") == "here: must be a list of two, got a list");
    CHECK(message_of<CallPrices>(R"([1, "x"])") == "here[1]: must be a number, got 'x'");
    CHECK(message_of<EnforcementState>(
              R"({"warned": 0, "call_issued_at": null, "restricted": false, "liquidating": false})") ==
          "here.warned: must be true or false, got 0");
    CHECK(message_of<EnforcementState>(
              R"({"warned": true, "call_issued_at": 1.5, "restricted": false, "liquidating": false})") ==
          "here.call_issued_at: must be a whole number, got 1.5");
    CHECK(message_of<EnforcementAction>("\"CLOSED\"").starts_with("here: must be one of WARNING, MARGIN_CALL, "));
    CHECK(message_of<std::vector<Warning>>(R"([{"where": "a", "message": "b"}, {"where": 1, "message": "b"}])") ==
          "here[1].where: must be a string, got 1");
}
