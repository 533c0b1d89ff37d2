// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/optimization/integer_program.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

namespace margincore {

/// The part of a pairing's program that straddles and strangles are.
///
/// @source FINRA 4210(f)(2)(H), short put and short call.
class PairingStraddles {
public:
    /// Adds the variables of the shorts that may be in straddles.
    void add_variables(const PairingProblem& problem, std::int32_t style_classes, IntegerProgram& program) {
        problem_ = &problem;
        program_ = &program;
        straddle_order_.clear();
        straddle_ends_.clear();
        premium_only_.assign(problem.series.size(), 0);
        for (std::int32_t c = 0; c < style_classes; ++c) {
            add_straddles(c);
        }
    }

    /// Adds their rows.
    /// @param set_taken  `set_taken(series, coefficient)` adds what else takes a series to the last row.
    template <class SetTaken>
    void add_rows(SetTaken&& set_taken) {
        const std::uint32_t premiums = program_->new_family();
        for (const std::uint32_t i : straddle_order_) { // only what is naked
            const PairingSeries& one = series(i);
            program_->add_row(one.contracts * one.lots, false, premiums);
            program_->set(premium_only_[i], 1);
            set_taken(i, one.lots);
        }
        std::size_t first = 0;
        for (const std::size_t end : straddle_ends_) {
            add_class_rows(first, end, set_taken);
            first = end;
        }
    }

    /// Shorts that may be in straddles, class by class, the greatest requirement of a lot first.
    [[nodiscard]] std::span<const std::uint32_t> order() const { return straddle_order_; }
    [[nodiscard]] std::span<const std::size_t> ends() const { return straddle_ends_; }
    /// The variable of the lots of a short that a straddle charges with their premium alone.
    [[nodiscard]] std::uint32_t premium_only_variable(std::size_t index) const { return premium_only_[index]; }

private:
    [[nodiscard]] const PairingSeries& series(std::size_t index) const { return problem_->series[index]; }

    /// In a straddle the option with the greater requirement pays it, the other its premium. So lots that pay their
    /// premium alone must each have a lot of the other right before them in this order that pays in full.
    void add_straddles(std::int32_t style_class) {
        const std::size_t first = straddle_order_.size();
        bool has[2] = {false, false};
        for (std::size_t i = 0; i < problem_->series.size(); ++i) {
            if (series(i).is_short && series(i).style_class == style_class) {
                straddle_order_.push_back(static_cast<std::uint32_t>(i));
                has[series(i).right == Right::put] = true;
            }
        }
        if (!has[0] || !has[1]) {
            straddle_order_.resize(first);
            return;
        }
        const auto begin = straddle_order_.begin() + static_cast<std::ptrdiff_t>(first);
        std::sort(begin, straddle_order_.end(), [&](std::uint32_t a, std::uint32_t b) {
            const PairingSeries& greater = series(a);
            const PairingSeries& lesser = series(b);
            if (greater.naked != lesser.naked) {
                return greater.naked > lesser.naked;
            }
            return greater.premium != lesser.premium ? greater.premium < lesser.premium // a tie pays the larger sum
                                                     : a < b;
        });
        straddle_ends_.push_back(straddle_order_.size());
        for (auto at = begin; at != straddle_order_.end(); ++at) {
            const std::uint32_t i = *at;
            const PairingSeries& one = series(i);
            premium_only_[i] = static_cast<std::uint32_t>(
                program_->add({.cost = one.premium - one.naked, .upper = one.contracts * one.lots}));
        }
    }

    template <class SetTaken>
    void add_class_rows(std::size_t first, std::size_t end, SetTaken& set_taken) {
        for (const Right right : {Right::call, Right::put}) {
            const std::uint32_t family = program_->new_family();
            std::int64_t lots = 0;
            for (std::size_t last = first; last < end; ++last) {
                const PairingSeries& at_last = series(straddle_order_[last]);
                lots += at_last.right == right ? at_last.contracts * at_last.lots : 0;
                program_->add_row(lots, false, family);
                for (std::size_t k = first; k <= last; ++k) {
                    const std::uint32_t i = straddle_order_[k];
                    program_->set(premium_only_[i], 1);
                    if (series(i).right == right) {
                        set_taken(i, series(i).lots);
                    }
                }
            }
        }
    }

    const PairingProblem* problem_ = nullptr;
    IntegerProgram* program_ = nullptr;
    std::vector<std::uint32_t> straddle_order_{}; ///< Shorts of a class after another, the greatest requirement first.
    std::vector<std::size_t> straddle_ends_{};    ///< Where each class ends.
    std::vector<std::uint32_t> premium_only_{};   ///< Variable of each short.
};

} // namespace margincore
