// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/instrument/osi_symbol.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/scenario/linear_stress.hpp>
#include <margincore/stream/engine_settings.hpp>
#include <margincore/stream/new_york_day.hpp>

namespace margincore::stream {

inline constexpr EventTime never = (std::numeric_limits<EventTime>::min)();

/// When each number of a quote was said; `never` where it was not.
struct QuoteTimes {
    EventTime price = never;
    EventTime beta = never;
    EventTime volatility = never;
};

/// The market as the events so far have it: the newest of each number, by the time of its event.
class StreamMarket {
public:
    explicit StreamMarket(const EngineSettings& settings) : settings_(&settings) {
        snapshot_.benchmark = settings.benchmark;
        snapshot_.rate = settings.rate;
    }

    [[nodiscard]] EventTime clock() const { return clock_; } ///< Of the newest event.
    [[nodiscard]] std::size_t size() const { return table_.size(); }
    [[nodiscard]] const InstrumentTable& instruments() const { return table_; }
    [[nodiscard]] const MarketSnapshot& snapshot() const { return snapshot_; }
    [[nodiscard]] const QuoteTimes& times(InstrumentIndex row) const { return times_[static_cast<std::size_t>(row)]; }
    [[nodiscard]] const Instrument& operator[](InstrumentIndex row) const { return table_[row]; }
    /// Whether the kind of a row is the settings' default, which whoever holds it is told.
    [[nodiscard]] bool has_default_kind(InstrumentIndex row) const {
        return has_default_kind_[static_cast<std::size_t>(row)] != 0;
    }
    /// Whether the last day of an option, a future, a warrant or a bond is over: no rule margins it any more.
    [[nodiscard]] bool is_expired(InstrumentIndex row) const {
        const Instrument& instrument = table_[row];
        std::optional<Date> last = instrument.bond.maturity;
        if (instrument.option) {
            last = instrument.option->expiry;
        } else if (instrument.future) {
            last = instrument.future->expiry;
        } else if (instrument.conversion && instrument.conversion->expiry) {
            last = instrument.conversion->expiry;
        }
        return last && *last < snapshot_.valuation_date;
    }

    /// The rows whose prices move what is asked for an instrument: its own, and what it is on or turns into.
    [[nodiscard]] std::vector<InstrumentIndex> watched(InstrumentIndex row) const {
        std::vector<InstrumentIndex> rows = {row};
        for (const std::string& symbol : related(table_[row])) {
            rows.push_back(*table_.find(symbol));
        }
        return rows;
    }

    /// The row of a symbol, added where it is new, with what it is on.
    ///
    /// @throws InvalidInput, MissingData where nothing says what the symbol is.
    InstrumentIndex row_of(const std::string& symbol) {
        if (const std::optional<InstrumentIndex> known = table_.find(symbol)) {
            return *known;
        }
        const auto terms = settings_->terms.find(symbol);
        const bool is_default = terms == settings_->terms.end() && !is_option_symbol(symbol);
        document::Value entry = terms != settings_->terms.end() ? terms->second : document::Value::object();
        if (is_default) {
            entry["kind"] = std::string(name_of(settings_->default_kind));
        }
        constexpr Date any_day = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}; // it may have expired
        const Where where("symbol");
        document::InstrumentEntry read =
            document::read_instrument(symbol, entry, any_day, where, document::PriceComes::later);
        const InstrumentIndex row = table_.add(std::move(read.instrument), where);
        snapshot_.quotes.push_back(std::move(read.quote));
        times_.push_back({.beta = snapshot_.quotes.back().beta ? never + 1 : never,
                          .volatility = snapshot_.quotes.back().volatility ? never + 1 : never});
        has_default_kind_.push_back(is_default ? 1 : 0);
        has_futures_ = has_futures_ || table_[row].future.has_value();
        for (const std::string& other : related(table_[row])) {
            static_cast<void>(row_of(other));
        }
        changed_.push_back(row); // its row is made when all that it is on have theirs
        return row;
    }

    /// Takes a number that is not older than what is there.
    ///
    /// @return  Whether it was taken; a late one is not.
    bool set_price(InstrumentIndex row, Price price, EventTime time) {
        return set(row, time, &QuoteTimes::price, [&](Quote& quote) { quote.price = price; });
    }
    bool set_beta(InstrumentIndex row, double beta, EventTime time) {
        return set(row, time, &QuoteTimes::beta, [&](Quote& quote) { quote.beta = beta; });
    }
    bool set_volatility(InstrumentIndex row, Volatility volatility, EventTime time) {
        return set(row, time, &QuoteTimes::volatility, [&](Quote& quote) { quote.volatility = volatility; });
    }

    /// Says that something happened at a time; a day that is over changes what expires.
    void see(EventTime time) {
        if (time > clock_) {
            clock_ = time;
            if (const Date day = new_york_day(time); day != snapshot_.valuation_date) {
                snapshot_.valuation_date = day;
                is_stale_ = true;
            }
        }
    }

    /// Rows of everything, at the newest quotes.
    [[nodiscard]] const MarketRows& rows() {
        if (is_stale_) {
            changed_.clear();
            trading_ = share_trading(table_, snapshot_, "market.instruments");
            rows_ = no_rows(table_, snapshot_, settings_->policy);
            for (std::size_t i = 0; i < table_.size(); ++i) {
                rows_.add(row_at(static_cast<InstrumentIndex>(i)));
            }
            share_betas(rows_);
        } else if (!changed_.empty()) {
            if (rows_.size() < table_.size()) {
                trading_ = share_trading(table_, snapshot_, "market.instruments");
                while (rows_.size() < table_.size()) {
                    rows_.add({.table_row = static_cast<InstrumentIndex>(rows_.size())});
                }
            }
            for (const InstrumentIndex row : changed_) {
                rows_.set(row, row_at(row));
            }
            if (rows_.has_options || has_futures_) {
                share_betas(rows_);
            }
        }
        if (is_stale_ || !changed_.empty()) {
            linear_.reset();
        }
        is_stale_ = false;
        changed_.clear();
        return rows_;
    }

    /// Gains of everything but options, for the policy's moves.
    [[nodiscard]] const LinearStress& linear() {
        const MarketRows& market = rows();
        if (!linear_) {
            linear_ = linear_stress(market, settings_->policy.stress_moves);
        }
        return *linear_;
    }

    /// Puts back what was saved of a row.
    void restore(InstrumentIndex row, const Quote& quote, const QuoteTimes& times) {
        Quote& here = snapshot_.quotes[static_cast<std::size_t>(row)];
        here.price = quote.price;
        here.beta = quote.beta;
        here.volatility = quote.volatility;
        times_[static_cast<std::size_t>(row)] = times;
        is_stale_ = true;
    }

private:
    /// What an instrument is on, or turns into: its price moves what is asked for the instrument.
    [[nodiscard]] static std::vector<std::string> related(const Instrument& instrument) {
        std::vector<std::string> symbols;
        if (instrument.option) {
            symbols.push_back(instrument.option->underlying);
        }
        if (instrument.future && !instrument.future->underlying.empty()) {
            symbols.push_back(instrument.future->underlying);
        }
        if (instrument.conversion) {
            symbols.push_back(instrument.conversion->into);
        }
        return symbols;
    }

    [[nodiscard]] MarketRow row_at(InstrumentIndex row) const {
        if (is_expired(row)) {
            return {.facts = {.kind = table_[row].kind, .price = std::numeric_limits<double>::quiet_NaN()},
                    .table_row = row};
        }
        return market_row(table_, snapshot_, settings_->policy, row, trading_[static_cast<std::size_t>(row)]);
    }

    template <class Put>
    bool set(InstrumentIndex row, EventTime time, EventTime QuoteTimes::* of, Put&& put) {
        const auto index = static_cast<std::size_t>(row);
        if (time < times_[index].*of) {
            return false;
        }
        times_[index].*of = time;
        put(snapshot_.quotes[index]);
        if (!is_stale_) {
            changed_.push_back(row);
        }
        return true;
    }

    const EngineSettings* settings_;
    InstrumentTable table_;
    MarketSnapshot snapshot_{};
    std::vector<QuoteTimes> times_{};
    std::vector<std::uint8_t> has_default_kind_{};
    std::vector<ShareTrading> trading_{};
    std::vector<InstrumentIndex> changed_{};
    MarketRows rows_{};
    std::optional<LinearStress> linear_{};
    EventTime clock_ = 0;
    bool has_futures_ = false;
    bool is_stale_ = true;
};

} // namespace margincore::stream
