// SPDX-License-Identifier: Apache-2.0
// One account from columns, without documents: instruments, market, policy, report, explanation. Every figure that it
// prints it first checks against the arithmetic that stands beside it.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include <margincore/margincore.hpp>

namespace mc = margincore;

namespace {

void expect(double actual, double by_hand, const char* what) {
    if (std::abs(actual - by_hand) > 0.005) {
        std::fprintf(stderr, "%s: %.2f, by hand %.2f\n", what, actual, by_hand);
        std::exit(1);
    }
}

} // namespace

int main() {
    // What there is. The place is for messages: it is where the caller's data would be wrong.
    const mc::Where where("instruments");
    mc::InstrumentTable instruments;
    const mc::InstrumentIndex nvda = instruments.add({.symbol = "NVDA"}, where);
    const mc::InstrumentIndex ko = instruments.add({.symbol = "KO"}, where);
    instruments.add({.symbol = "SPY", .kind = mc::Kind::broad_index_etf}, where);

    // What it costs, aligned with the table. The benchmark's own beta is 1.
    const mc::MarketSnapshot market{.valuation_date = mc::parse_date("2026-11-20", "valuation_date"),
                                    .quotes = {{.price = 400.0, .beta = 1.8, .volatility = 0.42},
                                               {.price = 60.0, .beta = 0.6, .volatility = 0.14},
                                               {.price = 670.0}}};

    // What the house asks for on top of the rules.
    mc::Policy policy;
    policy.add_ons = {mc::Concentration{}, mc::VolatilityBand{}};
    policy.stress_moves = {-0.08, -0.04, 0.04};

    // One account: a view of columns that stay where they are. A book is the same with offsets.
    const std::vector<mc::InstrumentIndex> instrument{nvda, ko};
    const std::vector<mc::Quantity> quantity{500, -1000};
    const mc::AccountView account{.cash = -20000.0, .instrument = instrument, .quantity = quantity};
    mc::require_valid(account, instruments.size());

    // The rules are applied to each instrument once, whatever the number of accounts that hold it.
    const mc::MarketRows rows = mc::market_rows(instruments, market, policy);
    const mc::Report report =
        mc::make_report(account, rows, market, policy, std::span<const mc::Fraction>(policy.stress_moves));

    expect(report.net_liquidation, -20000 + 500 * 400 - 1000 * 60, "net liquidation value");
    expect(report.requirement.maintenance, 0.25 * 200000 + 0.30 * 60000, "maintenance"); // FINRA 4210(c)(1), (c)(3)
    expect(report.requirement.initial, 0.50 * 200000 + 0.50 * 60000, "initial");         // 12 CFR 220.12(a), (c)(1)
    expect(report.requirement.add_ons, 0.10 * 200000 + 0.05 * 200000, "add-ons");        // 76.92 % of gross; 42 %
    expect(report.excess.total, 120000 - 68000 - 30000, "excess");
    expect(report.stress->front().pnl, -0.08 * (200000 * 1.8 - 60000 * 0.6), "P&L at -8 %");
    expect(report.stress->front().excess, 22000 - 25920, "excess at -8 %");

    std::fputs(mc::to_text(mc::explain(report)).c_str(), stdout);
    return 0;
}
