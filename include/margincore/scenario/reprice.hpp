// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/core/arrays.hpp>
#include <margincore/core/check.hpp>
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
#include <margincore/scenario/floored_dividends.hpp>
#include <margincore/scenario/option_series.hpp>
#include <margincore/scenario/series_packs.hpp>
#include <margincore/scenario/volatility_smile.hpp>

namespace margincore {

/// How series are repriced.
struct RepriceOptions {
    VolatilityMode volatility_mode = VolatilityMode::sticky_strike;
    DividendModel dividend_model = DividendModel::spot;
    Accuracy accuracy = Accuracy::fast;
    unsigned threads = 1; ///< 0 for as many as the machine has. The result is the same.
    Progress progress{};  ///< Series done, and all; each counts twice, once calibrated and once repriced.
};

/// What series gain, and what was held.
struct Repriced {
    Matrix gains{};       ///< USD per unit, gain of who is long positive. Shape (n_series, n_moves).
    Array volatilities{}; ///< Annualised, fractions. Shape (n_series).
    Array prices{};       ///< By the model, unmoved, USD per unit. Shape (n_series).

    /// Series with a dividend that takes all that is left of the spot, unmoved or after any of the moves, by row: there
    /// it is floored at what is left.
    std::vector<std::size_t> floored_dividends{};
};

namespace detail {

/// Where a mark fits no volatility because it is at or below what the option is worth without any.
/// @source Ours: docs/pricing.md, calibration.
inline constexpr Volatility floor_volatility = 0.01;

/// Prices a pack of series after moves of the spot.
class PackPricer {
public:
    PackPricer(const OptionSeries& series, const RepriceOptions& options) : series_(series), options_(options) {}

    /// The volatilities to hold: those given, else those of the marks, or the floor where there is none.
    ///
    /// @throws NumericalFailure where a mark is above what the option is worth at any volatility that may be given.
    [[nodiscard]] NativeLanes calibrate(const SeriesPack& pack) const {
        const NativeLanes given = pack.gather(series_.implied_volatility);
        const NativeLanes mark = pack.gather(series_.price);
        const auto is_given = given >= NativeLanes(0.0);
        const NativeLanes held = select(is_given, given, NativeLanes(floor_volatility));
        const OptionTerms<NativeLanes> terms = pack.terms(series_, held);
        const NativeLanes spot = pack.gather(series_.options.spot);
        // Nothing is implied of what has expired or is worthless: then no volatility matters.
        const auto is_wanted = (!is_given) & (terms.time > NativeLanes(0.0)) & (spot > NativeLanes(0.0));
        require_grid(pack, terms, is_given);
        if (!any(is_wanted)) {
            return held;
        }
        OptionTerms<NativeLanes> sound = terms; // lanes that are not wanted get what can be computed
        sound.time = select(is_wanted, terms.time, NativeLanes(1.0));
        const NativeLanes sound_spot = select(is_wanted, spot, terms.strike);
        const NativeLanes price = select(is_wanted, mark, NativeLanes(0.1) * terms.strike);
        const ImpliedVolatility<NativeLanes> found = imply(pack, sound, sound_spot, price);
        for (std::size_t lane = 0; lane < pack.count; ++lane) {
            if (is_wanted[lane] && found.too_high[lane]) {
                const Where where("price");
                throw NumericalFailure(where[pack.rows[lane]], "must be below " + number_text(found.greatest[lane]) +
                                                                   ", which no volatility reaches, got " +
                                                                   number_text(mark[lane]));
            }
            if (is_wanted[lane] && (found.not_found[lane] || found.volatility[lane] > largest_option_volatility)) {
                const Where where("price");
                detail::refuse_limit(mark[lane], where[pack.rows[lane]]);
            }
        }
        return select(is_wanted & (found.volatility > NativeLanes(0.0)), found.volatility, held);
    }

    /// The prices at the spot times each factor.
    ///
    /// @param log_factors  Of the moves.
    /// @param volatility   From a move to the volatilities after it.
    /// @param put          Takes a move, its row among the factors, and the prices after it.
    template <class VolatilityAfter, class Put>
    void prices(const SeriesPack& pack, std::span<const double> factors, std::span<const double> log_factors,
                VolatilityAfter&& volatility, Put&& put) const {
        const NativeLanes spot = pack.gather(series_.options.spot);
        const auto with_option = [&](auto&& make, auto&& price) {
            const bool is_held = options_.volatility_mode == VolatilityMode::sticky_strike;
            auto option = make(pack.terms(series_, volatility(0)));
            for (std::size_t k = 0; k < factors.size(); ++k) {
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
                        });
            break;
        case SeriesMethod::boundary:
            with_scheme(options_.accuracy, [&]<AmericanScheme scheme>() {
                with_option([](const auto& terms) { return AmericanOption<NativeLanes, scheme>(terms); }, at_spot);
            });
            break;
        case SeriesMethod::american_grid:
        case SeriesMethod::european_grid:
            with_option(
                [&](const auto& terms) {
                    const auto [least, greatest] = std::ranges::minmax(factors);
                    return DividendGrid<NativeLanes>(terms, pack.dividends(series_), grid_policy(pack),
                                                     {spot * least, spot * greatest});
                },
                at_spot);
            break;
        }
    }

private:
    /// Checks that a grid is right for the volatilities that are given.
    void require_grid(const SeriesPack& pack, const OptionTerms<NativeLanes>& terms,
                      const MaskOf<NativeLanes>& is_given) const {
        const bool on_grid = pack.method == SeriesMethod::american_grid || pack.method == SeriesMethod::european_grid;
        const NativeLanes deviation = terms.volatility * sqrt(greater(terms.time, NativeLanes(0.0)));
        // A volatility that a search ended at is taken back, whatever rounding makes of its product.
        constexpr double rounding = 1e-12;
        const auto is_wrong = is_given & (deviation > NativeLanes(largest_grid_deviation * (1 + rounding)));
        for (std::size_t lane = 0; on_grid && any(is_wrong) && lane < pack.count; ++lane) {
            if (is_wrong[lane]) {
                const Where where("implied_volatility");
                throw Unsupported(where[pack.rows[lane]], "must be at most " + number_text(largest_grid_deviation) +
                                                              " by the root of time under cash dividends, got " +
                                                              number_text(terms.volatility[lane]));
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
        return implied_volatility_of_grid(terms, spot, price, pack.dividends(series_), grid_policy(pack));
    }

    const OptionSeries& series_;
    const RepriceOptions& options_;
};

/// Refuses series whose exercise is best between two boundaries.
inline void require_one_boundary(const OptionSeries& series, const SeriesPack& pack) {
    const auto has_two = has_two_exercise_boundaries(pack.terms(series, NativeLanes(0.0)));
    for (std::size_t lane = 0; lane < pack.count; ++lane) {
        if (is_exercised_early(pack.method) && has_two[lane]) {
            const Where where("dividend_yield");
            throw Unsupported(where[pack.rows[lane]],
                              "with this rate exercise has two boundaries, which is not built, got " +
                                  number_text(series.options.dividend_yield[pack.rows[lane]]));
        }
    }
}

} // namespace detail

/// What option series gain when their underlyings move and nothing else does: of each series its price by the model at
/// the moved spot less that at the spot, at the volatility of its own mark.
///
/// Each series is calibrated to its mark first: the volatility at which the model has the mark is held (sticky strike),
/// or follows the smile (sticky moneyness). A mark at or below what the option is worth without volatility takes 1 %.
/// So no move is no gain, and a series without time gains its intrinsic value's change.
/// @param moves  Of the spot, fractions, > -1. Shape (n_moves).
/// @throws InvalidInput     where a number is not one that a series can have, with its row: `strike[3]`.
/// @throws MissingData      where neither a mark nor a volatility is given; where the volatility moves along smiles of
///                          series whose spots differ and no `underlying` tells them apart.
/// @throws Unsupported      where exercise is best between two boundaries.
/// @throws NumericalFailure where a mark is above what the option is worth at any volatility up to
///                          `largest_option_volatility`; of one of such rows.
[[nodiscard]] inline Repriced reprice(const OptionSeries& series, std::span<const Fraction> moves,
                                      const RepriceOptions& options = {}) {
    constexpr std::size_t packs_a_piece = 64;
    require_valid(series);
    std::vector<double> factors = {1.0}; // the base, then the moves
    std::vector<double> log_factors = {0.0};
    const Where where("moves");
    for (std::size_t k = 0; k < moves.size(); ++k) {
        if (!(require_within(moves[k], -1.0, largest_ratio, where[k]) > -1.0)) {
            refuse(where[k], "more than -1", moves[k]);
        }
        factors.push_back(1.0 + moves[k]);
        log_factors.push_back(std::log(factors.back()));
    }
    const std::size_t size = series.size();
    const std::vector<detail::SeriesPack> packs = detail::packs_of(series);
    for (const detail::SeriesPack& pack : packs) {
        detail::require_one_boundary(series, pack);
    }
    if (options.volatility_mode == VolatilityMode::sticky_moneyness) {
        require_smiles(series);
    }
    const detail::PackPricer pricer(series, options);
    Repriced result{.gains = Matrix(static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(moves.size())),
                    .volatilities = Array(static_cast<Eigen::Index>(size)),
                    .prices = Array(static_cast<Eigen::Index>(size))};
    const auto in_all_packs = [&](std::size_t earlier, auto&& work) {
        Progress progress;
        if (options.progress) {
            progress = [&options, earlier, size, n = packs.size()](std::size_t done, std::size_t) {
                options.progress(earlier + (n == 0 ? size : size * done / n), 2 * size);
            };
        }
        in_pieces(packs.size(), packs_a_piece, options.threads, progress, [&](std::size_t first, std::size_t last) {
            for (std::size_t p = first; p < last; ++p) {
                work(packs[p]);
            }
        });
    };

    in_all_packs(0, [&](const detail::SeriesPack& pack) {
        const NativeLanes held = pricer.calibrate(pack);
        for (std::size_t lane = 0; lane < pack.count; ++lane) {
            result.volatilities[static_cast<Eigen::Index>(pack.rows[lane])] = held[lane];
        }
    });
    const std::span<const Volatility> held = detail::as_span(result.volatilities);
    std::optional<VolatilitySmiles> smiles;
    if (options.volatility_mode == VolatilityMode::sticky_moneyness) {
        smiles.emplace(series, held);
    }
    in_all_packs(size, [&](const detail::SeriesPack& pack) {
        const auto volatility = [&](std::size_t k) {
            return !smiles || k == 0 ? pack.gather(held) : by_lane<NativeLanes>([&](std::size_t lane) {
                const std::size_t row = pack.rows[lane];
                return smiles->after(series, row, held[row], log_factors[k]);
            });
        };
        NativeLanes base(0.0);
        pricer.prices(pack, factors, log_factors, volatility, [&](std::size_t k, const NativeLanes& price) {
            for (std::size_t lane = 0; lane < pack.count; ++lane) {
                const auto row = static_cast<Eigen::Index>(pack.rows[lane]);
                if (k == 0) {
                    result.prices[row] = price[lane];
                } else {
                    result.gains(row, static_cast<Eigen::Index>(k - 1)) = price[lane] - base[lane];
                }
            }
            base = k == 0 ? price : base;
        });
    });
    result.floored_dividends = floored_dividends(series, (std::ranges::min)(factors));
    return result;
}

} // namespace margincore
