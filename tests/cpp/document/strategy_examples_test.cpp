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
            const Money value = position.at("quantity").get<double>() * option.at("price").get<double>() *
                                option.value("multiplier", default_multiplier);
            (value > 0 ? premiums.paid : premiums.received) += std::abs(value);
        }
    }
    return premiums;
}

/// The requirement in the form in which an example prints it.
[[nodiscard]] Money in_form(const std::string& basis, const std::string& column, Money requirement,
                            const Premiums& premiums) {
    if (basis == "net_call" || (basis == "net_call_initial/requirement_maintenance" && column == "initial")) {
        return requirement + premiums.paid - premiums.received;
    }
    if (basis == "requirement_plus_long_cost" || basis == "short_stock_additional_plus_long_cost") {
        return requirement + premiums.paid;
    }
    return requirement;
}

} // namespace

TEST_CASE("strategy margin: published examples", "[document][cited]") {
    // Cboe, FINRA, McMillan, tastytrade and others, as accounts; each row names its source and the form of its figure.
    // Brokers' figures are live ones with rounded inputs, so they have a tolerance of their own.
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/strategy_examples.json");
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    const document::Value rows = document::parse_json(text.str());
    REQUIRE(rows.size() > 60);
    for (const document::Value& row : rows) {
        const document::Value& account_document = row.at("document");
        const Report report = document::evaluate(document::read_account_document(account_document));
        const Premiums premiums = premiums_of(account_document);
        CHECK(report.lower_bound == report.net_requirement);
        for (const auto& [column, expected] : row.at("expected").items()) {
            INFO(row.at("id").get<std::string>() << ", " << column << ": " << row.at("source").get<std::string>());
            const Money requirement = column == "initial" ? report.requirement.initial : report.requirement.maintenance;
            const Money figure = in_form(row.at("basis").get<std::string>(), column, requirement, premiums);
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
