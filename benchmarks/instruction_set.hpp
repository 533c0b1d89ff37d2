// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

/// What a benchmark of `add_pricing_benchmark` was compiled for, and whether this machine has it.
struct InstructionSet {
    const char* name;
    bool is_here;
};

[[nodiscard]] inline InstructionSet instruction_set() {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
    return {.name = "AVX-512",
            .is_here = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")};
#elif defined(__AVX2__) && defined(__FMA__)
    return {.name = "AVX2 and FMA", .is_here = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")};
#else
    return {.name = "baseline", .is_here = true};
#endif
}

/// Runs a benchmark where the machine has what it was compiled for. Returns its status; 0 where there is nothing to
/// run.
template <class Run>
[[nodiscard]] int run_where_it_can(Run&& run) {
    const InstructionSet set = instruction_set();
    if (!set.is_here) {
        std::printf("this machine has no %s: nothing measured\n", set.name);
        return 0;
    }
    return run(set.name);
}
