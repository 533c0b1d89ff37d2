// SPDX-License-Identifier: Apache-2.0
#include "status.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace margin_service {

void Histogram::observe(double seconds) {
    const auto bound = std::ranges::lower_bound(bounds, seconds);
    ++counts_[static_cast<std::size_t>(bound - bounds.begin())];
    sum_ += seconds;
}

std::string prometheus_text(const Figures& figures, bool is_live) {
    std::string text;
    const auto out = std::back_inserter(text);
    const auto describe = [&](std::string_view name, std::string_view type, std::string_view help) {
        fmt::format_to(out, "# HELP margin_service_{0} {2}\n# TYPE margin_service_{0} {1}\n", name, type, help);
    };
    const auto single = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
        describe(name, type, help);
        fmt::format_to(out, "margin_service_{} {}\n", name, value);
    };
    single("live", "gauge", "1 when caught up and live.", is_live ? 1 : 0);
    describe("messages_total", "counter", "Messages applied, by topic.");
    for (const auto& [topic, count] : figures.messages) {
        fmt::format_to(out, "margin_service_messages_total{{topic=\"{}\"}} {}\n", topic, count);
    }
    describe("engine_total", "counter", "What the engine counted since the log began, by kind.");
    for (const auto& [kind, count] : figures.engine) {
        fmt::format_to(out, "margin_service_engine_total{{kind=\"{}\"}} {}\n", kind, count);
    }
    single("written_total", "counter", "Messages written in committed transactions.", figures.written);
    single("transactions_total", "counter", "Transactions committed.", figures.transactions);
    single("transactions_aborted_total", "counter", "Transactions aborted and done again.", figures.aborted);
    single("lag_messages", "gauge", "Messages in the log that were not applied yet.", figures.lag);
    single("rebuild_messages", "gauge", "Messages read to rebuild the state at the start.", figures.rebuilt_messages);
    single("rebuild_seconds", "gauge", "Time to rebuild the state at the start.", figures.rebuild_seconds);
    describe("latency_seconds", "histogram", "From the record of a fill or cash event to the commit of its result.");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
        sum += figures.latency.counts()[i];
        fmt::format_to(out, "margin_service_latency_seconds_bucket{{le=\"{}\"}} {}\n", Histogram::bounds[i], sum);
    }
    sum += figures.latency.counts().back();
    fmt::format_to(out, "margin_service_latency_seconds_bucket{{le=\"+Inf\"}} {}\n", sum);
    fmt::format_to(out, "margin_service_latency_seconds_sum {}\n", figures.latency.sum());
    fmt::format_to(out, "margin_service_latency_seconds_count {}\n", sum);
    return text;
}

void Status::report(const Figures& figures, std::string trouble) {
    const std::lock_guard lock(mutex_);
    figures_ = figures;
    trouble_ = std::move(trouble);
    reported_ = std::chrono::steady_clock::now();
}

void Status::say(std::string trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
    reported_ = std::chrono::steady_clock::now();
}

Status::Health Status::health() const {
    constexpr std::chrono::seconds silence(5);
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty()) {
        return {false, trouble_};
    }
    const auto ago = std::chrono::steady_clock::now() - reported_;
    if (ago > silence) {
        return {false, fmt::format("no round for {} s: the broker does not answer, or a round takes long",
                                   std::chrono::duration_cast<std::chrono::seconds>(ago).count())};
    }
    return {true, "live"};
}

std::string Status::metrics() const {
    const bool is_live = health().is_well;
    const std::lock_guard lock(mutex_);
    return prometheus_text(figures_, is_live);
}

} // namespace margin_service
