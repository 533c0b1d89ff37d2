// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <margincore/requirement/stock/security_terms.hpp>

#include "sample_account.hpp"

/// The security rules once more, in plain branches over dollars a unit: what the tests compare the library with.
/// Written from the rule texts and sharing no code with the library, so a mistake would have to be made twice.
namespace reference {

using margincore::Kind;

inline bool is_held_by_the_thousand(Kind kind) {
    switch (kind) {
    case Kind::treasury:
    case Kind::municipal:
    case Kind::corporate_bond:
    case Kind::convertible:
        return true;
    default:
        return false;
    }
}

inline bool has_good_faith(Kind kind) {
    return (is_held_by_the_thousand(kind) && kind != Kind::convertible) || kind == Kind::money_market_fund;
}

inline double factor(const margincore::SecurityFacts& share) {
    const double size = share.leverage >= 0 ? share.leverage : -share.leverage;
    return size > 1 ? size : 1;
}

/// FINRA 4210(e)(2). Long and short alike; a bond of 1,000 principal.
inline double debt_maintenance(const margincore::SecurityFacts& bond) {
    const double value = bond.price;
    if (bond.kind == Kind::money_market_fund) {
        return value / 100;
    }
    if (bond.kind == Kind::municipal) {
        return 7 * value / 100;
    }
    if (bond.kind == Kind::corporate_bond) {
        const double speculative = 20 * value / 100 < 70 ? 70 : 20 * value / 100;
        return bond.rating == margincore::Rating::investment_grade ? value / 10 : speculative;
    }
    const int years = *bond.years_to_maturity;
    const int percent = years < 1 ? 1 : years < 3 ? 2 : years < 5 ? 3 : years < 10 ? 4 : years < 20 ? 5 : 6;
    const double dollars = percent * value / 100;
    return bond.zero_coupon == true && years >= 5 && dollars < 30 ? 30 : dollars;
}

/// FINRA 4210(c)(1), (c)(5), (e)(2); Regulatory Notice 09-53.
inline double long_maintenance(const margincore::SecurityFacts& share) {
    if (has_good_faith(share.kind)) {
        return debt_maintenance(share);
    }
    const double percent = share.marginable ? 25 * factor(share) : 100;
    return (percent > 100 ? 100 : percent) * share.price / 100;
}

/// FINRA 4210(c)(2), (c)(3), (c)(4), (c)(6), (e)(2); Regulatory Notice 09-53. Beyond the market value.
inline double short_maintenance(const margincore::SecurityFacts& share) {
    if (has_good_faith(share.kind)) {
        return debt_maintenance(share);
    }
    const double s = share.price;
    double dollars = 0;
    if (share.kind == Kind::convertible) {
        dollars = 30 * s / 100 < 50 ? 50 : 30 * s / 100; // 5 % of 1,000
    } else if (s < 5) {
        dollars = s < 2.5 ? 2.5 : s;
    } else {
        const double percent = 30 * factor(share);
        dollars = (percent > 100 ? 100 : percent) * s / 100;
        dollars = dollars < 5 ? 5 : dollars;
    }
    return !share.marginable && dollars < s ? s : dollars;
}

/// 12 CFR 220.12(a), (b), (e); FINRA 4210(b).
inline double long_initial(const margincore::SecurityFacts& share) {
    const double regulation_t = share.marginable ? share.price / 2 : share.price;
    const double maintenance = long_maintenance(share);
    return has_good_faith(share.kind) || maintenance > regulation_t ? maintenance : regulation_t;
}

/// 12 CFR 220.12(c)(1), (d); FINRA 4210(b). Beyond the market value.
inline double short_initial(const margincore::SecurityFacts& share) {
    const double maintenance = short_maintenance(share);
    return has_good_faith(share.kind) || maintenance > share.price / 2 ? maintenance : share.price / 2;
}

/// The last anniversary that maturity has not passed; that of 29 February is 1 March in a common year.
inline int years_between(margincore::Date from, margincore::Date maturity) {
    const std::chrono::year_month_day day{from};
    for (int years = 1;; ++years) {
        std::chrono::year_month_day anniversary = day + std::chrono::years{years};
        if (!anniversary.ok()) {
            anniversary = anniversary.year() / std::chrono::March / 1;
        }
        if (maturity < std::chrono::sys_days{anniversary}) {
            return years - 1;
        }
    }
}

inline margincore::SecurityFacts facts_of(const SampleAccount& sample, std::size_t position) {
    const margincore::Instrument& what = sample.instruments[sample.instrument[position]];
    const double quoted = sample.market[sample.instrument[position]].price;
    margincore::SecurityFacts facts{.kind = what.kind,
                                    .price = is_held_by_the_thousand(what.kind) ? quoted / 100 * 1000 : quoted,
                                    .leverage = what.leverage,
                                    .marginable = what.marginable,
                                    .zero_coupon = what.bond.zero_coupon,
                                    .rating = what.bond.rating};
    if (what.bond.coupon) {
        facts.zero_coupon = !(*what.bond.coupon > 0);
    }
    if (what.bond.maturity) {
        facts.years_to_maturity = years_between(sample.market.valuation_date, *what.bond.maturity);
    }
    return facts;
}

/// The sums of an account, by position.
struct Account {
    long double net_liquidation = 0;
    long double long_value = 0;
    long double short_value = 0;
    long double not_counted = 0; ///< Of the long value, in equity.
    long double initial = 0;     ///< Shorts beyond their market value.
    long double maintenance = 0; ///< Shorts beyond their market value.
    std::size_t offsets = 0;

    [[nodiscard]] long double net_requirement() const { return maintenance + not_counted; }
};

/// Every position by itself.
inline Account apart(const SampleAccount& sample) {
    Account sums;
    for (std::size_t i = 0; i < sample.instrument.size(); ++i) {
        const margincore::SecurityFacts share = facts_of(sample, i);
        const double net = sample.quantity[i];
        const double units = net < 0 ? -net : net;
        const double both = sample.boxed[i];
        (net < 0 ? sums.short_value : sums.long_value) += units * share.price;
        sums.long_value += both * share.price;
        sums.short_value += both * share.price;
        sums.initial += units * (net < 0 ? short_initial(share) : long_initial(share)) + both * share.price / 20;
        sums.maintenance += units * (net < 0 ? short_maintenance(share) : long_maintenance(share)) +
                            both * share.price / 20; // FINRA 4210(e)(1)
    }
    sums.net_liquidation = sample.cash + sums.long_value - sums.short_value;
    return sums;
}

/// A long that may stand against a short.
struct Candidate {
    double units = 0;
    double ratio = 0;
    double loss = 0;           ///< Of value in equity, a unit: 4210(e)(1), net of the payment.
    double maintenance = 0;    ///< What a unit asks for more than alone, against a short that asks for nothing.
    double initial_relief = 0; ///< A unit.
};

inline std::vector<Candidate> candidates_for(const SampleAccount& sample, std::size_t owed) {
    std::vector<Candidate> candidates;
    const margincore::SecurityFacts short_side = facts_of(sample, owed);
    for (std::size_t i = 0; i < sample.instrument.size(); ++i) {
        const margincore::Instrument& what = sample.instruments[sample.instrument[i]];
        if (sample.quantity[i] <= 0 || !what.conversion || !what.marginable ||
            what.conversion->into != sample.instruments[sample.instrument[owed]].symbol) {
            continue;
        }
        const margincore::SecurityFacts held = facts_of(sample, i);
        const double ratio = what.conversion->ratio;
        const double cash = what.conversion->cash;
        double counted = held.price;
        if (cash > 0) {
            const double exercised = ratio * short_side.price - cash;
            counted = exercised < 0 ? 0 : exercised < counted ? exercised : counted;
        }
        candidates.push_back(
            {.units = sample.quantity[i],
             .ratio = ratio,
             .loss = held.price - counted,
             .maintenance = counted / 10 - long_maintenance(held) - ratio * short_maintenance(short_side),
             .initial_relief = ratio * short_initial(short_side)});
    }
    return candidates;
}

/// The account with the offsets of 4210(e)(1) that ask for least. For one short, some order of taking some of the
/// longs, each as far as it goes, is best: all are tried.
inline Account account(const SampleAccount& sample) {
    Account sums = apart(sample);
    for (std::size_t owed = 0; owed < sample.instrument.size(); ++owed) {
        if (sample.quantity[owed] >= 0) {
            continue;
        }
        const std::vector<Candidate> candidates = candidates_for(sample, owed);
        Account best;
        std::vector<std::size_t> order(candidates.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        do {
            Account tried;
            long double left = -sample.quantity[owed];
            for (const std::size_t i : order) {
                const Candidate& held = candidates[i];
                if (left <= 0) {
                    break;
                }
                const long double all = left / held.ratio;
                const long double units = all - held.units > 1e-12L * all ? held.units : all;
                left -= units * held.ratio;
                tried.not_counted += units * held.loss;
                tried.maintenance += units * held.maintenance;
                tried.initial -= units * held.initial_relief;
                ++tried.offsets;
                if (tried.net_requirement() < best.net_requirement()) {
                    best = tried;
                }
            }
        } while (std::next_permutation(order.begin(), order.end()));
        sums.not_counted += best.not_counted;
        sums.maintenance += best.maintenance;
        sums.initial += best.initial;
        sums.offsets += best.offsets;
    }
    return sums;
}

} // namespace reference
