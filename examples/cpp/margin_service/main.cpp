// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <pthread.h>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>

#include "http_server.hpp"
#include "log.hpp"
#include "options.hpp"
#include "service.hpp"

namespace {

using namespace margin_service;

enum ExitStatus : int { stopped = 0, failed = 1, misused = 2 };

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw UsageError("cannot read " + file.string());
    }
    return {std::istreambuf_iterator(stream), {}};
}

/// The signals that ask for a stop, kept from this thread and those that it starts.
sigset_t block_stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void ask_for_stop_on(sigset_t signals, std::stop_source stop) {
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (stop.stop_requested()) {
            std::_Exit(failed); // asked twice
        }
        log("signal {}: stops", signal);
        stop.request_stop();
    }
}

int serve(const Options& options) {
    const std::string settings = options.is_echo ? std::string() : read_file(options.settings);
    Engine engine = options.is_echo ? Engine::echo() : Engine::margin(settings);
    const std::stop_source stop;
    std::thread(ask_for_stop_on, block_stop_signals(), stop).detach();
    Status status;
    std::optional<HttpServer> http;
    if (options.http != "none") {
        http.emplace(options.http, status);
    }
    Service(options, settings, std::move(engine), status, stop.get_token()).run();
    return stopped;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return serve(read_options({argv + 1, argv + argc}));
    } catch (const UsageError& error) {
        log("{}", error.what());
        fmt::print(stderr, "{}", usage);
        return misused;
    } catch (const margincore::Error& error) {
        log("{}", error.what());
        return misused;
    } catch (const std::exception& error) {
        log("{}", error.what());
        return failed;
    }
}
