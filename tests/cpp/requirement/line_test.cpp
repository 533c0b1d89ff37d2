// SPDX-License-Identifier: Apache-2.0
#include <margincore/requirement/line.hpp>

#include "catch.hpp"

using namespace margincore;

TEST_CASE("line sink: a line that nobody wants is never made", "[requirement][property]") {
    int made = 0;
    const auto make = [&] {
        ++made;
        return Line{.rule = "stock.long", .maintenance = 2500};
    };
    NullSink null;
    null.emit(make);
    CHECK(made == 0);

    LineCollector collector;
    collector.emit(make);
    collector.emit(make);
    CHECK(made == 2);
    REQUIRE(collector.lines.size() == 2);
    CHECK(collector.lines[1].maintenance == 2500);
}
