// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace margin_service {

/// Writes a line to standard error, where a supervisor collects it.
template <class... Values>
void log(fmt::format_string<Values...> format, Values&&... values) {
    fmt::print(stderr, "margin_service: {}\n", fmt::format(format, std::forward<Values>(values)...));
}

} // namespace margin_service
