// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/requirement/stock/security_row.hpp>
#include <margincore/requirement/stock/security_terms.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>
#include <margincore/requirement/strategy/single_option.hpp>

namespace margincore {

/// A position without the account that it is in.
struct UnitsOfInstrument {
    Quantity net = 0.0;
    Quantity boxed = 0.0;

    friend bool operator==(const UnitsOfInstrument&, const UnitsOfInstrument&) = default;
};

/// What one unit of an instrument is worth and asks for by itself: a short option naked, a long one at its loan value
/// or paid in full. NaN where it is not known.
struct UnitAlone {
    SecurityRow row{};
    Money boxed = 0.0;        ///< Held long and short at once.
    bool long_counts = true;  ///< Its value in equity: all but that of a long option that is paid in full,
    bool short_counts = true; ///< and that of short options, which equity disregards.

    /// Of a position.
    [[nodiscard]] Figures figures(const UnitsOfInstrument& units) const {
        const InstrumentIndex only = 0;
        const AccountView position{.instrument = {&only, 1}, .quantity = {&units.net, 1}, .boxed = {&units.boxed, 1}};
        Figures result = security_figures(position, {&row, 1}, {&boxed, 1}).figures;
        result.not_counted = (units.net < 0 ? short_counts : long_counts) ? 0.0 : result.net_value;
        return result;
    }
};

/// One contract by itself.
///
/// @param row         Of the option.
/// @param underlying  With a missing price where there is none.
/// @source FINRA 4210(f)(2)(D), (E)(i)
[[nodiscard]] inline UnitAlone option_alone(const OptionContract& option, const MarketRow& row,
                                            const SecurityFacts& underlying, const OptionRates& rates) {
    const Money value = row.facts.price * row.option.multiplier;
    const Money asked_long = row.option.has_loan_value ? rates.long_term * value : 0.0;
    const Underlying of{underlying.kind, underlying.price, underlying.leverage};
    const Money asked_short =
        row.option.multiplier * short_option(option.right, option.strike, row.facts.price, of, rates).per_unit();
    UnitAlone unit{.long_counts = row.option.has_loan_value, .short_counts = false};
    unit.row.sides[0] << value, value, asked_long, asked_long;
    unit.row.sides[1] << value, -value, -asked_short, -asked_short;
    return unit;
}

/// One unit of a row of a market by itself.
[[nodiscard]] inline UnitAlone unit_alone(const MarketRows& market, InstrumentIndex row) {
    const MarketRow& facts = market[row];
    if (!(facts.option.multiplier > 0)) {
        return {.row = market.rows[static_cast<std::size_t>(row)],
                .boxed = market.boxed[static_cast<std::size_t>(row)]};
    }
    constexpr SecurityFacts none{.price = std::numeric_limits<double>::quiet_NaN()};
    return option_alone(*market.instrument(row).option, facts,
                        facts.option.underlying < 0 ? none : market[facts.option.underlying].facts,
                        market.option_rates);
}

/// One unit of every row of a market by itself.
[[nodiscard]] inline std::vector<UnitAlone> units_alone(const MarketRows& market) {
    std::vector<UnitAlone> units;
    units.reserve(market.size());
    for (std::size_t row = 0; row < market.size(); ++row) {
        units.push_back(unit_alone(market, static_cast<InstrumentIndex>(row)));
    }
    return units;
}

} // namespace margincore
