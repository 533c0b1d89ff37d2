// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_row.hpp>
#include <margincore/requirement/stock/security_terms.hpp>

namespace margincore {

/// The figures of an account, and whether its quantities can be: what a check needs is almost free on the way.
struct SecurityFigures {
    Figures figures{};
    bool quantities_can_be = true; ///< No net quantity is zero or beyond `largest_quantity`.
};

namespace detail {

/// Where the size of a number stands among all sizes, by the bits of the number: those of more are more, sign or not,
/// and infinity and NaN come after every number. Zero comes last of all.
[[nodiscard]] constexpr std::uint64_t rank_of_size(std::uint64_t bits) { return 2 * bits - 1; }

inline void add_boxed(const AccountView& account, std::span<const SecurityRow> rows, std::span<const Money> boxed,
                      SecurityFigures& sums) {
    for (std::size_t i = 0; i < account.boxed.size(); ++i) {
        if (const Quantity units = account.boxed[i]; units != 0) {
            const auto row = static_cast<std::size_t>(account.instrument[i]);
            sums.figures.gross_value += 2 * units * rows[row].price();
            sums.figures.initial += units * boxed[row];
            sums.figures.maintenance += units * boxed[row];
            sums.quantities_can_be = sums.quantities_can_be && units > 0 && units <= largest_quantity;
        }
    }
}

} // namespace detail

/// What the securities of an account add up to, each by itself.
///
/// @param account   A view whose rows are in the table; quantities may be anything.
/// @param rows      Aligned with the instrument table that the view refers to.
/// @param boxed     Requirement of one unit held long and short at once, USD; aligned with `rows`.
/// @return          Sums over the positions; NaN where a row or a quantity is (see `SecurityRow`).
[[nodiscard]] inline SecurityFigures security_figures(const AccountView& account, std::span<const SecurityRow> rows,
                                                      std::span<const Money> boxed) {
    SecurityRow::Side sum = SecurityRow::Side::Zero();
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < account.size(); ++i) {
        const auto bits = std::bit_cast<std::uint64_t>(account.quantity[i]);
        // The sign bit as an index and not a branch: sides follow no pattern that a processor could predict.
        const std::uint64_t side = bits >> 63;
        sum += account.quantity[i] * rows[static_cast<std::size_t>(account.instrument[i])].sides[side];
        most = (std::max)(most, detail::rank_of_size(bits));
    }
    SecurityFigures result{.figures = {.net_value = sum[SecurityRow::net_value],
                                       .gross_value = sum[SecurityRow::gross_value],
                                       .initial = sum[SecurityRow::initial],
                                       .maintenance = sum[SecurityRow::maintenance]},
                           .quantities_can_be =
                               most <= detail::rank_of_size(std::bit_cast<std::uint64_t>(largest_quantity))};
    if (!account.boxed.empty()) {
        detail::add_boxed(account, rows, boxed, result);
    }
    return result;
}

/// A price in words: cents at least, and every digit that it has.
[[nodiscard]] inline std::string price_text(Price price) {
    constexpr double cents = 100.0;
    const bool whole_cents = std::abs(std::round(price * cents) - price * cents) < 1e-9 * (1.0 + price * cents);
    return whole_cents ? fmt::format("{:.2f}", price) : fmt::format("{}", price);
}

/// The arithmetic of terms in words: `25% of 500 x 400.00`, or the amount a unit where that is more.
[[nodiscard]] inline std::string why(const SecurityTerms& terms, Quantity units, Price price, Kind kind) {
    constexpr double percent = 100.0;
    if (terms.floor > terms.rate * price) {
        return fmt::format("{} a {} x {}, more than {:.6g}% of {}", price_text(terms.floor),
                           is_bond(kind) ? "bond" : "share", units, terms.rate * percent, price_text(price));
    }
    return fmt::format("{:.6g}% of {} x {}", terms.rate * percent, units, price_text(price));
}

/// Hands the lines of one position to a sink: its net side, and what is boxed.
template <LineSink Sink>
void explain_security(std::size_t position, Quantity quantity, Quantity boxed, const SecurityFacts& security,
                      const SecurityRates& rates, Sink& sink) {
    const auto line = [&](const SecurityTerms& held, const SecurityTerms& opened, Quantity units) {
        return Line{.rule = held.rule,
                    .citation = held.citation,
                    .initial_citation = opened.citation,
                    .initial = units * opened.per_unit(security.price),
                    .maintenance = units * held.per_unit(security.price),
                    .why = why(held, units, security.price, security.kind),
                    .initial_why = why(opened, units, security.price, security.kind)};
    };
    if (quantity != 0) {
        sink.emit([&] {
            const bool is_short = quantity < 0;
            Line made =
                line(maintenance(security, is_short, rates), initial(security, is_short, rates), std::abs(quantity));
            made.legs = {{position, quantity}};
            return made;
        });
    }
    if (boxed != 0) {
        sink.emit([&] {
            Line made = line(boxed_maintenance(security, rates), boxed_initial(security, rates), boxed);
            made.legs = {{position, boxed}, {position, -boxed}};
            return made;
        });
    }
}

} // namespace margincore
