// SPDX-License-Identifier: Apache-2.0
// One account, as columns and as a document: both must give the maintenance of FINRA 4210(c)(1), 25 % of 200,000.
#include <cstdio>
#include <vector>

#include <margincore/document/document.hpp>
#include <margincore/margincore.hpp>

namespace {

double maintenance_of_columns() {
    margincore::InstrumentTable instruments;
    const margincore::InstrumentIndex nvda = instruments.add({.symbol = "NVDA"}, "instruments");
    const margincore::MarketSnapshot market{.valuation_date = margincore::parse_date("2026-11-20", "valuation_date"),
                                            .quotes = {{.price = 400.0}}};
    const margincore::Policy policy;
    const std::vector<margincore::InstrumentIndex> instrument{nvda};
    const std::vector<margincore::Quantity> quantity{500};
    const margincore::AccountView account{.cash = -120000.0, .instrument = instrument, .quantity = quantity};
    return margincore::evaluate(account, margincore::market_rows(instruments, market, policy), policy)
        .requirement.maintenance;
}

double maintenance_of_document() {
    const auto value = margincore::document::parse_json(R"({
        "account": {"cash": -120000, "positions": [{"symbol": "NVDA", "quantity": 500}]},
        "market": {"valuation_date": "2026-11-20", "instruments": {"NVDA": {"kind": "equity", "price": 400}}}
    })");
    return margincore::document::evaluate(margincore::document::read_account_document(value)).requirement.maintenance;
}

} // namespace

int main() {
    const double columns = maintenance_of_columns();
    const double document = maintenance_of_document();
    std::printf("maintenance %.2f, from the document %.2f\n", columns, document);
    return columns == 50000.0 && document == 50000.0 ? 0 : 1;
}
