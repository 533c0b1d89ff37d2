// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "status.hpp"

namespace httplib {
class Server;
}

namespace margin_service {

/// Answers /health and /metrics in a thread of its own.
class HttpServer {
public:
    /// @param address  As "127.0.0.1:9464"; port 0 takes a free one.
    /// @throws ServiceError where it cannot listen there.
    HttpServer(const std::string& address, const Status& status);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

private:
    std::unique_ptr<httplib::Server> server_;
    std::thread thread_{};
};

} // namespace margin_service
