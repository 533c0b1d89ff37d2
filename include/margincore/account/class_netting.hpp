// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

namespace detail {

/// A number for each valuation point, in vector registers.
class PointLanes {
public:
    PointLanes() : PointLanes(zero_points<double>()) {}
    explicit PointLanes(const Points<double>& points) { load(points, std::make_index_sequence<wide>()); }

    /// Adds so many times the points.
    void add(double times, const Points<double>& points) { add(times, points, std::make_index_sequence<wide>()); }
    void store(Points<double>& to) const { store(to, std::make_index_sequence<wide>()); }

private:
    using Rest = Lanes<2>;
    static constexpr std::size_t wide = valuation_points / native_lanes;
    static constexpr std::size_t first_rest = wide * native_lanes;
    static constexpr bool has_rest = first_rest < valuation_points;
    static_assert(first_rest + (has_rest ? Rest::size() : 0) == valuation_points);

    template <std::size_t... i> // in one expression: a loop over an array would be in memory
    void load(const Points<double>& points, std::index_sequence<i...>) {
        ((wide_[i] = NativeLanes::load(&points[i * native_lanes])), ...);
        if constexpr (has_rest) {
            rest_ = Rest::load(&points[first_rest]);
        }
    }
    template <std::size_t... i>
    void add(double times, const Points<double>& points, std::index_sequence<i...>) {
        ((wide_[i] += NativeLanes(times) * NativeLanes::load(&points[i * native_lanes])), ...);
        if constexpr (has_rest) {
            rest_ += Rest(times) * Rest::load(&points[first_rest]);
        }
    }
    template <std::size_t... i>
    void store(Points<double>& to, std::index_sequence<i...>) const {
        (wide_[i].store(&to[i * native_lanes]), ...);
        if constexpr (has_rest) {
            rest_.store(&to[first_rest]);
        }
    }

    std::array<NativeLanes, wide> wide_;
    Rest rest_;
};

} // namespace detail

/// Nets the positions of an account in each class group, point by point.
///
/// Positions are added in the order of the rows of the market, so that theirs in the account does not show.
class ClassNetting {
public:
    /// @param rows  Must outlive this.
    explicit ClassNetting(const PortfolioRows& rows) : rows_(&rows), slot_of_(rows.tree.classes.size(), 0) {}

    /// The classes of an account, until the next is netted.
    ///
    /// @param gains  Of one unit, aligned with the rows.
    [[nodiscard]] std::span<const ClassGains<>> operator()(const AccountView& account,
                                                           std::span<const Points<Money>> gains) {
        // What is netted is fetched from memory at once: an account holds any rows of the market, and each would be
        // waited for. Not in a function of its own: compilers drop calls of one that only fetches.
        constexpr std::size_t most = 64; // the first of more would be out of the cache again
        for (const InstrumentIndex row : account.instrument.first((std::min)(account.size(), most))) {
            const Points<Money>& unit = gains[static_cast<std::size_t>(row)];
            __builtin_prefetch(&(*rows_)[row]);
            __builtin_prefetch(&unit.front());
            __builtin_prefetch(&unit.back());
        }
        count_ = 0;
        if (std::ranges::is_sorted(account.instrument)) {
            net(account, gains, [](std::size_t i) { return i; });
        } else {
            order_.resize(account.size());
            std::iota(order_.begin(), order_.end(), std::size_t{0});
            std::ranges::sort(order_, {}, [&](std::size_t i) { return account.instrument[i]; });
            net(account, gains, [&](std::size_t i) { return order_[i]; });
        }
        const std::span<const ClassGains<>> held = std::span(classes_).first(count_);
        for (const ClassGains<>& of : held) {
            slot_of_[static_cast<std::size_t>(of.class_group)] = 0;
        }
        return held;
    }

private:
    /// @param at  From a place in the order of the rows to a position.
    template <class At>
    void net(const AccountView& account, std::span<const Points<Money>> gains, At&& at) {
        std::size_t i = 0;
        while (i < account.size()) {
            const GroupIndex class_group = (*rows_)[account.instrument[at(i)]].class_group;
            if (class_group == no_group) {
                ++i;
                continue;
            }
            std::uint32_t& slot = slot_of_[static_cast<std::size_t>(class_group)];
            detail::PointLanes sums;
            Money minimum = 0.0;
            if (slot == 0) {
                slot = add(class_group);
            } else {
                sums = detail::PointLanes(classes_[slot - 1].gains);
                minimum = classes_[slot - 1].minimum;
            }
            do { // positions of one class are together where the market has its series together
                const std::size_t position = at(i);
                const InstrumentIndex row = account.instrument[position];
                const PortfolioRow& of = (*rows_)[row];
                if (of.class_group != class_group) {
                    break;
                }
                const Quantity quantity = account.quantity[position];
                sums.add(quantity, gains[static_cast<std::size_t>(row)]);
                const Quantity size = std::abs(quantity); // one of the two is nothing; no branch that is often wrong
                minimum += 0.5 * (size + quantity) * of.minimum_long + 0.5 * (size - quantity) * of.minimum_short;
            } while (++i < account.size());
            sums.store(classes_[slot - 1].gains);
            classes_[slot - 1].minimum = minimum;
        }
    }

    /// A place for a class, in the memory of an account before where there is one: that its sums are written over is
    /// faster than to clear them first.
    [[nodiscard]] std::uint32_t add(GroupIndex class_group) {
        if (count_ == classes_.size()) {
            classes_.emplace_back();
        }
        classes_[count_++].class_group = class_group;
        return static_cast<std::uint32_t>(count_);
    }

    const PortfolioRows* rows_;
    std::vector<std::uint32_t> slot_of_; // by class group, from 1; 0 where the account has none
    std::vector<std::size_t> order_{};
    std::vector<ClassGains<>> classes_{};
    std::size_t count_ = 0; // of them that the account has
};

} // namespace margincore
