// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/strategy_name.hpp>

namespace margincore {

namespace detail {

/// Takes spreads that people have a name for out of one spread, as long as the greatest losses add up to its own.
class SpreadSplitter {
public:
    SpreadSplitter(std::span<const PairingSeries> series, const PairedGroup& group)
        : series_(series), legs_(group.legs) {
        for (const PairedGroup::Leg& leg : legs_) {
            strikes_.push_back(series_[leg.series].strike);
        }
        std::ranges::sort(strikes_);
        strikes_.erase(std::unique(strikes_.begin(), strikes_.end()), strikes_.end());
    }

    /// @param largest_first  Whether spreads of four legs are looked for before those of two, or after.
    [[nodiscard]] std::vector<PairedGroup> split(bool largest_first) {
        left_ = legs_;
        values_ = values(left_);
        parts_.clear();
        while (!left_.empty() && !is_named(left_) && take_one(largest_first)) {
        }
        if (!left_.empty()) {
            add_part(std::move(left_));
        }
        return std::move(parts_);
    }

    /// Series in parts that have no name.
    [[nodiscard]] std::size_t unnamed(std::span<const PairedGroup> parts) const {
        std::size_t count = 0;
        for (const PairedGroup& part : parts) {
            count += is_named(part.legs) ? 0 : part.legs.size();
        }
        return count;
    }

private:
    using Legs = std::vector<PairedGroup::Leg>;
    static constexpr std::array<std::size_t, 3> sizes = {2, 3, 4};

    [[nodiscard]] NamedLeg named(const PairedGroup::Leg& leg) const {
        const PairingSeries& one = series_[leg.series];
        return {one.right, static_cast<Price>(one.strike), one.expiry, leg.lots};
    }
    [[nodiscard]] bool is_named(std::span<const PairedGroup::Leg> legs) const {
        if (legs.size() > sizes.back()) {
            return false;
        }
        std::vector<NamedLeg> of;
        for (const PairedGroup::Leg& leg : legs) {
            of.push_back(named(leg));
        }
        return !spread_name(of).empty();
    }

    /// What options bring at each strike of the whole spread.
    [[nodiscard]] std::vector<MicroDollars> values(std::span<const PairedGroup::Leg> legs) const {
        std::vector<MicroDollars> result(strikes_.size(), 0);
        for (const PairedGroup::Leg& leg : legs) {
            const PairingSeries& one = series_[leg.series];
            for (std::size_t k = 0; k < strikes_.size(); ++k) {
                const MicroDollars in = one.right == Right::call ? strikes_[k] - one.strike : one.strike - strikes_[k];
                result[k] += leg.lots * (std::max)(in, MicroDollars{0});
            }
        }
        return result;
    }

    /// Takes one named part, as often as there is of it.
    bool take_one(bool largest_first) {
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            const std::size_t size = sizes[largest_first ? sizes.size() - 1 - i : i];
            if (size == 3 ? take_butterfly() : take_pairs(size / 2)) {
                return true;
            }
        }
        return false;
    }

    /// A long and a short of one right, or two such pairs.
    bool take_pairs(std::size_t count) {
        std::vector<std::array<std::size_t, 2>> pairs;
        for (std::size_t i = 0; i < left_.size(); ++i) {
            for (std::size_t j = 0; j < left_.size(); ++j) {
                if (left_[i].lots > 0 && left_[j].lots < 0 &&
                    series_[left_[i].series].right == series_[left_[j].series].right) {
                    pairs.push_back({i, j});
                }
            }
        }
        for (std::size_t a = 0; a < pairs.size(); ++a) {
            if (count == 1) {
                if (take({{pairs[a][0], 1}, {pairs[a][1], -1}})) {
                    return true;
                }
                continue;
            }
            for (std::size_t b = a + 1; b < pairs.size(); ++b) {
                if (pairs[a][0] != pairs[b][0] && pairs[a][1] != pairs[b][1] && expire_alike(pairs[a], pairs[b]) &&
                    take({{pairs[a][0], 1}, {pairs[a][1], -1}, {pairs[b][0], 1}, {pairs[b][1], -1}})) {
                    return true;
                }
            }
        }
        return false;
    }

    /// No name joins pairs of different expiries, and most pairs are of different ones.
    [[nodiscard]] bool expire_alike(const std::array<std::size_t, 2>& a, const std::array<std::size_t, 2>& b) const {
        return series_[left_[a[0]].series].expiry == series_[left_[b[0]].series].expiry &&
               series_[left_[a[1]].series].expiry == series_[left_[b[1]].series].expiry;
    }

    bool take_butterfly() {
        for (std::size_t body = 0; body < left_.size(); ++body) {
            const std::int64_t wing = left_[body].lots > 0 ? -1 : 1;
            for (std::size_t i = 0; i < left_.size(); ++i) {
                for (std::size_t j = i + 1; j < left_.size(); ++j) {
                    if (i != body && j != body && left_[i].lots * wing > 0 && left_[j].lots * wing > 0 &&
                        take({{i, wing}, {body, -2 * wing}, {j, wing}})) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /// Takes a part in these proportions where it has a name and the greatest losses still add up.
    bool take(std::vector<std::pair<std::size_t, std::int64_t>> proportions) {
        std::int64_t unit = 1; // whole contracts of every series
        for (const auto& [at, lots] : proportions) {
            unit = std::lcm(unit, series_[left_[at].series].lots);
        }
        std::int64_t times = (std::numeric_limits<std::int64_t>::max)();
        for (const auto& [at, lots] : proportions) {
            times = (std::min)(times, left_[at].lots / (lots * unit));
        }
        if (times == 0) {
            return false;
        }
        Legs part;
        for (const auto& [at, lots] : proportions) {
            part.push_back({left_[at].series, lots * unit * times});
        }
        if (!is_named(part)) {
            return false;
        }
        const std::vector<MicroDollars> taken = values(part);
        if (loss(taken) + loss_without(taken) != loss(values_)) {
            return false;
        }
        for (const auto& [at, lots] : proportions) {
            left_[at].lots -= lots * unit * times;
        }
        std::erase_if(left_, [](const PairedGroup::Leg& leg) { return leg.lots == 0; });
        values_ = values(left_);
        add_part(std::move(part));
        return true;
    }

    [[nodiscard]] static MicroDollars loss(std::span<const MicroDollars> values) {
        return (std::max)(MicroDollars{0}, -*std::ranges::min_element(values));
    }
    [[nodiscard]] MicroDollars loss_without(std::span<const MicroDollars> taken) const {
        MicroDollars greatest = 0;
        for (std::size_t k = 0; k < taken.size(); ++k) {
            greatest = (std::max)(greatest, taken[k] - values_[k]);
        }
        return greatest;
    }

    void add_part(Legs legs) {
        std::ranges::sort(legs, [&](const PairedGroup::Leg& a, const PairedGroup::Leg& b) {
            const PairingSeries& one = series_[a.series];
            const PairingSeries& other = series_[b.series];
            return std::tie(one.strike, one.right, one.expiry, a.series) <
                   std::tie(other.strike, other.right, other.expiry, b.series);
        });
        PairedGroup& part = parts_.emplace_back();
        part.form = PairedGroup::Form::spread;
        std::tie(part.requirement, part.worst_strike) = maximum_loss(series_, legs);
        part.legs = std::move(legs);
    }

    std::span<const PairingSeries> series_;
    Legs legs_;
    std::vector<MicroDollars> strikes_{};
    Legs left_{};
    std::vector<MicroDollars> values_{}; ///< Of what is left, at each strike.
    std::vector<PairedGroup> parts_{};
};

} // namespace detail

/// The parts of a spread that people have names for, and what is left of it; the legs of each by strike.
///
/// Each part is a spread by itself, because every short of the whole expires by every long. The greatest losses of the
/// parts add up to that of the whole, so that nothing but the words changes: two sides of an iron condor, whose losses
/// exclude each other, stay one.
/// @param series  Of the problem.
/// @param group   A spread of its pairing.
[[nodiscard]] inline std::vector<PairedGroup> spread_parts(std::span<const PairingSeries> series,
                                                           const PairedGroup& group) {
    detail::SpreadSplitter splitter(series, group);
    std::vector<PairedGroup> parts = splitter.split(true);
    std::vector<PairedGroup> others = splitter.split(false);
    const auto rank = [&](const std::vector<PairedGroup>& of) {
        std::size_t legs = 0;
        for (const PairedGroup& part : of) {
            legs += part.legs.size();
        }
        return std::tuple(splitter.unnamed(of), of.size(), legs);
    };
    return rank(others) < rank(parts) ? others : parts;
}

} // namespace margincore
