// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <margincore/account/call_prices.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

namespace {

CallPrices call_prices_of(const SampleAccount& account, std::size_t position = 0) {
    return call_prices(account.view(), position, account.rows(), account.evaluate().excess.maintenance).value();
}

double excess_at(SampleAccount account, std::size_t position, double price) {
    account.market.quotes[static_cast<std::size_t>(account.instrument[position])].price = price;
    return account.evaluate().excess.maintenance;
}

struct Row {
    std::string fact; ///< The price is the root of the tier that is named.
    double cash;
    double quantity;
    double price;
    std::optional<double> down;
    std::optional<double> up;
};

} // namespace

TEST_CASE("call prices: by hand, tier by tier", "[account][cited]") {
    // FINRA 4210(c). Long: 0.75 q p = debit. Short: credit = q (p + c(p)) with c = 2.50, p, 5.00, 0.30 p.
    const std::vector<Row> rows{
        {"long on a debit of 6,000: 6,000 / 75", -6000, 100, 100, 80.0, {}},
        {"long in deficit: the same price, above", -6000, 100, 70, {}, 80.0},
        {"long paid in full", 0, 100, 100, {}, {}},
        {"short, credit 13,000: 13,000 / 130", 13000, -100, 50, {}, 100.0},
        {"short, credit 1,500: 15 = p + 5", 1500, -100, 8, {}, 10.0},
        {"short, credit 800: 8 = 2 p", 800, -100, 3, {}, 4.0},
        {"short, credit 400: 4 = p + 2.50", 400, -100, 1, {}, 1.5},
        {"short from 3 up through every tier: 65 = 1.3 p", 6500, -100, 3, {}, 50.0},
        {"short in deficit at 50, from 50 down through 30 %: 26 = 1.3 p", 2600, -100, 50, 20.0, {}},
        {"short in deficit at 50, down to the tier of 5.00 a share", 1500, -100, 50, 10.0, {}},
        {"short in deficit at 50, down to the tier of 100 %", 800, -100, 50, 4.0, {}},
        {"short in deficit at 50, down to the tier of 2.50 a share", 300, -100, 50, 0.5, {}},
        {"short with less credit than 2.50 a share", 200, -100, 50, {}, {}},
        {"exactly at zero: the price itself does not count", -7500, 100, 100, {}, {}},
    };
    for (const Row& row : rows) {
        INFO(row.fact);
        SampleAccount account;
        account.cash = row.cash;
        account.hold("XYZ", row.quantity, row.price);
        const CallPrices prices = call_prices_of(account);
        REQUIRE(prices.down.has_value() == row.down.has_value());
        REQUIRE(prices.up.has_value() == row.up.has_value());
        if (row.down) {
            CHECK(*prices.down == about(*row.down));
        }
        if (row.up) {
            CHECK(*prices.up == about(*row.up));
        }
    }
}

TEST_CASE("call prices: of bonds, in percent of principal", "[account][cited]") {
    struct BondRow {
        std::string fact; ///< c is the maintenance of FINRA 4210(c) or (e)(2); p USD for a bond of 1,000.
        double cash;
        double quantity;
        Instrument what;
        double quote;
        std::optional<double> down;
        std::optional<double> up;
    };
    const Date in_7_years = parse_date("2034-05-15", "date");
    const Date in_10_years = parse_date("2036-11-20", "date");
    const BondTerms zero{.maturity = in_10_years, .zero_coupon = true};
    const std::vector<BondRow> rows{
        {"Treasury of 7 years, (e)(2)(A): 96 p = 90,000",
         -90000,
         100,
         {.symbol = "T", .kind = Kind::treasury, .bond = {.maturity = in_7_years, .coupon = 0.04}},
         99,
         93.75,
         {}},
        {"zero coupon of 10 years, 3 % of principal: 10 (p - 30) = 5,000",
         -5000,
         10,
         {.symbol = "T", .kind = Kind::treasury, .bond = zero},
         70,
         53.0,
         {}},
        {"the same above 600, where 5 % is more: 9.5 p = 5,890",
         -5890,
         10,
         {.symbol = "T", .kind = Kind::treasury, .bond = zero},
         70,
         62.0,
         {}},
        {"short zero coupon, floor on the way up: 10 (p + 30) = 6,000",
         6000,
         -10,
         {.symbol = "T", .kind = Kind::treasury, .bond = zero},
         50,
         {},
         57.0},
        {"bond of no investment grade, (e)(2)(C): 10 (p - 70) = 2,300",
         -2300,
         10,
         {.symbol = "B", .kind = Kind::corporate_bond, .bond = {.rating = Rating::other}},
         40,
         30.0,
         {}},
        {"short convertible, (c)(4): 13 p = 15,600",
         15600,
         -10,
         {.symbol = "C", .kind = Kind::convertible},
         100,
         {},
         120.0},
        {"short convertible, 5 % of principal: 10 (p + 50) = 2,000",
         2000,
         -10,
         {.symbol = "C", .kind = Kind::convertible},
         10,
         {},
         15.0},
        {"money market fund, (e)(2): 990 p = 891",
         -891,
         1000,
         {.symbol = "M", .kind = Kind::money_market_fund},
         1,
         0.9,
         {}},
    };
    for (const BondRow& row : rows) {
        INFO(row.fact);
        SampleAccount account;
        account.cash = row.cash;
        account.hold(row.what, {.price = row.quote}, row.quantity);
        const CallPrices prices = call_prices_of(account);
        CHECK(prices.down.value_or(0) == about(row.down.value_or(0)));
        CHECK(prices.up.value_or(0) == about(row.up.value_or(0)));
    }
}

TEST_CASE("call prices: left out where they depend on a coupon that nobody said", "[account][regression]") {
    // They were computed as if the Treasury paid one. Of 10 years at 700: 9.5 p = 5,000 with a coupon, and without
    // 10 (p - 30) = 5,000. At a debit of 6,000 both are 9.5 p = 6,000, above 600, where 5 % is more than 3 % of
    // principal.
    SampleAccount account;
    account.cash = -5000;
    account.hold({.symbol = "T", .kind = Kind::treasury, .bond = {.maturity = parse_date("2036-11-20", "date")}},
                 {.price = 70}, 10);
    const Report report = account.report({}, false);
    CHECK(report.requirement.maintenance == about(350));
    CHECK(report.call_prices.empty());
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].where == "market.instruments.T.zero_coupon");
    account.cash = -6000;
    CHECK(account.report({}, false).warnings.empty());
    CHECK(call_prices_of(account).down.value() == about(600 / 9.5));
}

TEST_CASE("call prices: stock without loan value never moves the excess", "[account][property]") {
    SampleAccount account;
    account.cash = 1000;
    account.hold({.symbol = "XYZ", .marginable = false}, {.price = 10}, 100);
    CHECK(call_prices_of(account) == CallPrices{});
}

TEST_CASE("call prices: a boxed position loses by 5 % of its price", "[account][property]") {
    SampleAccount account; // credit 1,500 less 5 % of 100 p: zero at 300
    account.cash = 1500;
    account.hold({.symbol = "BOTH"}, {.price = 20}, 0, 100);
    CHECK(call_prices_of(account).up.value() == about(300));
    CHECK_FALSE(call_prices_of(account).down);
}

TEST_CASE("call prices: evaluated there the excess is zero, and nowhere nearer", "[account][oracle]") {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 250; ++seed) {
        const SampleAccount account = random_account(seed, 5);
        INFO("seed " << seed << ", " << account.text());
        const MarketRows market = account.rows();
        const std::vector<ConversionPair> pairs = detail::pairs_of(account.view(), market);
        for (std::size_t i = 0; i < account.instrument.size(); ++i) {
            if (std::ranges::any_of(pairs, [&](const ConversionPair& pair) {
                    return pair.long_position == i || pair.short_position == i;
                })) {
                continue;
            }
            const double now = account.market[account.instrument[i]].price;
            const double excess = account.evaluate().excess.maintenance;
            const auto known = call_prices(account.view(), i, market, excess);
            if (!known) {
                continue; // a Treasury that does not say whether it pays a coupon
            }
            const CallPrices& prices = *known;
            CAPTURE(i, now, excess);
            const double farthest = prices.up.value_or(100 * (now + 10));
            if (prices.up) {
                ++found;
                CHECK(*prices.up > now);
            }
            if (prices.down) {
                ++found;
                CHECK((*prices.down > 0 && *prices.down < now));
            }
            for (const auto& price : {prices.down, prices.up}) {
                if (price) {
                    SampleAccount there = account;
                    there.market.quotes[static_cast<std::size_t>(account.instrument[i])].price = *price;
                    const Evaluation evaluation = there.evaluate();
                    CHECK(std::abs(evaluation.excess.maintenance) <
                          1e-10 * (evaluation.figures.gross_value + std::abs(account.cash)));
                }
            }
            for (const double end : {prices.down.value_or(0.0), farthest}) {
                for (int step = 0; step < 50; ++step) { // the sign does not change before the root
                    const double price = now + (end - now) * step / 50;
                    if ((excess_at(account, i, price) < 0) != (excess < 0)) {
                        FAIL_CHECK("the excess changes its sign before " << end << ", at " << price);
                        break;
                    }
                }
            }
        }
    }
    CHECK(found > 200);
}
