// SPDX-License-Identifier: Apache-2.0
#include "engine.hpp"

#include <optional>
#include <variant>

#include <margincore/document/json.hpp>
#include <margincore/stream/margin_engine.hpp>

namespace margin_service {

namespace stream = margincore::stream;
using Counts = std::vector<std::pair<std::string_view, std::uint64_t>>;

namespace {

class EchoEngine {
public:
    void apply(const stream::ReadMessage& read) {
        if (read.message.topic == margincore::name_of(stream::InputTopic::fills)) {
            outputs_.push_back({.topic = echo_topic,
                                .key = std::string(read.message.key.value_or("")),
                                .value = std::string(read.message.value.value_or(""))});
        }
    }
    std::vector<stream::Output> take() { return std::exchange(outputs_, {}); }

private:
    std::vector<stream::Output> outputs_{};
};

Counts counts_of(const EchoEngine& /*engine*/) { return {}; }
Counts counts_of(const stream::MarginEngine& engine) {
    const stream::EngineCounts& counts = engine.counts();
    return {{"fills", counts.fills},     {"cash_movements", counts.movements},   {"repeated", counts.repeated},
            {"late", counts.late},       {"dead_letters", counts.dead_letters},  {"evaluations", counts.evaluations},
            {"results", counts.results}, {"stress_points", counts.stress_points}};
}

} // namespace

struct Engine::Either {
    std::variant<stream::MarginEngine, EchoEngine> engine;

    /// Calls it with the margin engine, if that is what there is.
    template <class Call>
    void margin(Call call) {
        if (auto* engine_ = std::get_if<stream::MarginEngine>(&engine)) {
            call(*engine_);
        }
    }
};

Engine::Engine(Either either) : either_(std::make_unique<Either>(std::move(either))) {}
Engine::Engine(Engine&&) noexcept = default;
Engine::~Engine() = default;

Engine Engine::margin(std::string_view settings) {
    return Engine(Either{stream::MarginEngine(
        stream::read_settings(margincore::document::parse_json(settings, "settings"), "settings"))});
}
Engine Engine::echo() { return Engine(Either{EchoEngine()}); }

void Engine::apply(const stream::ReadMessage& message) {
    std::visit([&](auto& engine) { engine.apply(message); }, either_->engine);
}
void Engine::absorb(const stream::ReadMessage& message) {
    either_->margin([&](stream::MarginEngine& engine) { engine.absorb(message); });
}
void Engine::raise_versions(std::int64_t by) {
    either_->margin([&](stream::MarginEngine& engine) { engine.raise_versions(by); });
}
std::vector<stream::Output> Engine::take() {
    return std::visit([](auto& engine) { return engine.take(); }, either_->engine);
}
Counts Engine::counts() const {
    return std::visit([](const auto& engine) { return counts_of(engine); }, either_->engine);
}

void Engine::settle() {
    either_->margin([](stream::MarginEngine& engine) { engine.settle(); });
}
void Engine::flush() {
    either_->margin([](stream::MarginEngine& engine) { engine.flush(); });
}
void Engine::republish() {
    either_->margin([](stream::MarginEngine& engine) { engine.republish(); });
}
void Engine::load(std::string_view state) {
    either_->margin([&](stream::MarginEngine& engine) { engine.load(state); });
}
std::string Engine::save() const {
    const auto* engine = std::get_if<stream::MarginEngine>(&either_->engine);
    return engine != nullptr ? engine->save() : std::string();
}

std::chrono::milliseconds Engine::settle_after() const {
    const auto* engine = std::get_if<stream::MarginEngine>(&either_->engine);
    return std::chrono::milliseconds(engine != nullptr ? engine->settings().settle : 0);
}
std::chrono::milliseconds Engine::flush_after() const {
    const auto* engine = std::get_if<stream::MarginEngine>(&either_->engine);
    return std::chrono::milliseconds(engine != nullptr ? engine->settings().publish_interval : 0);
}

} // namespace margin_service
