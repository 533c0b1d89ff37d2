// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include <pybind11/pybind11.h>

#include <margincore/core/error.hpp>

namespace margincore::python {

namespace detail {

/// Raises the Python class of an error, with `.where`.
inline void raise(const char* class_name, const Error& error) {
    namespace py = pybind11;
    const py::object type = py::module_::import("margincore.errors").attr(class_name);
    PyErr_SetObject(type.ptr(), type(error.what(), error.where()).ptr());
}

} // namespace detail

/// Makes the errors of margincore that functions of this module throw those of `margincore.errors`.
///
/// Each module for itself: a translator of another one catches by types of its own, and whether those are the same is
/// up to the linker.
inline void raise_errors_of_this_module() {
    pybind11::register_local_exception_translator([](std::exception_ptr raised) {
        try {
            if (raised) {
                std::rethrow_exception(raised);
            }
        } catch (const InvalidInput& error) {
            detail::raise("InvalidInput", error);
        } catch (const MissingData& error) {
            detail::raise("MissingData", error);
        } catch (const Unsupported& error) {
            detail::raise("Unsupported", error);
        } catch (const NumericalFailure& error) {
            detail::raise("NumericalFailure", error);
        }
    });
}

} // namespace margincore::python
