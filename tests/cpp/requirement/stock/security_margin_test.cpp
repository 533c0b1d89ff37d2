// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <vector>

#include <margincore/requirement/stock/security_margin.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

using namespace margincore;

TEST_CASE("stock figures: sums of an account by hand", "[stock][cited]") {
    // Long 100 at 40: 25 % and 50 %. Short 200 at 3: 100 %, FINRA 4210(c)(2). Boxed 50 at 20: 5 %, FINRA 4210(e)(1).
    SampleAccount account;
    account.hold("LONG", 100, 40, 1.5)
        .hold("SHRT", -200, 3, 2.0)
        .hold({.symbol = "BOTH"}, {.price = 20, .beta = 1.0}, 10, 50);
    const MarketRows market = account.rows();
    const Figures figures = security_figures(account.view(), market.rows, market.boxed).figures;
    CHECK(figures.net_value == about(5200 - 1600));
    CHECK(figures.gross_value == about(5200 + 1600));
    CHECK(holds_shorts(account.view()));
    CHECK(figures.maintenance == about(1000 + 600 + 50 + 50));
    CHECK(figures.initial == about(2000 + 600 + 100 + 50));
    CHECK(beta_exposure(account.view(), market) == about(4000 * 1.5 - 600 * 2.0 + 200));
}

TEST_CASE("stock figures: agree with the reference on random accounts", "[stock][oracle]") {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const reference::Account expected = reference::apart(account);
        const MarketRows market = account.rows();
        const Figures figures = security_figures(account.view(), market.rows, market.boxed).figures;
        CHECK(figures.net_value == about(static_cast<double>(expected.long_value - expected.short_value)));
        CHECK(figures.gross_value == about(static_cast<double>(expected.long_value + expected.short_value)));
        CHECK(holds_shorts(account.view()) == (expected.short_value > 0));
        CHECK(figures.initial == about(static_cast<double>(expected.initial)));
        CHECK(figures.maintenance == about(static_cast<double>(expected.maintenance)));
    }
}

TEST_CASE("stock figures: a missing price shows, and only in what needs it", "[stock][property]") {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const std::vector<SecurityRow> rows{security_row({.price = 10}, {}), security_row({.price = missing}, {})};
    const std::vector<InstrumentIndex> instrument{0, 1};
    const std::vector<double> quantity{5, 5};
    const AccountView both{.instrument = instrument, .quantity = quantity};
    const AccountView first{.instrument = std::span(instrument).first(1), .quantity = std::span(quantity).first(1)};
    CHECK(security_figures(first, rows, {}).figures.net_value == 50);
    CHECK(std::isnan(security_figures(both, rows, {}).figures.net_value));
    CHECK(security_figures({}, rows, {}).figures == Figures{});
}

TEST_CASE("share row: one cache line", "[stock][property]") {
    STATIC_REQUIRE(sizeof(SecurityRow) == 64);
    STATIC_REQUIRE(alignof(SecurityRow) == 64);
}

namespace {

std::vector<Line> lines_of(double quantity, double boxed, const SecurityFacts& share) {
    LineCollector sink;
    explain_security(3, quantity, boxed, share, {}, sink);
    return sink.lines;
}

} // namespace

TEST_CASE("stock lines: amounts, paragraphs and arithmetic of a long position", "[stock][property]") {
    const std::vector<Line> lines = lines_of(500, 0, {.price = 400});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].rule == "stock.long");
    CHECK(to_string(lines[0].citation) == "FINRA 4210(c)(1)");
    CHECK(to_string(lines[0].initial_citation) == "12 CFR 220.12(a)");
    CHECK(lines[0].maintenance == about(50000));
    CHECK(lines[0].initial == about(100000));
    CHECK(lines[0].why == "25% of 500 x 400.00");
    CHECK(lines[0].initial_why == "50% of 500 x 400.00");
    CHECK(lines[0].legs == std::vector<Leg>{{3, 500}});
    CHECK(lines[0].add_on == 0);
}

TEST_CASE("stock lines: a short below 2.50 says the amount a share", "[stock][property]") {
    const std::vector<Line> lines = lines_of(-1000, 0, {.price = 1.25});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].rule == "stock.short");
    CHECK(lines[0].maintenance == about(2500));
    CHECK(lines[0].why == "2.50 a share x 1000, more than 100% of 1.25");
    CHECK(lines[0].legs == std::vector<Leg>{{3, -1000}});
}

TEST_CASE("stock lines: the boxed part is a line of its own", "[stock][property]") {
    const std::vector<Line> lines = lines_of(-10, 50, {.price = 20});
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].rule == "stock.short");
    CHECK(lines[1].rule == "stock.against_the_box");
    CHECK(lines[1].maintenance == about(50));
    CHECK(lines[1].why == "5% of 50 x 20.00");
    CHECK(lines[1].legs == std::vector<Leg>{{3, 50}, {3, -50}});
    CHECK(lines_of(0, 50, {.price = 20}).size() == 1);
}

TEST_CASE("price text: cents at least, and every digit", "[stock][property]") {
    CHECK(price_text(400) == "400.00");
    CHECK(price_text(0.1) == "0.10");
    CHECK(price_text(1.234) == "1.234");
    CHECK(price_text(0.0001) == "0.0001");
    CHECK(price_text(1e9) == "1000000000.00");
}
