// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_c_data.hpp"
#include "read_column.hpp"

namespace py = pybind11;

namespace margincore::python {

namespace {

ColumnKind kind_of_arrow(std::string_view format, const Where& where) {
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
        return {Layout::time64, ticks_a_day('m')};
    }
    if (format.size() == 4 && format.substr(0, 2) == "ts") {
        return {Layout::time64, ticks_a_day(format[2])};
    }
    if (format.substr(0, 2) == "ts") {
        refuse_column(where, "times of the zone '" + std::string(format.substr(4)) + "', which are not days");
    }
    refuse_column(where, "the Arrow type '" + std::string(format) + "'");
}

struct ArrowOwners {
    std::vector<std::unique_ptr<ArrowOwner<ArrowArray>>> arrays{};
};

Chunk chunk_of(const ArrowArray& array, const ColumnKind& kind) {
    Chunk chunk{.length = static_cast<std::size_t>(array.length), .offset = static_cast<std::size_t>(array.offset)};
    if (kind.layout != Layout::nothing) {
        chunk.validity = array.null_count == 0 ? nullptr : array.buffers[0];
        chunk.data = array.buffers[1];
        chunk.buffers = array.buffers;
    }
    return chunk;
}

/// @param owners  Keep what the column points to.
void add_array(Column& column, const ArrowSchema& schema, const ArrowArray& array,
               const std::shared_ptr<ArrowOwners>& owners, const Where& where) {
    Chunk chunk = chunk_of(array, {column.layout});
    if (schema.dictionary != nullptr) {
        const ColumnKind kind = kind_of_arrow(schema.dictionary->format, where);
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
    const ColumnKind kind = kind_of_arrow(schema.format, where);
    auto column = std::make_shared<Column>();
    column->layout = kind.layout;
    column->ticks_a_day = kind.ticks_a_day;
    column->owner = owners;
    column->is_dictionary = schema.dictionary != nullptr;
    for (const auto& array : owners->arrays) {
        add_array(*column, schema, *array->get(), owners, where);
    }
    return column;
}

template <class Structure>
Structure* pointer_of(const py::object& capsule, const char* name, const Where& where) {
    auto* pointer = static_cast<Structure*>(PyCapsule_GetPointer(capsule.ptr(), name));
    if (pointer == nullptr || pointer->release == nullptr) { // somebody took it already
        PyErr_Clear();
        refuse_column(where, "an object whose Arrow interface does not work");
    }
    return pointer;
}

} // namespace

std::shared_ptr<const Column> read_arrow_stream(const py::handle& source, const Where& where) {
    const py::object capsule = source.attr("__arrow_c_stream__")();
    auto* stream = pointer_of<ArrowArrayStream>(capsule, "arrow_array_stream", where);
    const auto check = [&](int status) {
        if (status != 0) {
            const char* message = stream->get_last_error(stream);
            refuse_column(where, message == nullptr ? "an Arrow stream that fails" : message);
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

} // namespace margincore::python
