// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "options.hpp"

namespace {

using namespace margin_service;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("options: a property of Kafka goes to both clients, over ours", "[service]") {
    const Options options = read_options({"--brokers", "a:1", "--settings", "s.json", "--kafka",
                                          "security.protocol=SSL", "--kafka", "linger.ms=0", "--group", "g"});
    CHECK(consumer_properties(options).at("security.protocol") == "SSL");
    CHECK(consumer_properties(options).at("group.id") == "g");
    CHECK(producer_properties(options).at("linger.ms") == "0");
    CHECK(producer_properties(options).at("transactional.id") == "g");
    CHECK(producer_properties(options).at("bootstrap.servers") == "a:1");
}

TEST_CASE("options: a bad argument is named", "[service]") {
    CHECK_THROWS_WITH(read_options({"--brokers"}), ContainsSubstring("--brokers"));
    CHECK_THROWS_WITH(read_options({"--brokers", "a:1"}), ContainsSubstring("--settings"));
    CHECK_THROWS_WITH(read_options({"--speed", "9"}), ContainsSubstring("--speed 9"));
    CHECK_THROWS_WITH(read_options({"--kafka", "linger.ms"}), ContainsSubstring("--kafka linger.ms"));
    CHECK_THROWS_WITH(read_options({"--snapshot-interval", "0"}), ContainsSubstring("at least 1, got 0"));
    CHECK(read_options({"--brokers", "a:1", "--echo"}).is_echo);
}

} // namespace
