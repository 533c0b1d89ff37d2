// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/firm_totals.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/offset_effect.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/unit_alone.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/scenario/linear_stress.hpp>

namespace margincore {

namespace detail {

/// What all accounts hold of an instrument on each side. The rules are linear in it, so amounts are multiplied once.
struct UnitsHeld {
    Quantity long_side = 0.0;  ///< Of net positions that are long, >= 0.
    Quantity short_side = 0.0; ///< Of net positions that are short, >= 0.
    Quantity boxed = 0.0;
    std::size_t accounts = 0;
};

/// Totals of a piece of a book. Pieces are added in their order, so that the sums are the same for any threads.
class PartOfTotals {
public:
    PartOfTotals() = default;
    PartOfTotals(const MarketRows& market, const LinearStress& stress)
        : stress_(stress.moves().size()), units_(market.size()) {}

    void add_figures(const BookEvaluation& evaluation, std::size_t i, Money cash) {
        const auto figure = [&](BookFigure name) { return evaluation[name][i]; };
        const Requirement requirement{.initial = figure(BookFigure::initial),
                                      .maintenance = figure(BookFigure::maintenance),
                                      .add_ons = figure(BookFigure::add_ons),
                                      .total = figure(BookFigure::total)};
        const Excess excess{.initial = figure(BookFigure::excess_initial),
                            .maintenance = figure(BookFigure::excess_maintenance),
                            .total = figure(BookFigure::excess_total)};
        const MarginCall call = margin_call(excess);
        detail::add(firm_, {.accounts = 1,
                            .cash = cash,
                            .net_liquidation = figure(BookFigure::net_liquidation),
                            .equity = figure(BookFigure::equity),
                            .requirement = requirement,
                            .excess = excess,
                            .call = call,
                            .maintenance_calls = call.maintenance > 0 ? 1U : 0U,
                            .house_calls = call.house > 0 ? 1U : 0U});
    }

    void add_failure() { ++firm_.failed; }

    /// @param alone  What units of the market ask for by themselves.
    void add_positions(const AccountView& account, const MarketRows& market, std::span<const UnitAlone> alone,
                       const BookEvaluation& evaluation, std::size_t account_row) {
        for (std::size_t i = 0; i < account.size(); ++i) {
            const auto row = static_cast<std::size_t>(account.instrument[i]);
            if (row >= units_.size()) {
                throw InvalidInput("market", "must be the one that the book was evaluated with, got a book of more "
                                             "instruments");
            }
            UnitsHeld& held = units_[row];
            (account.quantity[i] < 0 ? held.short_side : held.long_side) += std::abs(account.quantity[i]);
            held.boxed += account.boxed_at(i);
            ++held.accounts;
        }
        if (holds_options(account, market)) { // the account was paired already: what it differs by
            const auto figure = [&](BookFigure name) { return evaluation[name][account_row]; };
            OffsetTotals effect{.initial = figure(BookFigure::initial),
                                .maintenance = figure(BookFigure::maintenance),
                                .equity = figure(BookFigure::equity) - figure(BookFigure::net_liquidation)};
            for (std::size_t i = 0; i < account.size(); ++i) {
                const Figures position = alone[static_cast<std::size_t>(account.instrument[i])].figures(
                    {.net = account.quantity[i], .boxed = account.boxed_at(i)});
                effect.initial -= position.initial;
                effect.maintenance -= position.maintenance;
            }
            detail::add(offsets_, effect);
        } else if (market.has_conversions) {
            const Figures effect = offset_effect(account, market);
            detail::add(offsets_,
                        {.initial = effect.initial, .maintenance = effect.maintenance, .equity = -effect.not_counted});
        }
    }

    void add_stress(const AccountView& account, const BookEvaluation& evaluation, std::size_t i,
                    const LinearStress& linear) {
        for (std::size_t k = 0; k < stress_.size(); ++k) {
            const Money pnl = linear.gain(account, evaluation[BookFigure::beta_weighted_exposure][i], k);
            const Money net_liquidation = evaluation[BookFigure::net_liquidation][i] + pnl;
            const Money excess = evaluation.stress_excess(k)[i];
            detail::add(stress_[k], {.pnl = pnl,
                                     .below_zero = (std::max)(0.0, -net_liquidation),
                                     .accounts_below_zero = net_liquidation < 0 ? 1U : 0U,
                                     .house_deficit = (std::max)(0.0, -excess),
                                     .underwater = excess < 0 ? 1U : 0U});
        }
    }

    void add(const PartOfTotals& other) {
        detail::add(firm_, other.firm_);
        detail::add(offsets_, other.offsets_);
        for (std::size_t k = 0; k < stress_.size(); ++k) {
            detail::add(stress_[k], other.stress_[k]);
        }
        for (std::size_t row = 0; row < units_.size(); ++row) {
            units_[row].long_side += other.units_[row].long_side;
            units_[row].short_side += other.units_[row].short_side;
            units_[row].boxed += other.units_[row].boxed;
            units_[row].accounts += other.units_[row].accounts;
        }
    }

    [[nodiscard]] BookTotals totals(const MarketRows& market, std::span<const UnitAlone> alone,
                                    const LinearStress& linear, Money alert) && {
        BookTotals result{.firm = firm_, .offsets = offsets_, .by_underlying = {}, .stress = std::move(stress_)};
        for (std::size_t k = 0; k < result.stress.size(); ++k) {
            result.stress[k].move = linear.moves()[k];
        }
        result.by_underlying.reserve(units_.size());
        for (std::size_t row = 0; row < units_.size(); ++row) {
            const UnderlyingTotals& totals =
                result.by_underlying.emplace_back(underlying(static_cast<InstrumentIndex>(row), market, alone));
            result.firm.net_value += totals.net_value;
            result.firm.gross_value += totals.gross_value;
            auto& exposure = result.firm.beta_weighted_exposure;
            exposure = exposure && totals.beta_weighted_exposure
                           ? std::optional(*exposure + *totals.beta_weighted_exposure)
                           : std::nullopt;
        }
        const std::optional<Money>& exposure = result.firm.beta_weighted_exposure;
        result.firm.exposure_alert = exposure ? std::optional(std::abs(*exposure) > alert) : std::nullopt;
        return result;
    }

private:
    [[nodiscard]] UnderlyingTotals underlying(InstrumentIndex row, const MarketRows& market,
                                              std::span<const UnitAlone> alone) const {
        const UnitsHeld& held = units_[static_cast<std::size_t>(row)];
        if (held.accounts == 0) { // nobody asked for a price of it
            return {};
        }
        const std::array<InstrumentIndex, 3> rows = {row, row, row};
        const std::array<Quantity, 3> quantity = {held.long_side, -held.short_side, 0.0};
        const std::array<Quantity, 3> boxed = {0.0, 0.0, held.boxed};
        const AccountView all{.instrument = rows, .quantity = quantity, .boxed = boxed};
        const UnitAlone& unit = alone[static_cast<std::size_t>(row)];
        const std::array<InstrumentIndex, 3> only = {0, 0, 0};
        const AccountView units{.instrument = only, .quantity = quantity, .boxed = boxed};
        const Figures figures = security_figures(units, {&unit.row, 1}, {&unit.boxed, 1}).figures;
        const Money exposure = beta_exposure(all, market);
        return {.accounts = held.accounts,
                .net_quantity = held.long_side - held.short_side,
                .long_units = held.long_side + held.boxed,
                .short_units = held.short_side + held.boxed,
                .net_value = figures.net_value,
                .gross_value = figures.gross_value,
                .initial = figures.initial,
                .maintenance = figures.maintenance,
                .beta_weighted_exposure = std::isnan(exposure) ? std::nullopt : std::optional(exposure)};
    }

    FirmTotals firm_{};
    OffsetTotals offsets_{};
    std::vector<FirmStressPoint> stress_{};
    std::vector<UnitsHeld> units_{};
};

} // namespace detail

/// The totals of a book that was evaluated: by underlying, and of the firm. By account it is the evaluation itself.
///
/// Accounts are margined one by one and their figures summed: no requirement nets customers against each other. Only
/// net values and exposures do, which say what the firm would see of a move of the market.
/// @param source      The accounts, as they were evaluated.
/// @param market      Rows of every instrument, as they were evaluated.
/// @param evaluation  What `evaluate_book` made of them.
/// @param options     As for `evaluate_book`: with moves there must be stress in the evaluation. The totals are the
///                    same for any number of threads.
/// @param alert       Beta-weighted exposure of the firm, either way, above which it is alerted, USD.
/// @throws InvalidInput where the evaluation is of another book, other moves or another market.
/// @throws Unsupported  where an account is under portfolio margin.
template <BookSource Source>
[[nodiscard]] BookTotals book_totals(const Source& source, const MarketRows& market, const BookEvaluation& evaluation,
                                     const BookOptions& options = {}, Money alert = firm_exposure_alert) {
    constexpr std::size_t accounts_a_block = 4096;
    constexpr std::size_t most_pieces = 64; // each keeps a total of every instrument
    const std::size_t moves = options.moves ? options.moves->size() : 0;
    if (evaluation.size() != source.size()) {
        throw InvalidInput("evaluation", "must be of the " + std::to_string(source.size()) +
                                             " accounts of the book, got " + std::to_string(evaluation.size()));
    }
    if (evaluation.stress_points != moves) {
        throw InvalidInput("moves", "must be those that the book was evaluated with, got " + std::to_string(moves) +
                                        " and not " + std::to_string(evaluation.stress_points));
    }
    static_cast<void>(require_not_negative(alert, largest_exact_money, "alert"));

    const std::vector<UnitAlone> alone = units_alone(market);
    const LinearStress linear = options.moves && options.stress != nullptr
                                    ? options.stress->gains
                                    : linear_stress(market, options.moves.value_or(std::vector<Fraction>{}));
    const std::size_t blocks = source.size() / accounts_a_block + 1;
    const std::size_t piece = accounts_a_block * ((blocks + most_pieces - 1) / most_pieces);
    std::vector<detail::PartOfTotals> parts((source.size() + piece - 1) / piece);
    in_pieces(source.size(), piece, options.threads, options.progress, [&](std::size_t first, std::size_t last) {
        detail::PartOfTotals part(market, linear);
        typename Source::Memory memory{};
        for (std::size_t from = first; from < last; from += accounts_a_block) {
            const std::size_t to = (std::min)(last, from + accounts_a_block);
            const Book book = source.piece(from, to, memory);
            for (std::size_t i = from; i < to; ++i) {
                if (evaluation.failed(i)) {
                    part.add_failure();
                    continue;
                }
                if (book.has_portfolio_margin(i - from)) {
                    const Where accounts("accounts");
                    throw Unsupported(accounts[i], "totals of accounts under portfolio margin are not built yet");
                }
                part.add_figures(evaluation, i, book[i - from].cash);
                part.add_positions(book[i - from], market, alone, evaluation, i);
                part.add_stress(book[i - from], evaluation, i, linear);
            }
        }
        parts[first / piece] = std::move(part);
    });
    detail::PartOfTotals sum(market, linear);
    for (const detail::PartOfTotals& part : parts) {
        sum.add(part);
    }
    return std::move(sum).totals(market, alone, linear, alert);
}

} // namespace margincore
