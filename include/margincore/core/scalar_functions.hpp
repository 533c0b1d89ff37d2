// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <type_traits>

#include <margincore/core/lanes.hpp>

/// Of one number, what `Lanes` have of several, so that a formula is written once.
namespace margincore {

namespace detail {

template <class>
inline constexpr bool is_lanes = false;
template <std::size_t N>
inline constexpr bool is_lanes<Lanes<N>> = true;

} // namespace detail

[[nodiscard]] inline bool any(bool condition) { return condition; }

/// `a` where the condition holds, else `b`.
template <class T>
[[nodiscard]] T select(bool condition, const T& a, const std::type_identity_t<T>& b) {
    return condition ? a : b;
}

/// The lesser, and the greater; `b` where one is not a number.
template <class T>
    requires(!detail::is_lanes<T>)
[[nodiscard]] T lesser(const T& a, const std::type_identity_t<T>& b) {
    return a < b ? a : b;
}
template <class T>
    requires(!detail::is_lanes<T>)
[[nodiscard]] T greater(const T& a, const std::type_identity_t<T>& b) {
    return a > b ? a : b;
}

/// a x b + c.
template <class T>
    requires(!detail::is_lanes<T>)
[[nodiscard]] T multiply_add(const T& a, const std::type_identity_t<T>& b, const std::type_identity_t<T>& c) {
    return T(a * b + c);
}

/// log(a / b), for positive numbers.
template <class T>
    requires(!detail::is_lanes<T>)
[[nodiscard]] T log_ratio(const T& a, const std::type_identity_t<T>& b) {
    using std::log;
    return T(log(T(a / b)));
}

} // namespace margincore
