// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace margin_service {

/// Ends the sleep of one thread from others.
class WakePipe {
public:
    WakePipe() {
        if (pipe(ends_.data()) != 0) {
            throw std::system_error(errno, std::generic_category(), "pipe");
        }
        for (const int end : ends_) {
            fcntl(end, F_SETFL, O_NONBLOCK);
            fcntl(end, F_SETFD, FD_CLOEXEC);
        }
    }
    WakePipe(const WakePipe&) = delete;
    WakePipe& operator=(const WakePipe&) = delete;
    ~WakePipe() {
        for (const int end : ends_) {
            close(end);
        }
    }

    [[nodiscard]] int writing_end() const { return ends_[1]; }

    void ring() {
        const char byte = 1;
        static_cast<void>(write(ends_[1], &byte, 1) == 1); // a full pipe wakes as well
    }

    void wait(std::chrono::milliseconds timeout) {
        pollfd waited{.fd = ends_[0], .events = POLLIN, .revents = 0};
        poll(&waited, 1, static_cast<int>(timeout.count()));
        std::array<char, 256> bytes{};
        while (read(ends_[0], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
        }
    }

private:
    std::array<int, 2> ends_{};
};

} // namespace margin_service
