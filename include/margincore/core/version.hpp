// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace margincore {

/// The version of the library, the same as the CMake project's and the Python package's.
inline constexpr std::string_view version = "0.1.0";

} // namespace margincore
