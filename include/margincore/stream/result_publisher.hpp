// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/document/value.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/stream/account_in_words.hpp>
#include <margincore/stream/assessment.hpp>
#include <margincore/stream/engine_state.hpp>
#include <margincore/stream/message.hpp>
#include <margincore/stream/result_text.hpp>
#include <margincore/stream/stream_account.hpp>

namespace margincore::stream {

/// Evaluates accounts of a state and writes what is to be published of them.
class ResultPublisher {
public:
    /// @param state    Outlives it.
    explicit ResultPublisher(EngineState& state) : state_(state), assessor_(state.market, state.settings) {}

    /// Evaluates an account and publishes it: at once where it took a step of the ladder or somebody asks, else when
    /// its interval is over.
    void evaluate(StreamAccount& account, std::int64_t version, bool at_once) {
        ++state_.counts.evaluations;
        const NullSink no_lines;
        assessor_(account, no_lines, assessment_);
        const bool is_complete = assessment_.is_complete();
        bool is_news = at_once || is_complete != account.was_complete;
        account.was_complete = is_complete;
        const EventTime time = time_of(account);
        if (is_complete) {
            const Policy& policy = state_.settings.policy;
            EnforcementStep step = enforce(account.ladder, standing_of(assessment_, policy.stress_moves, policy.ladder),
                                           time, policy.ladder);
            is_news = is_news || !step.events.empty();
            state_.set_ladder(account, std::move(step.state), policy.ladder);
        }
        const bool is_result_due =
            account.result_at == never || state_.pace - account.result_at >= state_.settings.publish_interval;
        if (is_news || (is_result_due && take_one(results_left_))) {
            publish(account, version, time);
        } else {
            state_.hold_result(account, state_.settings.publish_interval);
        }
        const bool is_stress_due =
            account.stress_at == never || state_.pace - account.stress_at >= state_.settings.stress_interval;
        if (is_news || (is_stress_due && take_one(stress_left_))) {
            publish_stress(account, version, time);
        } else {
            state_.hold_stress(account, state_.settings.stress_interval);
        }
    }

    /// Begins to publish what prices moved since a moment before.
    void begin(EventTime elapsed) {
        results_left_ = state_.share_of(elapsed, state_.settings.publish_interval);
        stress_left_ = state_.share_of(elapsed, state_.settings.stress_interval);
    }

    /// Publishes what was held back until the pace of the stream, as far as `begin` has it.
    void publish_due(std::int64_t version) { publish_held(version, state_.pace, results_left_, stress_left_); }
    /// Publishes all that was held back.
    void publish_all(std::int64_t version) {
        publish_held(version, (std::numeric_limits<EventTime>::max)(), no_limit, no_limit);
    }

    /// What `margin.calc.v1` says of an account.
    [[nodiscard]] std::string text_of(const StreamAccount& account, std::int64_t version) {
        const Policy& policy = state_.settings.policy;
        LineCollector lines;
        if (policy.charges_nothing()) {
            const NullSink no_lines;
            assessor_(account, no_lines, result_);
        } else {
            assessor_(account, lines, result_);
        }
        const bool is_complete = result_.is_complete();
        const Money cash = account.has_balance ? account.cash_usd() : Assessment::unknown;
        return result_text(
            {account.id, version, time_of(account)}, cash, result_,
            is_complete ? std::optional(standing_of(result_, policy.stress_moves, policy.ladder)) : std::nullopt,
            lines.lines, is_complete ? std::vector<std::string>() : reasons_of(account, result_, state_.market, policy),
            assumptions_of(account, state_.market, state_.settings),
            is_complete && result_.excess < 0 ? document_of(account, state_.market, state_.settings)
                                              : document::Value());
    }

    std::vector<Output> outputs{}; ///< In order.
    bool is_silent = false;        ///< What is published is counted, but not written.

private:
    [[nodiscard]] static bool take_one(std::size_t& left) { return left > 0 && left-- > 0; }

    void publish_held(std::int64_t version, EventTime until, std::size_t results, std::size_t stress) {
        for (const std::size_t number : state_.take_due_results(until, results)) {
            StreamAccount& account = state_.accounts[number];
            publish(account, version, time_of(account));
        }
        for (const std::size_t number : state_.take_due_stress(until, stress)) {
            StreamAccount& account = state_.accounts[number];
            const NullSink no_lines;
            assessor_(account, no_lines, assessment_);
            publish_stress(account, version, time_of(account));
        }
    }

    [[nodiscard]] EventTime time_of(const StreamAccount& account) const {
        return (std::max)(account.time, state_.market.clock());
    }

    void publish(StreamAccount& account, std::int64_t version, EventTime time) {
        account.result_due = false;
        account.result_at = state_.pace;
        account.said_at = time;
        state_.look_again(account, state_.settings.policy.ladder);
        ++state_.counts.results;
        if (is_silent) {
            return;
        }
        outputs.push_back({.topic = results_topic, .key = account.id, .value = text_of(account, version)});
    }

    /// @param account  That was assessed last.
    void publish_stress(StreamAccount& account, std::int64_t version, EventTime time) {
        account.stress_due = false;
        account.stress_at = state_.pace;
        if (!assessment_.is_complete()) {
            return; // the result says why
        }
        const std::vector<Fraction>& moves = state_.settings.policy.stress_moves;
        state_.counts.stress_points += static_cast<std::int64_t>(moves.size());
        for (std::size_t k = 0; k < moves.size() && !is_silent; ++k) {
            outputs.push_back({.topic = stress_topic,
                               .key = account.id,
                               .value = stress_text({account.id, version, time}, account.cash_usd(), assessment_,
                                                    moves[k], assessment_.gains[k])});
        }
    }

    EngineState& state_;
    Assessor assessor_;
    Assessment assessment_{};
    Assessment result_{};
    std::size_t results_left_ = no_limit; // of this moment
    std::size_t stress_left_ = no_limit;
};

} // namespace margincore::stream
