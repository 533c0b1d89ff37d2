// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace margincore {

/// Told from time to time how much of a long computation is done, by the thread that asked for it: more each time,
/// and all of it at the end. It may throw to stop the computation.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

namespace detail {

/// Threads that are waited for at the end of their scope.
struct JoinedThreads {
    std::vector<std::thread> threads{};

    ~JoinedThreads() {
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
};

} // namespace detail

/// Calls `work(first, last)` for pieces of [0, total), on several threads.
///
/// Pieces are the same for any number of threads, so what each computes is too. The first exception stops the rest
/// and is thrown again here.
/// @param piece     Length of a piece, > 0; the last one may be shorter.
/// @param threads   At most this many, this one included; 0 for as many as the machine has.
/// @param progress  May be empty.
template <class Work>
void in_pieces(std::size_t total, std::size_t piece, unsigned threads, const Progress& progress, Work&& work) {
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> done = 0;
    std::atomic<bool> stop = false;
    std::size_t told = 0;
    std::exception_ptr failure;
    std::mutex failure_mutex;

    const auto take_pieces = [&](const Progress& tell) {
        try {
            for (std::size_t first = next.fetch_add(piece); first < total && !stop; first = next.fetch_add(piece)) {
                const std::size_t last = (std::min)(total, first + piece);
                work(first, last);
                const std::size_t so_far = done += last - first;
                if (tell) {
                    tell(told = so_far, total);
                }
            }
        } catch (...) {
            const std::scoped_lock lock(failure_mutex);
            failure = failure ? failure : std::current_exception();
            stop = true;
        }
    };
    {
        const std::size_t wanted = threads == 0 ? std::thread::hardware_concurrency() : threads;
        const std::size_t useful = (std::min)(wanted, (total + piece - 1) / piece);
        detail::JoinedThreads helpers;
        for (std::size_t i = 1; i < useful; ++i) {
            helpers.threads.emplace_back([&] { take_pieces({}); });
        }
        take_pieces(progress);
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (progress && (told < total || total == 0)) { // a helper did the last piece
        progress(total, total);
    }
}

} // namespace margincore
