// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/beta_leverage.hpp>
#include <margincore/add_on/industry.hpp>
#include <margincore/add_on/null_add_on.hpp>

namespace {

using margincore::AddOnContext;
using margincore::AddOnRate;
using margincore::Holding;

template <margincore::AddOn A>
void charge(const A& /*add_on*/) {}

/// Right but for one thing: a bare number where an add-on returns a rate with what it measured.
struct ReturnsDouble {
    static constexpr std::string_view id = "returns_double";
    static constexpr margincore::Needs needs = margincore::Needs::nothing;
    double holding_rate(const Holding& holding, const AddOnContext& context) const;
    std::string why(const AddOnRate& rate) const;
    friend bool operator==(const ReturnsDouble&, const ReturnsDouble&) = default;
};

/// Right but for one thing: it has no name.
struct Nameless {
    static constexpr margincore::Needs needs = margincore::Needs::nothing;
    AddOnRate account_rate(const AddOnContext& context) const;
    std::string why(const AddOnRate& rate) const;
    friend bool operator==(const Nameless&, const Nameless&) = default;
};

/// Right but for one thing: two of them cannot be compared.
struct NotComparable {
    static constexpr std::string_view id = "not_comparable";
    static constexpr margincore::Needs needs = margincore::Needs::nothing;
    AddOnRate account_rate(const AddOnContext& context) const;
    std::string why(const AddOnRate& rate) const;
};

/// Right but for one thing: it looks at a holding where an industry is meant.
struct TakesHolding {
    static constexpr std::string_view id = "takes_holding";
    static constexpr margincore::Needs needs = margincore::Needs::industry;
    AddOnRate industry_rate(const Holding& holding, const AddOnContext& context) const;
    std::string why(const AddOnRate& rate) const;
    friend bool operator==(const TakesHolding&, const TakesHolding&) = default;
};

static_assert(!margincore::AddOn<TakesHolding> && !margincore::IndustryAddOn<TakesHolding>);
static_assert(margincore::IndustryAddOn<margincore::Industry> && !margincore::HoldingAddOn<margincore::Industry> &&
              !margincore::AccountAddOn<margincore::Industry>);
static_assert(!margincore::AddOn<Nameless> && !margincore::AddOn<NotComparable>);
static_assert(margincore::AccountAddOn<NotComparable>);
static_assert(margincore::HoldingAddOn<margincore::NullAddOn> && !margincore::AccountAddOn<margincore::NullAddOn>);
static_assert(margincore::AccountAddOn<margincore::BetaLeverage> &&
              !margincore::HoldingAddOn<margincore::BetaLeverage>);

} // namespace

void use() {
#if MARGINCORE_COMPILE_FAIL
    charge(ReturnsDouble{});
#else
    charge(margincore::NullAddOn{});
#endif
}
