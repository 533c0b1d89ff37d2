// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>

#include <margincore/core/lanes.hpp>
#include <margincore/core/lanes_functions.hpp>
#include <margincore/core/scalar_functions.hpp>

namespace margincore {

/// Real: what a formula of pricing computes with, one number or several at once.
///
/// Arithmetic with itself and with doubles that convert to it; `<` gives what `select` takes; `exp`, `log`, `sqrt`,
/// `abs` by name look-up. Models: double, float, `Lanes<N>`, scalars of automatic differentiation. See
/// docs/concepts/real.md.
template <class T>
concept Real = std::copyable<T> && std::constructible_from<T, double> && requires(const T& a, const T& b) {
    T(a + b);
    T(a - b);
    T(a * b);
    T(a / b);
    T(-a);
    { select(a < b, a, b) } -> std::convertible_to<T>;
};

static_assert(Real<double> && Real<float> && Real<NativeLanes>);

} // namespace margincore
