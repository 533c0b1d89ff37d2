// SPDX-License-Identifier: Apache-2.0
// The enforcement ladder, step by step. Every step has its source in the workshop on real-time margin risk.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/enforcement.hpp>

#include "about.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr EventTime minute = 60'000;
constexpr EventTime start = 1'790'000'000'000;

/// What enforcement reads of a report. Gross value of 100,000: thin below 5,000. Requirement of 25,000: a liquidation
/// above 12,500.
struct Seen {
    double excess = 50000;
    double stressed = 40000; ///< Excess after the severe move of -8 %.
};

Report report_of(const Seen& seen) {
    Report report;
    report.gross_value = 100000;
    report.requirement.total = 25000;
    report.excess.total = seen.excess;
    report.stress = {{.move = -0.08, .excess = seen.stressed},
                     {.move = -0.059, .excess = -1e6}, // not severe, so it does not count
                     {.move = 0.06, .excess = std::max(seen.stressed, 0.0)}};
    return report;
}

using Status = EnforcementStatus;
using Action = EnforcementAction;

struct Row {
    std::string fact;
    EnforcementState state;
    Seen seen;
    std::vector<Action> actions;
    Status status;
    EventTime time = start;
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.fact << ": excess " << row.seen.excess << ", stressed " << row.seen.stressed);
        const EnforcementStep step = enforce(row.state, report_of(row.seen), row.time);
        std::vector<Action> actions;
        for (const EnforcementEvent& event : step.events) {
            actions.push_back(event.action);
            CHECK(event.time == row.time);
            CHECK(event.excess == row.seen.excess);
            CHECK(event.deficiency == (row.seen.excess < 0 ? -row.seen.excess : 0.0));
            CHECK_FALSE(event.reason.empty());
        }
        CHECK(actions == row.actions);
        CHECK(step.state.status() == row.status);
        // The same report once more changes nothing and emits nothing.
        const EnforcementStep again = enforce(step.state, report_of(row.seen), row.time);
        CHECK(again.state == step.state);
        CHECK(again.events.empty());
    }
}

const EnforcementState none{};
const EnforcementState warned{.warned = true};
const EnforcementState called{.call_issued_at = start};
const EnforcementState stressed{.restricted = true};
const EnforcementState overdue{.call_issued_at = start, .restricted = true};
const EnforcementState liquidated{.call_issued_at = start, .restricted = true, .liquidating = true};

} // namespace

TEST_CASE("ladder: warning while 0 <= excess < 5 % of gross value", "[account][cited]") {
    check({
        {"wide excess", none, {50000, 40000}, {}, Status::active},
        {"exactly 5 % is not thin", none, {5000, 1}, {}, Status::active},
        {"just below 5 %", none, {std::nextafter(5000, 0), 1}, {Action::warning}, Status::warning},
        {"zero is thin and no call", none, {0, 0}, {Action::warning}, Status::warning},
        {"recovers", warned, {5000, 1}, {Action::active}, Status::active},
        {"stays thin", warned, {100, 1}, {}, Status::warning},
    });
}

TEST_CASE("ladder: a call when the excess is below zero", "[account][cited]") {
    check({
        {"from active, the warning skipped", none, {-1, -5000}, {Action::margin_call}, Status::margin_call},
        {"from warning", warned, {-1, -5000}, {Action::margin_call}, Status::margin_call},
        {"outstanding", called, {-2000, -5000}, {}, Status::margin_call, start + 5 * minute},
        {"met, and wide", called, {50000, 40000}, {Action::call_met}, Status::active, start + 5 * minute},
        {"met at zero, and thin",
         called,
         {0, 0},
         {Action::call_met, Action::warning},
         Status::warning,
         start + 5 * minute},
        {"no restriction by stress while a call is outstanding", called, {-1, -9000}, {}, Status::margin_call},
    });
    const EnforcementStep later = enforce(called, report_of({-5000, -9000}), start + 20 * minute);
    CHECK(later.state.call_issued_at == start); // the time of the first event
    const EnforcementStep met = enforce(later.state, report_of({50000, 40000}), start + 21 * minute);
    const EnforcementStep new_call = enforce(met.state, report_of({-1, -9000}), start + 60 * minute);
    CHECK(new_call.state.call_issued_at == start + 60 * minute); // a new call is a new call
    CHECK(new_call.events.at(0).action == Action::margin_call);
}

TEST_CASE("ladder: close only when a call is outstanding for more than 30 minutes", "[account][cited]") {
    check({
        {"30 minutes are not more than 30", called, {-1, -5000}, {}, Status::margin_call, start + 30 * minute},
        {"a millisecond later", called, {-1, -5000}, {Action::close_only}, Status::restricted, start + 30 * minute + 1},
        {"once", overdue, {-1, -5000}, {}, Status::restricted, start + 90 * minute},
        {"met when it is next looked at",
         called,
         {0, 0},
         {Action::call_met, Action::warning},
         Status::warning,
         start + 40 * minute},
    });
}

TEST_CASE("ladder: close only at once when a severe move leaves a deficit", "[account][cited]") {
    check({
        {"under water at -8 %", none, {10000, -1}, {Action::close_only}, Status::restricted},
        {"exactly zero is not under water", none, {10000, 0}, {}, Status::active},
        {"from warning", warned, {1000, -1}, {Action::close_only}, Status::restricted},
        {"thin and restricted at once: the warning is skipped",
         none,
         {1000, -1},
         {Action::close_only},
         Status::restricted},
        {"a call that is met, still under water",
         called,
         {1000, -1},
         {Action::call_met, Action::close_only},
         Status::restricted},
        {"a deficit while restricted issues the call too",
         stressed,
         {-1, -9000},
         {Action::margin_call},
         Status::restricted},
    });
    const EnforcementStep step = enforce(none, report_of({10000, -250}), start);
    CHECK(step.events.at(0).scenario == -0.08);
    CHECK(step.events.at(0).excess_stressed == -250.0);
    CHECK_FALSE(enforce(called, report_of({-1, -5000}), start + 31 * minute).events.at(0).scenario);
}

TEST_CASE("ladder: the worst severe move is named, whichever way it goes", "[account][property]") {
    Report report = report_of({10000, -1});
    report.stress = {{.move = 0.06, .excess = -700}, {.move = -0.08, .excess = -600}, {.move = -0.05, .excess = -900}};
    const EnforcementStep step = enforce({}, report, start);
    CHECK(step.events.at(0).scenario == 0.06);
    CHECK(step.events.at(0).excess_stressed == -700.0);
}

TEST_CASE("ladder: liquidation when restricted and the deficiency is above half the requirement", "[account][cited]") {
    check({
        {"exactly half is not above", overdue, {-12500, -2e4}, {}, Status::restricted, start + 60 * minute},
        {"above", overdue, {-12500.01, -2e4}, {Action::severe_deficiency}, Status::liquidation, start + 60 * minute},
        {"not without a restriction", called, {-20000, -3e4}, {}, Status::margin_call, start + 10 * minute},
        {"call, restriction and liquidation in one step",
         called,
         {-20000, -3e4},
         {Action::close_only, Action::severe_deficiency},
         Status::liquidation,
         start + 31 * minute},
        {"restricted by stress, then a crash",
         stressed,
         {-20000, -3e4},
         {Action::margin_call, Action::severe_deficiency},
         Status::liquidation},
        {"triggered once, whatever the deficiency",
         liquidated,
         {-90000, -1e5},
         {},
         Status::liquidation,
         start + 70 * minute},
        {"and until the excess is zero or more", liquidated, {-1, -5000}, {}, Status::liquidation, start + 70 * minute},
    });
}

TEST_CASE("ladder: the way back", "[account][cited]") {
    check({
        {"restriction lifted, wide", stressed, {50000, 40000}, {Action::released}, Status::active},
        {"restriction lifted, thin", stressed, {100, 0}, {Action::released, Action::warning}, Status::warning},
        {"restricted still: a severe move is under water", stressed, {1000, -1}, {}, Status::restricted},
        {"overdue call met, still under water in stress", overdue, {1000, -1}, {Action::call_met}, Status::restricted},
        {"overdue call met", overdue, {50000, 1}, {Action::call_met, Action::released}, Status::active},
        {"liquidation over, thin",
         liquidated,
         {0, 0},
         {Action::liquidation_ended, Action::call_met, Action::released, Action::warning},
         Status::warning},
        {"liquidation over, wide",
         liquidated,
         {50000, 40000},
         {Action::liquidation_ended, Action::call_met, Action::released},
         Status::active},
        {"liquidation over, still under water in stress",
         liquidated,
         {1000, -1},
         {Action::liquidation_ended, Action::call_met},
         Status::restricted},
    });
}

TEST_CASE("ladder: thresholds are policy", "[account][property]") {
    const Ladder ladder{
        .warning_excess = 0.10, .restrict_after_minutes = 0, .severe_move = 0.05, .liquidate_deficiency = 0.01};
    CHECK(enforce({}, report_of({9999, 1}), start, ladder).state.restricted); // -5.9 % is severe now
    Report with_ladder = report_of({9999, 1}); // those of the report, unless others are given
    with_ladder.ladder = ladder;
    CHECK(enforce({}, with_ladder, start).state.restricted);
    CHECK_FALSE(enforce({}, with_ladder, start, Ladder{}).state.restricted);
    Report report = report_of({9999, 1});
    report.stress = {{.move = 0.05, .excess = 0}};
    CHECK(enforce({}, report, start, ladder).state.status() == Status::warning);
    report.excess.total = -251;
    CHECK(enforce({}, report, start, ladder).state.status() == Status::margin_call); // 0 minutes are not more than 0
    CHECK(enforce(called, report, start + 1, ladder).state.status() == Status::liquidation);
}

TEST_CASE("ladder: without a severe stress there is no step", "[account][property]") {
    Report report = report_of({});
    report.stress = {{.move = -0.04, .excess = 1}};
    CHECK_THROWS_AS(enforce({}, report, start), MissingData);
    CHECK_THROWS_WITH(enforce({}, report, start), "stress: must have a benchmark move of at least 0.06, got none");
    report.stress.reset();
    CHECK_THROWS_AS(enforce({}, report, start), MissingData);
    CHECK_THROWS_WITH(enforce({}, report, start), "stress: must be in the report that enforcement reads, got nothing");
}

TEST_CASE("ladder: random histories follow the facts, and each change is one event", "[account][oracle]") {
    const auto count = [](const EnforcementStep& step, Action action) {
        return std::ranges::count(step.events, action, &EnforcementEvent::action);
    };
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        EnforcementState state;
        EventTime time = start;
        std::optional<EventTime> deficit_since; // the facts, from the history alone
        bool close_only = false;
        bool liquidating = false;
        for (int event = 0; event < 60; ++event) {
            time += static_cast<EventTime>(random.below(20)) * minute;
            const double excess = random.chance(0.1) ? 0.0 : random.uniform(-20000, 20000);
            const Seen seen{excess, excess - random.uniform(0, 15000)};
            CAPTURE(seed, event, seen.excess, seen.stressed);
            const EnforcementStep step = enforce(state, report_of(seen), time);

            if (excess < 0) {
                deficit_since = deficit_since.value_or(time);
                close_only = close_only || time - *deficit_since > 30 * minute;
                liquidating = liquidating || (close_only && excess < -12500);
            } else {
                deficit_since.reset();
                close_only = seen.stressed < 0;
                liquidating = false;
            }
            const bool thin = !deficit_since && !close_only && excess < 5000;
            const EnforcementState expected{thin, deficit_since, close_only, liquidating};
            CHECK(step.state == expected);

            CHECK(count(step, Action::margin_call) == (expected.call_issued_at && !state.call_issued_at));
            CHECK(count(step, Action::call_met) == (!expected.call_issued_at && state.call_issued_at));
            CHECK(count(step, Action::close_only) == (expected.restricted && !state.restricted));
            CHECK(count(step, Action::released) == (!expected.restricted && state.restricted));
            CHECK(count(step, Action::severe_deficiency) == (expected.liquidating && !state.liquidating));
            CHECK(count(step, Action::liquidation_ended) == (!expected.liquidating && state.liquidating));
            CHECK(count(step, Action::warning) == (expected.warned && !state.warned));
            CHECK(count(step, Action::active) == (expected.status() == Status::active && state.warned));
            state = step.state;
        }
    }
}

TEST_CASE("standing: the ladder reads the same of a standing as of the report it is made of", "[account][property]") {
    for (const double excess : {-20000.0, -1.0, 0.0, 4000.0, 50000.0}) {
        for (const double stressed_excess : {-1.0, 0.0, 100.0}) {
            const Report report = report_of({.excess = excess, .stressed = stressed_excess});
            const Standing standing = standing_of(report, Ladder{});
            CHECK(standing == Standing{.excess = excess,
                                       .requirement = 25000,
                                       .gross_value = 100000,
                                       .severe_move = -0.08,
                                       .excess_stressed = stressed_excess});
            for (const EnforcementState& state : {none, warned, called, stressed, overdue, liquidated}) {
                const EnforcementStep expected = enforce(state, report, start + 31 * minute);
                const EnforcementStep step = enforce(state, standing, start + 31 * minute, Ladder{});
                CHECK(step.state == expected.state);
                CHECK(step.events == expected.events);
            }
        }
    }
}

TEST_CASE("standing: a move that the ladder does not call severe decides no restriction", "[account]") {
    const Standing mild{.excess = 1000, .gross_value = 10000, .severe_move = 0.059, .excess_stressed = -1};
    CHECK_THROWS_WITH(enforce(none, mild, start, Ladder{}),
                      "stress: must have a benchmark move of at least 0.06, got none");
    const Standing unset{};
    CHECK_THROWS_AS(enforce(none, unset, start, Ladder{}), MissingData);
    CHECK_NOTHROW(enforce(none, mild, start, Ladder{.severe_move = 0.05}));
}
