// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <margincore/instrument/index_roots.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

struct Fact {
    std::string root;
    std::string underlying;
    ExerciseStyle style;
    SettlementTime time;
    std::string source;
};

} // namespace

TEST_CASE("index roots: underlying, style and settlement of the listed contracts", "[instrument][cited]") {
    using enum ExerciseStyle;
    using enum SettlementTime;
    const std::vector<Fact> rows{
        {"SPX", "SPX", european, am, "Cboe, SPX options specifications"},
        {"SPXW", "SPX", european, pm, "Cboe, SPX weeklys and end-of-month specifications"},
        {"XSP", "XSP", european, pm, "Cboe, Mini-SPX specifications"},
        {"RUT", "RUT", european, am, "Cboe, Russell 2000 specifications"},
        {"RUTW", "RUT", european, pm, "Cboe, Russell 2000 weeklys specifications"},
        {"VIX", "VIX", european, am, "Cboe, VIX options specifications"},
        {"OEX", "OEX", american, pm, "Cboe, S&P 100 American-style specifications"},
        {"XEO", "XEO", european, pm, "Cboe, S&P 100 European-style specifications"},
        {"DJX", "DJX", european, am, "Cboe, DJX specifications"},
        {"NDX", "NDX", european, am, "Nasdaq, Nasdaq-100 index options specifications"},
        {"NDXP", "NDX", european, pm, "Nasdaq, Nasdaq-100 PM-settled specifications"},
    };
    for (const Fact& row : rows) {
        INFO(row.root << ": " << row.source);
        const IndexRoot* root = find_index_root(row.root);
        REQUIRE(root != nullptr);
        CHECK(root->underlying == row.underlying);
        CHECK(root->style == row.style);
        CHECK(root->settlement_time == row.time);
    }
}

TEST_CASE("index roots: each once, and no root of a stock is one", "[instrument][property]") {
    std::set<std::string_view> roots;
    for (const IndexRoot& entry : index_roots) {
        CHECK(roots.insert(entry.root).second);
        CHECK(find_index_root(entry.root) == &entry);
        CHECK((entry.underlying == "OEX") == (entry.style == ExerciseStyle::american));
    }
    CHECK(find_index_root("SPY") == nullptr);
    CHECK(find_index_root("spx") == nullptr);
    CHECK(find_index_root("") == nullptr);
}
