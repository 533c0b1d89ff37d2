// SPDX-License-Identifier: Apache-2.0
// What each key of an account document becomes. What is refused: malformed_documents_test.cpp.
#include <string>
#include <vector>

#include <margincore/document/account_reader.hpp>

#include "about.hpp"
#include "document/document_sample.hpp"

using namespace margincore;
using document::AccountDocument;
using document::read_account_document;

TEST_CASE("account document: the keys of the account", "[document][property]") {
    const AccountDocument read = read_account_document(sample_document());
    CHECK(read.id == "ACC_1");
    CHECK(read.type == AccountType::margin);
    CHECK(read.cash == -120000);
    CHECK(read.instrument == std::vector<InstrumentIndex>{0});
    CHECK(read.quantity == std::vector<double>{500});
    CHECK(read.boxed == std::vector<double>{0});
    CHECK(read.warnings.empty());
    CHECK(read.account().cash == -120000);
    CHECK(read.account().size() == 1);

    CHECK(read_account_document(sample_with("/account/type", "\"portfolio_margin\"")).type ==
          AccountType::portfolio_margin);
    CHECK(read_account_document(sample_with("/account/currency", "\"USD\"")).cash == -120000);
    CHECK(read_account_document(sample_with("/account/positions", "[]")).instrument.empty());
    auto bare = sample_document();
    bare.erase("schema");
    bare.erase("policy");
    bare["account"].erase("id");
    CHECK(read_account_document(bare).id == std::nullopt);
    CHECK(read_account_document(bare).policy == Policy{});
}

TEST_CASE("account document: long and short at once are a net quantity and a boxed one", "[document][property]") {
    struct Row {
        std::string position;
        double net;
        double boxed;
    };
    const std::vector<Row> rows{{R"({"symbol": "NVDA", "long": 500, "short": 200})", 300, 200},
                                {R"({"symbol": "NVDA", "long": 200, "short": 500})", -300, 200},
                                {R"({"symbol": "NVDA", "long": 200, "short": 200})", 0, 200},
                                {R"({"symbol": "NVDA", "long": 7.5, "short": 0})", 7.5, 0},
                                {R"({"symbol": "NVDA", "quantity": -7.5})", -7.5, 0}};
    for (const Row& row : rows) {
        INFO(row.position);
        const AccountDocument read = read_account_document(sample_with("/account/positions", "[" + row.position + "]"));
        CHECK(read.quantity == std::vector<double>{row.net});
        CHECK(read.boxed == std::vector<double>{row.boxed});
    }
}

TEST_CASE("account document: the keys of the market", "[document][property]") {
    const AccountDocument read = read_account_document(sample_document());
    CHECK(to_string(read.market.valuation_date) == "2026-11-20");
    CHECK(read.market.benchmark == "SPY");
    CHECK_FALSE(read.market.rate);
    REQUIRE(read.instruments.size() == 2);
    CHECK(read.market.quotes.size() == 2);
    CHECK(read.instruments[1].symbol == "SPY");
    CHECK(read.instruments[1].kind == Kind::broad_index_etf);
    CHECK(read_account_document(sample_with("/market/rate", "0.043")).market.rate == 0.043);
    CHECK(read_account_document(sample_with("/market/benchmark", "\"QQQ\"")).market.benchmark == "QQQ");
    CHECK(read_account_document(sample_with("/market/instruments/SPY/beta", "1")).market.quotes[1].beta == 1.0);
}

TEST_CASE("account document: the keys of an instrument", "[document][property]") {
    const auto read = [](const std::string& entry) {
        return document::read_instrument("XYZ", document::parse_json(entry), parse_date("2026-11-20", "date"), "XYZ");
    };
    const auto fund = read(R"({"kind": "etf", "price": 12.5, "leverage": -3, "beta": -3.1, "volatility": 0.9,
        "dividend_yield": 0.01, "marginable": false, "average_daily_volume": 1e6, "shares_outstanding": 2e7,
        "market_cap": 3e8, "industry": "funds", "class_group": "XYZ", "currency": "USD",
        "covers": {"index": "NDX", "units_per_contract": 4000}})");
    CHECK(fund.instrument.kind == Kind::etf);
    CHECK(fund.instrument.leverage == -3);
    CHECK_FALSE(fund.instrument.marginable);
    CHECK(fund.instrument.shares_outstanding == 2e7);
    CHECK(fund.instrument.industry == "funds");
    CHECK(fund.instrument.class_group == "XYZ");
    CHECK(fund.instrument.covers == Covers{.index = "NDX", .units_per_contract = 4000});
    CHECK(fund.quote == Quote{.price = 12.5,
                              .beta = -3.1,
                              .volatility = 0.9,
                              .dividend_yield = 0.01,
                              .average_daily_volume = 1e6,
                              .market_cap = 3e8});

    const auto plain = read(R"({"kind": "equity", "price": 1})");
    CHECK(plain.instrument == Instrument{.symbol = "XYZ"});
    CHECK(plain.quote == Quote{.price = 1});

    const auto payer =
        read(R"({"kind": "equity", "price": 1, "dividends": [{"ex_date": "2027-02-01", "amount": 0.25}]})");
    CHECK(payer.quote.dividends == std::vector<CashDividend>{{parse_date("2027-02-01", "date"), 0.25}});

    const auto bond = read(R"({"kind": "convertible", "price": 99.5, "maturity": "2031-05-15", "coupon": 0.04,
        "rating": "other", "zero_coupon": false, "conversion": {"into": "ABC", "ratio": 25, "cash": 1.5}})");
    CHECK(bond.instrument.bond == BondTerms{.maturity = parse_date("2031-05-15", "date"),
                                            .coupon = 0.04,
                                            .rating = Rating::other,
                                            .zero_coupon = false});
    CHECK(read(R"({"kind": "convertible", "price": 1, "conversion": {"into": "ABC", "ratio": 25}})")
              .instrument.conversion == Conversion{.into = "ABC", .ratio = 25, .cash = 0});
    CHECK(bond.instrument.conversion == Conversion{.into = "ABC", .ratio = 25, .cash = 1.5});
}

TEST_CASE("account document: an option's terms come from its symbol, then from its keys", "[document][property]") {
    const auto read = [](const std::string& symbol, const std::string& entry) {
        return document::read_instrument(symbol, document::parse_json(entry), parse_date("2026-11-20", "date"), "here");
    };
    const auto call = read("NVDA270115C00450000", R"({"price": 0, "implied_volatility": 0.4})");
    CHECK(call.instrument.symbol == "NVDA  270115C00450000");
    CHECK(call.instrument.kind == Kind::option);
    CHECK(call.instrument.option ==
          OptionContract{
              .underlying = "NVDA", .right = Right::call, .strike = 450, .expiry = parse_date("2027-01-15", "date")});
    CHECK(call.quote.price == 0);
    CHECK(call.quote.implied_volatility == 0.4);

    const auto index = read("SPXW  261218P05000000", R"({"price": 3.5})");
    CHECK(index.instrument.option == OptionContract{.underlying = "SPX",
                                                    .right = Right::put,
                                                    .strike = 5000,
                                                    .expiry = parse_date("2026-12-18", "date"),
                                                    .style = ExerciseStyle::european,
                                                    .settlement = Settlement::cash,
                                                    .settlement_time = SettlementTime::pm});

    const auto adjusted = read("NVDA1 270115C00045000", R"({"price": 3.5, "underlying": "NVDA", "multiplier": 1000,
        "listed": true, "deliverable": [{"symbol": "NVDA", "units": 1000}, {"cash": 12.5}]})");
    CHECK(adjusted.instrument.option->multiplier == 1000);
    CHECK(adjusted.instrument.option->deliverable == std::vector<Deliverable>{{"NVDA", 1000}, {"", 12.5}});

    const auto over_the_counter = read("NVDA  270115C00450000", R"({"price": 1, "style": "european", "listed": false,
        "guaranteed": true, "settlement": "cash", "settlement_time": "am", "right": "call", "strike": 450,
        "expiry": "2027-01-15"})");
    CHECK(over_the_counter.instrument.option->style == ExerciseStyle::european);
    CHECK_FALSE(over_the_counter.instrument.option->listed);
    CHECK(over_the_counter.instrument.option->guaranteed);
    CHECK(over_the_counter.instrument.option->settlement_time == SettlementTime::am);
}

TEST_CASE("account document: the default rulebook is refused before it was in force, a named one warns",
          "[document][property]") {
    auto early = sample_with("/market/valuation_date", "\"2026-06-03\"");
    CHECK_THROWS_AS(read_account_document(early), InvalidInput);
    CHECK_THROWS_WITH(read_account_document(early),
                      "market.valuation_date: must not be before 2026-06-04, when rulebook finra-2026 came into force, "
                      "unless policy.rulebook names it, got 2026-06-03");
    early["policy"]["rulebook"] = "finra-2026";
    CHECK(read_account_document(early).warnings ==
          std::vector<Warning>{{.where = "policy.rulebook",
                                .message = "applied to a date before 2026-06-04, when rulebook finra-2026 came into "
                                           "force"}});
    CHECK(read_account_document(sample_with("/market/valuation_date", "\"2026-06-04\"")).warnings.empty());
}
