// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <margincore/stream/dead_letter.hpp>
#include <margincore/stream/event_ids.hpp>
#include <margincore/stream/event_reader.hpp>
#include <margincore/stream/merge.hpp>
#include <margincore/stream/new_york_day.hpp>

#include "about.hpp"
#include "stream/engine_sample.hpp"

using namespace margincore;
using namespace margincore::stream;

TEST_CASE("events are read with the fields of the workshop, and more are passed over", "[stream]") {
    const ReadMessage read = read_message(
        {.topic = "fills.v1",
         .value =
             R"({"account_id":"A","symbol":"NVDA","qty":-0.5,"price":400.25,"timestamp":17,"fill_id":"x","venue":1})"});
    const auto& fill = std::get<Fill>(read.event);
    CHECK(fill.account_id == "A");
    CHECK(fill.quantity == -500'000'000);
    CHECK(fill.price == 400.25);
    CHECK(read.time == 17);
    CHECK(std::holds_alternative<CashMovement>(
        read_message({.topic = "cash.v1",
                      .value = R"({"account_id":"A","amount":0,"type":"OPENING","timestamp":1,"cash_id":"c"})"})
            .event));
}

TEST_CASE("what cannot be read says where and why", "[stream]") {
    const std::vector<std::pair<std::string_view, std::string_view>> bad = {
        {"", "value"},
        {"{", "value"},
        {"[]", "value"},
        {"\xEF\xBB\xBF{\"account_id\":\"A\",\"symbol\":\"NVDA\",\"qty\":1,\"price\":1,\"timestamp\":1,\"fill_id\":"
         "\"x\"}",
         "value"},
        {R"({"symbol":"NVDA","qty":1,"price":1,"timestamp":1,"fill_id":"x"})", "value.account_id"},
        {R"({"account_id":"","symbol":"NVDA","qty":1,"price":1,"timestamp":1,"fill_id":"x"})", "value.account_id"},
        {R"({"account_id":"A","symbol":"N VDA","qty":1,"price":1,"timestamp":1,"fill_id":"x"})", "value.symbol"},
        {R"({"account_id":"A","symbol":"NVDA","qty":0,"price":1,"timestamp":1,"fill_id":"x"})", "value.qty"},
        {R"({"account_id":"A","symbol":"NVDA","qty":1e-10,"price":1,"timestamp":1,"fill_id":"x"})", "value.qty"},
        {R"({"account_id":"A","symbol":"NVDA","qty":"1","price":1,"timestamp":1,"fill_id":"x"})", "value.qty"},
        {R"({"account_id":"A","symbol":"NVDA","qty":1,"price":0,"timestamp":1,"fill_id":"x"})", "value.price"},
        {R"({"account_id":"A","symbol":"NVDA","qty":1,"price":1,"timestamp":1.5,"fill_id":"x"})", "value.timestamp"},
        {R"({"account_id":"A","symbol":"NVDA","qty":1,"price":1,"timestamp":1})", "value.fill_id"},
    };
    for (const auto& [value, where] : bad) {
        const ReadMessage read = read_message({.topic = "fills.v1", .value = value});
        INFO(value);
        REQUIRE(std::holds_alternative<Unreadable>(read.event));
        CHECK(std::get<Unreadable>(read.event).where == where);
        CHECK_FALSE(std::get<Unreadable>(read.event).reason.empty());
    }
    CHECK(std::holds_alternative<Unreadable>(read_message({.topic = "fills.v1"}).event));
    CHECK(std::holds_alternative<Unreadable>(read_message({.topic = "unknown", .value = "{}"}).event));
    CHECK(std::holds_alternative<Unreadable>(
        read_message({.topic = "cash.v1",
                      .value = R"({"account_id":"A","amount":5,"type":"WITHDRAWAL","timestamp":1,"cash_id":"c"})"})
            .event));
}

TEST_CASE("a dead letter keeps every byte", "[stream]") {
    const std::string bytes = "\xff\xfe{";
    const document::Value letter = document::parse_json(
        dead_letter({.topic = "prices.v1", .partition = 2, .offset = 7, .timestamp = 9, .value = bytes}, "value", "no")
            .value);
    CHECK(letter["value"].is_null());
    CHECK(letter["value_base64"] == "//57"); // printf '\xff\xfe{' | base64
    CHECK(letter["key"].is_null());
    CHECK(letter["offset"] == 7);
    // RFC 4648, section 10.
    CHECK(stream::detail::base64("f") == "Zg==");
    CHECK(stream::detail::base64("fo") == "Zm8=");
    CHECK(stream::detail::base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("partitions are merged by time, each in its own order", "[stream]") {
    sample::Log log;
    log.fill("A", "KO", 1, 60, "1", 10).price("KO", 60, 10).price("KO", 61, 5).beta("KO", 0.6, 10);
    log.price("KO", 62, 30).add("prices.v1", "unreadable");
    const std::vector<std::int32_t> partitions = {0, 0, 0, 0, 1, 1};
    std::vector<ReadMessage> read;
    for (std::size_t i = 0; i < log.messages.size(); ++i) {
        log.messages[i].partition = partitions[i];
        read.push_back(read_message(log.messages[i]));
    }
    std::vector<std::int64_t> order;
    for (const ReadMessage& message : merge_by_time(std::move(read))) {
        order.push_back(message.message.offset);
    }
    // At 10 the beta, then the price, then what follows in its partition although it is older, then the fill; then 30.
    CHECK(order == std::vector<std::int64_t>{3, 1, 2, 0, 4, 5});
}

TEST_CASE("ids are told apart by what they said", "[stream]") {
    CHECK(parse_uuid("123e4567-e89b-12d3-a456-426614174000") == Uuid{0x123e4567e89b12d3, 0xa456426614174000});
    CHECK_FALSE(parse_uuid("123E4567-e89b-12d3-a456-426614174000"));
    CHECK_FALSE(parse_uuid("123e4567-e89b-12d3-a456-42661417400"));
    EventIds ids;
    CHECK(ids.note("a", 1) == Seen::first);
    CHECK(ids.note("a", 1) == Seen::again);
    CHECK(ids.note("a", 2) == Seen::contradicted);
    CHECK(ids.note("123e4567-e89b-12d3-a456-426614174000", 1) == Seen::first);
    CHECK(ids.note("123e4567-e89b-12d3-a456-426614174000", 1) == Seen::again);
    // draft-eastlake-fnv, test vectors of FNV-1a: "a" gives 0xaf63dc4c8601ec8c; ours ends every text with a byte 0xff.
    CHECK((Fingerprint() << "a").value() == (0xaf63dc4c8601ec8cULL ^ 0xffULL) * 0x100000001b3ULL);
}

TEST_CASE("days are those of New York", "[stream]") {
    // Times from the IANA time zone database: date -u -d @SECONDS against TZ=America/New_York date.
    CHECK(to_string(new_york_day(1'790'827'199'000)) == "2026-09-30"); // 2026-10-01T03:59:59Z, EDT
    CHECK(to_string(new_york_day(1'790'827'200'000)) == "2026-10-01");
    CHECK(to_string(new_york_day(1'793'509'200'000)) == "2026-11-01"); // 05:00:00Z, the clocks go back an hour later
    CHECK(to_string(new_york_day(1'793'595'599'000)) == "2026-11-01"); // 2026-11-02T04:59:59Z, EST
    CHECK(to_string(new_york_day(1'793'595'600'000)) == "2026-11-02");
    CHECK(to_string(new_york_day(1'772'949'599'000)) == "2026-03-08"); // 05:59:59Z, still EST on the day of the change
}
