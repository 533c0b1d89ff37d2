// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/beta_leverage.hpp>
#include <margincore/add_on/concentration.hpp>
#include <margincore/add_on/industry.hpp>
#include <margincore/add_on/liquidity.hpp>
#include <margincore/add_on/low_price.hpp>
#include <margincore/add_on/null_add_on.hpp>
#include <margincore/add_on/ownership.hpp>
#include <margincore/add_on/volatility_band.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// Any add-on that a policy can name. To add one, write its header and put it in this list.
using AnyAddOn =
    std::variant<NullAddOn, Concentration, VolatilityBand, BetaLeverage, Liquidity, Ownership, LowPrice, Industry>;

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
        throw InvalidInput(where, "must be the name of an add-on, got " + in_quotes(id));
    }
}

/// Bands of the caller's for an add-on whose largest threshold is known.
template <class BandsOfModel>
[[nodiscard]] BandsOfModel make_bands(std::vector<Band> list, double largest_threshold, const Where& where) {
    BandsOfModel bands(std::move(list), where);
    static_cast<void>(require_at_most(bands.highest_threshold(), largest_threshold, where));
    return bands;
}

[[noreturn]] inline void refuse_setting(std::string_view id, const Where& where) {
    throw InvalidInput(where, "must be left out, the add-on " + in_quotes(id) + " has none");
}

} // namespace detail

/// What a caller states of an add-on; what is left out keeps its default.
struct AddOnSettings {
    std::optional<std::vector<Band>> bands{};
    std::optional<std::vector<Band>> short_bands{}; ///< Without them `bands` are of both sides.
    std::optional<Fraction> largest_position{};     ///< A share of gross market value, from 0 to 1.
};

/// The add-on of a name, with what the caller states of it.
///
/// @param where  The entry of the add-on in the caller's data.
/// @throws InvalidInput where it is no name of an add-on, the add-on does not have what is stated, rates of bands run
///                      the wrong way, or a threshold is larger than what it measures can be, as a percentage is where
///                      a fraction is meant.
[[nodiscard]] inline AnyAddOn make_add_on(std::string_view id, const Where& where, AddOnSettings settings = {}) {
    AnyAddOn add_on = detail::add_on_named(id, where["id"]);
    std::visit(
        [&](auto& model) {
            if (settings.bands) {
                if constexpr (requires { model.bands; }) {
                    model.bands = detail::make_bands<decltype(model.bands)>(*std::move(settings.bands),
                                                                            model.largest_threshold, where["bands"]);
                } else {
                    detail::refuse_setting(id, where["bands"]);
                }
            }
            if (settings.short_bands) {
                if constexpr (requires { model.short_bands; }) {
                    model.short_bands = detail::make_bands<decltype(model.bands)>(
                        *std::move(settings.short_bands), model.largest_threshold, where["short_bands"]);
                } else {
                    detail::refuse_setting(id, where["short_bands"]);
                }
            }
            if (settings.largest_position) {
                if constexpr (requires { model.largest_position; }) {
                    model.largest_position =
                        require_within(*settings.largest_position, 0.0, 1.0, where["largest_position"]);
                } else {
                    detail::refuse_setting(id, where["largest_position"]);
                }
            }
        },
        add_on);
    return add_on;
}

} // namespace margincore
