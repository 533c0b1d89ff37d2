// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include <margincore/account/report.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/evaluate_document.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/value.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr double default_multiplier = 100.0;

/// What the options of a document cost and bring, at their prices.
struct Premiums {
    Money paid = 0.0;
    Money received = 0.0;
};

[[nodiscard]] Premiums premiums_of(const document::Value& account_document) {
    Premiums premiums;
    const document::Value& instruments = account_document.at("market").at("instruments");
    for (const document::Value& position : account_document.at("account").at("positions")) {
        const std::string symbol = position.at("symbol").get<std::string>();
        if (symbol.size() > 15) { // an option symbol
            const document::Value& option = instruments.at(symbol);
            const Quantity net = position.value("quantity", 0.0) + position.value("long", 0.0) - // netted first
                                 position.value("short", 0.0);
            const Money value = net * option.at("price").get<double>() * option.value("multiplier", default_multiplier);
            (value > 0 ? premiums.paid : premiums.received) += std::abs(value);
        }
    }
    return premiums;
}

/// The requirement in the form in which an example prints it.
[[nodiscard]] Money in_form(const std::string& basis, const std::string& column, const Report& report,
                            const Premiums& premiums) {
    const Money requirement = column == "initial" ? report.requirement.initial : report.requirement.maintenance;
    if (basis == "stock_at_market") { // what stock under a call does not count is asked for and not taken from equity
        return requirement + report.net_liquidation - report.equity - (premiums.paid - premiums.received);
    }
    if (basis == "net_call" || (basis == "net_call_initial/requirement_maintenance" && column == "initial")) {
        return requirement + premiums.paid - premiums.received;
    }
    if (basis == "requirement_plus_long_cost" || basis == "short_stock_additional_plus_long_cost") {
        return requirement + premiums.paid;
    }
    return requirement;
}

[[nodiscard]] document::Value read_rows(const std::string& name) {
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/" + name);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    return document::parse_json(text.str());
}

void check_rows(const document::Value& rows) {
    for (const document::Value& row : rows) {
        const document::Value& account_document = row.at("document");
        const Report report = document::evaluate(document::read_account_document(account_document));
        const Premiums premiums = premiums_of(account_document);
        CHECK(report.lower_bound == report.net_requirement);
        for (const auto& [column, expected] : row.at("expected").items()) {
            INFO(row.at("id").get<std::string>() << ", " << column << ": " << row.at("source").get<std::string>());
            const Money figure = in_form(row.at("basis").get<std::string>(), column, report, premiums);
            const double tolerance = row.at("tolerance").get<double>();
            const Money published = expected.get<double>();
            CHECK(std::abs(figure - published) <=
                  std::max(tolerance < 1 ? tolerance * std::abs(published) : tolerance, 0.51)); // dollars are printed
        }
        Money initial = 0;
        Money maintenance = 0;
        for (const ReportLine& line : report.lines) {
            initial += line.initial;
            maintenance += line.maintenance;
            CHECK_FALSE(line.citation.empty());
            CHECK_FALSE(line.why.empty());
        }
        CHECK(std::abs(initial - report.requirement.initial) < 0.005);
        CHECK(std::abs(maintenance - report.requirement.maintenance) < 0.005);
    }
}

} // namespace

TEST_CASE("strategy margin: published examples", "[document][cited]") {
    // Cboe, FINRA, McMillan, tastytrade and others, as accounts; each row names its source and the form of its figure.
    // Those of Interactive Brokers, all that the source has, are under ibkr-like: live figures with rounded inputs, so
    // they have a tolerance of their own.
    const document::Value rows = read_rows("strategy_examples.json");
    REQUIRE(rows.size() == 76);
    check_rows(rows);
}

TEST_CASE("strategy margin: the cases of tastyware's margin-estimator", "[document][cited]") {
    // Its figures under tastytrade-like; where it pairs greedily, the least requirement by enumeration under exchange.
    // Expirations are days that keep its order. It rounds to the dollar. Left out: what it gets wrong
    // (tw-047, tw-061, tw-064), and stock bought at another price than the market's, which is an order
    // (tw-059, tw-062, tw-063, tw-065, tw-066, tw-068, tw-071).
    const document::Value rows = read_rows("margin_estimator_examples.json");
    REQUIRE(rows.size() == 37);
    check_rows(rows);
}
