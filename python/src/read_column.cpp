// SPDX-License-Identifier: Apache-2.0
#include "read_column.hpp"

#include <string>
#include <utility>

#include <pybind11/numpy.h>

#include "python_value.hpp"

namespace py = pybind11;

namespace margincore::python {

void refuse_column(const Where& where, const std::string& got) {
    throw InvalidInput(where, "must be a column of numbers, text, dates or booleans, got " + got);
}

void add_chunk(Column& column, Chunk chunk) {
    if (chunk.length == 0) {
        return; // its buffers may be null
    }
    chunk.first = column.size;
    column.size += chunk.length;
    column.chunks.push_back(std::move(chunk));
}

std::shared_ptr<const Column> read_column(const py::handle& source, const Where& where) {
    if (py::isinstance<py::tuple>(source)) { // codes and what they stand for
        const auto [codes, meanings] = source.cast<std::pair<py::object, py::object>>();
        const auto of_codes = read_column(codes, where);
        if (!of_codes->holds_whole()) {
            refuse_column(where, "codes that are no whole numbers");
        }
        auto column = std::make_shared<Column>(*of_codes);
        column->is_dictionary = true;
        const auto dictionary = read_column(meanings, where);
        for (Chunk& chunk : column->chunks) {
            chunk.dictionary = dictionary;
        }
        return column;
    }
    if (py::isinstance<py::array>(source)) {
        return read_numpy(source, where);
    }
    if (py::hasattr(source, "__arrow_c_stream__")) {
        return read_arrow_stream(source, where);
    }
    if (py::hasattr(source, "__arrow_c_array__")) {
        return read_arrow_array(source, where);
    }
    refuse_column(where, detail::type_name(source));
}

} // namespace margincore::python
