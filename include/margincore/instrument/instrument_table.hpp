// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/instrument.hpp>

namespace margincore {

/// The row of an instrument in its table; everything that is aligned with the table is indexed by it.
using InstrumentIndex = std::int32_t;

/// The instruments that a book refers to, each symbol once, in the order in which they were added.
class InstrumentTable {
public:
    /// Adds an instrument and returns its row.
    ///
    /// @throws InvalidInput where the symbol is there already.
    InstrumentIndex add(Instrument instrument, const Where& where) {
        const auto index = static_cast<InstrumentIndex>(instruments_.size());
        if (!rows_.try_emplace(instrument.symbol, index).second) {
            throw InvalidInput(where, "must name each symbol once, got " + in_quotes(instrument.symbol) + " again");
        }
        instruments_.push_back(std::move(instrument));
        return index;
    }

    /// The row of a symbol; nothing where the table does not have it.
    [[nodiscard]] std::optional<InstrumentIndex> find(const std::string& symbol) const {
        const auto row = rows_.find(symbol);
        return row == rows_.end() ? std::nullopt : std::optional(row->second);
    }

    [[nodiscard]] const Instrument& operator[](InstrumentIndex index) const {
        return instruments_[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::size_t size() const { return instruments_.size(); }
    [[nodiscard]] auto begin() const { return instruments_.begin(); }
    [[nodiscard]] auto end() const { return instruments_.end(); }

private:
    std::vector<Instrument> instruments_;
    std::unordered_map<std::string, InstrumentIndex> rows_;
};

} // namespace margincore
