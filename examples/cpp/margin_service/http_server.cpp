// SPDX-License-Identifier: Apache-2.0
#include "http_server.hpp"

#include <charconv>
#include <httplib.h>
#include <system_error>

#include "kafka.hpp"
#include "log.hpp"

namespace margin_service {

HttpServer::HttpServer(const std::string& address, const Status& status)
    : server_(std::make_unique<httplib::Server>()) {
    const std::size_t colon = address.rfind(':');
    const std::string host = address.substr(0, colon);
    int port = -1;
    if (colon != std::string::npos) {
        std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    }
    if (port == 0) {
        port = server_->bind_to_any_port(host);
    } else if (port < 0 || !server_->bind_to_port(host, port)) {
        port = -1;
    }
    if (port < 0) {
        throw ServiceError("cannot listen on " + address);
    }
    server_->set_keep_alive_max_count(1); // a connection that stays open would keep the one thread
    server_->new_task_queue = [] { return new httplib::ThreadPool(1); };
    server_->Get("/health", [&status](const httplib::Request& /*request*/, httplib::Response& response) {
        const Status::Health health = status.health();
        response.status = health.is_well ? 200 : 503;
        response.set_content(health.words + "\n", "text/plain");
    });
    server_->Get("/metrics", [&status](const httplib::Request& /*request*/, httplib::Response& response) {
        response.set_content(status.metrics(), "text/plain; version=0.0.4");
    });
    log("health and metrics on http://{}:{}", host, port);
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) { // `stop` would pass it by before
        std::this_thread::yield();
    }
}

HttpServer::~HttpServer() {
    server_->stop();
    thread_.join();
}

} // namespace margin_service
