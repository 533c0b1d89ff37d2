// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/report.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/explain/method_words.hpp>

namespace margincore {

/// A figure with what it is made of: a node of the tree that a person reads.
struct Explanation {
    std::string label{};
    std::optional<Money> amount{}; ///< USD.
    std::string citation{};        ///< The paragraph; empty for a heading.
    std::string why{};             ///< The arithmetic in words.
    std::vector<Explanation> parts{};

    friend bool operator==(const Explanation&, const Explanation&) = default;
};

namespace detail {

[[nodiscard]] inline std::string legs_text(const std::vector<std::string>& positions,
                                           const std::vector<Quantity>& quantities) {
    std::string text{};
    for (std::size_t i = 0; i < positions.size(); ++i) {
        text += (i == 0 ? "" : ", ") + fmt::format("{} {}", quantities[i], positions[i]);
    }
    return text;
}

[[nodiscard]] inline Explanation explain_equity(const Report& report) {
    Explanation equity{"equity", report.equity, "FINRA 4210(a)(5)", "what counts toward the requirement", {}};
    if (!report.pairing.empty()) { // no option stands beside what converts into a short
        equity.citation += ", (f)(2)";
        equity.why += ": no option but what has loan value and a box, stock under a call up to its strike; " +
                      money_text(std::abs(report.equity - report.net_liquidation)) +
                      (report.equity < report.net_liquidation ? " less" : " more") + " than the net liquidation value";
    } else if (report.equity != report.net_liquidation) {
        equity.citation += ", (e)(1)";
        equity.why += ": " + money_text(report.net_liquidation - report.equity) +
                      " of what converts into a short does not, net of the payment";
    }
    return equity;
}

[[nodiscard]] inline Explanation explain_requirement(const Report& report) {
    const MethodWords& words = words_of_method(report.method);
    Explanation initial{"initial requirement",
                        report.requirement.initial,
                        std::string(words.initial),
                        std::string(words.initial_why),
                        {}};
    Explanation maintenance{
        "maintenance requirement", report.requirement.maintenance, std::string(words.maintenance), {}, {}};
    maintenance.citation += report.pairing.empty() ? "" : ", (f)(2)";
    for (const ReportLine& line : report.lines) {
        const std::string label = line.rule + ": " + legs_text(line.positions, line.quantities);
        initial.parts.push_back({label, line.initial, line.initial_citation, line.initial_why, {}});
        maintenance.parts.push_back({label, line.maintenance, line.citation, line.why, {}});
    }
    Explanation add_ons{
        "house add-ons", report.requirement.add_ons, "FINRA 4210(d)(1), the policy's own rates", {}, {}};
    for (const AddOnLine& line : report.add_ons) {
        const std::string legs = legs_text(line.positions, line.quantities);
        add_ons.parts.push_back(
            {line.id + (legs.empty() ? ": account" : ": " + legs), line.amount, line.citation, line.why, {}});
    }
    Explanation total{
        "total requirement", report.requirement.total, std::string(words.total), "maintenance and add-ons", {}};
    total.parts = {std::move(maintenance), std::move(add_ons)};
    return {"requirement", std::nullopt, {}, {}, {std::move(initial), std::move(total)}};
}

/// The paragraph and the arithmetic of a group are those of its line.
[[nodiscard]] inline Explanation explain_group(const PairedPositions& group, const Report& report) {
    Explanation node{group.name + ": " + legs_text(group.positions, group.quantities), group.maintenance, {}, {}, {}};
    for (const ReportLine& line : report.lines) {
        if (line.rule == group.rule && line.positions == group.positions && line.quantities == group.quantities) {
            node.citation = line.citation;
            node.why = line.why;
        }
    }
    if (group.next_best) {
        node.why += fmt::format("; next best {}, {}", group.next_best->rule, money_text(group.next_best->amount));
        const Money more = group.next_best->amount - group.maintenance;
        node.why += ", " + money_text(std::abs(more)) + (more < 0 ? " less" : " more");
    }
    return node;
}

[[nodiscard]] inline Explanation explain_pairing(const Report& report) {
    Explanation node{"pairing", std::nullopt, {}, "how options and the stock beside them are margined together", {}};
    for (const PairedPositions& group : report.pairing) {
        node.parts.push_back(explain_group(group, report));
    }
    return node;
}

/// What stands where a paragraph would: no regulation asks for a stress along a benchmark.
inline constexpr std::string_view stress_source = "no rule; the house's risk report";

[[nodiscard]] inline std::string moves_text(const ReverseStress& moves) {
    const auto text = [](const std::optional<Fraction>& move) {
        return move ? fmt::format("{:+.4f}%", *move * 100) : "none";
    };
    return "down " + text(moves.down) + ", up " + text(moves.up);
}

[[nodiscard]] inline Explanation explain_stress(const Report& report) {
    const BetaWeighted& weighted = *report.beta_weighted;
    const std::string source(stress_source);
    Explanation node{"stress along " + weighted.benchmark,
                     std::nullopt,
                     {},
                     "each underlying moves by beta x move, options repriced; the requirement held",
                     {}};
    std::string why = "sum of quantity x price x beta, an option's quantity by its delta";
    why += weighted.shares ? fmt::format("; {:.2f} shares of {}", *weighted.shares, weighted.benchmark) : "";
    why += weighted.leverage ? fmt::format("; {:.2f} times the net liquidation value", *weighted.leverage) : "";
    node.parts.push_back({"beta-weighted exposure", weighted.exposure, source, why, {}});
    for (const StressPoint& point : *report.stress) {
        node.parts.push_back({fmt::format("{} {:+.2f}%: excess", weighted.benchmark, point.move * 100),
                              point.excess,
                              source,
                              fmt::format("P&L {}; {} with the requirement anew{}", money_text(point.pnl),
                                          money_text(point.excess_remargined), point.underwater ? "; under water" : ""),
                              {}});
    }
    node.parts.push_back({"excess is zero", std::nullopt, source, moves_text(weighted.reverse.excess_zero), {}});
    node.parts.push_back({"equity is zero", std::nullopt, source, moves_text(weighted.reverse.equity_zero), {}});
    return node;
}

[[nodiscard]] inline Explanation explain_underlyings(const Report& report) {
    const auto gains = [](const ShockGains& shocked) {
        return fmt::format("P&L {} at {:+.0f}%, {} at {:+.0f}%", money_text(shocked.down.value_or(0.0)), -shock * 100,
                           money_text(shocked.up.value_or(0.0)), shock * 100);
    };
    const std::string source(stress_source);
    Explanation node{"underlyings, each moving alone",
                     std::nullopt,
                     {},
                     report.shock ? "all at once: " + gains(*report.shock) : "",
                     {}};
    for (const UnderlyingStress& underlying : report.underlyings) {
        node.parts.push_back({underlying.underlying + ": net value",
                              underlying.net_value,
                              source,
                              fmt::format("{:.2f} shares by delta; {}; equity is zero {}", underlying.delta_shares,
                                          gains(underlying.pnl), moves_text(underlying.point_of_no_return)),
                              {}});
    }
    return node;
}

} // namespace detail

/// The report as a tree that a person can read, a paragraph for every number. It walks what was computed and
/// computes nothing.
[[nodiscard]] inline Explanation explain(const Report& report) {
    Explanation root{fmt::format("account {}, {} method, rulebook {}, {}",
                                 one_line(report.account_id.value_or("(no id)")), report.method, report.rulebook,
                                 report.valuation_date),
                     std::nullopt,
                     {},
                     "a computation, not a broker's figure",
                     {}};
    const MethodWords& words = words_of_method(report.method);
    const std::string paragraph(words.excess);
    root.parts = {
        {"net liquidation value", report.net_liquidation, "FINRA 4210(a)(5)", "cash and everything at market", {}},
        detail::explain_equity(report),
        detail::explain_requirement(report),
        {"excess",
         std::nullopt,
         {},
         "equity less requirement",
         {{std::string(words.initial_excess_label),
           report.excess.initial,
           std::string(words.initial_excess),
           "equity less initial requirement",
           {}},
          {"maintenance excess", report.excess.maintenance, paragraph, "equity less maintenance", {}},
          {"house excess", report.excess.total, "FINRA 4210(d)(1)", "equity less total requirement", {}}}},
        {"net requirement", report.net_requirement, paragraph, "net liquidation value less maintenance excess", {}},
        {"maintenance call", report.call.maintenance, paragraph, "what is missing of maintenance", {}},
        {"house call", report.call.house, "FINRA 4210(d)(1)", "what is missing of the total requirement", {}},
        {"withdrawable", report.withdrawable, std::string(words.withdrawable), std::string(words.withdrawable_why), {}},
    };
    if (!report.pairing.empty()) {
        root.parts.insert(root.parts.begin() + 3, detail::explain_pairing(report)); // what the requirement is made of
    }
    if (report.buying_power) {
        root.parts.push_back({"buying power",
                              report.buying_power,
                              "12 CFR 220.12(a); FINRA 4210(c)(1)",
                              "in marginable stock at 50% initial and 25% maintenance",
                              {}});
    }
    if (report.stress && report.beta_weighted) {
        root.parts.push_back(detail::explain_stress(report));
    }
    if (!report.underlyings.empty()) {
        root.parts.push_back(detail::explain_underlyings(report));
    }
    if (!report.call_prices.empty()) {
        Explanation prices{"call prices", std::nullopt, paragraph, "maintenance excess is zero, all else fixed", {}};
        for (const auto& [symbol, call] : report.call_prices) {
            const auto text = [](const std::optional<Price>& price) {
                return price ? fmt::format("{:.4f}", *price) : "none";
            };
            prices.parts.push_back({symbol, std::nullopt, {}, "down " + text(call.down) + ", up " + text(call.up), {}});
        }
        root.parts.push_back(std::move(prices));
    }
    for (const Warning& warning : report.warnings) {
        root.parts.push_back({"warning", std::nullopt, {}, warning.where + ": " + warning.message, {}});
    }
    return root;
}

} // namespace margincore
