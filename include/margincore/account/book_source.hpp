// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>

#include <margincore/instrument/book.hpp>

namespace margincore {

/// BookSource: what accounts are read from, a piece at a time.
///
/// `source.size()` is the number of accounts. `source.piece(first, last, memory)` is the `Book` of the accounts from
/// `first` up to `last`, whose columns lie in the caller's memory or in `memory`, a `Source::Memory` of the calling
/// thread; its `rows` or `first_row(first)` say where positions stand. `source.require_readable(account)` throws what
/// is wrong with data that a `Book` cannot carry. See docs/concepts/book_source.md.
template <class Source>
concept BookSource = requires(const Source& source, std::size_t account, typename Source::Memory& memory) {
    { source.size() } -> std::same_as<std::size_t>;
    { source.piece(account, account, memory) } -> std::same_as<Book>;
    { source.first_row(account) } -> std::same_as<std::size_t>;
    { source.require_readable(account) } -> std::same_as<void>;
};

/// A book in memory, in the types of `Book`: nothing is copied.
struct BookInMemory {
    Book book{};

    struct Memory {};

    [[nodiscard]] std::size_t size() const { return book.size(); }
    [[nodiscard]] Book piece(std::size_t first, std::size_t last, Memory& /*memory*/) const {
        Book part = book;
        part.cash = book.cash.subspan(first, last - first);
        part.offsets = book.offsets.subspan(first, last - first + 1);
        if (!book.is_portfolio.empty()) {
            part.is_portfolio = book.is_portfolio.subspan(first, last - first);
        }
        return part;
    }
    [[nodiscard]] std::size_t first_row(std::size_t /*first*/) const { return 0; }
    void require_readable(std::size_t /*account*/) const {}
};

static_assert(BookSource<BookInMemory>);

} // namespace margincore
