// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/lane_access.hpp>
#include <margincore/core/real.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/pricing/certain_path.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/grid_accuracy.hpp>
#include <margincore/pricing/grid_extrapolation.hpp>
#include <margincore/pricing/grid_put_form.hpp>
#include <margincore/pricing/grid_segments.hpp>
#include <margincore/pricing/grid_values.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// GridNumber: what grids are solved in, a double or several side by side.
///
/// Not a float, whose rounding is more than what a step changes, nor a number that differentiates itself: prices of a
/// grid bend where its points move. The closed form of the escrowed model takes any `Real`.
template <class T>
concept GridNumber = std::same_as<T, double> || detail::is_lanes<T>;

/// The dividends of an option, or of one a lane.
template <GridNumber T>
using LaneDividends = std::array<std::span<const Dividend>, lane_count<T>>;

/// The spots at which prices of a grid will be asked for, USD per unit, >= 0.
template <GridNumber T>
struct SpotRange {
    T lowest;
    T highest;
};

/// What a grid is solved for beside the terms of the options.
struct DividendGridPolicy {
    ExerciseStyle style = ExerciseStyle::american;
    DividendModel model = DividendModel::spot;
    GridAccuracy accuracy = accurate_grid;

    friend bool operator==(const DividendGridPolicy&, const DividendGridPolicy&) = default;
};

/// Prices at every spot of options on a spot that pays cash dividends, from one solution of the equation of Black,
/// Scholes and Merton on a grid. Of one option, or of one a lane: lanes may differ in all but the policy, and the
/// number of dividends is any; lanes with as many dividends waste nothing on each other.
///
/// At spots beyond the grid's ends, which lie four standard deviations or more from the strike, and for options with
/// no time or volatility left, prices are those of `CertainPath`. Where the yield makes early exercise a question
/// deeper in the money than that, the grid reaches on to the deepest spot that it is told of; deeper ones err there.
/// @source Merton, Theory of Rational Option Pricing (1973), for the equation; each part names its own.
template <GridNumber T>
class DividendGrid {
public:
    /// @param terms      Within what their comments say; volatility x the root of time at most 20; prices are right up
    /// to
    ///                   `largest_grid_deviation`.
    /// @param dividends  In the order of time, as `check_dividends` has it; of each lane. A lane's are copied.
    /// @throws InvalidInput where the accuracy has an odd or too low number.
    DividendGrid(const OptionTerms<T>& terms, const LaneDividends<T>& dividends, const DividendGridPolicy& policy = {})
        : DividendGrid(terms, dividends, policy, {terms.strike, terms.strike}) {}

    /// @param spots  Where prices will be asked for.
    DividendGrid(const OptionTerms<T>& terms, const LaneDividends<T>& dividends, const DividendGridPolicy& policy,
                 const SpotRange<T>& spots)
        : terms_(terms), form_(form_of(terms, policy.model)), policy_(policy), certain_(certainty(terms)) {
        require_valid(policy.accuracy);
        std::array<detail::GridSegments<double>, lane_count<T>> lanes;
        const double spacing = detail::relative_spacing(policy.accuracy);
        for (std::size_t lane = 0; lane < lane_count<T>; ++lane) {
            OptionTerms<double> lane_terms = terms_of_lane(lane);
            paths_[lane] = CertainPath(lane_terms, {dividends[lane].begin(), dividends[lane].end()}, policy.style);
            lane_terms.time = lane_of(form_.time, lane);
            // In the last days the spot moves no further than the points are apart.
            lanes[lane] =
                detail::segments_of(lane_terms, dividends[lane], policy.model, lane_terms.time * spacing * spacing);
        }
        const auto schedule = detail::align_segments<T>(lanes);
        if (policy.model == DividendModel::escrowed) {
            reserve_ = by_lane<T>([&](std::size_t lane) {
                return present_value(dividends[lane], lane_of(terms.time, lane), lane_of(terms.rate, lane),
                                     lane_of(terms.dividend_yield, lane));
            });
        }
        const T deepest = form_.ratio_of(diffused(form_.put_or_call(spots.lowest, spots.highest)));
        answer_ = policy.style == ExerciseStyle::american
                      ? detail::answer_of<true>(form_, schedule, policy.accuracy, deepest)
                      : detail::answer_of<false>(form_, schedule, policy.accuracy, deepest);
        nodes_.resize(answer_.premiums.size());
        detail::set_nodes(std::span<const T>(answer_.premiums), std::span<detail::GridNode<T>>(nodes_));
    }

    /// Price [USD per unit], >= 0; of an American option no less than exercise gives.
    /// @param spot  USD per unit, > 0; the dividend that goes ex now no longer in it.
    [[nodiscard]] T price(const T& spot) const {
        const Point point = find(spot);
        const T inside = T(line(spot) + T(point.scale * premium(point)));
        return certain_or(lesser(greater(inside, T(0.0)), most(spot)), point, spot,
                          [](const CertainPath& path, double at) { return path.price(at); });
    }

    /// Change of the price with the spot.
    [[nodiscard]] T delta(const T& spot) const {
        const Point point = find(spot);
        const T slope = T(point.cubic.slope(point.place.fraction) / answer_.spacing);
        const T held = form_.put_or_call(T(point.scale * slope / point.diffused), T(premium(point) - slope));
        return certain_or(T(terms_.sign + where_held(held, point)), point, spot, certain_delta);
    }

    /// Change of delta with the spot [1 / USD]; 0 where exercise is best and beyond the ends of the grid.
    [[nodiscard]] T gamma(const T& spot) const {
        const Point point = find(spot);
        const T slope = T(point.cubic.slope(point.place.fraction) / answer_.spacing);
        const T curved = T(curvature(point) / T(answer_.spacing * answer_.spacing));
        const T held = T(T(curved - slope) * point.scale / T(point.diffused * point.diffused));
        return certain_or(where_held(held, point), point, spot, [](const CertainPath&, double) { return 0.0; });
    }

    /// Change of the price as time goes by at the same spot [USD per unit and year]; 0 where exercise is best.
    ///
    /// What the equation says it is, of the price, delta and gamma.
    [[nodiscard]] T theta(const T& spot) const {
        const Point point = find(spot);
        const T variance = T(terms_.volatility * terms_.volatility * point.diffused * point.diffused);
        const T value = price(spot);
        const T held = T(terms_.rate * value - T(terms_.rate - terms_.dividend_yield) * spot * delta(spot) -
                         0.5 * variance * gamma(spot));
        const bool early = policy_.style == ExerciseStyle::american;
        return select(T(value - line(spot)) > T(early ? 0.0 : -std::numeric_limits<double>::infinity()), held, T(0.0));
    }

    /// 1 where a dividend is at least what is left of the spot by its ex-date if the spot moves as its forward price
    /// does, 0 elsewhere: the spot model then pays what is left, and the escrowed model has nothing that moves.
    [[nodiscard]] T dividend_exceeds(const T& spot) const {
        return by_lane<T>([&](std::size_t lane) { return paths_[lane].exceeds_spot(lane_of(spot, lane)) ? 1.0 : 0.0; });
    }

    [[nodiscard]] const DividendGridPolicy& policy() const { return policy_; }

private:
    static constexpr double least_time = 1e-9;      // years
    static constexpr double least_deviation = 1e-6; // volatility x the root of time

    /// Where a spot lies in the grid. A premium is what an option is worth beyond spot less strike, for a call, or
    /// strike less spot.
    struct Point {
        T diffused; ///< The part of the spot that moves at random, > 0, USD per unit.
        T scale;    ///< Of premiums, USD per unit: the unit of account of the put form.
        T outside;  ///< 1 beyond the ends of the grid and without volatility or time, else 0.
        detail::GridPlace<T> place;
        detail::GridCubic<T> cubic; ///< Of premiums.
    };

    [[nodiscard]] T line(const T& spot) const { return T(terms_.sign * T(spot - terms_.strike)); }

    /// No option is worth more: a call than the spot, a put than the strike, each received when that is worth most.
    [[nodiscard]] T most(const T& spot) const {
        using std::exp;
        const T at_expiry = T(exp(T(-form_.rate * form_.time)));
        const bool early = policy_.style == ExerciseStyle::american;
        return T(form_.put_or_call(terms_.strike, spot) * (early ? greater(at_expiry, T(1.0)) : at_expiry));
    }

    /// The part of a spot that moves at random.
    [[nodiscard]] T diffused(const T& spot) const {
        constexpr double nothing = 1e-100; // of the strike: keeps the logarithm finite
        return greater(T(spot - reserve_), T(nothing * terms_.strike));
    }

    [[nodiscard]] Point find(const T& spot) const {
        const T moving = diffused(spot);
        const T ratio = T(form_.ratio_of(moving));
        const T at = T(T(log_ratio(ratio, answer_.unit) - answer_.first) / answer_.spacing);
        const std::size_t intervals = nodes_.size() - 1;
        const T beyond = select(at > T(static_cast<double>(intervals)), T(1.0), T(0.0));
        const auto place = detail::place_in(intervals, at);
        return {moving, form_.put_or_call(terms_.strike, moving),
                greater(certain_, select(at < T(0.0), T(1.0), beyond)), place,
                detail::cubic_at(std::span<const detail::GridNode<T>>(nodes_), place)};
    }

    [[nodiscard]] T premium(const Point& point) const {
        const T premium = point.cubic(point.place.fraction);
        return where_held(premium, point);
    }

    /// `held`, or 0 where an American option is exercised.
    [[nodiscard]] T where_held(const T& held, const Point& point) const {
        const bool early = policy_.style == ExerciseStyle::american;
        return early ? select(point.cubic(point.place.fraction) > T(0.0), held, T(0.0)) : held;
    }

    /// Second derivative of the premium, per interval squared: linear between points, where differences of fourth
    /// order give it.
    [[nodiscard]] T curvature(const Point& point) const {
        constexpr double middle = -30.0 / 12.0;
        constexpr double adjacent = 16.0 / 12.0;
        constexpr double distant = -1.0 / 12.0;
        const auto& table = answer_.premiums;
        return by_lane<T>([&](std::size_t lane) {
            const auto in = [&](std::size_t j) {
                const std::size_t i = std::clamp<std::size_t>(j, 2, table.size() - 3);
                const auto both = [&](std::size_t k) {
                    return lane_of(table[i - k], lane) + lane_of(table[i + k], lane);
                };
                return middle * lane_of(table[i], lane) + adjacent * both(1) + distant * both(2);
            };
            const std::size_t j = point.place.point[lane];
            return in(j) + lane_of(point.place.fraction, lane) * (in(j + 1) - in(j));
        });
    }

    /// `inside` in lanes that the grid covers, and what the certain path says in the others.
    template <class Certain>
    [[nodiscard]] T certain_or(const T& inside, const Point& point, const T& spot, Certain&& certain) const {
        if (!any(point.outside > T(0.0))) {
            return inside;
        }
        return by_lane<T>([&](std::size_t lane) {
            return lane_of(point.outside, lane) > 0 ? certain(paths_[lane], lane_of(spot, lane))
                                                    : lane_of(inside, lane);
        });
    }

    [[nodiscard]] static double certain_delta(const CertainPath& path, double spot) {
        constexpr double bump = 1e-5;  // of the spot; prices are straight lines in it almost everywhere
        constexpr double least = 1e-9; // USD: a spot of zero has the slope beside it
        const double at = (std::max)(spot, least);
        return (path.price(at * (1 + bump)) - path.price(at * (1 - bump))) / (2 * bump * at);
    }

    [[nodiscard]] static detail::PutForm<T> form_of(const OptionTerms<T>& terms, DividendModel model) {
        using std::sqrt;
        const T time = greater(terms.time, T(least_time));
        const T volatility = greater(terms.volatility, T(least_deviation / T(sqrt(time))));
        const auto is_put = terms.sign < T(0.0);
        return {terms.sign,
                terms.strike,
                time,
                select(is_put, terms.rate, terms.dividend_yield),
                select(is_put, terms.dividend_yield, terms.rate),
                volatility,
                model};
    }

    [[nodiscard]] static T certainty(const OptionTerms<T>& terms) {
        using std::sqrt;
        const T still = select(T(terms.volatility * T(sqrt(terms.time))) < T(least_deviation), T(1.0), T(0.0));
        return select(terms.time < T(least_time), T(1.0), still);
    }

    [[nodiscard]] OptionTerms<double> terms_of_lane(std::size_t lane) const {
        return {lane_of(terms_.sign, lane), lane_of(terms_.strike, lane),         lane_of(terms_.time, lane),
                lane_of(terms_.rate, lane), lane_of(terms_.dividend_yield, lane), lane_of(terms_.volatility, lane)};
    }

    static void require_valid(const GridAccuracy& accuracy) {
        constexpr std::size_t fewest_points = 16;
        constexpr std::size_t fewest_steps = 4;
        const Where where("accuracy");
        if (accuracy.points < fewest_points || accuracy.points % 2 != 0) {
            refuse(where["points"], "even and at least 16", static_cast<double>(accuracy.points));
        }
        if (accuracy.steps < fewest_steps) {
            refuse(where["steps"], "at least 4", static_cast<double>(accuracy.steps));
        }
    }

    OptionTerms<T> terms_;
    detail::PutForm<T> form_;
    DividendGridPolicy policy_;
    T certain_;
    T reserve_ = T(0.0); ///< Present value of the dividends in the escrowed model, USD per unit.
    std::array<CertainPath, lane_count<T>> paths_{};
    detail::GridAnswer<T> answer_{};
    std::vector<detail::GridNode<T>> nodes_{}; ///< Of the premiums.
};

} // namespace margincore
