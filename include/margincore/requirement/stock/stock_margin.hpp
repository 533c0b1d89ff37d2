// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/share_row.hpp>
#include <margincore/requirement/stock/stock_rates.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

/// What the stock positions of an account add up to.
///
/// @param account  A valid view.
/// @param rows     Aligned with the instrument table that the view refers to.
/// @return         Sums over the positions; NaN where a row is (see `ShareRow`).
[[nodiscard]] inline Figures stock_figures(const AccountView& account, std::span<const ShareRow> rows) {
    Figures figures;
    bool holds_shorts = false;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const ShareRow& row = rows[static_cast<std::size_t>(account.instrument[i])];
        const Quantity quantity = account.quantity[i];
        const Quantity units = std::abs(quantity);
        // An index and not a branch: sides follow no pattern that a processor could predict.
        const auto side = static_cast<std::size_t>(quantity < 0);
        holds_shorts |= side != 0;
        figures.net_value += quantity * row.price;
        figures.gross_value += units * row.price;
        figures.initial += units * row.initial[side];
        figures.maintenance += units * row.maintenance[side];
        figures.exposure += quantity * row.beta_price;
    }
    for (std::size_t i = 0; i < account.boxed.size(); ++i) {
        const ShareRow& row = rows[static_cast<std::size_t>(account.instrument[i])];
        const Quantity boxed = account.boxed[i];
        holds_shorts |= boxed > 0;
        figures.gross_value += 2 * boxed * row.price;
        figures.initial += boxed * row.boxed;
        figures.maintenance += boxed * row.boxed;
    }
    figures.holds_shorts = holds_shorts;
    return figures;
}

/// A price in words: cents at least, and every digit that it has.
[[nodiscard]] inline std::string price_text(Price price) {
    constexpr double cents = 100.0;
    const bool whole_cents = std::abs(std::round(price * cents) - price * cents) < 1e-9 * (1.0 + price * cents);
    return whole_cents ? fmt::format("{:.2f}", price) : fmt::format("{}", price);
}

/// The arithmetic of stock terms in words: `25% of 500 x 400.00`, or the amount a share where that is more.
[[nodiscard]] inline std::string why(const StockTerms& terms, Quantity units, Price price) {
    constexpr double percent = 100.0;
    if (terms.floor > terms.rate * price) {
        return fmt::format("{} a share x {}, more than {:.6g}% of {}", price_text(terms.floor), units,
                           terms.rate * percent, price_text(price));
    }
    return fmt::format("{:.6g}% of {} x {}", terms.rate * percent, units, price_text(price));
}

/// Hands the lines of one stock position to a sink: its net side, and what is boxed.
template <LineSink Sink>
void explain_stock(std::size_t position, Quantity quantity, Quantity boxed, const StockFacts& share,
                   const StockRates& rates, Sink& sink) {
    const auto line = [&](const StockTerms& maintenance, const StockTerms& initial, Quantity units) {
        return Line{.rule = maintenance.rule,
                    .citation = maintenance.citation,
                    .initial_citation = initial.citation,
                    .initial = units * initial.per_share(share.price),
                    .maintenance = units * maintenance.per_share(share.price),
                    .why = why(maintenance, units, share.price),
                    .initial_why = why(initial, units, share.price)};
    };
    if (quantity != 0) {
        sink.emit([&] {
            const bool is_short = quantity < 0;
            const StockTerms maintenance =
                is_short ? short_maintenance(share, rates.maintenance) : long_maintenance(share, rates.maintenance);
            Line made = line(maintenance, is_short ? short_initial(share, rates) : long_initial(share, rates),
                             std::abs(quantity));
            made.legs = {{position, quantity}};
            return made;
        });
    }
    if (boxed != 0) {
        sink.emit([&] {
            Line made = line(boxed_maintenance(share, rates.maintenance), boxed_initial(share, rates), boxed);
            made.legs = {{position, boxed}, {position, -boxed}};
            return made;
        });
    }
}

} // namespace margincore
