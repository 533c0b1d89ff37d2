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
#include <type_traits>
#include <utility>
#include <vector>

#include <margincore/core/date.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
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

class Column;

/// A piece of a column, in memory that somebody else holds.
struct Chunk {
    std::size_t first = 0; ///< Row of the column.
    std::size_t length = 0;
    std::size_t offset = 0;                     ///< Into the buffers.
    const std::uint8_t* validity = nullptr;     ///< A bit a row; null where all are there.
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

    [[nodiscard]] bool is_dictionary() const { return !chunks.empty() && chunks.front().dictionary != nullptr; }

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
        if (chunk.validity != nullptr && (chunk.validity[i / 8] >> (i % 8) & 1) == 0) {
            return true;
        }
        if (chunk.dictionary) { // pandas says null by a code below zero
            const std::int64_t code = whole_at(chunk, i);
            return code < 0 || chunk.dictionary->is_null(static_cast<std::size_t>(code));
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

    /// Whether every row that is not null is text.
    [[nodiscard]] bool holds_text() const {
        if (is_dictionary()) {
            return std::ranges::all_of(chunks, [](const Chunk& chunk) { return chunk.dictionary->holds_text(); });
        }
        return is_text(layout) || layout == Layout::nothing ||
               (layout == Layout::values && std::ranges::all_of(values, [](const document::Value& value) {
                    return value.is_string() || value.is_null();
                }));
    }

    /// A cell as the value of a document; null where it is.
    [[nodiscard]] document::Value value(std::size_t row) const {
        if (is_null(row)) {
            return nullptr;
        }
        if (layout == Layout::values) {
            return values[row];
        }
        const Chunk& chunk = chunk_of(row);
        const std::size_t i = row - chunk.first + chunk.offset;
        if (chunk.dictionary) {
            return chunk.dictionary->value(static_cast<std::size_t>(whole_at(chunk, i)));
        }
        if (is_text(layout)) {
            return std::string(text(row));
        }
        if (layout == Layout::bool_bits) {
            return (static_cast<const std::uint8_t*>(chunk.data)[i / 8] >> (i % 8) & 1) != 0;
        }
        if (layout == Layout::bool_bytes) {
            return static_cast<const std::uint8_t*>(chunk.data)[i] != 0;
        }
        if (layout == Layout::time32 || layout == Layout::time64) {
            const std::int64_t ticks = whole_at(chunk, i);
            const std::int64_t day = ticks / ticks_a_day - (ticks % ticks_a_day < 0 ? 1 : 0);
            return margincore::to_string(Date{std::chrono::days{day}});
        }
        if (is_whole(layout)) {
            return whole_at(chunk, i);
        }
        return number_at(chunk, i);
    }

    /// Calls `visit(values, first, count)` with the typed values of each chunk in a range of rows; whole numbers and
    /// floating point only.
    template <class Visit>
    void visit(std::size_t first, std::size_t count, Visit&& take) const {
        while (count > 0) {
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
                                                  std::vector<double>& memory) const {
        if (layout == Layout::f64 && count > 0) {
            const Chunk& chunk = chunk_of(first);
            if (chunk.validity == nullptr && first + count <= chunk.first + chunk.length) {
                return {static_cast<const double*>(chunk.data) + (first - chunk.first + chunk.offset), count};
            }
        }
        memory.resize(count);
        if (layout == Layout::nothing || layout == Layout::values) { // without any number
            std::ranges::fill(memory, std::numeric_limits<double>::quiet_NaN());
            return memory;
        }
        visit(first, count, [&](const auto* data, std::size_t row, std::size_t part) {
            for (std::size_t i = 0; i < part; ++i) {
                memory[row - first + i] = static_cast<double>(data[i]);
            }
        });
        for (std::size_t i = 0; i < count; ++i) {
            if (is_null(first + i)) {
                memory[i] = std::numeric_limits<double>::quiet_NaN();
            }
        }
        return memory;
    }

    /// Whole numbers, or codes of a dictionary, of a range of rows: where they lie if they are of 32 bits without nulls
    /// in one chunk, else in `memory`, with `null` for nulls and -1 for what 32 bits do not hold.
    [[nodiscard]] std::span<const std::int32_t> codes(std::size_t first, std::size_t count, std::int32_t null,
                                                      std::vector<std::int32_t>& memory) const {
        if (layout == Layout::i32 && count > 0) {
            const Chunk& chunk = chunk_of(first);
            if (chunk.validity == nullptr && first + count <= chunk.first + chunk.length) {
                return {static_cast<const std::int32_t*>(chunk.data) + (first - chunk.first + chunk.offset), count};
            }
        }
        memory.resize(count);
        visit(first, count, [&](const auto* data, std::size_t row, std::size_t part) {
            for (std::size_t i = 0; i < part; ++i) {
                const auto code = static_cast<std::int64_t>(data[i]);
                memory[row - first + i] = code >= 0 && code <= std::numeric_limits<std::int32_t>::max()
                                              ? static_cast<std::int32_t>(code)
                                              : -1;
            }
        });
        const bool may_be_null = std::ranges::any_of(chunks, [](const Chunk& chunk) { return chunk.validity; });
        for (std::size_t i = 0; may_be_null && i < count; ++i) {
            if (is_null(first + i)) {
                memory[i] = null;
            }
        }
        return memory;
    }

    /// Where the first chunk lies, for tests.
    [[nodiscard]] std::uintptr_t address() const {
        return chunks.empty() ? 0 : reinterpret_cast<std::uintptr_t>(chunks.front().data);
    }

private:
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

    [[nodiscard]] static std::string_view view_at(const Chunk& chunk, std::size_t i) {
        struct View {
            std::int32_t length;
            char prefix[4];
            std::int32_t buffer;
            std::int32_t offset;
        };
        constexpr std::int32_t longest_inside = 12;
        const View& view = static_cast<const View*>(chunk.data)[i];
        const auto length = static_cast<std::size_t>(view.length);
        if (view.length <= longest_inside) {
            return {view.prefix, length};
        }
        return {static_cast<const char*>(chunk.buffers[2 + view.buffer]) + view.offset, length};
    }
};

} // namespace margincore::python
