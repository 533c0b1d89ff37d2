// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/standing.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// Milliseconds since 1970-01-01 UTC, taken from the events and never from a clock.
using EventTime = std::int64_t;

/// What is shown of an account: the highest step of the ladder that it stands on.
enum class EnforcementStatus : std::uint8_t { active, warning, margin_call, restricted, liquidation };

template <>
inline constexpr std::array names<EnforcementStatus> = {
    Name{EnforcementStatus::active, "ACTIVE"},           Name{EnforcementStatus::warning, "WARNING"},
    Name{EnforcementStatus::margin_call, "MARGIN_CALL"}, Name{EnforcementStatus::restricted, "RESTRICTED"},
    Name{EnforcementStatus::liquidation, "LIQUIDATION"},
};

/// Where an account stands. A call and a restriction are separate facts; a state is a value and is never changed.
struct EnforcementState {
    bool warned = false;                       ///< The excess is thin; only while nothing worse holds.
    std::optional<EventTime> call_issued_at{}; ///< Time of the first event of the outstanding call.
    bool restricted = false;                   ///< Close only.
    bool liquidating = false;                  ///< A liquidation has been triggered and has not restored the account.

    [[nodiscard]] EnforcementStatus status() const {
        return liquidating      ? EnforcementStatus::liquidation
               : restricted     ? EnforcementStatus::restricted
               : call_issued_at ? EnforcementStatus::margin_call
               : warned         ? EnforcementStatus::warning
                                : EnforcementStatus::active;
    }

    friend bool operator==(const EnforcementState&, const EnforcementState&) = default;
};

/// One step that an account took.
enum class EnforcementAction : std::uint8_t {
    warning,           ///< The excess became thin.
    margin_call,       ///< A call was issued.
    call_met,          ///< The call was met.
    close_only,        ///< The account was restricted.
    severe_deficiency, ///< A liquidation was triggered.
    liquidation_ended, ///< The excess is back; the liquidation is over.
    released,          ///< The restriction was lifted.
    active,            ///< The excess is no longer thin.
};

template <>
inline constexpr std::array names<EnforcementAction> = {
    Name{EnforcementAction::warning, "WARNING"},
    Name{EnforcementAction::margin_call, "MARGIN_CALL"},
    Name{EnforcementAction::call_met, "CALL_MET"},
    Name{EnforcementAction::close_only, "CLOSE_ONLY"},
    Name{EnforcementAction::severe_deficiency, "SEVERE_DEFICIENCY"},
    Name{EnforcementAction::liquidation_ended, "LIQUIDATION_ENDED"},
    Name{EnforcementAction::released, "RELEASED"},
    Name{EnforcementAction::active, "ACTIVE"},
};

/// A step with what led to it.
struct EnforcementEvent {
    EnforcementAction action = EnforcementAction::active;
    EventTime time = 0;
    Money excess = 0.0;                     ///< Total excess at the event, USD.
    Money deficiency = 0.0;                 ///< max(0, -excess), USD.
    std::optional<Fraction> scenario{};     ///< The severe move that restricted the account.
    std::optional<Money> excess_stressed{}; ///< The excess under that move, USD.
    std::string reason{};                   ///< In words.

    friend bool operator==(const EnforcementEvent&, const EnforcementEvent&) = default;
};

/// The state after an event, and the steps that led to it.
struct EnforcementStep {
    EnforcementState state{};
    std::vector<EnforcementEvent> events{};
};

/// One step of the enforcement ladder: what the standing of an account, at a time, makes of its state.
///
/// - Warning while 0 <= excess < 5 % of gross value and nothing worse holds.
/// - A call when the excess is below zero; outstanding until it is zero or more. A new call is a new call.
/// - Close only when a call has been outstanding for more than 30 minutes, or at once, while no call is outstanding,
///   when a benchmark move of 6 % or more leaves a deficit; until the excess is zero or more and no severe move does.
/// - Liquidation when restricted and the deficiency exceeds 50 % of the requirement; until the excess is zero or more.
///
/// Pure: the same arguments give the same step. Each step is emitted once, a step that is skipped not at all.
/// @param state     Where the account stood; a default one at first.
/// @param standing  Finite figures; `severe_move` is severe by the ladder.
/// @param time      Of the event.
/// @param ladder    Thresholds.
/// @throws MissingData where the move is not severe.
/// @source          Workshop on real-time margin risk, enforcement ladder; thresholds are policy.
[[nodiscard]] inline EnforcementStep enforce(const EnforcementState& state, const Standing& standing, EventTime time,
                                             const Ladder& ladder) {
    if (!(std::abs(standing.severe_move) >= ladder.severe_move)) {
        throw detail::no_severe_move(ladder.severe_move);
    }
    constexpr double milliseconds_per_minute = 60'000.0;
    const Money excess = standing.excess;
    const bool deficient = excess < 0;
    const bool stressed = standing.excess_stressed < 0;

    EnforcementStep step{.state = state};
    EnforcementState& next = step.state;
    const auto emit = [&](EnforcementAction action, std::string reason) -> EnforcementEvent& {
        return step.events.emplace_back(EnforcementEvent{.action = action,
                                                         .time = time,
                                                         .excess = excess,
                                                         .deficiency = (std::max)(0.0, -excess),
                                                         .reason = std::move(reason)});
    };

    if (state.liquidating && !deficient) {
        next.liquidating = false;
        emit(EnforcementAction::liquidation_ended, "excess is zero or more");
    }
    if (state.call_issued_at && !deficient) {
        next.call_issued_at.reset();
        emit(EnforcementAction::call_met, "excess is zero or more");
    }
    if (!state.call_issued_at && deficient) {
        next.call_issued_at = time;
        emit(EnforcementAction::margin_call, "excess below zero");
    }

    if (state.restricted && !deficient && !stressed) {
        next.restricted = false;
        emit(EnforcementAction::released, "excess is zero or more and no severe scenario is under water");
    }
    if (!state.restricted) {
        const bool overdue =
            next.call_issued_at && static_cast<double>(time) - static_cast<double>(*next.call_issued_at) >
                                       ladder.restrict_after_minutes * milliseconds_per_minute;
        if (overdue) {
            next.restricted = true;
            emit(EnforcementAction::close_only,
                 "margin call outstanding for more than " + number_text(ladder.restrict_after_minutes) + " minutes");
        } else if (!next.call_issued_at && stressed) {
            next.restricted = true;
            EnforcementEvent& event = emit(EnforcementAction::close_only, "under water in a severe stress scenario");
            event.scenario = standing.severe_move;
            event.excess_stressed = standing.excess_stressed;
        }
    }
    if (next.restricted && !state.liquidating && -excess > ladder.liquidate_deficiency * standing.requirement) {
        next.liquidating = true;
        emit(EnforcementAction::severe_deficiency,
             "deficiency above " + number_text(ladder.liquidate_deficiency * 100) + "% of the requirement");
    }

    const bool thin = !deficient && excess < ladder.warning_excess * standing.gross_value;
    const bool nothing_worse = !next.call_issued_at && !next.restricted;
    next.warned = thin && nothing_worse;
    if (next.warned && !state.warned) {
        emit(EnforcementAction::warning,
             "excess below " + number_text(ladder.warning_excess * 100) + "% of gross market value");
    } else if (state.warned && !next.warned && nothing_worse) {
        emit(EnforcementAction::active, "excess is no longer thin");
    }
    return step;
}

/// The same from the report of the account.
///
/// @param report  With stress, at least one of whose moves is severe.
/// @throws MissingData where the report has no stress or no severe move.
[[nodiscard]] inline EnforcementStep enforce(const EnforcementState& state, const Report& report, EventTime time,
                                             const Ladder& ladder) {
    return enforce(state, standing_of(report, ladder), time, ladder);
}

/// The same with the thresholds of the policy that the report was made under.
[[nodiscard]] inline EnforcementStep enforce(const EnforcementState& state, const Report& report, EventTime time) {
    return enforce(state, report, time, report.ladder);
}

} // namespace margincore
