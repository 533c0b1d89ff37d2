// SPDX-License-Identifier: Apache-2.0
#include "snapshot.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "log.hpp"

namespace margin_service {

namespace {

constexpr std::string_view schema = "margin-service-snapshot/1";

/// FNV-1a: tells a damaged file, not a forged one.
std::uint64_t checksum(std::string_view bytes) {
    std::uint64_t sum = 14695981039346656037U;
    for (const char byte : bytes) {
        sum = (sum ^ static_cast<unsigned char>(byte)) * 1099511628211U;
    }
    return sum;
}

void write_durably(const std::filesystem::path& file, std::string_view bytes) {
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_written = descriptor >= 0;
    while (is_written && !bytes.empty()) {
        const ssize_t count = write(descriptor, bytes.data(), bytes.size());
        is_written = count >= 0;
        bytes.remove_prefix(is_written ? static_cast<std::size_t>(count) : 0);
    }
    is_written = is_written && fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    if (!is_written) {
        throw std::system_error(error, std::generic_category(), file.string());
    }
}

} // namespace

void write_snapshot(const std::filesystem::path& file, const Snapshot& snapshot) {
    nlohmann::json head = {{"schema", schema},
                           {"settings", snapshot.settings},
                           {"offsets", nlohmann::json::array()},
                           {"bytes", snapshot.state.size()},
                           {"checksum", checksum(snapshot.state)}};
    for (const auto& [partition, offset] : snapshot.offsets) {
        head["offsets"].push_back({partition.first, partition.second, offset});
    }
    std::filesystem::path beside = file;
    beside += ".new";
    write_durably(beside, head.dump() + "\n" + snapshot.state);
    std::filesystem::rename(beside, file);
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor); // the new name
        close(descriptor);
    }
}

std::optional<Snapshot> read_snapshot(const std::filesystem::path& file, const std::string& settings) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        log("no snapshot at {}", file.string());
        return std::nullopt;
    }
    try {
        std::string line;
        std::getline(stream, line);
        const nlohmann::json head = nlohmann::json::parse(line);
        Snapshot snapshot{.settings = head.at("settings").get<std::string>(),
                          .state = std::string(std::istreambuf_iterator(stream), {})};
        for (const nlohmann::json& entry : head.at("offsets")) {
            snapshot.offsets[{entry.at(0).get<std::string>(), entry.at(1).get<std::int32_t>()}] =
                entry.at(2).get<std::int64_t>();
        }
        if (head.at("schema") != schema || head.at("bytes") != snapshot.state.size() ||
            head.at("checksum") != checksum(snapshot.state)) {
            log("snapshot {}: damaged or of another version, left out", file.string());
        } else if (snapshot.settings != settings) {
            log("snapshot {}: made under other settings, left out", file.string());
        } else {
            return snapshot;
        }
    } catch (const nlohmann::json::exception& error) {
        log("snapshot {}: cannot be read, left out: {}", file.string(), error.what());
    }
    return std::nullopt;
}

bool serves(const Snapshot& snapshot, const Offsets& committed) {
    if (snapshot.offsets.size() != committed.size()) {
        return false;
    }
    for (const auto& [partition, offset] : snapshot.offsets) {
        const auto found = committed.find(partition);
        if (found == committed.end() || offset > found->second) {
            return false;
        }
    }
    return true;
}

} // namespace margin_service
