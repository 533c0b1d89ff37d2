// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <map>

#include <margincore/account/charges_by_holding.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/core/error.hpp>

#include "about.hpp"
#include "random_book.hpp"

using namespace margincore;

TEST_CASE("charges by holding: beta leverage and industries belong to the account", "[account][cited]") {
    // Workshop, exercise 1: 10 % of a holding above 30 % of gross value; beta leverage, 5 % of gross value above 2.
    // 300 NVDA of 400 are 80 % of 150,000 and 200 JPM of 150 the rest; exposure is 216,000 + 30,000 over 50,000.
    SampleBook book = workshop_universe();
    book.account(-100'000).hold("JPM", 200).hold("NVDA", 300);
    Policy policy;
    policy.add_ons = {Concentration{}, BetaLeverage{}};
    const ChargesByHolding charges = charges_by_holding(book.source().book[0], book.rows(policy), policy);
    REQUIRE(charges.holdings.size() == 2);
    CHECK(charges.holdings[0] == HoldingCharge{book.instruments.find("JPM").value(), 0});
    CHECK(charges.holdings[1].underlying == book.instruments.find("NVDA"));
    CHECK(charges.holdings[1].amount == about(12'000));
    CHECK(charges.account == about(7'500));
}

TEST_CASE("charges by holding: are those of the lines, and add up to the add-ons", "[account][property]") {
    std::size_t charged = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const SampleBook book = random_book(seed, 10);
        const Policy policy = seed % 2 == 0 ? charging_policy() : tightened_policy();
        const MarketRows market = book.rows(policy);
        const BookInMemory source = book.source();
        for (std::size_t row = 0; row < book.cash.size(); ++row) {
            const AccountView account = source.book[row];
            LineCollector sink;
            Money add_ons = 0.0;
            try {
                add_ons = evaluate(account, market, policy, sink).requirement.add_ons;
            } catch (const Error&) {
                CHECK_THROWS_AS(charges_by_holding(account, market, policy), Error);
                continue;
            }
            std::map<InstrumentIndex, Money> expected;
            Money expected_of_account = 0.0;
            for (std::size_t i = 0; i < account.size(); ++i) {
                if (account.quantity[i] != 0) {
                    expected[account.instrument[i]] = 0.0;
                }
            }
            for (const Line& line : sink.lines) {
                const bool is_of_account = line.rule == Industry::id || line.rule == BetaLeverage::id;
                if (line.add_on > 0) {
                    (is_of_account ? expected_of_account : expected[account.instrument[line.legs.front().position]]) +=
                        line.add_on;
                    ++charged;
                }
            }
            const ChargesByHolding found = charges_by_holding(account, market, policy);
            REQUIRE(found.holdings.size() == expected.size());
            Money sum = found.account;
            for (const HoldingCharge& holding : found.holdings) {
                CHECK(holding.amount == about(expected.at(holding.underlying)));
                sum += holding.amount;
            }
            CHECK(found.account == about(expected_of_account));
            CHECK(sum == about(add_ons));
        }
    }
    CHECK(charged > 500);
}

TEST_CASE("charges by holding: a house that charges nothing looks at nothing", "[account][property]") {
    const SampleBook book = random_book(1, 1);
    const AccountView account = book.source().book[0];
    CHECK(charges_by_holding(account, book.rows(), {}) == ChargesByHolding{});
}
