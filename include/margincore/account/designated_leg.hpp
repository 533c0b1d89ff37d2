// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// Who says which options are margined together: the least requirement, or the caller.
enum class PairingMode : std::uint8_t { optimal, designated };

template <>
inline constexpr std::array names<PairingMode> = {Name{PairingMode::optimal, "optimal"},
                                                  Name{PairingMode::designated, "designated"}};

/// What a group of designated pairing takes of a position.
struct DesignatedLeg {
    std::string symbol{};    ///< Of an option or its underlying, as the instrument table has it.
    Quantity quantity = 0.0; ///< Contracts or shares, of the position's sign.

    friend bool operator==(const DesignatedLeg&, const DesignatedLeg&) = default;
};

} // namespace margincore
