// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace margin_service {

/// What the service writes beside the offsets that it commits.
struct CommitMark {
    bool is_complete = false;    ///< Nothing was left to be published that came before the offsets.
    std::uint64_t settings = 0;  ///< Fingerprint of the settings of the results; 0 where nothing was committed.
    std::int64_t generation = 0; ///< How often the settings have changed: versions are raised by it.

    bool operator==(const CommitMark&) const = default;
};

[[nodiscard]] inline std::string text(const CommitMark& mark) {
    return fmt::format("{} {} {}", mark.is_complete ? 1 : 0, mark.settings, mark.generation);
}

/// The mark of a text; that of nothing committed where it is none.
[[nodiscard]] inline CommitMark read_mark(std::string_view text) {
    CommitMark mark;
    std::istringstream stream{std::string(text)};
    stream >> mark.is_complete >> mark.settings >> mark.generation;
    return stream ? mark : CommitMark();
}

} // namespace margin_service
