// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <margincore/account/call_covers.hpp>
#include <margincore/account/house_workspace.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/strategy/pairing.hpp>

namespace margincore {

/// Memory to margin the options of one account after another with: once it has grown to the largest, nothing is
/// allocated. Each thread has its own; what was computed before does not show in a result.
struct OptionWorkspace {
    std::vector<std::pair<InstrumentIndex, std::size_t>> options{}; ///< Underlying and position of each option.
    std::vector<std::size_t> positions{};                           ///< Of the options on one underlying.
    std::vector<CallCover> covers{};
    OptionHolding holding{};
    Pairer pairer{};
    std::vector<Quantity> hedged{}; ///< Of each position, the stock that is margined with options.
    std::vector<Money> asked{};     ///< Of each position, its part of what pairing adds.
    HouseWorkspace house{};
};

} // namespace margincore
