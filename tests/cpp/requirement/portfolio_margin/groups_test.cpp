// SPDX-License-Identifier: Apache-2.0
// Group tables: what is found in one, what is refused of one, and what the built-in one says.
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/requirement/portfolio_margin/default_group_table.hpp>
#include <margincore/requirement/portfolio_margin/groups.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

ProductGroup product(std::string id, std::string portfolio = "") {
    return {.id = std::move(id), .range = {-0.08, 0.06}, .offset = 0.9, .portfolio = std::move(portfolio)};
}

/// Two classes in one product group in one portfolio group, and a class alone.
GroupTable sample() {
    return {.classes = {{"SPX", "BROAD", {{"SPY"}, {"UPRO", 3}}}, {"DJX", "BROAD", {{"DJX"}}}, {"XYZ", "", {}}},
            .products = {product("BROAD", "US")},
            .portfolios = {{"US", "", 0.5}}};
}

std::string failure(const GroupTable& table) {
    try {
        static_cast<void>(Groups(table, "table"));
    } catch (const InvalidInput& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// What a changed sample is refused with.
template <class Change>
std::string failure_of(Change change) {
    GroupTable table = sample();
    change(table);
    return failure(table);
}

std::string class_of(const Groups& groups, const std::string& symbol) {
    const auto member = groups.find(symbol);
    return member ? groups.tree()(GroupLevel::class_group, member->class_group).id : "";
}

std::string product_of(const Groups& groups, const std::string& symbol) {
    const GroupIndex index = groups.tree().product_of(groups.find(symbol).value().class_group);
    return index == no_group ? "" : groups.tree()(GroupLevel::product, index).id;
}

} // namespace

TEST_CASE("groups: a symbol is found in its class, with its leverage, and a class's id is one",
          "[portfolio_margin][property]") {
    const Groups groups(sample(), "table");
    CHECK(class_of(groups, "SPY") == "SPX");
    CHECK(class_of(groups, "SPX") == "SPX");
    CHECK(class_of(groups, "DJX") == "DJX");
    CHECK(class_of(groups, "XYZ") == "XYZ");
    CHECK_FALSE(groups.find("BROAD"));
    CHECK_FALSE(groups.find("US"));
    CHECK_FALSE(groups.find("spy"));
    CHECK_FALSE(groups.find(""));
    CHECK(groups.find("UPRO").value().leverage == 3.0);
    CHECK_FALSE(groups.find("SPY").value().leverage);
    CHECK(groups.find_class("DJX") == std::optional<GroupIndex>(1));
    CHECK_FALSE(groups.find_class("SPY"));
    CHECK_FALSE(groups.find_class("BROAD"));
}

TEST_CASE("groups: levels above a class, its range and its minimum", "[portfolio_margin][property]") {
    GroupTable table = sample();
    table.products.push_back(
        {.id = "SECTOR", .range = {-0.15, 0.15}, .offset = 0.9, .portfolio = "", .minimum_per_unit = 0.25});
    table.classes.push_back({"OSX", "SECTOR", {{"OIH"}}});
    const Groups groups(table, "table");
    const GroupTree& tree = groups.tree();
    CHECK(tree.product_of(0) == 0);
    CHECK(tree.product_of(1) == 0);
    CHECK(tree.product_of(2) == no_group);
    CHECK(tree.product_of(3) == 1);
    CHECK(tree.portfolio_of(0) == 0);
    CHECK(tree.portfolio_of(1) == no_group);
    CHECK(tree.portfolio_of(no_group) == no_group);
    CHECK(tree(GroupLevel::product, 0).offset == 0.9);
    CHECK(tree(GroupLevel::portfolio, 0).offset == 0.5);
    CHECK(groups.range(0) == PriceRange{-0.08, 0.06});
    CHECK_FALSE(groups.range(2));
    CHECK_FALSE(groups.minimum_per_unit(0));
    CHECK_FALSE(groups.minimum_per_unit(2));
    CHECK(groups.minimum_per_unit(3) == 0.25);
    CHECK_FALSE(Groups(GroupTable{}, "table").find("SPX"));
}

TEST_CASE("groups: an id names one group, in all levels together", "[portfolio_margin][property]") {
    const std::string spx_again = "table.classes[3].id: must name one group, got 'SPX' again";
    CHECK(failure_of([](GroupTable& table) { table.classes.push_back({"SPX", "BROAD", {}}); }) == spx_again);
    CHECK(failure_of([](GroupTable& table) { // one class in two products
              table.products.push_back(product("OTHER"));
              table.classes.push_back({"SPX", "OTHER", {}});
          }) == spx_again);
    CHECK(failure_of([](GroupTable& table) { table.products.push_back(product("BROAD")); }) ==
          "table.products[1].id: must name one group, got 'BROAD' again");
    CHECK(failure_of([](GroupTable& table) { table.portfolios.push_back({"US", "", 0.5}); }) ==
          "table.portfolios[1].id: must name one group, got 'US' again");
    CHECK(failure_of([](GroupTable& table) { table.products.push_back(product("US")); }) ==
          "table.products[1].id: must name one group, got 'US' again");
    CHECK(failure_of([](GroupTable& table) { table.classes.push_back({"BROAD", "", {}}); }) ==
          "table.classes[3].id: must name one group, got 'BROAD' again");
    CHECK(failure_of([](GroupTable& table) { table.classes[1].id = ""; }) == "table.classes[1].id: must not be empty");
    CHECK(failure_of([](GroupTable& table) { table.products[0].id = ""; }) ==
          "table.products[0].id: must not be empty");
    CHECK(failure_of([](GroupTable& table) { table.portfolios[0].id = ""; }) ==
          "table.portfolios[0].id: must not be empty");
}

TEST_CASE("groups: a symbol is in one class", "[portfolio_margin][property]") {
    CHECK(failure_of([](GroupTable& table) { table.classes[1].members.push_back({"SPY"}); }) ==
          "table.classes[1].members[1]: must name each symbol once, got 'SPY' again");
    CHECK(failure_of([](GroupTable& table) { table.classes[0].members.push_back({"SPY"}); }) ==
          "table.classes[0].members[2]: must name each symbol once, got 'SPY' again");
    CHECK(failure_of([](GroupTable& table) { table.classes[0].members.push_back({"XYZ"}); }) ==
          "table.classes[2].id: must be no member of another class, got 'XYZ'");
}

TEST_CASE("groups: a group above is one of the level above", "[portfolio_margin][property]") {
    CHECK(failure_of([](GroupTable& table) { table.classes[2].product = "SECTOR"; }) ==
          "table.classes[2].product: must be the id of a product group, got 'SECTOR'");
    CHECK(failure_of([](GroupTable& table) { table.classes[2].product = "US"; }) ==
          "table.classes[2].product: must be the id of a product group, got 'US'");
    CHECK(failure_of([](GroupTable& table) { table.classes[2].product = "SPX"; }) ==
          "table.classes[2].product: must be the id of a product group, got 'SPX'");
    CHECK(failure_of([](GroupTable& table) { table.products[0].portfolio = "EU"; }) ==
          "table.products[0].portfolio: must be the id of a portfolio group, got 'EU'");
}

TEST_CASE("groups: none leads back to itself", "[portfolio_margin][property]") {
    const std::string of_product = "table.products[0].portfolio: must lead to a group above, got a cycle: ";
    CHECK(failure_of([](GroupTable& table) { table.products[0].portfolio = "BROAD"; }) ==
          of_product + "BROAD -> BROAD");
    CHECK(failure_of([](GroupTable& table) {
              table.products = {product("BROAD", "B"), product("B", "C"), product("C", "BROAD")};
          }) == of_product + "BROAD -> B -> C -> BROAD");
    CHECK(failure_of([](GroupTable& table) { table.products[0].portfolio = "SPX"; }) ==
          of_product + "BROAD -> SPX -> BROAD");
    CHECK(failure_of([](GroupTable& table) { table.classes[2].product = "XYZ"; }) ==
          "table.classes[2].product: must lead to a group above, got a cycle: XYZ -> XYZ");
    // A cycle further up is one of the groups that form it.
    CHECK(failure_of([](GroupTable& table) {
              table.products = {product("BROAD", "B"), product("B", "C"), product("C", "B")};
          }) == "table.products[0].portfolio: must be the id of a portfolio group, got 'B'");
}

TEST_CASE("groups: numbers are fractions, and ranges fall and rise", "[portfolio_margin][property]") {
    const double nan = std::nan("");
    const double infinity = std::numeric_limits<double>::infinity();
    const auto with_product = [](auto change) {
        return failure_of([&](GroupTable& table) { change(table.products[0]); });
    };
    struct Row {
        double value;
        std::string got;
    };
    for (const Row& row : std::vector<Row>{{-0.1, "-0.1"}, {1.1, "1.1"}, {90, "90"}}) {
        CHECK(with_product([&](ProductGroup& group) { group.offset = row.value; }) ==
              "table.products[0].offset: must be between 0 and 1, got " + row.got);
        CHECK(failure_of([&](GroupTable& table) { table.portfolios[0].offset = row.value; }) ==
              "table.portfolios[0].offset: must be between 0 and 1, got " + row.got);
    }
    for (const Row& row : std::vector<Row>{{nan, "nan"}, {infinity, "inf"}, {-infinity, "-inf"}}) {
        const std::string rule = ": must be a finite number, got " + row.got;
        CHECK(with_product([&](ProductGroup& group) { group.offset = row.value; }) ==
              "table.products[0].offset" + rule);
        CHECK(with_product([&](ProductGroup& group) { group.range.low = row.value; }) ==
              "table.products[0].low" + rule);
        CHECK(with_product([&](ProductGroup& group) { group.range.high = row.value; }) ==
              "table.products[0].high" + rule);
        CHECK(with_product([&](ProductGroup& group) { group.minimum_per_unit = row.value; }) ==
              "table.products[0].minimum_per_unit" + rule);
        CHECK(failure_of([&](GroupTable& table) { table.portfolios[0].offset = row.value; }) ==
              "table.portfolios[0].offset" + rule);
        CHECK(failure_of([&](GroupTable& table) {
                  table.classes[0].members[1].leverage = row.value;
              }).starts_with("table.classes[0].members[1]"));
    }
    CHECK(with_product([](ProductGroup& group) { group.range.low = -1.01; }) ==
          "table.products[0].low: must be between -1 and 0, got -1.01");
    CHECK(with_product([](ProductGroup& group) { group.range.low = 0.08; }) ==
          "table.products[0].low: must be between -1 and 0, got 0.08");
    CHECK(with_product([](ProductGroup& group) { group.range.low = 0; }) ==
          "table.products[0].low: must be below zero, got 0");
    CHECK(with_product([](ProductGroup& group) { group.range.high = 0; }) ==
          "table.products[0].high: must be more than zero, got 0");
    CHECK(with_product([](ProductGroup& group) { group.range.high = 10.1; }) ==
          "table.products[0].high: must be at most 10, got 10.1");
    CHECK(with_product([](ProductGroup& group) { group.minimum_per_unit = -0.1; }) ==
          "table.products[0].minimum_per_unit: must be zero or more, got -0.1");
    CHECK(failure_of([](GroupTable& table) { table.classes[0].members[1].leverage = 0; }) ==
          "table.classes[0].members[1].leverage: must not be zero, got 0");
    CHECK(with_product([](ProductGroup& group) { // the ends that are allowed
              group.range = {-1, 10};
              group.offset = 0;
              group.minimum_per_unit = 0;
          }) == "nothing was thrown");
}

TEST_CASE("built-in groups: ranges of the rule, offsets of 15c3-1a", "[portfolio_margin][cited]") {
    // FINRA 4210(g)(2)(F): -8/+6 % high capitalization, +-10 % other broad-based, +-15 % all else. SEC Rule
    // 15c3-1a(b)(1)(iv)(B): 90 % high capitalization and narrow-based, 75 % other diversified, 50 % between groups.
    const Groups groups(default_group_table(), "table");
    struct Row {
        std::string symbol;
        std::string product;
        PriceRange range;
        Fraction offset;
        bool is_diversified;
    };
    const std::vector<Row> rows = {
        {"SPX", "BROAD_HC", {-0.08, 0.06}, 0.90, true},      {"OEX", "BROAD_HC", {-0.08, 0.06}, 0.90, true},
        {"IWF", "GROWTH_HC", {-0.08, 0.06}, 0.90, true},     {"IWD", "VALUE_HC", {-0.08, 0.06}, 0.90, true},
        {"QQQ", "NASD_MKT", {-0.10, 0.10}, 0.75, true},      {"IWM", "SMALL_CAP", {-0.10, 0.10}, 0.75, true},
        {"OIH", "OIL_SERVICES", {-0.15, 0.15}, 0.90, false}, {"KBE", "BANKS", {-0.15, 0.15}, 0.90, false}};
    for (const Row& row : rows) {
        CAPTURE(row.symbol);
        const GroupIndex class_group = groups.find(row.symbol).value().class_group;
        const GroupIndex index = groups.tree().product_of(class_group);
        CHECK(product_of(groups, row.symbol) == row.product);
        CHECK(groups.range(class_group) == row.range);
        CHECK(groups.tree()(GroupLevel::product, index).offset == row.offset);
        const GroupIndex portfolio = groups.tree().portfolio_of(index);
        CHECK((portfolio != no_group) == row.is_diversified);
        if (portfolio != no_group) {
            CHECK(groups.tree()(GroupLevel::portfolio, portfolio).id == "US_DIVERSIFIED");
            CHECK(groups.tree()(GroupLevel::portfolio, portfolio).offset == 0.50);
        }
    }
}

TEST_CASE("built-in groups: an index, its funds, its futures and its funds' factors are one class",
          "[portfolio_margin][cited]") {
    // The factors are those that ProShares (SSO, UPRO, SH, SDS, SPXU, QLD, TQQQ, PSQ, QID, SQQQ, UWM, RWM, TWM, DDM,
    // UDOW, DOG, DXD, SDOW) and Direxion (SPXL, SPXS, TNA, TZA) state as the daily target of each fund.
    struct Row {
        std::string class_group;
        std::vector<std::string> symbols;
        std::vector<std::pair<std::string, double>> funds;
    };
    const std::vector<Row> rows = {
        {"SPX",
         {"SPX", "XSP", "SPY", "VOO", "IVV", "ES", "MES"},
         {{"SSO", 2}, {"UPRO", 3}, {"SPXL", 3}, {"SH", -1}, {"SDS", -2}, {"SPXU", -3}, {"SPXS", -3}}},
        {"OEX", {"OEX", "XEO"}, {}},
        {"DJX", {"DJX", "DIA", "YM", "MYM"}, {{"DDM", 2}, {"UDOW", 3}, {"DOG", -1}, {"DXD", -2}, {"SDOW", -3}}},
        {"NDX", {"NDX", "XND", "QQQ", "NQ", "MNQ"}, {{"QLD", 2}, {"TQQQ", 3}, {"PSQ", -1}, {"QID", -2}, {"SQQQ", -3}}},
        {"COMP", {"COMP", "ONEQ"}, {}},
        {"RUT", {"RUT", "MRUT", "IWM", "RTY", "M2K"}, {{"UWM", 2}, {"TNA", 3}, {"RWM", -1}, {"TWM", -2}, {"TZA", -3}}},
        {"OSX", {"OSX", "OIH"}, {}},
        {"BKX", {"BKX", "KBE"}, {}}};
    const Groups groups(default_group_table(), "table");
    for (const Row& row : rows) {
        CAPTURE(row.class_group);
        for (const std::string& symbol : row.symbols) {
            CAPTURE(symbol);
            CHECK(class_of(groups, symbol) == row.class_group);
            CHECK_FALSE(groups.find(symbol).value().leverage);
        }
        for (const auto& [symbol, leverage] : row.funds) {
            CAPTURE(symbol);
            CHECK(class_of(groups, symbol) == row.class_group);
            CHECK(groups.find(symbol).value().leverage == leverage);
        }
    }
    // A class is named by the first symbol of its line; roots of options are those of their index, not members.
    for (const ClassGroup& group : default_group_table().classes) {
        CHECK(group.members.at(0).symbol == group.id);
    }
    for (const std::string unmapped : {"SPXW", "NDXP", "RUTW", "VIX", "AAPL", "VXX"}) {
        CHECK_FALSE(groups.find(unmapped));
    }
}
