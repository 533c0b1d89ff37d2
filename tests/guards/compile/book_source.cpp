// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include <margincore/account/evaluate_book.hpp>

namespace {

using margincore::Book;

template <margincore::BookSource Source>
void read(const Source& /*source*/) {}

/// Right but for one thing: the accounts are handed out one by one.
struct OneByOne {
    struct Memory {};
    std::size_t size() const;
    margincore::AccountView piece(std::size_t first, std::size_t last, Memory& memory) const;
    std::size_t first_row(std::size_t first) const;
    void require_readable(std::size_t account) const;
};

/// Right but for one thing: two threads would write to the same memory.
struct WithoutMemory {
    std::size_t size() const;
    Book piece(std::size_t first, std::size_t last) const;
    std::size_t first_row(std::size_t first) const;
    void require_readable(std::size_t account) const;
};

/// Right but for one thing: reading changes it.
struct Changes {
    struct Memory {};
    std::size_t size() const;
    Book piece(std::size_t first, std::size_t last, Memory& memory);
    std::size_t first_row(std::size_t first) const;
    void require_readable(std::size_t account) const;
};

static_assert(!margincore::BookSource<WithoutMemory> && !margincore::BookSource<Changes>);

} // namespace

void use() {
#if MARGINCORE_COMPILE_FAIL
    read(OneByOne{});
#else
    read(margincore::BookInMemory{});
#endif
}
