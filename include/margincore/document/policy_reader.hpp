// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/account/designated_leg.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/rulebook.hpp>
#include <margincore/add_on/bands.hpp>
#include <margincore/add_on/catalogue.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/portfolio_margin_reader.hpp>
#include <margincore/document/symbol.hpp>
#include <margincore/document/value.hpp>

namespace margincore::document {

/// Rates up to here; a percentage written for a fraction is beyond it.
inline constexpr Fraction largest_rate = 10.0;

/// Of the search for a pairing; each node takes some 200 bytes.
inline constexpr double largest_node_limit = 1e7;

namespace detail {

inline constexpr std::array<std::string_view, 24> policy_keys = [] {
    std::array<std::string_view, 24> keys = {"rulebook",
                                             "house_rates",
                                             "base_rates",
                                             "add_ons",
                                             "missing_beta",
                                             "stress_moves",
                                             "ladder",
                                             "long_option_loan_value",
                                             "covered_call_rate_base",
                                             "collar_put_otm",
                                             "node_limit",
                                             "spread_balance",
                                             "pairing",
                                             "groups"};
    std::ranges::copy(portfolio_margin_keys, keys.end() - portfolio_margin_keys.size());
    return keys;
}();

[[nodiscard]] inline std::vector<Band> read_bands(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"above", "rate"};
    std::vector<Band> bands;
    for (const Value& band : read_list(value, where)) {
        const Where place = where[bands.size()];
        const ObjectReader reader(band, place, keys);
        bands.push_back({.above = reader.required("above", reader.number("above")),
                         .rate = reader.required("rate", reader.number("rate", 0, largest_rate))});
    }
    return bands;
}

[[nodiscard]] inline std::vector<AnyAddOn> read_add_ons(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 4> keys = {"id", "bands", "short_bands", "largest_position"};
    std::vector<AnyAddOn> add_ons;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[add_ons.size()];
        const ObjectReader reader(entry, place, keys);
        const std::string id = reader.required("id", reader.text("id"));
        if (std::ranges::find(add_ons, id, id_of) != add_ons.end()) {
            throw InvalidInput(reader.where("id"), "must name each add-on once, got " + in_quotes(id) + " again");
        }
        add_ons.push_back(make_add_on(id, place,
                                      {.bands = reader.optional("bands", read_bands),
                                       .short_bands = reader.optional("short_bands", read_bands),
                                       .largest_position = reader.number("largest_position")}));
    }
    return add_ons;
}

[[nodiscard]] inline HouseRates read_rates(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"long", "short"};
    const ObjectReader reader(value, where, keys);
    const HouseRates rates{.long_rate = reader.number("long", 0, largest_rate),
                           .short_rate = reader.number("short", 0, largest_rate)};
    if (!rates.long_rate && !rates.short_rate) {
        throw MissingData(where, "must have a rate, long or short, got neither");
    }
    return rates;
}

[[nodiscard]] inline std::map<std::string, HouseRates> read_house_rates(const Value& value, const Where& where) {
    std::map<std::string, HouseRates> rates;
    for (const auto& [symbol, entry] : read_object(value, where)) {
        const Where place = where[symbol];
        const HouseRates house = read_rates(entry, place);
        const std::string canonical = canonical_symbol(symbol, place);
        if (!rates.emplace(canonical, house).second) {
            throw InvalidInput(place, "must name each symbol once, got " + in_quotes(canonical) + " again");
        }
    }
    return rates;
}

/// Reads the groups of designated pairing: lists of symbols and quantities.
[[nodiscard]] inline std::vector<std::vector<DesignatedLeg>> read_groups(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"symbol", "quantity"};
    std::vector<std::vector<DesignatedLeg>> groups;
    for (const Value& entry : read_list(value, where)) {
        const Where group = where[groups.size()];
        std::vector<DesignatedLeg> legs;
        for (const Value& leg : read_list(entry, group)) {
            const Where place = group[legs.size()];
            const ObjectReader reader(leg, place, keys);
            const Where where_symbol = reader.where("symbol");
            legs.push_back({.symbol = canonical_symbol(reader.required("symbol", reader.text("symbol")), where_symbol),
                            .quantity = reader.required("quantity", reader.number("quantity"))});
        }
        if (legs.empty()) {
            throw InvalidInput(group, "must have at least one position, got none");
        }
        groups.push_back(std::move(legs));
    }
    return groups;
}

/// Reads who pairs the options, and the groups.
inline void read_pairing(const ObjectReader& reader, Policy& policy) {
    policy.pairing = reader.word<PairingMode>("pairing").value_or(policy.pairing);
    policy.groups = reader.optional("groups", read_groups).value_or(policy.groups);
    if (!policy.groups.empty() && policy.pairing != PairingMode::designated) {
        throw InvalidInput(reader.where("groups"), "must not be given unless pairing is \"designated\", got " +
                                                       std::to_string(policy.groups.size()));
    }
}

} // namespace detail

/// Reads a list of benchmark moves, fractions from -1 to 10.
[[nodiscard]] inline std::vector<Fraction> read_moves(const Value& value, const Where& where) {
    constexpr Fraction largest_move = 10.0;
    std::vector<Fraction> moves;
    for (const Value& move : read_list(value, where)) {
        const Where place = where[moves.size()];
        moves.push_back(require_within(read_number(move, place), -1.0, largest_move, place));
    }
    if (moves.empty()) {
        throw InvalidInput(where, "must have at least one move, got none");
    }
    return moves;
}

/// Reads the thresholds of the enforcement ladder; what is absent keeps its default.
[[nodiscard]] inline Ladder read_ladder(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 4> keys = {"warning_excess", "restrict_after_minutes", "severe_move",
                                                      "liquidate_deficiency"};
    constexpr double minutes_a_year = 525'600.0;
    const ObjectReader reader(value, where, keys);
    Ladder ladder;
    ladder.warning_excess = reader.number("warning_excess", 0, 1).value_or(ladder.warning_excess);
    ladder.restrict_after_minutes =
        reader.number("restrict_after_minutes", 0, minutes_a_year).value_or(ladder.restrict_after_minutes);
    ladder.severe_move = reader.positive("severe_move", 1).value_or(ladder.severe_move);
    ladder.liquidate_deficiency =
        reader.number("liquidate_deficiency", 0, largest_rate).value_or(ladder.liquidate_deficiency);
    return ladder;
}

/// Reads `policy`.
///
/// @throws InvalidInput, MissingData, Unsupported naming the key.
[[nodiscard]] inline Policy read_policy(const Value& value, const Where& where) {
    const ObjectReader reader(value, where, detail::policy_keys);
    Policy policy;
    if (const auto rulebook = reader.text("rulebook")) {
        policy.rulebook = find_rulebook(*rulebook, reader.where("rulebook"));
    }
    policy.house_rates = reader.optional("house_rates", detail::read_house_rates).value_or(policy.house_rates);
    policy.base_rates = reader.optional("base_rates", detail::read_rates).value_or(policy.base_rates);
    policy.add_ons = reader.optional("add_ons", detail::read_add_ons).value_or(policy.add_ons);
    policy.missing_beta = reader.number("missing_beta", -largest_beta, largest_beta);
    policy.stress_moves = reader.optional("stress_moves", read_moves).value_or(policy.stress_moves);
    policy.ladder = reader.optional("ladder", read_ladder).value_or(policy.ladder);
    OptionRates& option = policy.rulebook.option;
    policy.long_option_loan_value = reader.flag("long_option_loan_value").value_or(policy.long_option_loan_value);
    option.covered_call_base =
        reader.word<CoveredCallBase>("covered_call_rate_base").value_or(option.covered_call_base);
    option.collar_put = reader.word<CollarPut>("collar_put_otm").value_or(option.collar_put);
    SpreadRules& spread = policy.rulebook.spread;
    spread.balance = reader.word<SpreadBalance>("spread_balance").value_or(spread.balance);
    detail::read_pairing(reader, policy);
    policy.portfolio_margin = read_portfolio_margin_policy(reader);
    if (const auto limit = reader.number("node_limit", 1, largest_node_limit)) {
        if (std::floor(*limit) != *limit) {
            throw InvalidInput(reader.where("node_limit"), "must be a whole number, got " + number_text(*limit));
        }
        policy.node_limit = static_cast<std::size_t>(*limit);
    }
    return policy;
}

} // namespace margincore::document
