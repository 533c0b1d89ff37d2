// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/unit_alone.hpp>
#include <margincore/add_on/add_on.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/requirement/figures.hpp>

namespace margincore {

/// Two markets with their policies, instruments matched by symbol, and what lies between them: the prices after with
/// everything else before, and all facts after with the policy before.
///
/// An instrument that the market before does not have, or without something that the rules and add-ons before need,
/// counts there as the market after has it. Refers to both markets, which must outlive it.
class MatchedMarkets {
public:
    /// What happened to an instrument on the way, in this order. `quoted` is where it starts.
    enum class Step : std::uint8_t { quoted, repriced, restated, reruled };

    MatchedMarkets(const MarketRows& before, const Policy& policy_before, const MarketRows& after)
        : after_(after), restated_{.instruments = after.instruments,
                                   .rates = before.rates,
                                   .option_rates = before.option_rates,
                                   .valuation_date = after.valuation_date} {
        std::unordered_map<std::string_view, InstrumentIndex> rows_after;
        for (std::size_t row = 0; row < after.size(); ++row) {
            const auto index = static_cast<InstrumentIndex>(row);
            const Instrument& instrument = after.instrument(index);
            MarketRow restated = after[index];
            apply_house(policy_before, instrument, after.valuation_date, restated);
            restated_.add(restated);
            symbols_.emplace_back(instrument.symbol);
            rows_after.emplace(instrument.symbol, index);
        }
        units(Step::reruled) = units_alone(after);
        units(Step::restated) = units_alone(restated_);
        units(Step::quoted) = units(Step::repriced) = units(Step::restated);
        changed_.assign(after.size(), 1);
        for (std::size_t row = 0; row < before.size(); ++row) {
            match(before, static_cast<InstrumentIndex>(row), policy_before, rows_after);
        }
        for (std::size_t row = 0; row < after.size(); ++row) { // what moves an underlying moves what is on it
            const auto on = static_cast<std::size_t>(underlying_row(static_cast<InstrumentIndex>(row), after));
            changed_[row] = changed_[row] != 0 || changed_[on] != 0 ? 1 : 0;
        }
    }

    /// Symbols of both markets: the rows of the market after, then what only the market before has.
    [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }

    /// The row of both markets for a row of the market before.
    [[nodiscard]] InstrumentIndex row_of(InstrumentIndex before) const {
        return of_before_[static_cast<std::size_t>(before)];
    }

    /// Whether anything that is read of an instrument, or of what it is an option on, is another, or it is in one
    /// market only.
    [[nodiscard]] bool is_changed(InstrumentIndex row) const { return changed_[static_cast<std::size_t>(row)] != 0; }

    /// What a position is worth and asks for by itself after a step.
    [[nodiscard]] Figures amounts(InstrumentIndex row, const UnitsOfInstrument& held, Step step) const {
        if (held == UnitsOfInstrument{}) { // gone, perhaps with its price
            return {};
        }
        return units_[static_cast<std::size_t>(step)][static_cast<std::size_t>(row)].figures(held);
    }

    /// The facts after, under the rules and the house before.
    [[nodiscard]] const MarketRows& restated() const { return restated_; }

private:
    [[nodiscard]] std::vector<UnitAlone>& units(Step step) { return units_[static_cast<std::size_t>(step)]; }

    /// Whether a unit adds the same to its account in both markets, and add-ons and offsets read the same of it.
    [[nodiscard]] bool are_same(const MarketRows& before, InstrumentIndex row_before, const UnitAlone& unit_before,
                                InstrumentIndex row_after, const UnitAlone& unit_after) const {
        const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
        const MarketRow& a = before[row_before];
        const MarketRow& b = after_[row_after];
        const Instrument& instrument_before = before.instrument(row_before);
        const Instrument& instrument_after = after_.instrument(row_after);
        const bool converts = a.conversion.into >= 0;
        return (unit_before.row.sides[0] == unit_after.row.sides[0]).all() &&
               (unit_before.row.sides[1] == unit_after.row.sides[1]).all() && unit_before.boxed == unit_after.boxed &&
               unit_before.long_counts == unit_after.long_counts && same(a.beta, b.beta) &&
               same(a.volatility, b.volatility) && a.house == b.house && a.trading.in_shares == b.trading.in_shares &&
               same(a.trading.average_daily_volume, b.trading.average_daily_volume) &&
               same(a.trading.shares_outstanding, b.trading.shares_outstanding) &&
               instrument_before.industry == instrument_after.industry &&
               instrument_before.covers == instrument_after.covers &&
               instrument_before.option == instrument_after.option && converts == (b.conversion.into >= 0) &&
               (!converts ||
                (before.instrument(a.conversion.into).symbol == after_.instrument(b.conversion.into).symbol &&
                 a.conversion.ratio == b.conversion.ratio && a.conversion.cash == b.conversion.cash));
    }

    /// Whether the market before had all that its policy asks of an instrument, or of what it is an option on.
    [[nodiscard]] static bool is_known(const MarketRows& before, InstrumentIndex row, const UnitAlone& unit,
                                       const Policy& policy) {
        const InstrumentIndex on = underlying_row(row, before);
        return unit.row.sides[1].allFinite() && std::ranges::none_of(policy.add_ons, [&](const AnyAddOn& add_on) {
                   const Needs needs = needs_of(add_on);
                   return (on == row || !is_of_share(needs)) && detail::is_missing(before[on], needs);
               });
    }

    void match(const MarketRows& before, InstrumentIndex row, const Policy& policy,
               const std::unordered_map<std::string_view, InstrumentIndex>& rows_after) {
        const UnitAlone unit = unit_alone(before, row);
        const auto found = rows_after.find(before.instrument(row).symbol);
        if (found == rows_after.end()) {
            of_before_.push_back(static_cast<InstrumentIndex>(symbols_.size()));
            symbols_.emplace_back(before.instrument(row).symbol);
            units(Step::quoted).push_back(unit);
            changed_.push_back(1);
            return;
        }
        of_before_.push_back(found->second);
        const auto both = static_cast<std::size_t>(found->second);
        changed_[both] = are_same(before, row, unit, found->second, units(Step::reruled)[both]) ? 0 : 1;
        if (is_known(before, row, unit, policy)) {
            units(Step::quoted)[both] = unit;
            units(Step::repriced)[both] = repriced(before, row, rows_after);
        }
    }

    /// A unit of a row of the market before, which the market after has too, at the prices after.
    [[nodiscard]] UnitAlone repriced(const MarketRows& before, InstrumentIndex row,
                                     const std::unordered_map<std::string_view, InstrumentIndex>& rows_after) const {
        const auto moved = [&](InstrumentIndex of) {
            MarketRow result = before[of];
            const auto found = rows_after.find(before.instrument(of).symbol);
            result.facts.price = found == rows_after.end() ? std::numeric_limits<double>::quiet_NaN()
                                                           : after_[found->second].facts.price;
            return result;
        };
        const InstrumentIndex on = underlying_row(row, before);
        if (on != row) {
            return option_alone(*before.instrument(row).option, moved(row), moved(on).facts, before.option_rates);
        }
        MarketRows one{.rates = before.rates};
        one.add(moved(row));
        return {.row = one.rows.front(), .boxed = one.boxed.front()};
    }

    const MarketRows& after_;
    std::vector<std::string> symbols_{};
    std::vector<InstrumentIndex> of_before_{};
    std::array<std::vector<UnitAlone>, 4> units_{}; // by step: of what is quoted, rows of both markets
    MarketRows restated_;
    std::vector<unsigned char> changed_{}; // not bool: read by threads, one byte each
};

} // namespace margincore
