// SPDX-License-Identifier: Apache-2.0
#include "frame_run.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <margincore/account/account_type.hpp>
#include <margincore/account/portfolio_warnings.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/value.hpp>
#include <margincore/scenario/benchmark_moves.hpp>

#include "python_value.hpp"
#include "read_column.hpp"

namespace margincore::python {

namespace {

Frame read_frame(const py::dict& source, const std::string& name) {
    const Where where(name);
    Columns columns;
    for (const auto& [key, column] : source) {
        if (!py::isinstance<py::str>(key)) {
            throw InvalidInput(where, "must have text for names of columns, got " + detail::type_name(key));
        }
        const auto column_name = key.cast<std::string>();
        columns.emplace(column_name, read_column(column, where[column_name]));
    }
    return {name, std::move(columns)};
}

/// The method of every account; nothing where its type decides.
std::optional<Method> read_method(const std::optional<std::string>& method) {
    if (!method) {
        return std::nullopt;
    }
    const auto value = parse_name<Method>(*method, "method");
    if (value == Method::cash) {
        throw Unsupported("method", "the cash method is not built yet");
    }
    return value;
}

/// Tells Python of progress, and stops where the user asked for it.
Progress progress_to(const py::object& callback) {
    return [&callback](std::size_t done, std::size_t total) {
        const py::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        if (!callback.is_none()) {
            callback(done, total);
        }
    };
}

} // namespace

FrameRun::FrameRun(const py::dict& positions, const py::dict& instruments, const py::dict& accounts,
                   const py::object& market, const py::object& policy, const std::optional<std::string>& method,
                   bool stress, std::optional<std::vector<Fraction>> moves, unsigned threads,
                   const py::object& on_progress)
    : method_(read_method(method)), positions_(read_frame(positions, "positions")),
      instruments_(read_frame(instruments, "instruments")), accounts_(read_frame(accounts, "accounts")) {
    const document::Value market_value = to_value(market, "market");
    const document::Value policy_value = to_value(policy, "policy");
    options_.threads = threads;

    const py::gil_scoped_release release;
    market_ = read_frame_market(instruments_, market_value, policy_value);
    book_.emplace(positions_, accounts_, market_, method_, threads);
    rows_ = book_->rows(market_);
    const auto progress = progress_to(on_progress);
    const AccountPlace place{.instruments = "instruments", .instruments_by_row = true};
    if (book_->has_portfolio_margin()) {
        portfolio_ =
            portfolio_rows(rows_, market_.snapshot, market_.policy, [](InstrumentIndex /*row*/) { return true; },
                           {.threads = threads, .place = &place});
        options_.portfolio = &*portfolio_;
    }
    if (stress) {
        options_.moves = moves ? *std::move(moves) : market_.policy.stress_moves;
        const Where where("moves");
        for (std::size_t k = 0; k < options_.moves->size(); ++k) {
            static_cast<void>(require_within((*options_.moves)[k], farthest_fall, farthest_rise, where[k]));
        }
    }
    if (rows_.has_options && (options_.moves || needs_betas(market_.policy))) {
        RepriceOptions how = reprice_options(market_.policy);
        how.threads = threads;
        stress_ = std::make_unique<MarketStress>(market_stress(
            rows_, market_.snapshot, how, options_.moves.value_or(std::vector<Fraction>()),
            [](InstrumentIndex /*row*/) { return true; }, place));
        stress_->series.reset(); // it refers to this place
        options_.stress = stress_.get();
    }
    BookOptions options = options_; // without the callback, which is not there later
    options.progress = progress;
    evaluation_ = std::make_shared<const BookEvaluation>(evaluate_book(*book_, rows_, market_.policy, options));
}

std::vector<Warning> FrameRun::warnings() const {
    std::vector<Warning> all = market_.warnings;
    if (!portfolio_) {
        return all;
    }
    for (Warning& warning : portfolio_market_warnings(*portfolio_, market_.policy, "instruments")) {
        all.push_back(std::move(warning));
    }
    if (const std::optional<Money>& tier = market_.policy.portfolio_margin.equity_tier) {
        const std::span<const Money> equity = (*evaluation_)[BookFigure::equity];
        std::size_t below = 0;
        for (std::size_t i = 0; i < equity.size(); ++i) {
            below += book_->has_portfolio_margin(i) && equity[i] < *tier ? 1U : 0U; // NaN of one that failed is not
        }
        if (below > 0) {
            all.push_back({.where = "policy.equity_tier",
                           .message = "the equity of " + std::to_string(below) + " accounts is below " +
                                      money_text(*tier) + ", the least for portfolio margin"});
        }
    }
    return all;
}

FrameEvaluation FrameRun::evaluation() const {
    return {.evaluation = evaluation_, .unknown_accounts = book_->unknown_accounts(), .warnings = warnings()};
}

BookTotals FrameRun::totals(Money alert) const { return book_totals(*book_, rows_, *evaluation_, options_, alert); }

BookRun<FrameBook> FrameRun::as_side() const {
    return {.source = *book_, .market = rows_, .policy = market_.policy, .evaluation = *evaluation_};
}

double FrameRun::seconds(int repeats) {
    BookOptions options = options_;
    options.threads = 1;
    double best = std::numeric_limits<double>::infinity();
    BookEvaluation result;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const FrameBook book(positions_, accounts_, market_, method_, 1);
        result = evaluate_book(book, book.rows(market_), market_.policy, options, std::move(result));
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        best = (std::min)(best, taken.count());
    }
    return best;
}

} // namespace margincore::python
