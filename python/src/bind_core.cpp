// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "raise_errors.hpp"

namespace py = pybind11;

namespace {

/// The sets that pricing is built for and this processor runs; the system, which must save their registers, is asked
/// too.
std::vector<std::string> instruction_sets() {
    std::vector<std::string> sets{"baseline"};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        sets.emplace_back("avx2");
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
            sets.emplace_back("avx512");
        }
    }
#endif
    return sets;
}

} // namespace

void bind_core(py::module_& module) {
    margincore::python::raise_errors_of_this_module();
    module.def("instruction_sets", &instruction_sets,
               "The instruction sets that this machine runs, slowest first; pricing is built once for each.");
}
