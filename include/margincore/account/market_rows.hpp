// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <margincore/account/policy.hpp>
#include <margincore/account/share_trading.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/stock/share_row.hpp>
#include <margincore/requirement/stock/stock_rates.hpp>
#include <margincore/requirement/stock/stock_terms.hpp>

namespace margincore {

/// What evaluating needs of every instrument, computed once for all the accounts that hold it. Aligned with the
/// instrument table, which it refers to and which must outlive it. NaN marks what is missing.
struct MarketRows {
    const InstrumentTable* instruments = nullptr;
    StockRates rates{};
    std::vector<StockFacts> facts{};
    std::vector<ShareRow> rows{};
    std::vector<double> beta{};
    std::vector<Volatility> volatility{};
    std::vector<HouseRates> house{};
    std::vector<ShareTrading> trading{};

    /// The beta comes from `policy.missing_beta`.
    std::vector<bool> beta_assumed{};

    /// The row of the table that each row is of; empty where they are the same.
    std::vector<InstrumentIndex> table_row{};

    [[nodiscard]] std::size_t size() const { return rows.size(); }
    [[nodiscard]] const Instrument& instrument(InstrumentIndex row) const {
        return (*instruments)[table_row.empty() ? row : table_row[static_cast<std::size_t>(row)]];
    }
};

/// Checks what the rules read of an instrument and its quote. A price may be missing (NaN): whoever holds the
/// instrument is told.
///
/// @throws InvalidInput where a number is not one that an instrument can have.
inline void require_valid(const Instrument& instrument, const Quote& quote, const Where& where) {
    if (!std::isnan(quote.price)) { // zero is worthless, as after a move of a scenario; missing is NaN
        static_cast<void>(require_not_negative(quote.price, largest_price, where["price"]));
    }
    if (quote.beta) {
        static_cast<void>(require_within(*quote.beta, -largest_ratio, largest_ratio, where["beta"]));
    }
    if (quote.volatility) {
        static_cast<void>(require_not_negative(*quote.volatility, largest_ratio, where["volatility"]));
    }
    if (require_within(instrument.leverage, -largest_ratio, largest_ratio, where["leverage"]) == 0) {
        throw InvalidInput(where["leverage"], "must not be zero, got 0");
    }
}

/// Applies the rules to one share of every instrument.
///
/// @param instruments  Must outlive the result.
/// @param market       One quote for each instrument, in their order.
/// @return             Rows of instruments that have no stock rule, or no price, are NaN.
/// @throws InvalidInput where quotes are not aligned with the instruments, or a number is not one that they can have.
[[nodiscard]] inline MarketRows market_rows(const InstrumentTable& instruments, const MarketSnapshot& market,
                                            const Policy& policy) {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    MarketRows result{.instruments = &instruments, .rates = policy.rulebook.stock};
    const Where where_market("market");
    const Where where_instruments = where_market["instruments"];
    if (market.quotes.size() != instruments.size()) {
        throw InvalidInput(where_market["quotes"], "must be one for each of " + std::to_string(instruments.size()) +
                                                       " instruments, got " + std::to_string(market.quotes.size()));
    }
    for (const Instrument& instrument : instruments) {
        const Quote& quote = market[static_cast<InstrumentIndex>(result.size())];
        require_valid(instrument, quote, where_instruments[instrument.symbol]);
        const bool is_benchmark = instrument.symbol == market.benchmark;
        const auto beta = quote.beta ? quote.beta : is_benchmark ? std::optional(1.0) : policy.missing_beta;
        const StockFacts facts{
            .price = quote.price, .leverage = instrument.leverage, .marginable = instrument.marginable};
        const auto house = policy.house_rates.find(instrument.symbol);

        result.facts.push_back(facts);
        result.beta.push_back(beta.value_or(missing));
        result.beta_assumed.push_back(!quote.beta && !is_benchmark && policy.missing_beta);
        result.volatility.push_back(quote.volatility.value_or(missing));
        result.house.push_back(house != policy.house_rates.end()   ? house->second
                               : trades_in_shares(instrument.kind) ? policy.base_rates
                                                                   : HouseRates{});
        result.rows.push_back(is_stock(instrument.kind) ? share_row(facts, result.beta.back(), result.rates)
                                                        : ShareRow{});
    }
    result.trading = share_trading(instruments, market, where_instruments);
    return result;
}

} // namespace margincore
