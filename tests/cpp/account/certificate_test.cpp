// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/verify.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"
#include "pairing_table.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

constexpr Money half_a_cent = 0.0051; // the tables are rounded

/// Hands out the books of a table, and what a mixed-integer solver found: `visit(account, policy, least)`.
template <class Visit>
void each_book(const std::string& table, std::size_t most, Visit&& visit) {
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/../oracle/" + table);
    REQUIRE(file);
    const bool has_rules = table == "pairing_rules.csv";
    const bool all = std::getenv("MARGINCORE_ALL_ROWS") != nullptr;
    std::string line;
    std::getline(file, line);
    for (std::size_t row = 0; std::getline(file, line) && (all || row < most); ++row) {
        std::istringstream fields(line);
        std::string rules, least;
        if (has_rules) {
            std::getline(fields, rules, ',');
        }
        const OptionAccount account = read_account(fields);
        std::getline(fields, least);
        if (!least.empty()) {
            INFO(table << " row " << row << ": " << line);
            visit(account, has_rules ? policy_of(rules) : Policy{}, std::stod(least));
        }
    }
}

/// A number of a certificate, any of them.
void mutate(UnderlyingCertificate& certificate, Random& random) {
    constexpr std::array<std::int64_t, 6> amounts = {1, -1, 2, -100, 1'000'000, -1'000'000'000};
    const auto change = [&](std::int64_t& number) {
        const double kind = random.uniform(0, 1);
        number = kind < 0.1   ? std::numeric_limits<std::int64_t>::max()
                 : kind < 0.2 ? std::numeric_limits<std::int64_t>::min()
                 : kind < 0.3 ? 0
                 : kind < 0.4 ? -(number / 2)
                              : static_cast<std::int64_t>(static_cast<std::uint64_t>(number) +
                                                          static_cast<std::uint64_t>(random.one_of(amounts)));
    };
    const auto any = [&](auto& list) -> auto& { return list[random.below(list.size())]; };
    const auto point = [&](std::uint32_t& index) { index = static_cast<std::uint32_t>(random.below(12)); };
    PairingCertificate& pairing = certificate.pairing;
    CertifiedGroup& group = any(pairing.groups);
    PairingProof& proof = pairing.proof;
    ProofNode& node = any(proof.nodes);
    switch (random.below(12)) {
    case 0:
        change(pairing.cost);
        pairing.lower_bound = pairing.cost;
        break;
    case 1:
        change(group.requirement);
        change(pairing.cost);
        break;
    case 2:
        change(any(group.lots));
        break;
    case 3:
        point(any(group.series));
        break;
    case 4:
        group.form = static_cast<CertifiedForm>(random.below(4));
        break;
    case 5:
        change(group.times);
        break;
    case 6:
        change(node.most);
        point(node.variable);
        break;
    case 7:
        node.is_leaf = !node.is_leaf;
        break;
    case 8:
        if (!node.multipliers.empty()) {
            change(any(node.multipliers).value);
        }
        break;
    case 9:
        if (!proof.rows.empty()) {
            ProofRow& row = any(proof.rows);
            point(row.index);
            point(row.cut);
            row.kind = static_cast<ProofRow::Kind>(random.below(8));
        }
        break;
    case 10:
        if (!proof.rows.empty()) {
            ProofRow& row = any(proof.rows);
            change(row.divisor);
            row.parts.push_back({static_cast<std::uint32_t>(random.below(8)), 1});
            change(row.parts.back().times);
        }
        break;
    default:
        proof.nodes.erase(proof.nodes.begin() + static_cast<std::ptrdiff_t>(random.below(proof.nodes.size())));
        proof.nodes.emplace_back();
    }
}

} // namespace

TEST_CASE("certificate: that of every least pairing is proven", "[account][oracle][property]") {
    std::size_t proven = 0;
    std::size_t count = 0;
    for (const std::string table : {"pairing.csv", "pairing_rules.csv"}) {
        each_book(table, 100, [&](const OptionAccount& account, const Policy& policy, Money least) {
            const AccountCertificate certificate = account.certify(policy);
            const Verification verification = account.verify(certificate, policy);
            INFO(verification.where << ": " << verification.what);
            const Evaluation evaluation = account.evaluate(policy);
            CHECK(verification.status ==
                  (evaluation.pairing_gap == 0 ? CertificateStatus::proven : CertificateStatus::stated));
            CHECK(verification.net_requirement == about(evaluation.net_requirement(), 1e-9)); // other sums of doubles
            CHECK(verification.lower_bound == about(evaluation.net_requirement() - evaluation.pairing_gap, 1e-9));
            CHECK(verification.lower_bound < least + half_a_cent);
            CHECK(verification.net_requirement > least - half_a_cent);
            proven += verification.status == CertificateStatus::proven ? 1 : 0;
            ++count;
        });
    }
    CHECK(static_cast<double>(proven) >= 0.97 * static_cast<double>(count)); // the others reach the node limit
}

TEST_CASE("certificate: whatever is changed in it, only the least is proven", "[account][oracle][property]") {
    Random random(20261126);
    std::size_t refused = 0;
    std::size_t count = 0;
    each_book("pairing.csv", 60, [&](const OptionAccount& account, const Policy& policy, Money least) {
        const AccountCertificate certificate = account.certify(policy);
        for (int k = 0; k < 40 && !certificate.pairings[0].pairing.proof.empty(); ++k) {
            AccountCertificate changed = certificate;
            do {
                mutate(changed.pairings[0], random);
            } while (random.chance(0.3) && !changed.pairings[0].pairing.proof.nodes.empty());
            const Verification verification = account.verify(changed, policy);
            if (verification.status == CertificateStatus::proven) {
                CHECK(std::abs(verification.net_requirement - least) < half_a_cent);
            }
            refused += verification.status == CertificateStatus::refused ? 1 : 0;
            ++count;
        }
    });
    CHECK(refused > count / 2); // the others change what does not matter, such as a multiplier that is 0
}

TEST_CASE("certificate: a proof of the least proves no other pairing", "[account][oracle][property]") {
    // every option alone, where that is not the least, under the proof of the least
    Random random(4210);
    std::size_t count = 0;
    each_book("pairing.csv", 100, [&](const OptionAccount& account, const Policy& policy, Money /*least*/) {
        AccountCertificate certificate = account.certify(policy);
        PairingCertificate& pairing = certificate.pairings[0].pairing;
        std::vector<CertifiedGroup> alone;
        MicroDollars cost = 0;
        account.with_rows([&](const AccountView& view, const MarketRows& market, const Policy& used) {
            OptionWorkspace workspace;
            detail::each_option_holding(
                view, market, used, [](std::size_t /*position*/) { return 0.0; }, workspace, in_document,
                [&](InstrumentIndex /*underlying*/, const OptionHolding& holding) {
                    for (std::uint32_t i = 0; i < holding.problem.series.size(); ++i) {
                        const PairingSeries& one = holding.problem.series[i];
                        const std::int64_t lots = one.contracts * one.lots;
                        const MicroDollars requirement = one.is_short ? lots * one.naked : 0;
                        alone.push_back(
                            {.series = {i}, .lots = {one.is_short ? -lots : lots}, .requirement = requirement});
                        cost += requirement;
                    }
                });
        });
        if (cost <= pairing.cost || pairing.proof.empty()) {
            return;
        }
        pairing.groups = alone;
        pairing.cost = pairing.lower_bound = cost;
        CHECK(account.verify(certificate).status == CertificateStatus::refused);
        for (int k = 0; k < 20; ++k) {
            AccountCertificate changed = certificate;
            ProofNode& node = changed.pairings[0].pairing.proof.nodes.back();
            for (ProofNode::Multiplier& multiplier : node.multipliers) {
                multiplier.value =
                    static_cast<std::int64_t>(static_cast<double>(multiplier.value) * random.uniform(0, 3));
            }
            CHECK(account.verify(changed).status == CertificateStatus::refused);
        }
        ++count;
    });
    CHECK(count > 20);
}

TEST_CASE("certificate: it is of the options that are held", "[account]") {
    const OptionAccount account = [] {
        OptionAccount held(100);
        held.hold_stock(200).hold(-2, Right::call, 105, 30, 2).hold(1, Right::call, 110, 30, 1);
        return held;
    }();
    const AccountCertificate certificate = account.certify();
    CHECK(account.verify(certificate).status == CertificateStatus::proven);
    const auto check = [&](auto change, const std::string& where) {
        AccountCertificate changed = certificate;
        change(changed);
        const Verification verification = account.verify(changed);
        CHECK(verification.status == CertificateStatus::refused);
        CHECK(verification.where == where);
        CHECK(verification.net_requirement == 0);
    };
    check([](auto& c) { c.pairings.clear(); }, "certificate.pairings");
    check([](auto& c) { c.pairings.push_back(c.pairings[0]); }, "certificate.pairings[1].underlying");
    check([](auto& c) { c.pairings[0].series.pop_back(); }, "certificate.pairings[0]");
    check([](auto& c) { c.pairings[0].series[1] = c.pairings[0].series[0]; }, "certificate.pairings[0]");
    check([](auto& c) { c.pairings[0].series[0] = "ANOTHER"; }, "certificate.pairings[0]");
    check([](auto& c) { c.pairings[0].combinations[0].rule = "strategy.collar"; }, "certificate.pairings[0]");
    check([](auto& c) { c.pairings[0].combinations.push_back(c.pairings[0].combinations[0]); },
          "certificate.pairings[0]");
    OptionAccount other(101); // the price of the stock
    other.hold_stock(200).hold(-2, Right::call, 105, 30, 2).hold(1, Right::call, 110, 30, 1);
    CHECK(other.verify(certificate).status == CertificateStatus::refused);
    OptionAccount less(100);
    less.hold_stock(100).hold(-2, Right::call, 105, 30, 2).hold(1, Right::call, 110, 30, 1);
    CHECK(less.verify(certificate).where == "certificate.pairings[0].groups[0]"); // too little stock
}

TEST_CASE("certificate: it holds whatever the order of the positions", "[account]") {
    OptionAccount one(100);
    one.hold(-2, Right::call, 105, 30, 2).hold(1, Right::call, 110, 30, 1).hold(-1, Right::put, 95, 60, 2);
    OptionAccount other(100);
    other.hold(1, Right::call, 110, 30, 1).hold(-2, Right::call, 105, 30, 2).hold(-1, Right::put, 95, 60, 2);
    AccountCertificate certificate = one.certify();
    REQUIRE(certificate.pairings[0].series == std::vector<std::string>{"OPTION 1", "OPTION 2", "OPTION 3"});
    certificate.pairings[0].series = {"OPTION 2", "OPTION 1", "OPTION 3"}; // as the other names them
    CHECK(other.verify(certificate).status == CertificateStatus::proven);
}

TEST_CASE("certificate: where the search ends early the gap is stated, not proven", "[account]") {
    std::size_t stated = 0;
    each_book("pairing.csv", 100, [&](const OptionAccount& account, Policy policy, Money least) {
        policy.node_limit = 1;
        const Verification verification = account.verify(account.certify(policy), policy);
        CHECK(verification.lower_bound < least + half_a_cent);
        if (verification.status == CertificateStatus::stated) {
            CHECK(verification.lower_bound < verification.net_requirement);
            CHECK(verification.where == "certificate.pairings[0]");
            ++stated;
        }
    });
    CHECK(stated > 0);
}

TEST_CASE("certificate: an account without options has nothing to prove", "[account]") {
    OptionAccount account(100);
    account.hold_stock(100);
    CHECK(account.certify() == AccountCertificate{});
    CHECK(account.verify({}).status == CertificateStatus::proven);
    CHECK(account.verify({}).net_requirement == about(2'500)); // FINRA 4210(c)(1): 25 %
}
