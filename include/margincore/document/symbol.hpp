// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/osi_symbol.hpp>

namespace margincore::document {

/// A symbol in its canonical form: a ticker as it is, an option symbol with its 21 characters.
///
/// @throws InvalidInput where it is neither.
[[nodiscard]] inline std::string canonical_symbol(std::string_view text, const Where& where) {
    return is_option_symbol(text) ? to_string(OsiSymbol::parse(text, where)) : require_ticker(text, where);
}

} // namespace margincore::document
