// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// The group table that applies where the caller gives none.
///
/// Ours, not OCC's, whose tables are for its members: ranges are those of FINRA 4210(g)(2)(F), offsets those of SEC
/// Rule 15c3-1a(b)(1)(iv)(B), and which index is in which group follows the product groups that brokers publish. Ids
/// are the first symbol of a class, its index.
[[nodiscard]] inline const GroupTable& default_group_table() {
    static const GroupTable table{
        .classes =
            {
                {"SPX",
                 "BROAD_HC",
                 {{"SPX"},
                  {"XSP"},
                  {"SPY"},
                  {"VOO"},
                  {"IVV"},
                  {"ES"},
                  {"MES"},
                  {"SSO", 2},
                  {"UPRO", 3},
                  {"SPXL", 3},
                  {"SH", -1},
                  {"SDS", -2},
                  {"SPXU", -3},
                  {"SPXS", -3}}},
                {"OEX", "BROAD_HC", {{"OEX"}, {"XEO"}}},
                {"DJX",
                 "BROAD_HC",
                 {{"DJX"}, {"DIA"}, {"YM"}, {"MYM"}, {"DDM", 2}, {"UDOW", 3}, {"DOG", -1}, {"DXD", -2}, {"SDOW", -3}}},
                {"RUI", "BROAD_HC", {{"RUI"}, {"IWB"}}},
                {"RUA", "BROAD_HC", {{"RUA"}, {"IWV"}}},
                {"RLG", "GROWTH_HC", {{"RLG"}, {"IWF"}}},
                {"SPYG", "GROWTH_HC", {{"SPYG"}}},
                {"RLV", "VALUE_HC", {{"RLV"}, {"IWD"}}},
                {"SPYV", "VALUE_HC", {{"SPYV"}}},
                {"NDX",
                 "NASD_MKT",
                 {{"NDX"},
                  {"XND"},
                  {"QQQ"},
                  {"NQ"},
                  {"MNQ"},
                  {"QLD", 2},
                  {"TQQQ", 3},
                  {"PSQ", -1},
                  {"QID", -2},
                  {"SQQQ", -3}}},
                {"COMP", "NASD_MKT", {{"COMP"}, {"ONEQ"}}},
                {"RUT",
                 "SMALL_CAP",
                 {{"RUT"},
                  {"MRUT"},
                  {"IWM"},
                  {"RTY"},
                  {"M2K"},
                  {"UWM", 2},
                  {"TNA", 3},
                  {"RWM", -1},
                  {"TWM", -2},
                  {"TZA", -3}}},
                {"SML", "SMALL_CAP", {{"SML"}, {"IJR"}}},
                {"OSX", "OIL_SERVICES", {{"OSX"}, {"OIH"}}},
                {"BKX", "BANKS", {{"BKX"}, {"KBE"}}},
            },
        .products =
            {
                {"BROAD_HC", "Broad-based, high capitalization", high_capitalization_range, 0.90, "US_DIVERSIFIED"},
                {"GROWTH_HC", "Growth, high capitalization", high_capitalization_range, 0.90, "US_DIVERSIFIED"},
                {"VALUE_HC", "Value, high capitalization", high_capitalization_range, 0.90, "US_DIVERSIFIED"},
                {"NASD_MKT", "Nasdaq market", broad_based_range, 0.75, "US_DIVERSIFIED"},
                {"SMALL_CAP", "Small capitalization", broad_based_range, 0.75, "US_DIVERSIFIED"},
                {"OIL_SERVICES", "Oil services", equity_range, 0.90},
                {"BANKS", "Banks", equity_range, 0.90},
            },
        .portfolios = {{"US_DIVERSIFIED", "US diversified indices", 0.50}},
    };
    return table;
}

} // namespace margincore
