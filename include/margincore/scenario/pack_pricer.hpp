// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/pricing/american.hpp>
#include <margincore/pricing/american_columns.hpp>
#include <margincore/pricing/american_implied_volatility.hpp>
#include <margincore/pricing/dividend_columns.hpp>
#include <margincore/pricing/dividend_grid.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/grid_accuracy.hpp>
#include <margincore/pricing/implied_volatility.hpp>
#include <margincore/pricing/implied_volatility_columns.hpp>
#include <margincore/scenario/option_series.hpp>
#include <margincore/scenario/series_packs.hpp>
#include <margincore/scenario/volatility_smile.hpp>

namespace margincore {

/// How series are repriced.
struct RepriceOptions {
    VolatilityMode volatility_mode = VolatilityMode::sticky_strike;
    DividendModel dividend_model = DividendModel::spot;
    Accuracy accuracy = Accuracy::fast;
    unsigned threads = 1;      ///< 0 for as many as the machine has. The result is the same.
    Progress progress{};       ///< Series done, and all; each counts twice, once calibrated and once repriced.
    bool wants_deltas = false; ///< The result has them too.
    bool passes_over = false;  ///< A series that is wrong is a failure of the result, and the others are repriced.
};

/// Why a series could not be repriced.
struct SeriesFailure {
    std::size_t row = 0;
    std::exception_ptr reason{}; ///< An `Error`.
};

namespace detail {

/// Takes what is wrong with series: throws it, or keeps it, one for each series.
class SeriesFailures {
public:
    /// @param keeps  Else the first is thrown.
    SeriesFailures(std::size_t size, bool keeps) : failed_(keeps ? size : 0, 0), keeps_(keeps) {}

    /// Whether a check of a row throws nothing.
    template <class Check>
    bool holds(std::size_t row, Check&& check_row) {
        if (!keeps_) {
            check_row(row);
            return true;
        }
        try {
            check_row(row);
            return true;
        } catch (const Error&) {
            const std::scoped_lock lock(mutex_);
            if (std::exchange(failed_[row], 1) == 0) {
                failures_.push_back({.row = row, .reason = std::current_exception()});
            }
            return false;
        }
    }

    [[nodiscard]] bool has(std::size_t row) const { return keeps_ && failed_[row] != 0; }

    /// By row.
    [[nodiscard]] std::vector<SeriesFailure> sorted() {
        std::ranges::sort(failures_, {}, &SeriesFailure::row);
        return std::move(failures_);
    }

private:
    std::vector<std::uint8_t> failed_;
    std::vector<SeriesFailure> failures_{};
    std::mutex mutex_{};
    bool keeps_;
};

/// Where a mark fits no volatility because it is at or below what the option is worth without any.
/// @source Ours: docs/pricing.md, calibration.
inline constexpr Volatility floor_volatility = 0.01;

/// The least of the factors of a spot after which something is left of it; 1 at most.
[[nodiscard]] inline double least_positive(std::span<const double> factors) {
    double least = 1.0;
    for (const double factor : factors) {
        least = factor > 0 ? (std::min)(least, factor) : least;
    }
    return least;
}

/// Prices a pack of series after moves of the spot.
class PackPricer {
public:
    /// @param factors  Of the spot: 1 and those of the moves.
    PackPricer(const OptionSeries& series, const RepriceOptions& options, std::span<const double> factors)
        : series_(series), options_(options), least_factor_(least_positive(factors)),
          greatest_factor_((std::ranges::max)(factors)) {}

    /// The volatilities to hold: those given, else those of the marks, or the floor where there is none.
    ///
    /// @param failures  Takes a mark above what the option is worth at any volatility that may be given, and a
    /// volatility
    ///                  that is too high for a grid; in place of such a one the floor is held.
    [[nodiscard]] NativeLanes calibrate(const SeriesPack& pack, SeriesFailures& failures) const {
        const NativeLanes given = pack.gather(series_.implied_volatility);
        const NativeLanes mark = pack.gather(series_.price);
        const auto is_given = given >= NativeLanes(0.0);
        NativeLanes held = select(is_given, given, NativeLanes(floor_volatility));
        require_grid(pack, held, is_given, failures);
        const OptionTerms<NativeLanes> terms = pack.terms(series_, held);
        const NativeLanes spot = pack.gather(series_.options.spot);
        // Nothing is implied of what has expired or is worthless: then no volatility matters.
        const auto is_wanted = (!is_given) & (terms.time > NativeLanes(0.0)) & (spot > NativeLanes(0.0));
        if (!any(is_wanted)) {
            return held;
        }
        OptionTerms<NativeLanes> sound = terms; // lanes that are not wanted get what can be computed
        sound.time = select(is_wanted, terms.time, NativeLanes(1.0));
        const NativeLanes sound_spot = select(is_wanted, spot, terms.strike);
        const NativeLanes price = select(is_wanted, mark, NativeLanes(0.1) * terms.strike);
        ImpliedVolatility<NativeLanes> found = imply(pack, sound, sound_spot, price);
        for (std::size_t lane = 0; lane < pack.count; ++lane) {
            const bool holds = !is_wanted[lane] || failures.holds(pack.rows[lane], [&](std::size_t row) {
                require_found(found, lane, row, mark[lane]);
            });
            if (!holds) {
                found.volatility.set(lane, 0.0);
            }
        }
        return select(is_wanted & (found.volatility > NativeLanes(0.0)), found.volatility, held);
    }

    /// The prices at the spot times each factor.
    ///
    /// @param log_factors  Of the moves.
    /// @param volatility   From a move to the volatilities after it.
    /// @param put          Takes a move, its row among the factors, and the prices after it.
    /// @param put_delta    Takes the deltas at the spot, where they are wanted.
    template <class VolatilityAfter, class Put, class PutDelta>
    void prices(const SeriesPack& pack, std::span<const double> factors, std::span<const double> log_factors,
                VolatilityAfter&& volatility, Put&& put, PutDelta&& put_delta) const {
        const NativeLanes spot = pack.gather(series_.options.spot);
        const auto with_option = [&](auto&& make, auto&& price, auto&& delta) {
            const bool is_held = options_.volatility_mode == VolatilityMode::sticky_strike;
            auto option = make(pack.terms(series_, volatility(0)));
            if (options_.wants_deltas) {
                put_delta(delta(option));
            }
            for (std::size_t k = 0; k < factors.size(); ++k) {
                if (factors[k] == 0) {
                    put(k, worthless_underlying(pack));
                    continue;
                }
                if (k > 0 && !is_held) {
                    option = make(pack.terms(series_, volatility(k)));
                }
                put(k, price(option, k));
            }
        };
        const auto at_spot = [&](const auto& option, std::size_t k) { return option.price(spot * factors[k]); };
        switch (pack.method) {
        case SeriesMethod::closed_form:
            with_option([&](const auto& terms) { return EuropeanOption<NativeLanes>(terms, spot); },
                        [&](const EuropeanOption<NativeLanes>& option, std::size_t k) {
                            return option.price({.factor = factors[k], .log_factor = log_factors[k]});
                        },
                        [](const EuropeanOption<NativeLanes>& option) { return option.greeks().delta; });
            break;
        case SeriesMethod::boundary:
            with_scheme(options_.accuracy, [&]<AmericanScheme scheme>() {
                with_option([](const auto& terms) { return AmericanOption<NativeLanes, scheme>(terms); }, at_spot,
                            [&](const auto& option) { return option.spot_greeks(spot).delta; });
            });
            break;
        case SeriesMethod::american_grid:
        case SeriesMethod::european_grid:
            with_option(
                [&](const auto& terms) {
                    return DividendGrid<NativeLanes>(terms, pack.dividends(series_), grid_policy(pack), spots_of(spot));
                },
                at_spot, [&](const auto& option) { return option.delta(spot); });
            break;
        }
    }

private:
    /// The prices where the underlying is worth nothing and stays so: of a put its strike, at once where it may be
    /// exercised early and that is more.
    [[nodiscard]] NativeLanes worthless_underlying(const SeriesPack& pack) const {
        return by_lane<NativeLanes>([&](std::size_t lane) {
            const OptionTerms<double> terms = series_.terms(pack.rows[lane], 0.0);
            const double later = std::exp(-terms.rate * terms.time);
            const double worth = is_exercised_early(pack.method) ? (std::max)(1.0, later) : later;
            return terms.sign < 0 ? terms.strike * worth : 0.0;
        });
    }

    /// Checks that a volatility was found of a mark.
    static void require_found(const ImpliedVolatility<NativeLanes>& found, std::size_t lane, std::size_t row,
                              double mark) {
        const Where where("price");
        if (found.too_high[lane]) {
            throw NumericalFailure(where[row], "must be below " + number_text(found.greatest[lane]) +
                                                   ", which no volatility reaches, got " + number_text(mark));
        }
        if (found.not_found[lane] || found.volatility[lane] > largest_option_volatility) {
            detail::refuse_limit(mark, where[row]);
        }
    }

    /// Checks that a grid is right for the volatilities that are given.
    void require_grid(const SeriesPack& pack, NativeLanes& held, const MaskOf<NativeLanes>& is_given,
                      SeriesFailures& failures) const {
        if (pack.method != SeriesMethod::american_grid && pack.method != SeriesMethod::european_grid) {
            return;
        }
        const NativeLanes time = pack.gather(series_.options.time);
        // A volatility that a search ended at is taken back, whatever rounding makes of its product.
        constexpr double rounding = 1e-12;
        for (std::size_t lane = 0; lane < pack.count; ++lane) {
            const bool holds = !is_given[lane] || failures.holds(pack.rows[lane], [&](std::size_t row) {
                if (held[lane] * std::sqrt((std::max)(time[lane], 0.0)) > largest_grid_deviation * (1 + rounding)) {
                    const Where where("implied_volatility");
                    throw Unsupported(where[row], "must be at most " + number_text(largest_grid_deviation) +
                                                      " by the root of time under cash dividends, got " +
                                                      number_text(held[lane]));
                }
            });
            if (!holds) {
                held.set(lane, floor_volatility);
            }
        }
    }

    [[nodiscard]] DividendGridPolicy grid_policy(const SeriesPack& pack) const {
        return {.style = pack.method == SeriesMethod::american_grid ? ExerciseStyle::american : ExerciseStyle::european,
                .model = options_.dividend_model,
                .accuracy = options_.accuracy == Accuracy::fast ? fast_grid : accurate_grid};
    }

    [[nodiscard]] ImpliedVolatility<NativeLanes> imply(const SeriesPack& pack, const OptionTerms<NativeLanes>& terms,
                                                       const NativeLanes& spot, const NativeLanes& price) const {
        switch (pack.method) {
        case SeriesMethod::closed_form:
            return implied_volatility_european(terms, spot, price);
        case SeriesMethod::boundary:
            return with_scheme(options_.accuracy, [&]<AmericanScheme scheme>() {
                return implied_volatility_american<scheme>(terms, spot, price);
            });
        case SeriesMethod::american_grid:
        case SeriesMethod::european_grid:
            break;
        }
        return implied_volatility_of_grid(terms, spot, price, pack.dividends(series_), grid_policy(pack),
                                          spots_of(spot));
    }

    /// Of one grid for every move, so that a series is priced as it was calibrated.
    [[nodiscard]] SpotRange<NativeLanes> spots_of(const NativeLanes& spot) const {
        return {spot * least_factor_, spot * greatest_factor_};
    }

    const OptionSeries& series_;
    const RepriceOptions& options_;
    double least_factor_;
    double greatest_factor_;
};

} // namespace detail
} // namespace margincore
