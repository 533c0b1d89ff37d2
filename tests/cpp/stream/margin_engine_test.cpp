// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/document/document.hpp>
#include <margincore/stream/margin_engine.hpp>

#include "about.hpp"
#include "stream/engine_sample.hpp"

using namespace margincore;
using document::Value;
using sample::noon;
using stream::MarginEngine;

namespace {

constexpr std::string_view results = stream::results_topic;

/// The workshop's demo account: 500 NVDA bought at 400.00, 50,000 in cash left after it.
sample::Log demo_account() {
    sample::Log log;
    log.beta("NVDA", 1.8, noon).cash("ACC_DEMO_001", 250'000, "OPENING", "opening", noon);
    log.fill("ACC_DEMO_001", "NVDA", 500, 400, "fill-1", noon).price("NVDA", 400, noon + 1);
    return log;
}

Value newest(MarginEngine& engine, std::string_view topic = results) {
    const std::vector<Value> values = sample::values_of(engine.take(), topic);
    REQUIRE_FALSE(values.empty());
    return values.back();
}

} // namespace

TEST_CASE("an engine gives the figures of the workshop's demo account", "[stream]") {
    MarginEngine engine = sample::engine();
    demo_account().apply_to(engine);
    engine.flush();
    const std::vector<stream::Output> outputs = engine.take();
    const Value result = sample::values_of(outputs, results).back();
    // 4210(c)(1): 25 % of 200,000; beta-weighted exposure 200,000 x 1.8.
    CHECK(result["status"] == "complete");
    CHECK(result["total_mv"] == 200'000.0);
    CHECK(result["cash"] == 50'000.0);
    CHECK(result["equity"] == 250'000.0);
    CHECK(result["maintenance_req"] == 50'000.0);
    CHECK(result["excess"] == 200'000.0);
    CHECK(result["excess_pct"] == 1.0);
    CHECK(result["beta_weighted_exposure"] == 360'000.0);
    std::vector<Value> stress = sample::values_of(outputs, stream::stress_topic);
    REQUIRE(stress.size() == 16); // first of the cash alone
    stress.erase(stress.begin(), stress.begin() + 8);
    CHECK(stress.front()["scenario"] == -0.08);
    CHECK(stress.front()["delta_pnl"] == -28'800.0); // 360,000 x 8 %
    CHECK(stress.front()["excess_stressed"] == 171'200.0);
    CHECK(stress.front()["underwater"] == false);
    CHECK(engine.document("ACC_DEMO_001")["account"]["positions"][0]["quantity"] == 500.0);
}

TEST_CASE("a fill and a cash event count once, and other content under the same id is refused", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.fill("ACC_DEMO_001", "NVDA", 500, 400, "fill-1", noon + 2);
    log.cash("ACC_DEMO_001", 250'000, "OPENING", "opening", noon + 2);
    log.fill("ACC_DEMO_001", "NVDA", 501, 400, "fill-1", noon + 2);
    log.fill("ACC_OTHER", "NVDA", 1, 400, "fill-1", noon + 2); // ids are those of an account
    log.apply_to(engine);
    engine.flush();
    CHECK(engine.counts().repeated == 2);
    CHECK(engine.counts().fills == 2);
    const std::vector<Value> dead = sample::values_of(engine.take(), stream::dead_letter_topic);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0]["where"] == "value.fill_id");
    CHECK(dead[0]["offset"] == 6);
    CHECK(document::parse_json(engine.result("ACC_DEMO_001"))["cash"] == 50'000.0);
}

TEST_CASE("what is not known makes a result incomplete and is never guessed", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log;
    log.fill("A", "KO", 100, 60, "1", noon);
    log.apply_to(engine);
    Value result = newest(engine);
    CHECK(result["status"] == "incomplete");
    CHECK(result["equity"].is_null());
    CHECK(result["maintenance_req"].is_null());
    CHECK(result["reasons"] ==
          Value({"no balance: no cash event of the account came", "no price of KO", "no beta of KO"}));
    CHECK(result["assumptions"] == Value({"KO: kind equity"}));

    sample::Log more;
    more.price("KO", 60, noon + 1).cash("A", 10'000, "DEPOSIT", "c", noon + 2);
    more.apply_to(engine);
    result = newest(engine);
    CHECK(result["status"] == "incomplete"); // without a beta there is no stress, and so no ladder
    CHECK(result["equity"] == 10'000.0);     // 10,000 - 6,000 + 6,000
    CHECK(result["maintenance_req"] == 1'500.0);
    CHECK(result["beta_weighted_exposure"].is_null());
    sample::Log last;
    last.beta("KO", 0.6, noon + 3);
    last.apply_to(engine);
    engine.flush();
    CHECK(newest(engine)["status"] == "complete");
}

TEST_CASE("an older quote is late, and an event far ahead of its record is refused", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.price("NVDA", 380, noon + 5000).price("NVDA", 410, noon + 4000);
    log.add("prices.v1", R"({"symbol":"NVDA","price":1,"timestamp":1890870400000})", noon + 6000);
    log.apply_to(engine);
    engine.flush();
    CHECK(engine.counts().late == 1);
    CHECK(engine.counts().dead_letters == 1);
    CHECK(newest(engine)["total_mv"] == 190'000.0);
}

TEST_CASE("quotes of one moment are evaluated together", "[stream]") {
    // Half of the fall alone would restrict the account by the stress test before it is called.
    sample::Log log;
    log.beta("PG", 0.6, noon).beta("KO", 0.6, noon).price("PG", 145, noon).price("KO", 60, noon);
    log.cash("A", 90'000, "OPENING", "o", noon);
    log.fill("A", "PG", 1000, 145, "1", noon).fill("A", "KO", 2500, 60, "2", noon);
    log.price("PG", 145 * 0.9, noon + 60'000).price("KO", 60 * 0.9, noon + 60'000);
    MarginEngine engine = sample::engine();
    log.apply_to(engine, 0, 8);
    engine.settle();
    static_cast<void>(engine.take());
    log.apply_to(engine, 8);
    engine.settle();
    const std::vector<Value> values = sample::values_of(engine.take(), results);
    REQUIRE(values.size() == 1);
    CHECK(values[0]["total_mv"] == 265'500.0);
    CHECK(values[0]["calc_timestamp"] == noon + 60'000);
}

TEST_CASE("what only prices moved is published once an interval, what the ladder steps on at once", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    for (int i = 1; i <= 20; ++i) {
        log.price("NVDA", 400 - i, noon + 100 * i);
    }
    log.price("NVDA", 10, noon + 2050);                                // 5,000 and 50,000 of cash: no step
    log.cash("ACC_DEMO_001", -54'000, "WITHDRAWAL", "w", noon + 2100); // excess -250: a call
    log.apply_to(engine);
    const std::vector<Value> before = sample::values_of(engine.take(), results);
    // Cash, fill, first price; then one a second of event time; then the withdrawal.
    std::vector<std::int64_t> times;
    for (const Value& value : before) {
        times.push_back(value["calc_timestamp"].get<std::int64_t>() - noon);
    }
    CHECK(times == std::vector<std::int64_t>{0, 0, 1, 1100, 2100});
    CHECK(before.back()["excess"] == -250.0);
    CHECK(before.back()["document"]["account"]["cash"] == -4'000.0);
    for (std::size_t i = 1; i < before.size(); ++i) {
        CHECK(before[i]["version"].get<std::int64_t>() > before[i - 1]["version"].get<std::int64_t>());
    }
}

TEST_CASE("a call that is overdue restricts with the next event, whether or not its own prices move", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.price("SPY", 450, noon + 1).cash("ACC_DEMO_001", -210'000, "WITHDRAWAL", "w", noon + 1000);
    log.price("SPY", 451, noon + 1000 + 30 * 60'000); // 30 minutes, not more
    log.price("SPY", 452, noon + 2000 + 30 * 60'000);
    log.apply_to(engine);
    engine.settle();
    REQUIRE(engine.accounts()[0].ladder.call_issued_at == noon + 1000);
    CHECK(engine.accounts()[0].ladder.restricted);
    CHECK(newest(engine)["calc_timestamp"] == noon + 2000 + 30 * 60'000);
}

TEST_CASE("options are margined and stressed at their marks", "[stream]") {
    MarginEngine engine = sample::engine(R"({"rate":0.04})");
    sample::Log log = demo_account();
    log.cash("ACC_DEMO_001", 10'000, "DEPOSIT", "d", noon + 2);
    log.fill("ACC_DEMO_001", "NVDA  270115C00400000", -5, 40, "2", noon + 3);
    log.price("NVDA  270115C00400000", 40, noon + 4);
    log.apply_to(engine);
    engine.flush();
    const Value result = newest(engine);
    CHECK(result["status"] == "complete");
    CHECK(result["cash"] == 80'000.0); // and 5 x 100 x 40 received
    const Report report =
        document::evaluate(document::read_account_document(engine.document("ACC_DEMO_001")), {.stress = true});
    CHECK(result["equity"] == report.equity);
    CHECK(result["maintenance_req"] == report.requirement.total);
    CHECK(result["beta_weighted_exposure"].get<double>() == Catch::Approx(report.beta_weighted->exposure));
    CHECK(result["worst_stress"]["excess_stressed"].get<double>() == Catch::Approx(report.stress->front().excess));
    sample::Log later;
    const std::int64_t too_late = noon + std::int64_t{200} * 86'400'000; // its last day is over
    later.add("prices.v1", fmt::format(R"({{"symbol":"NVDA","price":400,"timestamp":{}}})", too_late), too_late);
    later.apply_to(engine);
    engine.flush();
    CHECK(newest(engine)["reasons"][0] == "NVDA  270115C00400000 has expired and is still held");
}

TEST_CASE("an engine that was saved goes on as if it had not been", "[stream]") {
    const std::string settings = R"({"policy":{"add_ons":[{"id":"concentration"}]}})";
    sample::Log log = demo_account();
    log.fill("B", "KO", 10, 60, "no-uuid", noon + 5).price("KO", 60, noon + 6).beta("KO", 0.6, noon + 7);
    log.cash("B", 1'000, "DEPOSIT", "c2", noon + 8);
    for (int i = 1; i <= 30; ++i) {
        log.price(i % 2 == 0 ? "NVDA" : "KO", 60 + 7 * i, noon + 90 * i);
    }
    log.fill("ACC_DEMO_001", "NVDA", 500, 400, "fill-1", noon + 9000);
    MarginEngine whole = sample::engine(settings);
    log.apply_to(whole);
    whole.flush();
    for (std::size_t cut = 0; cut <= log.messages.size(); ++cut) {
        MarginEngine first = sample::engine(settings);
        log.apply_to(first, 0, cut);
        std::vector<stream::Output> outputs = first.take();
        MarginEngine second = sample::engine(settings);
        second.load(first.save());
        CHECK(second.save() == first.save());
        log.apply_to(second, cut);
        second.flush();
        for (stream::Output& output : second.take()) {
            outputs.push_back(std::move(output));
        }
        MarginEngine again = sample::engine(settings);
        log.apply_to(again);
        again.flush();
        const std::vector<stream::Output> expected = again.take();
        REQUIRE(outputs.size() == expected.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            CHECK(outputs[i].value == expected[i].value);
        }
        CHECK(second.save() == whole.save());
    }
    MarginEngine other = sample::engine(settings);
    CHECK_THROWS_AS(other.load("no state"), InvalidInput);
}

TEST_CASE("a tick closes a moment by the silence before it", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.add("clock.v1", R"({"timestamp":1})", noon + 1'000'000'050);
    log.apply_to(engine);
    CHECK(engine.has_open_moment());
    sample::Log tick;
    tick.add("clock.v1", R"({"timestamp":1})", noon + 1'000'000'100);
    tick.apply_to(engine);
    CHECK_FALSE(engine.has_open_moment());
}

TEST_CASE("a fill that nobody can count makes its account incomplete, and is a dead letter", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.fill("ACC_DEMO_001", "NVDA1 270115C00400000", 2, 30, "adjusted", noon + 2); // its deliverable is not known
    log.fill("ACC_DEMO_001", "NVDA1 270115C00400000", 2, 30, "adjusted", noon + 3);
    log.apply_to(engine);
    engine.flush();
    CHECK(engine.counts().dead_letters == 1);
    CHECK(engine.counts().repeated == 1);
    MarginEngine later = sample::engine();
    later.load(engine.save());
    const Value result = document::parse_json(later.result("ACC_DEMO_001"));
    CHECK(result["status"] == "incomplete");
    CHECK(result["equity"].is_null());
    CHECK_THAT(result["reasons"][0].get<std::string>(),
               Catch::Matchers::ContainsSubstring("fill adjusted of NVDA1 270115C00400000 is not counted"));
    // Terms in the settings say what it delivers.
    MarginEngine knows = sample::engine(
        R"({"rate":0.04,"instruments":{"NVDA1 270115C00400000":{"underlying":"NVDA","multiplier":10}}})");
    log.apply_to(knows);
    CHECK(knows.counts().dead_letters == 0);
    CHECK(document::parse_json(knows.result("ACC_DEMO_001"))["cash"] == 50'000.0 - 2 * 30 * 10);
}

TEST_CASE("a rulebook is not applied to a day before it unless the settings name it, as in documents", "[stream]") {
    const std::int64_t before = 1'600'000'000'000; // 2020-09-13
    sample::Log log;
    log.beta("KO", 0.6, before).price("KO", 60, before).cash("A", 1'000, "OPENING", "c", before);
    log.fill("A", "KO", 10, 60, "1", before);
    MarginEngine unnamed = sample::engine();
    log.apply_to(unnamed);
    CHECK_THAT(newest(unnamed)["reasons"][0].get<std::string>(),
               Catch::Matchers::ContainsSubstring("must not be before 2026-06-04"));
    MarginEngine named = sample::engine(R"({"policy":{"rulebook":"finra-2026"}})");
    log.apply_to(named);
    const Value result = newest(named);
    CHECK(result["maintenance_req"] == 150.0);
    CHECK_THAT(result["assumptions"].back().get<std::string>(),
               Catch::Matchers::ContainsSubstring("applied to a date before 2026-06-04"));
}

TEST_CASE("the kind of what an option is on is told where it was taken for granted", "[stream]") {
    // A short broad-index put is margined with 15 % of the index, one on a stock with 20 %: 4210(f)(2)(E).
    sample::Log log;
    log.cash("A", 1e6, "OPENING", "c", noon).fill("A", "SPXW  261218P06500000", -1, 50, "1", noon);
    log.price("SPXW  261218P06500000", 50, noon).price("SPX", 6800, noon).beta("SPX", 1, noon);
    MarginEngine assumes = sample::engine(R"({"rate":0.04})");
    log.apply_to(assumes);
    assumes.flush();
    Value result = newest(assumes);
    CHECK(result["maintenance_req"] == 5'000 + 0.20 * 680'000 - 30'000);
    CHECK(result["assumptions"] == Value({"SPX: kind equity"}));
    MarginEngine knows = sample::engine(R"({"rate":0.04,"instruments":{"SPX":{"kind":"broad_index"}}})");
    log.apply_to(knows);
    knows.flush();
    result = newest(knows);
    CHECK(result["maintenance_req"] == 5'000 + 0.15 * 680'000 - 30'000);
    CHECK(result["assumptions"].empty());
}

TEST_CASE("a stock without a beta beside options leaves what does not need it", "[stream]") {
    MarginEngine engine = sample::engine(R"({"rate":0.04})");
    sample::Log log = demo_account();
    log.fill("ACC_DEMO_001", "NVDA  270115C00400000", 2, 30, "2", noon + 2)
        .price("NVDA  270115C00400000", 30, noon + 2);
    log.fill("ACC_DEMO_001", "KO", 10, 60, "3", noon + 3).price("KO", 60, noon + 3);
    log.apply_to(engine);
    engine.flush();
    const Value result = newest(engine);
    CHECK(result["reasons"] == Value({"no beta of KO"}));
    CHECK(result["equity"] == 244'000.0); // 500 x 400 + 10 x 60 + cash; less than nine months: the calls carry no value
    CHECK(result["maintenance_req"] == 50'150.0);
    CHECK(result["worst_stress"].is_null());
}

TEST_CASE("the benchmark has the beta 1, and nobody is believed who says otherwise", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log;
    log.beta("SPY", 1.0, noon).beta("SPY", 1.3, noon + 1);
    log.apply_to(engine);
    const std::vector<Value> dead = sample::values_of(engine.take(), stream::dead_letter_topic);
    REQUIRE(dead.size() == 1);
    CHECK(dead[0]["reason"] == "value.beta: must be 1 for the benchmark itself, got 1.3");
}

TEST_CASE("settings are refused by name", "[stream]") {
    CHECK_THROWS_WITH(sample::engine(R"({"policy":{"stress_moves":[-0.02]}})"),
                      Catch::Matchers::ContainsSubstring("policy.stress_moves: must hold a move of at least 0.06"));
    CHECK_THROWS_WITH(sample::engine(R"({"instruments":{"KO":{"kind":"equity","price":60}}})"),
                      Catch::Matchers::ContainsSubstring("instruments.KO.price: must come in the stream"));
    CHECK_THROWS_WITH(sample::engine(R"({"moment_ms":0.5})"), Catch::Matchers::ContainsSubstring("whole milliseconds"));
    CHECK_THROWS_AS(sample::engine(R"({"momentum":1})"), InvalidInput);
}

TEST_CASE("an engine that absorbs a log is as one that applied it, and writes nothing", "[stream]") {
    sample::Log log = demo_account();
    log.fill("ACC_DEMO_001", "NVDA", 500, 400, "fill-1", noon + 2).add("fills.v1", "rubbish");
    log.price("NVDA", 320, noon + 3000).price("NVDA", 310, noon + 6000);
    MarginEngine applied = sample::engine();
    MarginEngine absorbed = sample::engine();
    log.apply_to(applied);
    for (const stream::Message& message : log.messages) {
        absorbed.absorb(stream::read_message(message));
    }
    CHECK(absorbed.take().empty());
    CHECK(absorbed.save() == applied.save());
    CHECK(applied.take().size() > 1);
    absorbed.republish();
    CHECK(newest(absorbed)["total_mv"] == 155'000.0); // 500 x 310
}

TEST_CASE("a quote whose clock is ahead holds nobody's results back", "[stream]") {
    // Quotes of NVDA every 10 ms, recorded when they happen; in one log another symbol is 50 s ahead at the start.
    const auto results_in_ten_seconds = [](bool is_ahead) {
        MarginEngine engine = sample::engine();
        sample::Log log;
        const auto quote = [&](std::string_view symbol, std::int64_t time, std::int64_t record) {
            log.add("prices.v1", fmt::format(R"({{"symbol":"{}","price":400,"timestamp":{}}})", symbol, time), record);
        };
        log.add("betas.v1", fmt::format(R"({{"symbol":"NVDA","beta":1.8,"timestamp":{}}})", noon), noon);
        log.add(
            "cash.v1",
            fmt::format(R"({{"account_id":"A","amount":9000,"type":"OPENING","cash_id":"c","timestamp":{}}})", noon),
            noon);
        log.add("fills.v1",
                fmt::format(R"({{"account_id":"A","symbol":"NVDA","qty":5,"price":400,"fill_id":"f","timestamp":{}}})",
                            noon),
                noon);
        if (is_ahead) {
            quote("ZZZ", noon + 50'000, noon);
        }
        for (std::int64_t time = noon; time <= noon + 10'000; time += 10) {
            quote("NVDA", time, time);
        }
        log.apply_to(engine);
        return sample::values_of(engine.take(), results).size();
    };
    CHECK(results_in_ten_seconds(false) >= 10);
    CHECK(results_in_ten_seconds(true) >= 10);
}

TEST_CASE("an account with a call is spoken of once a minute, though its own prices rest", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.cash("ACC_DEMO_001", -220'000, "WITHDRAWAL", "out", noon + 2);
    log.apply_to(engine);
    engine.settle();
    CHECK(newest(engine)["excess"] == -20'000.0); // equity 30,000 less 25 % of 200,000
    sample::Log other;
    for (std::int64_t time = noon + 10'000; time < noon + 29 * 60'000; time += 10'000) {
        other.price("KO", 60, time);
    }
    other.apply_to(engine);
    engine.settle();
    CHECK(sample::values_of(engine.take(), results).size() >= 24); // in steps of 10 s, each after its minute
}

TEST_CASE("an account without an instrument is no longer touched by its quotes", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    log.fill("ACC_DEMO_001", "KO", 5, 60, "in", noon + 2).fill("ACC_DEMO_001", "NVDA", -500, 400, "out", noon + 3);
    log.price("KO", 60, noon + 4);
    log.apply_to(engine);
    engine.flush();
    MarginEngine loaded = sample::engine();
    loaded.load(engine.save());
    const std::int64_t evaluated = engine.counts().evaluations;
    sample::Log later;
    later.price("NVDA", 390, noon + 5'000).price("NVDA", 380, noon + 6'000);
    for (MarginEngine* each : {&engine, &loaded}) {
        later.apply_to(*each);
        each->settle();
        CHECK(each->counts().evaluations == evaluated);
    }
    CHECK(engine.save() == loaded.save());
}

TEST_CASE("cash that nobody can count makes its account incomplete", "[stream]") {
    MarginEngine engine = sample::engine();
    sample::Log log = demo_account();
    for (int i = 0; i < 10; ++i) { // of which the last is beyond 64 bits of millionths
        log.cash("ACC_DEMO_001", 1e12, "DEPOSIT", "deposit-" + std::to_string(i), noon + 2 + i);
    }
    log.apply_to(engine);
    CHECK(engine.counts().dead_letters == 1);
    const Value result = document::parse_json(engine.result("ACC_DEMO_001"));
    CHECK(result["status"] == "incomplete");
    CHECK_THAT(result["reasons"].dump(), Catch::Matchers::ContainsSubstring("cash event deposit-9 is not counted"));
}

TEST_CASE("a dead letter repeats the beginning of what is long", "[stream]") {
    const auto letter_of = [](std::string value) {
        MarginEngine engine = sample::engine();
        sample::Log log;
        log.add("fills.v1", std::move(value)).apply_to(engine);
        const std::vector<stream::Output> outputs = engine.take();
        REQUIRE(outputs.size() == 1);
        CHECK(outputs[0].value.size() < 500'000); // a broker takes 1,048,576 bytes
        return document::parse_json(outputs[0].value);
    };
    CHECK(letter_of("short")["value"] == "short");
    CHECK_FALSE(letter_of("short").contains("value_bytes"));
    CHECK(letter_of(std::string(900'000, '\0'))["value"] == std::string(65'536, '\0'));
    CHECK(letter_of(std::string(900'000, '\0'))["value_bytes"] == 900'000);
    CHECK(letter_of(std::string(900'000, '\xff'))["value_base64"].get<std::string>().size() == 87'384); // 4 / 3
    std::string accents = "x"; // whose characters have two bytes, so that the cut falls into one
    while (accents.size() < 100'000) {
        accents += "\xc3\xa9";
    }
    CHECK(letter_of(accents)["value"] == accents.substr(0, 65'535));
    CHECK(letter_of(R"({"account_id":"A","symbol":")" + std::string(100'000, 'X') + R"(","price":1})")["reason"]
              .get<std::string>()
              .size() < 5'000);
}

TEST_CASE("what prices moved of many accounts comes evenly, each within twice its interval", "[stream]") {
    constexpr int accounts = 2'000;
    MarginEngine engine = sample::engine();
    sample::Log log;
    log.beta("NVDA", 1.8, noon).price("NVDA", 400, noon);
    for (int i = 0; i < accounts; ++i) {
        log.cash(fmt::format("A{}", i), 90'000, "OPENING", "c", noon);
        log.fill(fmt::format("A{}", i), "NVDA", 5, 400, "f", noon);
    }
    log.apply_to(engine);
    engine.flush();
    static_cast<void>(engine.take());
    std::map<std::string, std::int64_t> said;
    std::size_t most = 0;
    for (std::int64_t time = noon + 20; time <= noon + 10'000; time += 20) { // a moment each, which moves all
        sample::Log quote;
        quote.price("NVDA", 400 + static_cast<double>(time % 7), time).apply_to(engine);
        const std::vector<Value> values = sample::values_of(engine.take(), results);
        most = std::max(most, values.size());
        for (const Value& value : values) {
            std::int64_t& last = said.try_emplace(value["account_id"].get<std::string>(), noon).first->second;
            CHECK(time - last <= 2'000);
            last = time;
        }
    }
    CHECK(said.size() == accounts);
    CHECK(most <= 180); // 100, and twice the 2,000 x 20 / 1,000 of a moment
}
