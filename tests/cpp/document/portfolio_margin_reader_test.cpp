// SPDX-License-Identifier: Apache-2.0
// What the keys of portfolio margin in a document become. What is refused: malformed_documents_test.cpp.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <margincore/document/account_reader.hpp>
#include <margincore/document/group_table_reader.hpp>
#include <margincore/requirement/portfolio_margin/default_group_table.hpp>

#include "catch.hpp"
#include "document/document_sample.hpp"

using namespace margincore;
using document::read_account_document;

namespace {

PortfolioMarginPolicy policy_with(const std::string& key, const std::string& json) {
    return read_account_document(sample_with("/policy/" + key, json)).policy.portfolio_margin;
}

} // namespace

TEST_CASE("portfolio margin policy: an empty one has the defaults of the contract", "[document][property]") {
    const PortfolioMarginPolicy policy = read_account_document(sample_document()).policy.portfolio_margin;
    CHECK(policy == PortfolioMarginPolicy{});
    CHECK(policy.offset_carry == OffsetCarry::haircut);
    CHECK(policy.minimum_level == MinimumLevel::class_group);
    CHECK(policy.minimum_per_contract == 0.375); // FINRA 4210(g)(7)(B)
    CHECK(policy.basket_offset == 0.95);         // SEC Rule 15c3-1a(b)(1)(iv)(B)(1)
    CHECK(policy.volatility_mode == VolatilityMode::sticky_strike);
    CHECK(policy.dividend_model == DividendModel::spot);
    CHECK(policy.accuracy == Accuracy::fast);
    CHECK_FALSE(policy.group_table);
    CHECK(policy.house_ranges.empty());
    CHECK_FALSE(policy.equity_tier);
    CHECK(policy.baskets.empty());
}

TEST_CASE("portfolio margin policy: each key", "[document][property]") {
    CHECK(policy_with("offset_carry", "\"residual\"").offset_carry == OffsetCarry::residual);
    CHECK(policy_with("offset_carry", "\"haircut\"").offset_carry == OffsetCarry::haircut);
    CHECK(policy_with("minimum_level", "\"top_group\"").minimum_level == MinimumLevel::top_group);
    CHECK(policy_with("minimum_level", "\"class\"").minimum_level == MinimumLevel::class_group);
    CHECK(policy_with("minimum_per_contract", "0.25").minimum_per_contract == 0.25);
    CHECK(policy_with("minimum_per_contract", "0").minimum_per_contract == 0);
    CHECK(policy_with("volatility_mode", "\"sticky_moneyness\"").volatility_mode == VolatilityMode::sticky_moneyness);
    CHECK(policy_with("dividend_model", "\"escrowed\"").dividend_model == DividendModel::escrowed);
    CHECK(policy_with("accuracy", "\"accurate\"").accuracy == Accuracy::accurate);
    for (const Money tier : {100'000.0, 150'000.0, 500'000.0}) {
        CHECK(policy_with("equity_tier", number_text(tier)).equity_tier == tier);
    }
    CHECK(policy_with("house_ranges",
                      R"({"SPX": {"low": -0.12, "high": 0.1}, "TSLA": {"low": -0.4}, "GME": {"high": 1}})")
              .house_ranges ==
          std::map<std::string, PriceRange>{{"SPX", {-0.12, 0.1}}, {"TSLA", {-0.4, 0}}, {"GME", {0, 1}}});
    CHECK(policy_with("baskets", R"([{"index": "SPX", "capitalization": 0.6, "positions":
                        [{"symbol": "AAPL", "quantity": 100}, {"symbol": "KO", "quantity": -5.5}]}])")
              .baskets ==
          std::vector<StockBasket>{{.index = "SPX", .capitalization = 0.6, .legs = {{"AAPL", 100}, {"KO", -5.5}}}});
}

TEST_CASE("portfolio margin policy: a group table, as the policy's and by itself", "[document][property]") {
    const std::string json = R"({"classes": [{"id": "SPX", "product": "BROAD",
                                              "members": ["SPY", {"symbol": "UPRO", "leverage": 3}, {"symbol": "VOO"}]},
                                             {"id": "XYZ"}],
                                 "products": [{"id": "BROAD", "name": "Broad", "low": -0.08, "high": 0.06, "offset": 0.9,
                                               "portfolio": "US", "minimum_per_unit": 0.25}],
                                 "portfolios": [{"id": "US", "name": "US indices", "offset": 0.5}]})";
    const GroupTable table{.classes = {{"SPX", "BROAD", {{"SPY"}, {"UPRO", 3}, {"VOO"}}}, {"XYZ", "", {}}},
                           .products = {{"BROAD", "Broad", {-0.08, 0.06}, 0.9, "US", 0.25}},
                           .portfolios = {{"US", "US indices", 0.5}}};
    CHECK(policy_with("group_table", json).group_table == table);
    CHECK(document::read_group_table(document::parse_json(json), "table") == table);
    CHECK(policy_with("group_table", "{}").group_table == GroupTable{});
    const document::Value written = document::group_table_document(default_group_table());
    CHECK(document::read_group_table(written, "table") == default_group_table());
}

TEST_CASE("account document: what expires, and what says its class", "[document][property]") {
    const auto read_entry = [](const std::string& entry) {
        return document::read_instrument("XYZ", document::parse_json(entry), parse_date("2026-11-20", "date"), "XYZ")
            .instrument;
    };
    const Date third_friday = parse_date("2026-12-18", "date");
    const Instrument future = read_entry(
        R"({"kind": "future", "price": 5000, "underlying": "ES", "expiry": "2026-12-18", "multiplier": 50})");
    CHECK(future.future == FutureContract{.underlying = "ES", .expiry = third_friday, .multiplier = 50});
    CHECK(read_entry(R"({"kind": "future", "price": 5000})").future == FutureContract{});
    CHECK(read_entry(R"({"kind": "future", "price": 5000, "expiry": "2026-11-20"})").future->expiry ==
          parse_date("2026-11-20", "date"));
    const Instrument warrant = read_entry(R"({"kind": "warrant", "price": 5, "expiry": "2026-12-18",
                                              "conversion": {"into": "ABC", "ratio": 0.5, "cash": 11.5}})");
    CHECK(warrant.conversion == Conversion{.into = "ABC", .ratio = 0.5, .cash = 11.5, .expiry = third_friday});
    CHECK_FALSE(read_entry(R"({"kind": "warrant", "price": 5, "expiry": "2026-12-18"})").conversion);
    CHECK(read_entry(R"({"kind": "etf", "price": 5, "class_group": "MY GROUP"})").class_group == "MY GROUP");
    CHECK(read_entry(R"({"kind": "etf", "price": 5})").class_group.empty());
}

TEST_CASE("account document: business days of the market", "[document][property]") {
    const auto days = [](const std::string& json) {
        return read_account_document(sample_with("/market/business_days", json)).market.business_days;
    };
    CHECK(read_account_document(sample_document()).market.business_days.empty());
    CHECK(days("[]").empty());
    CHECK(days(R"(["2026-11-20", "2026-11-23"])") ==
          std::vector<Date>{parse_date("2026-11-20", "date"), parse_date("2026-11-23", "date")});
}
