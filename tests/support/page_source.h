#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "json/value.h"

namespace headwater::support {

/// A source on loopback for the tests of the data plane: GET /items?offset=&limit= answers
/// {"items":[{"id":0,"name":"record 0"},...],"hasMore":true}. What it answers can be changed for each
/// request; what it was asked can be read. Thread-safe.
class PageSource {
 public:
  struct Options {
    std::size_t records = 0;
    /// The text of one record; empty: the usual one.
    std::function<std::string(std::size_t index)> record = {};
    /// Answers instead of the page that begins at `offset`; nullopt: the page as usual. Runs on a server's
    /// thread.
    std::function<std::optional<http::Response>(const http::Request&, std::size_t offset)> instead = {};
  };

  explicit PageSource(Options options) : options_(std::move(options)) {
    router_.add(http::Method::get, "/items", [this](const http::Request& request) { return page(request); });
    router_.set_not_found([](const http::Request&, const std::vector<http::Method>&) {
      return http::Response::text(404, "no such page");
    });
    http::ServerOptions listening;
    listening.port = 0;
    listening.worker_threads = 16;
    server_ = *http::Server::make(listening, router_);
    server_->start();
  }
  ~PageSource() { server_->stop(std::chrono::milliseconds(0)); }
  PageSource(const PageSource&) = delete;
  PageSource& operator=(const PageSource&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  void set_records(std::size_t records) {
    const std::lock_guard lock(mutex_);
    options_.records = records;
  }
  std::vector<http::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// The values of one query parameter, request by request ("-" where it was absent).
  std::vector<std::string> asked(std::string_view name) const {
    std::vector<std::string> values;
    for (const http::Request& request : requests())
      values.emplace_back(request.query_param(name).value_or("-"));
    return values;
  }

  /// A connection spec that reads this source: OFFSET paging, records wrapped as "item" without siblings.
  /// `paging` are further members of paginationParams.
  json::Value spec(std::size_t page_records, const json::Object& paging = {}) const {
    json::Object pagination{{"type", "OFFSET"},
                            {"limitName", "limit"},
                            {"limitValue", std::to_string(page_records)},
                            {"offSetName", "offset"},
                            {"endConditionName", "$.hasMore"},
                            {"endConditionValue", "Const:false"}};
    for (const auto& [name, value] : paging) pagination.set(name, value);
    json::Object attributes{
        {"urlParams", json::Object{{"host", origin()}, {"path", "/items"}, {"method", "GET"}}},
        {"contentPath", json::Object{{"path", "$.items"},
                                     {"skipAttributes", json::Array{json::Value("hasMore")}},
                                     {"overrideWrapperAttribute", "item"}}},
        {"paginationParams", std::move(pagination)},
        {"scheduleParams",
         json::Object{{"scheduleStartParamName", "since"}, {"scheduleEndParamName", "until"}}}};
    return json::Object{{"name", "page-source"},
                        {"type", "generic-rest"},
                        {"sourceSpec", json::Object{{"attributes", std::move(attributes)}}}};
  }

 private:
  http::Response page(const http::Request& request) {
    const std::size_t offset = number(request, "offset");
    const std::size_t limit = number(request, "limit");
    Options options;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      options = options_;
    }
    if (options.instead)
      if (auto answer = options.instead(request, offset)) return *std::move(answer);
    std::string body = R"({"items":[)";
    std::size_t index = offset;
    for (; index < options.records && index < offset + limit; ++index) {
      if (index > offset) body += ',';
      body += options.record ? options.record(index) : usual(index);
    }
    body += index < options.records ? R"(],"hasMore":true})" : R"(],"hasMore":false})";
    return http::Response::text(200, std::move(body), "application/json");
  }
  static std::string usual(std::size_t index) {
    return R"({"id":)" + std::to_string(index) + R"(,"name":"record )" + std::to_string(index) + R"("})";
  }
  static std::size_t number(const http::Request& request, std::string_view name) {
    const auto text = request.query_param(name);
    return text ? std::stoul(std::string(*text)) : 0;
  }

  mutable std::mutex mutex_;
  Options options_;
  std::vector<http::Request> requests_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace headwater::support
