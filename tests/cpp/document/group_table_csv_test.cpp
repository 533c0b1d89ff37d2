// SPDX-License-Identifier: Apache-2.0
// The neutral CSV of group tables: what it reads as, that what is written reads back, and each thing it refuses.
#include <string>
#include <utility>
#include <vector>

#include <margincore/document/group_table_csv.hpp>
#include <margincore/document/group_table_reader.hpp>
#include <margincore/requirement/portfolio_margin/default_group_table.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;
using document::group_table_csv;
using document::read_group_table_csv;

namespace {

const std::string groups_heading =
    "#groups: level,id,name,parent_id,offset_pct_of_gain,low_pct,high_pct,min_charge_per_unit\n";
const std::string series_heading = "#series: symbol,class_id,leverage\n";

std::string failure(const std::string& text, const Where& where = "") {
    try {
        static_cast<void>(read_group_table_csv(text, where));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// A number in (0, 1] with as many digits as a double has.
Fraction random_fraction(Random& random) { return 1 - random.uniform(0, 1); }

GroupTable random_table(Random& random) {
    GroupTable table;
    for (std::size_t i = 0, count = random.below(4); i < count; ++i) {
        table.portfolios.push_back({"M" + std::to_string(i), random.chance(0.5) ? "with, \"commas\"" : "",
                                    random.chance(0.3) ? 0.0 : random_fraction(random)});
    }
    for (std::size_t i = 0, count = random.below(5); i < count; ++i) {
        ProductGroup product{.id = "P" + std::to_string(i),
                             .name = random.chance(0.5) ? " two\nlines " : "#",
                             .range = {-random_fraction(random), 10 * random_fraction(random)},
                             .offset = random_fraction(random)};
        if (!table.portfolios.empty() && random.chance(0.7)) {
            product.portfolio = table.portfolios[i % table.portfolios.size()].id;
        }
        if (random.chance(0.5)) {
            product.minimum_per_unit = random_fraction(random) * 1e-5;
        }
        table.products.push_back(std::move(product));
    }
    for (std::size_t i = 0, count = random.below(6); i < count; ++i) {
        ClassGroup group{.id = "C" + std::to_string(i)};
        if (!table.products.empty() && random.chance(0.7)) {
            group.product = table.products[i % table.products.size()].id;
        }
        for (std::size_t k = 0, members = random.below(4); k < members; ++k) {
            group.members.push_back({.symbol = "#S" + std::to_string(i) + "_" + std::to_string(k)});
            if (random.chance(0.5)) {
                group.members.back().leverage = -3 * random_fraction(random);
            }
        }
        table.classes.push_back(std::move(group));
    }
    return table;
}

} // namespace

TEST_CASE("group table CSV: percent become fractions, series rows members", "[document][property]") {
    const GroupTable table = read_group_table_csv(groups_heading +
                                                  "portfolio,US,US indices,,50,,,\n"
                                                  "product,BROAD,\"Broad, high\",US,90,-8,6,\n"
                                                  "product,SECTOR,,,7.5,-15,15,0.25\n"
                                                  "class,SPX,,BROAD,,,,\n"
                                                  "class,XYZ,,,,,,\n" +
                                                  series_heading + "SPY,SPX,\nUPRO,SPX,3\n");
    CHECK(table == GroupTable{.classes = {{"SPX", "BROAD", {{"SPY"}, {"UPRO", 3}}}, {"XYZ", "", {}}},
                              .products = {{"BROAD", "Broad, high", {-0.08, 0.06}, 0.9, "US", std::nullopt},
                                           {"SECTOR", "", {-0.15, 0.15}, 0.075, "", 0.25}},
                              .portfolios = {{"US", "US indices", 0.5}}});
}

TEST_CASE("group table CSV: a whole file of version 1 gives its classes", "[document][property]") {
    // The columns of the contract's version 1, in its order; options are in the class of what they are on.
    const GroupTable table = read_group_table_csv(
        "\xEF\xBB\xBF#groups: level, id, name, parent_id, offset_pct_of_gain, low_pct, high_pct, "
        "min_charge_per_unit,,,,,,,,,\r\n"
        "class,SPX,S&P 500,,,,,,,,,,,,,,\r\n"
        "\r\n"
        "#series: symbol, kind, class_id, multiplier, leverage, base_price, pl_0, pl_1, pl_2, pl_3, pl_4, pl_5, pl_6, "
        "pl_7, pl_8, pl_9, iv\r\n"
        "SPY,etf,SPX,1,,670,-53.6,-42.88,-32.16,-21.44,-10.72,8.04,16.08,24.12,32.16,40.2,\r\n"
        "SPX   261218C06800000,option,SPX,100,,55,1,2,3,4,5,6,7,8,9,10,0.16\r\n"
        "ES,future,SPX,50,,6710,,,,,,,,,,,\r\n");
    CHECK(table == GroupTable{.classes = {{"SPX", "", {{"SPY"}, {"ES"}}}}});
}

TEST_CASE("group table CSV: sections and columns in any order, lines of any end", "[document][property]") {
    const GroupTable table = read_group_table_csv("#series: leverage,symbol,class_id\r-1,SH,SPX\r#groups: id,level\r"
                                                  "SPX,class");
    CHECK(table == GroupTable{.classes = {{"SPX", "", {{"SH", -1}}}}});
    CHECK(read_group_table_csv("\n \n#groups: level,id\n\n") == GroupTable{});
}

TEST_CASE("group table CSV: what is written reads back as the same table, to the bit", "[document][property]") {
    CHECK(read_group_table_csv(group_table_csv(default_group_table())) == default_group_table());
    CHECK(read_group_table_csv(group_table_csv(GroupTable{})) == GroupTable{});
    Random random(20261127);
    for (int i = 0; i < 500; ++i) {
        const GroupTable table = random_table(random);
        const std::string text = group_table_csv(table);
        INFO(text);
        REQUIRE(read_group_table_csv(text) == table);
        // The other form, JSON, says the same.
        REQUIRE(document::read_group_table(document::group_table_document(table), "") == table);
    }
}

TEST_CASE("group table CSV: percent are written as people write them", "[document][property]") {
    const std::vector<std::pair<Fraction, std::string>> rows = {
        {0.0, "0"},   {1.0, "100"},     {0.9, "90"}, {-0.08, "-8"},  {0.06, "6"},      {0.075, "7.5"},
        {10, "1000"}, {0.0005, "0.05"}, {0.01, "1"}, {-0.5, "-50"},  {0.123, "12.3"},  {1e-7, "0.00001"},
        {2.5, "250"}, {1.005, "100.5"}, {0.1, "10"}, {0.081, "8.1"}, {-0.064, "-6.4"}, {0.3333, "33.33"}};
    for (const auto& [fraction, text] : rows) {
        CHECK(document::percent_text(fraction) == text);
    }
}

TEST_CASE("group table CSV: a line without its section, or a section without its columns", "[document][property]") {
    CHECK(failure("") == "must have a section #groups, got none");
    CHECK(failure("#series: symbol,class_id\n") == "must have a section #groups, got none");
    CHECK(failure("class,SPX\n") ==
          "line 1: must come after a line that begins a section, such as #groups:, got 'class'");
    CHECK(failure("#groups\n") == "line 1: must begin a section as #name: does, got '#groups'");
    CHECK(failure("\n#baskets: id\n") == "line 2: must be a known section (groups, series), got 'baskets'");
    CHECK(failure("#groups: level\n") == "line 1: must have a column id, got none");
    CHECK(failure("#groups:\n") == "line 1: must have a column level, got none");
    CHECK(failure("#groups: level,id,ID\n") == "line 1: must have known columns, got 'ID'");
    CHECK(failure("#groups: level,id,id\n") == "line 1: must have each column once, got 'id' again");
    CHECK(failure("#series: symbol,class_id,pl_10\n") == "line 1: must have known columns, got 'pl_10'");
    CHECK(failure("#groups: level,id,name\nclass,SPX\n") == "line 2: must have a cell for each of 3 columns, got 2");
    CHECK(failure("#groups: level,id\nclass,SPX,,US\n") == "line 2: must have nothing beyond 2 columns, got 'US'");
}

TEST_CASE("group table CSV: cells that are none", "[document][property]") {
    const auto of_groups = [](const std::string& rows) { return failure(groups_heading + rows); };
    CHECK(of_groups("basket,SPX,,,,,,\n") == "line 2.level: must be one of class, product, portfolio, got 'basket'");
    CHECK(of_groups(",SPX,,,,,,\n") == "line 2.level: must be given, got nothing");
    CHECK(of_groups("class,,,,,,,\n") == "line 2.id: must be given, got nothing");
    CHECK(of_groups("product,A,,,,-8,6,\n") == "line 2.offset_pct_of_gain: must be given, got nothing");
    CHECK(of_groups("product,A,,,90,,6,\n") == "line 2.low_pct: must be given, got nothing");
    CHECK(of_groups("product,A,,,90,-8,,\n") == "line 2.high_pct: must be given, got nothing");
    CHECK(of_groups("product,A,,,90 %,-8,6,\n") ==
          "line 2.offset_pct_of_gain: must be a number in plain decimals, got '90 %'");
    for (const std::string number : {"1e1", "0x10", "nan", "inf", "+6", "6.", ".5", "-", "1.2.3", "06", "6-", "[6]"}) {
        CHECK(of_groups("product,A,,,90,-8," + number + ",\n") ==
              "line 2.high_pct: must be a number in plain decimals, got '" + number + "'");
    }
    CHECK(of_groups("product,A,,,100.5,-8,6,\n") == "line 2.offset_pct_of_gain: must be between 0 and 100, got 100.5");
    CHECK(of_groups("product,A,,,-1,-8,6,\n") == "line 2.offset_pct_of_gain: must be between 0 and 100, got -1");
    CHECK(of_groups("product,A,,,90,8,6,\n") == "line 2.low_pct: must be between -100 and 0, got 8");
    CHECK(of_groups("product,A,,,90,0,6,\n") == "line 2.low_pct: must be below zero, got 0");
    CHECK(of_groups("product,A,,,90,-8,0,\n") == "line 2.high_pct: must be more than zero, got 0");
    CHECK(of_groups("product,A,,,90,-8,1001,\n") == "line 2.high_pct: must be between 0 and 1000, got 1001");
    CHECK(of_groups("product,A,,,90,-8,6,-0.1\n") ==
          "line 2.min_charge_per_unit: must be between 0 and 1e+09, got -0.1");
    CHECK(of_groups("class,SPX,,,90,,,\n") == "line 2.offset_pct_of_gain: must be empty for a class, got '90'");
    CHECK(of_groups("class,SPX,,,,,6,\n") == "line 2.high_pct: must be empty for a class, got '6'");
    CHECK(of_groups("portfolio,US,,XX,50,,,\n") == "line 2.parent_id: must be empty for a portfolio, got 'XX'");
    CHECK(of_groups("portfolio,US,,,,,,\n") == "line 2.offset_pct_of_gain: must be given, got nothing");

    const auto of_series = [](const std::string& rows) {
        return failure("#groups: level,id\nclass,SPX\nclass,NDX\n#series: symbol,kind,class_id,leverage\n" + rows);
    };
    CHECK(of_series(",,SPX,\n") == "line 5.symbol: must be given, got nothing");
    CHECK(of_series("SPY,,,\n") == "line 5.class_id: must be given, got nothing");
    CHECK(of_series("SPY,bond,SPX,\n") ==
          "line 5.kind: must be one of stock, etf, option, future, fop, warrant, sf, got 'bond'");
    CHECK(of_series("S PY,etf,SPX,\n") ==
          "line 5.symbol: must be a ticker of 1 to 15 printable characters without spaces, got 'S PY'");
    CHECK(of_series("SPY,etf,OEX,\n") == "line 5.class_id: must be the id of a class, got 'OEX'");
    CHECK(of_series("ESC,fop,OEX,\n") == "line 5.class_id: must be the id of a class, got 'OEX'");
    CHECK(of_series("SPY,etf,SPX,11\n") == "line 5.leverage: must be between -10 and 10, got 11");
}

TEST_CASE("group table CSV: groups that are none are refused on their line", "[document][property]") {
    const std::string head = "#groups: level,id,parent_id,offset_pct_of_gain,low_pct,high_pct\n";
    CHECK(failure(head + "product,A,B,90,-8,6\n") == "line 2.parent_id: must be the id of a portfolio group, got 'B'");
    CHECK(failure(head + "class,SPX,A,,,\n") == "line 2.parent_id: must be the id of a product group, got 'A'");
    CHECK(failure(head + "class,SPX,,,,\n\nclass,SPX,,,,\n") == "line 4.id: must name one group, got 'SPX' again");
    CHECK(failure(head + "class,SPX,,,,\nproduct,SPX,,90,-8,6\n") == "line 2.id: must name one group, got 'SPX' again");
    CHECK(failure(head + "product,A,B,90,-8,6\nproduct,B,A,90,-8,6\n") ==
          "line 2.parent_id: must lead to a group above, got a cycle: A -> B -> A");
    CHECK(failure(head + "product,A,A,90,-8,6\n") ==
          "line 2.parent_id: must lead to a group above, got a cycle: A -> A");
    const std::string classes = "#groups: level,id\nclass,SPX\nclass,NDX\n" + series_heading;
    CHECK(failure(classes + "QQQ,NDX,\nSPY,SPX,\nQQQ,SPX,\n") ==
          "line 7.symbol: must name each symbol once, got 'QQQ' again");
    CHECK(failure(classes + "QQQ,NDX,\nSH,SPX,0\n") == "line 6.leverage: must not be zero, got 0");
    CHECK(failure(classes + "NDX,SPX,\n") == "line 3.id: must be no member of another class, got 'NDX'");
}

TEST_CASE("group table CSV: quotes are those of RFC 4180", "[document][cited]") {
    const std::string head = "#groups: name,level,id,offset_pct_of_gain\n";
    const auto name_of_group = [&](const std::string& cell) {
        return read_group_table_csv(head + cell + ",portfolio,US,50\n").portfolios.at(0).name;
    };
    // RFC 4180, section 2, rules 5 to 7.
    CHECK(name_of_group("\"b\r\nbb\"") == "b\r\nbb");
    CHECK(name_of_group("\"b\"\"bb\"") == "b\"bb");
    CHECK(name_of_group("\"a,b\"") == "a,b");
    CHECK(name_of_group("\"\"") == "");
    CHECK(name_of_group("\"#a: b\"") == "#a: b");
    CHECK(name_of_group("  a b\t") == "a b");
    CHECK(name_of_group(" \" a b \" ") == " a b ");
    CHECK(failure(head + "\"two\nlines\",portfolio,US,50\nx,portfolio,UK,\n") ==
          "line 4.offset_pct_of_gain: must be given, got nothing");
    CHECK(failure(head + "a\"b\",portfolio,US,50\n") ==
          "line 2: must have quotes around whole cells only, got one inside a cell");
    CHECK(failure(head + "\"a\"b,portfolio,US,50\n") ==
          "line 2: must have nothing between a closing quote and the next comma, got 'b'");
    CHECK(failure(head + "\"a,portfolio\n,US,50\n") ==
          "line 2: must close every quote, got one that is open at the end");
}

TEST_CASE("group table CSV: the name of the text stands before the line", "[document][property]") {
    CHECK(failure(groups_heading + "product,A,,,90,8,6,\n", "groups.csv") ==
          "groups.csv: line 2.low_pct: must be between -100 and 0, got 8");
    CHECK(failure("x\n", "groups.csv").starts_with("groups.csv: line 1: must come after"));
}

TEST_CASE("group table CSV: a table that is none is not written", "[document][property]") {
    CHECK_THROWS_WITH(group_table_csv({.classes = {{"SPX", "BROAD", {}}}}),
                      "group_table.classes[0].product: must be the id of a product group, got 'BROAD'");
}
