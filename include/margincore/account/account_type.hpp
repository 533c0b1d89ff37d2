// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <margincore/core/names.hpp>

namespace margincore {

/// How an account is carried; the method of its requirement follows from it.
enum class AccountType : std::uint8_t { margin, portfolio_margin, cash };

template <>
inline constexpr std::array names<AccountType> = {Name{AccountType::margin, "margin"},
                                                  Name{AccountType::portfolio_margin, "portfolio_margin"},
                                                  Name{AccountType::cash, "cash"}};

} // namespace margincore
