// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <margincore/core/text.hpp>
#include <margincore/explain/explanation.hpp>

namespace margincore {

namespace detail {

inline void append_text(std::string& out, const Explanation& node, const std::string& indent, bool is_root,
                        bool is_last) {
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
