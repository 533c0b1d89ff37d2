// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_checker.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

constexpr std::int64_t dollar = 1'000'000;
constexpr std::int64_t one = std::int64_t{1} << proof_multiplier_bits; // a multiplier of 1
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

/// Two calls of 100 units: short at 100, asked 20 a unit alone, and long at 105.
[[nodiscard]] PairingProblem call_spread() {
    return {.series = {{.is_short = true, .contracts = 1, .strike = 10'000 * dollar, .naked = 2'000 * dollar},
                       {.contracts = 1, .strike = 10'500 * dollar}}};
}

/// By hand. FINRA 4210(f)(2)(H)(i): the spread asks for the strike difference, 500. With u = short in the spread and M
/// its loss in steps of 500, the cost is 2,000 - 2,000 u + 500 M and u - M <= 0 at 105. The multiplier 500 of that row
/// makes it 2,000 - 1,500 u, which is 500 at least.
[[nodiscard]] PairingCertificate certificate_by_hand() {
    PairingCertificate certificate{.cost = 500 * dollar, .lower_bound = 500 * dollar};
    certificate.groups = {
        {.form = CertifiedForm::spread, .series = {0, 1}, .lots = {-1, 1}, .requirement = 500 * dollar}};
    certificate.proof.rows = {{.kind = ProofRow::Kind::strike, .cut = 0, .index = 1}};
    certificate.proof.nodes = {{.multipliers = {{0, 500 * dollar * one}}}};
    return certificate;
}

/// The same in two cases: no short in the spread, or one.
[[nodiscard]] PairingCertificate certificate_in_cases() {
    PairingCertificate certificate = certificate_by_hand();
    certificate.proof.variables = {{.kind = ProofVariable::Kind::in_spread, .cut = 0, .index = 0}};
    const std::vector<ProofNode::Multiplier> multipliers = certificate.proof.nodes[0].multipliers;
    certificate.proof.nodes = {
        {.is_leaf = false, .variable = 0, .most = 0}, {.multipliers = {}}, {.multipliers = multipliers}};
    return certificate;
}

void check_refused(const PairingProblem& problem, const PairingCertificate& certificate, const std::string& where,
                   const std::string& what) {
    const PairingVerdict verdict = verify_pairing(problem, certificate);
    CHECK(verdict.status == CertificateStatus::refused);
    CHECK(verdict.where == where);
    CHECK_THAT(verdict.what, Catch::Matchers::ContainsSubstring(what));
}

} // namespace

TEST_CASE("pairing checker: a certificate made by hand is proven", "[requirement][cited]") {
    CHECK(verify_pairing(call_spread(), certificate_by_hand()) == PairingVerdict{CertificateStatus::proven, "", ""});
    CHECK(verify_pairing(call_spread(), certificate_in_cases()).status == CertificateStatus::proven);
}

TEST_CASE("pairing checker: without a proof the bound is stated only", "[requirement]") {
    PairingCertificate certificate = certificate_by_hand();
    certificate.proof = {};
    CHECK(verify_pairing(call_spread(), certificate).status == CertificateStatus::stated);
    certificate.lower_bound = least;
    CHECK(verify_pairing(call_spread(), certificate).status == CertificateStatus::stated);
    certificate.lower_bound = certificate.cost + 1;
    check_refused(call_spread(), certificate, "lower_bound", "must not be above the cost");
}

TEST_CASE("pairing checker: a pairing that is not the least is not proven", "[requirement]") {
    PairingCertificate certificate = certificate_by_hand();
    certificate.groups = {{.series = {0}, .lots = {-1}, .requirement = 2'000 * dollar}, {.series = {1}, .lots = {1}}};
    certificate.cost = certificate.lower_bound = 2'000 * dollar;
    check_refused(call_spread(), certificate, "proof.nodes[0]", "nothing in it costs less");
}

TEST_CASE("pairing checker: a group is what the rule allows, and costs what it asks for", "[requirement][cited]") {
    const auto check = [](auto change, const PairingProblem& problem, const std::string& where,
                          const std::string& what) {
        PairingCertificate certificate = certificate_by_hand();
        change(certificate);
        check_refused(problem, certificate, where, what);
    };
    const auto nothing = [](PairingCertificate& /*certificate*/) {};
    // 4210(f)(2)(A)(xxxii): equal units of each right, one style, no short after a long
    PairingProblem later = call_spread();
    later.series[0].expiry = 1;
    check(nothing, later, "groups[0]", "expires after a long");
    PairingProblem other_style = call_spread();
    other_style.series[1].style_class = 1;
    check(nothing, other_style, "groups[0]", "one style");
    PairingProblem put = call_spread();
    put.series[1].right = Right::put;
    check(nothing, put, "groups[0]", "as many lots long as short");
    PairingProblem named_only = call_spread();
    named_only.has_any_leg_spreads = false;
    check(nothing, named_only, "groups[0]", "a combination that a rule has");
    check([](auto& c) { c.groups[0].lots = {-2, 1}; }, call_spread(), "groups[0]", "what is held");
    check([](auto& c) { c.groups[0].lots = {-1, 2}; }, call_spread(), "groups[0]", "what is held");
    check([](auto& c) { c.groups[0].lots = {least, largest}; }, call_spread(), "groups[0]", "what is held");
    check([](auto& c) { c.groups[0].lots = {1, 1}; }, call_spread(), "groups[0]", "what is held");
    check([](auto& c) { c.groups[0].lots = {-1}; }, call_spread(), "groups[0]", "lots of each series");
    check([](auto& c) { c.groups[0].series = {0, 2}; }, call_spread(), "groups[0]", "series that are held");
    check([](auto& c) { c.groups[0].series = {0, 0}; }, call_spread(), "groups[0]", "in no other group");
    check([](auto& c) { c.groups.push_back(c.groups[0]); }, call_spread(), "groups[1]", "in no other group");
    check([](auto& c) { c.groups.clear(); }, call_spread(), "groups", "every option that is held");
    check([](auto& c) { c.groups[0].requirement -= dollar; }, call_spread(), "groups[0]", "500000000, got 499000000");
    check([](auto& c) { c.groups[0].form = CertifiedForm::straddle; }, call_spread(), "groups[0]", "two shorts");
    check([](auto& c) { c.groups[0].form = CertifiedForm::combination; }, call_spread(), "groups[0]", "a combination");
    check([](auto& c) { c.groups[0].form = static_cast<CertifiedForm>(9); }, call_spread(), "groups[0]", "is known");
    check([](auto& c) { c.cost -= dollar; }, call_spread(), "cost", "what the groups cost");
    PairingProblem mini = call_spread();
    mini.series[0].lots = mini.series[1].lots = 10;
    check(nothing, mini, "groups[0]", "whole contracts");
}

TEST_CASE("pairing checker: a straddle pays the greater requirement and the other's premium; a tie the larger sum",
          "[requirement][cited]") {
    // FINRA 4210(f)(2)(H): 19.00 and the put's 0.50; and where both are asked 19.00, the larger premium, 9.00.
    for (const auto& [put_naked, asked] :
         {std::pair{1'250 * dollar, 1'950 * dollar}, {1'900 * dollar, 2'800 * dollar}}) {
        const PairingProblem problem{.series = {{.is_short = true,
                                                 .contracts = 1,
                                                 .strike = 11'200 * dollar,
                                                 .naked = 1'900 * dollar,
                                                 .premium = 900 * dollar},
                                                {.right = Right::put,
                                                 .is_short = true,
                                                 .contracts = 1,
                                                 .strike = 9'200 * dollar,
                                                 .naked = put_naked,
                                                 .premium = 50 * dollar}}};
        PairingCertificate certificate{.cost = asked, .lower_bound = asked};
        certificate.groups = {
            {.form = CertifiedForm::straddle, .series = {0, 1}, .lots = {-1, -1}, .requirement = asked}};
        CHECK(verify_pairing(problem, certificate).status == CertificateStatus::stated);
        certificate.groups[0].requirement = certificate.cost = certificate.lower_bound = asked - dollar;
        check_refused(problem, certificate, "groups[0]", "what the rule does");
    }
}

TEST_CASE("pairing checker: cases leave nothing out", "[requirement]") {
    const auto check = [](auto change, const std::string& where, const std::string& what) {
        PairingCertificate certificate = certificate_in_cases();
        change(certificate.proof);
        check_refused(call_spread(), certificate, where, what);
    };
    check([](auto& proof) { proof.nodes.pop_back(); }, "proof.nodes", "every case");
    check([](auto& proof) { proof.nodes.push_back({}); }, "proof.nodes[3]", "belong to a case");
    check([](auto& proof) { proof.nodes[2].multipliers.clear(); }, "proof.nodes[2]", "nothing in it costs less");
    check([](auto& proof) { proof.nodes[0].most = -1; }, "proof.nodes[0]", "between the variable's bounds");
    check([](auto& proof) { proof.nodes[0].most = 1; }, "proof.nodes[0]", "between the variable's bounds");
    check([](auto& proof) { proof.nodes[0].most = largest; }, "proof.nodes[0]", "between the variable's bounds");
    check([](auto& proof) { proof.nodes[0].variable = 1; }, "proof.nodes[0]", "a variable that is named");
    check([](auto& proof) { proof.nodes.insert(proof.nodes.begin(), proof.nodes[0]); }, "proof.nodes[1]",
          "between the variable's bounds"); // no room for a second branch
}

TEST_CASE("pairing checker: multipliers and rows are those of the problem", "[requirement]") {
    const auto check = [](auto change, const std::string& where, const std::string& what) {
        PairingCertificate certificate = certificate_in_cases();
        change(certificate.proof);
        check_refused(call_spread(), certificate, where, what);
    };
    check([](auto& proof) { proof.nodes[2].multipliers[0].value *= -1; }, "proof.nodes[2]", "no negative multiplier");
    check([](auto& proof) { proof.nodes[2].multipliers[0].row = 1; }, "proof.nodes[2]", "rows that are named");
    check([](auto& proof) { proof.rows[0].index = 2; }, "proof.rows[0]", "a row of the problem");
    check([](auto& proof) { proof.rows[0].cut = 1; }, "proof.rows[0]", "a row of the problem"); // a long
    check([](auto& proof) { proof.rows[0].kind = ProofRow::Kind::small_balance; }, "proof.rows[0]", "a row of");
    check([](auto& proof) { proof.rows[0].kind = ProofRow::Kind::straddles; }, "proof.rows[0]", "a row of");
    check([](auto& proof) { proof.variables[0].index = 7; }, "proof.variables[0]", "a variable of the problem");
    check([](auto& proof) { proof.variables[0].kind = ProofVariable::Kind::carry; }, "proof.variables[0]", "of the");
    check([](auto& proof) { proof.rows.push_back({.kind = ProofRow::Kind::rounded, .parts = {{0, 1}}, .divisor = 0}); },
          "proof.rows[1]", "a row of the problem");
    check(
        [](auto& proof) {
            proof.rows.push_back({.kind = ProofRow::Kind::rounded, .parts = {{1, 1}}, .divisor = 2}); // of itself
        },
        "proof.rows[1]", "a row of the problem");
}

TEST_CASE("pairing checker: numbers beyond 125 bits are refused, not wrapped around", "[requirement]") {
    const PairingProblem problem{.series = {{.is_short = true, .contracts = 1, .strike = 0, .naked = dollar},
                                            {.contracts = 1, .strike = 1},
                                            {.contracts = 1, .strike = 4'000'000'000'000'000'000}}};
    PairingCertificate certificate{.cost = dollar, .lower_bound = dollar};
    certificate.groups = {{.series = {0}, .lots = {-1}, .requirement = dollar},
                          {.series = {1}, .lots = {1}},
                          {.series = {2}, .lots = {1}}};
    certificate.proof.rows = {{.kind = ProofRow::Kind::strike, .cut = 0, .index = 2}};
    certificate.proof.nodes = {{.multipliers = {{0, largest}, {0, largest}}}};
    check_refused(problem, certificate, "proof.nodes[0]", "125 bits");
    certificate.proof.rows.push_back(
        {.kind = ProofRow::Kind::rounded, .parts = {{0, largest}, {0, largest}}, .divisor = 3});
    check_refused(problem, certificate, "proof.rows[1]", "125 bits");
}
