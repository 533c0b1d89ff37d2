// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/series_terms.hpp>
#include <margincore/core/arrays.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/scenario/option_series.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// What series of a market gain, USD per unit of their multiplier.
struct SeriesGains {
    Matrix gains{}; ///< Of who is long. Shape (n_series, n_moves); NaN of a series that could not be priced.
    Array prices{}; ///< By the model, unmoved. Shape (n_series).
    Array deltas{}; ///< Of the price to the spot. Shape (n_series), or (0) where they are not asked for.
};

/// The option series of a market, ready to be repriced. A series that cannot be is passed over, and whoever holds it is
/// told why.
class MarketSeries {
public:
    /// @param is_wanted  Takes a row of the market: whether its series is.
    /// @param place      Of the instruments in the caller's data. Must outlive this.
    template <class IsWanted>
    MarketSeries(const MarketRows& market, const MarketSnapshot& snapshot, const AccountPlace& place,
                 IsWanted&& is_wanted)
        : market_(market), place_(place) {
        const detail::SeriesReader read(market, snapshot, place);
        for (std::size_t i = 0; i < market.size(); ++i) {
            const auto row = static_cast<InstrumentIndex>(i);
            if (!has_model(market.instrument(row)) || !is_wanted(row)) {
                continue;
            }
            try {
                terms_.push_back(read(row));
                rows_.push_back(row);
            } catch (const Error&) {
                refused_[row] = std::current_exception();
            }
        }
    }

    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] InstrumentIndex row(std::size_t series) const { return rows_[series]; } ///< Of the market.
    [[nodiscard]] const SeriesTerms& terms(std::size_t series) const { return terms_[series]; }

    /// Moves the volatilities that are held since the first repricing, relative to what they are.
    ///
    /// @param move  A fraction, > -1.
    void move_volatilities(Fraction move) {
        for (SeriesTerms& terms : terms_) {
            terms.implied_volatility *= 1.0 + move;
        }
    }

    /// Why series cannot be priced, by row of the market.
    [[nodiscard]] const std::map<InstrumentIndex, std::exception_ptr>& refused() const { return refused_; }

    /// Gains after moves of the underlyings, each series at the volatility of its own mark; later calls hold it.
    ///
    /// @param moves_of  From a series to the moves of its underlying, fractions: a `std::vector<Fraction>`, of one
    /// length
    ///                  for all. A move below -1 is one to nothing.
    template <class MovesOf>
    [[nodiscard]] SeriesGains reprice(MovesOf&& moves_of, RepriceOptions options) {
        options.passes_over = true;
        std::map<std::vector<Fraction>, std::vector<std::size_t>> groups; // series that move alike are priced together
        std::size_t moves = 0;
        for (std::size_t i = 0; i < size(); ++i) {
            std::vector<Fraction> own = moves_of(i);
            moves = own.size();
            const Price spot = terms_[i].moving + terms_[i].fixed;
            const double part = spot > 0 ? terms_[i].moving / spot : 1.0;
            for (Fraction& move : own) {
                move = (std::max)(move, -1.0) * part;
            }
            groups[std::move(own)].push_back(i);
        }
        constexpr double missing = std::numeric_limits<double>::quiet_NaN();
        const auto n = static_cast<Eigen::Index>(size());
        SeriesGains result{.gains = Matrix::Constant(n, static_cast<Eigen::Index>(moves), missing),
                           .prices = Array::Constant(n, missing),
                           .deltas = Array::Constant(options.wants_deltas ? n : 0, missing)};
        for (const auto& [own, series] : groups) {
            const Columns columns = columns_of(series);
            const Repriced repriced = margincore::reprice(columns.view(), own, options);
            for (std::size_t k = 0; k < series.size(); ++k) {
                const auto from = static_cast<Eigen::Index>(k);
                const auto to = static_cast<Eigen::Index>(series[k]);
                result.gains.row(to) = repriced.gains.row(from);
                result.prices[to] = repriced.prices[from];
                if (options.wants_deltas) {
                    result.deltas[to] = repriced.deltas[from];
                }
                terms_[series[k]].implied_volatility = repriced.volatilities[from];
            }
            for (const SeriesFailure& failure : repriced.failures) {
                refuse(series[failure.row], failure.reason);
            }
        }
        return result;
    }

private:
    /// What `margincore::reprice` reads of some series.
    struct Columns {
        std::vector<double> sign{}, spot{}, strike{}, time{}, rate{}, dividend_yield{}, price{}, implied_volatility{};
        std::vector<std::uint8_t> is_european{};
        std::vector<std::int64_t> underlying{}, schedule{};
        std::vector<std::vector<Dividend>> schedules{};

        [[nodiscard]] OptionSeries view() const {
            const auto column = [](const std::vector<double>& numbers) { return std::span<const double>(numbers); };
            return {.options = {.sign = column(sign),
                                .spot = column(spot),
                                .strike = column(strike),
                                .time = column(time),
                                .rate = column(rate),
                                .dividend_yield = column(dividend_yield)},
                    .price = column(price),
                    .implied_volatility = column(implied_volatility),
                    .is_european = is_european,
                    .underlying = underlying,
                    .schedule = schedule,
                    .schedules = schedules};
        }
    };

    [[nodiscard]] Columns columns_of(const std::vector<std::size_t>& series) const {
        Columns columns;
        for (const std::size_t i : series) {
            const SeriesTerms& terms = terms_[i];
            columns.sign.push_back(terms.right == Right::call ? 1.0 : -1.0);
            columns.spot.push_back(terms.moving + terms.fixed);
            columns.strike.push_back(terms.strike);
            columns.time.push_back(terms.time);
            columns.rate.push_back(terms.rate);
            columns.dividend_yield.push_back(terms.dividend_yield);
            columns.price.push_back(terms.price);
            columns.implied_volatility.push_back(terms.implied_volatility);
            columns.is_european.push_back(terms.style == ExerciseStyle::european ? 1 : 0);
            columns.underlying.push_back(terms.underlying);
            columns.schedule.push_back(terms.dividends.empty() ? -1
                                                               : static_cast<std::int64_t>(columns.schedules.size()));
            if (!terms.dividends.empty()) {
                columns.schedules.push_back(terms.dividends);
            }
        }
        return columns;
    }

    /// Keeps why a series cannot be priced, at its place in the caller's data: `price[3]` is that of an instrument.
    void refuse(std::size_t series, const std::exception_ptr& reason) {
        std::string key;
        try {
            std::rethrow_exception(reason);
        } catch (const Error& error) {
            key = error.where().substr(0, error.where().find('['));
        }
        const bool is_of_underlying = key == "spot" || key == "dividend_yield";
        key = key == "spot" ? "price" : key == "time" ? "expiry" : key;
        at_instrument(market_, is_of_underlying ? terms_[series].underlying : rows_[series], place_, key,
                      [&](const Where& where) { refused_[rows_[series]] = error_at(reason, where); });
    }

    const MarketRows& market_;
    const AccountPlace& place_;
    std::vector<InstrumentIndex> rows_{};
    std::vector<SeriesTerms> terms_{};
    std::map<InstrumentIndex, std::exception_ptr> refused_{};
};

} // namespace margincore
