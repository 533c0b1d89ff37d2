// SPDX-License-Identifier: Apache-2.0
#include <margincore/core/lanes.hpp>
#include <margincore/pricing/european.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace {

/// Right but for one thing: two of them cannot be compared, so no formula can select.
struct NotOrdered {
    double value = 0.0;
    NotOrdered() = default;
    explicit NotOrdered(double number) : value(number) {}
    friend NotOrdered operator+(NotOrdered a, NotOrdered b) { return NotOrdered(a.value + b.value); }
    friend NotOrdered operator-(NotOrdered a, NotOrdered b) { return NotOrdered(a.value - b.value); }
    friend NotOrdered operator*(NotOrdered a, NotOrdered b) { return NotOrdered(a.value * b.value); }
    friend NotOrdered operator/(NotOrdered a, NotOrdered b) { return NotOrdered(a.value / b.value); }
    friend NotOrdered operator-(NotOrdered a) { return NotOrdered(-a.value); }
};

static_assert(margincore::Real<double>);
static_assert(margincore::Real<margincore::NativeLanes>);
static_assert(!margincore::Real<NotOrdered>);
static_assert(!margincore::Real<const char*>);

} // namespace

double price() {
#if MARGINCORE_COMPILE_FAIL
    const margincore::OptionTerms<NotOrdered> terms{};
    return margincore::european_price(terms, NotOrdered(100.0)).value;
#else
    return margincore::european_price<double>({1.0, 100.0, 1.0, 0.0, 0.0, 0.2}, 100.0);
#endif
}
