// SPDX-License-Identifier: Apache-2.0
// Which account and which instrument a position means.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/object_reader.hpp>

#include "frame_book.hpp"

namespace margincore::python {

namespace {

/// The row of what each name of a column stands for; each code of a dictionary is looked up once.
///
/// @param null    The row of what has no name.
/// @param row_of  Returns the row of a name, >= 0.
template <class RowOf>
std::vector<std::int32_t> look_up(const Column& names, std::int32_t null, RowOf&& row_of) {
    std::vector<std::int32_t> rows(names.size, null);
    if (!names.is_dictionary) {
        const bool may_be_null = names.may_be_null();
        for (std::size_t i = 0; i < names.size; ++i) {
            if (!may_be_null || !names.is_null(i)) {
                rows[i] = row_of(names.text(i));
            }
        }
        return rows;
    }
    constexpr std::int32_t not_yet = -1;
    std::vector<std::int32_t> memory;
    for (const Chunk& chunk : names.chunks) {
        const Column& dictionary = *chunk.dictionary;
        std::vector<std::int32_t> row_of_code(dictionary.size, not_yet);
        const auto codes = names.codes(chunk.first, chunk.length, not_yet, memory);
        for (std::size_t i = 0; i < codes.size(); ++i) {
            const auto code = static_cast<std::size_t>(codes[i]); // below zero it is beyond every dictionary
            if (code >= dictionary.size || dictionary.is_null(code)) {
                continue;
            }
            if (row_of_code[code] == not_yet) {
                row_of_code[code] = row_of(dictionary.text(code));
            }
            rows[chunk.first + i] = row_of_code[code];
        }
    }
    return rows;
}

/// Row numbers of any type as those that positions are grouped by.
std::vector<std::int64_t> long_rows(const Column& ids) {
    std::vector<std::int64_t> rows(ids.size);
    ids.visit(0, ids.size, [&](const auto* data, std::size_t first, std::size_t count) {
        std::transform(data, data + count, rows.data() + first,
                       [](auto row) { return static_cast<std::int64_t>(row); });
    });
    return rows;
}

/// Checks that whole numbers are those of their rows.
///
/// @throws InvalidInput where one is not.
void require_row_numbers(const Column& ids, const Where& accounts) {
    const std::vector<std::int64_t> rows = long_rows(ids);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] != static_cast<std::int64_t>(i)) {
            const Where account = accounts[i];
            throw InvalidInput(account["account_id"],
                               "must be the number of the row where positions name accounts by whole numbers, " +
                                   std::to_string(i) + ", got " + document::describe(ids.value(i)));
        }
    }
}

} // namespace

void FrameBook::find_accounts(unsigned threads) {
    const Where where(positions_.name());
    const Where where_accounts(accounts_.name());
    const Column* column = positions_.find("account_id");
    if (column == nullptr || (column->size == 0 && !column->holds_text())) { // nothing that could name an account
        groups_.offsets.assign(accounts_.size() + 1, 0);
        return;
    }
    const Column& ids = *column;
    const auto require_there = [&](std::size_t row) {
        if (ids.is_null(row)) {
            const Where position = where[row];
            throw MissingData(position["account_id"], "must be given, got nothing");
        }
    };
    const Column* names = accounts_.find("account_id");
    if (names != nullptr && names->size > 0 && !names->holds_text() && !names->holds_whole()) {
        throw InvalidInput(where_accounts["account_id"],
                           "must be text or row numbers, got a column of " + names->content());
    }
    if (ids.holds_whole()) {
        if (names != nullptr && names->holds_whole()) {
            require_row_numbers(*names, where_accounts);
        }
        const bool may_be_null = ids.may_be_null();
        for (std::size_t i = 0; may_be_null && i < ids.size; ++i) {
            require_there(i);
        }
        const bool is_one = ids.chunks.size() == 1;
        if (is_one && ids.layout == Layout::i64) {
            const auto* data = static_cast<const std::int64_t*>(ids.chunks[0].data) + ids.chunks[0].offset;
            groups_ = group_positions(std::span(data, ids.size), accounts_.size(), threads);
        } else if (is_one && ids.layout == Layout::i32) {
            const auto* data = static_cast<const std::int32_t*>(ids.chunks[0].data) + ids.chunks[0].offset;
            groups_ = group_positions(std::span(data, ids.size), accounts_.size(), threads);
        } else {
            groups_ = group_positions(std::span<const std::int64_t>(long_rows(ids)), accounts_.size(), threads);
        }
        return;
    }
    if (!ids.holds_text()) {
        throw InvalidInput(where["account_id"], "must be text or row numbers, got a column of " + ids.content());
    }
    if (accounts_.size() > 0 && !accounts_.require("account_id").holds_text()) {
        throw InvalidInput(where_accounts["account_id"],
                           "must be text as in the positions, got a column of " + names->content());
    }
    const std::vector<std::int32_t> rows = accounts_by_name(ids);
    if (const auto nameless = std::ranges::find(rows, -1); nameless != rows.end()) {
        require_there(static_cast<std::size_t>(nameless - rows.begin()));
    }
    groups_ = group_positions(std::span<const std::int32_t>(rows), size(), threads);
}

std::vector<std::int32_t> FrameBook::accounts_by_name(const Column& ids) {
    const Column* names = accounts_.find("account_id");
    std::unordered_map<std::string_view, std::int32_t> rows;
    rows.reserve(accounts_.size());
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (names->is_null(i)) {
            continue;
        }
        const auto [first, is_new] = rows.try_emplace(names->text(i), static_cast<std::int32_t>(i));
        if (!is_new) {
            is_repeated_.resize(accounts_.size(), false);
            is_refused_.resize(accounts_.size(), false);
            for (const std::size_t row : {i, static_cast<std::size_t>(first->second)}) {
                is_repeated_[row] = is_refused_[row] = true;
            }
        }
    }
    std::string_view last;
    std::int32_t last_row = -1;
    return look_up(ids, -1, [&](std::string_view name) {
        if (last_row >= 0 && name == last) {
            return last_row;
        }
        last = name;
        // Positions often name the accounts in the order in which the accounts stand.
        const auto next = static_cast<std::size_t>(last_row + 1);
        if (next < accounts_.size() && is_repeated_.empty() && !names->is_null(next) && names->text(next) == name) {
            return last_row = static_cast<std::int32_t>(next);
        }
        const auto [found, is_new] =
            rows.try_emplace(name, static_cast<std::int32_t>(accounts_.size() + unknown_accounts_.size()));
        if (is_new) {
            unknown_accounts_.emplace_back(name);
        }
        return last_row = found->second;
    });
}

void FrameBook::find_instruments(FrameMarket& market) {
    const Column& symbols = positions_.require("symbol");
    if (symbols.holds_whole()) {
        return; // row numbers
    }
    if (symbols.is_dictionary && symbols.chunks.size() == 1) { // the market in the order of its codes
        const Column& names = *symbols.chunks[0].dictionary;
        std::vector<InstrumentIndex> order(names.size);
        for (std::size_t i = 0; i < names.size; ++i) {
            order[i] = market.row_of(names.is_null(i) ? "" : names.text(i));
        }
        std::vector<InstrumentIndex> sorted = order;
        std::ranges::sort(sorted);
        if (std::ranges::adjacent_find(sorted) == sorted.end()) { // so that the codes are its rows
            dictionary_ = std::move(order);
            return;
        }
    }
    std::unordered_map<std::string_view, InstrumentIndex> rows;
    instrument_ = look_up(symbols, null_instrument, [&](std::string_view name) {
        const auto [found, is_new] = rows.try_emplace(name, null_instrument);
        if (is_new) {
            found->second = market.row_of(name);
        }
        return found->second;
    });
}

} // namespace margincore::python
