// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/stream/event_reader.hpp>
#include <margincore/stream/message.hpp>

namespace margin_service {

inline constexpr std::string_view echo_topic = "echo.v1";

/// What turns events into results: the margin engine, or an echo that sends each fill on as it came, whose latency is
/// the least that this loop and its delivery guarantee allow.
class Engine {
public:
    /// @param settings  JSON text of a settings document.
    /// @throws margincore::Error naming what is wrong in it.
    [[nodiscard]] static Engine margin(std::string_view settings);
    [[nodiscard]] static Engine echo();
    Engine(Engine&&) noexcept;
    ~Engine();

    void apply(const margincore::stream::ReadMessage& message);
    void absorb(const margincore::stream::ReadMessage& message); ///< As `apply`, of what was answered before.
    void raise_versions(std::int64_t by);                        ///< Of what is published from now on.
    void settle();                                               ///< Closes the open moment.
    void flush();                                                ///< And publishes what was held back.
    void republish();                                            ///< Publishes what every account comes to.
    [[nodiscard]] std::vector<margincore::stream::Output> take();

    [[nodiscard]] std::string save() const;
    /// @throws margincore::Error where the bytes are not of this version.
    void load(std::string_view state);

    /// How often it did what, by a name for metrics.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> counts() const;
    [[nodiscard]] std::chrono::milliseconds settle_after() const; ///< Silence.
    [[nodiscard]] std::chrono::milliseconds flush_after() const;  ///< Silence.

private:
    struct Either;
    explicit Engine(Either either);
    std::unique_ptr<Either> either_;
};

} // namespace margin_service
