// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <margincore/account/book_difference.hpp>
#include <margincore/account/book_totals.hpp>

#include "about.hpp"
#include "random_book.hpp"
#include "random_option_book.hpp"
#include "two_books.hpp"

using namespace margincore;
using namespace two_books;

TEST_CASE("book difference: what an option does by itself, and what it does not paired", "[account][cited]") {
    // 1 call of 110 on X at 100, 60 days. By itself short, FINRA 4210(f)(2)(E)(i): its price and 20 % of 10,000 less
    // 1,000 out of the money; long, (D): paid in full, without value in equity. Equity disregards what is owed.
    const auto held = [](Quantity stock, Quantity calls, Price price, Price spot = 100) {
        SampleBook book;
        const Instrument call = option_on("X", Right::call, 110, parse_date("2027-01-15", "date"));
        book.quote("X", spot, 1.0).quote(call, {.price = price}).account(0);
        if (stock != 0) {
            book.hold("X", stock);
        }
        if (calls != 0) {
            book.hold(call.symbol, calls);
        }
        return book;
    };
    const std::string call = option_on("X", Right::call, 110, parse_date("2027-01-15", "date")).symbol;
    const auto check = [](const Attribution& part, Money net_liquidation, Money equity, Money total) {
        CHECK(part.net_liquidation == about(net_liquidation));
        CHECK(part.equity == about(equity));
        CHECK(part.total == about(total));
        CHECK(part.excess_total == about(equity - total));
    };
    const TwoBooks rose(held(0, -1, 5), {}, held(0, -1, 6), {});
    check(rose.part(0, Cause::price, call), -100, 0, 100);
    CHECK(rose.difference.attribution.size() == 1);
    const TwoBooks paid(held(0, 1, 5), {}, held(0, 1, 6), {});
    check(paid.part(0, Cause::price, call), 100, 0, 0);
    // X at 104: 20 % of 10,400 less 600, so 480 more; the option's own price stood still.
    const TwoBooks moved(held(0, -1, 5), {}, held(0, -1, 5, 104), {});
    check(moved.part(0, Cause::price, call), 0, 0, 480);
    CHECK(moved.difference.attribution.size() == 1);
    // Covered, (H)(iv): the call asks for nothing beside the stock, and pairing takes back the 1,500.
    const TwoBooks written(held(100, 0, 5), {}, held(100, -1, 5), {});
    check(written.part(0, Cause::position, call), -500, 0, 1'500);
    check(written.part(0, Cause::offset), 0, 0, -1'500);
    CHECK(written.difference.attribution.size() == 2);
    CHECK(written.difference.accounts[0].change->maintenance == 0);
    CHECK(written.difference.accounts[0].change->equity == about(0));
    // Another rulebook: 30 % of the underlying.
    Policy strict;
    strict.rulebook.option.short_option = 0.30;
    const TwoBooks ruled(held(0, -1, 5), {}, held(0, -1, 5), strict);
    check(ruled.part(0, Cause::rule, call), 0, 0, 1'000);
    CHECK(ruled.difference.attribution.size() == 1);
}

TEST_CASE("book difference: loan value that goes with time is of the terms, with the policy of the rules",
          "[account][cited]") {
    // FINRA 4210(f)(2)(D): 75 % with more than nine months to expiry, else paid in full and without value in equity.
    const auto on = [](const char* date) {
        SampleBook book;
        const Instrument call = option_on("X", Right::call, 100, parse_date("2027-09-01", "date"));
        book.market.valuation_date = parse_date(date, "date");
        book.quote("X", 100, 1.0).quote(call, {.price = 20}).account(0).hold(call.symbol, 1);
        return book;
    };
    const std::string call = option_on("X", Right::call, 100, parse_date("2027-09-01", "date")).symbol;
    const TwoBooks aged(on("2026-11-20"), {}, on("2026-12-10"), {});
    CHECK(aged.part(0, Cause::terms, call).equity == about(-2'000));
    CHECK(aged.part(0, Cause::terms, call).total == about(-1'500));
    CHECK(aged.difference.attribution.size() == 1);
    Policy paid_in_full;
    paid_in_full.long_option_loan_value = false;
    const TwoBooks ruled(on("2026-11-20"), {}, on("2026-11-20"), paid_in_full);
    CHECK(ruled.part(0, Cause::rule, call).equity == about(-2'000));
    CHECK(ruled.part(0, Cause::rule, call).total == about(-1'500));
    CHECK(ruled.difference.attribution.size() == 1);
}

TEST_CASE("book difference: what the house charges on options is found with what they are on", "[account][cited]") {
    // Workshop, exercise 2: 5 % above 40 %, 10 % above 60 %. Ten short puts worth 3,000 on X, of which nothing is held.
    const auto held = [](double volatility, Quantity puts) {
        SampleBook book;
        const Instrument put = option_on("X", Right::put, 90, parse_date("2027-01-15", "date"));
        book.quote("X", 100, 1.0, volatility).quote(put, {.price = 3}).account(10'000).hold(put.symbol, puts);
        return book;
    };
    Policy charging;
    charging.add_ons = {VolatilityBand{}};
    const TwoBooks moved(held(0.5, -10), charging, held(0.7, -10), charging);
    check_part(moved.part(0, Cause::house, "X"), 0, 150);
    CHECK(moved.difference.attribution.size() == 1);
    const TwoBooks new_policy(held(0.5, -10), {}, held(0.5, -10), charging);
    check_part(new_policy.part(0, Cause::rule, "X"), 0, 150);
    CHECK(new_policy.difference.attribution.size() == 1);
    const TwoBooks bought(held(0.5, -10), charging, held(0.5, -5), charging);
    check_part(bought.part(0, Cause::house, "X"), 0, -75);
}

TEST_CASE("book difference: parts add up beside options, whatever changed", "[account][property]") {
    std::size_t of_cause[7] = {};
    std::size_t changed = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const SampleBook before = random_option_book(seed, 15);
        const SampleBook after = random_next_option_day(before, seed);
        const std::vector<Policy> policies = {{}, option_charging_policy(), option_tightened_policy()};
        const TwoBooks two(before, policies[seed % 3], after, policies[seed / 3 % 3]);
        INFO("seed " << seed);
        std::vector<FigureChanges> sums(two.difference.accounts.size());
        for (const Attribution& row : two.difference.attribution) {
            CHECK(std::isfinite(row.net_liquidation));
            sums[row.account].net_liquidation += row.net_liquidation;
            sums[row.account].equity += row.equity;
            sums[row.account].total += row.total;
            sums[row.account].excess_total += row.excess_total;
            ++of_cause[static_cast<std::size_t>(row.cause)];
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const AccountChange& account = two.difference.accounts[i];
            if (account.status == AccountStatus::changed) {
                ++changed;
                const double cent = 0.005;
                CHECK(std::abs(sums[i].net_liquidation - account.change->net_liquidation) < cent);
                CHECK(std::abs(sums[i].equity - account.change->equity) < cent);
                CHECK(std::abs(sums[i].total - account.change->total) < cent);
                CHECK(std::abs(sums[i].excess_total - account.change->excess_total) < cent);
            }
        }
        const TwoBooks same(before, policies[seed % 3], before, policies[seed % 3]);
        CHECK(same.difference.accounts.empty());
    }
    CHECK(changed > 400);
    for (const std::size_t rows : of_cause) {
        CHECK(rows > 50); // every cause was met
    }
}
