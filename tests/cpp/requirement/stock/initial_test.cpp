// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <vector>

#include <margincore/requirement/stock/initial.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

using namespace margincore;

namespace {

constexpr SecurityRates rates{};

struct Row {
    SecurityFacts share;
    double long_side;
    double short_side; ///< Beyond the market value.
    std::string source;
};

} // namespace

TEST_CASE("initial requirement: Regulation T, or maintenance where that is more", "[stock][cited]") {
    const std::vector<Row> rows{
        {{.price = 100}, 50, 50, "12 CFR 220.12(a), (c)(1)"},
        {{.price = 10}, 5, 5, "12 CFR 220.12(a); FINRA 4210(c)(3): 5.00 a share, as much as 50 %"},
        {{.price = 8}, 4, 5, "FINRA 4210(c)(3): 5.00 a share is more than 50 %"},
        {{.price = 2}, 1, 2.50, "Silicon Investor 14932750: 10,000 shares at 2 sold short need 25,000"},
        {{.price = 4}, 2, 4, "FINRA 4210(c)(2): 100 % is more than 50 %"},
        {{.price = 100, .leverage = 2}, 50, 60, "FINRA Regulatory Notice 09-53: 50 % long, 60 % short"},
        {{.price = 100, .leverage = 3}, 75, 90, "FINRA Regulatory Notice 09-53: 75 % long, 90 % short"},
        {{.price = 100, .leverage = -3}, 75, 90, "FINRA Regulatory Notice 09-53, inverse"},
        {{.price = 100, .marginable = false}, 100, 100, "12 CFR 220.12(e); FINRA 4210(c)(6)"},
    };
    for (const Row& row : rows) {
        INFO("price " << row.share.price << ", leverage " << row.share.leverage << ": " << row.source);
        CHECK(long_initial(row.share, rates).per_unit(row.share.price) == about(row.long_side));
        CHECK(short_initial(row.share, rates).per_unit(row.share.price) == about(row.short_side));
    }
}

TEST_CASE("initial requirement: cites the paragraph that sets it", "[stock][property]") {
    CHECK(to_string(long_initial({.price = 100}, rates).citation) == "12 CFR 220.12(a)");
    CHECK(to_string(long_initial({.price = 100, .marginable = false}, rates).citation) == "12 CFR 220.12(e)");
    CHECK(to_string(long_initial({.price = 100, .leverage = 3}, rates).citation) == "FINRA 4210(b)");
    CHECK(to_string(short_initial({.price = 100}, rates).citation) == "12 CFR 220.12(c)(1)");
    CHECK(to_string(short_initial({.price = 2}, rates).citation) == "FINRA 4210(b)");
}

TEST_CASE("initial requirement: against the box Regulation T asks for nothing, so maintenance sets it",
          "[stock][cited]") {
    const SecurityTerms boxed = boxed_initial({.price = 40}, rates); // 12 CFR 220.4(b)(2); FINRA 4210(e)(1): 5 %
    CHECK(boxed.per_unit(40) == about(2));
    CHECK(to_string(boxed.citation) == "FINRA 4210(b)");
}

TEST_CASE("initial requirement: never below maintenance, and as the reference says", "[stock][oracle]") {
    constexpr std::array factors = {1.0, 2.0, 3.0, -1.0, -3.0, 0.5};
    Random random(220);
    for (int i = 0; i < 5000; ++i) {
        const double price = random_price(random);
        const double leverage = random.one_of(factors);
        const SecurityFacts share{.price = price, .leverage = leverage, .marginable = !random.chance(0.2)};
        const double s = share.price;
        CAPTURE(s, share.leverage, share.marginable);
        CHECK(long_initial(share, rates).per_unit(s) >= long_maintenance(share, rates).per_unit(s));
        CHECK(short_initial(share, rates).per_unit(s) >= short_maintenance(share, rates).per_unit(s));
        CHECK(long_initial(share, rates).per_unit(s) == about(reference::long_initial(share)));
        CHECK(short_initial(share, rates).per_unit(s) == about(reference::short_initial(share)));
    }
}
