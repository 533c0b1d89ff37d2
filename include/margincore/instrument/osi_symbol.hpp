// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/option_contract.hpp>

namespace margincore {

/// An option symbol of the Options Symbology Initiative: root (6), expiry as YYMMDD (6), C or P (1), strike in
/// thousandths of a dollar (8).
///
/// The canonical text has 21 characters with the root padded by spaces; inner spaces may be squeezed out when it
/// is read: `NVDA  270115C00450000` and `NVDA270115C00450000` are the same symbol.
/// @source OCC, Options Symbology Initiative (2010).
struct OsiSymbol {
    std::string root{};            ///< 1 to 6 letters and digits, a letter first; a digit at the end when adjusted.
    Date expiry{};                 ///< 2000-01-01 to 2099-12-31.
    Right right = Right::call;     ///
    std::int64_t strike_mills = 0; ///< Strike in thousandths of a dollar, 1 to 99,999,999.

    static constexpr std::size_t root_length = 6;
    static constexpr std::size_t tail_length = 15; ///< Everything after the root.

    /// The strike in USD.
    [[nodiscard]] Price strike() const {
        constexpr double mills_per_dollar = 1000.0;
        return static_cast<double>(strike_mills) / mills_per_dollar;
    }

    /// Whether the root is that of an adjusted contract: a digit after the ticker.
    [[nodiscard]] bool is_adjusted() const { return root.back() >= '0' && root.back() <= '9'; }

    /// Reads a symbol, field by field.
    ///
    /// @throws InvalidInput naming the field that is wrong.
    [[nodiscard]] static OsiSymbol parse(std::string_view text, const Where& where);

    friend bool operator==(const OsiSymbol&, const OsiSymbol&) = default;
};

/// Whether a text is to be read as an option symbol and not as a ticker: it is longer than the part of an option
/// symbol behind the root.
[[nodiscard]] inline bool is_option_symbol(std::string_view text) { return text.size() > OsiSymbol::tail_length; }

/// The canonical text, 21 characters.
[[nodiscard]] inline std::string to_string(const OsiSymbol& symbol) {
    const std::chrono::year_month_day expiry{symbol.expiry};
    const auto padded = [](std::int64_t value, std::size_t width) {
        const std::string digits = std::to_string(value);
        return std::string(width - (std::min)(width, digits.size()), '0') + digits;
    };
    constexpr int century = 100;
    std::string text = symbol.root;
    text.resize(OsiSymbol::root_length, ' ');
    text += padded(static_cast<int>(expiry.year()) % century, 2);
    text += padded(static_cast<unsigned>(expiry.month()), 2);
    text += padded(static_cast<unsigned>(expiry.day()), 2);
    text += symbol.right == Right::call ? 'C' : 'P';
    text += padded(symbol.strike_mills, 8);
    return text;
}

inline OsiSymbol OsiSymbol::parse(std::string_view text, const Where& where) {
    const auto wrong = [&](const std::string& field) {
        return InvalidInput(where, "must be an OSI option symbol (root, YYMMDD, C or P, 8-digit strike), " + field +
                                       ", got " + in_quotes(text));
    };
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };

    if (text.size() <= tail_length) {
        throw wrong("at least 16 characters");
    }
    const std::string_view tail = text.substr(text.size() - tail_length);
    const std::string_view padded_root = text.substr(0, text.size() - tail_length);
    const std::size_t length = (std::min)(padded_root.find(' '), padded_root.size());
    const std::string_view root = padded_root.substr(0, length);
    const std::string_view padding = padded_root.substr(length);

    if (padded_root.size() > root_length || root.empty() || !is_letter(root.front()) ||
        !std::ranges::all_of(root, [&](char c) { return is_letter(c) || is_digit(c); })) {
        throw wrong("root of 1 to 6 capital letters and digits, a letter first");
    }
    if (padding.find_first_not_of(' ') != std::string_view::npos) {
        throw wrong("nothing but spaces between root and expiry");
    }
    if (!std::ranges::all_of(tail.substr(0, 6), is_digit)) {
        throw wrong("expiry of six digits YYMMDD");
    }
    if (tail[6] != 'C' && tail[6] != 'P') {
        throw wrong("C or P after the expiry");
    }
    if (!std::ranges::all_of(tail.substr(7), is_digit)) {
        throw wrong("strike of eight digits");
    }

    OsiSymbol symbol;
    symbol.root = std::string(root);
    constexpr int century = 2000;
    try {
        symbol.expiry = date_of(century + static_cast<int>(detail::digits_to_number(tail.substr(0, 2))),
                                static_cast<unsigned>(detail::digits_to_number(tail.substr(2, 2))),
                                static_cast<unsigned>(detail::digits_to_number(tail.substr(4, 2))), where);
    } catch (const InvalidInput&) {
        throw wrong("expiry a day of the calendar");
    }
    symbol.right = tail[6] == 'C' ? Right::call : Right::put;
    symbol.strike_mills = detail::digits_to_number(tail.substr(7));
    if (symbol.strike_mills == 0) {
        throw wrong("strike above zero");
    }
    return symbol;
}

} // namespace margincore
