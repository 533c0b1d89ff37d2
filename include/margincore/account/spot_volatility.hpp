// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/account/class_groups.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_series.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/series_terms.hpp>
#include <margincore/core/arrays.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>
#include <margincore/scenario/reprice.hpp>

namespace margincore {

/// What the positions of a class group gain as its spot and the volatilities of its options move.
struct SpotVolatilityGains {
    std::string class_group{};                   ///< Id.
    std::vector<std::string> positions{};        ///< Symbols.
    Matrix gains{};                              ///< USD. Shape (n_volatility_moves, n_spot_moves).
    Points<Fraction> moves{};                    ///< Of the regulatory points.
    Points<Money> points = zero_points<Money>(); ///< Gains there, volatilities held.
};

namespace detail {

/// The positions of an account in one class group, priced along moves of it.
class ClassPositions {
public:
    /// @param name  Id of the class, or a symbol in it.
    /// @throws InvalidInput where the account has nothing in such a class.
    ClassPositions(const AccountView& account, const MarketRows& market, const MarketSnapshot& snapshot,
                   const Policy& policy, std::string_view name)
        : market_(market), options_(reprice_options(policy)),
          classes_(market, policy.portfolio_margin.group_table, in_document), holdings_(find(account, name)),
          series_(market, snapshot, in_document, [&](InstrumentIndex row) {
              return std::ranges::find(holdings_, row, &Holding::row) != holdings_.end();
          }) {
        if (holdings_.empty()) {
            throw InvalidInput("group", "must be a class group of the account, or a symbol in one, got " +
                                            in_quotes(std::string(name)));
        }
    }

    [[nodiscard]] SpotVolatilityGains operator()(std::span<const Fraction> spot_moves,
                                                 std::span<const Fraction> volatility_moves) {
        const GroupIndex class_group = holdings_.front().class_group;
        SpotVolatilityGains result{.class_group = classes_.tree().classes[static_cast<std::size_t>(class_group)].id,
                                   .gains = Matrix(static_cast<Eigen::Index>(volatility_moves.size()),
                                                   static_cast<Eigen::Index>(spot_moves.size())),
                                   .moves = moves_of(classes_.range(class_group))};
        for (const Holding& holding : holdings_) {
            result.positions.push_back(market_.instrument(holding.row).symbol);
        }
        const SeriesGains held =
            series_.reprice([&](std::size_t i) { return moves_of_series(i, result.moves); }, options_);
        if (!series_.refused().empty()) {
            std::rethrow_exception(series_.refused().begin()->second);
        }
        for (std::size_t k = 0; k < valuation_points; ++k) {
            result.points[k] = linear(result.moves[k]) + bent(held, held.prices, k);
        }
        for (std::size_t v = 0; v < volatility_moves.size(); ++v) {
            MarketSeries moved = series_; // at the volatilities that it holds by now
            moved.move_volatilities(volatility_moves[v]);
            const SeriesGains gains =
                moved.reprice([&](std::size_t i) { return moves_of_series(i, spot_moves); }, options_);
            if (!moved.refused().empty()) {
                std::rethrow_exception(moved.refused().begin()->second);
            }
            for (std::size_t k = 0; k < spot_moves.size(); ++k) {
                result.gains(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(k)) =
                    linear(spot_moves[k]) + bent(gains, held.prices, k);
            }
        }
        return result;
    }

private:
    struct Holding {
        InstrumentIndex row;
        Quantity quantity;
        GroupIndex class_group;
        double leverage;
    };

    [[nodiscard]] std::vector<Holding> find(const AccountView& account, std::string_view name) {
        std::vector<Holding> all;
        std::optional<GroupIndex> wanted;
        for (std::size_t i = 0; i < account.size(); ++i) {
            const InstrumentIndex row = account.instrument[i];
            const std::optional<MemberOfClass> member = classes_.find(row);
            if (!member) {
                continue;
            }
            all.push_back({row, account.quantity[i], member->class_group, member->leverage});
            const std::string& id = classes_.tree().classes[static_cast<std::size_t>(member->class_group)].id;
            if (name == id || name == member->symbol || name == market_.instrument(row).symbol) {
                wanted = member->class_group;
            }
        }
        std::erase_if(all, [&](const Holding& holding) { return holding.class_group != wanted; });
        return all;
    }

    [[nodiscard]] const Holding& holding_of(std::size_t series) const {
        return *std::ranges::find(holdings_, series_.row(series), &Holding::row);
    }

    [[nodiscard]] std::vector<Fraction> moves_of_series(std::size_t series, std::span<const Fraction> moves) const {
        std::vector<Fraction> own(moves.begin(), moves.end());
        for (Fraction& move : own) {
            move *= holding_of(series).leverage;
        }
        return own;
    }

    /// What gains in proportion to the move.
    [[nodiscard]] Money linear(Fraction move) const {
        Money gain = 0.0;
        for (const Holding& holding : holdings_) {
            const Instrument& instrument = market_.instrument(holding.row);
            if (!has_model(instrument)) {
                const Money exposed =
                    instrument.kind == Kind::convertible
                        ? instrument.conversion->ratio * market_[market_[holding.row].conversion.into].facts.price
                        : exposed_value(market_, holding.row);
                gain += holding.quantity * exposed * (std::max)(-1.0, holding.leverage * move);
            }
        }
        return gain;
    }

    /// What options gain at a move, from their prices unmoved at the volatilities that are held.
    [[nodiscard]] Money bent(const SeriesGains& gains, const Array& held_prices, std::size_t move) const {
        Money gain = 0.0;
        for (std::size_t i = 0; i < series_.size(); ++i) {
            const auto at = static_cast<Eigen::Index>(i);
            gain += holding_of(i).quantity * series_.terms(i).multiplier *
                    (gains.gains(at, static_cast<Eigen::Index>(move)) + gains.prices[at] - held_prices[at]);
        }
        return gain;
    }

    const MarketRows& market_;
    RepriceOptions options_;
    ClassGroups classes_;
    std::vector<Holding> holdings_;
    MarketSeries series_;
};

} // namespace detail

/// What the positions of a class group gain as its spot and the volatilities of its options move together.
///
/// Every option is priced at the moved spot with its own volatility moved relatively, from its price by the model as it
/// stands; time does not pass. It is no requirement: the rule's points hold volatilities.
/// @param name              Id of a class group of the account, or a symbol in it.
/// @param spot_moves        Fractions, >= -1. Shape (n_spot_moves).
/// @param volatility_moves  Relative, > -1: 0.5 makes 20 % of volatility 30 %. Shape (n_volatility_moves).
/// @throws InvalidInput     where the account has nothing in such a class, or a move is not one.
/// @throws  What keeps an option from being priced.
[[nodiscard]] inline SpotVolatilityGains spot_volatility_gains(const AccountView& account, const MarketRows& market,
                                                               const MarketSnapshot& snapshot, const Policy& policy,
                                                               std::string_view name,
                                                               std::span<const Fraction> spot_moves,
                                                               std::span<const Fraction> volatility_moves) {
    const Where where_spot("spot_moves");
    for (std::size_t k = 0; k < spot_moves.size(); ++k) {
        static_cast<void>(require_within(spot_moves[k], -1.0, largest_ratio, where_spot[k]));
    }
    const Where where_volatility("volatility_moves");
    for (std::size_t k = 0; k < volatility_moves.size(); ++k) {
        if (!(require_within(volatility_moves[k], -1.0, largest_ratio, where_volatility[k]) > -1.0)) {
            throw InvalidInput(where_volatility[k], "must be above -1, got " + number_text(volatility_moves[k]));
        }
    }
    return detail::ClassPositions(account, market, snapshot, policy, name)(spot_moves, volatility_moves);
}

} // namespace margincore
