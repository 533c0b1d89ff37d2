// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/citation.hpp>
#include <margincore/core/text.hpp>

#include "catch.hpp"

using margincore::number_text;
using margincore::printable;

TEST_CASE("number text: the shortest text that reads back", "[core][property]") {
    CHECK(number_text(0.1) == "0.1");
    CHECK(number_text(-450) == "-450");
    CHECK(number_text(250000) == "250000");
    CHECK(number_text(1e300) == "1e+300");
    CHECK(number_text(0.0) == "0");
    CHECK(number_text(std::numeric_limits<double>::infinity()) == "inf");
    CHECK(number_text(std::numeric_limits<double>::quiet_NaN()) == "nan");
    std::mt19937_64 engine(20260604);
    for (int i = 0; i < 1000; ++i) {
        const double value = static_cast<double>(engine()) / static_cast<double>(engine() | 1U);
        CAPTURE(value);
        CHECK(std::strtod(number_text(value).c_str(), nullptr) == value);
    }
}

TEST_CASE("printable text: nothing in it that a terminal would act on", "[core][property]") {
    CHECK(printable("AAPL 12.5~") == "AAPL 12.5~");
    CHECK(printable("\t\x7f\xc3\xa9") == "\\x09\\x7f\\xc3\\xa9");
    CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) {
        every_byte += static_cast<char>(byte);
    }
    for (const char character : printable(every_byte, every_byte.size())) {
        CHECK((character >= ' ' && character <= '~'));
    }
}

TEST_CASE("printable text: long text is shortened and says so", "[core][property]") {
    CHECK(printable(std::string(64, 'x')) == std::string(64, 'x'));
    CHECK(printable(std::string(65, 'x')) == std::string(64, 'x') + "...");
    CHECK(printable("abcdef", 3) == "abc...");
    CHECK(margincore::in_quotes("abc") == "'abc'");
    CHECK(margincore::in_quotes("") == "''");
}

TEST_CASE("money text: cents, thousands apart, and no negative zero", "[core][property]") {
    const std::vector<std::pair<double, std::string>> rows{
        {0, "0.00"},
        {-0.0, "0.00"},
        {-0.004, "0.00"},
        {-0.006, "-0.01"},
        {0.125, "0.12"}, // exactly between two cents: to the even one
        {999.99, "999.99"},
        {999.999, "1,000.00"},
        {-999.999, "-1,000.00"},
        {1234.5, "1,234.50"},
        {-123456.78, "-123,456.78"},
        {1e6, "1,000,000.00"},
        {-1e9, "-1,000,000,000.00"},
        {9e13, "90,000,000,000,000.00"},
        {std::numeric_limits<double>::infinity(), "inf"},
    };
    for (const auto& [amount, text] : rows) {
        CAPTURE(amount);
        CHECK(margincore::money_text(amount) == text);
    }
    CHECK(margincore::money_text(std::numeric_limits<double>::max()).size() > 400);
}

TEST_CASE("citation: written as people write it", "[core][property]") {
    CHECK(to_string(margincore::Citation{"FINRA 4210", "(c)(1)"}) == "FINRA 4210(c)(1)");
    CHECK(to_string(margincore::Citation{}).empty());
}
