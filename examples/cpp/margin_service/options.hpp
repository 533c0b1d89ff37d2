// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kafka.hpp"

namespace margin_service {

struct Options {
    std::string brokers{};
    std::filesystem::path settings{};
    std::string group = "margin-service"; ///< Of the committed offsets, and the producer's transactional id.
    std::optional<std::filesystem::path> snapshot{};
    std::chrono::seconds snapshot_interval{60};
    std::string http = "127.0.0.1:9464"; ///< "none" for none.
    bool is_echo = false;
    Properties kafka{}; ///< Of both clients, over those below: security, say.
};

struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

extern const char* const usage;

/// @throws UsageError naming the argument.
[[nodiscard]] Options read_options(const std::vector<std::string>& arguments);

[[nodiscard]] Properties consumer_properties(const Options& options);
[[nodiscard]] Properties producer_properties(const Options& options);

} // namespace margin_service
