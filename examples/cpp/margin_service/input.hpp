// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <margincore/stream/event_reader.hpp>

#include "commit_mark.hpp"
#include "kafka.hpp"
#include "merge.hpp"
#include "wake_pipe.hpp"

namespace margin_service {

/// A record and the event in it; the event's message looks into the record.
struct Received {
    Record record;
    margincore::stream::ReadMessage read{};
};

/// All partitions of the input topics, read as one stream in the order of event time.
///
/// Each partition has a queue of its own in librdkafka, bounded there; what is taken from it waits in a merge until it
/// is the earliest. Not safe for several threads.
class Input {
public:
    /// Connects, and waits until the topics exist.
    Input(const Properties& properties, std::stop_token stop);

    /// Committed offsets of the group; a partition without one is at the beginning of its log.
    [[nodiscard]] Offsets committed() const;
    /// What the last commit says beside them.
    [[nodiscard]] const CommitMark& mark() const { return mark_; }

    /// Begins to read at offsets; `next` gives what is before `until`.
    ///
    /// @throws ServiceError where the log does not hold those offsets.
    void start(const Offsets& from, const Offsets& until);
    /// Gives what is behind `until` too.
    void go_live();

    /// The next message in order; nothing where none has come or one that is known to come would be earlier.
    [[nodiscard]] std::optional<Received> next();
    /// Sleeps until something comes, but not longer than this.
    void wait(std::chrono::milliseconds timeout);
    void wake() { wake_.ring(); } ///< From any thread.

    [[nodiscard]] bool has_reached_until() const;
    [[nodiscard]] bool has_reached(const Offsets& offsets) const;
    [[nodiscard]] Offsets offsets() const; ///< Behind the last message that `next` gave, of each partition.
    [[nodiscard]] Offsets ends() const;    ///< Of the log, as far as known.
    [[nodiscard]] std::int64_t lag() const;
    [[nodiscard]] GroupMetadata group() const;
    /// Whether no broker could be reached of late. Asks one where the answer was yes.
    [[nodiscard]] bool is_cut_off();

private:
    static constexpr std::int64_t no_limit = (std::numeric_limits<std::int64_t>::max)();

    struct Partition {
        TopicPartition name{};
        std::string_view topic{}; ///< As messages give it.
        Queue queue{};
        std::int64_t given = 0;        ///< Offset behind the last message that `next` gave.
        std::int64_t received = 0;     ///< Offset behind the last that came from Kafka.
        std::int64_t until = no_limit; ///< What is at it or behind is held.
        std::int64_t end = 0;          ///< Of the log, as far as known.
        bool is_at_end = false;        ///< Kafka said so since the last message.
        std::vector<Received> held{};
    };

    void find_partitions(std::stop_token stop);
    void receive();
    void receive(std::size_t number);
    void take(std::size_t number, Record record);
    void poll_events();

    WakePipe wake_{};
    std::atomic<bool> all_brokers_down_ = false;
    Client client_;
    Queue events_{};
    std::vector<Partition> partitions_{};
    Offsets committed_{};
    CommitMark mark_{};
    Merge<Received> merge_{0};
    std::array<rd_kafka_message_t*, 512> batch_{};
};

} // namespace margin_service
