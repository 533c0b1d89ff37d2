// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/beta_leverage.hpp>
#include <margincore/add_on/concentration.hpp>
#include <margincore/add_on/null_add_on.hpp>
#include <margincore/add_on/volatility_band.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// Any add-on that a policy can name. To add one, write its header and put it in this list.
using AnyAddOn = std::variant<NullAddOn, Concentration, VolatilityBand, BetaLeverage>;

/// Names that policies know and that this version does not compute.
inline constexpr std::array<std::string_view, 4> add_ons_not_built = {"liquidity", "ownership", "industry",
                                                                      "low_price"};

/// The name of an add-on.
[[nodiscard]] inline std::string_view id_of(const AnyAddOn& add_on) {
    return std::visit([](const auto& model) -> std::string_view { return model.id; }, add_on);
}

/// What an add-on needs to know of every underlying that is held.
[[nodiscard]] inline Needs needs_of(const AnyAddOn& add_on) {
    return std::visit([](const auto& model) -> Needs { return model.needs; }, add_on);
}

namespace detail {

template <std::size_t I = 0>
[[nodiscard]] AnyAddOn add_on_named(std::string_view id, const Where& where) {
    if constexpr (I < std::variant_size_v<AnyAddOn>) {
        using Model = std::variant_alternative_t<I, AnyAddOn>;
        static_assert(AddOn<Model>);
        return Model::id == id ? AnyAddOn(Model{}) : add_on_named<I + 1>(id, where);
    } else {
        if (std::ranges::find(add_ons_not_built, id) != add_ons_not_built.end()) {
            throw Unsupported(where, "add-on " + in_quotes(id) + " is not built yet");
        }
        throw InvalidInput(where, "must be the name of an add-on, got " + in_quotes(id));
    }
}

} // namespace detail

/// The add-on of a name, with its default bands.
///
/// @param where  The entry of the add-on in the caller's data.
/// @throws Unsupported  where the name is known and not built yet.
/// @throws InvalidInput where it is no name of an add-on.
[[nodiscard]] inline AnyAddOn make_add_on(std::string_view id, const Where& where) {
    return detail::add_on_named(id, where["id"]);
}

/// The add-on of a name, with bands of the caller's.
///
/// @throws InvalidInput also where the add-on has no bands, or a threshold is larger than what it measures can be, as
///                      a percentage is where a fraction is meant.
[[nodiscard]] inline AnyAddOn make_add_on(std::string_view id, Bands bands, const Where& where) {
    AnyAddOn add_on = make_add_on(id, where);
    std::visit(
        [&](auto& model) {
            if constexpr (requires {
                              { model.bands } -> std::same_as<Bands&>;
                          }) {
                static_cast<void>(require_at_most(bands.highest_threshold(), model.largest_threshold, where["bands"]));
                model.bands = std::move(bands);
            } else {
                throw InvalidInput(where["bands"], "must be left out, the add-on " + in_quotes(id) + " has none");
            }
        },
        add_on);
    return add_on;
}

} // namespace margincore
