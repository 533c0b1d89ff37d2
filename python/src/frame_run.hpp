// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pybind11/pybind11.h>

#include <margincore/account/book_difference.hpp>
#include <margincore/account/book_totals.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/market_stress.hpp>
#include <margincore/account/portfolio_rows.hpp>
#include <margincore/core/units.hpp>

#include "frame.hpp"
#include "frame_book.hpp"
#include "frame_evaluation.hpp"
#include "frame_market.hpp"

namespace margincore::python {

/// A book in frames, evaluated, together with everything that it was evaluated with: the one way in from Python.
class FrameRun {
public:
    /// @param positions    A dict of columns, as instruments and accounts.
    /// @param method       What the type of each account implies where there is none.
    /// @param moves        For stress; those of the policy where there are none.
    /// @param on_progress  Called with the number of accounts done and of all, if not None; what it raises arrives.
    FrameRun(const pybind11::dict& positions, const pybind11::dict& instruments, const pybind11::dict& accounts,
             const pybind11::object& market, const pybind11::object& policy, const std::optional<std::string>& method,
             bool stress, std::optional<std::vector<Fraction>> moves, unsigned threads,
             const pybind11::object& on_progress);
    FrameRun(const FrameRun&) = delete; // the book refers to the frames
    FrameRun& operator=(const FrameRun&) = delete;

    [[nodiscard]] const MarketRows& rows() const { return rows_; }
    /// What came of the accounts. It outlives the run, whose columns it does not hold.
    [[nodiscard]] FrameEvaluation evaluation() const;
    [[nodiscard]] BookTotals totals(Money alert) const;
    /// As `book_difference` takes it.
    [[nodiscard]] BookRun<FrameBook> as_side() const;
    /// The least seconds that it takes to find accounts and instruments and to compute, on one thread.
    [[nodiscard]] double seconds(int repeats);

private:
    /// What a reader should know and makes no figure wrong.
    [[nodiscard]] std::vector<Warning> warnings() const;

    std::optional<Method> method_;
    Frame positions_;
    Frame instruments_;
    Frame accounts_;
    FrameMarket market_{};
    std::optional<FrameBook> book_{};
    MarketRows rows_{};
    std::optional<PortfolioRows> portfolio_{};
    std::unique_ptr<MarketStress> stress_{};
    BookOptions options_{};
    std::shared_ptr<const BookEvaluation> evaluation_{};
};

} // namespace margincore::python
