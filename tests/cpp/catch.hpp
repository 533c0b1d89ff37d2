// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catch2 3 or 2.13, whichever is there, under the names of 3.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
namespace Catch {
using Detail::Approx;
namespace Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
} // namespace Matchers
} // namespace Catch
#endif
