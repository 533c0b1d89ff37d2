// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <margincore/document/json.hpp>

#include "catch.hpp"

using namespace margincore;
using document::parse_json;
using document::to_json;

namespace {

struct Row {
    std::string fact;
    std::string text;
    std::string where;
    std::string message; ///< Part of it.
};

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

} // namespace

TEST_CASE("JSON: what is refused, and where", "[document][property]") {
    const std::vector<Row> rows{
        {"repeated key", R"({"a": 1, "a": 2})", "a", "must stand once in its object, got the key again"},
        {"repeated key, even with one value", R"({"a": 1, "a": 1})", "a", "must stand once"},
        {"repeated key, written with an escape", R"({"a": 1, "\u0061": 2})", "a", "must stand once"},
        {"repeated key deep inside", R"({"p": [0, {"q": {"b": 1, "c": 2, "b": 3}}]})", "p[1].q.b", "must stand once"},
        {"repeated key in a list of objects", R"([{"k": 1}, {"k": 1, "k": 1}])", "[1].k", "must stand once"},
        {"repeated hostile key", "{\"\\n\": 1, \"\\n\": 2}", "\\x0a", "must stand once"},
        {"nothing", "", "document", "must be JSON, got parse error"},
        {"blanks", " \n", "document", "must be JSON"},
        {"cut off", R"({"a": [1, 2)", "document", "must be JSON, got parse error at line 1"},
        {"trailing text", R"({"a": 1} x)", "document", "must be JSON"},
        {"a second document", "{}{}", "document", "must be JSON"},
        {"trailing comma", R"({"a": 1,})", "document", "must be JSON"},
        {"comment", R"({"a": 1} // b)", "document", "must be JSON"},
        {"single quotes", "{'a': 1}", "document", "must be JSON"},
        {"NaN", R"({"a": NaN})", "document", "must be JSON"},
        {"beyond a double", "[1e400]", "document", "must be JSON, got number overflow"},
        {"leading zero", R"({"a": 01})", "document", "must be JSON"},
        {"lone continuation byte", "{\"a\": \"\x80\"}", "document", "must be JSON"},
        {"overlong UTF-8", "{\"a\": \"\xc0\xaf\"}", "document", "must be JSON"},
        {"surrogate in UTF-8", "{\"a\": \"\xed\xa0\x80\"}", "document", "must be JSON"},
        {"half an escaped surrogate pair", R"({"a": "\ud800"})", "document", "must be JSON"},
        {"UTF-16", std::string("{\0}\0", 4), "document", "must be JSON in UTF-8, got a zero byte after 1 bytes"},
        {"zero byte at the end", std::string("{}\0", 3), "document", "got a zero byte after 2 bytes"},
        {"33 levels", nested(33), "[0][0][0]", "must not be nested deeper than 32 levels"},
        {"a million levels", std::string(1'000'000, '['), "[0][0][0]", "must not be nested deeper than 32 levels"},
    };
    for (const Row& row : rows) {
        INFO(row.fact);
        try {
            static_cast<void>(parse_json(row.text));
            FAIL_CHECK("nothing thrown");
        } catch (const InvalidInput& error) {
            CHECK_THAT(error.where(), Catch::Matchers::StartsWith(row.where));
            CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(row.message));
            CHECK_THAT(error.what(), !Catch::Matchers::ContainsSubstring("json.exception"));
            CHECK(std::string_view(error.what()).size() < 600);
        }
    }
}

TEST_CASE("JSON: what is read", "[document][property]") {
    CHECK(parse_json(nested(32)).is_array());
    CHECK(parse_json("\xef\xbb\xbf{\"a\": 1}").at("a") == 1); // a byte order mark, as Windows writes it
    CHECK(parse_json(R"({"a": "\u00e9"})").at("a").get<std::string>() == "\xc3\xa9");
    CHECK(parse_json("12.5").get<double>() == 12.5);
    CHECK(parse_json("null").is_null());
}

TEST_CASE("JSON: keys keep their order, and numbers every digit", "[document][property]") {
    const std::string text = R"({"b":1,"a":[0.1,1e+300,-5,true,null,"x"],"c":{}})";
    CHECK(to_json(parse_json(text)) == text);
    CHECK(to_json(parse_json(R"({"a":[1]})"), 2) == "{\n  \"a\": [\n    1\n  ]\n}");
}

TEST_CASE("JSON: a value in words, for messages", "[document][property]") {
    CHECK(document::describe(parse_json("{}")) == "an object");
    CHECK(document::describe(parse_json("[1]")) == "a list");
    CHECK(document::describe(parse_json("\"abc\"")) == "'abc'");
    CHECK(document::describe(parse_json("true")) == "true");
    CHECK(document::describe(parse_json("12.50")) == "12.5");
    CHECK(document::describe(parse_json("-3")) == "-3");
    CHECK(document::describe(parse_json("null")) == "null");
}
