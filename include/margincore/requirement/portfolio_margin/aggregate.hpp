// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>
#include <margincore/requirement/portfolio_margin/offset.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// What the positions of an account in one class group come to.
template <class T = Money>
struct ClassGains {
    GroupIndex class_group = no_group;
    Points<T> gains = zero_points<T>();  ///< Netted in full, gain positive, USD.
    Points<T> basket = zero_points<T>(); ///< Of a stock basket in the class.
    bool has_basket = false;
    T minimum = T(0.0); ///< Of its contracts, USD, >= 0.
};

/// Which of the two a requirement is.
enum class Binding : std::uint8_t { loss, minimum };

template <>
inline constexpr std::array names<Binding> = {Name{Binding::loss, "loss"}, Name{Binding::minimum, "minimum"}};

/// One group of an account: what is left of its gains and losses after the offsets of its level.
template <class T = Money>
struct GroupGains {
    GroupLevel level = GroupLevel::class_group;
    GroupIndex group = no_group;
    Points<T> points = zero_points<T>();
    T minimum = T(0.0);
    T loss = T(0.0);             ///< Its part of the loss of its top group, >= 0.
    T requirement = T(0.0);      ///< Its part of the requirement of its top group, >= 0.
    std::size_t first_child = 0; ///< Groups below it; none of a class.
    std::size_t last_child = 0;
    bool is_top = false;
    UsedGain<T> gain{}; ///< At the worst point of its top group.

    /// The point of the greatest loss; of equals the first.
    [[nodiscard]] std::size_t worst_point() const {
        return static_cast<std::size_t>((std::ranges::min_element)(points)-points.begin());
    }
    [[nodiscard]] Binding binding() const { return requirement > loss ? Binding::minimum : Binding::loss; }
};

/// The policy's part that aggregating needs.
struct AggregatePolicy {
    OffsetCarry carry = OffsetCarry::haircut;
    MinimumLevel minimum_level = MinimumLevel::class_group;
    Fraction basket_offset = 0.95;
};

[[nodiscard]] inline AggregatePolicy aggregate_policy(const PortfolioMarginPolicy& policy) {
    return {.carry = policy.offset_carry, .minimum_level = policy.minimum_level, .basket_offset = policy.basket_offset};
}

/// Aggregates the class groups of one account after another: classes to product groups to portfolio groups, each level
/// offset in part, the worst point taken only at the top.
///
/// @tparam T  double, or a scalar of automatic differentiation.
/// @source FINRA 4210(g)(7), (8); the order of levels is that of OCC's class, product and portfolio groups.
template <class T = Money>
class Aggregator {
public:
    /// @param tree  Must outlive this.
    Aggregator(const GroupTree& tree, const AggregatePolicy& policy) : tree_(&tree), policy_(policy) {}

    /// The requirement of an account's class groups, USD, >= 0.
    ///
    /// @param classes  Each class once, in any order, which does not show in the result.
    [[nodiscard]] T operator()(std::span<const ClassGains<T>> classes) {
        groups_.clear();
        order(classes);
        T total = T(0.0);
        std::size_t next = 0;
        while (next < order_.size()) {
            const std::size_t first = groups_.size();
            const std::size_t last = end_of_top(next);
            add_top(classes, next, last);
            total += require(classes, next, first);
            next = last;
        }
        return total;
    }

    /// The groups of the account that was aggregated last: of each top group its classes, then the groups above them.
    [[nodiscard]] std::span<const GroupGains<T>> groups() const { return groups_; }

private:
    struct Place {
        GroupIndex portfolio;
        GroupIndex product;
        GroupIndex class_group;
        std::size_t row;

        [[nodiscard]] auto key() const { return std::tuple(portfolio, product, class_group); }
    };

    void order(std::span<const ClassGains<T>> classes) {
        order_.clear();
        for (std::size_t i = 0; i < classes.size(); ++i) {
            const GroupIndex class_group = classes[i].class_group;
            const GroupIndex product = tree_->product_of(class_group);
            order_.push_back({tree_->portfolio_of(product), product, class_group, i});
        }
        std::ranges::sort(order_, {}, &Place::key);
    }

    /// The end of the classes that share a top group with the class at `first`.
    [[nodiscard]] std::size_t end_of_top(std::size_t first) const {
        const Place& at = order_[first];
        std::size_t last = first + 1;
        while (last < order_.size() &&
               (at.portfolio != no_group ? order_[last].portfolio == at.portfolio
                                         : order_[last].portfolio == no_group && at.product != no_group &&
                                               order_[last].product == at.product)) {
            ++last;
        }
        return last;
    }

    void add_top(std::span<const ClassGains<T>> classes, std::size_t first, std::size_t last) {
        const std::size_t first_class = groups_.size();
        for (std::size_t i = first; i < last; ++i) {
            add_class(classes[order_[i].row]);
        }
        const std::size_t first_product = groups_.size();
        if (order_[first].product != no_group) {
            for (std::size_t i = first; i < last;) {
                std::size_t end = i + 1;
                while (end < last && order_[end].product == order_[i].product) {
                    ++end;
                }
                combine(GroupLevel::product, order_[i].product, first_class + i - first, first_class + end - first);
                i = end;
            }
        }
        if (order_[first].portfolio != no_group) {
            combine(GroupLevel::portfolio, order_[first].portfolio, first_product, groups_.size());
        }
        groups_.back().is_top = true;
    }

    void add_class(const ClassGains<T>& from) {
        GroupGains<T> group{.level = GroupLevel::class_group, .group = from.class_group};
        group.points =
            from.has_basket ? offset(parts_of(from), policy_.basket_offset, OffsetCarry::residual) : from.gains;
        group.minimum = from.minimum;
        groups_.push_back(std::move(group));
    }

    [[nodiscard]] static GainsAndLosses<T> parts_of(const ClassGains<T>& from) {
        GainsAndLosses<T> parts{};
        parts.add(from.gains);
        parts.add(from.basket);
        return parts;
    }

    void combine(GroupLevel level, GroupIndex index, std::size_t first, std::size_t last) {
        GainsAndLosses<T> parts{};
        GroupGains<T> group{.level = level, .group = index, .first_child = first, .last_child = last};
        for (std::size_t i = first; i < last; ++i) {
            parts.add(groups_[i].points);
            group.minimum += groups_[i].minimum;
        }
        group.points = offset(parts, (*tree_)(level, index).offset, policy_.carry);
        groups_.push_back(std::move(group));
    }

    /// The requirement of the top group that was added last, whose groups begin at `first`, and whose classes at
    /// `first_class` of the order.
    [[nodiscard]] T require(std::span<const ClassGains<T>> classes, std::size_t first_class, std::size_t first) {
        GroupGains<T>& top = groups_.back();
        const std::size_t worst = top.worst_point();
        const T loss = top.points[worst] < T(0.0) ? T(-top.points[worst]) : T(0.0);
        T losses = T(0.0); // of the classes, before any gain offsets them
        for (std::size_t i = first; i < groups_.size() && groups_[i].level == GroupLevel::class_group; ++i) {
            losses += groups_[i].points[worst] < T(0.0) ? T(-groups_[i].points[worst]) : T(0.0);
        }
        bool has_minimum = false; // that a class is asked for above its loss
        for (std::size_t i = first; i < groups_.size(); ++i) {
            GroupGains<T>& group = groups_[i];
            if (group.level == GroupLevel::class_group) {
                const bool loses = group.points[worst] < T(0.0) && loss > T(0.0);
                // Alone, the quotient would be one but for rounding.
                group.loss = !loses ? T(0.0) : group.is_top ? loss : T(-group.points[worst] * loss / losses);
                const bool binds = policy_.minimum_level == MinimumLevel::class_group && group.minimum > group.loss;
                group.requirement = binds ? group.minimum : group.loss;
                has_minimum = has_minimum || binds;
                const ClassGains<T>& from = classes[order_[first_class + i - first].row];
                if (from.has_basket) {
                    const GainsAndLosses<T> parts = parts_of(from);
                    group.gain = used_gain(parts.losses[worst], parts.gains[worst], policy_.basket_offset,
                                           OffsetCarry::residual);
                }
            } else {
                T losses_at = T(0.0);
                T gains_at = T(0.0);
                group.loss = group.requirement = T(0.0);
                for (std::size_t child = group.first_child; child < group.last_child; ++child) {
                    group.loss += groups_[child].loss;
                    group.requirement += groups_[child].requirement;
                    const T& point = groups_[child].points[worst];
                    (point < T(0.0) ? losses_at : gains_at) += point;
                }
                group.gain = used_gain(losses_at, gains_at, (*tree_)(group.level, group.group).offset, policy_.carry);
            }
        }
        top.loss = loss; // not the sum of parts of it, which rounding may miss
        if (policy_.minimum_level == MinimumLevel::top_group) {
            top.requirement = top.minimum > loss ? top.minimum : loss;
        } else if (!has_minimum) {
            top.requirement = loss; // so that rounding is not taken for a minimum
        }
        return top.requirement;
    }

    const GroupTree* tree_;
    AggregatePolicy policy_;
    std::vector<Place> order_{};
    std::vector<GroupGains<T>> groups_{};
};

} // namespace margincore
