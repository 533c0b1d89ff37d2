// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace margin_service {

/// How many observations were at most so long.
class Histogram {
public:
    static constexpr std::array bounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0};

    void observe(double seconds);
    [[nodiscard]] const std::array<std::uint64_t, bounds.size() + 1>& counts() const {
        return counts_;
    } ///< Each alone.
    [[nodiscard]] double sum() const { return sum_; }

private:
    std::array<std::uint64_t, bounds.size() + 1> counts_{};
    double sum_ = 0.0;
};

/// What the service has done so far.
struct Figures {
    std::map<std::string_view, std::uint64_t> messages{}; ///< By topic, of this run.
    std::vector<std::pair<std::string_view, std::uint64_t>> engine{};
    std::uint64_t written = 0;
    std::uint64_t transactions = 0;
    std::uint64_t aborted = 0;
    std::int64_t lag = 0; ///< Messages.
    std::uint64_t rebuilt_messages = 0;
    double rebuild_seconds = 0.0;
    Histogram latency{}; ///< From the record of a fill or cash event to the commit of what it led to, s.
};

[[nodiscard]] std::string prometheus_text(const Figures& figures, bool is_live);

/// What the loop says of itself, for the threads that answer over HTTP.
class Status {
public:
    /// @param trouble  Why it is not well; empty where it is.
    void report(const Figures& figures, std::string trouble);
    void say(std::string trouble);

    struct Health {
        bool is_well = false;
        std::string words{};
    };
    [[nodiscard]] Health health() const;
    [[nodiscard]] std::string metrics() const;

private:
    mutable std::mutex mutex_{};
    Figures figures_{};
    std::string trouble_ = "starting";
    std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
};

} // namespace margin_service
