// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <charconv>
#include <cstddef>
#include <utility>

namespace margin_service {

const char* const usage = R"(usage: margin_service --brokers HOST:PORT[,...] --settings FILE [options]
  --brokers LIST            Kafka brokers
  --settings FILE           settings of the engine (JSON)
  --group NAME              consumer group and transactional id (margin-service)
  --snapshot FILE           where the state is kept, to start sooner
  --snapshot-interval SEC   between snapshots (60)
  --http HOST:PORT | none   /health and /metrics (127.0.0.1:9464; port 0 takes a free one)
  --kafka KEY=VALUE         a librdkafka property of both clients; may be repeated
  --echo                    send each fill on as it came, without a margin engine: the floor of the latency
)";

Options read_options(const std::vector<std::string>& arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& name = arguments[i];
        if (name == "--echo") {
            options.is_echo = true;
            continue;
        }
        if (i + 1 == arguments.size()) {
            throw UsageError(name + ": must be an option that is followed by its value");
        }
        const std::string& value = arguments[++i];
        if (name == "--brokers") {
            options.brokers = value;
        } else if (name == "--settings") {
            options.settings = value;
        } else if (name == "--group") {
            options.group = value;
        } else if (name == "--snapshot") {
            options.snapshot = value;
        } else if (name == "--snapshot-interval") {
            int seconds = 0;
            const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
            if (read.ec != std::errc() || read.ptr != value.data() + value.size() || seconds < 1) {
                throw UsageError(name + ": must be whole seconds, at least 1, got " + value);
            }
            options.snapshot_interval = std::chrono::seconds(seconds);
        } else if (name == "--http") {
            options.http = value;
        } else if (name == "--kafka" && value.find('=') != std::string::npos) {
            options.kafka[value.substr(0, value.find('='))] = value.substr(value.find('=') + 1);
        } else {
            throw UsageError(name + " " + value + ": not known");
        }
    }
    if (options.brokers.empty() || (options.settings.empty() && !options.is_echo)) {
        throw UsageError("--brokers and --settings must be given");
    }
    return options;
}

namespace {

Properties with(Properties properties, const Options& options) {
    properties.merge(Properties{{"bootstrap.servers", options.brokers},
                                {"client.id", options.group},
                                {"socket.nagle.disable", "true"},
                                {"reconnect.backoff.max.ms", "1000"}});
    for (const auto& [key, value] : options.kafka) {
        properties[key] = value;
    }
    return properties;
}

} // namespace

Properties consumer_properties(const Options& options) {
    return with({{"group.id", options.group},
                 {"enable.auto.commit", "false"},
                 {"enable.auto.offset.store", "false"},
                 {"enable.partition.eof", "true"},
                 {"auto.offset.reset", "error"},
                 {"isolation.level", "read_committed"},
                 {"fetch.min.bytes", "1"},
                 {"fetch.wait.max.ms", "20"},
                 {"fetch.error.backoff.ms", "100"},
                 {"queued.max.messages.kbytes", "16384"}}, // of each partition
                options);
}

Properties producer_properties(const Options& options) {
    return with({{"transactional.id", options.group},
                 {"transaction.timeout.ms", "300000"}, // how long a broker may be gone within a transaction
                 {"message.timeout.ms", "300000"},
                 {"message.max.bytes", "8000000"}, // a result with the document of an account of many positions
                 {"partitioner", "murmur2_random"}, // as the Java and Python clients place a key
                 {"linger.ms", "1"},
                 {"retry.backoff.ms", "2"}, // while the broker finishes the transaction before
                 {"queue.buffering.max.messages", "100000"}},
                options);
}

} // namespace margin_service
