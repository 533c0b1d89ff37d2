// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "status.hpp"

namespace {

using namespace margin_service;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("histogram: buckets are cumulative and a bound belongs to its own", "[service]") {
    Figures figures;
    for (const double seconds : {0.0005, 0.001, 0.0015, 0.3, 99.0}) {
        figures.latency.observe(seconds);
    }
    const std::string text = prometheus_text(figures, true);
    CHECK_THAT(text, ContainsSubstring("latency_seconds_bucket{le=\"0.001\"} 2\n"));
    CHECK_THAT(text, ContainsSubstring("latency_seconds_bucket{le=\"0.002\"} 3\n"));
    CHECK_THAT(text, ContainsSubstring("latency_seconds_bucket{le=\"0.5\"} 4\n"));
    CHECK_THAT(text, ContainsSubstring("latency_seconds_bucket{le=\"10\"} 4\n"));
    CHECK_THAT(text, ContainsSubstring("latency_seconds_bucket{le=\"+Inf\"} 5\n"));
    CHECK_THAT(text, ContainsSubstring("latency_seconds_count 5\n"));
}

TEST_CASE("status: it is well when the loop says so", "[service]") {
    Status status;
    CHECK(status.health().words == "starting");
    Figures figures;
    figures.messages["fills.v1"] = 7;
    status.report(figures, "");
    CHECK(status.health().is_well);
    CHECK_THAT(status.metrics(), ContainsSubstring("margin_service_messages_total{topic=\"fills.v1\"} 7\n"));
    CHECK_THAT(status.metrics(), ContainsSubstring("margin_service_live 1\n"));
    status.say("no broker answers");
    CHECK_FALSE(status.health().is_well);
    CHECK(status.health().words == "no broker answers");
}

} // namespace
