// SPDX-License-Identifier: Apache-2.0
// Catch2 2 only: compiles the framework, once and as C++20. Catch2 3 is linked as a library.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
