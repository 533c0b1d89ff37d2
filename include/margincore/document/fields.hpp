// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <margincore/account/contributions.hpp>
#include <margincore/account/enforcement.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/standing.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/account/verify.hpp>
#include <margincore/explain/explanation.hpp>

namespace margincore::document {

/// Whether a document must have a member. One that was added after the first version may be absent.
enum class Presence : std::uint8_t { required, added };

/// One member of a struct as documents and bindings know it.
template <class Struct, class Member>
struct Field {
    std::string_view name;
    Member Struct::* member;
    std::string_view doc; ///< Meaning and unit.
    Presence presence = Presence::required;
};

template <class Struct, class Member>
Field(const char*, Member Struct::*, const char*) -> Field<Struct, Member>;
template <class Struct, class Member>
Field(const char*, Member Struct::*, const char*, Presence) -> Field<Struct, Member>;

/// The members of a struct in the order of its document: the one list from which it is written, read and bound.
/// Specialise with a tuple of `Field`.
template <class Struct>
inline constexpr int fields = 0;

/// A struct that has such a list.
template <class Struct>
concept Documented = !std::is_same_v<decltype(fields<Struct>), const int>;

template <>
inline constexpr auto fields<Requirement> =
    std::tuple{Field{"initial", &Requirement::initial, "Regulation T requirement of the positions as they stand, USD."},
               Field{"maintenance", &Requirement::maintenance, "FINRA 4210 maintenance requirement, USD."},
               Field{"add_ons", &Requirement::add_ons, "House charges on top of maintenance, USD."},
               Field{"total", &Requirement::total, "Maintenance and add-ons, USD."}};

template <>
inline constexpr auto fields<Excess> =
    std::tuple{Field{"initial", &Excess::initial, "Equity less initial requirement (Regulation T excess), USD."},
               Field{"maintenance", &Excess::maintenance, "Equity less maintenance requirement, USD."},
               Field{"total", &Excess::total, "Equity less total requirement, USD."}};

template <>
inline constexpr auto fields<Verification> = std::tuple{
    Field{"status", &Verification::status, "proven, stated (groups that hold, and no proof) or refused."},
    Field{"where", &Verification::where, "What is not proven, the path into the certificate; empty when proven."},
    Field{"what", &Verification::what, "What is not so there."},
    Field{"net_requirement", &Verification::net_requirement,
          "Of the account with its options as certified, USD; 0 when refused."},
    Field{"lower_bound", &Verification::lower_bound, "Of it: proven, or as stated, USD; 0 when refused."}};

template <>
inline constexpr auto fields<MarginCall> =
    std::tuple{Field{"maintenance", &MarginCall::maintenance, "What is missing of maintenance, USD, >= 0."},
               Field{"house", &MarginCall::house, "What is missing of the total requirement, USD, >= 0."}};

template <>
inline constexpr auto fields<ReportLine> = std::tuple{
    Field{"rule", &ReportLine::rule, "Name of the rule: stock.long."},
    Field{"citation", &ReportLine::citation, "Paragraph of the maintenance amount."},
    Field{"positions", &ReportLine::positions, "Symbols."},
    Field{"quantities", &ReportLine::quantities, "Of each position, negative when short."},
    Field{"initial", &ReportLine::initial, "Initial requirement, USD."},
    Field{"maintenance", &ReportLine::maintenance, "Maintenance requirement, USD."},
    Field{"why", &ReportLine::why, "Arithmetic of the maintenance amount."},
    Field{"initial_citation", &ReportLine::initial_citation, "Paragraph of the initial amount.", Presence::added},
    Field{"initial_why", &ReportLine::initial_why, "Arithmetic of the initial amount.", Presence::added}};

template <>
inline constexpr auto fields<AddOnLine> =
    std::tuple{Field{"id", &AddOnLine::id, "Name of the add-on; house_rates for the house's own rates."},
               Field{"citation", &AddOnLine::citation, "Paragraph that lets the house ask."},
               Field{"positions", &AddOnLine::positions, "Symbols; empty for a charge on the whole account."},
               Field{"quantities", &AddOnLine::quantities, "Of each position, negative when short."},
               Field{"amount", &AddOnLine::amount, "Charge, USD, >= 0."},
               Field{"why", &AddOnLine::why, "Arithmetic of the charge."}};

template <>
inline constexpr auto fields<NextBest> =
    std::tuple{Field{"rule", &NextBest::rule, "Name of the rule of the part that would ask for most."},
               Field{"amount", &NextBest::amount,
                     "What the positions would ask for, USD: maintenance and what the excess would lose."}};

template <>
inline constexpr auto fields<PairedPositions> = std::tuple{
    Field{"name", &PairedPositions::name, "What traders call them: iron condor 50/53/67/70."},
    Field{"rule", &PairedPositions::rule, "Name of the rule: strategy.spread."},
    Field{"positions", &PairedPositions::positions, "Symbols."},
    Field{"quantities", &PairedPositions::quantities, "Of each position, negative when short."},
    Field{"maintenance", &PairedPositions::maintenance, "Maintenance requirement, USD, >= 0."},
    Field{"worst_strike", &PairedPositions::worst_strike,
          "Strike at which a spread loses most, USD per unit; None where it loses nowhere and for other rules."},
    Field{"next_best", &PairedPositions::next_best,
          "What the positions would ask for if this group were not allowed; None where that was not asked for or "
          "nothing else is allowed."}};

template <>
inline constexpr auto fields<GroupReport> = std::tuple{
    Field{"id", &GroupReport::id, "Of the group table, or the ticker of a class alone."},
    Field{"level", &GroupReport::level, "class, product or portfolio."},
    Field{"parent", &GroupReport::parent, "Id of the group above; None of a top group."},
    Field{"points", &GroupReport::points,
          "Gain at each of the ten valuation points, USD: of a class netted, above it after its cut."},
    Field{"worst_point", &GroupReport::worst_point, "Point of the greatest loss, counted from 0; of equals the first."},
    Field{"minimum", &GroupReport::minimum, "Minimum of its contracts, USD, >= 0."},
    Field{"requirement", &GroupReport::requirement, "Of a top group, USD; None below."},
    Field{"binding", &GroupReport::binding, "minimum where the minimum raises its requirement, else loss."},
    Field{"gain_used", &GroupReport::gain_used,
          "Gains below it that offset losses, at the worst point of the top group, USD."},
    Field{"gain_cut", &GroupReport::gain_cut, "What the percentage took of them, USD."}};

template <>
inline constexpr auto fields<Deficiency> = std::tuple{
    Field{"amount", &Deficiency::amount, "What equity lacks of the requirement, USD."},
    Field{"opened", &Deficiency::opened, "Day at whose close it arose, ISO."},
    Field{"due", &Deficiency::due, "Third business day after; None where business days are not known."},
    Field{"restricted_from", &Deficiency::restricted_from,
          "Fourth business day after, from which only orders that lower the requirement are allowed; None likewise."},
    Field{"net_capital_from", &Deficiency::net_capital_from,
          "Next business day, from whose close the member deducts it from net capital; None likewise."}};

template <>
inline constexpr auto fields<Warning> = std::tuple{Field{"where", &Warning::where, "Place in the document."},
                                                   Field{"message", &Warning::message, "What to know of it."}};

template <>
inline constexpr auto fields<StressPoint> =
    std::tuple{Field{"move", &StressPoint::move, "Move of the benchmark, a fraction."},
               Field{"pnl", &StressPoint::pnl, "Gain of the positions, USD, gain positive."},
               Field{"net_liquidation", &StressPoint::net_liquidation, "After the move, USD."},
               Field{"excess", &StressPoint::excess, "Total excess after the move, the requirement held, USD."},
               Field{"underwater", &StressPoint::underwater, "The excess is below zero."},
               Field{"excess_remargined", &StressPoint::excess_remargined,
                     "Total excess, the requirement anew at the moved prices, USD."}};

template <>
inline constexpr auto fields<ReverseStresses> =
    std::tuple{Field{"excess_zero", &ReverseStresses::excess_zero,
                     "Nearest moves (down, up) at which the total excess is zero; None where there is none."},
               Field{"equity_zero", &ReverseStresses::equity_zero,
                     "Nearest moves (down, up) at which the net liquidation value is zero; None where there is none."}};

template <>
inline constexpr auto fields<BetaWeighted> = std::tuple{
    Field{"benchmark", &BetaWeighted::benchmark, "Symbol of the benchmark."},
    Field{"exposure", &BetaWeighted::exposure, "Sum of value times beta, USD, long positive."},
    Field{"shares", &BetaWeighted::shares, "Shares of the benchmark with that exposure; None without its price."},
    Field{"leverage", &BetaWeighted::leverage, "|exposure| / net liquidation value; None where that is not positive."},
    Field{"reverse", &BetaWeighted::reverse, "Moves of the benchmark that use up the account."}};

template <>
inline constexpr auto fields<UnderlyingStress> = std::tuple{
    Field{"underlying", &UnderlyingStress::underlying, "Symbol of what moves alone."},
    Field{"net_value", &UnderlyingStress::net_value, "Of everything on it at market, USD, long positive."},
    Field{"delta_shares", &UnderlyingStress::delta_shares, "Units of it with the same gain from a little move."},
    Field{"pnl", &UnderlyingStress::pnl, "Gains (down, up) at -25 % and +25 %, USD."},
    Field{"point_of_no_return", &UnderlyingStress::point_of_no_return,
          "Nearest moves (down, up) that take the net liquidation value to zero; None where there is none."}};

template <>
inline constexpr auto fields<Ladder> = std::tuple{
    Field{"warning_excess", &Ladder::warning_excess, "Warn while 0 <= excess < this share of gross market value."},
    Field{"restrict_after_minutes", &Ladder::restrict_after_minutes,
          "Restrict when a call has been outstanding for longer."},
    Field{"severe_move", &Ladder::severe_move, "Restrict when a benchmark move at least this large leaves a deficit."},
    Field{"liquidate_deficiency", &Ladder::liquidate_deficiency,
          "Liquidate when the deficiency exceeds this share of the requirement."}};

template <>
inline constexpr auto fields<Report> = std::tuple{
    Field{"account_id", &Report::account_id, "From the document; None where it has none."},
    Field{"method", &Report::method, "strategy, portfolio or cash."},
    Field{"rulebook", &Report::rulebook, "Name of the rulebook."},
    Field{"valuation_date", &Report::valuation_date, "ISO date."},
    Field{"net_liquidation", &Report::net_liquidation, "Cash and everything at market, USD."},
    Field{"equity", &Report::equity, "What counts toward the requirement, USD."},
    Field{"gross_value", &Report::gross_value, "Longs and shorts counted separately, at market, USD.", Presence::added},
    Field{"requirement", &Report::requirement, "Initial, maintenance, add-ons and total."},
    Field{"excess", &Report::excess, "Equity less each requirement."},
    Field{"net_requirement", &Report::net_requirement, "Net liquidation value less maintenance excess, USD."},
    Field{"lower_bound", &Report::lower_bound, "Proven for net_requirement, USD."},
    Field{"call", &Report::call, "What the account must bring."},
    Field{"withdrawable", &Report::withdrawable, "The most cash that can be withdrawn, USD, >= 0."},
    Field{"buying_power", &Report::buying_power, "In marginable stock, USD, >= 0."},
    Field{"lines", &Report::lines, "Parts that add up to maintenance and initial."},
    Field{"add_ons", &Report::add_ons, "Charges that add up to requirement.add_ons."},
    Field{"stress", &Report::stress, "Stress table, or None when it was not asked for."},
    Field{"beta_weighted", &Report::beta_weighted,
          "The account in the benchmark, or None when stress was not asked for."},
    Field{"underlyings", &Report::underlyings, "Each underlying moving alone; empty when stress was not asked for.",
          Presence::added},
    Field{"shock", &Report::shock,
          "Gains (down, up) with every underlying at -25 % and +25 %, USD; None when stress was not asked for.",
          Presence::added},
    Field{"call_prices", &Report::call_prices, "By symbol, prices (down, up) at which the maintenance excess is zero."},
    Field{"ladder", &Report::ladder, "Thresholds of enforcement of the policy.", Presence::added},
    Field{"warnings", &Report::warnings, "What a reader should know; none makes a figure wrong."},
    Field{"pairing", &Report::pairing, "Positions that are margined together: every option once.", Presence::added},
    Field{"groups", &Report::groups, "Groups of portfolio margin, of each top group from its classes up; else empty.",
          Presence::added},
    Field{"deficiency", &Report::deficiency,
          "Of portfolio margin, what equity lacks and until when; None where nothing, and under other methods.",
          Presence::added}};

template <>
inline constexpr auto fields<Contribution> = std::tuple{
    Field{"id", &Contribution::id, "Symbol of a position, id of a class group."},
    Field{"positions", &Contribution::positions, "Symbols."},
    Field{"closing", &Contribution::closing,
          "What closing them at market changes of the net requirement, USD; negative where it lowers it."},
    Field{"first_order", &Contribution::first_order,
          "How fast the requirement grows as they grow by their own size, USD; None under the strategy method."},
    Field{"why", &Contribution::why, "What sets the requirement."}};

template <>
inline constexpr auto fields<Contributions> = std::tuple{
    Field{"net_requirement", &Contributions::net_requirement, "Of the account as it stands, with house charges, USD."},
    Field{"positions", &Contributions::positions, "Of each position, in their order."},
    Field{"groups", &Contributions::groups, "Of each class group; empty under the strategy method."}};

template <>
inline constexpr auto fields<Standing> = std::tuple{
    Field{"excess", &Standing::excess, "Total excess, USD."},
    Field{"requirement", &Standing::requirement, "Total requirement, USD, >= 0."},
    Field{"gross_value", &Standing::gross_value, "Longs and shorts counted separately, USD, >= 0."},
    Field{"severe_move", &Standing::severe_move, "The severe benchmark move that leaves the least excess, a fraction."},
    Field{"excess_stressed", &Standing::excess_stressed, "Total excess after that move, USD."}};

template <>
inline constexpr auto fields<EnforcementState> = std::tuple{
    Field{"warned", &EnforcementState::warned, "The excess is thin and nothing worse holds."},
    Field{"call_issued_at", &EnforcementState::call_issued_at,
          "Time of the first event of the outstanding call, ms; None without one."},
    Field{"restricted", &EnforcementState::restricted, "Close only."},
    Field{"liquidating", &EnforcementState::liquidating, "A liquidation has been triggered and is not over."}};

template <>
inline constexpr auto fields<EnforcementEvent> = std::tuple{
    Field{"action", &EnforcementEvent::action,
          "WARNING, MARGIN_CALL, CALL_MET, CLOSE_ONLY, SEVERE_DEFICIENCY, LIQUIDATION_ENDED, RELEASED or ACTIVE."},
    Field{"time", &EnforcementEvent::time, "Time of the event, ms."},
    Field{"excess", &EnforcementEvent::excess, "Total excess at the event, USD."},
    Field{"deficiency", &EnforcementEvent::deficiency, "max(0, -excess), USD."},
    Field{"scenario", &EnforcementEvent::scenario,
          "Severe benchmark move that restricted the account, a fraction; None otherwise."},
    Field{"excess_stressed", &EnforcementEvent::excess_stressed, "Excess under that move, USD; None otherwise."},
    Field{"reason", &EnforcementEvent::reason, "In words."}};

template <>
inline constexpr auto fields<Explanation> =
    std::tuple{Field{"label", &Explanation::label, "What the figure is."},
               Field{"amount", &Explanation::amount, "USD; None for a heading."},
               Field{"citation", &Explanation::citation, "Paragraph; empty for a heading."},
               Field{"why", &Explanation::why, "Arithmetic in words."},
               Field{"parts", &Explanation::parts, "What it is made of."}};

/// Calls `visit(field)` for every field of a struct, in order.
template <Documented Struct, class Visit>
void for_each_field(Visit&& visit) {
    std::apply([&](const auto&... field) { (visit(field), ...); }, fields<Struct>);
}

} // namespace margincore::document
