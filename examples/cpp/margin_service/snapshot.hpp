// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kafka.hpp"

namespace margin_service {

/// The state of an engine behind these offsets of the log, so that a start need not read what is before them.
struct Snapshot {
    std::string settings{}; ///< Text under which it was made; under another it is of no use.
    Offsets offsets{};
    std::string state{};
};

/// Writes beside the file, and puts it in its place when it is on the disk: a crash leaves the old one or the new one.
///
/// @throws std::system_error naming the file.
void write_snapshot(const std::filesystem::path& file, const Snapshot& snapshot);

/// What was written; nothing, with a line in the log, where there is no file or it is damaged or was made under other
/// settings: it saves time and is never needed.
[[nodiscard]] std::optional<Snapshot> read_snapshot(const std::filesystem::path& file, const std::string& settings);

/// Whether a start can go on from it: every partition is there, and none is beyond what is committed.
[[nodiscard]] bool serves(const Snapshot& snapshot, const Offsets& committed);

} // namespace margin_service
