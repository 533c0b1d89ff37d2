// SPDX-License-Identifier: Apache-2.0
// Any text: either an OSI symbol that is written back as the same symbol, or an Error.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/osi_symbol.hpp>

#include "fuzz_check.hpp"

namespace {

/// noexcept: an Error in here is a crash too.
void check_round_trip(const margincore::OsiSymbol& symbol) noexcept {
    const std::string written = margincore::to_string(symbol);
    fuzz_check(written.size() == 21, "a written symbol has 21 characters");
    const auto read = margincore::OsiSymbol::parse(written, margincore::Where("written"));
    fuzz_check(read == symbol, "a symbol is the same after writing and reading");
    fuzz_check(margincore::to_string(read) == written, "the canonical text is written back as itself");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        check_round_trip(margincore::OsiSymbol::parse(text, margincore::Where("symbol")));
    } catch (const margincore::Error&) {
        // Refused by name: what is wanted of bad input. Anything else that is thrown ends the program.
    }
    return 0;
}
