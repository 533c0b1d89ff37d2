// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <type_traits>
#include <utility>

#include <margincore/core/where.hpp>

#include "catch.hpp"

using margincore::Where;

TEST_CASE("place: members are joined by dots and elements stand in brackets", "[core][property]") {
    const Where root("account");
    const Where positions = root["positions"];
    const Where third = positions[3];
    CHECK(root.text() == "account");
    CHECK(positions.text() == "account.positions");
    CHECK(third.text() == "account.positions[3]");
    CHECK(third["quantity"].text() == "account.positions[3].quantity");
}

TEST_CASE("place: an empty root leaves no dot", "[core][property]") {
    const Where root("");
    const Where policy = root["policy"];
    CHECK(root.text().empty());
    CHECK(policy.text() == "policy");
    CHECK(policy["ladder"].text() == "policy.ladder");
    CHECK(root[2].text() == "[2]");
}

TEST_CASE("place: hostile keys are printed harmlessly and shortened", "[core][property]") {
    const Where root("market");
    const Where instruments = root["instruments"];
    CHECK(instruments["a\x1b[2J\n\xff"].text() == "market.instruments.a\\x1b[2J\\x0a\\xff");
    const std::string long_key(100, 'k');
    CHECK(instruments[long_key].text() == "market.instruments." + std::string(64, 'k') + "...");
}

template <class Parent>
concept CanBeIndexed = requires(Parent&& parent) { std::forward<Parent>(parent)["key"]; };

TEST_CASE("place: a temporary cannot be a parent", "[core][property]") {
    STATIC_REQUIRE(CanBeIndexed<const Where&>);
    STATIC_REQUIRE_FALSE(CanBeIndexed<Where>);
}
