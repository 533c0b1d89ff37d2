// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/document/value.hpp>

namespace margincore::python {

/// How the values of a column lie in memory.
enum class Layout : std::uint8_t {
    f64,
    f32,
    i64,
    i32,
    i16,
    i8,
    u64,
    u32,
    u16,
    u8,
    bool_bits,  ///< Arrow's.
    bool_bytes, ///< NumPy's.
    utf8,       ///< 32-bit offsets into bytes.
    large_utf8, ///< 64-bit offsets into bytes.
    utf8_view,  ///< 16-byte views, short texts inside.
    time32,     ///< 32-bit counts since 1970-01-01.
    time64,     ///< 64-bit counts since 1970-01-01.
    nothing,    ///< Nulls only.
    values,     ///< Values read from Python objects.
};

/// Whether a layout holds text.
[[nodiscard]] constexpr bool is_text(Layout layout) {
    return layout == Layout::utf8 || layout == Layout::large_utf8 || layout == Layout::utf8_view;
}

/// Whether a layout holds whole numbers.
[[nodiscard]] constexpr bool is_whole(Layout layout) { return layout >= Layout::i64 && layout <= Layout::u8; }

/// Whether a layout holds numbers.
[[nodiscard]] constexpr bool is_number(Layout layout) { return layout <= Layout::u8; }

/// Whether bit `i` is set, as Arrow counts bits.
[[nodiscard]] inline bool is_set(const void* bits, std::size_t i) {
    return (static_cast<const std::uint8_t*>(bits)[i / 8] >> (i % 8) & 1) != 0;
}

class Column;

/// A piece of a column, in memory that somebody else holds.
struct Chunk {
    std::size_t first = 0; ///< Row of the column.
    std::size_t length = 0;
    std::size_t offset = 0;                     ///< Into the buffers.
    const void* validity = nullptr;             ///< A bit a row; null where all are there.
    const void* data = nullptr;                 ///< Values, offsets or views.
    const void* const* buffers = nullptr;       ///< All of them, for texts.
    std::shared_ptr<const Column> dictionary{}; ///< What codes stand for.
};

/// A column of a caller's frame, read where it lies.
class Column {
public:
    Layout layout = Layout::nothing;
    std::int64_t ticks_a_day = 1; ///< Of a time.
    std::vector<Chunk> chunks{};
    std::vector<document::Value> values{}; ///< Of layout `values`.
    std::shared_ptr<void> owner{};         ///< Keeps the memory.
    std::size_t size = 0;
    bool is_dictionary = false; ///< Of codes, which stand for what the dictionary of their chunk says.

    /// Whether the column is of whole numbers that stand for themselves.
    [[nodiscard]] bool holds_whole() const { return is_whole(layout) && !is_dictionary; }
    /// Whether every row that is not null is text.
    [[nodiscard]] bool holds_text() const;
    /// What the column holds, for errors: "text", "codes of text", "dates".
    [[nodiscard]] std::string content() const;

    /// Whether any row can be null, without a look at the rows.
    [[nodiscard]] bool may_be_null() const {
        return layout == Layout::f64 || layout == Layout::f32 || layout == Layout::time64 ||
               layout == Layout::nothing || layout == Layout::values || is_dictionary || has_validity();
    }

    [[nodiscard]] const Chunk& chunk_of(std::size_t row) const {
        if (chunks.size() == 1) {
            return chunks.front();
        }
        return *(std::ranges::upper_bound(chunks, row, {}, &Chunk::first) - 1);
    }

    [[nodiscard]] bool is_null(std::size_t row) const {
        if (layout == Layout::values) {
            return values[row].is_null();
        }
        if (layout == Layout::nothing) {
            return true;
        }
        const Chunk& chunk = chunk_of(row);
        const std::size_t i = row - chunk.first + chunk.offset;
        if (chunk.validity != nullptr && !is_set(chunk.validity, i)) {
            return true;
        }
        if (chunk.dictionary) {                                             // pandas says null by a code below zero
            const auto code = static_cast<std::size_t>(whole_at(chunk, i)); // beyond any dictionary, then
            return code >= chunk.dictionary->size || chunk.dictionary->is_null(code);
        }
        if (layout == Layout::f64 || layout == Layout::f32) {
            return std::isnan(number_at(chunk, i));
        }
        return layout == Layout::time64 && whole_at(chunk, i) == std::numeric_limits<std::int64_t>::min(); // NaT
    }

    /// The text of a row; the column holds text, or codes of text, and the row is not null.
    [[nodiscard]] std::string_view text(std::size_t row) const {
        if (layout == Layout::values) {
            return values[row].get_ref<const std::string&>();
        }
        const Chunk& chunk = chunk_of(row);
        const std::size_t i = row - chunk.first + chunk.offset;
        if (chunk.dictionary) {
            return chunk.dictionary->text(static_cast<std::size_t>(whole_at(chunk, i)));
        }
        if (layout == Layout::utf8_view) {
            return view_at(chunk, i);
        }
        const auto* bytes = static_cast<const char*>(chunk.buffers[2]);
        if (layout == Layout::utf8) {
            const auto* offsets = static_cast<const std::int32_t*>(chunk.data);
            return {bytes + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i])};
        }
        const auto* offsets = static_cast<const std::int64_t*>(chunk.data);
        return {bytes + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i])};
    }

    /// A cell as the value of a document; null where it is.
    [[nodiscard]] document::Value value(std::size_t row) const;

    /// Calls `take(values, first, count)` with the typed values of each chunk in a range of rows, where they are
    /// numbers.
    template <class Take>
    void visit(std::size_t first, std::size_t count, Take&& take) const {
        while (count > 0 && is_number(layout)) {
            const Chunk& chunk = chunk_of(first);
            const std::size_t part = (std::min)(count, chunk.first + chunk.length - first);
            const std::size_t i = first - chunk.first + chunk.offset;
            typed([&](auto type) { take(static_cast<const decltype(type)*>(chunk.data) + i, first, part); });
            first += part;
            count -= part;
        }
    }

    /// Numbers of a range of rows, NaN for nulls: where they lie if they are doubles without nulls in one chunk, else
    /// in `memory`.
    [[nodiscard]] std::span<const double> numbers(std::size_t first, std::size_t count,
                                                  std::vector<double>& memory) const;

    /// Whole numbers, or codes of a dictionary, of a range of rows: where they lie if they are of 32 bits without nulls
    /// in one chunk, else in `memory`, with `null` for nulls and -1 for what 32 bits do not hold.
    [[nodiscard]] std::span<const std::int32_t> codes(std::size_t first, std::size_t count, std::int32_t null,
                                                      std::vector<std::int32_t>& memory) const;

    /// Where the first chunk lies, for tests.
    [[nodiscard]] std::uintptr_t address() const {
        return chunks.empty() ? 0 : reinterpret_cast<std::uintptr_t>(chunks.front().data);
    }

private:
    [[nodiscard]] bool has_validity() const {
        return std::ranges::any_of(chunks, [](const Chunk& chunk) { return chunk.validity != nullptr; });
    }

    template <class Take>
    void typed(Take&& take) const {
        switch (layout) {
        case Layout::f64:
            return take(double{});
        case Layout::f32:
            return take(float{});
        case Layout::i64:
        case Layout::time64:
            return take(std::int64_t{});
        case Layout::i32:
        case Layout::time32:
            return take(std::int32_t{});
        case Layout::i16:
            return take(std::int16_t{});
        case Layout::i8:
            return take(std::int8_t{});
        case Layout::u64:
            return take(std::uint64_t{});
        case Layout::u32:
            return take(std::uint32_t{});
        case Layout::u16:
            return take(std::uint16_t{});
        case Layout::u8:
            return take(std::uint8_t{});
        default:
            return;
        }
    }

    [[nodiscard]] std::int64_t whole_at(const Chunk& chunk, std::size_t i) const {
        std::int64_t result = 0;
        typed(
            [&](auto type) { result = static_cast<std::int64_t>(static_cast<const decltype(type)*>(chunk.data)[i]); });
        return result;
    }

    [[nodiscard]] double number_at(const Chunk& chunk, std::size_t i) const {
        double result = 0;
        typed([&](auto type) { result = static_cast<double>(static_cast<const decltype(type)*>(chunk.data)[i]); });
        return result;
    }

    [[nodiscard]] static std::string_view view_at(const Chunk& chunk, std::size_t i);
};

} // namespace margincore::python
