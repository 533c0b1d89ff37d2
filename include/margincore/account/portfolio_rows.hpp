// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/class_groups.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_series.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/stock_baskets.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// What portfolio margin needs of one unit of an instrument beside its gains: a share, a contract, a bond. In a line of
/// the cache of its own.
struct alignas(64) PortfolioRow {
    GroupIndex class_group = no_group; ///< None where it is carried at its strategy requirement.
    Money value = 0.0;        ///< In the net liquidation value; of a future nothing, its gains are cash already.
    Money minimum_long = 0.0; ///< Of a contract held long: not more than it is worth.
    Money minimum_short = 0.0;
    Money conversion_loss = 0.0;  ///< What converting one held long would lose.
    Money fund_requirement = 0.0; ///< Of a mutual fund, which is in no class group.
    bool is_contract = false;     ///< Held in whole numbers: an option or a future.
    bool is_unlisted = false;     ///< An unlisted derivative.

    /// Whether it is not eligible, and carries its strategy requirement.
    [[nodiscard]] bool is_carried() const { return class_group == no_group && fund_requirement == 0; }
};

/// What a mutual fund asks for of its value.
///
/// @source FINRA's answers on portfolio margin, 4210(g)(7)(D), as a reprint has it: 15 % of open-end funds other than
///         those of the money market, under conditions on redemption that the carrying firm must see to.
inline constexpr Fraction mutual_fund_rate = 0.15;

/// What portfolio margin needs of every instrument of a market, computed once for all the accounts that hold it.
struct PortfolioRows {
    GroupTree tree{};
    std::vector<PriceRange> house_ranges{};        ///< By class group, no side below the rule's; empty for none.
    std::vector<GroupIndex> basket_classes{};      ///< Of each stock basket of the policy.
    std::vector<PriceRange> ranges{};              ///< By class group.
    std::vector<PortfolioRow> rows{};              ///< Aligned with the rows of the market.
    std::vector<Points<Money>> gains{};            ///< Of one unit held long, aligned likewise, USD.
    std::vector<Points<Money>> house_gains{};      ///< Over the house's ranges; empty where it has none.
    std::map<std::string, std::string> warnings{}; ///< By symbol: what a reader should know of its class.

    /// Why an instrument cannot be margined, by row of the market: whoever holds it is told.
    std::map<InstrumentIndex, std::exception_ptr> refused{};

    [[nodiscard]] const PortfolioRow& operator[](InstrumentIndex row) const {
        return rows[static_cast<std::size_t>(row)];
    }
};

/// How the rows of a market are made.
struct PortfolioRowsOptions {
    unsigned threads = 1;
    Progress progress{};
    const AccountPlace* place = &in_document; ///< Of the instruments in the caller's data.
};

namespace detail {

/// Makes the rows of portfolio margin of a market.
class PortfolioRowsMaker {
public:
    PortfolioRowsMaker(const MarketRows& market, const MarketSnapshot& snapshot, const Policy& policy,
                       const PortfolioRowsOptions& options)
        : market_(market), snapshot_(snapshot), policy_(policy.portfolio_margin), options_(options),
          classes_(market, policy_.group_table, *options.place) {}

    template <class IsWanted>
    [[nodiscard]] PortfolioRows make(IsWanted&& is_wanted) {
        result_.rows.resize(market_.size());
        result_.gains.resize(market_.size());
        leverage_.resize(market_.size(), 1.0);
        std::vector<std::uint8_t> wanted(market_.size(), 0);
        for (std::size_t i = 0; i < market_.size(); ++i) {
            const auto row = static_cast<InstrumentIndex>(i);
            if (is_wanted(row)) {
                wanted[i] = 1;
                add(row);
            }
        }
        result_.tree = classes_.tree();
        for (std::size_t i = 0; i < result_.tree.classes.size(); ++i) {
            result_.ranges.push_back(classes_.range(static_cast<GroupIndex>(i)));
        }
        const Where where_baskets("policy.baskets");
        for (std::size_t i = 0; i < policy_.baskets.size(); ++i) {
            result_.basket_classes.push_back(class_of_basket(policy_.baskets[i], classes_, where_baskets[i]));
        }
        const auto is_priced = [&](InstrumentIndex row) {
            return wanted[static_cast<std::size_t>(row)] != 0 && !result_.refused.contains(row) &&
                   result_[row].class_group != no_group;
        };
        MarketSeries series(market_, snapshot_, *options_.place, is_priced);
        add_gains(series, result_.gains, result_.ranges);
        if (!policy_.house_ranges.empty()) {
            for (std::size_t i = 0; i < result_.tree.classes.size(); ++i) {
                result_.house_ranges.push_back(house_range(static_cast<GroupIndex>(i)));
            }
            result_.house_gains.resize(market_.size());
            add_gains(series, result_.house_gains, result_.house_ranges);
        }
        for (const auto& [row, reason] : series.refused()) {
            result_.refused.emplace(row, reason);
        }
        return std::move(result_);
    }

private:
    void add(InstrumentIndex row) {
        const MarketRow& facts = market_[row];
        const Instrument& instrument = market_.instrument(row);
        PortfolioRow& entry = result_.rows[static_cast<std::size_t>(row)];
        if (is_index(instrument.kind)) {
            return; // what others are on, and no position: whoever holds one is told so by its strategy rule
        }
        entry.is_contract = is_option(instrument.kind) || instrument.kind == Kind::future;
        entry.value = facts.facts.price * (is_option(instrument.kind) ? facts.option.multiplier : 1.0);
        try {
            if (instrument.kind == Kind::mutual_fund) {
                entry.fund_requirement = mutual_fund_rate * entry.value;
                return;
            }
            if (instrument.kind == Kind::future) {
                entry.value = 0.0;
                require_future(row, instrument);
            }
            if (const std::optional<MemberOfClass> member = classes_.find(row)) {
                entry.class_group = member->class_group;
                leverage_[static_cast<std::size_t>(row)] = member->leverage;
                if (!member->warning.empty()) {
                    result_.warnings.emplace(member->symbol, member->warning);
                }
            } else {
                return;
            }
            entry.is_unlisted = instrument.option && !instrument.option->listed;
            if (const Quantity multiplier = multiplier_of(instrument); multiplier > 0) {
                const Money minimum =
                    classes_.minimum_per_unit(entry.class_group).value_or(policy_.minimum_per_contract);
                entry.minimum_short = entry.minimum_long = multiplier * minimum;
                if (instrument.kind != Kind::future) {
                    entry.minimum_long = (std::min)(entry.minimum_short, entry.value);
                }
            }
            if (instrument.kind == Kind::convertible) {
                const Conversion& conversion = *instrument.conversion;
                const Money received = conversion.ratio * market_[facts.conversion.into].facts.price;
                entry.conversion_loss = (std::max)(0.0, entry.value + conversion.cash - received);
            }
        } catch (const Error&) {
            result_.refused[row] = std::current_exception();
        }
    }

    void require_future(InstrumentIndex row, const Instrument& instrument) const {
        const bool has_underlying = instrument.future && !instrument.future->underlying.empty();
        if (!has_underlying || !instrument.future->multiplier) {
            at_instrument(
                market_, row, *options_.place, has_underlying ? "multiplier" : "underlying",
                [](const Where& where) { throw MissingData(where, "must be given for a future, got nothing"); });
        }
    }

    /// Units of a contract that has a minimum; 0 of what has none.
    [[nodiscard]] static Quantity multiplier_of(const Instrument& instrument) {
        return instrument.option                  ? instrument.option->multiplier
               : instrument.kind == Kind::future  ? *instrument.future->multiplier
               : instrument.kind == Kind::warrant ? instrument.conversion->ratio
                                                  : 0.0;
    }

    [[nodiscard]] PriceRange house_range(GroupIndex group) const {
        PriceRange range = classes_.range(group);
        const auto house = policy_.house_ranges.find(classes_.tree().classes[static_cast<std::size_t>(group)].id);
        if (house != policy_.house_ranges.end()) { // never below the rule's
            range.low = (std::min)(range.low, house->second.low);
            range.high = (std::max)(range.high, house->second.high);
        }
        return range;
    }

    /// Gains of one unit at the moves of what moves it.
    void add_gains(MarketSeries& series, std::vector<Points<Money>>& gains, const std::vector<PriceRange>& ranges) {
        const auto range_of = [&](GroupIndex group) { return ranges[static_cast<std::size_t>(group)]; };
        for (std::size_t i = 0; i < market_.size(); ++i) {
            const auto row = static_cast<InstrumentIndex>(i);
            if (result_[row].class_group != no_group && !has_model(market_.instrument(row))) {
                const Money exposed = moving_value(row);
                const Points<Fraction> moves = moves_of(range_of(result_[row].class_group));
                for (std::size_t k = 0; k < valuation_points; ++k) {
                    gains[i][k] = exposed * (std::max)(-1.0, leverage_[i] * moves[k]);
                }
            }
        }
        RepriceOptions options{.volatility_mode = policy_.volatility_mode,
                               .dividend_model = policy_.dividend_model,
                               .accuracy = policy_.accuracy,
                               .threads = options_.threads,
                               .progress = options_.progress};
        const SeriesGains repriced = series.reprice(
            [&](std::size_t i) {
                const Points<Fraction> moves = moves_of(range_of(result_[series.row(i)].class_group));
                std::vector<Fraction> own(moves.begin(), moves.end());
                for (Fraction& move : own) {
                    move *= leverage_[static_cast<std::size_t>(series.row(i))];
                }
                return own;
            },
            options);
        for (std::size_t i = 0; i < series.size(); ++i) {
            for (std::size_t k = 0; k < valuation_points; ++k) {
                gains[static_cast<std::size_t>(series.row(i))][k] =
                    series.terms(i).multiplier *
                    repriced.gains(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k));
            }
        }
    }

    /// What of one unit moves with its class, USD: of a convertible the stock that it becomes.
    [[nodiscard]] Money moving_value(InstrumentIndex row) const {
        const Instrument& instrument = market_.instrument(row);
        return instrument.kind == Kind::convertible
                   ? instrument.conversion->ratio * market_[market_[row].conversion.into].facts.price
                   : exposed_value(market_, row);
    }

    const MarketRows& market_;
    const MarketSnapshot& snapshot_;
    const PortfolioMarginPolicy& policy_;
    const PortfolioRowsOptions& options_;
    ClassGroups classes_;
    std::vector<double> leverage_{}; // of what each row is on, aligned with the rows
    PortfolioRows result_{};
};

} // namespace detail

/// Prices every instrument of a market at the ten points of its class group.
///
/// @param is_wanted  Takes a row of the market: whether anybody holds it. The others get no gains.
/// @throws InvalidInput  where the group table is wrong.
template <class IsWanted>
[[nodiscard]] PortfolioRows portfolio_rows(const MarketRows& market, const MarketSnapshot& snapshot,
                                           const Policy& policy, IsWanted&& is_wanted,
                                           const PortfolioRowsOptions& options = {}) {
    return detail::PortfolioRowsMaker(market, snapshot, policy, options).make(is_wanted);
}

} // namespace margincore
