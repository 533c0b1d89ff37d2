// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/pricing/option_columns.hpp>
#include <margincore/scenario/option_series.hpp>

namespace margincore {

/// Checks that smiles can be told apart: by the underlying, or where every series has the same spot.
///
/// @throws MissingData where no underlying is given and spots differ, with the first that does.
inline void require_smiles(const OptionSeries& series) {
    const NumberColumn& spot = series.options.spot;
    if (!series.underlying.empty() || spot.is_constant()) {
        return;
    }
    for (std::size_t row = 1; row < spot.size(); ++row) {
        if (spot[row] != spot[0]) {
            throw MissingData("underlying",
                              "must be given where spots differ and the volatility follows a smile, got " +
                                  number_text(spot[0]) + " and " + number_text(spot[row]));
        }
    }
}

/// The volatilities of the series of each underlying and expiry, over the logarithm of strike by spot: straight between
/// strikes, flat beyond them; where a call and a put have one strike, their mean.
class VolatilitySmiles {
public:
    /// @param volatilities  Of each series. Shape (n_series).
    VolatilitySmiles(const OptionSeries& series, std::span<const Volatility> volatilities) {
        for (std::size_t row = 0; row < volatilities.size(); ++row) {
            smiles_[key(series, row)].push_back({moneyness(series, row), volatilities[row], 1.0});
        }
        for (auto& [key, points] : smiles_) {
            std::ranges::sort(points, {}, &Point::moneyness);
            std::size_t last = 0;
            for (std::size_t i = 1; i < points.size(); ++i) {
                if (points[i].moneyness == points[last].moneyness) {
                    points[last].volatility += points[i].volatility;
                    points[last].count += 1.0;
                } else {
                    points[++last] = points[i];
                }
            }
            points.resize(last + 1);
            for (Point& point : points) {
                point.volatility /= point.count;
            }
        }
    }

    /// The volatility of a series after a move of the spot: its own, and what the smile changes on the way. Not below a
    /// tenth of its own.
    [[nodiscard]] Volatility after(const OptionSeries& series, std::size_t row, Volatility own,
                                   double log_factor) const {
        constexpr double least = 0.1;
        const std::vector<Point>& points = smiles_.at(key(series, row));
        const double here = moneyness(series, row);
        return (std::max)(own + at(points, here - log_factor) - at(points, here), least * own);
    }

private:
    struct Point {
        double moneyness;
        Volatility volatility;
        double count;
    };
    using Key = std::pair<std::int64_t, double>;

    [[nodiscard]] static Key key(const OptionSeries& series, std::size_t row) {
        return {series.underlying.empty() ? 0 : series.underlying[row], series.options.time[row]};
    }
    [[nodiscard]] static double moneyness(const OptionSeries& series, std::size_t row) {
        return std::log(series.options.strike[row] / series.options.spot[row]);
    }

    [[nodiscard]] static Volatility at(const std::vector<Point>& points, double moneyness) {
        const auto above = std::ranges::lower_bound(points, moneyness, {}, &Point::moneyness);
        if (above == points.begin()) {
            return points.front().volatility;
        }
        if (above == points.end()) {
            return points.back().volatility;
        }
        const Point& below = *(above - 1);
        const double part = (moneyness - below.moneyness) / (above->moneyness - below.moneyness);
        return below.volatility + part * (above->volatility - below.volatility);
    }

    std::map<Key, std::vector<Point>> smiles_{};
};

} // namespace margincore
