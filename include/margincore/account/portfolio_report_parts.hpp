// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/call_prices.hpp>
#include <margincore/account/deficiency.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore::detail {

/// The groups of an account as reported.
[[nodiscard]] inline std::vector<GroupReport> group_reports(const PortfolioRows& rows,
                                                            std::span<const GroupGains<>> groups) {
    std::vector<GroupReport> reports;
    for (const GroupGains<>& group : groups) {
        const GroupTree::Group& of = rows.tree(group.level, group.group);
        GroupReport report{.id = of.id,
                           .level = group.level,
                           .points = {group.points.begin(), group.points.end()},
                           .worst_point = static_cast<std::int64_t>(group.worst_point()),
                           .minimum = group.minimum,
                           .binding = group.binding(),
                           .gain_used = group.gain.used,
                           .gain_cut = group.gain.cut};
        if (group.is_top) {
            report.requirement = group.requirement;
        } else {
            report.parent = rows.tree(static_cast<GroupLevel>(static_cast<int>(group.level) + 1), of.parent).id;
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

/// The price of a stock that is alone in its top group at which the maintenance excess is zero, below or above today's.
inline void add_call_price(Report& report, const AccountView& account, std::size_t i, const MarketRows& market,
                           Money requirement) {
    const InstrumentIndex row = account.instrument[i];
    const Price price = market[row].facts.price;
    const Money slope = account.quantity[i] * price - requirement; // of the excess, for each 100 % of the price
    CallPrices prices{};
    if (slope != 0) {
        const Price at = price * (1 - report.excess.maintenance / slope);
        if (at > 0 && at < price) {
            prices.down = at;
        } else if (at > price) {
            prices.up = at;
        }
    }
    report.call_prices.emplace_back(market.instrument(row).symbol, prices);
}

/// What equity lacks of the requirement of the rules, and until when; nothing where it does not.
[[nodiscard]] inline std::optional<Deficiency> deficiency(const Report& report, const MarketSnapshot& snapshot) {
    if (!(report.call.maintenance > 0)) {
        return std::nullopt;
    }
    const CureWindow window = cure_window(snapshot.valuation_date, snapshot.business_days);
    const auto text = [](const std::optional<Date>& day) {
        return day ? std::optional(to_string(*day)) : std::nullopt;
    };
    return Deficiency{.amount = report.call.maintenance,
                      .opened = to_string(snapshot.valuation_date),
                      .due = text(window.due),
                      .restricted_from = text(window.restricted_from),
                      .net_capital_from = text(window.net_capital_from)};
}

} // namespace margincore::detail
