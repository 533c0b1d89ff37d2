// SPDX-License-Identifier: Apache-2.0
#include <string>

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

TEST_CASE("kind: the stock rules serve equities and exchange-traded funds, and funds alone may be leveraged",
          "[instrument][property]") {
    for (const auto& name : names<Kind>) {
        CAPTURE(name.text);
        const bool fund = name.text == "etf" || name.text == "broad_index_etf";
        CHECK(may_be_leveraged(name.value) == fund);
        CHECK(is_security(name.value) == (fund || name.text == "equity"));
        CHECK(is_option(name.value) == (name.text == "future_option"));
        CHECK(kind_text(name.value) == name.text);
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
