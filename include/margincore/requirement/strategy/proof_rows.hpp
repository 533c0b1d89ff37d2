// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/proof_number.hpp>
#include <margincore/requirement/strategy/proof_variables.hpp>

namespace margincore::detail {

/// The rows of a proof, made anew from what each says of a problem.
class ProofRows {
public:
    using Kind = ProofVariable::Kind;

    /// `sum of coefficients <= limit`, or `==`.
    struct Row {
        std::vector<std::pair<std::size_t, ProofNumber>> coefficients{}; ///< Of variables that have one.
        ProofNumber limit = 0;
        bool is_equality = false;
    };

    /// @param variables  Numbers of the variables that the certificate names, in its order.
    ProofRows(const ProofVariables& all, std::span<const std::size_t> variables)
        : problem_(all.problem()), all_(all), named_variables_(variables) {}

    [[nodiscard]] std::span<const Row> rows() const { return rows_; }

    /// Adds a row; false where it is none of this problem.
    [[nodiscard]] bool add(const ProofRow& named) {
        if (named.kind == ProofRow::Kind::rounded) {
            return add_rounded(named);
        }
        std::size_t of = 0; // the spread
        while (of < all_.spreads().size() && !all_.is_cut(named.cut, all_.spreads()[of])) {
            ++of;
        }
        Row row;
        if (!begin_row(named, of, row)) {
            return false;
        }
        for (std::size_t j = 0; j < all_.all().size(); ++j) {
            if (const std::int64_t coefficient = this->coefficient(named, of, all_.all()[j].variable)) {
                row.coefficients.emplace_back(j, coefficient);
            }
        }
        rows_.push_back(std::move(row));
        return true;
    }

private:
    [[nodiscard]] const PairingSeries& series(std::size_t index) const { return problem_.series[index]; }

    /// Sets the limit of a row; false where there is no such row.
    [[nodiscard]] bool begin_row(const ProofRow& named, std::size_t of, Row& row) const {
        const bool has_series = named.index < problem_.series.size();
        const bool has_spread = of < all_.spreads().size();
        switch (named.kind) {
        case ProofRow::Kind::holding:
            row.is_equality = true;
            row.limit = has_series ? series(named.index).contracts : 0;
            return has_series;
        case ProofRow::Kind::stock:
            row.limit = named.index < problem_.stock_lots.size() ? problem_.stock_lots[named.index] : 0;
            return named.index < problem_.stock_lots.size();
        case ProofRow::Kind::balance:
            row.is_equality = !problem_.longs_may_exceed;
            return has_spread;
        case ProofRow::Kind::small_balance:
            row.is_equality = !problem_.longs_may_exceed;
            return has_spread && all_.spreads()[of].sides[ProofVariables::side(named.right)].unit != 0;
        case ProofRow::Kind::strike:
            return has_spread &&
                   std::ranges::find(all_.spreads()[of].members, named.index) != all_.spreads()[of].members.end();
        case ProofRow::Kind::straddle_limit:
            row.limit = has_series ? series(named.index).contracts * series(named.index).lots : 0;
            return has_series && all_.may_straddle(named.index);
        case ProofRow::Kind::straddles:
            for (std::size_t i = 0; has_series && i < problem_.series.size(); ++i) {
                const bool counts = series(i).right == named.right && all_.is_up_to(i, named.index);
                row.limit += counts ? series(i).contracts * series(i).lots : 0;
            }
            return has_series && all_.may_straddle(named.index);
        case ProofRow::Kind::rounded:
            break;
        }
        return false;
    }

    /// What one of a variable takes of the series, each contract weighed: `weight(series)`.
    template <class Weight>
    [[nodiscard]] std::int64_t taken(const ProofVariable& variable, Weight&& weight) const {
        if (variable.kind == Kind::in_spread) {
            return weight(std::size_t{variable.index});
        }
        std::int64_t sum = 0;
        if (variable.kind == Kind::combination) {
            for (const Combination::Leg& leg : problem_.combinations[variable.index].used()) {
                sum += leg.contracts * weight(static_cast<std::size_t>(leg.series));
            }
        }
        return sum;
    }

    [[nodiscard]] std::int64_t coefficient(const ProofRow& row, std::size_t of, const ProofVariable& variable) const {
        const bool is_in = variable.kind == Kind::in_spread && variable.cut == of;
        switch (row.kind) {
        case ProofRow::Kind::holding:
            return taken(variable, [&](std::size_t i) { return i == row.index ? 1 : 0; }) +
                   (variable.kind == Kind::alone && variable.index == row.index ? 1 : 0);
        case ProofRow::Kind::stock: {
            const bool takes =
                variable.kind == Kind::combination && problem_.combinations[variable.index].stock == row.index;
            return takes ? problem_.combinations[variable.index].stock_lots : 0;
        }
        case ProofRow::Kind::balance:
        case ProofRow::Kind::small_balance: {
            const ProofVariables::Spread::Side& sizes = all_.spreads()[of].sides[ProofVariables::side(row.right)];
            const bool is_small = row.kind == ProofRow::Kind::small_balance;
            const std::int64_t sign = problem_.longs_may_exceed ? -1 : 1; // rows have upper limits
            if (variable.kind == Kind::carry && variable.cut == of && variable.right == row.right) {
                return sign * (is_small ? -sizes.unit : sizes.unit);
            }
            if (!is_in || series(variable.index).right != row.right ||
                (sizes.unit != 0 && (series(variable.index).lots == sizes.smallest) != is_small)) {
                return 0;
            }
            return sign *
                   (series(variable.index).is_short ? -series(variable.index).lots : series(variable.index).lots);
        }
        case ProofRow::Kind::strike: {
            if (variable.kind == Kind::greatest_loss && variable.cut == of) {
                return -1;
            }
            const PairingSeries& one = series(is_in ? variable.index : 0);
            const std::int64_t steps =
                ProofVariables::intrinsic(one, series(row.index).strike) * one.lots / all_.spreads()[of].step;
            return !is_in ? 0 : one.is_short ? steps : -steps;
        }
        case ProofRow::Kind::straddle_limit:
            return taken(variable, [&](std::size_t i) { return i == row.index ? series(i).lots : 0; }) +
                   (variable.kind == Kind::premium_only && variable.index == row.index ? 1 : 0);
        case ProofRow::Kind::straddles:
            if (variable.kind == Kind::premium_only) {
                return all_.is_up_to(variable.index, row.index) ? 1 : 0;
            }
            return taken(variable, [&](std::size_t i) {
                return series(i).right == row.right && all_.is_up_to(i, row.index) ? series(i).lots : 0;
            });
        case ProofRow::Kind::rounded:
            break;
        }
        return 0;
    }

    /// Adds what whole numbers make of a sum of rows that are there, each slack counted as a number of its own.
    ///
    /// Where sum g_j x_j = b, every x_j whole and >= 0, and b = q D + r and g_j = q_j D + r_j with 0 <= r, r_j < D, so
    /// is sum (q_j (D - r) + max(0, r_j - r)) x_j <= q (D - r).
    /// @source Nemhauser and Wolsey, Integer and Combinatorial Optimization, II.1.6: mixed-integer rounding.
    [[nodiscard]] bool add_rounded(const ProofRow& named) {
        const ProofNumber divisor = named.divisor;
        if (divisor < 1) {
            return false;
        }
        std::vector<ProofNumber> sum(all_.all().size(), 0);
        ProofNumber limit = 0;
        const auto add_row = [&](const Row& row, ProofNumber times) {
            for (const auto& [j, coefficient] : row.coefficients) {
                sum[j] = proof_sum(sum[j], proof_product(coefficient, times));
            }
            limit = proof_sum(limit, proof_product(row.limit, times));
        };
        for (const ProofRow::Part& part : named.parts) {
            if (part.row >= rows_.size()) {
                return false;
            }
            add_row(rows_[part.row], part.times);
        }
        std::vector<bool> counts_down(sum.size(), false);
        for (const std::uint32_t variable : named.from_upper) {
            if (variable >= named_variables_.size()) {
                return false;
            }
            counts_down[named_variables_[variable]] = true;
        }
        const auto bound = [&](std::size_t j) { return counts_down[j] ? all_.all()[j].upper : all_.all()[j].lower; };
        for (std::size_t j = 0; j < sum.size(); ++j) {
            limit = proof_sum(limit, -proof_product(sum[j], bound(j)));
        }
        const ProofNumber rest = limit - proof_floor(limit, divisor) * divisor;
        const auto rounded = [&](ProofNumber number) {
            const ProofNumber floor = proof_floor(number, divisor);
            const ProofNumber over = number - floor * divisor - rest;
            return proof_sum(proof_product(floor, divisor - rest), over > 0 ? over : 0);
        };
        limit = proof_product(proof_floor(limit, divisor), divisor - rest);
        for (std::size_t j = 0; j < sum.size(); ++j) { // back to the variables themselves
            sum[j] = counts_down[j] ? -rounded(-sum[j]) : rounded(sum[j]);
            limit = proof_sum(limit, proof_product(sum[j], bound(j)));
        }
        for (const ProofRow::Part& part : named.parts) { // a slack is its row's limit less what the row comes to
            if (!rows_[part.row].is_equality) {
                add_row(rows_[part.row], -rounded(part.times));
            }
        }
        Row row;
        ProofNumber divides = 0;
        for (std::size_t j = 0; j < sum.size(); ++j) {
            if (sum[j] != 0) {
                divides = proof_divisor(divides, sum[j]);
                row.coefficients.emplace_back(j, sum[j]);
            }
        }
        if (divides == 0) {
            return false;
        }
        for (auto& [j, coefficient] : row.coefficients) {
            coefficient /= divides;
        }
        row.limit = proof_floor(limit, divides);
        rows_.push_back(std::move(row));
        return true;
    }

    const PairingProblem& problem_;
    const ProofVariables& all_;
    std::span<const std::size_t> named_variables_;
    std::vector<Row> rows_{};
};

} // namespace margincore::detail
