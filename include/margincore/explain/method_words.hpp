// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace margincore {

/// The paragraphs of the figures that every method has, and what they are.
struct MethodWords {
    std::string_view initial;
    std::string_view initial_why;
    std::string_view maintenance;
    std::string_view total;
    std::string_view initial_excess_label;
    std::string_view initial_excess;
    std::string_view excess;
    std::string_view withdrawable;
    std::string_view withdrawable_why;
};

inline constexpr MethodWords strategy_words{
    .initial = "12 CFR 220.12; FINRA 4210(b)",
    .initial_why = "of the positions as they stand, never below maintenance",
    .maintenance = "FINRA 4210(c), (e)",
    .total = "FINRA 4210(c), (d)(1)",
    .initial_excess_label = "Regulation T excess",
    .initial_excess = "12 CFR 220.4(c)",
    .excess = "FINRA 4210(c)",
    .withdrawable = "12 CFR 220.4(e)(1); FINRA 4210(b)",
    .withdrawable_why = "leaves no excess below zero, and $2,000 where it borrows or anything is short"};

/// Under portfolio margin Regulation T has no requirement of its own.
inline constexpr MethodWords portfolio_words{.initial = "FINRA 4210(g)(7)",
                                             .initial_why = "that of maintenance: Regulation T exempts the account",
                                             .maintenance = "FINRA 4210(g)(7), (8)",
                                             .total = "FINRA 4210(g)(1), (7)",
                                             .initial_excess_label = "initial excess",
                                             .initial_excess = "FINRA 4210(g)(7)",
                                             .excess = "FINRA 4210(g)(10)",
                                             .withdrawable = "FINRA 4210(g)(10)",
                                             .withdrawable_why = "leaves no excess below zero"};

[[nodiscard]] constexpr const MethodWords& words_of_method(std::string_view method) {
    return method == "portfolio" ? portfolio_words : strategy_words;
}

} // namespace margincore
