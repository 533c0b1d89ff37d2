// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <margincore/core/names.hpp>
#include <margincore/stream/message.hpp>

#include "log.hpp"
#include "publisher.hpp"

namespace margin_service {

namespace stream = margincore::stream;

namespace {

constexpr int request_timeout = 5000; // ms
constexpr std::size_t few = 64;       // messages of a partition in the merge below which more are taken from Kafka

// In the order in which events of one time are applied. The clock is for engines that have none of their own.
constexpr std::array topics = {stream::InputTopic::betas, stream::InputTopic::volatilities, stream::InputTopic::prices,
                               stream::InputTopic::cash, stream::InputTopic::fills};

std::optional<std::string_view> bytes(const void* data, std::size_t size) {
    return data != nullptr ? std::optional(std::string_view(static_cast<const char*>(data), size)) : std::nullopt;
}

void on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* opaque) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        static_cast<std::atomic<bool>*>(opaque)->store(true);
    }
    log("consumer: {}", reason);
}

void require(rd_kafka_resp_err_t error, std::string_view what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw ServiceError(fmt::format("{}: {}", what, rd_kafka_err2str(error)));
    }
}

/// Repeats a request while no broker answers it.
template <class Request>
void request(const std::stop_token& stop, std::string_view what, Request send) {
    for (rd_kafka_resp_err_t error = send(); error != RD_KAFKA_RESP_ERR_NO_ERROR; error = send()) {
        if (stop.stop_requested()) {
            throw ServiceError(fmt::format("stopped while waiting to {}", what));
        }
        log("waits to {}: {}", what, rd_kafka_err2str(error));
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

} // namespace

Input::Input(const Properties& properties, std::stop_token stop)
    : client_(make_client(RD_KAFKA_CONSUMER, properties, on_error, &all_brokers_down_)) {
    require(rd_kafka_poll_set_consumer(client_.get()), "events");
    events_.reset(rd_kafka_queue_get_consumer(client_.get()));
    rd_kafka_queue_io_event_enable(events_.get(), wake_.writing_end(), "1", 1);
    find_partitions(stop);
    merge_ = Merge<Received>(partitions_.size());
    PartitionList list;
    request(stop, "read the committed offsets", [&] {
        list = partition_list(offsets());
        return rd_kafka_committed(client_.get(), list.get(), request_timeout);
    });
    for (int i = 0; i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& read = list->elems[i];
        require(read.err, "the committed offsets");
        committed_[{read.topic, read.partition}] = (std::max)(read.offset, std::int64_t{0});
        // All partitions are committed together. One that was added since says nothing.
        const CommitMark mark = read_mark(bytes(read.metadata, read.metadata_size).value_or(""));
        mark_.is_complete = mark.is_complete && (i == 0 || mark_.is_complete);
        mark_.settings = (std::max)(mark_.settings, mark.settings);
        mark_.generation = (std::max)(mark_.generation, mark.generation);
    }
}

void Input::find_partitions(std::stop_token stop) {
    for (const stream::InputTopic known : topics) {
        const std::string_view topic = margincore::name_of(known);
        const std::string name(topic);
        using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Free<rd_kafka_metadata_destroy>>;
        Metadata metadata;
        const std::unique_ptr<rd_kafka_topic_t, Free<rd_kafka_topic_destroy>> handle(
            rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
        request(stop, "find topic " + name, [&] {
            const struct rd_kafka_metadata* read = nullptr;
            const auto error = rd_kafka_metadata(client_.get(), 0, handle.get(), &read, request_timeout);
            metadata.reset(read);
            return error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : metadata->topics[0].err;
        });
        for (std::int32_t number = 0; number < metadata->topics[0].partition_cnt; ++number) {
            Partition& partition = partitions_.emplace_back();
            partition.name = {name, number};
            partition.topic = topic;
            std::int64_t first = 0;
            request(stop, "find the end of " + text(partition.name), [&] {
                return rd_kafka_query_watermark_offsets(client_.get(), name.c_str(), number, &first, &partition.end,
                                                        request_timeout);
            });
            partition.given = first;
            partition.queue.reset(rd_kafka_queue_get_partition(client_.get(), name.c_str(), number));
            rd_kafka_queue_forward(partition.queue.get(), nullptr);
            rd_kafka_queue_io_event_enable(partition.queue.get(), wake_.writing_end(), "1", 1);
        }
    }
}

Offsets Input::committed() const { return committed_; }

void Input::start(const Offsets& from, const Offsets& until) {
    for (Partition& partition : partitions_) {
        const std::int64_t first = std::exchange(partition.given, from.at(partition.name));
        partition.received = partition.given;
        partition.until = until.at(partition.name);
        if (partition.given < first) {
            throw ServiceError(
                fmt::format("{}: must be kept from offset {} on, or the state cannot be rebuilt; its log "
                            "begins at {}",
                            text(partition.name), partition.given, first));
        }
        if (partition.until > partition.end) {
            throw ServiceError(fmt::format("{}: the group has committed offset {}, but the log ends at {}: it is not "
                                           "the log of that group",
                                           text(partition.name), partition.until, partition.end));
        }
    }
    require(rd_kafka_assign(client_.get(), partition_list(from).get()), "assignment");
}

void Input::go_live() {
    for (std::size_t number = 0; number < partitions_.size(); ++number) {
        partitions_[number].until = no_limit;
        for (Received& received : std::exchange(partitions_[number].held, {})) {
            const std::int64_t time = received.read.time;
            merge_.push(number, time, std::move(received));
        }
    }
}

std::optional<Received> Input::next() {
    auto next = merge_.pop();
    if (!next) {
        receive();
        next = merge_.pop();
    }
    if (!next) {
        return std::nullopt;
    }
    Received& received = next->second;
    partitions_[next->first].given = received.record->offset + 1;
    return std::move(received);
}

void Input::receive() {
    poll_events();
    for (std::size_t number = 0; number < partitions_.size(); ++number) {
        receive(number);
    }
}

void Input::receive(std::size_t number) {
    Partition& partition = partitions_[number];
    if (partition.received < partition.until && merge_.size(number) < few) {
        const auto count = rd_kafka_consume_batch_queue(partition.queue.get(), 0, batch_.data(), batch_.size());
        for (std::size_t i = 0; i < static_cast<std::size_t>((std::max)(count, ssize_t{0})); ++i) {
            take(number, Record(batch_[i]));
        }
    }
    std::int64_t first = 0;
    std::int64_t end = 0;
    if (rd_kafka_get_watermark_offsets(client_.get(), partition.name.first.c_str(), partition.name.second, &first,
                                       &end) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        partition.end = (std::max)(partition.end, end); // -1001 before the first fetch
    }
    merge_.set_awaited(number, partition.received < (std::min)(partition.end, partition.until) && !partition.is_at_end);
}

void Input::take(std::size_t number, Record record) {
    Partition& partition = partitions_[number];
    all_brokers_down_ = false;
    partition.is_at_end = record->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (partition.is_at_end) {
        partition.received = (std::max)(partition.received, record->offset); // control records are not seen
        return;
    }
    if (record->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const std::string what = fmt::format("{}: {}", text(partition.name), rd_kafka_message_errstr(record.get()));
        if (record->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            throw ServiceError(what);
        }
        log("consumer: {}", what); // librdkafka tries again
        return;
    }
    Received received{.record = std::move(record)};
    const rd_kafka_message_t& from = *received.record;
    partition.received = from.offset + 1;
    received.read = stream::read_message({.topic = partition.topic,
                                          .partition = from.partition,
                                          .offset = from.offset,
                                          .timestamp = rd_kafka_message_timestamp(&from, nullptr),
                                          .key = bytes(from.key, from.key_len),
                                          .value = bytes(from.payload, from.len)});
    if (from.offset >= partition.until) {
        partition.held.push_back(std::move(received));
    } else {
        const std::int64_t time = received.read.time;
        merge_.push(number, time, std::move(received));
    }
}

void Input::poll_events() {
    while (const Record event{rd_kafka_consumer_poll(client_.get(), 0)}) {
        if (event->rkt != nullptr && event->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw ServiceError("a message came beside the queue of its partition");
        }
        log("consumer: {}", rd_kafka_message_errstr(event.get()));
        if (event->err == RD_KAFKA_RESP_ERR__FATAL) {
            throw ServiceError(rd_kafka_message_errstr(event.get()));
        }
    }
}

void Input::wait(std::chrono::milliseconds timeout) { wake_.wait(timeout); }

bool Input::has_reached_until() const {
    return merge_.empty() && std::ranges::all_of(partitions_, [](const Partition& partition) {
               return partition.received >= partition.until;
           });
}

bool Input::has_reached(const Offsets& offsets) const {
    return merge_.empty() && std::ranges::all_of(partitions_, [&](const Partition& partition) {
               return partition.received >= offsets.at(partition.name);
           });
}

Offsets Input::offsets() const {
    Offsets offsets;
    for (const Partition& partition : partitions_) {
        offsets[partition.name] = partition.given;
    }
    return offsets;
}

Offsets Input::ends() const {
    Offsets offsets;
    for (const Partition& partition : partitions_) {
        offsets[partition.name] = partition.end;
    }
    return offsets;
}

std::int64_t Input::lag() const {
    std::int64_t lag = 0;
    for (std::size_t number = 0; number < partitions_.size(); ++number) {
        const Partition& partition = partitions_[number];
        if (!partition.is_at_end || merge_.size(number) > 0) { // control records behind the last message do not count
            lag += (std::max)(partition.end - partition.given, std::int64_t{0});
        }
    }
    return lag;
}

GroupMetadata Input::group() const { return GroupMetadata(rd_kafka_consumer_group_metadata(client_.get())); }

bool Input::is_cut_off() {
    if (all_brokers_down_) {
        const struct rd_kafka_metadata* metadata = nullptr;
        constexpr int a_moment = 200; // ms
        if (rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, a_moment) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            all_brokers_down_ = false;
            rd_kafka_metadata_destroy(metadata);
        }
    }
    return all_brokers_down_;
}

} // namespace margin_service
