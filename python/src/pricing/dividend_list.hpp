// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include <margincore/pricing/dividends.hpp>

namespace margincore::python {

/// Dividends as Python has them: pairs of a time and an amount.
using DividendList = std::vector<std::pair<double, double>>;

inline std::vector<Dividend> dividends_of(const DividendList& list) {
    std::vector<Dividend> dividends;
    for (const auto& [time, amount] : list) {
        dividends.push_back({.time = time, .amount = amount});
    }
    return dividends;
}

} // namespace margincore::python
