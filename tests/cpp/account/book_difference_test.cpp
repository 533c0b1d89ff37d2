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
#include "two_books.hpp"

using namespace margincore;
using namespace two_books;

TEST_CASE("book difference: the demo account of the workshop after the fall of NVDA", "[account][cited]") {
    // 500 NVDA from 400 to 336: 32,000 lost, the requirement 25 % of that lower.
    const SampleBook before = one_account(50'000, {{"NVDA", 500}});
    const TwoBooks two(before, {}, at_price(before, "NVDA", 336), {});
    REQUIRE(two.difference.accounts.size() == 1);
    const FigureChanges& change = two.difference.accounts[0].change.value();
    CHECK(change.net_liquidation == about(-32'000));
    CHECK(change.maintenance == about(-8'000));
    CHECK(change.initial == about(-16'000));
    CHECK(change.excess_total == about(-24'000));
    REQUIRE(two.difference.attribution.size() == 1);
    check_part(two.part(0, Cause::price, "NVDA"), -32'000, -8'000);
}

TEST_CASE("book difference: a purchase is at the price before, the move at the quantity after", "[account][cited]") {
    // 100 AAPL bought at 180 for 18,000, marked from 175 to 190; 50 MSFT at 380 closed for 19,000.
    const SampleBook before = one_account(10'000, {{"AAPL", 200}, {"MSFT", 50}});
    const TwoBooks two(before, {}, at_price(one_account(11'000, {{"AAPL", 300}}), "AAPL", 190), {});
    check_part(two.part(0, Cause::cash), 1'000, 0);
    check_part(two.part(0, Cause::position, "AAPL"), 17'500, 4'375);
    check_part(two.part(0, Cause::position, "MSFT"), -19'000, -4'750);
    check_part(two.part(0, Cause::price, "AAPL"), 4'500, 1'125);
    CHECK(two.difference.attribution.size() == 4);
    CHECK(two.difference.accounts[0].change->net_liquidation == about(4'000));
}

TEST_CASE("book difference: terms and rules have parts of their own", "[account][cited]") {
    SampleBook before = one_account(0, {{"AAPL", 100}, {"KO", -100}});
    SampleBook after = workshop_universe(); // in which AAPL carries no loan value: 100 %, FINRA 4210(c)(5)
    after.instruments = {};
    for (Instrument what : before.instruments) {
        what.marginable = what.symbol != "AAPL";
        after.instruments.add(what, "instruments");
    }
    after.account(0).hold("AAPL", 100).hold("KO", -100);
    Policy strict;
    strict.rulebook.stock.maintenance.short_stock = 0.40;
    const TwoBooks two(before, {}, after, strict);
    check_part(two.part(0, Cause::terms, "AAPL"), 0, 17'500 * 0.75);
    check_part(two.part(0, Cause::rule, "KO"), 0, 6'000 * 0.10);
    CHECK(two.difference.attribution.size() == 2);
}

TEST_CASE("book difference: a Treasury that came closer to maturity is of other terms", "[account][cited]") {
    // FINRA 4210(e)(2)(A): 2 % from a year to maturity on, 1 % below.
    const auto on = [](const char* date) {
        SampleBook book;
        Instrument note{.symbol = "NOTE", .kind = Kind::treasury};
        note.bond = {.maturity = parse_date("2027-12-01", "maturity"), .coupon = 0.03};
        book.market.valuation_date = parse_date(date, "date");
        book.quote(note, {.price = 99}).account(0).hold("NOTE", 10);
        return book;
    };
    const TwoBooks two(on("2026-11-20"), {}, on("2026-12-10"), {});
    check_part(two.part(0, Cause::terms, "NOTE"), 0, -0.01 * 9'900);
}

TEST_CASE("book difference: the policy of the house and what it charges are apart", "[account][cited]") {
    // Concentration: 10 % of what is above 30 % of gross value. 500 NVDA of nothing else: 20,000; at 440, 22,000.
    const SampleBook before = one_account(50'000, {{"NVDA", 500}});
    Policy concentrated;
    concentrated.add_ons = {Concentration{}};
    const TwoBooks moved(before, concentrated, at_price(before, "NVDA", 440), concentrated);
    check_part(moved.part(0, Cause::house, "NVDA"), 0, 2'000);
    check_part(moved.part(0, Cause::price, "NVDA"), 20'000, 5'000);
    const TwoBooks new_policy(before, {}, before, concentrated);
    check_part(new_policy.part(0, Cause::rule, "NVDA"), 0, 20'000);
    CHECK(new_policy.difference.attribution.size() == 1);
    const TwoBooks both(before, concentrated, at_price(before, "NVDA", 440), {});
    check_part(both.part(0, Cause::house, "NVDA"), 0, 2'000);
    check_part(both.part(0, Cause::rule, "NVDA"), 0, -22'000);
}

TEST_CASE("book difference: what a holding is charged has its symbol, what the account is charged has none",
          "[account][cited]") {
    // Workshop, exercise 1: 10 % of a holding above 30 % of gross value. 300 NVDA of 400 beside 250 JPM of 160 are 75 %
    // and 25 %; 150 NVDA sold, 60 % and 40 %: JPM, which did not change, is charged now. Beta leverage, 5 % of gross
    // value above 2, is 256,000 / 40,000 before and 148,000 / 40,000 after.
    const auto held = [](Quantity quantity, Money cash) {
        SampleBook book = at_price(workshop_universe(), "JPM", 160);
        book.account(cash).hold("NVDA", quantity).hold("JPM", 250);
        return book;
    };
    Policy charging;
    charging.add_ons = {Concentration{}, BetaLeverage{}};
    const TwoBooks sold(held(300, -120'000), charging, held(150, -60'000), charging);
    check_part(sold.part(0, Cause::house, "NVDA"), 0, 6'000 - 12'000);
    check_part(sold.part(0, Cause::house, "JPM"), 0, 4'000);
    check_part(sold.part(0, Cause::house), 0, 5'000 - 8'000);
    const TwoBooks new_policy(held(150, -60'000), {}, held(150, -60'000), charging);
    check_part(new_policy.part(0, Cause::rule, "NVDA"), 0, 6'000);
    check_part(new_policy.part(0, Cause::rule, "JPM"), 0, 4'000);
    check_part(new_policy.part(0, Cause::rule), 0, 5'000);
    CHECK(new_policy.difference.attribution.size() == 3);
}

TEST_CASE("book difference: a house rate gives back what the rulebook takes", "[account][cited]") {
    // House rates top up to 40 % of the value: at 25 % by the rulebook 15 % is charged, at 35 % 5 %. Nothing changed.
    const SampleBook book = one_account(0, {{"KO", 100}});
    Policy before;
    before.base_rates = {.long_rate = 0.40};
    Policy after = before;
    after.rulebook.stock.maintenance.long_stock = 0.35;
    const TwoBooks two(book, before, book, after);
    check_part(two.part(0, Cause::rule, "KO"), 0, 0);
    CHECK(two.difference.accounts[0].change->maintenance == about(600));
    CHECK(two.difference.accounts[0].change->add_ons == about(-600));
}

TEST_CASE("book difference: a policy that cannot be applied to the facts after leaves its charges to the rules",
          "[account][regression]") {
    Policy charging;
    charging.add_ons = {VolatilityBand{}};
    const SampleBook before = one_account(0, {{"NVDA", 100}, {"TSLA", 100}}); // 0.40 is not above 40 %: 5 % of TSLA
    SampleBook after = before;
    after.market.quotes[static_cast<std::size_t>(before.instruments.find("TSLA").value())].volatility.reset();
    const TwoBooks two(before, charging, after, {});
    check_part(two.part(0, Cause::rule, "TSLA"), 0, -1'000);
    CHECK(two.difference.attribution.size() == 1);
}

TEST_CASE("book difference: an offset that goes is caused by no single position", "[account][cited]") {
    // FINRA 4210(e)(1), as in the totals: 1,100 together; apart 2,200 for the bonds and 3,000 for the short.
    const auto held = [](Money cash, Quantity bonds) {
        SampleBook book;
        book.quote("X", 50, 1.0);
        book.quote({.symbol = "CONV", .kind = Kind::convertible, .conversion = Conversion{.into = "X", .ratio = 20}},
                   {.price = 110, .beta = 0.5});
        book.account(cash).hold("X", -200);
        if (bonds > 0) {
            book.hold("CONV", bonds);
        }
        return book;
    };
    const TwoBooks two(held(20'000, 10), {}, held(31'000, 0), {});
    const Money alone = held(0, 10).totals().by_underlying[1].maintenance;
    check_part(two.part(0, Cause::position, "CONV"), -11'000, -alone);
    check_part(two.part(0, Cause::offset), 0, 3'000 + alone - 1'100);
    CHECK(two.difference.accounts[0].change->maintenance == about(3'000 - 1'100));
}

TEST_CASE("book difference: accounts that are new, gone or failed are listed", "[account][property]") {
    const auto book_of = [](const std::vector<std::pair<std::int64_t, std::string>>& accounts) {
        SampleBook book = workshop_universe();
        book.quote({.symbol = "DARK"}, Quote{});
        for (const auto& [id, symbol] : accounts) {
            book.account(1'000).hold(symbol, 10);
            book.ids.back() = id;
        }
        return book;
    };
    const TwoBooks two(book_of({{1, "KO"}, {2, "KO"}, {3, "DARK"}, {4, "KO"}, {5, "DARK"}, {6, "KO"}, {7, "DARK"}}), {},
                       book_of({{8, "KO"}, {4, "DARK"}, {2, "KO"}, {3, "KO"}, {5, "DARK"}, {9, "DARK"}, {6, "JPM"}}),
                       {});
    using Change = AccountChange;
    const std::vector<AccountChange>& found = two.difference.accounts;
    REQUIRE(found.size() == 8);
    CHECK(found[0] == Change{.status = AccountStatus::failed_after, .before = 3, .after = 1});
    CHECK(found[1] == Change{.status = AccountStatus::failed_before, .before = 2, .after = 3});
    CHECK(found[2] == Change{.status = AccountStatus::failed, .before = 4, .after = 4});
    CHECK(found[3].status == AccountStatus::changed);
    CHECK(found[3].change->net_liquidation == about(900));
    CHECK(found[4].status == AccountStatus::removed);
    CHECK(found[4].before == 0U);
    CHECK(found[4].change->net_liquidation == about(-1'600));
    CHECK(found[4].change->excess_total == about(-1'450));
    CHECK(found[5] == Change{.status = AccountStatus::removed, .before = 6}); // and had failed
    CHECK(found[6].status == AccountStatus::added);
    CHECK(found[6].after == 0U);
    CHECK(found[6].change->maintenance == about(150));
    CHECK(found[7] == Change{.status = AccountStatus::added, .after = 5});
    check_part(two.part(3, Cause::position, "JPM"), 1'500, 375);
    check_part(two.part(3, Cause::position, "KO"), -600, -150);
    CHECK(two.difference.attribution.size() == 2);
}

TEST_CASE("book difference: the same book in another order does not differ", "[account][property]") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const SampleBook before = random_book(seed, 30);
        SampleBook after;
        after.market = {.valuation_date = before.market.valuation_date};
        for (std::size_t i = before.instruments.size(); i > 0; --i) {
            const auto row = static_cast<InstrumentIndex>(i - 1);
            after.quote(before.instruments[row], before.market[row]);
        }
        for (std::size_t i = before.cash.size(); i > 0; --i) {
            const AccountView account = before.source().book[i - 1];
            after.account(account.cash);
            after.ids.back() = before.ids[i - 1];
            for (std::size_t j = 0; j < account.size(); ++j) { // from another position on
                const std::size_t k = (j + i) % account.size();
                after.hold(before.instruments[account.instrument[k]].symbol, account.quantity[k], account.boxed[k]);
            }
        }
        const TwoBooks two(before, charging_policy(), after, charging_policy());
        CHECK(two.difference.attribution.empty());
        for (const AccountChange& account : two.difference.accounts) {
            CHECK(account.status == AccountStatus::failed);
        }
        CHECK(TwoBooks(before, {}, before, {}).difference.attribution.empty());
    }
}

TEST_CASE("book difference: parts add up to the change of every account, whatever changed", "[account][property]") {
    std::size_t of_cause[7] = {};
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        const SampleBook before = random_book(seed, 25);
        const SampleBook after = random_next_day(before, seed);
        const std::vector<Policy> policies = {{}, charging_policy(), tightened_policy()};
        const Policy& policy_before = policies[seed % 3];
        const Policy& policy_after = policies[seed / 3 % 3];
        const TwoBooks two(before, policy_before, after, policy_after);
        const bool is_same_rulebook = policy_before.rulebook == policy_after.rulebook;
        INFO("seed " << seed);

        std::vector<FigureChanges> sums(two.difference.accounts.size());
        for (const Attribution& row : two.difference.attribution) {
            REQUIRE(row.account < sums.size());
            CHECK(std::isfinite(row.net_liquidation));
            CHECK(row.excess_total == about(row.equity - row.total));
            sums[row.account].net_liquidation += row.net_liquidation;
            sums[row.account].equity += row.equity;
            sums[row.account].total += row.total;
            sums[row.account].excess_total += row.excess_total;
            ++of_cause[static_cast<std::size_t>(row.cause)];
        }
        Money firm = 0;
        bool failed = false;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const AccountChange& account = two.difference.accounts[i];
            failed = failed || !account.change;
            firm += account.change ? account.change->excess_total : 0.0;
            if (account.status == AccountStatus::changed) {
                const FigureChanges& change = account.change.value();
                const double cent = 0.005;
                CHECK(std::abs(sums[i].net_liquidation - change.net_liquidation) < cent);
                CHECK(std::abs(sums[i].equity - change.equity) < cent);
                CHECK(std::abs(sums[i].total - change.total) < cent);
                CHECK(std::abs(sums[i].excess_total - change.excess_total) < cent);
                check_holdings(two, i, asked_of(before, account.before.value(), policy_before),
                               asked_of(after, account.after.value(), policy_after), is_same_rulebook);
            }
        }
        // Firm totals before and after differ by the changes; an account that failed on one side is in one total only.
        if (!failed) {
            const FirmTotals totals_before = before.totals(policy_before).firm;
            const FirmTotals totals_after = after.totals(policy_after).firm;
            CHECK(std::abs(totals_after.excess.total - totals_before.excess.total - firm) < 0.01);
        }
    }
    for (const std::size_t rows : of_cause) {
        CHECK(rows > 50); // every cause was met
    }
}

TEST_CASE("book difference: accounts that differ in nothing are not in it", "[account][property]") {
    const SampleBook before = random_book(3, 2000);
    SampleBook after = before;
    after.cash[1234] += 1;
    after.quantity[static_cast<std::size_t>(after.offsets[77])] += 1;
    const TwoBooks two(before, charging_policy(), after, charging_policy());
    std::vector<std::size_t> changed;
    for (const AccountChange& account : two.difference.accounts) {
        if (account.status == AccountStatus::changed) {
            changed.push_back(account.after.value());
        }
    }
    CHECK(changed == std::vector<std::size_t>{77, 1234});
}

TEST_CASE("book difference: any number of threads gives the same to the bit", "[account][property]") {
    const SampleBook before = random_book(11, 9000);
    const SampleBook after = random_next_day(before, 11);
    const BookDifference one = TwoBooks(before, charging_policy(), after, tightened_policy(), 1).difference;
    const BookDifference four = TwoBooks(before, charging_policy(), after, tightened_policy(), 4).difference;
    CHECK(one.accounts == four.accounts);
    CHECK(one.attribution == four.attribution);
    CHECK(one.symbols == four.symbols);
    CHECK(one.accounts.size() > 4096);
}

TEST_CASE("book difference: empty books", "[account][property]") {
    const SampleBook nothing;
    const SampleBook book = workshop_book();
    CHECK(TwoBooks(nothing, {}, nothing, {}).difference.accounts.empty());
    CHECK(TwoBooks(nothing, {}, book, {}).difference.accounts.size() == 5);
    CHECK(TwoBooks(book, {}, nothing, {}).difference.accounts.size() == 5);
    CHECK(TwoBooks(book, {}, nothing, {}).difference.attribution.empty());
}

TEST_CASE("book difference: what does not match is refused", "[account][cited]") {
    const SampleBook book = workshop_book();
    const MarketRows market = book.rows();
    const Policy policy;
    const BookEvaluation evaluation = book.evaluate();
    const BookInMemory source = book.source();
    const BookRun run{source, market, policy, evaluation};
    const std::vector<std::size_t> twice{0, 0};
    const std::vector<std::size_t> two{0, 1};
    const std::vector<std::size_t> beyond{0, 5};
    CHECK_THROWS_AS(book_difference(run, run, {twice, two}), InvalidInput);
    CHECK_THROWS_AS(book_difference(run, run, {two, beyond}), InvalidInput);
    CHECK_THROWS_AS(book_difference(run, run, {two, {}}), InvalidInput);
    const BookEvaluation none;
    CHECK_THROWS_AS(book_difference(BookRun{source, market, policy, none}, run, {two, two}), InvalidInput);
    const std::vector<std::int64_t> ids{4, 4};
    CHECK_THROWS_AS(match_accounts(ids, book.ids), InvalidInput);
}
