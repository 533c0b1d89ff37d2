// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <margincore/core/names.hpp>

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

/// Whether FINRA 4210(c) as built here margins the kind: equities and exchange-traded funds.
[[nodiscard]] constexpr bool is_stock(Kind kind) { return kind == Kind::equity || may_be_leveraged(kind); }

/// Whether the kind trades in shares on an exchange, so that it has a volume and a number outstanding.
[[nodiscard]] constexpr bool trades_in_shares(Kind kind) {
    return is_stock(kind) || kind == Kind::etn || kind == Kind::warrant;
}

/// Whether contract terms (right, strike, expiry, style) make sense for the kind.
[[nodiscard]] constexpr bool is_option(Kind kind) { return kind == Kind::option || kind == Kind::future_option; }

} // namespace margincore
