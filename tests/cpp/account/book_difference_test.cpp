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

using namespace margincore;

namespace {

/// Two runs and their difference, accounts matched by id.
struct TwoBooks {
    MarketRows market_before;
    MarketRows market_after;
    BookEvaluation before;
    BookEvaluation after;
    BookDifference difference;

    TwoBooks(const SampleBook& book_before, const Policy& policy_before, const SampleBook& book_after,
             const Policy& policy_after, unsigned threads = 1)
        : market_before(book_before.rows(policy_before)), market_after(book_after.rows(policy_after)),
          before(book_before.evaluate(policy_before)), after(book_after.evaluate(policy_after)),
          difference(compare(book_before, policy_before, book_after, policy_after, threads)) {}

    [[nodiscard]] BookDifference compare(const SampleBook& book_before, const Policy& policy_before,
                                         const SampleBook& book_after, const Policy& policy_after,
                                         unsigned threads) const {
        const BookInMemory source_before = book_before.source();
        const BookInMemory source_after = book_after.source();
        const MatchedAccounts matched = match_accounts(book_before.ids, book_after.ids);
        return book_difference(BookRun{source_before, market_before, policy_before, before},
                               BookRun{source_after, market_after, policy_after, after}, matched.match(), threads);
    }

    /// The part of an account by a cause and an instrument.
    [[nodiscard]] Attribution part(std::size_t account, Cause cause, const std::string& symbol = "") const {
        for (const Attribution& row : difference.attribution) {
            const bool is_named = row.instrument == no_instrument
                                      ? symbol.empty()
                                      : difference.symbols[static_cast<std::size_t>(row.instrument)] == symbol;
            if (row.account == account && row.cause == cause && is_named) {
                return row;
            }
        }
        return {};
    }
};

/// One account of stock before and after.
SampleBook one_account(Money cash, std::vector<std::pair<std::string, Quantity>> held) {
    SampleBook book = workshop_universe();
    book.account(cash);
    for (const auto& [symbol, quantity] : held) {
        book.hold(symbol, quantity);
    }
    return book;
}

SampleBook at_price(const SampleBook& book, const std::string& symbol, Price price) {
    SampleBook moved = book;
    moved.market.quotes[static_cast<std::size_t>(book.instruments.find(symbol).value())].price = price;
    return moved;
}

void check_part(const Attribution& part, Money net_liquidation, Money total) {
    CHECK(part.net_liquidation == about(net_liquidation));
    CHECK(part.equity == about(net_liquidation));
    CHECK(part.total == about(total));
    CHECK(part.excess_total == about(net_liquidation - total));
}

/// What an account is asked for, by symbol: of each position by itself, and in the lines of the house's charges on it.
struct Asked {
    std::map<std::string, Money> alone{};
    std::map<std::string, Money> charged{}; ///< Under no symbol, what is charged for the account.
};

/// By the lines of the account, and from accounts of one position each under the rules alone.
Asked asked_of(const SampleBook& book, std::size_t row, const Policy& policy) {
    const AccountView account = book.source().book[row];
    const MarketRows market = book.rows(policy);
    Policy rules;
    rules.rulebook = policy.rulebook;
    Asked asked{};
    const auto symbol = [&](std::size_t position) { return book.instruments[account.instrument[position]].symbol; };
    for (std::size_t i = 0; i < account.size(); ++i) {
        const AccountView one{.instrument = account.instrument.subspan(i, 1),
                              .quantity = account.quantity.subspan(i, 1),
                              .boxed = account.boxed.subspan(i, 1)};
        asked.alone[symbol(i)] = evaluate(one, market, rules).requirement.maintenance;
    }
    LineCollector sink;
    static_cast<void>(evaluate(account, market, policy, sink));
    for (const Line& line : sink.lines) {
        if (line.add_on > 0) {
            const bool is_of_account = line.rule == Industry::id || line.rule == BetaLeverage::id;
            asked.charged[is_of_account ? "" : symbol(line.legs.front().position)] += line.add_on;
        }
    }
    return asked;
}

/// Checks what is attributed to each holding of an account against what is asked for it before and after.
void check_holdings(const TwoBooks& two, std::size_t account, const Asked& before, const Asked& after,
                    bool is_same_rulebook) {
    std::map<std::string, Money> of_house; // and of its policy, with which the rulebook goes
    std::map<std::string, Money> of_all;
    for (const Attribution& row : two.difference.attribution) {
        if (row.account == account) {
            const std::string symbol =
                row.instrument == no_instrument ? "" : two.difference.symbols[static_cast<std::size_t>(row.instrument)];
            of_all[symbol] += row.total;
            of_house[symbol] += row.cause == Cause::house || row.cause == Cause::rule ? row.total : 0.0;
        }
    }
    std::map<std::string, Money> asked{{"", 0.0}};
    std::map<std::string, Money> charged{{"", 0.0}};
    for (const auto& [side, sign] : {std::pair(&before, -1.0), std::pair(&after, 1.0)}) {
        for (const auto& [symbol, amount] : side->alone) {
            asked[symbol] += sign * amount;
            charged[symbol]; // whatever is held
        }
        for (const auto& [symbol, amount] : side->charged) {
            asked[symbol] += sign * amount;
            charged[symbol] += sign * amount;
        }
    }
    const double cent = 0.005;
    for (const auto& [symbol, amount] : asked) {
        INFO("account " << account << ", symbol " << symbol);
        if (!symbol.empty()) { // the account as a whole also has its offsets
            CHECK(std::abs(of_all[symbol] - amount) < cent);
        }
        if (is_same_rulebook || symbol.empty()) {
            CHECK(std::abs(of_house[symbol] - charged[symbol]) < cent);
        }
    }
    for (const auto& [symbol, amount] : of_all) {
        CHECK(asked.contains(symbol)); // nothing is attributed to what is not held
    }
}

} // namespace

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
