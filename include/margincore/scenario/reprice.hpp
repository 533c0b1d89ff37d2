// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
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
#include <margincore/scenario/floored_dividends.hpp>
#include <margincore/scenario/option_series.hpp>
#include <margincore/scenario/pack_pricer.hpp>
#include <margincore/scenario/series_packs.hpp>
#include <margincore/scenario/volatility_smile.hpp>

namespace margincore {

/// What series gain, and what was held.
struct Repriced {
    Matrix gains{};       ///< USD per unit, gain of who is long positive. Shape (n_series, n_moves).
    Array volatilities{}; ///< Annualised, fractions. Shape (n_series).
    Array prices{};       ///< By the model, unmoved, USD per unit. Shape (n_series).
    Array deltas{};       ///< Of the unmoved prices to the spot. Shape (n_series), or (0) where they are not asked for.

    /// Series with a dividend that takes all that is left of the spot, unmoved or after any of the moves, by row: there
    /// it is floored at what is left.
    std::vector<std::size_t> floored_dividends{};

    std::vector<SeriesFailure> failures{}; ///< By row, where asked for: their gains, volatility and price are NaN.
};

namespace detail {

/// Refuses series whose exercise is best between two boundaries.
inline void require_one_boundary(const OptionSeries& series, const SeriesPack& pack, SeriesFailures& failures) {
    const auto has_two = has_two_exercise_boundaries(pack.terms(series, NativeLanes(0.0)));
    for (std::size_t lane = 0; lane < pack.count; ++lane) {
        if (is_exercised_early(pack.method) && has_two[lane]) {
            failures.holds(pack.rows[lane], [&](std::size_t row) {
                const Where where("dividend_yield");
                throw Unsupported(where[row], "with this rate exercise has two boundaries, which is not built, got " +
                                                  number_text(series.options.dividend_yield[row]));
            });
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
/// @param moves  Of the spot, fractions, >= -1. Shape (n_moves).
/// @throws InvalidInput     where a number is not one that a series can have, with its row: `strike[3]`.
/// @throws MissingData      where neither a mark nor a volatility is given; where the volatility moves along smiles of
///                          series whose spots differ and no `underlying` tells them apart.
/// @throws Unsupported      where exercise is best between two boundaries.
/// @throws NumericalFailure where a mark is above what the option is worth at any volatility up to
///                          `largest_option_volatility`; of one of such rows.
///                          What is wrong with one series is no error but a failure where `options.passes_over` asks.
[[nodiscard]] inline Repriced reprice(const OptionSeries& series, std::span<const Fraction> moves,
                                      const RepriceOptions& options = {}) {
    constexpr std::size_t packs_a_piece = 64;
    require_columns(series);
    const std::size_t size = series.size();
    detail::SeriesFailures failures(size, options.passes_over);
    for (std::size_t row = 0; row < size; ++row) {
        failures.holds(row, [&](std::size_t at) { require_valid(series, at); });
    }
    std::vector<double> factors = {1.0}; // the base, then the moves
    std::vector<double> log_factors = {0.0};
    const Where where("moves");
    for (std::size_t k = 0; k < moves.size(); ++k) {
        factors.push_back(1.0 + require_within(moves[k], -1.0, largest_ratio, where[k]));
        log_factors.push_back(std::log(factors.back()));
    }
    const std::vector<detail::SeriesPack> packs =
        detail::packs_of(series, [&](std::size_t row) { return !failures.has(row); });
    for (const detail::SeriesPack& pack : packs) {
        detail::require_one_boundary(series, pack, failures);
    }
    if (options.volatility_mode == VolatilityMode::sticky_moneyness) {
        require_smiles(series);
    }
    const detail::PackPricer pricer(series, options, factors);
    Repriced result{.gains = Matrix(static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(moves.size())),
                    .volatilities = Array(static_cast<Eigen::Index>(size)),
                    .prices = Array(static_cast<Eigen::Index>(size)),
                    .deltas = Array(static_cast<Eigen::Index>(options.wants_deltas ? size : 0))};
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
        const NativeLanes held = pricer.calibrate(pack, failures);
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
        const auto put = [&](std::size_t k, const NativeLanes& price) {
            for (std::size_t lane = 0; lane < pack.count; ++lane) {
                const auto row = static_cast<Eigen::Index>(pack.rows[lane]);
                if (k == 0) {
                    result.prices[row] = price[lane];
                } else {
                    result.gains(row, static_cast<Eigen::Index>(k - 1)) = price[lane] - base[lane];
                }
            }
            base = k == 0 ? price : base;
        };
        pricer.prices(pack, factors, log_factors, volatility, put, [&](const NativeLanes& delta) {
            for (std::size_t lane = 0; lane < pack.count; ++lane) {
                result.deltas[static_cast<Eigen::Index>(pack.rows[lane])] = delta[lane];
            }
        });
    });
    result.floored_dividends = floored_dividends(series, detail::least_positive(factors));
    result.failures = failures.sorted();
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    for (const SeriesFailure& failure : result.failures) {
        const auto row = static_cast<Eigen::Index>(failure.row);
        result.gains.row(row).setConstant(missing);
        result.volatilities[row] = result.prices[row] = missing;
        if (options.wants_deltas) {
            result.deltas[row] = missing;
        }
    }
    return result;
}

} // namespace margincore
