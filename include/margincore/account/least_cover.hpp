// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace margincore {

/// Something of which up to `limit` whole units can be taken.
struct CoverItem {
    double cost = 0.0; ///< Of a unit, >= 0.
    double gain = 0.0; ///< Of a unit; what gains nothing is never taken.
    std::int64_t limit = 0;
};

/// Whole units that cover a need.
struct Cover {
    std::vector<std::int64_t> count{}; ///< Of each item. Shape (n_items).
    double cost = 0.0;
    double lower_bound = 0.0; ///< No cover costs less; `cost` where the search came to its end.
    bool covers = false;      ///< False: everything that gains is taken, and it is not enough.
    bool optimal = false;
};

namespace detail {

/// Depth-first branch and bound of the least cover, best gain a cost first.
///
/// The bound of a branch fills what is missing by the best rates in fractions, and is rounded up to what costs can add
/// up to. Fewer units of an item leave more to worse rates, so a branch that is cut off cuts off those after it.
class CoverSearch {
public:
    CoverSearch(std::span<const CoverItem> items, double need, double tolerance, std::size_t node_limit)
        : items_(items), tolerance_(tolerance), node_limit_(node_limit) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].gain > 0 && items[i].limit > 0) {
                order_.push_back(i);
            }
        }
        std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
            const double rate_a = items[a].gain * items[b].cost;
            const double rate_b = items[b].gain * items[a].cost;
            return rate_a != rate_b                 ? rate_a > rate_b
                   : items[a].cost != items[b].cost ? items[a].cost > items[b].cost
                                                    : a < b;
        });
        reach_.assign(order_.size() + 1, 0.0);
        for (std::size_t at = order_.size(); at-- > 0;) {
            reach_[at] = reach_[at + 1] + item(at).gain * static_cast<double>(item(at).limit);
        }
        grid_ = common_grid();
        need_ = need;
    }

    [[nodiscard]] Cover operator()() {
        Cover result{.count = std::vector<std::int64_t>(items_.size(), 0)};
        if (need_ <= tolerance_) {
            result.covers = result.optimal = true;
            return result;
        }
        if (reach_[0] < need_ - tolerance_) {
            for (const std::size_t i : order_) {
                result.count[i] = items_[i].limit;
                result.cost += items_[i].cost * static_cast<double>(items_[i].limit);
            }
            result.lower_bound = result.cost;
            return result;
        }
        count_.assign(items_.size(), 0);
        const double root = rounded_up(relaxed(0, need_));
        descend(0, need_, 0.0);
        result.count = best_count_;
        result.cost = best_;
        result.covers = true;
        result.optimal = nodes_ < node_limit_ || best_ <= root + slack(root);
        result.lower_bound = result.optimal ? best_ : (std::min)(root, best_);
        return result;
    }

private:
    [[nodiscard]] const CoverItem& item(std::size_t at) const { return items_[order_[at]]; }

    /// Costs that differ by less are the same.
    [[nodiscard]] double slack(double cost) const {
        constexpr double relative = 1e-12;
        return (std::max)(grid_ / 2, relative * cost);
    }

    /// What every sum of costs is a multiple of; 0 where costs are not whole millionths.
    [[nodiscard]] double common_grid() const {
        constexpr double millionths = 1e6;
        constexpr double largest = 1e15; // exact in a double
        std::int64_t common = 0;
        for (const std::size_t i : order_) {
            const double scaled = items_[i].cost * millionths;
            const double whole = std::round(scaled);
            if (whole > largest || std::abs(scaled - whole) > scaled * 1e-15) {
                return 0.0;
            }
            common = std::gcd(common, static_cast<std::int64_t>(whole));
        }
        return static_cast<double>(common) / millionths;
    }

    [[nodiscard]] double rounded_up(double cost) const {
        return grid_ > 0 ? std::ceil((cost - slack(cost) * 1e-3) / grid_) * grid_ : cost;
    }

    /// Least cost of what is missing from the items from `at` on, in fractions of units.
    [[nodiscard]] double relaxed(std::size_t at, double missing) const {
        double cost = 0.0;
        for (; at < order_.size() && missing > tolerance_; ++at) {
            const double all = item(at).gain * static_cast<double>(item(at).limit);
            if (all >= missing - tolerance_) {
                return cost + (std::max)(0.0, missing - tolerance_) / item(at).gain * item(at).cost;
            }
            cost += item(at).cost * static_cast<double>(item(at).limit);
            missing -= all;
        }
        return cost;
    }

    void descend(std::size_t at, double missing, double cost) {
        if (missing <= tolerance_) {
            if (best_count_.empty() || cost < best_ - slack(cost) * 1e-3) {
                best_ = cost;
                best_count_ = count_;
            }
            return;
        }
        const CoverItem& taken = item(at);
        const auto enough = static_cast<std::int64_t>((std::min)(std::ceil((missing - tolerance_) / taken.gain), 1e18));
        for (std::int64_t k = (std::min)(enough, taken.limit); k >= 0; --k) {
            const double left = missing - taken.gain * static_cast<double>(k);
            if (left - tolerance_ > reach_[at + 1]) {
                return; // fewer cannot cover
            }
            const double spent = cost + taken.cost * static_cast<double>(k);
            if (!best_count_.empty() && ++nodes_ >= node_limit_) {
                return;
            }
            if (!best_count_.empty() && rounded_up(spent + relaxed(at + 1, left)) > best_ - slack(best_)) {
                if (left <= tolerance_) {
                    continue; // what is taken in excess may be too dear where one unit fewer is not
                }
                return;
            }
            count_[order_[at]] = k;
            descend(at + 1, left, spent);
            count_[order_[at]] = 0;
        }
    }

    std::span<const CoverItem> items_;
    double need_ = 0.0;
    double tolerance_;
    std::size_t node_limit_;
    std::size_t nodes_ = 0;
    double grid_ = 0.0;
    double best_ = 0.0;
    std::vector<std::size_t> order_{};
    std::vector<double> reach_{}; ///< What the items from here on gain together.
    std::vector<std::int64_t> count_{};
    std::vector<std::int64_t> best_count_{};
};

} // namespace detail

/// The whole units that gain at least `need` at the least cost.
///
/// @param items       Shape (n_items).
/// @param tolerance   What of the need may be missing, for rounding, >= 0.
/// @param node_limit  Branches tried before the search gives up and states a bound.
[[nodiscard]] inline Cover least_cover(std::span<const CoverItem> items, double need, double tolerance,
                                       std::size_t node_limit) {
    return detail::CoverSearch(items, need, tolerance, node_limit)();
}

} // namespace margincore
