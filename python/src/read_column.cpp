// SPDX-License-Identifier: Apache-2.0
#include "read_column.hpp"

#include <cstring>
#include <string>
#include <vector>

#include <pybind11/numpy.h>

#include "arrow_c_data.hpp"
#include "python_value.hpp"

namespace py = pybind11;

namespace margincore::python {

namespace {

constexpr std::int64_t seconds_a_day = 86'400;

struct Kind {
    Layout layout = Layout::nothing;
    std::int64_t ticks_a_day = 1;
};

[[noreturn]] void refuse(const Where& where, const std::string& got) {
    throw InvalidInput(where, "must be a column of numbers, text, dates or booleans, got " + got);
}

/// Ticks a day of a unit of time: s, m(illi), u, n.
std::int64_t ticks_of(char unit) {
    return seconds_a_day * (unit == 's' ? 1 : unit == 'm' ? 1'000 : unit == 'u' ? 1'000'000 : 1'000'000'000);
}

// --- Arrow
// ------------------------------------------------------------------------------------------------------------

Kind kind_of_arrow(std::string_view format, const Where& where) {
    if (format.size() == 1) {
        switch (format[0]) {
        case 'g':
            return {Layout::f64};
        case 'f':
            return {Layout::f32};
        case 'l':
            return {Layout::i64};
        case 'i':
            return {Layout::i32};
        case 's':
            return {Layout::i16};
        case 'c':
            return {Layout::i8};
        case 'L':
            return {Layout::u64};
        case 'I':
            return {Layout::u32};
        case 'S':
            return {Layout::u16};
        case 'C':
            return {Layout::u8};
        case 'b':
            return {Layout::bool_bits};
        case 'u':
            return {Layout::utf8};
        case 'U':
            return {Layout::large_utf8};
        case 'n':
            return {Layout::nothing};
        default:
            break;
        }
    }
    if (format == "vu") {
        return {Layout::utf8_view};
    }
    if (format == "tdD") {
        return {Layout::time32, 1};
    }
    if (format == "tdm") {
        return {Layout::time64, ticks_of('m')};
    }
    if (format.size() > 3 && format.substr(0, 2) == "ts") {
        return {Layout::time64, ticks_of(format[2])};
    }
    refuse(where, "the Arrow type '" + std::string(format) + "'");
}

struct ArrowOwners {
    std::vector<std::unique_ptr<ArrowOwner<ArrowArray>>> arrays{};
};

Chunk chunk_of(const ArrowArray& array, const Kind& kind) {
    Chunk chunk{.length = static_cast<std::size_t>(array.length), .offset = static_cast<std::size_t>(array.offset)};
    if (kind.layout != Layout::nothing) {
        chunk.validity = array.null_count == 0 ? nullptr : static_cast<const std::uint8_t*>(array.buffers[0]);
        chunk.data = array.buffers[1];
        chunk.buffers = array.buffers;
    }
    return chunk;
}

void add_chunk(Column& column, Chunk chunk) {
    if (chunk.length == 0) {
        return; // its buffers may be null
    }
    chunk.first = column.size;
    column.size += chunk.length;
    column.chunks.push_back(std::move(chunk));
}

/// @param owners  Keep what the column points to.
void add_array(Column& column, const ArrowSchema& schema, const ArrowArray& array,
               const std::shared_ptr<ArrowOwners>& owners, const Where& where) {
    Chunk chunk = chunk_of(array, {column.layout});
    if (schema.dictionary != nullptr) {
        const Kind kind = kind_of_arrow(schema.dictionary->format, where);
        auto dictionary = std::make_shared<Column>();
        dictionary->layout = kind.layout;
        dictionary->ticks_a_day = kind.ticks_a_day;
        dictionary->owner = owners;
        add_chunk(*dictionary, chunk_of(*array.dictionary, kind));
        chunk.dictionary = dictionary;
    }
    add_chunk(column, std::move(chunk));
}

std::shared_ptr<const Column> column_of_arrow(const ArrowSchema& schema, const std::shared_ptr<ArrowOwners>& owners,
                                              const Where& where) {
    const Kind kind = kind_of_arrow(schema.format, where);
    auto column = std::make_shared<Column>();
    column->layout = kind.layout;
    column->ticks_a_day = kind.ticks_a_day;
    column->owner = owners;
    for (const auto& array : owners->arrays) {
        add_array(*column, schema, *array->get(), owners, where);
    }
    return column;
}

template <class Structure>
Structure* pointer_of(const py::object& capsule, const char* name, const Where& where) {
    auto* pointer = static_cast<Structure*>(PyCapsule_GetPointer(capsule.ptr(), name));
    if (pointer == nullptr) {
        PyErr_Clear();
        refuse(where, "an object whose Arrow interface does not work");
    }
    return pointer;
}

std::shared_ptr<const Column> read_arrow_stream(const py::handle& source, const Where& where) {
    const py::object capsule = source.attr("__arrow_c_stream__")();
    auto* stream = pointer_of<ArrowArrayStream>(capsule, "arrow_array_stream", where);
    const auto check = [&](int status) {
        if (status != 0) {
            const char* message = stream->get_last_error(stream);
            refuse(where, message == nullptr ? "an Arrow stream that fails" : message);
        }
    };
    ArrowOwner<ArrowSchema> schema;
    check(stream->get_schema(stream, schema.get()));
    auto owners = std::make_shared<ArrowOwners>();
    while (true) {
        auto array = std::make_unique<ArrowOwner<ArrowArray>>();
        check(stream->get_next(stream, array->get()));
        if (array->get()->release == nullptr) {
            break;
        }
        owners->arrays.push_back(std::move(array));
    }
    return column_of_arrow(*schema.get(), owners, where);
}

std::shared_ptr<const Column> read_arrow_array(const py::handle& source, const Where& where) {
    const auto capsules = source.attr("__arrow_c_array__")().cast<std::pair<py::object, py::object>>();
    auto* schema = pointer_of<ArrowSchema>(capsules.first, "arrow_schema", where);
    auto* array = pointer_of<ArrowArray>(capsules.second, "arrow_array", where);
    auto owners = std::make_shared<ArrowOwners>();
    owners->arrays.push_back(std::make_unique<ArrowOwner<ArrowArray>>(*array));
    array->release = nullptr; // moved
    return column_of_arrow(*schema, owners, where);
}

// --- NumPy
// ------------------------------------------------------------------------------------------------------------

/// Drops a reference from any thread.
std::shared_ptr<void> hold(py::object object) {
    return {new py::object(std::move(object)), [](void* held) {
                const py::gil_scoped_acquire gil;
                delete static_cast<py::object*>(held);
            }};
}

Kind kind_of_numpy(const py::array& array, const Where& where) {
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
    case 'M': { // in days, or made so by the caller
        return {Layout::time64, 1};
    }
    default:
        break;
    }
    refuse(where, "the NumPy type " + std::string(py::str(type)));
}

/// Objects that are numbers or missing, as a column of numbers; others as they are.
std::shared_ptr<const Column> numbers_if_all_are(std::shared_ptr<Column> objects) {
    const auto is_number = [](const document::Value& value) { return value.is_number(); };
    if (std::ranges::none_of(objects->values, is_number) ||
        !std::ranges::all_of(objects->values,
                             [&](const document::Value& value) { return is_number(value) || value.is_null(); })) {
        return objects;
    }
    auto numbers = std::make_shared<std::vector<double>>();
    for (const document::Value& value : objects->values) {
        numbers->push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
    }
    auto column = std::make_shared<Column>();
    column->layout = Layout::f64;
    column->owner = numbers;
    add_chunk(*column, {.length = numbers->size(), .data = numbers->data()});
    return column;
}

std::shared_ptr<const Column> read_numpy(const py::array& array, const Where& where) {
    auto column = std::make_shared<Column>();
    if (array.ndim() != 1) {
        refuse(where, "an array of " + std::to_string(array.ndim()) + " dimensions");
    }
    const auto rows = static_cast<std::size_t>(array.shape(0));
    const char kind = array.dtype().kind();
    if (kind == 'O' || kind == 'U') {
        column->layout = Layout::values;
        column->size = rows;
        column->values.reserve(rows);
        const py::list objects = array.attr("tolist")();
        for (const py::handle object : objects) {
            const Where place = where[column->values.size()];
            const bool is_missing =
                object.is_none() || (PyFloat_Check(object.ptr()) != 0 && std::isnan(PyFloat_AS_DOUBLE(object.ptr())));
            column->values.push_back(is_missing ? document::Value() : to_value(object, place));
        }
        return numbers_if_all_are(column);
    }
    const bool is_native = array.dtype().attr("isnative").cast<bool>();
    const bool is_contiguous = rows < 2 || array.strides(0) == array.itemsize();
    const py::module_ numpy = py::module_::import("numpy");
    py::array plain = array;
    if (kind == 'M') {
        plain = array.attr("astype")("datetime64[D]");
    } else if (!is_contiguous || !is_native) {
        plain = numpy.attr("ascontiguousarray")(array, array.dtype().attr("newbyteorder")("="));
    }
    const Kind plain_kind = kind_of_numpy(plain, where);
    column->layout = plain_kind.layout;
    column->ticks_a_day = plain_kind.ticks_a_day;
    column->owner = hold(plain);
    add_chunk(*column, {.length = rows, .data = plain.data()});
    return column;
}

} // namespace

std::shared_ptr<const Column> read_column(const py::handle& source, const Where& where) {
    if (py::isinstance<py::tuple>(source)) { // codes and what they stand for
        const auto [codes, meanings] = source.cast<std::pair<py::object, py::object>>();
        const auto of_codes = read_column(codes, where);
        if (!is_whole(of_codes->layout)) {
            refuse(where, "codes that are no whole numbers");
        }
        auto column = std::make_shared<Column>(*of_codes);
        const auto dictionary = read_column(meanings, where);
        for (Chunk& chunk : column->chunks) {
            chunk.dictionary = dictionary;
        }
        return column;
    }
    if (py::isinstance<py::array>(source)) {
        return read_numpy(py::reinterpret_borrow<py::array>(source), where);
    }
    if (py::hasattr(source, "__arrow_c_stream__")) {
        return read_arrow_stream(source, where);
    }
    if (py::hasattr(source, "__arrow_c_array__")) {
        return read_arrow_array(source, where);
    }
    refuse(where, detail::type_name(source));
}

} // namespace margincore::python
