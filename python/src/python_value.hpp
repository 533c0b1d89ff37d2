// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pybind11/pybind11.h>

#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/value.hpp>

namespace margincore::python {

namespace py = pybind11;

namespace detail {

/// Whether an object is an instance of a class that is looked up by name, once.
inline bool is_instance_of(py::handle object, const char* module, const char* name) {
    return py::isinstance(object, py::module_::import(module).attr(name));
}

inline std::string type_name(py::handle object) { return py::str(py::type::handle_of(object).attr("__name__")); }

inline std::string utf8(py::handle text, const Where& where) {
    Py_ssize_t size = 0;
    const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
    if (data == nullptr) {
        PyErr_Clear();
        throw InvalidInput(where, "must be text that UTF-8 can carry, got lone surrogates");
    }
    return {data, static_cast<std::size_t>(size)};
}

inline document::Value number(py::handle object, const Where& where) {
    if (PyLong_Check(object.ptr()) != 0) {
        int overflow = 0;
        const long long whole = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
        if (overflow == 0) {
            return whole;
        }
    }
    const double value = PyFloat_AsDouble(object.ptr());
    if (value == -1.0 && PyErr_Occurred() != nullptr) {
        const bool is_larger = PyErr_ExceptionMatches(PyExc_OverflowError) != 0;
        PyErr_Clear();
        throw InvalidInput(where, is_larger ? "must be a number that a double can hold, got a larger one"
                                            : "must be a number that a double can hold, got a " + type_name(object) +
                                                  " that is none");
    }
    return value;
}

inline document::Value to_value(py::handle object, const Where& where, std::size_t depth) {
    PyObject* const raw = object.ptr();
    if (raw == Py_None) {
        return nullptr;
    }
    if (PyBool_Check(raw) != 0) {
        return raw == Py_True;
    }
    if (PyFloat_Check(raw) != 0 || PyLong_Check(raw) != 0) {
        return number(object, where);
    }
    if (PyUnicode_Check(raw) != 0) {
        return utf8(object, where);
    }
    if (depth == document::deepest_nesting) {
        throw InvalidInput(where, "must not be nested deeper than " + std::to_string(depth) + " levels");
    }
    if (PyDict_Check(raw) != 0) {
        document::Value result = document::Value::object();
        const Py_ssize_t size = PyDict_Size(raw);
        result.get_ref<document::Value::object_t&>().reserve(static_cast<std::size_t>(size));
        PyObject* key = nullptr;
        PyObject* member = nullptr;
        for (Py_ssize_t position = 0; PyDict_Next(raw, &position, &key, &member) != 0;) {
            // Converting an unusual number runs Python code, which may change the dict that is being walked.
            const auto keep_key = py::reinterpret_borrow<py::object>(key);
            const auto keep_member = py::reinterpret_borrow<py::object>(member);
            if (PyUnicode_Check(key) == 0) {
                throw InvalidInput(where, "must have strings for keys, got " + type_name(key));
            }
            std::string name = utf8(key, where);
            const Where place = where[name];
            document::Value value = to_value(member, place, depth + 1);
            document::append(result, name, std::move(value));
            if (PyDict_Size(raw) != size) {
                throw InvalidInput(where, "must not change while it is read, got another number of keys");
            }
        }
        return result;
    }
    if (PyList_Check(raw) != 0 || PyTuple_Check(raw) != 0) {
        document::Value result = document::Value::array();
        for (const py::handle element : py::reinterpret_borrow<py::iterable>(object)) {
            result.push_back(to_value(element, where[result.size()], depth + 1));
        }
        return result;
    }
    if (is_instance_of(object, "numpy", "bool_")) {
        return object.cast<bool>();
    }
    // NumPy scalars and fractions register as real numbers; decimals do not, and are numbers all the same.
    if (is_instance_of(object, "numbers", "Real") || is_instance_of(object, "decimal", "Decimal")) {
        return number(object, where);
    }
    if (is_instance_of(object, "datetime", "date") && !is_instance_of(object, "datetime", "datetime")) {
        return utf8(object.attr("isoformat")(), where);
    }
    throw InvalidInput(where.text().empty() ? Where("document") : where,
                       "must be a dict, list, string, number, date or bool, got " + type_name(object));
}

} // namespace detail

/// A Python document as a value: dicts, lists, tuples, strings, numbers (NumPy's and decimals too), dates, bools, None.
///
/// @param root  The place of the object itself; the members of a document start without one.
/// @throws InvalidInput with the path of anything else.
inline document::Value to_value(py::handle object, const Where& root = "") { return detail::to_value(object, root, 0); }

} // namespace margincore::python
