// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <margincore/account/share_trading.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/instrument_table.hpp>

namespace margincore {

/// A position of an account, with the underlying that it is on.
struct PositionOfUnderlying {
    std::size_t first = 0; ///< The first position on the same underlying.
    InstrumentIndex underlying = 0;
    std::size_t position = 0;
};

/// What the charges on an industry need of a holding in it.
struct IndustryMember {
    IndustryIndex industry = no_industry;
    std::size_t order = 0; ///< Among the holdings of the account.
    InstrumentIndex row = 0;
    Money net_value = 0.0;
    Money room = 0.0; ///< What may still be charged, below 100 % of a long value; infinity for a short.
};

/// Memory to charge one account after another with; each thread has its own.
struct HouseWorkspace {
    std::vector<PositionOfUnderlying> positions{};
    std::vector<IndustryMember> industries{};
};

} // namespace margincore
