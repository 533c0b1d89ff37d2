// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <random>
#include <string_view>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/rulebook.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr Right call = Right::call;
constexpr Right put = Right::put;
constexpr int january = 56; // days to expiry
constexpr int february = 91;
constexpr Money cent = 0.005;

[[nodiscard]] Policy under(std::string_view rulebook) { return {.rulebook = find_rulebook(rulebook, "rulebook")}; }

[[nodiscard]] Money maintenance(const OptionAccount& account, std::string_view rulebook) {
    return account.evaluate(under(rulebook)).requirement.maintenance;
}

/// Options on a stock at 100, of some series, strikes 70 to 130.
[[nodiscard]] OptionAccount random_account(std::mt19937& random, int series, bool has_two_dates = true) {
    const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
    OptionAccount account(100);
    for (int i = 0; i < series; ++i) {
        const int contracts = (below(2) == 0 ? -1 : 1) * (1 + below(9));
        account.hold(contracts, below(2) == 0 ? call : put, 70 + 2.5 * i,
                     has_two_dates && below(2) == 0 ? february : january, 0.01 * (1 + below(2000)));
    }
    return account;
}

} // namespace

TEST_CASE("profiles: an unequal iron condor is its wider side, or two spreads", "[account][cited]") {
    // IBKR Knowledge Base, node 600: with unequal wings the two spreads, 5 and 10; FINRA 4210(f)(2)(H)(i): the wider.
    OptionAccount account(500);
    account.hold(-1, put, 450, january, 3.50).hold(1, put, 445, january, 2.80);
    account.hold(-1, call, 550, january, 3.60).hold(1, call, 560, january, 2.50);
    for (const std::string_view wider : {"exchange", "named-strategies", "tastytrade-like"}) {
        CHECK(maintenance(account, wider) == about(1'000, 1e-12));
    }
    CHECK(maintenance(account, "ibkr-like") == about(1'500, 1e-12));
}

TEST_CASE("profiles: a named spread has at most four options, and more than two only of one expiry", "[account]") {
    // Bought 100/110 brings 10 wherever the written ones, of 5 together at most 10, lose: nothing as one spread. By
    // name a condor takes one of them, and the other loses its 5.
    OptionAccount six(150);
    six.hold(1, call, 100, january, 51.00).hold(-1, call, 110, january, 41.50);
    six.hold(-1, call, 190, january, 1.20).hold(1, call, 195, january, 0.80);
    six.hold(-1, call, 200, january, 0.60).hold(1, call, 205, january, 0.40);
    CHECK(maintenance(six, "exchange") == 0.0);
    CHECK(maintenance(six, "named-strategies") == about(500, 1e-12));
    // The same with longs that expire later is two diagonals by name.
    OptionAccount diagonals(150);
    diagonals.hold(1, call, 100, february, 52.00).hold(-1, call, 110, january, 41.50);
    diagonals.hold(-1, call, 190, january, 1.20).hold(1, call, 200, february, 1.00);
    CHECK(maintenance(diagonals, "exchange") == 0.0);
    CHECK(maintenance(diagonals, "named-strategies") == about(1'000, 1e-12));
}

TEST_CASE("profiles: a fund on a broad index is at 20 percent under ibkr-like", "[account]") {
    // 1.00 + (15 or 20) - 5 out of the money
    OptionAccount account(100, Kind::broad_index_etf);
    account.hold(-1, put, 95, january, 1.00);
    CHECK(maintenance(account, "exchange") == about(1'100, 1e-12));
    CHECK(maintenance(account, "tastytrade-like") == about(1'100, 1e-12));
    CHECK(maintenance(account, "ibkr-like") == about(1'600, 1e-12));
}

TEST_CASE("profiles: a broad index settled in cash is at 25 and 15 percent under tastytrade-like", "[account]") {
    // 1.00 + 25 - 5; far out of the money 15 % of the strike of a put, of the price for a call
    OptionAccount near(100, Kind::broad_index);
    near.style = ExerciseStyle::european;
    near.hold(-1, put, 95, january, 1.00);
    CHECK(maintenance(near, "tastytrade-like") == about(2'100, 1e-12));
    OptionAccount far(100, Kind::broad_index);
    far.style = ExerciseStyle::european;
    far.hold(-1, put, 60, january, 0.10);
    CHECK(maintenance(far, "tastytrade-like") == about(910, 1e-12));
    CHECK(maintenance(far, "exchange") == about(610, 1e-12));
}

TEST_CASE("profiles: no calendar on an index settled in cash under tastytrade-like", "[account]") {
    // A long calendar loses nothing; without relief the short is naked: 3.00 + 25.
    OptionAccount index(100, Kind::broad_index);
    index.style = ExerciseStyle::european;
    index.hold(1, call, 100, february, 5.00).hold(-1, call, 100, january, 3.00);
    CHECK(maintenance(index, "named-strategies") == 0.0);
    CHECK(maintenance(index, "tastytrade-like") == about(2'800, 1e-12));
    OptionAccount stock(100);
    stock.hold(1, call, 100, february, 5.00).hold(-1, call, 100, january, 3.00);
    CHECK(maintenance(stock, "tastytrade-like") == 0.0);
}

TEST_CASE("profiles: stock under a call in the money is charged on its price under ibkr-like", "[account]") {
    // 25 % of 120 or of the strike 100, on 100 shares
    OptionAccount account(120);
    account.hold_stock(100).hold(-1, call, 100, january, 21.00);
    CHECK(maintenance(account, "named-strategies") == about(2'500, 1e-12));
    CHECK(maintenance(account, "ibkr-like") == about(3'000, 1e-12));
}

TEST_CASE("profiles: minis and standard contracts are one named spread by their units", "[account]") {
    OptionAccount account(100);
    account.hold(-1, call, 105, january, 2.00).hold(10, call, 110, january, 1.00, 10);
    CHECK(maintenance(account, "named-strategies") == about(500, 1e-12));
}

TEST_CASE("profiles: surplus longs inside a spread lessen it where the switch allows them", "[account]") {
    // A written butterfly of calls loses 5 at its body and nothing beyond its wings; a long put at the upper wing, for
    // which no put is short, is worth 5 there.
    Policy surplus;
    surplus.rulebook.spread.balance = SpreadBalance::long_surplus;
    OptionAccount calls(95);
    calls.hold(-1, call, 90, january, 6.00).hold(2, call, 95, january, 3.00).hold(-1, call, 100, january, 1.00);
    calls.hold(1, put, 100, january, 6.00);
    CHECK(calls.maintenance() == about(500, 1e-12));
    CHECK(calls.evaluate(surplus).requirement.maintenance == 0.0);
    OptionAccount puts(95); // the same from the other side
    puts.hold(-1, put, 90, january, 1.00).hold(2, put, 95, january, 3.00).hold(-1, put, 100, january, 6.00);
    puts.hold(1, call, 90, january, 6.00);
    CHECK(puts.maintenance() == about(500, 1e-12));
    CHECK(puts.evaluate(surplus).requirement.maintenance == 0.0);
    OptionAccount minis(
        100); // fifteen minis of 10 written, two contracts of 100 bought: no whole contract is left over
    minis.hold(-15, call, 100, january, 5.00, 10).hold(2, call, 105, january, 3.00);
    CHECK(minis.maintenance() == about(500 + 5 * (5.00 + 20) * 10, 1e-12));
    CHECK(minis.evaluate(surplus).requirement.maintenance == about(15 * 50, 1e-12));
}

TEST_CASE("profiles: more freedom never costs more at the same rates", "[account][property]") {
    std::mt19937 random(20'261'127); // NOLINT: fixed on purpose
    Policy surplus = under("exchange");
    surplus.rulebook.spread.balance = SpreadBalance::long_surplus;
    Policy equal_wings = under("named-strategies");
    equal_wings.rulebook.spread.unequal_iron_wings = false;
    for (int round = 0; round < 300; ++round) {
        const OptionAccount account = random_account(random, 2 + round % 11);
        const Money free = account.evaluate(surplus).net_requirement();
        const Money of_exchange = account.evaluate(under("exchange")).net_requirement();
        const Money named = account.evaluate(under("named-strategies")).net_requirement();
        const Money iron = account.evaluate(equal_wings).net_requirement();
        Policy alone = under("exchange");
        alone.pairing = PairingMode::designated;
        const Money naked = account.evaluate(alone).net_requirement();
        CHECK(free <= of_exchange + cent);
        CHECK(of_exchange <= named + cent);
        CHECK(named <= iron + cent);
        CHECK(iron <= naked + cent);
    }
}

// How often one node is too few, a compiler's rounding decides; the next test has books with a gap.
TEST_CASE("profiles: where the search ends early the bound holds", "[account][property]") {
    std::mt19937 random(20'261'130); // NOLINT: fixed on purpose
    for (int round = 0; round < 100; ++round) {
        const OptionAccount account = random_account(random, 24, false);
        for (const std::string_view rulebook : {"named-strategies", "ibkr-like"}) {
            const Money least = account.evaluate(under(rulebook)).net_requirement();
            Policy one_node = under(rulebook);
            one_node.node_limit = 1;
            const Evaluation early = account.evaluate(one_node);
            CHECK(early.net_requirement() >= least - cent);
            CHECK(early.net_requirement() - early.pairing_gap <= least + cent);
        }
    }
}

TEST_CASE("profiles: sixteen series are paired to the end, more with a proven gap", "[account][property]") {
    std::mt19937 random(20'261'128); // NOLINT: fixed on purpose
    for (int round = 0; round < 40; ++round) {
        const OptionAccount account = random_account(random, 16);
        CHECK(account.evaluate(under("named-strategies")).pairing_gap == 0.0);
    }
    // So many named spreads that not all are tried: what is proven is the exchange rule's least.
    const OptionAccount large = [&] {
        OptionAccount account(100);
        for (int i = 0; i < 60; ++i) {
            account.hold(i % 2 == 0 ? -(1 + i % 7) : 1 + i % 5, call, 60 + i, january, 0.5 + 0.1 * i);
        }
        return account;
    }();
    const Evaluation named = large.evaluate(under("named-strategies"));
    const Evaluation of_exchange = large.evaluate(under("exchange"));
    CHECK(of_exchange.pairing_gap == 0.0);
    CHECK(named.net_requirement() >= of_exchange.net_requirement() - cent);
    CHECK(named.pairing_gap > 0);
    CHECK(named.net_requirement() - named.pairing_gap == about(of_exchange.net_requirement(), 1e-12));
}
