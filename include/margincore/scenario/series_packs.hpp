// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <margincore/core/lane_access.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/pricing/dividend_grid.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/option_terms.hpp>
#include <margincore/scenario/option_series.hpp>

namespace margincore::detail {

/// By what a series is priced.
enum class SeriesMethod : std::uint8_t {
    closed_form,   ///< European, or American where early exercise never pays.
    boundary,      ///< American on a continuous yield.
    american_grid, ///< American on cash dividends.
    european_grid, ///< European on cash dividends.
};

[[nodiscard]] constexpr bool is_exercised_early(SeriesMethod method) {
    return method == SeriesMethod::boundary || method == SeriesMethod::american_grid;
}

[[nodiscard]] inline SeriesMethod method_of(const OptionSeries& series, std::size_t row) {
    const bool is_european = series.style(row) == ExerciseStyle::european;
    const OptionTerms<double> terms = series.terms(row, 0.0);
    for (const Dividend& dividend : series.dividends(row)) {
        if (is_paid_within(dividend, terms.time) && dividend.amount > 0) {
            return is_european ? SeriesMethod::european_grid : SeriesMethod::american_grid;
        }
    }
    // A call is held for what the strike earns, a put for what the spot pays: where nothing is lost by it, to expiry.
    const double gain = terms.sign > 0 ? terms.dividend_yield : terms.rate;
    const double loss = terms.sign > 0 ? terms.rate : terms.dividend_yield;
    const bool never_pays = gain <= 0 && loss >= gain;
    return is_european || never_pays || terms.time == 0 ? SeriesMethod::closed_form : SeriesMethod::boundary;
}

/// Series of one method, one a lane; the lanes beyond `count` repeat the last.
struct SeriesPack {
    SeriesMethod method = SeriesMethod::closed_form;
    std::size_t count = 0;
    std::array<std::size_t, native_lanes> rows{};

    [[nodiscard]] NativeLanes gather(const NumberColumn& column) const {
        return by_lane<NativeLanes>([&](std::size_t lane) { return column[rows[lane]]; });
    }
    [[nodiscard]] NativeLanes gather(std::span<const double> column) const {
        return by_lane<NativeLanes>([&](std::size_t lane) { return column[rows[lane]]; });
    }
    [[nodiscard]] OptionTerms<NativeLanes> terms(const OptionSeries& series, const NativeLanes& volatility) const {
        return {.sign = gather(series.options.sign),
                .strike = gather(series.options.strike),
                .time = gather(series.options.time),
                .rate = gather(series.options.rate),
                .dividend_yield = gather(series.options.dividend_yield),
                .volatility = volatility};
    }
    [[nodiscard]] LaneDividends<NativeLanes> dividends(const OptionSeries& series) const {
        LaneDividends<NativeLanes> result;
        for (std::size_t lane = 0; lane < native_lanes; ++lane) {
            result[lane] = series.dividends(rows[lane]);
        }
        return result;
    }
};

/// How many dividends bear on a series that a grid prices; 0 of the others, which look at none.
[[nodiscard]] inline std::size_t dividends_of(const OptionSeries& series, std::size_t row, SeriesMethod method) {
    if (method != SeriesMethod::american_grid && method != SeriesMethod::european_grid) {
        return 0;
    }
    const double time = series.options.time[row];
    const std::span<const Dividend> dividends = series.dividends(row);
    return static_cast<std::size_t>(
        std::ranges::count_if(dividends, [&](const Dividend& dividend) { return is_paid_within(dividend, time); }));
}

/// All series in packs, in their order within each method and number of dividends: a pack whose lanes have other
/// numbers of them costs more time, and no other price.
///
/// @param is_wanted  Takes a row; the others are in no pack.
template <class IsWanted>
[[nodiscard]] std::vector<SeriesPack> packs_of(const OptionSeries& series, IsWanted&& is_wanted) {
    constexpr std::size_t most_apart = 16; // numbers of dividends; beyond it they share packs
    constexpr std::size_t methods = 4;
    std::vector<SeriesPack> packs;
    std::array<SeriesPack, methods * most_apart> open{};
    const auto close = [&](SeriesPack& pack) {
        for (std::size_t lane = pack.count; lane < native_lanes; ++lane) {
            pack.rows[lane] = pack.rows[pack.count - 1];
        }
        packs.push_back(pack);
        pack.count = 0;
    };
    const std::size_t size = series.size();
    for (std::size_t row = 0; row < size; ++row) {
        if (!is_wanted(row)) {
            continue;
        }
        const SeriesMethod method = method_of(series, row);
        const std::size_t dividends = (std::min)(dividends_of(series, row, method), most_apart - 1);
        SeriesPack& pack = open[static_cast<std::size_t>(method) * most_apart + dividends];
        pack.method = method;
        pack.rows[pack.count++] = row;
        if (pack.count == native_lanes) {
            close(pack);
        }
    }
    // What is left shares packs with the same method's, in the order of the number of dividends.
    for (std::size_t first = 0; first < open.size(); first += most_apart) {
        SeriesPack rest{.method = open[first].method};
        for (std::size_t i = first; i < first + most_apart; ++i) {
            rest.method = open[i].count > 0 ? open[i].method : rest.method;
            for (std::size_t lane = 0; lane < open[i].count; ++lane) {
                rest.rows[rest.count++] = open[i].rows[lane];
                if (rest.count == native_lanes) {
                    close(rest);
                }
            }
        }
        if (rest.count > 0) {
            close(rest);
        }
    }
    return packs;
}

} // namespace margincore::detail
