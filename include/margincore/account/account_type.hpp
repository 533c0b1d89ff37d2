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

/// How a requirement is computed.
enum class Method : std::uint8_t { strategy, portfolio, cash };

template <>
inline constexpr std::array names<Method> = {Name{Method::strategy, "strategy"}, Name{Method::portfolio, "portfolio"},
                                             Name{Method::cash, "cash"}};

/// The method that the type of an account implies.
[[nodiscard]] constexpr Method method_of(AccountType type) {
    switch (type) {
    case AccountType::portfolio_margin:
        return Method::portfolio;
    case AccountType::cash:
        return Method::cash;
    case AccountType::margin:
        break;
    }
    return Method::strategy;
}

} // namespace margincore
