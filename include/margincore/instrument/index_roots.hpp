// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include <margincore/instrument/option_contract.hpp>

namespace margincore {

/// What the root of a listed index option implies.
struct IndexRoot {
    std::string_view root;       ///< As in the OSI symbol.
    std::string_view underlying; ///< Symbol of the index.
    ExerciseStyle style;
    SettlementTime settlement_time;
};

/// Known roots of options on indices, all cash-settled with multiplier 100.
///
/// @source Contract specifications of the listing exchanges: Cboe (SPX, SPXW, XSP, MRUT, RUT, RUTW, VIX, VIXW,
///         OEX, XEO, DJX) and Nasdaq (NDX, NDXP, XND). OEX alone is exercised in the American way.
inline constexpr std::array<IndexRoot, 14> index_roots = {{
    {"SPX", "SPX", ExerciseStyle::european, SettlementTime::am},
    {"SPXW", "SPX", ExerciseStyle::european, SettlementTime::pm},
    {"XSP", "XSP", ExerciseStyle::european, SettlementTime::pm},
    {"NDX", "NDX", ExerciseStyle::european, SettlementTime::am},
    {"NDXP", "NDX", ExerciseStyle::european, SettlementTime::pm},
    {"XND", "XND", ExerciseStyle::european, SettlementTime::pm},
    {"RUT", "RUT", ExerciseStyle::european, SettlementTime::am},
    {"RUTW", "RUT", ExerciseStyle::european, SettlementTime::pm},
    {"MRUT", "MRUT", ExerciseStyle::european, SettlementTime::pm},
    {"VIX", "VIX", ExerciseStyle::european, SettlementTime::am},
    {"VIXW", "VIX", ExerciseStyle::european, SettlementTime::am},
    {"OEX", "OEX", ExerciseStyle::american, SettlementTime::pm},
    {"XEO", "XEO", ExerciseStyle::european, SettlementTime::pm},
    {"DJX", "DJX", ExerciseStyle::european, SettlementTime::am},
}};

/// The entry of an index root; null where the root is not that of a known index.
[[nodiscard]] constexpr const IndexRoot* find_index_root(std::string_view root) {
    for (const IndexRoot& entry : index_roots) {
        if (entry.root == root) {
            return &entry;
        }
    }
    return nullptr;
}

} // namespace margincore
