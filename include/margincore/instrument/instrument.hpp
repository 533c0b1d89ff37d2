// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/instrument/option_contract.hpp>

namespace margincore {

enum class Rating : std::uint8_t { investment_grade, other };

template <>
inline constexpr std::array names<Rating> = {Name{Rating::investment_grade, "investment_grade"},
                                             Name{Rating::other, "other"}};

/// What a convertible or a warrant can be turned into within 90 days, without restriction but a payment of cash.
struct Conversion {
    std::string into{};           ///< Symbol of the security received.
    double ratio = 1.0;           ///< Units received for one unit converted, > 0.
    Money cash = 0.0;             ///< USD to be paid for one unit converted, >= 0.
    std::optional<Date> expiry{}; ///< The last day of a warrant; a convertible has none.

    friend bool operator==(const Conversion&, const Conversion&) = default;
};

/// The terms of a future.
struct FutureContract {
    std::string underlying{};           ///< Symbol of the index, equity or fund.
    std::optional<Date> expiry{};       ///< The last day of trading.
    std::optional<double> multiplier{}; ///< USD for a point, > 0.

    friend bool operator==(const FutureContract&, const FutureContract&) = default;
};

/// The index that an exchange-traded fund may cover a short call on.
struct Covers {
    std::string index{};               ///< Symbol of the index.
    Quantity units_per_contract = 0.0; ///< Shares that cover one contract, > 0.

    friend bool operator==(const Covers&, const Covers&) = default;
};

/// The terms of a debt security.
struct BondTerms {
    std::optional<Date> maturity{};
    std::optional<Fraction> coupon{}; ///< Annual, of principal.
    std::optional<Rating> rating{};
    std::optional<bool> zero_coupon{}; ///< Follows from the coupon where that is there.

    friend bool operator==(const BondTerms&, const BondTerms&) = default;
};

/// What an instrument is, prices apart.
struct Instrument {
    std::string symbol{}; ///< Ticker, or the canonical OSI symbol of an option.
    Kind kind = Kind::equity;
    double leverage = 1.0;                  ///< Signed factor of a leveraged or inverse fund: 3, -1.
    bool marginable = true;                 ///< False for stock that carries no loan value.
    std::optional<OptionContract> option{}; ///< Of an option.
    std::optional<FutureContract> future{}; ///< Of a future.
    BondTerms bond{};                       ///< Of a debt security.
    std::optional<Conversion> conversion{}; ///< Of a convertible or a warrant.
    std::optional<Covers> covers{};         ///< Of a fund that may cover an index call.
    std::optional<Quantity> shares_outstanding{};
    std::string industry{};    ///< Empty when not known.
    std::string class_group{}; ///< Override of the portfolio-margin class; empty for the table's.

    friend bool operator==(const Instrument&, const Instrument&) = default;
};

/// A ticker: 1 to 15 printable characters without a space.
///
/// @throws InvalidInput otherwise.
[[nodiscard]] inline std::string require_ticker(std::string_view text, const Where& where) {
    constexpr std::size_t longest = 15; // one more would be an option symbol
    bool printable_ascii = !text.empty() && text.size() <= longest;
    for (const char c : text) {
        printable_ascii = printable_ascii && c > ' ' && c <= '~';
    }
    if (!printable_ascii) {
        throw InvalidInput(where,
                           "must be a ticker of 1 to 15 printable characters without spaces, got " + in_quotes(text));
    }
    return std::string(text);
}

} // namespace margincore
