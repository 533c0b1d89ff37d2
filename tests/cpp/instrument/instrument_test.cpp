// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("ticker: 1 to 15 printable characters without spaces", "[instrument][property]") {
    for (const char* text : {"F", "BRK.B", "BRK/B", "005930.KS", "FIFTEENLETTERSX"}) {
        CHECK(require_ticker(text, "symbol") == text);
    }
    for (const char* text : {"", "SIXTEENLETTERSXX", "A B", "A\t", "\x7f", "\xc3\x89"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(require_ticker(text, "symbol"), InvalidInput);
        CHECK_THROWS_WITH(require_ticker(text, "symbol"),
                          "symbol: must be a ticker of 1 to 15 printable characters without spaces, got " +
                              in_quotes(text));
    }
}

TEST_CASE("kind: what each is, and what a point of its quote is worth", "[instrument][property]") {
    struct Row {
        std::string_view name;
        bool security = false;
        bool fund = false; ///< May be leveraged.
        bool debt = false;
        bool bond = false; ///< Quoted in percent of 1,000 principal.
        bool converts = false;
    };
    const std::vector<Row> rows{
        {.name = "equity", .security = true},
        {.name = "etf", .security = true, .fund = true},
        {.name = "broad_index_etf", .security = true, .fund = true},
        {.name = "broad_index"},
        {.name = "narrow_index"},
        {.name = "volatility_index"},
        {.name = "etn", .security = true},
        {.name = "future"},
        {.name = "future_option"},
        {.name = "warrant", .security = true, .converts = true},
        {.name = "convertible", .security = true, .bond = true, .converts = true},
        {.name = "treasury", .security = true, .debt = true, .bond = true},
        {.name = "municipal", .security = true, .debt = true, .bond = true},
        {.name = "corporate_bond", .security = true, .debt = true, .bond = true},
        {.name = "money_market_fund", .security = true},
        {.name = "mutual_fund", .security = true},
    };
    REQUIRE(rows.size() == names<Kind>.size());
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Kind kind = std::ranges::find(names<Kind>, row.name, &Name<Kind>::text)->value;
        CHECK(is_security(kind) == row.security);
        CHECK(may_be_leveraged(kind) == row.fund);
        CHECK(is_debt(kind) == row.debt);
        CHECK(is_bond(kind) == row.bond);
        CHECK(may_be_converted(kind) == row.converts);
        CHECK(value_of_a_point(kind) == (row.bond ? 10 : 1));
        CHECK(is_option(kind) == (row.name == "future_option"));
        CHECK(kind_text(kind) == row.name);
    }
    CHECK(is_option(Kind::option));
    CHECK_FALSE(is_security(Kind::option));
    CHECK(kind_text(Kind::option) == "option");
}

TEST_CASE("instrument table: rows in the order of adding, each symbol once", "[instrument][property]") {
    InstrumentTable table;
    const Where instruments("market.instruments");
    CHECK(table.add({.symbol = "NVDA"}, instruments["NVDA"]) == 0);
    CHECK(table.add({.symbol = "SPY", .kind = Kind::broad_index_etf}, instruments["SPY"]) == 1);
    CHECK(table.size() == 2);
    CHECK(table.find("SPY") == 1);
    CHECK(table.find("spy") == std::nullopt);
    CHECK(table[0].symbol == "NVDA");
    CHECK_THROWS_AS(table.add({.symbol = "NVDA"}, instruments["NVDA"]), InvalidInput);
    CHECK_THROWS_WITH(table.add({.symbol = "NVDA"}, instruments["NVDA"]),
                      "market.instruments.NVDA: must name each symbol once, got 'NVDA' again");
    CHECK(table.size() == 2);
}
