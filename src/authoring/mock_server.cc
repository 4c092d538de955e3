#include "authoring/mock_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/time.h"

namespace headwater::authoring {
namespace {

constexpr std::size_t kSlowPieces = 10;
constexpr std::chrono::milliseconds kSlowPause{100};

std::string method_text(const domain::SourceSpec& spec) { return spec.url.method; }

std::string paging_line(const MockPlan& plan) {
  const auto& paging = plan.spec.paging;
  switch (paging.type) {
    case domain::PagingType::none:
      return "all in one answer";
    case domain::PagingType::offset:
      return fmt::format("OFFSET by {} and {}", paging.offset_name, paging.limit_name);
    case domain::PagingType::page:
      return fmt::format("PAGE by {}, from {} on", paging.page_name, paging.initial_page);
    case domain::PagingType::pointer:
      return "POINTER: each page holds the next one's link";
    case domain::PagingType::continuation_token:
      return fmt::format("CONTINUATION_TOKEN in {}", paging.token_name);
  }
  return {};
}

std::string schedule_line(const domain::ScheduleParams& schedule) {
  if (schedule.empty()) return "no parameters: every run gets all";
  if (schedule.advance) return "as \"" + schedule.incremental + "\", times as " + schedule.param_format;
  std::string line;
  for (const auto& [name, format] : {std::pair(schedule.start_name, schedule.start_format),
                                     std::pair(schedule.end_name, schedule.end_format)})
    if (!name.empty()) line += fmt::format("{}{} as {}", line.empty() ? "" : ", ", name, format);
  return line;
}

std::string account_line(const json::Value& account) {
  if (account.is_null()) return "none: everybody may read";
  std::string line = std::string(account.string_at("specName")) + ":";
  if (const auto* params = account.find("params"); params != nullptr && params->is_object())
    for (const auto& [name, value] : *params->if_object())
      line += fmt::format(" {}={}", name, value.is_string() ? *value.if_string() : value.dump());
  return line;
}

}  // namespace

Result<MockFault> read_mock_fault(std::string_view name) {
  std::string names;
  for (const auto& [text, fault] : kMockFaults) {
    if (text == name) return fault;
    names += (names.empty() ? "" : ", ") + std::string(text);
  }
  return Error{ErrorKind::invalid_argument,
               "There is no fault \"" + std::string(name) + "\"; there are " + names + "."};
}

Result<std::unique_ptr<MockServer>> MockServer::make(const json::Value& connection_spec,
                                                     const MockOptions& options, const std::string& address,
                                                     std::uint16_t port) {
  auto plan = TRY(MockPlan::make(connection_spec, options));
  std::unique_ptr<MockServer> mock(new MockServer(std::move(plan)));
  mock->add_routes();
  http::ServerOptions listening;
  listening.address = address;
  listening.port = port;
  listening.worker_threads = 8;
  mock->server_ = TRY(http::Server::make(listening, mock->router_));
  mock->base_ = fmt::format("http://{}:{}", address, mock->server_->port());
  mock->accounts_ = mock->plan_.accounts(mock->base_);
  mock->access_ = TRY(MockAccess::make(connection_spec, mock->plan_.spec, mock->accounts_));
  mock->server_->start();
  return mock;
}

MockServer::~MockServer() {
  stop_.request_stop();
  if (server_) server_->stop(std::chrono::milliseconds(200));
}

void MockServer::add_routes() {
  const auto handler = [this](const http::Request& request) { return answer(request); };
  for (const auto method : {http::Method::get, http::Method::post, http::Method::put, http::Method::patch,
                            http::Method::del, http::Method::head}) {
    router_.add(method, "/", handler);
    router_.add(method, "/{path...}", handler);
  }
}

http::Response MockServer::refuse(int status, std::string message) {
  const std::lock_guard lock(mutex_);
  ++counts_.refused;
  counts_.last_refusal = message;
  return http::Response::json(status, json::Object{{"error", status}, {"message", std::move(message)}});
}

http::Response MockServer::answer(const http::Request& request) {
  {
    const std::lock_guard lock(mutex_);
    ++counts_.requests;
  }
  if (request.path == kMockTokenPath) {
    const std::lock_guard lock(mutex_);
    ++counts_.tokens;
    return access_->token(request);
  }
  const auto path = percent_decode(request.path);
  const bool is_test = path == kMockTestPath;
  if (!is_test && !matches_pattern(path, plan_.path_pattern))
    return refuse(404,
                  fmt::format("There is nothing at {}; the spec's path is {}.", path, plan_.path_pattern));
  if (auto refusal = access_->refusal(request, !is_test)) {
    const std::lock_guard lock(mutex_);
    ++counts_.unauthorized;
    return *std::move(refusal);
  }
  if (is_test) return http::Response::json(200, json::Object{{"ok", true}});
  const bool is_post = request.method == http::Method::post;
  if (is_post != (method_text(plan_.spec) == "POST") || (!is_post && request.method != http::Method::get))
    return refuse(405, "The spec's method is " + method_text(plan_.spec) + ".");
  if (auto missing = access_->missing(request)) return refuse(400, *std::move(missing));
  return data(request);
}

http::Response MockServer::data(const http::Request& request) {
  std::unique_lock lock(mutex_);
  const auto ask = read_mock_ask(plan_, records_, request);
  if (!ask) {
    lock.unlock();
    return refuse(400, ask.error().message);
  }
  const auto has = [this](MockFault fault) {
    return std::find(faults_.begin(), faults_.end(), fault) != faults_.end();
  };
  const MockFaultsOfPage faults{has(MockFault::repeat_cursor), has(MockFault::drift)};
  return struck(mock_page(plan_, records_, request, *ask, faults, base_), *ask);
}

http::Response MockServer::struck(http::Response page, const MockAsk& ask) {
  // The second page is struck, or the only one: one fault for each time that it is asked for, then none.
  const bool struck_page = ask.page() == 1 || (ask.page() == 0 && ask.is_last());
  std::vector<MockFault> passing;
  bool slow = false;
  if (struck_page)
    for (const auto fault : faults_) {
      slow = slow || fault == MockFault::slow;
      const bool passes =
          fault == MockFault::too_many || fault == MockFault::server_error || fault == MockFault::truncate;
      if (!passes) continue;
      passing.push_back(fault);
    }
  const auto turn = asked_[ask.start]++ % (passing.size() + 1);
  const std::size_t size = page.body.size();
  if (turn < passing.size()) {
    ++counts_.faults;
    if (passing[turn] == MockFault::too_many)
      return http::Response::json(429, json::Object{{"error", "too many requests"}})
          .with_header("Retry-After", "1");
    if (passing[turn] == MockFault::server_error)
      return http::Response::json(503, json::Object{{"error", "down for a moment"}});
    // Half of what Content-Length promises, then the connection ends.
    const auto half = std::make_shared<std::string>(page.body.substr(0, size / 2));  // Shared by the copies.
    page.stream = [half]() -> Result<std::string> {
      if (half->empty()) return Error{ErrorKind::cancelled, "truncated on demand"};
      return std::exchange(*half, std::string());
    };
    page.stream_bytes = size;
    return page;
  }
  ++counts_.pages;
  counts_.records += ask.count();
  if (slow) {
    ++counts_.faults;
    const auto rest = std::make_shared<std::string>(std::move(page.body));  // Shared by the copies.
    const std::size_t piece = size / kSlowPieces + 1;
    page.stream = [rest, piece, stop = stop_.get_token(), this]() -> Result<std::string> {
      if (rest->empty()) return std::string();
      if (!clock_.wait_for(kSlowPause, stop)) return Error{ErrorKind::cancelled, "The mock ends."};
      auto next = rest->substr(0, piece);
      rest->erase(0, piece);
      return next;
    };
    page.stream_bytes = size;
  }
  return page;
}

void MockServer::set_faults(std::vector<MockFault> faults) {
  const std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
  asked_.clear();
}

void MockServer::add_records(std::uint64_t count, TimePoint time) {
  const std::lock_guard lock(mutex_);
  records_.add(count, time);
}

std::uint64_t MockServer::records() const {
  const std::lock_guard lock(mutex_);
  return records_.size() * plan_.records_per_element;
}

MockCounts MockServer::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string describe(const MockServer& mock) {
  const auto& plan = mock.plan();
  const MockRecords times(plan.shape, plan.records);
  std::string out =
      fmt::format("  data         {} {}{}\n", method_text(plan.spec), mock.base(), plan.path_pattern);
  out += fmt::format(
      "  records      {}{}, of {} to {}\n", plan.records,
      plan.records_per_element > 1 ? fmt::format(" (exploded: {})", mock.records()) : std::string(),
      format_rfc3339(times.time_of(0)), format_rfc3339(times.time_of(plan.records - 1)));
  out += fmt::format("  paging       {}{}\n", paging_line(plan),
                     plan.spec.paging.type == domain::PagingType::none
                         ? std::string()
                         : fmt::format("; {} a page", plan.page_size));
  if (const auto constants = mock.constants(); !constants.empty())
    out += fmt::format("  constants    {}\n", fmt::join(constants, ", "));
  out += "  window       " + schedule_line(plan.spec.schedule) + "\n";
  for (const auto& account : mock.accounts()) out += "  credentials  " + account_line(account) + "\n";
  if (const auto params = mock.params(); params.if_object() != nullptr && !params.if_object()->empty())
    out += "  params       " + params.dump() + "\n";
  return out;
}

}  // namespace headwater::authoring
