// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// What an instrument is; which rule applies follows from it.
enum class Kind : std::uint8_t {
    equity,
    etf,             ///< Fund not based on a broad index, leveraged and inverse ones included.
    broad_index_etf, ///< Fund on a broad-based index, leveraged and inverse ones included.
    broad_index,
    narrow_index,
    volatility_index,
    etn,
    future,
    future_option,
    warrant,
    convertible,
    treasury,
    municipal,
    corporate_bond,
    money_market_fund,
    mutual_fund,
    option, ///< A listed option; a document says so by its OSI symbol.
};

template <>
inline constexpr std::array names<Kind> = {
    Name{Kind::equity, "equity"},
    Name{Kind::etf, "etf"},
    Name{Kind::broad_index_etf, "broad_index_etf"},
    Name{Kind::broad_index, "broad_index"},
    Name{Kind::narrow_index, "narrow_index"},
    Name{Kind::volatility_index, "volatility_index"},
    Name{Kind::etn, "etn"},
    Name{Kind::future, "future"},
    Name{Kind::future_option, "future_option"},
    Name{Kind::warrant, "warrant"},
    Name{Kind::convertible, "convertible"},
    Name{Kind::treasury, "treasury"},
    Name{Kind::municipal, "municipal"},
    Name{Kind::corporate_bond, "corporate_bond"},
    Name{Kind::money_market_fund, "money_market_fund"},
    Name{Kind::mutual_fund, "mutual_fund"},
};

/// The word for a kind in a message. An option has one too, though documents say it by its symbol.
[[nodiscard]] constexpr std::string_view kind_text(Kind kind) {
    return kind == Kind::option ? "option" : name_of(kind);
}

/// Whether the kind is a fund that may be leveraged or inverse.
[[nodiscard]] constexpr bool may_be_leveraged(Kind kind) { return kind == Kind::etf || kind == Kind::broad_index_etf; }

/// Whether the kind is an index, which others are on and nobody holds.
[[nodiscard]] constexpr bool is_index(Kind kind) {
    return kind == Kind::broad_index || kind == Kind::narrow_index || kind == Kind::volatility_index;
}

/// Whether the kind is debt that FINRA 4210(e)(2) margins: exempted and non-equity securities.
[[nodiscard]] constexpr bool is_debt(Kind kind) {
    return kind == Kind::treasury || kind == Kind::municipal || kind == Kind::corporate_bond;
}

/// Whether the kind is quoted in percent of its principal, and held in units of `bond_principal`.
[[nodiscard]] constexpr bool is_bond(Kind kind) { return is_debt(kind) || kind == Kind::convertible; }

/// Principal of one unit of a bond, USD.
inline constexpr Money bond_principal = 1000.0;

/// What one unit is worth for each point of its quote: 10 USD for a percent of a bond's principal, else 1.
[[nodiscard]] constexpr double value_of_a_point(Kind kind) { return is_bond(kind) ? bond_principal / 100.0 : 1.0; }

/// Whether FINRA 4210(c) and (e) margin the kind by itself: stock, funds, notes, warrants and debt.
[[nodiscard]] constexpr bool is_security(Kind kind) {
    return kind == Kind::equity || may_be_leveraged(kind) || kind == Kind::etn || kind == Kind::warrant ||
           kind == Kind::money_market_fund || kind == Kind::mutual_fund || is_bond(kind);
}

/// Whether the kind may be turned into another security.
[[nodiscard]] constexpr bool may_be_converted(Kind kind) { return kind == Kind::convertible || kind == Kind::warrant; }

/// Whether the kind trades in shares on an exchange, so that it has a volume and a number outstanding.
[[nodiscard]] constexpr bool trades_in_shares(Kind kind) {
    return kind == Kind::equity || may_be_leveraged(kind) || kind == Kind::etn || kind == Kind::warrant;
}

/// Whether contract terms (right, strike, expiry, style) make sense for the kind.
[[nodiscard]] constexpr bool is_option(Kind kind) { return kind == Kind::option || kind == Kind::future_option; }

} // namespace margincore
