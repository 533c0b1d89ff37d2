// SPDX-License-Identifier: Apache-2.0
#include <margincore/core/names.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/instrument/option_contract.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("names: each word is read back as its enumerator", "[core][property]") {
    for (const auto& name : names<Kind>) {
        CAPTURE(name.text);
        CHECK(parse_name<Kind>(name.text, "kind") == name.value);
        CHECK(name_of(name.value) == name.text);
    }
    CHECK(names<Kind>.size() == 16);
    CHECK_THROWS_AS(parse_name<Kind>("option", "kind"), InvalidInput); // a document says it by the symbol
    CHECK(name_of(Kind::option) == "?");
}

TEST_CASE("names: an unknown word is refused with the words that there are", "[core][property]") {
    CHECK(list_of_names<Right>() == "call, put");
    CHECK_THROWS_AS(parse_name<Right>("Call", "right"), InvalidInput);
    CHECK_THROWS_WITH(parse_name<Right>("Call", "right"), "right: must be one of call, put, got 'Call'");
    CHECK_THROWS_WITH(parse_name<Right>("", "right"), "right: must be one of call, put, got ''");
}
