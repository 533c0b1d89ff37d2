// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <margincore/requirement/stock/security_terms.hpp>

#include "sample_account.hpp"

/// The stock rules once more, in plain branches over dollars a share: what the tests compare the library with.
/// Written from the rule texts and sharing no code with the library, so a mistake would have to be made twice.
namespace reference {

inline double factor(const margincore::SecurityFacts& share) {
    const double size = share.leverage >= 0 ? share.leverage : -share.leverage;
    return size > 1 ? size : 1;
}

/// FINRA 4210(c)(1), (c)(5); Regulatory Notice 09-53.
inline double long_maintenance(const margincore::SecurityFacts& share) {
    const double percent = share.marginable ? 25 * factor(share) : 100;
    return (percent > 100 ? 100 : percent) * share.price / 100;
}

/// FINRA 4210(c)(2), (c)(3), (c)(6); Regulatory Notice 09-53. Beyond the market value.
inline double short_maintenance(const margincore::SecurityFacts& share) {
    const double s = share.price;
    double dollars = 0;
    if (s < 5) {
        dollars = s < 2.5 ? 2.5 : s;
    } else {
        const double percent = 30 * factor(share);
        dollars = (percent > 100 ? 100 : percent) * s / 100;
        dollars = dollars < 5 ? 5 : dollars;
    }
    return !share.marginable && dollars < s ? s : dollars;
}

/// 12 CFR 220.12(a), (e); FINRA 4210(b).
inline double long_initial(const margincore::SecurityFacts& share) {
    const double regulation_t = share.marginable ? share.price / 2 : share.price;
    const double maintenance = long_maintenance(share);
    return maintenance > regulation_t ? maintenance : regulation_t;
}

/// 12 CFR 220.12(c)(1); FINRA 4210(b). Beyond the market value.
inline double short_initial(const margincore::SecurityFacts& share) {
    const double maintenance = short_maintenance(share);
    return maintenance > share.price / 2 ? maintenance : share.price / 2;
}

/// The sums of an account, by position.
struct Account {
    long double net_liquidation = 0;
    long double long_value = 0;
    long double short_value = 0;
    long double initial = 0;     ///< Shorts beyond their market value.
    long double maintenance = 0; ///< Shorts beyond their market value.
};

inline Account account(const SampleAccount& sample) {
    Account sums;
    for (std::size_t i = 0; i < sample.instrument.size(); ++i) {
        const margincore::Instrument& what = sample.instruments[sample.instrument[i]];
        const margincore::SecurityFacts share{.price = sample.market[sample.instrument[i]].price,
                                              .leverage = what.leverage,
                                              .marginable = what.marginable};
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

} // namespace reference
