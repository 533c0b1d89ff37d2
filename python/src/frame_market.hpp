// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <map>
#include <string_view>
#include <vector>

#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>

#include "frame.hpp"

namespace margincore::python {

/// What is common to all accounts: the instruments at their prices, and the policy.
struct FrameMarket {
    InstrumentTable instruments{};
    MarketSnapshot snapshot{};
    Policy policy{};
    std::size_t known = 0; ///< Rows of the instruments frame; what follows in the table are names that it lacks.
    std::map<InstrumentIndex, std::exception_ptr> refused{};
    std::vector<Warning> warnings{};

    /// The row of a symbol, a new one where no instrument has it.
    InstrumentIndex row_of(std::string_view symbol);
};

/// Reads the instruments, the market and the policy. An instrument that is wrong is refused to whoever holds it.
[[nodiscard]] FrameMarket read_frame_market(const Frame& instruments, const document::Value& market,
                                            const document::Value& policy);

} // namespace margincore::python
