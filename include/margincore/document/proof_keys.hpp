// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <margincore/requirement/strategy/pairing_certificate.hpp>

namespace margincore::document::detail {

/// What a variable or row of a proof has beside its kind.
struct ProofKeys {
    bool has_cut = false;
    std::string_view index{}; ///< Key of the index; empty where it has none.
    bool has_right = false;
};

[[nodiscard]] inline ProofKeys keys_of(ProofVariable::Kind kind) {
    using Kind = ProofVariable::Kind;
    switch (kind) {
    case Kind::in_spread:
        return {true, "series", false};
    case Kind::greatest_loss:
        return {true, "", false};
    case Kind::carry:
        return {true, "", true};
    case Kind::combination:
        return {false, "combination", false};
    case Kind::premium_only:
    case Kind::alone:
        break;
    }
    return {false, "series", false};
}

[[nodiscard]] inline ProofKeys keys_of(ProofRow::Kind kind) {
    using Kind = ProofRow::Kind;
    switch (kind) {
    case Kind::balance:
    case Kind::small_balance:
        return {true, "", true};
    case Kind::strike:
        return {true, "series", false};
    case Kind::straddles:
        return {false, "series", true};
    case Kind::stock:
        return {false, "stock", false};
    case Kind::rounded:
        return {};
    case Kind::holding:
    case Kind::straddle_limit:
        break;
    }
    return {false, "series", false};
}

} // namespace margincore::document::detail
