// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include <margincore/core/units.hpp>
#include <margincore/explain/explanation.hpp>

namespace margincore {

/// An amount as people write it, to the cent: `-1,234.50`.
[[nodiscard]] inline std::string money_text(Money amount) {
    constexpr std::size_t group = 3;
    std::string digits = fmt::format("{:.2f}", std::abs(amount));
    for (std::size_t end = digits.size() - group; end > group; end -= group) {
        digits.insert(end - group, ",");
    }
    const bool is_negative = amount < 0 && digits.find_first_not_of("0.,") != std::string::npos;
    return (is_negative ? "-" : "") + digits;
}

namespace detail {

inline void append_text(std::string& out, const Explanation& node, const std::string& indent, bool is_root, bool is_last) {
    std::string head = is_root ? node.label : indent + (is_last ? "`- " : "|- ") + node.label;
    if (node.amount) {
        head += " " + money_text(*node.amount);
    }
    out += head;
    if (!node.citation.empty()) {
        out += "  [" + node.citation + "]";
    }
    if (!node.why.empty()) {
        out += "  " + node.why;
    }
    out += "\n";
    const std::string deeper = is_root ? "" : indent + (is_last ? "   " : "|  ");
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
        append_text(out, node.parts[i], deeper, false, i + 1 == node.parts.size());
    }
}

} // namespace detail

/// The tree as text, one figure a line.
[[nodiscard]] inline std::string to_text(const Explanation& explanation) {
    std::string out;
    detail::append_text(out, explanation, "", true, true);
    return out;
}

} // namespace margincore
