// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// What a unit of a convertible or a warrant turns into, by row of the market.
struct ConversionRow {
    InstrumentIndex into = -1; ///< Row of the security received; -1 where there is none.
    double ratio = 0.0;        ///< Units received for one.
    Money cash = 0.0;          ///< USD to be paid for one, >= 0.

    friend bool operator==(const ConversionRow&, const ConversionRow&) = default;
};

/// A part of a long position that stands against a short position in what it converts into.
struct ConversionOffset {
    std::size_t long_position = 0;
    std::size_t short_position = 0;
    Quantity long_units = 0.0;   ///< Of the long position, > 0.
    Quantity short_units = 0.0;  ///< Of the short position that they convert into, > 0.
    Price counted = 0.0;         ///< What a long unit counts in equity, USD: net of the payment where there is one.
    SecurityTerms maintenance{}; ///< Of a long unit, on what it counts; the short asks for nothing.

    friend bool operator==(const ConversionOffset&, const ConversionOffset&) = default;
};

/// What a convertible counts in equity beside the short that it converts into: its market value or, where converting
/// takes money, no more than what is received less the payment.
///
/// @source FINRA 4210(e)(1); the cap is the conversion loss of a long that is worth more alive.
[[nodiscard]] constexpr Price value_net_of_payment(Price price, const ConversionRow& conversion, Price received) {
    return conversion.cash > 0 ? (std::min)(price, (std::max)(0.0, conversion.ratio * received - conversion.cash))
                               : price;
}

/// The maintenance of a long security against a short one in what it converts into: 10 % of what it counts.
///
/// @source FINRA 4210(e)(1), convertible or exchangeable within 90 days without restriction other than a payment.
[[nodiscard]] constexpr SecurityTerms converted_maintenance(const SecurityRates& rates) {
    return {"stock.converted", rates.maintenance.converted, 0.0, {"FINRA 4210", "(e)(1)"}};
}

/// A long position beside a short one in what it converts into.
struct ConversionPair {
    std::size_t long_position = 0;
    std::size_t short_position = 0;

    friend bool operator==(const ConversionPair&, const ConversionPair&) = default;
};

/// The pairs of an account that may offset each other, whatever the prices. None where the long has no loan value.
///
/// @param facts  As for `conversion_offsets`, which see.
template <class FactsOf, class ConversionOf>
[[nodiscard]] std::vector<ConversionPair> conversion_pairs(const AccountView& account, FactsOf&& facts,
                                                           ConversionOf&& conversion) {
    std::vector<ConversionPair> pairs;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const InstrumentIndex into = conversion(account.instrument[i]).into;
        if (into < 0 || !(account.quantity[i] > 0) || !facts(account.instrument[i]).marginable) {
            continue;
        }
        const auto found = std::ranges::find(account.instrument, into);
        const auto j = static_cast<std::size_t>(found - account.instrument.begin());
        if (found != account.instrument.end() && account.quantity[j] < 0) {
            pairs.push_back({.long_position = i, .short_position = j});
        }
    }
    return pairs;
}

/// The offsets of an account between convertibles and what they convert into, those that save most first.
///
/// An offset is taken only where it lowers the net requirement, and in parts: what is left of either side stands
/// alone. Every convertible turns into one security, so taking the largest saving a short unit first is optimal.
/// @param account      A valid view.
/// @param facts        By row: `facts(row)` is the `SecurityFacts`, `conversion(row)` the `ConversionRow`.
template <class FactsOf, class ConversionOf>
[[nodiscard]] std::vector<ConversionOffset> conversion_offsets(const AccountView& account, FactsOf&& facts,
                                                               ConversionOf&& conversion, const SecurityRates& rates) {
    struct Choice {
        ConversionOffset offset;
        double ratio;
        Money saving; ///< A short unit.
    };
    std::vector<Choice> choices;
    for (const auto& [i, j] : conversion_pairs(account, facts, conversion)) {
        const ConversionRow& into = conversion(account.instrument[i]);
        const SecurityFacts& held = facts(account.instrument[i]);
        const SecurityFacts& owed = facts(account.instrument[j]);
        const SecurityTerms terms = converted_maintenance(rates);
        const Price counted = value_net_of_payment(held.price, into, owed.price);
        const Money apart = long_maintenance(held, rates).per_unit(held.price) +
                            into.ratio * short_maintenance(owed, rates).per_unit(owed.price);
        const Money together = terms.per_unit(counted) + (held.price - counted);
        if (together < apart) {
            choices.push_back(
                {.offset = {.long_position = i, .short_position = j, .counted = counted, .maintenance = terms},
                 .ratio = into.ratio,
                 .saving = (apart - together) / into.ratio});
        }
    }
    std::ranges::stable_sort(choices, std::ranges::greater{}, &Choice::saving);

    std::vector<ConversionOffset> offsets;
    for (const Choice& choice : choices) {
        ConversionOffset offset = choice.offset;
        Quantity owed = -account.quantity[offset.short_position];
        for (const ConversionOffset& taken : offsets) {
            owed -= taken.short_position == offset.short_position ? taken.short_units : 0.0;
        }
        const Quantity held = account.quantity[offset.long_position];
        constexpr double rounding = 1e-12; // a sliver that a ratio leaves is no position
        const bool even = std::abs(held * choice.ratio - owed) <= rounding * owed;
        offset.long_units = even ? held : (std::min)(held, owed / choice.ratio);
        offset.short_units = even ? owed : (std::min)(owed, held * choice.ratio);
        if (owed > 0) {
            offsets.push_back(offset);
        }
    }
    return offsets;
}

/// What is left of a position beside the offsets; negative when short.
[[nodiscard]] inline Quantity quantity_alone(const AccountView& account, std::size_t position,
                                             std::span<const ConversionOffset> offsets) {
    Quantity quantity = account.quantity[position];
    for (const ConversionOffset& offset : offsets) {
        quantity -= offset.long_position == position ? offset.long_units : 0.0;
        quantity += offset.short_position == position ? offset.short_units : 0.0;
    }
    return quantity;
}

/// Puts into the figures of an account what its offsets ask for, and what stands alone beside them.
///
/// Adds up anew, because taking away again what was added could leave less than nothing.
/// @param boxed  Requirement of one unit held long and short at once, USD; aligned with `rows`.
/// @source       Initial: 12 CFR 220.12(c)(2), nothing beyond the proceeds for the short.
inline void apply(std::span<const ConversionOffset> offsets, const AccountView& account,
                  std::span<const SecurityRow> rows, std::span<const Money> boxed, Figures& figures) {
    const auto row_of = [&](std::size_t position) { return static_cast<std::size_t>(account.instrument[position]); };
    figures.initial = 0.0;
    figures.maintenance = 0.0;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const Quantity alone = quantity_alone(account, i, offsets);
        const SecurityRow::Side& side = rows[row_of(i)].side(alone < 0);
        const Money both_ways = account.boxed_at(i) * boxed[row_of(i)];
        figures.initial += std::abs(alone) * side[SecurityRow::initial] + both_ways;
        figures.maintenance += std::abs(alone) * side[SecurityRow::maintenance] + both_ways;
    }
    for (const ConversionOffset& offset : offsets) {
        const SecurityRow& held = rows[row_of(offset.long_position)];
        figures.initial += offset.long_units * held.side(false)[SecurityRow::initial];
        figures.maintenance += offset.long_units * offset.maintenance.per_unit(offset.counted);
        figures.not_counted += offset.long_units * (held.price() - offset.counted);
    }
}

/// Hands the line of an offset to a sink.
template <LineSink Sink>
void explain_offset(const ConversionOffset& offset, const SecurityFacts& held, const SecurityRates& rates, Sink& sink) {
    sink.emit([&] {
        const SecurityTerms opened = long_initial(held, rates);
        const std::string net = offset.counted < held.price ? " valued net of the payment to convert" : "";
        return Line{.rule = offset.maintenance.rule,
                    .citation = offset.maintenance.citation,
                    .initial_citation = {"12 CFR 220.12", "(c)(2)"},
                    .legs = {{offset.long_position, offset.long_units}, {offset.short_position, -offset.short_units}},
                    .initial = offset.long_units * opened.per_unit(held.price),
                    .maintenance = offset.long_units * offset.maintenance.per_unit(offset.counted),
                    .why = why(offset.maintenance, offset.long_units, offset.counted, held.kind) + net +
                           fmt::format(", against {} short that it converts into", offset.short_units),
                    .initial_why = why(opened, offset.long_units, held.price, held.kind) + ", nothing for the short"};
    });
}

} // namespace margincore
