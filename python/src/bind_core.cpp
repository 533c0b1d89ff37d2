// SPDX-License-Identifier: Apache-2.0
#include <exception>

#include <pybind11/pybind11.h>

#include <margincore/core/error.hpp>

namespace py = pybind11;

namespace {

/// Raises the Python class of an error, with `.where`.
void raise(const char* class_name, const margincore::Error& error) {
    const py::object type = py::module_::import("margincore.errors").attr(class_name);
    PyErr_SetObject(type.ptr(), type(error.what(), error.where()).ptr());
}

} // namespace

void bind_core(py::module_& /*module*/) {
    py::register_exception_translator([](std::exception_ptr raised) {
        try {
            if (raised) {
                std::rethrow_exception(raised);
            }
        } catch (const margincore::InvalidInput& error) {
            raise("InvalidInput", error);
        } catch (const margincore::MissingData& error) {
            raise("MissingData", error);
        } catch (const margincore::Unsupported& error) {
            raise("Unsupported", error);
        } catch (const margincore::NumericalFailure& error) {
            raise("NumericalFailure", error);
        }
    });
}
