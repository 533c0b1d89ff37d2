// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>

#include "python_value.hpp"
#include "read_column.hpp"

namespace py = pybind11;

namespace margincore::python {

namespace {

/// Drops a reference from any thread.
std::shared_ptr<void> hold(py::object object) {
    return {new py::object(std::move(object)), [](void* held) {
                const py::gil_scoped_acquire gil;
                delete static_cast<py::object*>(held);
            }};
}

/// Ticks a day of a type of dates; 0 where they must be brought to one that has a whole number of them.
std::int64_t ticks_of(const py::dtype& type) {
    const auto [unit, count] =
        py::module_::import("numpy").attr("datetime_data")(type).cast<std::pair<std::string, std::int64_t>>();
    const bool is_short = unit == "s" || unit == "ms" || unit == "us" || unit == "ns";
    return count != 1 ? 0 : unit == "D" ? 1 : is_short ? ticks_a_day(unit.front()) : 0;
}

ColumnKind kind_of_numpy(const py::array& array, const Where& where) {
    const py::dtype type = array.dtype();
    const py::ssize_t size = type.itemsize();
    switch (type.kind()) {
    case 'f':
        if (size == 8 || size == 4) {
            return {size == 8 ? Layout::f64 : Layout::f32};
        }
        break;
    case 'i':
        return {size == 8 ? Layout::i64 : size == 4 ? Layout::i32 : size == 2 ? Layout::i16 : Layout::i8};
    case 'u':
        return {size == 8 ? Layout::u64 : size == 4 ? Layout::u32 : size == 2 ? Layout::u16 : Layout::u8};
    case 'b':
        return {Layout::bool_bytes};
    case 'M':
        return {Layout::time64, ticks_of(type)};
    default:
        break;
    }
    refuse_column(where, "the NumPy type " + std::string(py::str(type)));
}

/// A column of numbers in memory of its own.
template <class Number>
std::shared_ptr<const Column> column_of(Layout layout, std::vector<Number> numbers) {
    auto owner = std::make_shared<std::vector<Number>>(std::move(numbers));
    auto column = std::make_shared<Column>();
    column->layout = layout;
    column->owner = owner;
    add_chunk(*column, {.length = owner->size(), .data = owner->data()});
    return column;
}

/// Objects that are whole numbers, or numbers or missing, as a column of numbers; others as they are.
std::shared_ptr<const Column> numbers_if_all_are(std::shared_ptr<Column> objects) {
    const std::vector<document::Value>& values = objects->values;
    if (!values.empty() && std::ranges::all_of(values, &document::Value::is_number_integer)) {
        std::vector<std::int64_t> whole(values.size());
        std::ranges::transform(values, whole.begin(),
                               [](const auto& value) { return value.template get<std::int64_t>(); });
        return column_of(Layout::i64, std::move(whole));
    }
    const auto is_number_or_null = [](const document::Value& value) { return value.is_number() || value.is_null(); };
    if (std::ranges::none_of(values, &document::Value::is_number) || !std::ranges::all_of(values, is_number_or_null)) {
        return objects;
    }
    std::vector<double> numbers(values.size());
    std::ranges::transform(values, numbers.begin(), [](const document::Value& value) {
        return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
    });
    return column_of(Layout::f64, std::move(numbers));
}

std::shared_ptr<const Column> read_objects(const py::array& array, const Where& where) {
    auto column = std::make_shared<Column>();
    column->layout = Layout::values;
    column->size = static_cast<std::size_t>(array.shape(0));
    column->values.reserve(column->size);
    const py::list objects = array.attr("tolist")();
    for (const py::handle object : objects) {
        const Where place = where[column->values.size()];
        const bool is_missing =
            object.is_none() || (PyFloat_Check(object.ptr()) != 0 && std::isnan(PyFloat_AS_DOUBLE(object.ptr())));
        column->values.push_back(is_missing ? document::Value() : to_value(object, place));
    }
    return numbers_if_all_are(column);
}

} // namespace

std::shared_ptr<const Column> read_numpy(const py::handle& source, const Where& where) {
    auto array = py::reinterpret_borrow<py::array>(source);
    if (array.ndim() != 1) {
        refuse_column(where, "an array of " + std::to_string(array.ndim()) + " dimensions");
    }
    const char letter = array.dtype().kind();
    if (letter == 'O' || letter == 'U') {
        return read_objects(array, where);
    }
    if (letter == 'M' && ticks_of(array.dtype()) == 0) {
        const bool is_longer =
            array.dtype().attr("str").cast<std::string>().find_first_of("YMWD", 3) != std::string::npos;
        array = array.attr("astype")(is_longer ? "datetime64[D]" : "datetime64[s]");
    }
    const auto rows = static_cast<std::size_t>(array.shape(0));
    const bool is_native = array.dtype().attr("isnative").cast<bool>();
    const bool is_contiguous = rows < 2 || array.strides(0) == array.itemsize();
    const bool is_aligned =
        reinterpret_cast<std::uintptr_t>(array.data()) % static_cast<std::uintptr_t>(array.itemsize()) == 0;
    if (!is_contiguous || !is_native || !is_aligned) {
        array = array.attr("astype")(array.dtype().attr("newbyteorder")("="), "C");
    }
    const ColumnKind kind = kind_of_numpy(array, where);
    auto column = std::make_shared<Column>();
    column->layout = kind.layout;
    column->ticks_a_day = kind.ticks_a_day;
    column->owner = hold(array);
    add_chunk(*column, {.length = rows, .data = array.data()});
    return column;
}

} // namespace margincore::python
