// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace margin_service {

/// What librdkafka hands out, freed by itself.
template <auto function>
struct Free {
    template <class T>
    void operator()(T* of) const {
        function(of);
    }
};
using Client = std::unique_ptr<rd_kafka_t, Free<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Free<rd_kafka_queue_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Free<rd_kafka_topic_partition_list_destroy>>;
using Record = std::unique_ptr<rd_kafka_message_t, Free<rd_kafka_message_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Free<rd_kafka_error_destroy>>;
using GroupMetadata =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, Free<rd_kafka_consumer_group_metadata_destroy>>;

/// Something that cannot be mended from inside: the service leaves and its supervisor starts it again.
struct ServiceError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Properties = std::map<std::string, std::string>; ///< Of librdkafka.
using TopicPartition = std::pair<std::string, std::int32_t>;
using Offsets = std::map<TopicPartition, std::int64_t>; ///< Of the message that comes next.

/// A client with these properties.
///
/// @param on_error  Is told of errors that librdkafka mends by itself, when the client is polled.
/// @throws ServiceError naming the property.
[[nodiscard]] Client make_client(rd_kafka_type_t type, const Properties& properties,
                                 void (*on_error)(rd_kafka_t*, int, const char*, void*) = nullptr,
                                 void* opaque = nullptr);

/// @param metadata  Kept beside each offset.
[[nodiscard]] PartitionList partition_list(const Offsets& offsets, std::string_view metadata = {});

[[nodiscard]] std::string text(const TopicPartition& partition); ///< "fills.v1[2]"

} // namespace margin_service
