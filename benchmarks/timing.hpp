// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

/// Seconds of one run of `work`.
template <class Work>
[[nodiscard]] double seconds_of(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The least seconds of several runs of `work`.
template <class Work>
[[nodiscard]] double best_seconds(Work&& work, int repeats) {
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < repeats; ++i) {
        best = (std::min)(best, seconds_of(work));
    }
    return best;
}
