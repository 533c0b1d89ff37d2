// SPDX-License-Identifier: Apache-2.0
#include "column.hpp"

#include <chrono>
#include <type_traits>
#include <utility>

#include <margincore/core/date.hpp>

namespace margincore::python {

namespace {

constexpr std::int64_t most_days = 4'000'000; // beyond any calendar, and within what one can compute

/// A time as the day that it is the start of; what is no day is a text that no date is.
std::string day_text(std::int64_t ticks, std::int64_t ticks_a_day) {
    if (ticks % ticks_a_day != 0) {
        return "a time of day";
    }
    const std::int64_t day = ticks / ticks_a_day;
    return day < -most_days || day > most_days ? std::to_string(day) + " days after 1970-01-01"
                                               : to_string(Date{std::chrono::days{day}});
}

} // namespace

bool Column::holds_text() const {
    if (is_dictionary) {
        return std::ranges::all_of(chunks, [](const Chunk& chunk) { return chunk.dictionary->holds_text(); });
    }
    return is_text(layout) || layout == Layout::nothing ||
           (layout == Layout::values && std::ranges::all_of(values, [](const document::Value& value) {
                return value.is_string() || value.is_null();
            }));
}

std::string Column::content() const {
    if (is_dictionary) {
        return "codes of " + (chunks.empty() ? "nothing" : chunks.front().dictionary->content());
    }
    if (is_number(layout)) {
        return is_whole(layout) ? "whole numbers" : "floating-point numbers";
    }
    if (is_text(layout)) {
        return "text";
    }
    switch (layout) {
    case Layout::bool_bits:
    case Layout::bool_bytes:
        return "booleans";
    case Layout::time32:
    case Layout::time64:
        return "dates";
    case Layout::nothing:
        return "nulls";
    default:
        return "several things";
    }
}

document::Value Column::value(std::size_t row) const {
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
    switch (layout) {
    case Layout::f64:
    case Layout::f32:
        return number_at(chunk, i);
    case Layout::u64:
        return static_cast<const std::uint64_t*>(chunk.data)[i];
    case Layout::utf8:
    case Layout::large_utf8:
    case Layout::utf8_view:
        return std::string(text(row));
    case Layout::bool_bits:
        return is_set(chunk.data, i);
    case Layout::bool_bytes:
        return static_cast<const std::uint8_t*>(chunk.data)[i] != 0;
    case Layout::time32:
    case Layout::time64:
        return day_text(whole_at(chunk, i), ticks_a_day);
    default:
        return whole_at(chunk, i);
    }
}

std::span<const double> Column::numbers(std::size_t first, std::size_t count, std::vector<double>& memory) const {
    constexpr double missing = std::numeric_limits<double>::quiet_NaN();
    const bool has_null = has_validity();
    if (layout == Layout::f64 && count > 0) {
        const Chunk& chunk = chunk_of(first);
        if (chunk.validity == nullptr && first + count <= chunk.first + chunk.length) {
            return {static_cast<const double*>(chunk.data) + (first - chunk.first + chunk.offset), count};
        }
    }
    memory.assign(count, missing);
    visit(first, count, [&](const auto* data, std::size_t row, std::size_t part) {
        for (std::size_t i = 0; i < part; ++i) {
            memory[row - first + i] = static_cast<double>(data[i]);
        }
    });
    for (std::size_t i = 0; has_null && i < count; ++i) {
        if (is_null(first + i)) {
            memory[i] = missing;
        }
    }
    return memory;
}

std::span<const std::int32_t> Column::codes(std::size_t first, std::size_t count, std::int32_t null,
                                            std::vector<std::int32_t>& memory) const {
    constexpr std::int32_t none = -1;
    const bool has_null = has_validity();
    if (layout == Layout::i32 && count > 0) {
        const Chunk& chunk = chunk_of(first);
        if (chunk.validity == nullptr && first + count <= chunk.first + chunk.length) {
            return {static_cast<const std::int32_t*>(chunk.data) + (first - chunk.first + chunk.offset), count};
        }
    }
    memory.assign(count, null);
    visit(first, count, [&](const auto* data, std::size_t row, std::size_t part) {
        for (std::size_t i = 0; i < part; ++i) {
            if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(*data)>>) {
                memory[row - first + i] =
                    std::in_range<std::int32_t>(data[i]) ? static_cast<std::int32_t>(data[i]) : none;
            }
        }
    });
    for (std::size_t i = 0; has_null && i < count; ++i) {
        if (is_null(first + i)) {
            memory[i] = null;
        }
    }
    return memory;
}

std::string_view Column::view_at(const Chunk& chunk, std::size_t i) {
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

} // namespace margincore::python
