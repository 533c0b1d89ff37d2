// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "engine.hpp"
#include "input.hpp"
#include "options.hpp"
#include "publisher.hpp"
#include "status.hpp"

namespace margin_service {

/// Reads events, has the engine work on them and writes what comes of it: one thread, in rounds, one transaction a
/// round at most.
class Service {
public:
    /// Connects.
    ///
    /// @param settings  Text of the engine's, which a snapshot must have been made under.
    Service(const Options& options, std::string settings, Engine engine, Status& status, std::stop_token stop);

    /// Returns after a stop was asked for and everything is committed.
    ///
    /// @throws ServiceError where only a restart helps.
    void run();

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] bool rebuild(); ///< False where it was stopped on the way.
    [[nodiscard]] Offsets load_snapshot();
    [[nodiscard]] std::string identity() const; ///< Of snapshots: settings, and how often they have changed.
    void round();
    std::size_t apply_what_came();
    void rest(Clock::time_point now);
    [[nodiscard]] std::chrono::milliseconds time_to_rest(Clock::time_point now) const;
    void publish(const std::vector<margincore::stream::Output>& outputs);
    void save_snapshot();
    void report();
    [[nodiscard]] std::string trouble();

    Options options_;
    std::string settings_;
    CommitMark mark_{};
    Engine engine_;
    Status& status_;
    std::stop_token stop_;
    Publisher publisher_;
    Input input_;
    GroupMetadata group_ = input_.group();

    Figures figures_{};
    std::vector<std::int64_t> unanswered_{}; ///< Record times of the fills and cash events of this round, ms.
    std::int64_t last_record_ = 0;           ///< Its time, ms.
    bool is_caught_up_ = false;
    Offsets ends_at_start_{};

    bool is_settled_ = true;   ///< The engine has no open moment.
    bool is_committed_ = true; ///< The offsets are.
    Clock::time_point last_input_ = Clock::now();
    Clock::time_point last_commit_ = Clock::now();
    Clock::time_point last_snapshot_ = Clock::now();
    Clock::time_point last_report_{};
};

} // namespace margin_service
