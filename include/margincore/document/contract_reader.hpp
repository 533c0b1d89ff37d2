// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/index_roots.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/instrument/osi_symbol.hpp>

namespace margincore::document {

inline constexpr double largest_multiplier = 1e6;

namespace detail {

[[nodiscard]] inline std::vector<Deliverable> read_deliverable(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"symbol", "units", "cash"};
    std::vector<Deliverable> parts;
    for (const Value& part : read_list(value, where)) {
        const Where place = where[parts.size()];
        const ObjectReader reader(part, place, keys);
        if (reader.has("cash") && (reader.has("symbol") || reader.has("units"))) {
            throw InvalidInput(place, "must have symbol and units, or cash, got both");
        }
        if (reader.has("cash")) {
            parts.push_back({.symbol = {}, .amount = *reader.number("cash", -largest_price, largest_price)});
        } else {
            parts.push_back({.symbol = reader.required("symbol", reader.ticker("symbol")),
                             .amount = reader.required("units", reader.positive("units", largest_multiplier))});
        }
    }
    if (parts.empty()) {
        throw InvalidInput(where, "must have at least one part, got none");
    }
    return parts;
}

/// Checks that a key that repeats what the symbol says, says the same.
template <class T>
void require_agreement(const ObjectReader& entry, std::string_view key, const std::optional<T>& stated,
                       const T& symbol) {
    if (stated && *stated != symbol) {
        throw InvalidInput(entry.where(key), "must agree with the option symbol, got " + describe(entry.require(key)));
    }
}

} // namespace detail

/// The terms of an option: from its symbol, from what is known of index roots, and from the keys of its entry.
///
/// @param symbol  Nothing for an option that has another name than an OSI symbol, whose terms must all be given.
[[nodiscard]] inline OptionContract read_contract(const ObjectReader& entry, const std::optional<OsiSymbol>& symbol) {
    OptionContract contract;
    const auto right = entry.word<Right>("right");
    const auto strike = entry.positive("strike", largest_price);
    const auto expiry = entry.date("expiry");
    const IndexRoot* index = symbol ? find_index_root(symbol->root) : nullptr;
    if (symbol) {
        detail::require_agreement(entry, "right", right, symbol->right);
        detail::require_agreement(entry, "strike", strike, symbol->strike());
        detail::require_agreement(entry, "expiry", expiry, symbol->expiry);
    }
    contract.right = symbol ? symbol->right : entry.required("right", right);
    contract.strike = symbol ? symbol->strike() : entry.required("strike", strike);
    contract.expiry = symbol ? symbol->expiry : entry.required("expiry", expiry);
    if (index != nullptr) {
        contract.underlying = std::string(index->underlying);
        contract.style = index->style;
        contract.settlement = Settlement::cash;
        contract.settlement_time = index->settlement_time;
    } else if (symbol && !symbol->is_adjusted()) {
        contract.underlying = symbol->root;
    } else {
        static_cast<void>(entry.require("underlying")); // an adjusted root, or no root at all, does not say it
    }
    contract.underlying = entry.ticker("underlying").value_or(contract.underlying);
    contract.style = entry.word<ExerciseStyle>("style").value_or(contract.style);
    contract.settlement = entry.word<Settlement>("settlement").value_or(contract.settlement);
    contract.settlement_time = entry.word<SettlementTime>("settlement_time").value_or(contract.settlement_time);
    contract.listed = entry.flag("listed").value_or(contract.listed);
    contract.guaranteed = entry.flag("guaranteed").value_or(contract.guaranteed);
    contract.multiplier = entry.positive("multiplier", largest_multiplier).value_or(contract.multiplier);
    contract.deliverable = entry.optional("deliverable", detail::read_deliverable).value_or(contract.deliverable);
    return contract;
}

} // namespace margincore::document
