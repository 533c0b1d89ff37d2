// SPDX-License-Identifier: Apache-2.0
// The checklist that every add-on of the catalogue inherits: name a new one there and it is tested here.
#include <concepts>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <margincore/add_on/catalogue.hpp>

#include "about.hpp"
#include "random_account.hpp"

using namespace margincore;

namespace {

template <class Model>
Policy policy_of() {
    return {.add_ons = {Model{}}};
}

template <class Model>
concept HasBands = requires(Model& model) {
    { model.bands } -> std::same_as<Bands&>;
};

/// The rate for a holding of an account, or for the account, where every position is `size` times as large.
template <class Model>
AddOnRate rate_of(const Holding& holding, const AddOnContext& context, double size) {
    const AddOnContext grown{.gross_value = context.gross_value * size,
                             .net_liquidation = context.net_liquidation,
                             .exposure = context.exposure * size};
    if constexpr (HoldingAddOn<Model>) {
        return Model{}.holding_rate({holding.net_value * size, holding.volatility}, grown);
    } else {
        return Model{}.account_rate(grown);
    }
}

} // namespace

TEMPLATE_LIST_TEST_CASE("add-on checklist: asks for nothing of an account without positions", "[add_on][property]",
                        AnyAddOn) {
    for (const double cash : {-1e6, 0.0, 1e6}) {
        SampleAccount account;
        account.cash = cash;
        const Report report = account.report(policy_of<TestType>());
        CHECK(report.requirement.add_ons == 0);
        CHECK(report.add_ons.empty());
    }
}

TEMPLATE_LIST_TEST_CASE("add-on checklist: charges are above zero, explained, and add up", "[add_on][property]",
                        AnyAddOn) {
    std::size_t charges = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const SampleAccount account = random_account(seed);
        INFO("seed " << seed << ", " << account.text());
        const Report report = account.report(policy_of<TestType>());
        double sum = 0;
        for (const AddOnLine& line : report.add_ons) {
            CHECK(line.id == TestType::id);
            CHECK(line.amount > 0);
            CHECK_FALSE(line.why.empty());
            CHECK(line.citation == "FINRA 4210(d)(1)");
            CHECK(line.positions.size() == line.quantities.size());
            CHECK(line.positions.empty() == !HoldingAddOn<TestType>);
            sum += line.amount;
            ++charges;
        }
        CHECK(report.requirement.add_ons == about(sum));
        CHECK(report.requirement.total == about(report.requirement.maintenance + sum));
    }
    CHECK((charges == 0) == std::is_same_v<TestType, NullAddOn>);
}

TEMPLATE_LIST_TEST_CASE("add-on checklist: the rate is never negative and does not fall as positions grow",
                        "[add_on][property]", AnyAddOn) {
    Random random(42);
    for (int i = 0; i < 2000; ++i) {
        const Holding holding{random.uniform(-1000, 1000), random.uniform(0, 1.5)};
        const AddOnContext context{.gross_value = std::abs(holding.net_value) + random.uniform(0, 3000),
                                   .net_liquidation = random.uniform(-1000, 3000),
                                   .exposure = random.uniform(-5000, 5000)};
        CAPTURE(holding.net_value, holding.volatility, context.gross_value, context.net_liquidation, context.exposure);
        const AddOnRate rate = rate_of<TestType>(holding, context, 1);
        const AddOnRate grown = rate_of<TestType>(holding, context, random.uniform(1, 5));
        CHECK(rate.rate >= 0);
        CHECK(grown.rate >= rate.rate);
        if (rate.rate > 0) {
            CHECK(rate.measure > rate.above);
            CHECK_FALSE(TestType{}.why(rate).empty());
        }
    }
}

TEMPLATE_LIST_TEST_CASE("add-on checklist: found by its name, with bands of the caller's", "[add_on][property]",
                        AnyAddOn) {
    const Where place("policy.add_ons[0]");
    const AnyAddOn found = make_add_on(TestType::id, place);
    REQUIRE(std::holds_alternative<TestType>(found));
    CHECK(std::get<TestType>(found) == TestType{});
    CHECK(id_of(found) == TestType::id);
    CHECK(needs_of(found) == TestType::needs);

    const Bands bands({{0.1, 0.2}}, "bands");
    if constexpr (HasBands<TestType>) {
        CHECK(std::get<TestType>(make_add_on(TestType::id, bands, place)).bands == bands);
        CHECK_FALSE(std::get<TestType>(make_add_on(TestType::id, bands, place)) == TestType{});
        const double too_large = TestType::largest_threshold * 1.5;
        const Bands percentages({{0.1, 0.2}, {too_large, 0.2}}, "bands");
        CHECK_THROWS_AS(make_add_on(TestType::id, percentages, place), InvalidInput);
        CHECK_THROWS_WITH(make_add_on(TestType::id, percentages, place), "policy.add_ons[0].bands: must be at most " +
                                                                             number_text(TestType::largest_threshold) +
                                                                             ", got " + number_text(too_large));
    } else {
        CHECK_THROWS_AS(make_add_on(TestType::id, bands, place), InvalidInput);
        CHECK_THROWS_WITH(make_add_on(TestType::id, bands, place),
                          "policy.add_ons[0].bands: must be left out, the add-on '" + std::string(TestType::id) +
                              "' has none");
    }
}

TEMPLATE_LIST_TEST_CASE("add-on checklist: what it needs and is missing is refused by name", "[add_on][property]",
                        AnyAddOn) {
    SampleAccount account;
    account.hold("NVDA", 10, 400);
    if constexpr (TestType::needs == Needs::nothing) {
        CHECK_NOTHROW(account.evaluate(policy_of<TestType>()));
    } else {
        const std::string key = TestType::needs == Needs::beta ? "beta" : "volatility";
        CHECK_THROWS_AS(account.evaluate(policy_of<TestType>()), MissingData);
        CHECK_THROWS_WITH(account.evaluate(policy_of<TestType>()),
                          Catch::Matchers::ContainsSubstring("market.instruments.NVDA." + key + ": must be given"));
    }
}
