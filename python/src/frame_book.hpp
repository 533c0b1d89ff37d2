// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/group_positions.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>

#include "column.hpp"

namespace margincore::python {

/// The columns of a frame, by name.
using Columns = std::map<std::string, std::shared_ptr<const Column>>;

/// A frame of a caller: its name, for errors, and its columns.
class Frame {
public:
    /// @throws InvalidInput where columns differ in length.
    Frame(std::string name, Columns columns);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Columns& columns() const { return columns_; }
    [[nodiscard]] const Column* find(const std::string& column) const;
    /// @throws MissingData where the frame does not have it.
    [[nodiscard]] const Column& require(const std::string& column) const;
    /// @throws InvalidInput where a column is none of those named.
    void require_known(std::span<const std::string_view> names) const;

private:
    std::string name_;
    Columns columns_;
    std::size_t size_ = 0;
};

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

/// A book in the columns of a caller: a `BookSource`.
class FrameBook {
public:
    struct Memory {
        std::vector<std::int64_t> offsets{};
        std::vector<InstrumentIndex> instrument{};
        std::vector<Quantity> quantity{};
        std::vector<Quantity> long_units{};
        std::vector<Quantity> short_units{};
        std::vector<Quantity> boxed{};
        std::vector<Money> cash{};
    };

    /// @param market         Gains the symbols that positions name and no instrument has.
    /// @param type_decides   Whether an account of another type than margin is refused.
    FrameBook(const Frame& positions, const Frame& accounts, FrameMarket& market, bool type_decides, unsigned threads);

    [[nodiscard]] std::size_t size() const { return accounts_.size() + unknown_accounts_.size(); }
    [[nodiscard]] Book piece(std::size_t first, std::size_t last, Memory& memory) const;
    [[nodiscard]] std::size_t first_row(std::size_t first) const {
        return static_cast<std::size_t>(groups_.offsets[first]);
    }
    void require_readable(std::size_t account) const;

    /// The rows of the market as the codes of the positions have them.
    [[nodiscard]] MarketRows rows(const FrameMarket& market) const;

    /// Accounts that positions name and the accounts do not have; they are the last of the book.
    [[nodiscard]] const std::vector<std::string>& unknown_accounts() const { return unknown_accounts_; }

private:
    void find_accounts(const Column& ids, unsigned threads);
    void find_instruments(const Column& symbols, FrameMarket& market);
    void find_refused_accounts();
    void read_piece_quantities(std::size_t first, std::size_t count, Book& book, Memory& memory) const;
    void require_position(std::size_t row) const;

    const Frame& positions_;
    const Frame& accounts_;
    bool type_decides_;
    PositionGroups groups_{};
    std::vector<std::string> unknown_accounts_{};
    std::vector<InstrumentIndex> instrument_{}; ///< Of each position, where its column cannot be used as it is.
    std::vector<InstrumentIndex> dictionary_{}; ///< Rows of the market by code, where the column is of codes.
    std::vector<bool> is_refused_{};            ///< By account; empty where none is.
    std::vector<bool> is_repeated_{};           ///< By account; empty where no name stands twice.
    // Whole columns, for positions that are not in order.
    std::vector<Quantity> all_quantity_memory_{};
    std::vector<Quantity> all_long_memory_{};
    std::vector<Quantity> all_short_memory_{};
    std::vector<InstrumentIndex> all_instrument_memory_{};
    std::span<const Quantity> all_quantity_{};
    std::span<const Quantity> all_long_{};
    std::span<const Quantity> all_short_{};
    std::span<const InstrumentIndex> all_instrument_{};
};

static_assert(BookSource<FrameBook>);

} // namespace margincore::python
