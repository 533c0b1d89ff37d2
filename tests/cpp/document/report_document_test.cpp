// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <margincore/document/json.hpp>
#include <margincore/document/report_document.hpp>

#include "catch.hpp"
#include "option_account.hpp"
#include "random_account.hpp"

using namespace margincore;
using document::read_report_document;
using document::report_document;
using document::Value;

namespace {

Policy with_everything() {
    Policy policy;
    policy.add_ons = {Concentration{}, VolatilityBand{}, BetaLeverage{}};
    policy.house_rates = {{"S0", {.long_rate = 0.6, .short_rate = 0.6}}};
    policy.missing_beta = 1.0;
    return policy;
}

} // namespace

TEST_CASE("report document: what is written is read back, bit for bit, through JSON text too", "[document][property]") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        for (const bool with_stress : {false, true}) {
            Report report = account.report(with_everything(), with_stress);
            report.account_id = seed % 2 == 0 ? std::optional<std::string>("ACC \xc3\xa9") : std::nullopt;
            const Value written = report_document(report);
            CHECK(read_report_document(written) == report);
            CHECK(read_report_document(document::parse_json(document::to_json(written, 2))) == report);
        }
    }
}

TEST_CASE("report document: the pairing of options is written and read back", "[document][property]") {
    OptionAccount account(100);
    account.hold_stock(100).hold(-1, Right::call, 110, 56, 1.00);
    account.hold(-1, Right::put, 90, 56, 1.50).hold(1, Right::put, 85, 56, 0.80).hold(1, Right::put, 40, 56, 0.01);
    for (const bool alternatives : {false, true}) {
        const Report report = account.report(alternatives);
        const Value written = report_document(report);
        CHECK(read_report_document(written) == report);
        REQUIRE(written["pairing"].size() == 3);
        CHECK(written["pairing"][0]["worst_strike"] == 85.0);
        CHECK(written["pairing"][1]["worst_strike"].is_null());
        CHECK(written["pairing"][0]["next_best"].is_null() == !alternatives);
        CHECK(written["pairing"][2]["next_best"].is_null());
        std::vector<std::string> keys;
        for (const auto& [key, value] : written["pairing"][0].items()) {
            keys.push_back(key);
        }
        CHECK(keys == std::vector<std::string>{"name", "rule", "positions", "quantities", "maintenance", "worst_strike",
                                               "next_best"}); // of the contract, in its order
    }
    Value older = report_document(account.report());
    older.erase("pairing");
    CHECK(read_report_document(older).pairing.empty());
}

TEST_CASE("report document: the keys of the contract, in its order", "[document][property]") {
    SampleAccount account;
    account.cash = -6000;
    account.hold("XYZ", 100, 100, 1.2);
    const Value written = report_document(account.report());
    std::vector<std::string> keys;
    for (const auto& [key, value] : written.items()) {
        keys.push_back(key);
    }
    CHECK(keys == std::vector<std::string>{"schema",         "account_id",      "method",          "rulebook",
                                           "valuation_date", "net_liquidation", "equity",          "gross_value",
                                           "requirement",    "excess",          "net_requirement", "lower_bound",
                                           "call",           "withdrawable",    "buying_power",    "lines",
                                           "add_ons",        "stress",          "beta_weighted",   "underlyings",
                                           "shock",          "call_prices",     "ladder",          "warnings",
                                           "pairing",        "groups",          "deficiency"});
    CHECK(written["schema"] == 1);
    CHECK(written["account_id"].is_null());
    CHECK(written["requirement"]["maintenance"] == 2500.0);
    CHECK(written["lines"][0]["citation"] == "FINRA 4210(c)(1)");
    CHECK(written["call_prices"] == document::parse_json(R"({"XYZ": [80.0, null]})"));
    CHECK(written["stress"].size() == 8);
    CHECK(written["beta_weighted"]["reverse"]["excess_zero"][1].is_null());
    CHECK(written["pairing"].empty());
}

TEST_CASE("report document: a wrong one is refused by name", "[document][property]") {
    const Value written = report_document(SampleAccount{}.report());
    const auto message_of = [](const Value& value) -> std::string {
        try {
            static_cast<void>(read_report_document(value));
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    Value missing = written;
    missing.erase("equity");
    CHECK(message_of(missing) == "equity: must be given, got nothing");
    Value text = written;
    text["excess"]["total"] = "12";
    CHECK(message_of(text) == "excess.total: must be a number, got '12'");
    Value later = written;
    later["schema"] = 7;
    CHECK(message_of(later) == "schema: must be 1, got 7");
    Value pair = written;
    pair["call_prices"]["XYZ"] = {1.0, 2.0, 3.0};
    CHECK(message_of(pair) == "call_prices.XYZ: must be a list of two, got a list");
    CHECK(message_of(Value::array()) == "report: must be an object, got a list");
}

TEST_CASE("report document: one of a version that knows fewer keys, or more, is read", "[document][property]") {
    // The contract of the documents: they grow only by adding.
    const Report report = SampleAccount{}.report();
    Value newer = report_document(report);
    newer["key_to_come"] = 1;
    CHECK(read_report_document(newer) == report);
    Value older = report_document(report);
    older.erase("gross_value");
    older.erase("ladder");
    const Report read = read_report_document(older);
    CHECK(read.equity == report.equity);
    CHECK(std::isnan(read.gross_value)); // missing, not zero
}
