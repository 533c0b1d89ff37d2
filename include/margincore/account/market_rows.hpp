// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/account/instrument_facts.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/share_trading.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
#include <margincore/requirement/stock/debt.hpp>
#include <margincore/requirement/stock/maintenance.hpp>
#include <margincore/requirement/stock/security_rates.hpp>
#include <margincore/requirement/stock/security_row.hpp>
#include <margincore/requirement/stock/security_terms.hpp>
#include <margincore/requirement/strategy/option_rates.hpp>
#include <margincore/requirement/strategy/single_option.hpp>

namespace margincore {

/// What the option rules read of a series beside its contract.
struct OptionRow {
    InstrumentIndex underlying = -1; ///< Row of the underlying; -1 where it has none.
    Quantity multiplier = 0.0;       ///< Units of the underlying a contract; 0 of what is no option.
    std::int64_t expiry = 0;         ///< Orders expirations, those in the morning before those in the afternoon.
    bool has_loan_value = false;     ///< While long and alone.

    friend bool operator==(const OptionRow&, const OptionRow&) = default;
};

/// What evaluating needs of one instrument beside the amounts of its `SecurityRow`. NaN marks what is missing.
struct MarketRow {
    SecurityFacts facts{};
    double beta = std::numeric_limits<double>::quiet_NaN();
    bool beta_assumed = false; ///< The beta comes from `policy.missing_beta`.
    Volatility volatility = std::numeric_limits<double>::quiet_NaN();
    HouseRates house{};
    ShareTrading trading{};
    ConversionRow conversion{};
    OptionRow option{};
    InstrumentIndex table_row = 0; ///< The row of the instrument in its table.
};

/// What evaluating needs of every instrument, computed once for all the accounts that hold it. Refers to the
/// instrument table, which must outlive it.
struct MarketRows {
    const InstrumentTable* instruments = nullptr;
    SecurityRates rates{};
    OptionRates option_rates{};
    Date valuation_date{};
    std::vector<MarketRow> facts{};
    std::vector<SecurityRow> rows{};       ///< Amounts of one unit.
    std::vector<Money> boxed{};            ///< Requirement of one unit held long and short at once.
    std::vector<Price> beta_value{};       ///< Price times beta of one unit; NaN of an option, which is not linear.
    std::vector<InstrumentIndex> row_of{}; ///< By row of the table, -1 for none; empty where they are the same.
    bool has_conversions = false;          ///< Anything can be turned into anything else.
    bool has_options = false;              ///< Anything is an option.

    /// Why the data of an instrument could not be read, by row of the table: whoever holds it is told. Null where
    /// there are none.
    std::map<InstrumentIndex, std::exception_ptr> refused{};

    [[nodiscard]] std::size_t size() const { return rows.size(); }
    [[nodiscard]] const MarketRow& operator[](InstrumentIndex row) const {
        return facts[static_cast<std::size_t>(row)];
    }
    [[nodiscard]] const Instrument& instrument(InstrumentIndex row) const {
        return (*instruments)[(*this)[row].table_row];
    }

    /// The row of a symbol; nothing where there is none.
    [[nodiscard]] std::optional<InstrumentIndex> find(const std::string& symbol) const {
        const std::optional<InstrumentIndex> table_row = instruments->find(symbol);
        if (!table_row || row_of.empty()) {
            return table_row;
        }
        const InstrumentIndex row = row_of[static_cast<std::size_t>(*table_row)];
        return row < 0 ? std::nullopt : std::optional(row);
    }

    /// Adds an instrument, with what the rules say of it at its price.
    void add(const MarketRow& row) {
        facts.emplace_back();
        rows.emplace_back();
        boxed.push_back(0.0);
        beta_value.push_back(0.0);
        set(static_cast<InstrumentIndex>(size() - 1), row);
    }

    /// Puts an instrument in the place of what a row had, with what the rules say of it at its price.
    void set(InstrumentIndex place, const MarketRow& row) {
        const auto index = static_cast<std::size_t>(place);
        const SecurityFacts& security = row.facts;
        const bool has_rule = is_security(security.kind) && (security.marginable || !has_debt_rule(security.kind)) &&
                              missing_term(security, rates.debt).empty();
        facts[index] = row;
        if (row.option.multiplier > 0) { // its value alone: what it requires depends on what it is paired with
            rows[index] = value_row(security.price * row.option.multiplier);
            boxed[index] = 0.0;
            beta_value[index] = std::numeric_limits<double>::quiet_NaN();
            has_options = true;
        } else {
            rows[index] = has_rule ? security_row(security, rates) : SecurityRow{};
            boxed[index] = boxed_maintenance(security, rates).per_unit(security.price);
            beta_value[index] = security.price * row.beta;
        }
        has_conversions = has_conversions || row.conversion.into >= 0;
    }
};

/// Fills in what the house says of an instrument: rates, the beta that it states for one missing, loan value of
/// options.
inline void apply_house(const Policy& policy, const Instrument& instrument, Date valuation_date, MarketRow& row) {
    const auto house = policy.house_rates.find(instrument.symbol);
    row.house = house != policy.house_rates.end()   ? house->second
                : trades_in_shares(instrument.kind) ? policy.base_rates
                                                    : HouseRates{};
    if (row.beta_assumed || std::isnan(row.beta)) {
        row.beta = policy.missing_beta.value_or(std::numeric_limits<double>::quiet_NaN());
        row.beta_assumed = policy.missing_beta.has_value();
    }
    if (instrument.option) {
        row.option.has_loan_value =
            policy.long_option_loan_value && has_loan_value(*instrument.option, valuation_date, policy.rulebook.option);
    }
}

/// What of one unit moves with the benchmark, USD: the value, or what a future stands for.
[[nodiscard]] inline Money exposed_value(const MarketRows& market, InstrumentIndex row) {
    const Instrument& instrument = market.instrument(row);
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    return market[row].facts.price * (instrument.future ? instrument.future->multiplier.value_or(missing) : 1.0);
}

/// Gives what is on something else the beta of that: every option, which has no exposure before it is priced, and every
/// future that has none of its own.
inline void share_betas(MarketRows& market) {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const auto share = [&](MarketRow& row, InstrumentIndex underlying) {
        row.beta = underlying >= 0 ? market[underlying].beta : missing;
        row.beta_assumed = underlying >= 0 && market[underlying].beta_assumed;
    };
    for (std::size_t i = 0; i < market.size(); ++i) { // futures first: options on them look at theirs
        MarketRow& row = market.facts[i];
        const auto index = static_cast<InstrumentIndex>(i);
        if (const std::optional<FutureContract>& future = market.instrument(index).future) {
            if (std::isnan(row.beta) || row.beta_assumed) {
                share(row, market.find(future->underlying).value_or(-1));
            }
            market.beta_value[i] = exposed_value(market, index) * row.beta;
        }
    }
    for (std::size_t i = 0; i < market.size(); ++i) {
        MarketRow& row = market.facts[i];
        if (is_option(row.facts.kind)) {
            share(row, row.option.underlying);
            market.beta_value[i] = missing;
        }
    }
}

/// What evaluating needs of one instrument at its quote, betas of options and futures apart (`share_betas`).
///
/// @param trading  Of the instrument, as `share_trading` has it.
/// @throws InvalidInput where a number cannot be, or an option has a house rate.
[[nodiscard]] inline MarketRow market_row(const InstrumentTable& instruments, const MarketSnapshot& market,
                                          const Policy& policy, InstrumentIndex index, const ShareTrading& trading) {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const Instrument& instrument = instruments[index];
    const Quote& quote = market[index];
    const Where where_market("market");
    const Where where_instruments = where_market["instruments"];
    require_valid(instrument, quote, market.valuation_date, where_instruments[instrument.symbol]);
    const bool is_benchmark = instrument.symbol == market.benchmark;
    MarketRow row{.facts = security_facts(instrument, quote, market.valuation_date),
                  .beta = quote.beta.value_or(is_benchmark ? 1.0 : missing),
                  .volatility = quote.volatility.value_or(missing),
                  .trading = trading,
                  .table_row = index};
    if (instrument.option) {
        if (policy.house_rates.contains(instrument.symbol)) {
            throw InvalidInput("policy.house_rates." + instrument.symbol,
                               "must be of a stock or a bond: options have no house rate, got an option");
        }
        const OptionContract& option = *instrument.option;
        row.option = {.underlying = instruments.find(option.underlying).value_or(-1),
                      .multiplier = option.multiplier,
                      .expiry = 2 * std::int64_t{option.expiry.time_since_epoch().count()} +
                                (option.settlement_time == SettlementTime::pm ? 1 : 0)};
    }
    apply_house(policy, instrument, market.valuation_date, row);
    if (instrument.conversion) {
        row.conversion = {.into = instruments.find(instrument.conversion->into).value_or(-1),
                          .ratio = instrument.conversion->ratio,
                          .cash = instrument.conversion->cash};
    }
    return row;
}

/// What rows are added to.
[[nodiscard]] inline MarketRows no_rows(const InstrumentTable& instruments, const MarketSnapshot& market,
                                        const Policy& policy) {
    return {.instruments = &instruments,
            .rates = policy.rulebook.stock,
            .option_rates = policy.rulebook.option,
            .valuation_date = market.valuation_date};
}

/// Applies the rules to one unit of every instrument.
///
/// @param instruments  Must outlive the result.
/// @param market       One quote for each instrument, in their order.
/// @return             Rows of instruments that have no rule, or no price, are NaN.
/// @throws InvalidInput where quotes are not aligned with the instruments, a number cannot be, or an option has a house
/// rate.
[[nodiscard]] inline MarketRows market_rows(const InstrumentTable& instruments, const MarketSnapshot& market,
                                            const Policy& policy) {
    MarketRows result = no_rows(instruments, market, policy);
    const Where where_market("market");
    const Where where_instruments = where_market["instruments"];
    if (market.quotes.size() != instruments.size()) {
        throw InvalidInput(where_market["quotes"], "must be one for each of " + std::to_string(instruments.size()) +
                                                       " instruments, got " + std::to_string(market.quotes.size()));
    }
    const std::vector<ShareTrading> trading = share_trading(instruments, market, where_instruments);
    for (std::size_t i = 0; i < instruments.size(); ++i) {
        result.add(market_row(instruments, market, policy, static_cast<InstrumentIndex>(i), trading[i]));
    }
    share_betas(result);
    return result;
}

/// The rows of a market in another order, as the codes of a column of symbols have it.
///
/// @param order  Rows of `market`, none twice. Shape (n).
[[nodiscard]] inline MarketRows in_order(const MarketRows& market, std::span<const InstrumentIndex> order) {
    std::vector<InstrumentIndex> place(market.size(), -1);
    for (std::size_t i = 0; i < order.size(); ++i) {
        place[static_cast<std::size_t>(order[i])] = static_cast<InstrumentIndex>(i);
    }
    MarketRows result{.instruments = market.instruments,
                      .rates = market.rates,
                      .option_rates = market.option_rates,
                      .valuation_date = market.valuation_date,
                      .refused = market.refused};
    result.row_of.assign(market.instruments->size(), -1);
    for (const InstrumentIndex index : order) {
        MarketRow row = market[index];
        if (row.conversion.into >= 0) {
            row.conversion.into = place[static_cast<std::size_t>(row.conversion.into)];
        }
        if (row.option.underlying >= 0) {
            row.option.underlying = place[static_cast<std::size_t>(row.option.underlying)];
        }
        result.row_of[static_cast<std::size_t>(row.table_row)] = static_cast<InstrumentIndex>(result.size());
        result.add(row);
        result.beta_value.back() = market.beta_value[static_cast<std::size_t>(index)];
    }
    return result;
}

/// Hands the place of a key of an instrument to a function that throws.
template <class Fail>
void at_instrument(const MarketRows& market, InstrumentIndex row, const AccountPlace& place, std::string_view key,
                   Fail&& fail) {
    const Where instrument = place.instruments_by_row
                                 ? place.instruments[static_cast<std::size_t>(market[row].table_row)]
                                 : place.instruments[std::string_view(market.instrument(row).symbol)];
    fail(instrument[key]);
}

} // namespace margincore
