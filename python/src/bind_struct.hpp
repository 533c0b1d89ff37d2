// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <pybind11/pybind11.h>

#include <margincore/core/names.hpp>
#include <margincore/document/fields.hpp>
#include <margincore/document/struct_value.hpp>

#include "python_value.hpp"

/// Structs as Python classes, from the one list of their fields (`margincore::document::fields`).
namespace margincore::python {

/// What Python sees of a member: bound classes for structs, tuples for (down, up), None for what is not there.
enum class Shape { objects, plain };

template <Shape shape, class T>
[[nodiscard]] py::object to_python(const T& data) {
    using namespace margincore::document;
    if constexpr (Documented<T>) {
        if constexpr (shape == Shape::objects) {
            return py::cast(data);
        } else {
            py::dict result;
            for_each_field<T>([&](const auto& field) {
                result[py::str(field.name.data(), field.name.size())] = to_python<shape>(data.*field.member);
            });
            return std::move(result);
        }
    } else if constexpr (DownUp<T>) {
        const py::object down = to_python<shape>(data.down);
        const py::object up = to_python<shape>(data.up);
        if constexpr (shape == Shape::objects) {
            return py::make_tuple(down, up);
        } else {
            py::list pair;
            pair.append(down);
            pair.append(up);
            return std::move(pair);
        }
    } else if constexpr (is_named_values<T>) {
        py::dict result;
        for (const auto& [name, member] : data) {
            result[py::str(name)] = to_python<shape>(member);
        }
        return std::move(result);
    } else if constexpr (is_vector<T>) {
        py::list result;
        for (const auto& element : data) {
            result.append(to_python<shape>(element));
        }
        return std::move(result);
    } else if constexpr (is_optional<T>) {
        return data ? to_python<shape>(*data) : py::none();
    } else if constexpr (std::is_enum_v<T>) {
        const std::string_view name = name_of(data);
        return py::str(name.data(), name.size());
    } else {
        return py::cast(data);
    }
}

/// The names of the fields of a struct.
template <class Struct>
[[nodiscard]] py::tuple field_names() {
    py::list names;
    document::for_each_field<Struct>(
        [&](const auto& field) { names.append(py::str(field.name.data(), field.name.size())); });
    return py::tuple(names);
}

/// Binds what every struct has: read-only properties with their docs, item access by name, and equality.
template <document::Documented Struct>
py::class_<Struct> bind_fields(py::module_& module, const char* name, const char* doc) {
    py::class_<Struct> bound(module, name, doc);
    document::for_each_field<Struct>([&](const auto& field) {
        const auto member = field.member;
        bound.def_property_readonly(
            std::string(field.name).c_str(),
            [member](const Struct& self) { return to_python<Shape::objects>(self.*member); },
            std::string(field.doc).c_str());
    });
    bound.def("keys", [](const Struct&) { return field_names<Struct>(); }, "Names of the fields.");
    bound.def(
        "__getitem__",
        [](const py::object& self, const std::string& key) {
            if (!py::bool_(field_names<Struct>().attr("__contains__")(key))) {
                throw py::key_error(key);
            }
            return py::object(self.attr(key.c_str()));
        },
        py::arg("key"), "The field of a name.");
    bound.def("__eq__", [](const Struct& self, const py::object& other) {
        return py::isinstance<Struct>(other) && self == other.cast<const Struct&>();
    });
    bound.attr("__hash__") = py::none();
    return bound;
}

/// Binds what reads and writes a struct: `to_dict`, `from_dict` and pickling.
///
/// @param to    A struct to a dict.
/// @param from  A value to the struct.
template <document::Documented Struct, class To, class From>
void bind_dicts(py::class_<Struct>& bound, To to, From from) {
    bound.def("to_dict", to, "The same as plain dicts, lists and numbers, as in the documents.");
    bound.def_static(
        "from_dict", [from](const py::dict& data) { return from(to_value(data)); }, py::arg("data"),
        "The object that `to_dict` was called on. Raises InvalidInput or MissingData.");
    bound.def(py::pickle(to, [from](const py::dict& state) { return from(to_value(state)); }));
}

/// Binds a struct with all of the above and a repr that shows its fields.
///
/// @param from  A value to the struct, checked.
template <document::Documented Struct, class From>
py::class_<Struct> bind_struct(py::module_& module, const char* name, const char* doc, From from) {
    py::class_<Struct> bound = bind_fields<Struct>(module, name, doc);
    bind_dicts(bound, [](const Struct& self) { return py::dict(to_python<Shape::plain>(self)); }, from);
    bound.def("__repr__", [name](const py::object& self) {
        std::string text;
        for (const py::handle key : field_names<Struct>()) {
            text +=
                (text.empty() ? "" : ", ") + std::string(py::str(key)) + "=" + std::string(py::repr(self.attr(key)));
        }
        return std::string(name) + "(" + text + ")";
    });
    return bound;
}

/// Binds a struct whose fields are free of each other and of bounds.
template <document::Documented Struct>
py::class_<Struct> bind_struct(py::module_& module, const char* name, const char* doc) {
    return bind_struct<Struct>(module, name, doc, [name](const document::Value& value) {
        return document::from_value<Struct>(value, Where(name));
    });
}

} // namespace margincore::python
