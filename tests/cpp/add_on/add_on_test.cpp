// SPDX-License-Identifier: Apache-2.0
// The checklist that every add-on of the catalogue inherits: name a new one there and it is tested here.
#include <algorithm>
#include <cmath>
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
concept HasBands = requires(Model& model) { model.bands; };

template <class Model>
concept HasShortBands = requires(Model& model) { model.short_bands; };

template <class Model>
concept HasLargestPosition = requires(Model& model) { model.largest_position; };

/// What an add-on may look at.
struct Sight {
    Holding holding{};
    IndustryHolding industry{};
    AddOnContext context{};
};

Sight random_sight(Random& random) {
    const double units = random.uniform(-1000, 1000);
    const double price = random.uniform(0.5, 6);
    const double largest = random.uniform(0, 3000);
    return {.holding = {.net_value = units * price,
                        .volatility = random.uniform(0, 1.5),
                        .units = units,
                        .price = price,
                        .average_daily_volume = random.chance(0.1) ? 0.0 : random.uniform(50, 2000),
                        .shares_outstanding = random.uniform(1e3, 1e5)},
            .industry = {.net_value = random.uniform(-5000, 5000), .largest_holding = largest},
            .context = {.gross_value = (std::max)(std::abs(units * price), largest) + random.uniform(5000, 9000),
                        .net_liquidation = random.uniform(-1000, 3000),
                        .exposure = random.uniform(-5000, 5000)}};
}

/// The same account with every position `size` times as large: prices and markets stay, shares of the account too.
Sight grown(const Sight& sight, double size) {
    Sight result = sight;
    result.holding.net_value *= size;
    result.holding.units *= size;
    result.industry.net_value *= size;
    result.industry.largest_holding *= size;
    result.context.gross_value *= size;
    result.context.exposure *= size;
    return result;
}

template <class Model>
AddOnRate rate_of(const Sight& sight) {
    if constexpr (HoldingAddOn<Model>) {
        return Model{}.holding_rate(sight.holding, sight.context);
    } else if constexpr (IndustryAddOn<Model>) {
        return Model{}.industry_rate(sight.industry, sight.context);
    } else {
        return Model{}.account_rate(sight.context);
    }
}

/// Bands of the caller's; those of a price must begin at 0.
std::vector<Band> flat_bands(double rate = 0.2) { return {{.above = 0.0, .rate = rate}, {.above = 0.1, .rate = rate}}; }

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
            CHECK(line.positions.empty() == AccountAddOn<TestType>);
            CHECK((line.positions.size() <= 1 || IndustryAddOn<TestType>));
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
        const Sight sight = random_sight(random);
        CAPTURE(sight.holding.net_value, sight.holding.units, sight.holding.volatility, sight.context.gross_value,
                sight.context.net_liquidation, sight.context.exposure);
        const AddOnRate rate = rate_of<TestType>(sight);
        CHECK(rate.rate >= 0);
        CHECK(rate_of<TestType>(grown(sight, std::ldexp(1.0, 1 + i % 3))).rate >= rate.rate);
        if (rate.rate > 0) {
            CHECK(rate.measure > rate.above);
            CHECK(rate.measure <= rate.up_to);
            CHECK_FALSE(TestType{}.why(rate).empty());
        }
    }
}

TEST_CASE("add-on checklist: a rate that looks at a price does not fall as the price does", "[add_on][property]") {
    for (double price = 10; price > 0.01; price *= 0.9) {
        CAPTURE(price);
        CHECK(LowPrice{}.holding_rate({.price = price * 0.9}, {}).rate >=
              LowPrice{}.holding_rate({.price = price}, {}).rate);
    }
}

TEST_CASE("add-on checklist: the rate of an industry does not fall as it grows within the account",
          "[add_on][property]") {
    for (double net_value = 0; net_value < 1000; net_value += 7) {
        CAPTURE(net_value);
        const AddOnContext context{.gross_value = 1000};
        const AddOnRate rate = Industry{}.industry_rate({.net_value = net_value, .largest_holding = 400}, context);
        CHECK(Industry{}.industry_rate({.net_value = net_value + 7, .largest_holding = 400}, context).rate >=
              rate.rate);
        CHECK(Industry{}.industry_rate({.net_value = -net_value, .largest_holding = 400}, context).rate == rate.rate);
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

    const auto refused = [&](const AddOnSettings& settings, const std::string& message) {
        INFO(message);
        CHECK_THROWS_AS(make_add_on(TestType::id, place, settings), InvalidInput);
        CHECK_THROWS_WITH(make_add_on(TestType::id, place, settings), "policy.add_ons[0]." + message);
    };
    const std::string has_none = ": must be left out, the add-on '" + std::string(TestType::id) + "' has none";
    if constexpr (HasBands<TestType>) {
        using BandsOfModel = decltype(TestType::bands);
        const AnyAddOn stated = make_add_on(TestType::id, place, {.bands = flat_bands()});
        CHECK(std::get<TestType>(stated).bands == BandsOfModel(flat_bands(), "bands"));
        CHECK_FALSE(std::get<TestType>(stated) == TestType{});
        const double too_large = TestType::largest_threshold * 1.5;
        const std::vector<Band> percentages{{0, 0.2}, {too_large, 0.2}};
        const std::string rule =
            ": must be at most " + number_text(TestType::largest_threshold) + ", got " + number_text(too_large);
        refused({.bands = percentages}, "bands" + rule);
        refused({.bands = {{}}}, "bands: must have at least one band, got none");
        if constexpr (HasShortBands<TestType>) {
            const AnyAddOn sided =
                make_add_on(TestType::id, place, {.bands = flat_bands(), .short_bands = flat_bands(0.3)});
            const Sight sight{.holding = {.net_value = 500,
                                          .volatility = 0.5,
                                          .units = 100,
                                          .price = 5,
                                          .average_daily_volume = 10,
                                          .shares_outstanding = 200},
                              .context = {.gross_value = 1000}};
            Holding is_short = sight.holding;
            is_short.net_value *= -1;
            is_short.units *= -1;
            CHECK(std::get<TestType>(sided).holding_rate(sight.holding, sight.context).rate == 0.2);
            CHECK(std::get<TestType>(sided).holding_rate(is_short, sight.context).rate == 0.3);
            CHECK(std::get<TestType>(stated).holding_rate(is_short, sight.context).rate == 0.2);
            refused({.short_bands = percentages}, "short_bands" + rule);
        }
    } else {
        refused({.bands = flat_bands()}, "bands" + has_none);
    }
    if constexpr (!HasShortBands<TestType>) {
        refused({.short_bands = flat_bands()}, "short_bands" + has_none);
    }
    if constexpr (HasLargestPosition<TestType>) {
        const AnyAddOn stated = make_add_on(TestType::id, place, {.largest_position = 0.25});
        CHECK(std::get<TestType>(stated) == TestType{.largest_position = 0.25});
        refused({.largest_position = 40}, "largest_position: must be between 0 and 1, got 40");
    } else {
        refused({.largest_position = 0.4}, "largest_position" + has_none);
    }
}

TEMPLATE_LIST_TEST_CASE("add-on checklist: what it needs and is missing is refused by name", "[add_on][property]",
                        AnyAddOn) {
    SampleAccount account;
    account.hold("NVDA", 10, 400);
    if constexpr (TestType::needs == Needs::nothing || TestType::needs == Needs::price) { // there always is one
        CHECK_NOTHROW(account.evaluate(policy_of<TestType>()));
    } else {
        const std::string key(name_of(TestType::needs));
        CHECK(key != "?");
        CHECK_THROWS_AS(account.evaluate(policy_of<TestType>()), MissingData);
        CHECK_THROWS_WITH(account.evaluate(policy_of<TestType>()),
                          Catch::Matchers::ContainsSubstring("market.instruments.NVDA." + key + ": must be given"));
    }
}
