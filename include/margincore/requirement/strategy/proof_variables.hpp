// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

/// What holds of every pairing, for the checker of certificates. None of it is shared with the search.
namespace margincore::detail {

/// The variables that every pairing of a problem has values of.
class ProofVariables {
public:
    using Variable = ProofVariable;
    using Kind = ProofVariable::Kind;

    /// A variable, what one of it costs beside every short alone, and between what it is.
    struct Entry {
        Variable variable{};
        std::int64_t cost = 0;
        std::int64_t lower = 0;
        std::int64_t upper = 0;
    };
    /// Everything that one spread of a cut date may have in it.
    struct Spread {
        std::int32_t style_class = 0;
        std::int64_t cut_date = 0;
        std::vector<std::uint32_t> members{};
        MicroDollars step = 1; ///< Of which every loss is a multiple.
        struct Side {
            std::int64_t smallest = 0; ///< Lots of the smallest contract, and
            std::int64_t unit = 0;     ///< what divides those of all others; 0 where none is carried.
        } sides[2]{};                  ///< Of calls and of puts.
    };

    explicit ProofVariables(const PairingProblem& problem) : problem_(problem) {
        if (problem.has_any_leg_spreads) {
            find_spreads();
        }
        add_others();
    }

    [[nodiscard]] const PairingProblem& problem() const { return problem_; }
    [[nodiscard]] std::span<const Entry> all() const { return variables_; }
    [[nodiscard]] std::span<const Spread> spreads() const { return spreads_; }

    /// The number of a variable that a certificate names; nothing where there is no such.
    [[nodiscard]] std::optional<std::size_t> find(const Variable& named) const {
        for (std::size_t j = 0; j < variables_.size(); ++j) {
            const Variable& one = variables_[j].variable;
            const bool has_cut = one.kind <= Kind::carry;
            if (one.kind == named.kind && (!has_cut || is_cut(named.cut, spreads_[one.cut])) &&
                (one.kind == Kind::greatest_loss || one.kind == Kind::carry || one.index == named.index) &&
                (one.kind != Kind::carry || one.right == named.right)) {
                return j;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] const PairingSeries& series(std::size_t index) const { return problem_.series[index]; }
    [[nodiscard]] static std::size_t side(Right right) { return right == Right::put ? 1 : 0; }
    [[nodiscard]] bool is_cut(std::size_t index, const Spread& spread) const {
        return index < problem_.series.size() && series(index).is_short &&
               series(index).style_class == spread.style_class && series(index).expiry == spread.cut_date;
    }
    [[nodiscard]] static std::int64_t intrinsic(const PairingSeries& one, MicroDollars price) {
        return (std::max)(one.right == Right::call ? price - one.strike : one.strike - price, MicroDollars{0});
    }

    [[nodiscard]] bool may_straddle(std::size_t index) const {
        return series(index).is_short && std::ranges::any_of(problem_.series, [&](const PairingSeries& other) {
                   return other.is_short && other.style_class == series(index).style_class &&
                          other.right != series(index).right;
               });
    }
    /// Whether a short is of the class of another and not after it: in a straddle the first pays its requirement, the
    /// other its premium; where both are asked for as much, the larger sum.
    [[nodiscard]] bool is_up_to(std::size_t one, std::size_t last) const {
        const auto order = [&](std::size_t i) { return std::tuple(-series(i).naked, series(i).premium, i); };
        return series(one).is_short && series(one).style_class == series(last).style_class && order(one) <= order(last);
    }

private:
    /// Spreads in which the last short expires on one day are in one: shorts by then, longs from then on. Days between
    /// which no long expires are one, the last of them.
    void find_spreads() {
        for (const PairingSeries& first : problem_.series) {
            if (!first.is_short) {
                continue;
            }
            std::int64_t cut_date = first.expiry;
            for (const PairingSeries& one : problem_.series) {
                const bool is_later = one.is_short && one.style_class == first.style_class && one.expiry > cut_date;
                if (is_later && std::ranges::none_of(problem_.series, [&](const PairingSeries& other) {
                        return !other.is_short && other.style_class == first.style_class &&
                               other.expiry >= first.expiry && other.expiry < one.expiry;
                    })) {
                    cut_date = one.expiry;
                }
            }
            const bool is_known = std::ranges::any_of(spreads_, [&](const Spread& spread) {
                return spread.style_class == first.style_class && spread.cut_date == cut_date;
            });
            if (!is_known) {
                add_spread({.style_class = first.style_class, .cut_date = cut_date});
            }
        }
    }

    void add_spread(Spread spread) {
        const auto joins = [&](const PairingSeries& one) {
            return one.style_class == spread.style_class &&
                   (one.is_short ? one.expiry <= spread.cut_date : one.expiry >= spread.cut_date);
        };
        bool has[2][2] = {{false, false}, {false, false}}; // of each right, longs and shorts
        for (const PairingSeries& one : problem_.series) {
            has[side(one.right)][one.is_short ? 1 : 0] |= joins(one);
        }
        const bool pairs[2] = {has[0][0] && has[0][1], has[1][0] && has[1][1]};
        const auto may_be_in = [&](const PairingSeries& one) {
            const bool is_surplus = problem_.longs_may_exceed && !one.is_short && (pairs[0] || pairs[1]);
            return joins(one) && (pairs[side(one.right)] || (is_surplus && !has[side(one.right)][1]));
        };
        for (std::uint32_t i = 0; i < problem_.series.size(); ++i) {
            if (may_be_in(series(i))) {
                spread.members.push_back(i);
            }
        }
        if (spread.members.empty()) {
            return;
        }
        const auto number = static_cast<std::uint32_t>(spreads_.size());
        std::int64_t small_lots[2] = {0, 0};
        measure(spread, small_lots);
        MicroDollars most = 0; // shorts at the strike that is worst for all
        const auto [low, high] = std::ranges::minmax(spread.members, {}, [&](auto i) { return series(i).strike; });
        for (const std::uint32_t i : spread.members) {
            const PairingSeries& one = series(i);
            const std::int64_t cost = one.lots * (one.is_short ? -one.naked : one.loan_value);
            variables_.push_back({{Kind::in_spread, number, i, Right::call}, cost, 0, one.contracts});
            const MicroDollars price = one.right == Right::call ? series(high).strike : series(low).strike;
            most += one.is_short ? one.contracts * one.lots * intrinsic(one, price) : 0;
        }
        variables_.push_back({{Kind::greatest_loss, number, 0, Right::call}, spread.step, 0, most / spread.step});
        for (const Right right : {Right::call, Right::put}) {
            if (const std::int64_t unit = spread.sides[side(right)].unit) {
                const std::int64_t carried = small_lots[side(right)] / unit;
                const bool has_rest = problem_.longs_may_exceed && small_lots[side(right)] % unit != 0;
                variables_.push_back({{Kind::carry, number, 0, right}, 0, -carried - (has_rest ? 1 : 0), carried});
            }
        }
        spreads_.push_back(std::move(spread));
    }

    /// Finds the step of a spread and the sizes of its contracts.
    /// @param small_lots  Takes the lots of the smallest contracts of each side.
    void measure(Spread& spread, std::span<std::int64_t, 2> small_lots) const {
        MicroDollars strikes = 0;
        std::int64_t lots = 0;
        for (const std::uint32_t i : spread.members) {
            strikes = std::gcd(strikes, series(i).strike - series(spread.members.front()).strike);
            lots = std::gcd(lots, series(i).lots);
            std::int64_t& smallest = spread.sides[side(series(i).right)].smallest;
            smallest = smallest == 0 ? series(i).lots : (std::min)(smallest, series(i).lots);
        }
        spread.step = strikes == 0 ? 1 : strikes * lots;
        for (const std::uint32_t i : spread.members) {
            Spread::Side& of = spread.sides[side(series(i).right)];
            if (series(i).lots == of.smallest) {
                small_lots[side(series(i).right)] += series(i).contracts * series(i).lots;
            } else {
                of.unit = std::gcd(of.unit, series(i).lots);
            }
        }
        for (Spread::Side& of : spread.sides) {
            of.unit = of.unit > of.smallest ? of.unit : 0;
        }
    }

    void add_others() {
        for (std::uint32_t c = 0; c < problem_.combinations.size(); ++c) {
            const Combination& combination = problem_.combinations[c];
            std::int64_t most = combination.stock_lots > 0
                                    ? problem_.stock_lots[combination.stock] / combination.stock_lots
                                    : (std::numeric_limits<std::int64_t>::max)();
            MicroDollars cost = combination.cost;
            for (const Combination::Leg& leg : combination.used()) {
                const PairingSeries& one = series(static_cast<std::size_t>(leg.series));
                most = (std::min)(most, one.contracts / leg.contracts);
                cost += leg.contracts * one.lots * (one.is_short ? -one.naked : one.loan_value);
            }
            variables_.push_back({{Kind::combination, 0, c, Right::call}, cost, 0, most});
        }
        for (std::uint32_t i = 0; i < problem_.series.size(); ++i) {
            const PairingSeries& one = series(i);
            if (may_straddle(i)) {
                variables_.push_back(
                    {{Kind::premium_only, 0, i, Right::call}, one.premium - one.naked, 0, one.contracts * one.lots});
            }
            variables_.push_back({{Kind::alone, 0, i, Right::call}, 0, 0, one.contracts});
        }
    }

    const PairingProblem& problem_;
    std::vector<Spread> spreads_{};
    std::vector<Entry> variables_{};
};

} // namespace margincore::detail
