// SPDX-License-Identifier: Apache-2.0
#include <margincore/explain/text.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("explanation text: one figure a line, parts under what they are parts of", "[explain][property]") {
    const Explanation tree{"root",
                           10.0,
                           "paragraph",
                           "why",
                           {{"first", 4.0, {}, {}, {{"inner", 4.0, {}, {}, {}}}}, {"second", {}, {}, "no amount", {}}}};
    CHECK(to_text(tree) == "root 10.00  [paragraph]  why\n"
                           "|- first 4.00\n"
                           "|  `- inner 4.00\n"
                           "`- second  no amount\n");
}
