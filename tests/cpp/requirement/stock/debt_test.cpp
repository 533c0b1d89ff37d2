// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <margincore/requirement/stock/initial.hpp>
#include <margincore/requirement/stock/maintenance.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

using namespace margincore;

namespace {

constexpr SecurityRates rates{};

struct Row {
    SecurityFacts bond;
    double per_unit; ///< USD for 1,000 of principal, or a share of a fund.
    std::string citation;
};

/// Long and short alike; initial is maintenance ("good faith").
void check_debt(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(kind_text(row.bond.kind) << " at " << row.bond.price << ", years "
                                      << row.bond.years_to_maturity.value_or(-1) << ": " << row.citation);
        const double p = row.bond.price;
        CHECK(long_maintenance(row.bond, rates).per_unit(p) == about(row.per_unit));
        CHECK(short_maintenance(row.bond, rates).per_unit(p) == about(row.per_unit));
        CHECK(long_initial(row.bond, rates).per_unit(p) == about(row.per_unit));
        CHECK(short_initial(row.bond, rates).per_unit(p) == about(row.per_unit));
        CHECK(to_string(long_maintenance(row.bond, rates).citation) == row.citation);
        CHECK(to_string(short_maintenance(row.bond, rates).citation) == row.citation);
        CHECK(to_string(long_initial(row.bond, rates).citation) == "12 CFR 220.12(b)");
        CHECK(to_string(short_initial(row.bond, rates).citation) == "12 CFR 220.12(d)");
        CHECK(long_maintenance(row.bond, rates).rule == "debt.long");
        CHECK(short_maintenance(row.bond, rates).rule == "debt.short");
    }
}

SecurityFacts treasury(int years, double price, std::optional<bool> zero_coupon = false) {
    return {.kind = Kind::treasury, .price = price, .years_to_maturity = years, .zero_coupon = zero_coupon};
}

} // namespace

TEST_CASE("treasury: 1 to 6 % by whole years to maturity", "[stock][cited]") {
    const std::string steps = "FINRA 4210(e)(2)(A)";
    check_debt({{treasury(0, 990), 9.90, steps},
                {treasury(1, 990), 19.80, steps},
                {treasury(2, 990), 19.80, steps},
                {treasury(3, 990), 29.70, steps},
                {treasury(4, 990), 29.70, steps},
                {treasury(5, 990), 39.60, steps},
                {treasury(9, 990), 39.60, steps},
                {treasury(10, 990), 49.50, steps},
                {treasury(19, 990), 49.50, steps},
                {treasury(20, 990), 59.40, steps},
                {treasury(30, 990), 59.40, steps}});
}

TEST_CASE("treasury: a zero coupon of five years or more asks for 3 % of principal at least", "[stock][cited]") {
    const std::string steps = "FINRA 4210(e)(2)(A)"; // 30 for a bond of 1,000: binds below 750, 600 and 500
    check_debt({{treasury(4, 400, true), 12.00, steps},
                {treasury(5, 751, true), 30.04, steps},
                {treasury(5, 750, true), 30.00, steps},
                {treasury(5, 749, true), 30.00, steps},
                {treasury(5, 749, false), 29.96, steps},
                {treasury(10, 601, true), 30.05, steps},
                {treasury(10, 599, true), 30.00, steps},
                {treasury(20, 501, true), 30.06, steps},
                {treasury(20, 499, true), 30.00, steps},
                {treasury(30, 200, true), 30.00, steps},
                {treasury(30, 200, false), 12.00, steps}});
}

TEST_CASE("debt: municipal 7 %, investment grade 10 %, other 20 % and at least 7 % of principal", "[stock][cited]") {
    const auto other = [](double price) {
        return SecurityFacts{.kind = Kind::corporate_bond, .price = price, .rating = Rating::other};
    };
    check_debt({{{.kind = Kind::municipal, .price = 1010}, 70.70, "FINRA 4210(e)(2)(B)"},
                {{.kind = Kind::corporate_bond, .price = 980, .rating = Rating::investment_grade},
                 98.00,
                 "FINRA 4210(e)(2)(C)(i)"},
                {other(800), 160.00, "FINRA 4210(e)(2)(C)(ii)"},
                {other(351), 70.20, "FINRA 4210(e)(2)(C)(ii)"},
                {other(350), 70.00, "FINRA 4210(e)(2)(C)(ii)"},
                {other(349), 70.00, "FINRA 4210(e)(2)(C)(ii)"},
                {other(1), 70.00, "FINRA 4210(e)(2)(C)(ii)"},
                {{.kind = Kind::money_market_fund, .price = 1}, 0.01, "FINRA 4210(e)(2)"}});
}

TEST_CASE("debt: a term is asked for where it changes the figure, and only there", "[stock][property]") {
    const DebtRates debt{};
    CHECK(missing_term({.kind = Kind::corporate_bond, .price = 900}, debt) == "rating");
    CHECK(missing_term({.kind = Kind::treasury, .price = 900}, debt) == "maturity");
    CHECK(missing_term(treasury(4, 100, std::nullopt), debt).empty());          // under five years
    CHECK(missing_term(treasury(5, 749, std::nullopt), debt) == "zero_coupon"); // 29.96 or 30
    CHECK(missing_term(treasury(5, 750, std::nullopt), debt).empty());          // 30 either way
    CHECK(missing_term(treasury(30, 499, std::nullopt), debt) == "zero_coupon");
    CHECK(missing_term(treasury(30, 500, std::nullopt), debt).empty());
    for (const Kind kind : {Kind::municipal, Kind::money_market_fund, Kind::convertible, Kind::equity}) {
        CHECK(missing_term({.kind = kind, .price = 1}, debt).empty());
    }
}

namespace {

struct EquityRow {
    SecurityFacts what;
    double held;   ///< Maintenance.
    double opened; ///< Initial.
    std::string citation;
    std::string initial_citation;
};

void check_equity(const std::vector<EquityRow>& rows, bool is_short) {
    for (const EquityRow& row : rows) {
        INFO(kind_text(row.what.kind) << " at " << row.what.price << ": " << row.citation);
        const SecurityTerms held = maintenance(row.what, is_short, rates);
        const SecurityTerms opened = initial(row.what, is_short, rates);
        CHECK(held.per_unit(row.what.price) == about(row.held));
        CHECK(opened.per_unit(row.what.price) == about(row.opened));
        CHECK(to_string(held.citation) == row.citation);
        CHECK(to_string(opened.citation) == row.initial_citation);
    }
}

} // namespace

TEST_CASE("convertible bond: as an equity, short at least 5 % of principal", "[stock][cited]") {
    const std::string rule = "FINRA 4210(c)(4)"; // 30 %, 50 for a bond of 1,000: binds below 166.67
    const auto bond = [](double price, bool marginable = true) {
        return SecurityFacts{.kind = Kind::convertible, .price = price, .marginable = marginable};
    };
    check_equity({{bond(1040), 260, 520, "FINRA 4210(c)(1)", "12 CFR 220.12(a)"},
                  {bond(3), 0.75, 1.50, "FINRA 4210(c)(1)", "12 CFR 220.12(a)"},
                  {bond(1040, false), 1040, 1040, "FINRA 4210(c)(5)", "12 CFR 220.12(e)"}},
                 false);
    check_equity({{bond(1040), 312, 520, rule, "12 CFR 220.12(c)(1)"},
                  {bond(170), 51, 85, rule, "12 CFR 220.12(c)(1)"},
                  {bond(166), 50, 83, rule, "12 CFR 220.12(c)(1)"},
                  {bond(100), 50, 50, rule, "12 CFR 220.12(c)(1)"},
                  {bond(90), 50, 50, rule, "FINRA 4210(b)"},
                  {bond(4), 50, 50, rule, "FINRA 4210(b)"},
                  {bond(1040, false), 1040, 1040, "FINRA 4210(c)(6)", "FINRA 4210(b)"},
                  {bond(40, false), 50, 50, rule, "FINRA 4210(b)"}},
                 true);
}

TEST_CASE("notes, warrants and mutual funds: as equities, by the tiers of price", "[stock][cited]") {
    for (const Kind kind : {Kind::etn, Kind::warrant, Kind::mutual_fund}) {
        const auto at = [&](double price) { return SecurityFacts{.kind = kind, .price = price}; };
        check_equity(
            {{at(40), 10, 20, "FINRA 4210(c)(1)", "12 CFR 220.12(a)"},
             {at(1), 0.25, 0.50, "FINRA 4210(c)(1)", "12 CFR 220.12(a)"},
             {{.kind = kind, .price = 40, .marginable = false}, 40, 40, "FINRA 4210(c)(5)", "12 CFR 220.12(e)"}},
            false);
        check_equity({{at(1), 2.50, 2.50, "FINRA 4210(c)(2)", "FINRA 4210(b)"},
                      {at(2.50), 2.50, 2.50, "FINRA 4210(c)(2)", "FINRA 4210(b)"},
                      {at(2.51), 2.51, 2.51, "FINRA 4210(c)(2)", "FINRA 4210(b)"},
                      {at(4.99), 4.99, 4.99, "FINRA 4210(c)(2)", "FINRA 4210(b)"},
                      {at(5), 5, 5, "FINRA 4210(c)(3)", "FINRA 4210(b)"},
                      {at(16.66), 5, 8.33, "FINRA 4210(c)(3)", "12 CFR 220.12(c)(1)"},
                      {at(40), 12, 20, "FINRA 4210(c)(3)", "12 CFR 220.12(c)(1)"}},
                     true);
    }
}

TEST_CASE("against the box: 5 % of the long value of every kind, also where a side alone asks for less",
          "[stock][cited]") {
    for (const SecurityFacts& what :
         {treasury(0, 990), treasury(30, 990, true), SecurityFacts{.kind = Kind::convertible, .price = 990},
          SecurityFacts{.kind = Kind::money_market_fund, .price = 990}}) {
        CHECK(boxed_maintenance(what, rates).per_unit(990) == about(49.50)); // FINRA 4210(e)(1)
        CHECK(boxed_initial(what, rates).per_unit(990) == about(49.50));
    }
}

TEST_CASE("every kind: agrees with the reference, and is linear between its knots", "[stock][oracle]") {
    Random random(42102);
    for (int i = 0; i < 8000; ++i) {
        const SampleAccount sample = [&] {
            SampleAccount one;
            const Instrument what = random_instrument(random, one.market.valuation_date, "X");
            one.hold(what, {.price = is_bond(what.kind) ? random_bond_quote(random) : random_price(random)}, 1);
            return one;
        }();
        SecurityFacts facts = reference::facts_of(sample, 0);
        INFO(sample.text());
        const SecurityFacts read = sample.rows()[0].facts;
        CHECK(read.price == about(facts.price));
        facts.price = read.price;
        CHECK(read == facts);
        const double p = facts.price;
        CHECK(long_maintenance(facts, rates).per_unit(p) == about(reference::long_maintenance(facts)));
        CHECK(short_maintenance(facts, rates).per_unit(p) == about(reference::short_maintenance(facts)));
        CHECK(long_initial(facts, rates).per_unit(p) == about(reference::long_initial(facts)));
        CHECK(short_initial(facts, rates).per_unit(p) == about(reference::short_initial(facts)));
        const bool is_short = random.chance(0.5);
        const auto at = [&](double price) {
            facts.price = price;
            return is_short ? reference::short_maintenance(facts) : reference::long_maintenance(facts);
        };
        std::vector<double> ends = maintenance_knots(facts, is_short, rates);
        ends.push_back(0);
        ends.push_back(2000);
        std::ranges::sort(ends);
        const std::size_t piece = random.below(ends.size() - 1);
        const double low = ends[piece] + 1e-9; // a knot itself may belong to either side
        const double high = ends[piece + 1] - 1e-9;
        if (low < high) {
            const double share = random.uniform(0, 1);
            CHECK(at(low + (high - low) * share) == about(at(low) + (at(high) - at(low)) * share, 1e-9));
        }
    }
}

TEST_CASE("debt: a rate that depends on what nobody said is no rate", "[stock][property]") {
    for (const bool is_short : {false, true}) {
        CHECK(std::isnan(debt_maintenance({.kind = Kind::treasury, .price = 990}, is_short, {}).per_unit(990)));
        CHECK(std::isnan(debt_maintenance({.kind = Kind::corporate_bond, .price = 990}, is_short, {}).per_unit(990)));
    }
}
