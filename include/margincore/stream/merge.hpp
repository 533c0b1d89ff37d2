// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <queue>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/stream/event_reader.hpp>
#include <margincore/stream/message.hpp>

namespace margincore::stream {

/// Orders messages of several partitions by the time of their events, each partition in its own order: what is at the
/// head of a partition goes first where its event is earliest. Events of one time go by topic (`InputTopic`), then by
/// partition. A message that cannot be read goes with what is before it.
///
/// The order is that of the log alone, so that a second reading gives the same.
/// @param messages  Of one partition in the order of its offsets. They are moved from.
[[nodiscard]] inline std::vector<ReadMessage> merge_by_time(std::vector<ReadMessage> messages) {
    struct Head {
        EventTime time;
        std::size_t topic;
        std::int32_t partition;
        std::size_t queue;
        bool operator>(const Head& other) const {
            return std::tie(time, topic, partition) > std::tie(other.time, other.topic, other.partition);
        }
    };
    std::map<std::pair<std::string_view, std::int32_t>, std::vector<std::size_t>> partitions;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        partitions[{messages[i].message.topic, messages[i].message.partition}].push_back(i);
    }
    std::vector<std::pair<const std::vector<std::size_t>*, std::size_t>> queues; // the messages of one, and the next
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    const auto push = [&](std::size_t queue) {
        const auto& [rows, next] = queues[queue];
        if (next < rows->size()) {
            const ReadMessage& read = messages[(*rows)[next]];
            heads.push({read.time, read.event.index(), read.message.partition, queue});
        }
    };
    for (const auto& [partition, rows] : partitions) {
        queues.emplace_back(&rows, 0);
        push(queues.size() - 1);
    }
    std::vector<ReadMessage> merged;
    merged.reserve(messages.size());
    while (!heads.empty()) {
        const std::size_t queue = heads.top().queue;
        heads.pop();
        auto& [rows, next] = queues[queue];
        merged.push_back(std::move(messages[(*rows)[next++]]));
        push(queue);
    }
    return merged;
}

} // namespace margincore::stream
