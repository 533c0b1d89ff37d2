// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/report.hpp>
#include <margincore/core/names.hpp>

namespace margincore::python {

/// What came of the accounts of a frame. Its figures are handed out where they lie.
struct FrameEvaluation {
    std::shared_ptr<const BookEvaluation> evaluation;
    std::vector<std::string> unknown_accounts;
    std::vector<Warning> warnings;

    [[nodiscard]] std::vector<std::pair<std::string, std::span<const Money>>> figures() const {
        std::vector<std::pair<std::string, std::span<const Money>>> columns;
        const bool with_stress = evaluation->has_stress();
        for (const auto& [figure, name] : names<BookFigure>) {
            if (figure != BookFigure::beta_weighted_exposure || with_stress) {
                columns.emplace_back(name, (*evaluation)[figure]);
            }
        }
        for (std::size_t k = 0; k < evaluation->stress_points; ++k) {
            columns.emplace_back("stress_excess_" + std::to_string(k), evaluation->stress_excess(k));
        }
        return columns;
    }
};

} // namespace margincore::python
