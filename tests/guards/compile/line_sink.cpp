// SPDX-License-Identifier: Apache-2.0
#include <margincore/requirement/line.hpp>

namespace {

template <margincore::LineSink Sink>
void explain(Sink& sink) {
    sink.emit([] { return margincore::Line{}; });
}

/// Takes a finished line where a sink takes a function that makes one, so a line that nobody wants would be made.
struct TakesLines {
    void emit(const margincore::Line& line);
};

/// The shape of a sink: it counts, and makes no line.
struct Counter {
    int lines = 0;
    template <class Make>
    void emit(Make&& /*make*/) {
        ++lines;
    }
};

} // namespace

void use() {
#if MARGINCORE_COMPILE_FAIL
    TakesLines sink;
#else
    Counter sink;
#endif
    explain(sink);
}
