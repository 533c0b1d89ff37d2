// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// Why a method cannot margin positions, as the error of evaluating them says it.
struct MethodRefusal {
    std::string where{};   ///< The place in the caller's data.
    std::string message{}; ///< Place, rule broken and value got.

    friend bool operator==(const MethodRefusal&, const MethodRefusal&) = default;
};

/// The figures of an account under one method, as its report has them.
struct MethodFigures {
    Money net_liquidation = 0.0; ///< Cash and everything at market: the same under both.
    Money equity = 0.0;          ///< What counts toward the requirement.
    Requirement requirement{};
    Excess excess{};
    Money net_requirement = 0.0; ///< Net liquidation value less maintenance excess: what compares.
    Money lower_bound = 0.0;     ///< Proven for `net_requirement`.

    friend bool operator==(const MethodFigures&, const MethodFigures&) = default;
};

/// Which method asks for less.
enum class LowerMethod : std::uint8_t { strategy, portfolio, equal };

template <>
inline constexpr std::array names<LowerMethod> = {Name{LowerMethod::strategy, "strategy"},
                                                  Name{LowerMethod::portfolio, "portfolio"},
                                                  Name{LowerMethod::equal, "equal"}};

/// Up to here requirements are equal: printed to the cent they look the same.
inline constexpr Money half_a_cent = 0.005;

/// @param difference  Strategy's net requirement less that of portfolio margin, USD.
[[nodiscard]] constexpr LowerMethod lower_method(Money difference) {
    return difference >= half_a_cent    ? LowerMethod::portfolio
           : difference <= -half_a_cent ? LowerMethod::strategy
                                        : LowerMethod::equal;
}

/// What the positions of one top group of portfolio margin ask for under both methods.
struct ComparedGroup {
    std::optional<std::string> id{};        ///< Of the top group; nothing of what is not eligible.
    std::vector<std::string> positions{};   ///< Symbols.
    std::vector<Quantity> quantities{};     ///< Of each position, negative when short; of a basket its part.
    Money portfolio = 0.0;                  ///< Requirement of the group, with its conversion losses, USD.
    std::optional<Money> strategy{};        ///< Net requirement as an account of their own without cash, USD.
    std::optional<Money> difference{};      ///< Strategy less portfolio, USD.
    std::optional<MethodRefusal> refused{}; ///< Why strategy is nothing.

    friend bool operator==(const ComparedGroup&, const ComparedGroup&) = default;
};

/// One account under the strategy method and under portfolio margin, side by side.
///
/// Net requirements are compared: options count toward equity under portfolio margin only, so that requirements alone
/// do not compare. House add-ons are in `requirement.total` and `excess.total` and in nothing else here.
struct Comparison {
    std::optional<std::string> account_id{};
    std::string rulebook{};
    std::string valuation_date{};
    std::optional<MethodFigures> strategy{};          ///< Nothing where the method refuses the account.
    std::optional<MethodFigures> portfolio{};         ///< Likewise.
    std::optional<MethodRefusal> strategy_refused{};  ///< Why `strategy` is nothing.
    std::optional<MethodRefusal> portfolio_refused{}; ///< Why `portfolio` is nothing.
    std::optional<LowerMethod> lower{};               ///< Nothing where there is nothing to compare with.
    std::optional<Money> difference{};                ///< Strategy's net requirement less portfolio margin's, USD.
    std::vector<ComparedGroup> groups{};              ///< Each position in one; empty where portfolio margin refuses.

    /// What strategy asks for beyond the groups' sum, for offsets across them: the differences of the groups and this
    /// add up to `difference`. Nothing where strategy refuses.
    std::optional<Money> between_groups{};
    std::vector<Warning> warnings{};

    friend bool operator==(const Comparison&, const Comparison&) = default;
};

} // namespace margincore
