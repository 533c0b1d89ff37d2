// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/pricing/dividends.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// An option on a spot that moves as its forward price does: what every option is without volatility, and so deep in
/// or out of the money that volatility does not matter. Both dividend models agree on it.
class CertainPath {
public:
    CertainPath() = default;
    CertainPath(const OptionTerms<double>& terms, std::vector<Dividend> dividends, ExerciseStyle style)
        : terms_(terms), dividends_(std::move(dividends)), style_(style) {}

    [[nodiscard]] const std::vector<Dividend>& dividends() const { return dividends_; }

    /// Price where volatility is zero [USD per unit]: the best that exercise at any time gives, discounted, or that at
    /// expiry where the style is European.
    [[nodiscard]] double price(double spot) const {
        const bool early = style_ == ExerciseStyle::american;
        double best = early ? payoff(spot, 0) : 0;
        const auto consider = [&](double at, double time) { best = early ? (std::max)(best, payoff(at, time)) : best; };
        const auto between = [&](double at, double from, double to) {
            const double turn = from + until_yield_is_interest(at);
            if (turn > from && turn < to) {
                consider(at * std::exp(carry() * (turn - from)), turn);
            }
        };
        const double last = walk(spot, between, [&](double before, double after, double time) {
            consider(before, time);
            consider(after, time);
        });
        return (std::max)(best, payoff(last, terms_.time));
    }

    /// Whether a dividend takes all of the spot that is left of it by then.
    [[nodiscard]] bool exceeds_spot(double spot) const {
        bool exceeds = false;
        (void)walk(
            spot, [](double, double, double) {},
            [&](double before, double after, double) { exceeds = exceeds || (after <= 0 && before >= 0); });
        return exceeds;
    }

private:
    [[nodiscard]] double carry() const { return terms_.rate - terms_.dividend_yield; }

    [[nodiscard]] double payoff(double spot, double time) const {
        return (std::max)(0.0, terms_.sign * (spot - terms_.strike) * std::exp(-terms_.rate * time));
    }

    /// When the yield on the spot comes to equal the interest on the strike, where exercise is best or worst; else 0.
    [[nodiscard]] double until_yield_is_interest(double spot) const {
        const double interest = terms_.rate * terms_.strike;
        const double yield = terms_.dividend_yield * spot;
        return interest * yield > 0 && carry() != 0 ? std::log(interest / yield) / carry() : 0;
    }

    /// The spot at expiry; calls `between(spot, from, to)` and `at_dividend(before, after, time)` on the way.
    template <class Between, class AtDividend>
    double walk(double spot, Between&& between, AtDividend&& at_dividend) const {
        double time = 0;
        const auto go = [&](double to) {
            between(spot, time, to);
            spot *= std::exp(carry() * (to - time));
            time = to;
        };
        for (const Dividend& dividend : dividends_) {
            if (is_paid_within(dividend, terms_.time)) {
                go(dividend.time);
                const double before = spot;
                spot = (std::max)(0.0, spot - dividend.amount);
                at_dividend(before, spot, time);
            }
        }
        go(terms_.time);
        return spot;
    }

    OptionTerms<double> terms_{};
    std::vector<Dividend> dividends_{};
    ExerciseStyle style_ = ExerciseStyle::american;
};

} // namespace margincore
