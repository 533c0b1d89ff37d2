// SPDX-License-Identifier: Apache-2.0
// poison.hpp comes before this by the compiler option -include.
#include <margincore/document/document.hpp>
#include <margincore/margincore.hpp>

const void* other_unit();

int main() { return other_unit() == &margincore::version ? 0 : 1; }
