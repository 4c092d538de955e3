#include "request_log.h"

#include <chrono>
#include <nlohmann/json.hpp>

namespace source {
namespace {

using nlohmann::json;
constexpr std::size_t kEntriesMax = 20'000;
constexpr std::size_t kBodyMax = 4096;

bool worth_keeping(const std::string& header) {
  return header == "authorization" || header == "accept" || header == "accept-encoding" ||
         header == "content-type" || header == "user-agent" || header == "host" || header.starts_with("x-");
}

}  // namespace

void RequestLog::add(const Request& request) {
  json headers = json::object();
  for (const auto& [name, value] : request.headers)
    if (worth_keeping(name)) headers[name] = value;
  json query = json::object();
  for (const auto& [name, value] : request.query) query[name] = value;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const json entry{{"method", request.method},
                   {"target", request.target},
                   {"path", request.path},
                   {"query", query},
                   {"headers", headers},
                   {"body", request.body.substr(0, kBodyMax)},
                   {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()}};
  auto text = entry.dump(-1, ' ', false, json::error_handler_t::replace);
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(text));
  if (entries_.size() > kEntriesMax) entries_.pop_front();
  ++counts_[request.path];
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  counts_.clear();
}

std::string RequestLog::entries() const {
  const std::lock_guard lock(mutex_);
  std::string out = "[";
  for (const auto& entry : entries_) {
    if (out.size() > 1) out += ",\n";
    out += entry;
  }
  return out + "]";
}

std::string RequestLog::counts() const {
  const std::lock_guard lock(mutex_);
  nlohmann::json by_path = nlohmann::json::object();
  std::uint64_t sum = 0;
  for (const auto& [path, count] : counts_) {
    by_path[path] = count;
    sum += count;
  }
  return nlohmann::json{{"requests", sum}, {"by_path", by_path}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace source
