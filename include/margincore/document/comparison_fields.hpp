// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include <margincore/account/comparison.hpp>
#include <margincore/document/fields.hpp>

/// The fields of the structs of a comparison of methods, as `fields.hpp` has those of the other documents.
namespace margincore::document {

template <>
inline constexpr auto fields<MethodRefusal> =
    std::tuple{Field{"where", &MethodRefusal::where, "Place in the document."},
               Field{"message", &MethodRefusal::message, "As the error of evaluating says it."}};

template <>
inline constexpr auto fields<MethodFigures> = std::tuple{
    Field{"net_liquidation", &MethodFigures::net_liquidation, "Cash and everything at market, USD."},
    Field{"equity", &MethodFigures::equity, "What counts toward the requirement, USD."},
    Field{"requirement", &MethodFigures::requirement, "Initial, maintenance, add-ons and total."},
    Field{"excess", &MethodFigures::excess, "Equity less each requirement."},
    Field{"net_requirement", &MethodFigures::net_requirement, "Net liquidation value less maintenance excess, USD."},
    Field{"lower_bound", &MethodFigures::lower_bound, "Proven for net_requirement, USD."}};

template <>
inline constexpr auto fields<ComparedGroup> = std::tuple{
    Field{"id", &ComparedGroup::id, "Of the top group of portfolio margin; None of what is not eligible."},
    Field{"positions", &ComparedGroup::positions, "Symbols."},
    Field{"quantities", &ComparedGroup::quantities, "Of each position, negative when short; of a basket its part."},
    Field{"portfolio", &ComparedGroup::portfolio, "Requirement under portfolio margin, USD, >= 0."},
    Field{"strategy", &ComparedGroup::strategy,
          "Net requirement by strategy as an account of their own without cash, USD; None where that is refused."},
    Field{"difference", &ComparedGroup::difference, "Strategy less portfolio, USD; None likewise."},
    Field{"refused", &ComparedGroup::refused, "Why strategy is None."}};

template <>
inline constexpr auto fields<Comparison> = std::tuple{
    Field{"account_id", &Comparison::account_id, "From the document; None where it has none."},
    Field{"rulebook", &Comparison::rulebook, "Name of the rulebook."},
    Field{"valuation_date", &Comparison::valuation_date, "ISO date."},
    Field{"strategy", &Comparison::strategy, "Figures by strategy; None where that refuses the account."},
    Field{"portfolio", &Comparison::portfolio, "Figures under portfolio margin; None likewise."},
    Field{"strategy_refused", &Comparison::strategy_refused, "Why strategy is None."},
    Field{"portfolio_refused", &Comparison::portfolio_refused, "Why portfolio is None."},
    Field{"lower", &Comparison::lower,
          "Whose net requirement is less: strategy, portfolio, or equal to the cent; None where one is refused."},
    Field{"difference", &Comparison::difference,
          "Net requirement by strategy less that of portfolio margin, USD; None likewise."},
    Field{"groups", &Comparison::groups, "Each position in one; empty where portfolio margin refuses the account."},
    Field{"between_groups", &Comparison::between_groups,
          "Net requirement by strategy less the sum over the groups, for offsets across them, USD; None likewise."},
    Field{"warnings", &Comparison::warnings, "What a reader should know; none makes a figure wrong."}};

} // namespace margincore::document
