// SPDX-License-Identifier: Apache-2.0
// Portfolio margin of whole accounts, as documents state them: hand checks, instruments, gates and refusals.
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/contributions.hpp>
#include <margincore/document/document.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

/// An account document: cash, positions and instruments in JSON, and what a policy says.
document::AccountDocument account(const std::string& positions, const std::string& instruments,
                                  const std::string& policy = "", double cash = 1e6) {
    return document::read_account_document(document::parse_json(
        fmt::format(R"({{"schema": 1, "account": {{"id": "A", "cash": {}, "positions": [{}]}}, "market":
            {{"valuation_date": "2026-11-20", "rate": 0.04, "instruments": {{{}}}}}, "policy": {{{}}}}})",
                    cash, positions, instruments, policy),
        "document"));
}

Report report_of(const document::AccountDocument& of) { return document::evaluate(of, {.method = Method::portfolio}); }
Report report_of(const std::string& positions, const std::string& instruments, const std::string& policy = "",
                 double cash = 1e6) {
    return report_of(account(positions, instruments, policy, cash));
}

Money requirement(const std::string& positions, const std::string& instruments, const std::string& policy = "") {
    const Report report = report_of(positions, instruments, policy);
    Money of_lines = 0;
    for (const ReportLine& line : report.lines) {
        of_lines += line.maintenance;
        CHECK(line.initial == line.maintenance);
        CHECK(!line.citation.empty());
    }
    CHECK(of_lines == Approx(report.requirement.maintenance).margin(1e-9));
    Money of_groups = 0;
    for (const GroupReport& group : report.groups) {
        of_groups += group.requirement.value_or(0.0);
    }
    CHECK(of_groups <= report.requirement.maintenance + 1e-9);
    return report.requirement.maintenance;
}

std::string failure(const std::string& positions, const std::string& instruments, const std::string& policy = "",
                    double cash = 1e6) {
    try {
        static_cast<void>(report_of(positions, instruments, policy, cash));
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

const std::string xyz = R"("XYZ": {"kind": "equity", "price": 50})";
const std::string spy = R"("SPY": {"kind": "broad_index_etf", "price": 500})";

} // namespace

TEST_CASE("stock moves by 15 % and asks for what it loses", "[portfolio_margin][cited]") {
    // Schwab, Understanding portfolio margin (2024): 100 shares at $50 ask for $750.
    CHECK(requirement(R"({"symbol": "XYZ", "quantity": 100})", xyz) == Approx(750));
    CHECK(requirement(R"({"symbol": "XYZ", "quantity": -100})", xyz) == Approx(750));
    // TD Ameritrade, Capiche: Portfolio Margin Part 4 (2017): 1,000 shares at $75 ask for $11,250.
    CHECK(requirement(R"({"symbol": "XYZ", "quantity": 1000})", R"("XYZ": {"kind": "equity", "price": 75})") ==
          Approx(11250));
}

TEST_CASE("leveraged and inverse funds move by their factor of the index's move", "[portfolio_margin][property]") {
    // By hand: the high-capitalization range is -8 % to +6 %; UPRO is 3x, SPXU -3x.
    const std::string upro = R"("UPRO": {"kind": "broad_index_etf", "price": 50, "leverage": 3})";
    const std::string spxu = R"("SPXU": {"kind": "broad_index_etf", "price": 50, "leverage": -3})";
    CHECK(requirement(R"({"symbol": "UPRO", "quantity": 100})", upro) == Approx(1200));
    CHECK(requirement(R"({"symbol": "SPXU", "quantity": -100})", spxu) == Approx(1200));
    CHECK(requirement(R"({"symbol": "SPXU", "quantity": 100})", spxu) == Approx(900));
    // A fund that the table does not have moves by its factor of 15 %, and never below nothing.
    CHECK(requirement(R"({"symbol": "XYZL", "quantity": 100})",
                      R"("XYZL": {"kind": "etf", "price": 50, "leverage": 2})") == Approx(1500));
    CHECK(requirement(R"({"symbol": "XYZL", "quantity": 100})",
                      R"("XYZL": {"kind": "etf", "price": 50, "leverage": 8})") == Approx(5000));
    // An inverse fund beside the fund itself, of one value: nothing is left at any point.
    const Report hedged = report_of(R"({"symbol": "SPY", "quantity": 10}, {"symbol": "SH", "quantity": 100})",
                                    spy + R"(, "SH": {"kind": "broad_index_etf", "price": 50, "leverage": -1})");
    for (const Money point : hedged.groups.front().points) {
        CHECK(point == Approx(0).margin(1e-9));
    }
    CHECK(failure(R"({"symbol": "UPRO", "quantity": 100})", R"("UPRO": {"kind": "broad_index_etf", "price": 50})") ==
          "market.instruments.UPRO.leverage: must be 3 as in the group table, got 1");
}

TEST_CASE("contracts have a minimum, of a long one not more than it is worth", "[portfolio_margin][property]") {
    // By hand: ten calls at $0.05 are worth $5 each, below the $37.50 of one contract.
    const std::string call = R"("XYZ   270115C00090000": {"price": 0.05})";
    const Report longs = report_of(R"({"symbol": "XYZ   270115C00090000", "quantity": 10})", xyz + ", " + call);
    CHECK(longs.groups.front().minimum == Approx(50));
    const Report shorts = report_of(R"({"symbol": "XYZ   270115C00090000", "quantity": -10})", xyz + ", " + call);
    CHECK(shorts.groups.front().minimum == Approx(375));
    // A box of four series loses nothing, and asks for four minimums.
    CHECK(requirement(R"({"symbol": "XYZ   270115C00045000", "quantity": 1},
                         {"symbol": "XYZ   270115C00055000", "quantity": -1},
                         {"symbol": "XYZ   270115P00055000", "quantity": 1},
                         {"symbol": "XYZ   270115P00045000", "quantity": -1})",
                      xyz + R"(, "XYZ   270115C00045000": {"price": 6.6}, "XYZ   270115C00055000": {"price": 1.5},
                                "XYZ   270115P00055000": {"price": 6.3}, "XYZ   270115P00045000": {"price": 1.3})",
                      R"("accuracy": "accurate")") == Approx(150));
    CHECK(requirement(R"({"symbol": "XYZ   270115C00090000", "quantity": -10})", xyz + ", " + call,
                      R"("minimum_per_contract": 0.25)") == Approx(250));
}

TEST_CASE("what stands in both sides of an account is netted before its minimum", "[portfolio_margin][property]") {
    const Report report = report_of(R"({"symbol": "XYZ   270115C00060000", "long": 10, "short": 7})",
                                    xyz + R"(, "XYZ   270115C00060000": {"price": 1})");
    CHECK(report.groups.front().minimum == Approx(3 * 37.5));
}

TEST_CASE("an index future counts with all that it stands for, and its value is no equity",
          "[portfolio_margin][property]") {
    const std::string market =
        spy + R"(, "ESZ26": {"kind": "future", "price": 5000, "underlying": "ES", "multiplier": 50})";
    const Report report = report_of(R"({"symbol": "ESZ26", "quantity": 1})", market);
    CHECK(report.requirement.maintenance == Approx(0.08 * 5000 * 50));
    CHECK(report.net_liquidation == 1e6);
    CHECK(report.groups.front().minimum == Approx(0.375 * 50));
    // It hedges the fund on its index in full: $250,000 of each.
    CHECK(requirement(R"({"symbol": "ESZ26", "quantity": -1}, {"symbol": "SPY", "quantity": 500})", market) ==
          Approx(0.375 * 50));
    CHECK(failure(R"({"symbol": "CLZ26", "quantity": 1})",
                  R"("CLZ26": {"kind": "future", "price": 60, "underlying": "CL", "multiplier": 1000})")
              .starts_with("market.instruments.CLZ26.underlying: must be an instrument, or in the group table"));
    CHECK(failure(R"({"symbol": "ESZ26", "quantity": 1})",
                  R"("ESZ26": {"kind": "future", "price": 5000, "underlying": "ES"})")
              .starts_with("market.instruments.ESZ26.multiplier: must be given for a future"));
}

TEST_CASE("an option on a future is priced on the future", "[portfolio_margin][oracle]") {
    // Black (1976) by hand: with the strike at the future's price and no rate, call and put are worth the same, so that
    // a call held against a put written gains what the future gains.
    const std::string market =
        R"("ESZ26": {"kind": "future", "price": 5000, "underlying": "ES", "multiplier": 50},
           "ESC": {"kind": "future_option", "price": 100, "underlying": "ESZ26", "right": "call", "strike": 5000,
                   "expiry": "2027-01-15", "style": "european", "multiplier": 50},
           "ESP": {"kind": "future_option", "price": 100, "underlying": "ESZ26", "right": "put", "strike": 5000,
                   "expiry": "2027-01-15", "style": "european", "multiplier": 50})";
    const Report report = report_of(R"({"symbol": "ESC", "quantity": 1}, {"symbol": "ESP", "quantity": -1})", market);
    const double discount = std::exp(-0.04 * 56 / 365);
    for (std::size_t k = 0; k < valuation_points; ++k) {
        const double move = moves_of(high_capitalization_range)[k];
        CHECK(report.groups.front().points[k] == Approx(50 * 5000 * move * discount));
    }
    CHECK(report.net_liquidation == Approx(1e6)); // the premiums are values, one paid and one received
}

TEST_CASE("a warrant is an option of its own ratio, a convertible what it becomes and what that would lose",
          "[portfolio_margin][property]") {
    // Deep in the money, a warrant gains as its share does: half a share a warrant.
    const std::string warrant = R"(, "XYZW": {"kind": "warrant", "price": 20.015, "expiry": "2026-12-18",
        "conversion": {"into": "XYZ", "ratio": 0.5, "cash": 5}})";
    const Report report = report_of(R"({"symbol": "XYZW", "quantity": 1000})", xyz + warrant);
    CHECK(report.groups.front().id == "XYZ");
    CHECK(report.groups.front().points[0] == Approx(-1000 * 0.5 * 7.5).epsilon(1e-3));
    // A bond at 120 that becomes 20 shares at $50: 1,200 for 1,000, a loss of 200 each.
    const std::string bond = R"(, "XYZB": {"kind": "convertible", "price": 120, "rating": "other",
        "conversion": {"into": "XYZ", "ratio": 20}})";
    CHECK(requirement(R"({"symbol": "XYZB", "quantity": 10})", xyz + bond) == Approx(10 * (0.15 * 1000 + 200)));
}

TEST_CASE("an adjusted contract follows what it delivers", "[portfolio_margin][property]") {
    // By hand: 150 shares at $50 and $500 for a strike of 60 are deep in the money: a call gains as 150 shares.
    const Report report =
        report_of(R"({"symbol": "XYZ1  261218C00030000", "quantity": 1})",
                  xyz + R"(, "XYZ1  261218C00030000": {"price": 50.09, "underlying": "XYZ", "multiplier": 100,
                    "deliverable": [{"symbol": "XYZ", "units": 150}, {"cash": 500}]})");
    CHECK(report.groups.front().id == "XYZ");
    CHECK(report.groups.front().points[0] == Approx(-150 * 7.5).epsilon(1e-3));
}

TEST_CASE("what is not eligible carries its strategy requirement, and offsets nothing",
          "[portfolio_margin][property]") {
    const std::string market =
        xyz + R"(, "NOTE": {"kind": "etn", "price": 20}, "OTCX": {"kind": "equity", "price": 10, "marginable": false},
                   "FUND": {"kind": "mutual_fund", "price": 100}, "CASHF": {"kind": "money_market_fund", "price": 1})";
    const Money stock = requirement(R"({"symbol": "XYZ", "quantity": 100})", market);
    CHECK(requirement(R"({"symbol": "XYZ", "quantity": 100}, {"symbol": "NOTE", "quantity": 100})", market) ==
          Approx(stock + 0.25 * 2000));
    CHECK(requirement(R"({"symbol": "OTCX", "quantity": 100})", market) == Approx(1000));
    CHECK(requirement(R"({"symbol": "FUND", "quantity": 100})", market) == Approx(1500));
    CHECK(requirement(R"({"symbol": "CASHF", "quantity": 100000})", market) == Approx(1000));
    // A long option on a note has no value in the equity of the strategy method; here equity counts it, so it asks for
    // all of it.
    CHECK(requirement(R"({"symbol": "NOTE  261218C00020000", "quantity": 1})",
                      market + R"(, "NOTE  261218C00020000": {"price": 1.5})") == Approx(150));
    CHECK(failure(R"({"symbol": "NOTE", "quantity": 100})",
                  R"("NOTE": {"kind": "etn", "price": 20, "class_group": "SPX"})")
              .starts_with("market.instruments.NOTE.class_group: must be none for a note"));
}

TEST_CASE("indices without a range are refused, and broad ones the table lacks are alone with a warning",
          "[portfolio_margin][property]") {
    const std::string vix =
        R"("VIX": {"kind": "volatility_index", "price": 18}, "VIX   261216C00020000": {"price": 2})";
    const std::string held = R"({"symbol": "VIX   261216C00020000", "quantity": 1})";
    CHECK(failure(held, vix).find("must be a class with a range in policy.group_table") != std::string::npos);
    const std::string table = R"("group_table": {"classes": [{"id": "VIX", "product": "VOL", "members": ["VIX"]}],
        "products": [{"id": "VOL", "low": -0.4, "high": 0.4, "offset": 0}]})";
    CHECK(requirement(held, vix, table) > 0);
    const Report alone =
        report_of(R"({"symbol": "EFA", "quantity": 10})", R"("EFA": {"kind": "broad_index_etf", "price": 80})");
    CHECK(alone.requirement.maintenance == Approx(120));
    REQUIRE(alone.warnings.size() == 1);
    CHECK(alone.warnings[0].where == "market.instruments.EFA");
}

TEST_CASE("gates are told and change no requirement", "[portfolio_margin][property]") {
    const std::string held = R"({"symbol": "XYZ", "quantity": 100})";
    const Report below = report_of(held, xyz, R"("equity_tier": 100000)", 10'000);
    CHECK(below.requirement.maintenance == Approx(750));
    REQUIRE(below.warnings.size() == 1);
    CHECK(below.warnings[0].where == "policy.equity_tier");
    CHECK(report_of(held, xyz, R"("equity_tier": 100000)", 100'000).warnings.empty());
    const std::string unlisted = xyz + R"(, "XYZ   270115C00050000": {"price": 3, "listed": false})";
    CHECK(failure(R"({"symbol": "XYZ   270115C00050000", "quantity": 1})", unlisted)
              .find("must be listed where equity is below 5,000,000 USD") != std::string::npos);
    CHECK(report_of(R"({"symbol": "XYZ   270115C00050000", "quantity": 1})", unlisted, "", 6e6).lines.size() == 1);
}

TEST_CASE("a deficiency is due on the third business day", "[portfolio_margin][cited]") {
    // 2026-11-20 is a Friday, and Thursday the 26th is Thanksgiving (NYSE holidays of 2026): the 23rd, the 24th, the
    // 25th.
    auto of = account(R"({"symbol": "XYZ", "quantity": 100})", xyz, "", -4900);
    CHECK(report_of(of).deficiency->amount == Approx(650));
    CHECK(!report_of(of).deficiency->due);
    for (const char* day : {"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"}) {
        of.market.business_days.push_back(parse_date(day, "day"));
    }
    const std::optional<Deficiency> deficiency = report_of(of).deficiency;
    CHECK(deficiency->opened == "2026-11-20");
    CHECK(deficiency->due == "2026-11-25");
    CHECK(deficiency->restricted_from == "2026-11-27");
    CHECK(deficiency->net_capital_from == "2026-11-23");
    CHECK(!report_of(R"({"symbol": "XYZ", "quantity": 100})", xyz).deficiency);
}

TEST_CASE("add-ons come on top of portfolio margin", "[portfolio_margin][property]") {
    // By hand: the stock is all of the gross value, so above 30 %: 10 % of 5,000.
    const Report report =
        report_of(R"({"symbol": "XYZ", "quantity": 100})", xyz, R"("add_ons": [{"id": "concentration"}])");
    CHECK(report.requirement.maintenance == Approx(750));
    CHECK(report.requirement.add_ons == Approx(500));
    REQUIRE(report.add_ons.size() == 1);
    CHECK(report.add_ons[0].id == "concentration");
    // Beta leverage sees options by their deltas: 10 calls far in the money are 1,000 shares.
    const Report leveraged =
        report_of(R"({"symbol": "XYZ   270115C00005000", "quantity": 10})",
                  R"("XYZ": {"kind": "equity", "price": 50, "beta": 2}, "XYZ   270115C00005000": {"price": 45})",
                  R"("add_ons": [{"id": "beta_leverage"}])", -10'000);
    CHECK(leveraged.net_liquidation == Approx(35'000));
    CHECK(leveraged.requirement.add_ons == Approx(0.05 * 45'000)); // 100,000 / 35,000 is above 2: 5 % of gross value
    CHECK(report_of(R"({"symbol": "XYZ   270115C00005000", "quantity": 10})",
                    R"("XYZ": {"kind": "equity", "price": 50, "beta": 2}, "XYZ   270115C00005000": {"price": 45})",
                    R"("add_ons": [{"id": "beta_leverage"}])", 100'000)
              .requirement.add_ons == 0);
}

TEST_CASE("house ranges are an add-on, and never below the rule's", "[portfolio_margin][property]") {
    const std::string held = R"({"symbol": "XYZ", "quantity": 100})";
    const Report wide = report_of(held, xyz, R"("house_ranges": {"XYZ": {"low": -0.3, "high": 0.1}})");
    CHECK(wide.requirement.maintenance == Approx(750));
    CHECK(wide.requirement.add_ons == Approx(750));
    REQUIRE(wide.add_ons.size() == 1);
    CHECK(wide.add_ons[0].id == "house_ranges");
    CHECK(report_of(held, xyz, R"("house_ranges": {"XYZ": {"low": -0.1}})").requirement.add_ons == 0);
    CHECK(report_of(R"({"symbol": "XYZ", "quantity": -100})", xyz, R"("house_ranges": {"XYZ": {"low": -0.3}})")
              .requirement.add_ons == 0);
}

TEST_CASE("stocks of an index offset it at 95 % as a basket, and not at all by themselves",
          "[portfolio_margin][property]") {
    const std::string market =
        spy + R"(, "AAA": {"kind": "equity", "price": 100}, "BBB": {"kind": "equity", "price": 50})";
    const std::string held = R"({"symbol": "SPY", "quantity": -40}, {"symbol": "AAA", "quantity": 100},
                                {"symbol": "BBB", "quantity": 200})";
    // By hand: $20,000 of the fund short, $10,000 of each stock long. Apart: 6 % of 20,000 and 15 % of each 10,000.
    CHECK(requirement(held, market) == Approx(1200 + 1500 + 1500));
    const std::string basket = R"("baskets": [{"index": "SPX", "capitalization": 0.6, "positions": [
        {"symbol": "AAA", "quantity": 100}, {"symbol": "BBB", "quantity": 150}]}])";
    // In the basket are $17,500, on the index's range: 6 % of 20,000 less 95 % of 6 % of 17,500, or 8 % of 17,500 less
    // 95 % of 8 % of 20,000, which is nothing; and $2,500 of BBB is alone.
    const Report report = report_of(held, market, basket);
    REQUIRE(report.lines.size() == 2); // all of AAA is in the basket
    CHECK(report.lines[1].positions == std::vector<std::string>{"SPY", "AAA", "BBB"});
    CHECK(report.lines[1].quantities == std::vector<Quantity>{-40, 100, 150});
    CHECK(report.lines[0].quantities == std::vector<Quantity>{50});
    CHECK(requirement(held, market, basket) == Approx(1200 - 0.95 * 0.06 * 17'500 + 0.15 * 2500));
    CHECK(failure(held, market, R"("baskets": [{"index": "SPX", "capitalization": 0.4, "positions": [
        {"symbol": "AAA", "quantity": 100}]}])")
              .find("policy.baskets[0].capitalization: must be at least 0.5 of the index") != std::string::npos);
    CHECK(failure(held, market, R"("baskets": [{"index": "SPX", "capitalization": 0.6, "positions": [
        {"symbol": "AAA", "quantity": 101}]}])")
              .find("policy.baskets[0].positions[0].quantity: must be of what the account holds") != std::string::npos);
}

TEST_CASE("a wrong market is refused at its place", "[portfolio_margin][property]") {
    const std::string held = R"({"symbol": "XYZ   270115C00050000", "quantity": 1})";
    CHECK(failure(held, R"("XYZ   270115C00050000": {"price": 3})")
              .find("underlying: must be an instrument with a price, got none for 'XYZ'") != std::string::npos);
    CHECK(failure(held, xyz + R"(, "XYZ   270115C00050000": {"price": 51})")
              .find("price: must be below 50, which no volatility reaches, got 51") != std::string::npos);
    CHECK(failure(R"({"symbol": "XYZ", "quantity": 1})",
                  R"("XYZ": {"kind": "equity", "price": 50, "class_group": "SPX"})") == "nothing was thrown");
    CHECK(failure(held, R"("XYZ": {"kind": "equity", "price": 50},
                           "XYZ   270115C00050000": {"price": 3, "class_group": "SPX"})")
              .find("class_group: must agree with the class of its underlying 'XYZ', got 'SPX'") != std::string::npos);
}

TEST_CASE("what portfolio margin alone holds is checked as options are", "[portfolio_margin][property]") {
    const std::string future = R"(, "XYZF": {"kind": "future", "price": 50, "underlying": "XYZ", "multiplier": 100})";
    CHECK(failure(R"({"symbol": "XYZF", "quantity": 1.5})", xyz + future) ==
          "account.positions[0].quantity: must be whole contracts, got 1.5");
    CHECK(failure(R"({"symbol": "F", "quantity": 1})", R"("F": {"kind": "future", "price": 50, "multiplier": 100})") ==
          "market.instruments.F.underlying: must be given for a future, got nothing");
    CHECK(failure(R"({"symbol": "XYZ", "quantity": 1})",
                  R"("XYZ": {"kind": "equity", "price": 50, "class_group": "BROAD_HC"})") ==
          "market.instruments.XYZ.class_group: must be a class group, got the group of classes 'BROAD_HC'");
    auto of = account(R"({"symbol": "XYZ   270115C00050000", "quantity": 1})",
                      xyz + R"(, "XYZ   270115C00050000": {"price": 3})");
    of.quantity[0] = 0.5; // as a column may have it
    CHECK_THROWS_WITH(report_of(of), "account.positions[0].quantity: must be whole contracts, got 0.5");
}

TEST_CASE("a stock is not the index or the future of its ticker", "[portfolio_margin]") {
    // Eversource Energy is ES and Compass is COMP on the exchange; in the built-in table ES is the root of a future on
    // the S&P 500 and COMP an index. FINRA 4210(g)(2)(F): 15 % of a stock, and different stocks offset nothing.
    const std::string market = R"("ES": {"kind": "equity", "price": 60}, "COMP": {"kind": "equity", "price": 8},
        "SPY": {"kind": "broad_index_etf", "price": 500}, "ES    270115C00060000": {"price": 2})";
    CHECK(report_of(account(R"({"symbol": "ES", "quantity": 100})", market)).requirement.total == Approx(900));
    CHECK(report_of(account(R"({"symbol": "COMP", "quantity": 1000})", market)).requirement.total == Approx(1200));
    const Report both =
        report_of(account(R"({"symbol": "ES", "quantity": -1000}, {"symbol": "SPY", "quantity": 120})", market));
    CHECK(both.requirement.total == Approx(9000 + 4800));
    REQUIRE(both.groups.front().level == GroupLevel::class_group);
    CHECK(both.groups.front().id == "ES");
    const Report option = report_of(account(R"({"symbol": "ES    270115C00060000", "quantity": -10})", market));
    CHECK(option.groups.front().id == "ES");
    // A table of the caller's means what it says, and the report tells.
    const Report given = report_of(account(R"({"symbol": "ES", "quantity": 100})", market, R"("group_table":
        {"classes": [{"id": "SPX", "product": "P", "members": ["SPX", "ES"]}],
         "products": [{"id": "P", "low": -0.08, "high": 0.06, "offset": 0.9}]})"));
    CHECK(given.requirement.total == Approx(480));
    REQUIRE(given.warnings.size() == 1);
    CHECK(given.warnings[0].message == "is a stock that policy.group_table puts into the class SPX");
}

TEST_CASE("what is not eligible is margined by the policy's pairing", "[portfolio_margin]") {
    const std::string market = R"("VXX": {"kind": "etn", "price": 30}, "VXX   270115C00022000": {"price": 9},
        "VXX   270115P00020000": {"price": 0.6})";
    const std::string positions = R"({"symbol": "VXX", "quantity": 100},
        {"symbol": "VXX   270115P00020000", "quantity": 1}, {"symbol": "VXX   270115C00022000", "quantity": -1})";
    for (const char* const policy :
         {"", R"("pairing": "designated")", R"("pairing": "designated", "groups": [[{"symbol": "VXX", "quantity": 100},
                                               {"symbol": "VXX   270115C00022000", "quantity": -1}]])"}) {
        const auto of = account(positions, market, policy);
        CHECK(report_of(of).net_requirement ==
              Approx(document::evaluate(of, {.method = Method::strategy}).net_requirement));
    }
}

TEST_CASE("a stock without loan value is in no basket, and a class stated of a volatility index is told",
          "[portfolio_margin]") {
    CHECK_THROWS_WITH(report_of(R"({"symbol": "A", "quantity": 100})",
                                R"("A": {"kind": "equity", "price": 100, "marginable": false})",
                                R"("baskets": [{"index": "SPX", "capitalization": 0.6,
                                    "positions": [{"symbol": "A", "quantity": 100}]}])"),
                      Catch::Matchers::ContainsSubstring("must be a stock that carries loan value, got 'A'"));
    const Report volatility = report_of(R"({"symbol": "VIX   261216C00020000", "quantity": 1})",
                                        R"("VIX": {"kind": "volatility_index", "price": 18, "class_group": "SPX"},
                                           "VIX   261216C00020000": {"price": 1.2})");
    REQUIRE(volatility.warnings.size() == 1);
    CHECK(volatility.warnings[0].message == "is a volatility index that its class_group puts into the class SPX");
}

TEST_CASE("contributions say when a minimum sets the requirement", "[portfolio_margin]") {
    const std::string market = R"("X": {"kind": "equity", "price": 100}, "X     270115C00110000": {"price": 2},
        "X     270115C00115000": {"price": 1}, "X     270115P00090000": {"price": 1.8},
        "X     270115P00085000": {"price": 0.9})";
    const auto document = account(R"({"symbol": "X     270115C00110000", "quantity": -10},
        {"symbol": "X     270115C00115000", "quantity": 10}, {"symbol": "X     270115P00090000", "quantity": -10},
        {"symbol": "X     270115P00085000", "quantity": 10})",
                                  market);
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    const PortfolioRows portfolio =
        portfolio_rows(rows, document.market, document.policy, [](InstrumentIndex) { return true; });
    const Contributions of = contributions(document.account(), rows, portfolio, document.policy);
    CHECK(of.net_requirement == Approx(1500)); // 40 contracts at 0.375 x 100
    REQUIRE(of.groups.size() == 1);
    CHECK_THAT(of.groups[0].why, Catch::Matchers::ContainsSubstring(
                                     "less than the minimum of its contracts, 1,500.00, of which it has 1,500.00"));
    CHECK_THAT(of.positions[2].why, Catch::Matchers::ContainsSubstring("of which it has 375.00"));
    for (const Contribution& position : of.positions) {
        CHECK((position.closing > 0) == (position.why.find("; without it X is asked for ") != std::string::npos));
    }
}

TEST_CASE("contributions say what sets the requirement", "[portfolio_margin][property]") {
    const std::string market = xyz + R"(, "ABC": {"kind": "equity", "price": 20},
        "XYZ   270115P00045000": {"price": 1}, "XYZ   270115C00060000": {"price": 1})";
    const auto document = account(R"({"symbol": "XYZ", "quantity": 1000}, {"symbol": "ABC", "quantity": -300},
                                     {"symbol": "XYZ   270115P00045000", "quantity": 10},
                                     {"symbol": "XYZ   270115C00060000", "quantity": -5})",
                                  market);
    const MarketRows rows = market_rows(document.instruments, document.market, document.policy);
    const PortfolioRows portfolio =
        portfolio_rows(rows, document.market, document.policy, [](InstrumentIndex) { return true; });
    const Contributions of = contributions(document.account(), rows, portfolio, document.policy);
    const Report report = report_of(document);
    CHECK(of.net_requirement == report.requirement.total);
    Money first_order = 0;
    for (const Contribution& position : of.positions) {
        first_order += position.first_order.value();
        CHECK(!position.why.empty());
    }
    CHECK(first_order == Approx(report.requirement.maintenance)); // Euler: the requirement grows with the account
    CHECK(of.positions[1].closing == Approx(-900));               // ABC is alone
    CHECK(of.positions[2].closing > 0);                           // the put protects
    REQUIRE(of.groups.size() == 2);
    CHECK(of.groups[1].closing == Approx(-900));
}
