// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/requirement/stock/security_row.hpp>

namespace margincore {

/// What a quantity of one instrument is worth and asks for by itself, USD.
struct PositionAmounts {
    Money net_value = 0.0;
    Money maintenance = 0.0;

    friend bool operator==(const PositionAmounts&, const PositionAmounts&) = default;
};

/// A position without the account that it is in.
struct UnitsOfInstrument {
    Quantity net = 0.0;
    Quantity boxed = 0.0;

    friend bool operator==(const UnitsOfInstrument&, const UnitsOfInstrument&) = default;
};

/// Two markets with their policies, instruments matched by symbol, and what lies between them: the prices after with
/// everything else before, and all facts after with the policy before.
///
/// An instrument that the market before does not have, or without something that the rules and add-ons before need,
/// counts there as the market after has it. Refers to both markets, which must outlive it.
class MatchedMarkets {
public:
    /// What happened to an instrument on the way, in this order. `quoted` is where it starts.
    enum class Step : std::uint8_t { quoted, repriced, restated, reruled };

    MatchedMarkets(const MarketRows& before, const Policy& policy_before, const MarketRows& after)
        : after_(after), restated_{.instruments = after.instruments, .rates = before.rates} {
        std::unordered_map<std::string_view, InstrumentIndex> rows_after;
        for (std::size_t row = 0; row < after.size(); ++row) {
            const auto index = static_cast<InstrumentIndex>(row);
            const Instrument& instrument = after.instrument(index);
            MarketRow restated = after[index];
            apply_house(policy_before, instrument, restated);
            restated_.add(restated);
            symbols_.emplace_back(instrument.symbol);
            rows_after.emplace(instrument.symbol, index);
        }
        quoted_ = restated_.rows;
        quoted_boxed_ = restated_.boxed;
        repriced_ = restated_.rows;
        repriced_boxed_ = restated_.boxed;
        changed_.assign(after.size(), 1);
        for (std::size_t row = 0; row < before.size(); ++row) {
            match(before, static_cast<InstrumentIndex>(row), policy_before, rows_after);
        }
    }

    /// Symbols of both markets: the rows of the market after, then what only the market before has.
    [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }

    /// The row of both markets for a row of the market before.
    [[nodiscard]] InstrumentIndex row_of(InstrumentIndex before) const {
        return of_before_[static_cast<std::size_t>(before)];
    }

    /// Whether anything that is read of an instrument is another, or it is in one market only.
    [[nodiscard]] bool is_changed(InstrumentIndex row) const { return changed_[static_cast<std::size_t>(row)] != 0; }

    /// What a position is worth and asks for by itself after a step.
    [[nodiscard]] PositionAmounts amounts(InstrumentIndex row, const UnitsOfInstrument& units, Step step) const {
        if (units == UnitsOfInstrument{}) { // gone, perhaps with its price
            return {};
        }
        const AccountView position{.instrument = {&row, 1}, .quantity = {&units.net, 1}, .boxed = {&units.boxed, 1}};
        const Figures figures = [&] {
            switch (step) {
            case Step::quoted:
                return security_figures(position, quoted_, quoted_boxed_).figures;
            case Step::repriced:
                return security_figures(position, repriced_, repriced_boxed_).figures;
            case Step::restated:
                return security_figures(position, restated_.rows, restated_.boxed).figures;
            case Step::reruled:
                break;
            }
            return security_figures(position, after_.rows, after_.boxed).figures;
        }();
        return {.net_value = figures.net_value, .maintenance = figures.maintenance};
    }

    /// The facts after, under the rules and the house before.
    [[nodiscard]] const MarketRows& restated() const { return restated_; }

private:
    /// Whether a unit adds the same to its account in both markets, and add-ons and offsets read the same of it.
    [[nodiscard]] bool are_same(const MarketRows& before, InstrumentIndex row_before, InstrumentIndex row_after) const {
        const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
        const MarketRow& a = before[row_before];
        const MarketRow& b = after_[row_after];
        const SecurityRow& unit_before = before.rows[static_cast<std::size_t>(row_before)];
        const SecurityRow& unit_after = after_.rows[static_cast<std::size_t>(row_after)];
        const bool converts = a.conversion.into >= 0;
        return (unit_before.sides[0] == unit_after.sides[0]).all() &&
               (unit_before.sides[1] == unit_after.sides[1]).all() &&
               before.boxed[static_cast<std::size_t>(row_before)] ==
                   after_.boxed[static_cast<std::size_t>(row_after)] &&
               same(a.beta, b.beta) && same(a.volatility, b.volatility) && a.house == b.house &&
               a.trading.in_shares == b.trading.in_shares &&
               same(a.trading.average_daily_volume, b.trading.average_daily_volume) &&
               same(a.trading.shares_outstanding, b.trading.shares_outstanding) &&
               before.instrument(row_before).industry == after_.instrument(row_after).industry &&
               converts == (b.conversion.into >= 0) &&
               (!converts ||
                (before.instrument(a.conversion.into).symbol == after_.instrument(b.conversion.into).symbol &&
                 a.conversion.ratio == b.conversion.ratio && a.conversion.cash == b.conversion.cash));
    }

    /// Whether the market before had all that its policy asks of an instrument.
    [[nodiscard]] static bool is_known(const MarketRows& before, InstrumentIndex row, const Policy& policy) {
        return before.rows[static_cast<std::size_t>(row)].sides[1].allFinite() &&
               std::ranges::none_of(policy.add_ons, [&](const AnyAddOn& add_on) {
                   return detail::is_missing(before[row], needs_of(add_on));
               });
    }

    void match(const MarketRows& before, InstrumentIndex row, const Policy& policy,
               const std::unordered_map<std::string_view, InstrumentIndex>& rows_after) {
        const auto index = static_cast<std::size_t>(row);
        const auto found = rows_after.find(before.instrument(row).symbol);
        if (found == rows_after.end()) {
            of_before_.push_back(static_cast<InstrumentIndex>(symbols_.size()));
            symbols_.emplace_back(before.instrument(row).symbol);
            quoted_.push_back(before.rows[index]);
            quoted_boxed_.push_back(before.boxed[index]);
            changed_.push_back(1);
            return;
        }
        of_before_.push_back(found->second);
        changed_[static_cast<std::size_t>(found->second)] = are_same(before, row, found->second) ? 0 : 1;
        if (!is_known(before, row, policy)) {
            return;
        }
        const auto both = static_cast<std::size_t>(found->second);
        quoted_[both] = before.rows[index];
        quoted_boxed_[both] = before.boxed[index];
        MarketRow moved = before[row];
        moved.facts.price = after_[found->second].facts.price;
        MarketRows one{.rates = before.rates};
        one.add(moved);
        repriced_[both] = one.rows.front();
        repriced_boxed_[both] = one.boxed.front();
    }

    const MarketRows& after_;
    std::vector<std::string> symbols_{};
    std::vector<InstrumentIndex> of_before_{};
    std::vector<SecurityRow> quoted_{}; // rows of both markets
    std::vector<Money> quoted_boxed_{};
    std::vector<SecurityRow> repriced_{}; // rows of the market after
    std::vector<Money> repriced_boxed_{};
    MarketRows restated_;                  // likewise
    std::vector<unsigned char> changed_{}; // not bool: read by threads, one byte each
};

} // namespace margincore
