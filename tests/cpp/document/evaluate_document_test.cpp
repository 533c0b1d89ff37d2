// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <margincore/document/evaluate_document.hpp>

#include "about.hpp"
#include "document/document_sample.hpp"

using namespace margincore;
using document::read_account_document;

TEST_CASE("evaluating a document: the figures of its account", "[document][property]") {
    // 500 at 400 on a debit of 120,000: equity 80,000, maintenance 25 %, initial 50 %.
    const Report report = document::evaluate(read_account_document(sample_document()));
    CHECK(report.account_id == "ACC_1");
    CHECK(report.method == "strategy");
    CHECK(report.equity == about(80000));
    CHECK(report.requirement.maintenance == about(50000));
    CHECK(report.requirement.initial == about(100000));
    CHECK(report.excess.total == about(30000));
    CHECK_FALSE(report.stress);
}

TEST_CASE("evaluating a document: stress over the policy's moves, or the caller's", "[document][property]") {
    const auto read = read_account_document(sample_with("/policy/stress_moves", "[-0.5, 0.5]"));
    CHECK(document::evaluate(read, {.stress = true}).stress.value().size() == 2);
    const Report report = document::evaluate(read, {.moves = std::vector<double>{-0.10}});
    REQUIRE(report.stress.value().size() == 1);
    CHECK(report.stress->front().pnl == about(-200000 * 1.8 * 0.10));
    CHECK(report.beta_weighted.value().shares.value() == about(360000.0 / 670));
}

TEST_CASE("evaluating a document: the method follows the account's type unless the caller asks",
          "[document][property]") {
    const auto cash = read_account_document(sample_with("/account/type", "\"cash\""));
    CHECK_THROWS_AS(document::evaluate(cash), Unsupported);
    CHECK_THROWS_WITH(document::evaluate(cash), "account.type: the cash method is not built yet");
    CHECK(document::evaluate(cash, {.method = Method::strategy}).requirement.maintenance == about(50000));
    // FINRA 4210(g)(2)(F): 15 % of 500 shares at $400.
    const auto margin = read_account_document(sample_document());
    CHECK(document::evaluate(margin, {.method = Method::portfolio}).requirement.maintenance == about(30000));
    const auto portfolio = read_account_document(sample_with("/account/type", "\"portfolio_margin\""));
    CHECK(document::evaluate(portfolio).method == "portfolio");
    CHECK(document::evaluate(portfolio).requirement.maintenance == about(30000));
    CHECK(document::evaluate(portfolio, {.method = Method::strategy}).requirement.maintenance == about(50000));
}

TEST_CASE("evaluating a document: its warnings come first", "[document][property]") {
    auto early = sample_with("/market/valuation_date", "\"2025-01-02\"");
    early["policy"]["rulebook"] = "finra-2026";
    early["market"]["benchmark"] = "QQQ";
    const Report report = document::evaluate(read_account_document(early), {.stress = true});
    REQUIRE(report.warnings.size() == 2);
    CHECK(report.warnings[0].where == "policy.rulebook");
    CHECK(report.warnings[1].where == "market.instruments.QQQ");
}
