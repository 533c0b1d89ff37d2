// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include <margincore/stream/message.hpp>

#include "commit_mark.hpp"
#include "kafka.hpp"

namespace margin_service {

/// Writes outputs and the offsets of the inputs that they come from in one transaction: a reader of committed messages
/// sees both or neither, and each once.
class Publisher {
public:
    /// Connects, and shuts out an older producer with this id: its open transaction is aborted.
    Publisher(const Properties& properties, std::stop_token stop);

    /// Returns when the transaction is committed. Without a broker it waits for one; where the transaction has to be
    /// aborted, the same outputs and offsets go into another, so that nothing is lost or written twice.
    ///
    /// @param mark     Goes beside the offsets.
    /// @throws ServiceError where the producer has been shut out or a stop was asked for and no broker comes.
    void publish(std::span<const margincore::stream::Output> outputs, const Offsets& offsets, const CommitMark& mark,
                 const rd_kafka_consumer_group_metadata_t* group);

    [[nodiscard]] std::uint64_t transactions() const { return transactions_; }
    [[nodiscard]] std::uint64_t aborted() const { return aborted_; }
    [[nodiscard]] std::uint64_t written() const { return written_; }

private:
    enum class Outcome { done, aborted };

    template <class Call>
    [[nodiscard]] Outcome request(std::string_view what, Call call);
    [[nodiscard]] Outcome attempt(std::span<const margincore::stream::Output> outputs, const Offsets& offsets,
                                  const CommitMark& mark, const rd_kafka_consumer_group_metadata_t* group);
    void produce(const margincore::stream::Output& output);
    void abort();

    std::stop_token stop_;
    Client client_;
    std::uint64_t transactions_ = 0;
    std::uint64_t aborted_ = 0;
    std::uint64_t written_ = 0;
};

} // namespace margin_service
