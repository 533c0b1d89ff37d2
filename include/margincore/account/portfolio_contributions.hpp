// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>
#include <fmt/format.h>
#include <unsupported/Eigen/AutoDiff>

#include <margincore/account/contribution.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore::detail {

/// Computes the contributions of an account under portfolio margin.
class PortfolioContributions {
public:
    PortfolioContributions(const AccountView& account, const MarketRows& market, const PortfolioRows& rows,
                           const Policy& policy)
        : account_(account), market_(market), rows_(rows), policy_(policy), workspace_(rows, policy) {}

    [[nodiscard]] Contributions operator()() {
        Contributions result{.net_requirement = requirement(account_)};
        groups_.assign(workspace_.aggregate.groups().begin(), workspace_.aggregate.groups().end());
        const std::span<const ClassGains<>> classes = workspace_.netting(account_, rows_.gains);
        classes_.assign(classes.begin(), classes.end());
        for (std::size_t i = 0; i < account_.size(); ++i) {
            value_.push_back(account_.quantity[i] * rows_[account_.instrument[i]].value);
        }
        for (std::size_t i = 0; i < account_.size(); ++i) {
            result.positions.push_back(
                of({i}, market_.instrument(account_.instrument[i]).symbol, result.net_requirement));
        }
        for (const ClassGains<>& held : classes_) {
            std::vector<std::size_t> positions;
            for (std::size_t i = 0; i < account_.size(); ++i) {
                if (rows_[account_.instrument[i]].class_group == held.class_group) {
                    positions.push_back(i);
                }
            }
            result.groups.push_back(
                of(positions, rows_.tree(GroupLevel::class_group, held.class_group).id, result.net_requirement));
        }
        return result;
    }

private:
    using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, 1, 1>>;

    [[nodiscard]] Money requirement(const AccountView& account) {
        return evaluate_portfolio(account, market_, rows_, policy_, workspace_).evaluation.requirement.total;
    }

    [[nodiscard]] Contribution of(const std::vector<std::size_t>& positions, const std::string& id, Money before) {
        Contribution result{.id = id};
        for (const std::size_t i : positions) {
            result.positions.push_back(market_.instrument(account_.instrument[i]).symbol);
        }
        const WithoutPositions rest(account_, value_,
                                    [&](std::size_t i) { return std::ranges::find(positions, i) != positions.end(); });
        result.closing = change(before, requirement(rest.view()));
        const std::vector<GroupGains<>> after(workspace_.aggregate.groups().begin(),
                                              workspace_.aggregate.groups().end());
        const GroupIndex class_group = rows_[account_.instrument[positions.front()]].class_group;
        if (class_group == no_group) {
            result.why = "not eligible: its strategy requirement is apart from the groups";
            return result;
        }
        result.first_order = first_order(positions);
        result.why = why(positions, class_group, result.closing, after);
        return result;
    }

    /// The derivative of the groups' requirement by the size of some positions, which are of one class group.
    [[nodiscard]] Money first_order(const std::vector<std::size_t>& positions) const {
        std::vector<ClassGains<Dual>> classes;
        for (const ClassGains<>& held : classes_) {
            ClassGains<Dual> dual{.class_group = held.class_group, .minimum = Dual(held.minimum)};
            for (std::size_t k = 0; k < valuation_points; ++k) {
                dual.gains[k] = Dual(held.gains[k]);
            }
            for (const std::size_t i : positions) {
                const InstrumentIndex row = account_.instrument[i];
                const Quantity quantity = account_.quantity[i];
                if (rows_[row].class_group != held.class_group) {
                    continue;
                }
                for (std::size_t k = 0; k < valuation_points; ++k) {
                    dual.gains[k].derivatives()[0] += quantity * rows_.gains[static_cast<std::size_t>(row)][k];
                }
                dual.minimum.derivatives()[0] += minimum_of(i);
            }
            classes.push_back(dual);
        }
        return Aggregator<Dual>(rows_.tree, aggregate_policy(policy_.portfolio_margin))(classes).derivatives()[0];
    }

    /// The top group that a class is in.
    [[nodiscard]] const GroupGains<>& top_of(GroupIndex class_group) const {
        const auto at = std::ranges::find_if(groups_, [&](const GroupGains<>& group) {
            return group.level == GroupLevel::class_group && group.group == class_group;
        });
        return *std::find_if(at, groups_.end(), [](const GroupGains<>& group) { return group.is_top; });
    }

    /// What sets the requirement of the top group of some positions, as far as they are in it.
    ///
    /// @param after  The groups of the account without them.
    [[nodiscard]] std::string why(const std::vector<std::size_t>& positions, GroupIndex class_group, Money closing,
                                  std::span<const GroupGains<>> after) const {
        const GroupGains<>& top = top_of(class_group);
        const std::string& id = rows_.tree(top.level, top.group).id;
        std::string text = closing == 0 ? "closing this lowers nothing: " : "";
        if (top.binding() == Binding::minimum) {
            text += of_minimum(positions, top, id, closing);
        } else if (top.loss == 0) {
            text += fmt::format("{} loses at no point", id);
        } else {
            text += of_worst_point(positions, top, id, closing);
        }
        const auto rest = std::ranges::find_if(after, [&](const GroupGains<>& group) {
            return group.is_top && group.level == top.level && group.group == top.group;
        });
        if (closing > 0 && rest != after.end()) {
            text += fmt::format("; without it {} is asked for {}, at point {}", id, money_text(rest->requirement),
                                rest->worst_point());
        }
        return text;
    }

    [[nodiscard]] std::string of_worst_point(const std::vector<std::size_t>& positions, const GroupGains<>& top,
                                             const std::string& id, Money closing) const {
        const std::size_t worst = top.worst_point();
        Money gain = 0.0;
        for (const std::size_t i : positions) {
            gain += gain_at(i, worst);
        }
        std::string text = fmt::format("at point {}, the worst of {}, it {}", worst, id,
                                       gain < 0    ? "loses " + money_text(-gain)
                                       : gain == 0 ? std::string("neither gains nor loses")
                                                   : "gains " + money_text(gain));
        const auto sets = greatest_other(positions, top, [&](std::size_t i) { return -gain_at(i, worst); });
        if (closing == 0 && sets && -gain_at(*sets, worst) > (std::max)(0.0, -gain)) {
            text += fmt::format(", and {} sets that point with a loss of {}", symbol(*sets),
                                money_text(-gain_at(*sets, worst)));
        }
        return text;
    }

    [[nodiscard]] std::string of_minimum(const std::vector<std::size_t>& positions, const GroupGains<>& top,
                                         const std::string& id, Money closing) const {
        Money minimum = 0.0;
        for (const std::size_t i : positions) {
            minimum += minimum_of(i);
        }
        std::string text = top.loss == 0
                               ? fmt::format("{} loses at no point", id)
                               : fmt::format("{} loses {} at point {}", id, money_text(top.loss), top.worst_point());
        text += fmt::format(", less than the minimum of its contracts, {}, of which it has {}",
                            money_text(top.requirement), money_text(minimum));
        const auto sets = greatest_other(positions, top, [&](std::size_t i) { return minimum_of(i); });
        if (closing == 0 && sets && minimum_of(*sets) > minimum) {
            text += fmt::format(" and {} {}", symbol(*sets), money_text(minimum_of(*sets)));
        }
        return text;
    }

    /// The position of a top group, but for some, of which an amount is greatest and above zero.
    template <class Amount>
    [[nodiscard]] std::optional<std::size_t> greatest_other(const std::vector<std::size_t>& positions,
                                                            const GroupGains<>& top, Amount&& amount) const {
        std::optional<std::size_t> greatest;
        for (std::size_t i = 0; i < account_.size(); ++i) {
            const GroupIndex class_group = rows_[account_.instrument[i]].class_group;
            if (std::ranges::find(positions, i) == positions.end() && class_group != no_group &&
                &top_of(class_group) == &top && amount(i) > (greatest ? amount(*greatest) : 0.0)) {
                greatest = i;
            }
        }
        return greatest;
    }

    [[nodiscard]] const std::string& symbol(std::size_t i) const {
        return market_.instrument(account_.instrument[i]).symbol;
    }

    [[nodiscard]] Money minimum_of(std::size_t i) const {
        const Quantity quantity = account_.quantity[i];
        const auto& row = rows_[account_.instrument[i]];
        return std::abs(quantity) * (quantity < 0 ? row.minimum_short : row.minimum_long);
    }

    [[nodiscard]] Money gain_at(std::size_t i, std::size_t point) const {
        return account_.quantity[i] * rows_.gains[static_cast<std::size_t>(account_.instrument[i])][point];
    }

    const AccountView& account_;
    const MarketRows& market_;
    const PortfolioRows& rows_;
    const Policy& policy_;
    PortfolioWorkspace workspace_;
    std::vector<GroupGains<>> groups_{};
    std::vector<ClassGains<>> classes_{};
    std::vector<Money> value_{};
};

} // namespace margincore::detail
