// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/book_evaluation.hpp>
#include <margincore/account/book_source.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/portfolio_margin.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/account/stress.hpp>
#include <margincore/core/arrays.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/huge_pages.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/parallel.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/scenario/linear_stress.hpp>

namespace margincore {

/// How a book is evaluated.
struct BookOptions {
    std::optional<std::vector<Fraction>> moves{}; ///< Of the benchmark, for stress; nothing leaves stress out.
    unsigned threads = 1;                         ///< 0 for as many as the machine has. The result is the same.
    Progress progress{};                          ///< Accounts done, and all.
    bool instruments_by_row = true;               ///< Errors say `instruments[3]`, not `instruments.NVDA`.

    /// Of every instrument that accounts under portfolio margin hold; null where there are none.
    const PortfolioRows* portfolio = nullptr;

    /// Of `moves`, where accounts hold options: what the market's options gain. Null where there are none. The rows of
    /// the market are those that it was made with, which have the options' exposures.
    const MarketStress* stress = nullptr;
};

namespace detail {

/// Evaluates accounts of a book into its columns.
class BookEvaluator {
public:
    /// Memory of one thread.
    struct Workspace {
        RowCheck check_rows;
        OptionWorkspace options{};
        std::optional<PortfolioWorkspace> portfolio{};
    };

    BookEvaluator(const MarketRows& market, const Policy& policy, const BookOptions& options, Matrix& columns)
        : market_(market), policy_(policy), portfolio_(options.portfolio), of_options_(options.stress),
          columns_(columns) {
        if (options.moves && options.stress == nullptr) {
            linear_ = linear_stress(market, *options.moves);
        }
        stress_ = !options.moves ? nullptr : linear_ ? &*linear_ : &options.stress->gains;
    }

    [[nodiscard]] Workspace workspace() const {
        Workspace workspace{.check_rows = RowCheck(market_.size())};
        if (portfolio_ != nullptr) {
            workspace.portfolio.emplace(*portfolio_, policy_);
        }
        return workspace;
    }

    /// Evaluates an account; the result is NaN where it could not be.
    [[nodiscard]] bool operator()(const AccountView& account, bool is_portfolio, std::size_t index,
                                  Workspace& workspace) const {
        try {
            if (!workspace.check_rows(account)) {
                return false;
            }
            const Evaluation evaluation = evaluate(account, is_portfolio, workspace, in_document);
            write(evaluation, index);
            return stress_ == nullptr || write_stress(account, evaluation, index);
        } catch (const Error&) {
            return false; // `failure` finds the words, with the place in the caller's data
        }
    }

    /// Marks an account as failed, and says why.
    ///
    /// @param require_readable  Throws what is wrong with the data that the view was made of.
    template <class Check>
    [[nodiscard]] AccountFailure failure(const AccountView& account, bool is_portfolio, std::size_t index,
                                         Workspace& workspace, const AccountPlace& place,
                                         Check&& require_readable) const {
        columns_.col(static_cast<Eigen::Index>(index)).setConstant(std::numeric_limits<double>::quiet_NaN());
        try {
            require_readable();
            require_valid(account, market_.size(), place);
            if (of_options_ != nullptr && needs_betas(policy_)) {
                require_stress(account, market_, *of_options_, place);
            }
            static_cast<void>(evaluate(account, is_portfolio, workspace, place));
            if (stress_ != nullptr && of_options_ == nullptr && holds_options(account, market_)) {
                throw InvalidInput("stress", "must be given where accounts hold options, got nothing");
            }
            const MarketStress none{.gains = {{}, {}, {}}};
            require_stress(account, market_, of_options_ != nullptr ? *of_options_ : none, place);
            throw NumericalFailure(place.account, "must have figures that are numbers, got more than a double holds");
        } catch (const Error& error) {
            return {.account = index, .where = error.where(), .message = error.what()};
        }
    }

private:
    [[nodiscard]] Evaluation evaluate(const AccountView& account, bool is_portfolio, Workspace& workspace,
                                      const AccountPlace& place) const {
        if (is_portfolio) {
            return evaluate_portfolio(account, market_, *portfolio_, policy_, *workspace.portfolio, place).evaluation;
        }
        const NullSink sink;
        return margincore::evaluate(account, market_, policy_, sink, workspace.options, place);
    }

    void put(std::size_t column, std::size_t index, Money amount) const {
        columns_.data()[column * static_cast<std::size_t>(columns_.cols()) + index] = amount;
    }
    void put(BookFigure figure, std::size_t index, Money amount) const {
        put(static_cast<std::size_t>(figure), index, amount);
    }

    void write(const Evaluation& evaluation, std::size_t index) const {
        put(BookFigure::net_liquidation, index, evaluation.net_liquidation);
        put(BookFigure::equity, index, evaluation.equity);
        put(BookFigure::initial, index, evaluation.requirement.initial);
        put(BookFigure::maintenance, index, evaluation.requirement.maintenance);
        put(BookFigure::add_ons, index, evaluation.requirement.add_ons);
        put(BookFigure::total, index, evaluation.requirement.total);
        put(BookFigure::excess_initial, index, evaluation.excess.initial);
        put(BookFigure::excess_maintenance, index, evaluation.excess.maintenance);
        put(BookFigure::excess_total, index, evaluation.excess.total);
        put(BookFigure::net_requirement, index, evaluation.net_requirement());
        put(BookFigure::lower_bound, index, evaluation.net_requirement() - evaluation.pairing_gap);
    }

    /// @return Whether every beta was there.
    [[nodiscard]] bool write_stress(const AccountView& account, const Evaluation& evaluation, std::size_t index) const {
        const Money exposure = beta_exposure(account, market_);
        put(BookFigure::beta_weighted_exposure, index, exposure);
        for (std::size_t k = 0; k < stress_->moves().size(); ++k) {
            put(names<BookFigure>.size() + k, index, evaluation.excess.total + stress_->gain(account, exposure, k));
        }
        return !std::isnan(exposure);
    }

    const MarketRows& market_;
    const Policy& policy_;
    const PortfolioRows* portfolio_;
    const MarketStress* of_options_;
    Matrix& columns_;
    std::optional<LinearStress> linear_{};
    const LinearStress* stress_ = nullptr;
};

} // namespace detail

/// The figures of every account of a book, each as `evaluate` computes it for the account alone, to the bit.
///
/// An account that cannot be computed is a failure with its place and reason; the others are computed.
/// @param source    The accounts; `BookInMemory` for columns in the types of `Book`.
/// @param market    Rows of every instrument, made with the same policy.
/// @param previous  A result that is not needed any more: its memory is used again.
/// @throws Unsupported  where the policy designates groups or stock baskets, which are those of one account.
template <BookSource Source>
[[nodiscard]] BookEvaluation evaluate_book(const Source& source, const MarketRows& market, const Policy& policy,
                                           const BookOptions& options = {}, BookEvaluation previous = {}) {
    for (const auto& [key, is_given] : {std::pair("policy.groups", !policy.groups.empty()),
                                        std::pair("policy.baskets", !policy.portfolio_margin.baskets.empty())}) {
        if (is_given) {
            throw Unsupported(key, "those of one account's positions, for a book of accounts, are not built");
        }
    }
    constexpr std::size_t accounts_a_piece = 4096;
    const std::size_t figures = static_cast<std::size_t>(BookFigure::beta_weighted_exposure);
    BookEvaluation result = std::move(previous);
    result.stress_points = options.moves ? options.moves->size() : 0;
    result.failures.clear();
    result.columns.resize(static_cast<Eigen::Index>(options.moves ? figures + 1 + result.stress_points : figures),
                          static_cast<Eigen::Index>(source.size()));
    prefer_huge_pages(result.columns.data(), static_cast<std::size_t>(result.columns.size()) * sizeof(Money));

    const detail::BookEvaluator evaluator(market, policy, options, result.columns);
    std::mutex failures_mutex;
    const Where accounts("accounts");
    const Where positions("positions");
    in_pieces(
        source.size(), accounts_a_piece, options.threads, options.progress, [&](std::size_t first, std::size_t last) {
            typename Source::Memory memory{};
            auto workspace = evaluator.workspace();
            const Book book = source.piece(first, last, memory);
            for (std::size_t i = first; i < last; ++i) {
                const AccountView account = book[i - first];
                const bool is_portfolio = book.has_portfolio_margin(i - first);
                if (evaluator(account, is_portfolio, i, workspace)) {
                    continue;
                }
                const Where where = accounts[i];
                const auto first_position = static_cast<std::size_t>(book.offsets[i - first]);
                const AccountPlace place{.account = where,
                                         .cash = where["cash"],
                                         .positions = positions,
                                         .first_row = source.first_row(first) + first_position,
                                         .rows = book.rows.empty() ? book.rows
                                                                   : book.rows.subspan(first_position, account.size()),
                                         .instruments = "instruments",
                                         .instruments_by_row = options.instruments_by_row};
                AccountFailure failure =
                    evaluator.failure(account, is_portfolio, i, workspace, place, [&] { source.require_readable(i); });
                const std::scoped_lock lock(failures_mutex);
                result.failures.push_back(std::move(failure));
            }
        });
    std::ranges::sort(result.failures, {}, &AccountFailure::account);
    return result;
}

} // namespace margincore
