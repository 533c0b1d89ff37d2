// SPDX-License-Identifier: Apache-2.0
#include "kafka.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include <fmt/format.h>

namespace margin_service {

Client make_client(rd_kafka_type_t type, const Properties& properties,
                   void (*on_error)(rd_kafka_t*, int, const char*, void*), void* opaque) {
    std::array<char, 512> message{};
    std::unique_ptr<rd_kafka_conf_t, Free<rd_kafka_conf_destroy>> conf(rd_kafka_conf_new());
    for (const auto& [key, value] : properties) {
        if (rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), message.data(), message.size()) !=
            RD_KAFKA_CONF_OK) {
            throw ServiceError(message.data());
        }
    }
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    rd_kafka_conf_set_opaque(conf.get(), opaque);
    Client client(rd_kafka_new(type, conf.get(), message.data(), message.size()));
    if (client == nullptr) {
        throw ServiceError(message.data());
    }
    static_cast<void>(conf.release()); // the client's now
    return client;
}

PartitionList partition_list(const Offsets& offsets, std::string_view metadata) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& [partition, offset] : offsets) {
        rd_kafka_topic_partition_t* added =
            rd_kafka_topic_partition_list_add(list.get(), partition.first.c_str(), partition.second);
        added->offset = offset;
        if (!metadata.empty()) {
            added->metadata = std::malloc(metadata.size()); // the list frees it
            if (added->metadata == nullptr) {
                throw std::bad_alloc();
            }
            std::memcpy(added->metadata, metadata.data(), metadata.size());
            added->metadata_size = metadata.size();
        }
    }
    return list;
}

std::string text(const TopicPartition& partition) { return fmt::format("{}[{}]", partition.first, partition.second); }

} // namespace margin_service
