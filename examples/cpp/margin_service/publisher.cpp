// SPDX-License-Identifier: Apache-2.0
#include "publisher.hpp"

#include <array>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "log.hpp"

namespace margin_service {

using margincore::stream::Output;

namespace {

constexpr int request_timeout = 2000; // ms
constexpr std::chrono::seconds patience_when_stopped(10);

void on_error(rd_kafka_t* /*client*/, int /*code*/, const char* reason, void* /*opaque*/) {
    log("producer: {}", reason);
}

} // namespace

/// Repeats a request of the transaction until it is answered: the answer may be that it has to be aborted.
template <class Call>
Publisher::Outcome Publisher::request(std::string_view what, Call call) {
    using Clock = std::chrono::steady_clock;
    Clock::time_point give_up = Clock::time_point::max();
    for (;;) {
        const Error error(call());
        if (error == nullptr) {
            return Outcome::done;
        }
        const std::string reason = fmt::format("{}: {}", what, rd_kafka_error_string(error.get()));
        if (rd_kafka_error_is_fatal(error.get()) != 0) {
            throw ServiceError(reason + " (another instance with the same group, or a transaction that the broker gave "
                                        "up; a restart goes on from what was committed)");
        }
        if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
            log("{}", reason);
            return Outcome::aborted;
        }
        if (rd_kafka_error_is_retriable(error.get()) == 0) {
            throw ServiceError(reason);
        }
        log("waits to {}", reason);
        if (stop_.stop_requested() && give_up == Clock::time_point::max()) {
            give_up = Clock::now() + patience_when_stopped;
        }
        if (Clock::now() > give_up) {
            throw ServiceError(fmt::format("stopped while waiting to {}", reason));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

Publisher::Publisher(const Properties& properties, std::stop_token stop)
    : stop_(std::move(stop)), client_(make_client(RD_KAFKA_PRODUCER, properties, on_error)) {
    if (request("connect", [&] { return rd_kafka_init_transactions(client_.get(), request_timeout); }) !=
        Outcome::done) {
        throw ServiceError("no transactions");
    }
}

void Publisher::publish(std::span<const Output> outputs, const Offsets& offsets, const CommitMark& mark,
                        const rd_kafka_consumer_group_metadata_t* group) {
    while (attempt(outputs, offsets, mark, group) == Outcome::aborted) {
        abort();
        ++aborted_;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ++transactions_;
    written_ += outputs.size();
}

Publisher::Outcome Publisher::attempt(std::span<const Output> outputs, const Offsets& offsets, const CommitMark& mark,
                                      const rd_kafka_consumer_group_metadata_t* group) {
    const auto must = [&](std::string_view what, auto call) { return request(what, call) == Outcome::done; };
    if (!must("begin", [&] { return rd_kafka_begin_transaction(client_.get()); })) {
        return Outcome::aborted;
    }
    // Offsets first: the broker puts off a transaction while it finishes the one before, and librdkafka asks again
    // after `retry.backoff.ms` for offsets, but not before 20 ms for messages.
    const PartitionList list = partition_list(offsets, text(mark));
    if (!must("send offsets", [&] {
            return rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group, request_timeout);
        })) {
        return Outcome::aborted;
    }
    for (const Output& output : outputs) {
        produce(output);
    }
    return request("commit", [&] { return rd_kafka_commit_transaction(client_.get(), request_timeout); });
}

void Publisher::produce(const Output& output) {
    const std::string topic(output.topic);
    for (;;) {
        std::array<rd_kafka_vu_t, 4> message{};
        message[0].vtype = RD_KAFKA_VTYPE_TOPIC;
        message[0].u.cstr = topic.c_str();
        message[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        message[1].u.i = RD_KAFKA_MSG_F_COPY;
        message[2].vtype = RD_KAFKA_VTYPE_KEY;
        message[2].u.mem.ptr = const_cast<char*>(output.key.data());
        message[2].u.mem.size = output.key.size();
        message[3].vtype = RD_KAFKA_VTYPE_VALUE;
        message[3].u.mem.ptr = const_cast<char*>(output.value.data());
        message[3].u.mem.size = output.value.size();
        const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> refused(
            rd_kafka_produceva(client_.get(), message.data(), message.size()), rd_kafka_error_destroy);
        const rd_kafka_resp_err_t error = refused ? rd_kafka_error_code(refused.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__STATE ||
            error == RD_KAFKA_RESP_ERR__FATAL) {
            return; // where the transaction has failed, the requests that follow say so
        }
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            throw ServiceError(fmt::format("{}: a message of {} with {} bytes: {}", output.topic, output.key,
                                           output.value.size(), rd_kafka_err2str(error)));
        }
        rd_kafka_poll(client_.get(), 10); // back-pressure: nothing is read while outputs queue up
    }
}

void Publisher::abort() {
    if (request("abort", [&] { return rd_kafka_abort_transaction(client_.get(), request_timeout); }) != Outcome::done) {
        throw ServiceError("abort: refused");
    }
}

} // namespace margin_service
