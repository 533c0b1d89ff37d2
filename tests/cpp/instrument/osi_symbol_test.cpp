// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <margincore/instrument/osi_symbol.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

struct Listed {
    std::string text; ///< Canonical, 21 characters.
    std::string root;
    std::string expiry;
    Right right;
    double strike;
    bool adjusted = false;
};

struct Malformed {
    std::string text;
    std::string field; ///< What the message names.
};

} // namespace

TEST_CASE("option symbol: fields of listed examples", "[instrument][cited]") {
    // Layout: OCC, Options Symbology Initiative: root padded to 6, YYMMDD, C or P, 5 digits of dollars, 3 of decimals.
    const std::vector<Listed> rows{
        {"NVDA  270115C00450000", "NVDA", "2027-01-15", Right::call, 450},
        {"SPXW  261218P05000000", "SPXW", "2026-12-18", Right::put, 5000},
        {"NVDA1 270115C00045000", "NVDA1", "2027-01-15", Right::call, 45, true},
        {"BRKB  261120P00412500", "BRKB", "2026-11-20", Right::put, 412.5},
        {"F     280121C00012350", "F", "2028-01-21", Right::call, 12.35},
        {"ABCDEF991231P00000001", "ABCDEF", "2099-12-31", Right::put, 0.001},
        {"AAPL  280229C99999999", "AAPL", "2028-02-29", Right::call, 99999.999},
    };
    for (const Listed& row : rows) {
        CAPTURE(row.text);
        const OsiSymbol symbol = OsiSymbol::parse(row.text, "symbol");
        CHECK(symbol.root == row.root);
        CHECK(to_string(symbol.expiry) == row.expiry);
        CHECK(symbol.right == row.right);
        CHECK(symbol.strike() == about(row.strike));
        CHECK(symbol.is_adjusted() == row.adjusted);
        CHECK(to_string(symbol) == row.text);
        CHECK(is_option_symbol(row.text));
    }
}

TEST_CASE("option symbol: inner spaces may be squeezed out, in part too", "[instrument][property]") {
    const OsiSymbol symbol = OsiSymbol::parse("NVDA  270115C00450000", "symbol");
    CHECK(OsiSymbol::parse("NVDA270115C00450000", "symbol") == symbol);
    CHECK(OsiSymbol::parse("NVDA 270115C00450000", "symbol") == symbol);
    CHECK(is_option_symbol("F270115C00450000"));
    CHECK_FALSE(is_option_symbol("BRK.B"));
    CHECK_FALSE(is_option_symbol("FIFTEENLETTERSX"));
}

TEST_CASE("option symbol: what is written is read back", "[instrument][property]") {
    Random random(1);
    for (int i = 0; i < 2000; ++i) {
        OsiSymbol symbol;
        symbol.root = static_cast<char>('A' + random.below(26));
        for (std::size_t more = random.below(6); more > 0; --more) {
            symbol.root += "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random.below(36)];
        }
        symbol.expiry = parse_date("2000-01-01", "date") + std::chrono::days{random.below(36525)};
        symbol.right = random.chance(0.5) ? Right::call : Right::put;
        symbol.strike_mills = 1 + static_cast<std::int64_t>(random.below(99'999'999));
        const std::string text = to_string(symbol);
        CAPTURE(text);
        CHECK(text.size() == 21);
        CHECK(OsiSymbol::parse(text, "symbol") == symbol);
        std::string squeezed = text;
        std::erase(squeezed, ' ');
        CHECK(OsiSymbol::parse(squeezed, "symbol") == symbol);
    }
}

TEST_CASE("option symbol: a malformed one is refused and the field named", "[instrument][property]") {
    const std::string root = "root of 1 to 6 capital letters and digits, a letter first";
    const std::string length = "at least 16 characters";
    const std::string gap = "nothing but spaces between root and expiry";
    const std::string expiry = "expiry of six digits YYMMDD";
    const std::string day = "expiry a day of the calendar";
    const std::string right = "C or P after the expiry";
    const std::string strike = "strike of eight digits";
    const std::vector<Malformed> rows{
        {"", length},
        {"NVDA", length},
        {"270115C00450000", length},
        {" 270115C00450000", root},
        {"      270115C00450000", root},
        {" NVDA 270115C00450000", root},
        {"1NVDA 270115C00450000", root},
        {"nvda  270115C00450000", root},
        {"NVdA  270115C00450000", root},
        {"BRK.B 270115C00450000", root},
        {"N\xc3\x89"
         "DA270115C00450000",
         root},
        {"NVDAXYZ270115C00450000", root},
        {"NVDA   270115C00450000", root},
        {"NV DA 270115C00450000", gap},
        {"N   1 270115C00450000", gap},
        {"NVDA  27O115C00450000", expiry},
        {"NVDA  2701-5C00450000", expiry},
        {"NVDA  270115 00450000", right},
        {"NVDA  270115c00450000", right},
        {"NVDA  270115X00450000", right},
        {"NVDA  271315C00450000", day},
        {"NVDA  270015C00450000", day},
        {"NVDA  270230C00450000", day},
        {"NVDA  270229C00450000", day},
        {"NVDA  270115C0045000 ", strike},
        {"NVDA  270115C0045.000", strike},
        {"NVDA  270115C-0450000", strike},
        {"NVDA  270115C00000000", "strike above zero"},
    };
    for (const Malformed& row : rows) {
        CAPTURE(row.text);
        CHECK_THROWS_AS(OsiSymbol::parse(row.text, "symbol"), InvalidInput);
        CHECK_THROWS_WITH(OsiSymbol::parse(row.text, "symbol"),
                          "symbol: must be an OSI option symbol (root, YYMMDD, C or P, 8-digit strike), " + row.field +
                              ", got " + in_quotes(row.text));
    }
}
