// SPDX-License-Identifier: Apache-2.0
// poison.hpp comes before this by the compiler option -include.
#include <margincore/document/document.hpp>
#include <margincore/margincore.hpp>

const void* other_unit();
/// The same object in both units: what a header defines is defined once in a program.
const void* other_unit() { return &margincore::version; }
