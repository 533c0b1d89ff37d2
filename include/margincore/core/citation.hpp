// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace margincore {

/// The paragraph that a figure applies. Both parts have static storage.
struct Citation {
    std::string_view document;  ///< "FINRA 4210"
    std::string_view paragraph; ///< "(c)(1)"

    friend bool operator==(const Citation&, const Citation&) = default;
};

/// The citation as people write it: `FINRA 4210(c)(1)`.
[[nodiscard]] inline std::string to_string(const Citation& citation) {
    return std::string(citation.document) + std::string(citation.paragraph);
}

} // namespace margincore
