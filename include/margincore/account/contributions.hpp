// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <fmt/format.h>
#include <unsupported/Eigen/AutoDiff>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>

namespace margincore {

/// What a position, or a class group, contributes to the requirement of its account.
struct Contribution {
    std::string id{};                     ///< Symbol of a position, id of a class group.
    std::vector<std::string> positions{}; ///< Symbols.
    Money closing = 0.0; ///< What closing them at market changes of the net requirement; negative where it lowers it.

    /// To first order: how fast the requirement grows as they grow by their own size, USD. Of all positions of the
    /// class groups these add up to the requirement of the groups. Nothing under the strategy method.
    std::optional<Money> first_order{};
    std::string why{};

    friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Contributions of an account: of its positions, in their order, and of its class groups.
struct Contributions {
    Money net_requirement = 0.0; ///< Of the account as it stands, with what the house adds.
    std::vector<Contribution> positions{};
    std::vector<Contribution> groups{}; ///< Empty under the strategy method.

    friend bool operator==(const Contributions&, const Contributions&) = default;
};

namespace detail {

/// An account without some of its positions, closed at their market values.
class WithoutPositions {
public:
    template <class IsClosed>
    WithoutPositions(const AccountView& account, std::span<const Money> value, IsClosed&& is_closed)
        : cash_(account.cash) {
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (is_closed(i)) {
                cash_ += value[i];
                continue;
            }
            instrument_.push_back(account.instrument[i]);
            quantity_.push_back(account.quantity[i]);
            boxed_.push_back(account.boxed_at(i));
        }
    }

    [[nodiscard]] AccountView view() const {
        return {.cash = cash_, .instrument = instrument_, .quantity = quantity_, .boxed = boxed_};
    }

private:
    Money cash_;
    std::vector<InstrumentIndex> instrument_{};
    std::vector<Quantity> quantity_{};
    std::vector<Quantity> boxed_{};
};

/// What closing does to an account: rounding is no change.
[[nodiscard]] inline Money change(Money before, Money after) {
    const Money difference = after - before;
    return std::abs(difference) <= rounding_dust(std::abs(before) + std::abs(after), 16) ? 0.0 : difference;
}

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
        const GroupIndex class_group = rows_[account_.instrument[positions.front()]].class_group;
        if (class_group == no_group) {
            result.why = "not eligible: its strategy requirement is apart from the groups";
            return result;
        }
        result.first_order = first_order(positions);
        result.why = why(positions, class_group, result.closing);
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
                dual.minimum.derivatives()[0] +=
                    std::abs(quantity) * (quantity < 0 ? rows_[row].minimum_short : rows_[row].minimum_long);
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

    /// The classes of the top group of a class.
    [[nodiscard]] bool shares_top(GroupIndex first, GroupIndex second) const {
        return first != no_group && second != no_group && &top_of(first) == &top_of(second);
    }

    [[nodiscard]] std::string why(const std::vector<std::size_t>& positions, GroupIndex class_group,
                                  Money closing) const {
        const GroupGains<>& top = top_of(class_group);
        const std::size_t worst = top.worst_point();
        Money gain = 0.0;
        for (const std::size_t i : positions) {
            gain += gain_at(i, worst);
        }
        const std::string& id = rows_.tree(top.level, top.group).id;
        if (top.loss == 0) {
            return fmt::format("{} loses at no point; the minimum of its contracts is asked for", id);
        }
        const std::string does = gain < 0    ? "loses " + money_text(-gain)
                                 : gain == 0 ? std::string("neither gains nor loses")
                                             : "gains " + money_text(gain);
        const std::string at = fmt::format("at point {}, the worst of {}, it {}", worst, id, does);
        if (closing < 0) {
            return at;
        }
        std::optional<std::size_t> sets; // what loses most there
        for (std::size_t i = 0; i < account_.size(); ++i) {
            if (std::ranges::find(positions, i) == positions.end() &&
                shares_top(rows_[account_.instrument[i]].class_group, class_group) && gain_at(i, worst) < 0 &&
                (!sets || gain_at(i, worst) < gain_at(*sets, worst))) {
                sets = i;
            }
        }
        std::string text = closing > 0 ? at : "closing this lowers nothing: " + at;
        if (sets) {
            text +=
                fmt::format(", and {} sets that point with a loss of {}",
                            market_.instrument(account_.instrument[*sets]).symbol, money_text(-gain_at(*sets, worst)));
        }
        return text;
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

} // namespace detail

/// What closing each position and each class group would change under portfolio margin, and how much of the requirement
/// it is to first order, by automatic differentiation.
///
/// @throws Unsupported  where the policy has stock baskets: a part of a basket is none.
[[nodiscard]] inline Contributions contributions(const AccountView& account, const MarketRows& market,
                                                 const PortfolioRows& rows, const Policy& policy) {
    if (!policy.portfolio_margin.baskets.empty()) {
        throw Unsupported("policy.baskets", "contributions of accounts with stock baskets are not built");
    }
    return detail::PortfolioContributions(account, market, rows, policy)();
}

/// What closing each position would change under the strategy method.
///
/// @throws Unsupported  where the policy designates groups, which a closed position would leave without a part.
[[nodiscard]] inline Contributions contributions(const AccountView& account, const MarketRows& market,
                                                 const Policy& policy) {
    if (!policy.groups.empty()) {
        throw Unsupported("policy.groups", "contributions of accounts with designated groups are not built");
    }
    std::vector<Money> value;
    for (std::size_t i = 0; i < account.size(); ++i) {
        value.push_back(account.quantity[i] * market.rows[static_cast<std::size_t>(account.instrument[i])].price());
    }
    const NullSink sink;
    OptionWorkspace workspace;
    const auto requirement = [&](const AccountView& of) {
        const Evaluation evaluation = evaluate(of, market, policy, sink, workspace);
        return evaluation.net_requirement() + evaluation.requirement.add_ons;
    };
    Contributions result{.net_requirement = requirement(account)};
    for (std::size_t i = 0; i < account.size(); ++i) {
        const detail::WithoutPositions rest(account, value, [&](std::size_t other) { return other == i; });
        const std::string& symbol = market.instrument(account.instrument[i]).symbol;
        Contribution of{.id = symbol, .positions = {symbol}};
        of.closing = detail::change(result.net_requirement, requirement(rest.view()));
        of.why = of.closing < 0   ? "what is left asks for less"
                 : of.closing > 0 ? "closing this leaves what it covers or hedges without it"
                                  : "closing this lowers nothing: what is left asks for as much";
        result.positions.push_back(std::move(of));
    }
    return result;
}

} // namespace margincore
