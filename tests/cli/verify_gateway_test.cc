// `headwater source verify` on a server behind something that loses answers: what the server has made by then
// is deleted all the same.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "cli/verify_test.h"
#include "http/client.h"
#include "http/server.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Passes every call on to a server, and loses the first answer to a POST of one path.
class Gateway {
 public:
  explicit Gateway(std::string server) : server_(std::move(server)) {
    using enum http::Method;
    for (const auto method : {get, post, put, patch, del})
      router_.add(method, "/{path...}", [this](const auto& request) { return pass_on(request); });
    http::ServerOptions listening;
    listening.port = 0;
    listener_ = *http::Server::make(listening, router_);
    listener_->start();
  }
  ~Gateway() {
    over_.request_stop();
    listener_->stop(std::chrono::milliseconds(0));
  }
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(listener_->port()); }
  void lose_answer_of(const std::string& path, bool keeps_silent) {
    const std::lock_guard lock(mutex_);
    path_ = path;
    keeps_silent_ = keeps_silent;
    lost_ = false;
  }
  bool has_lost() const { return lost_; }

 private:
  static std::string name_of(http::Method method) {
    if (method == http::Method::post) return "POST";
    if (method == http::Method::put) return "PUT";
    if (method == http::Method::patch) return "PATCH";
    return method == http::Method::del ? "DELETE" : "GET";
  }
  http::Response pass_on(const http::Request& request) {
    http::ClientOptions options;
    options.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
    const auto client = *http::Client::make(options);
    http::ClientRequest out{name_of(request.method), *Url::parse(server_ + request.target), {}, request.body};
    for (const auto& [name, value] : request.headers)
      if (name != "Host" && name != "host" && name != "Content-Length" && name != "content-length")
        out.headers.emplace_back(name, value);
    http::StringSink sink;
    if (!client->send(out, sink, {})) return http::Response::text(502, "{}", "application/json");
    std::unique_lock lock(mutex_);
    if (request.method == http::Method::post && request.path.ends_with(path_) && !lost_.exchange(true)) {
      if (keeps_silent_) changed_.wait(lock, over_.get_token(), [] { return false; });
      return http::Response::text(502, "{}", "application/json");
    }
    auto response = http::Response::text(sink.answer.status, sink.text, "application/json");
    if (const auto etag = http::find_header(sink.answer.headers, "ETag"))
      response.headers.emplace_back("ETag", *etag);
    return response;
  }

  const std::string server_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::stop_source over_;
  std::string path_;
  bool keeps_silent_ = false;
  std::atomic<bool> lost_ = true;
  http::Router router_;
  std::unique_ptr<http::Server> listener_;
};

class VerifyBehindAGateway : public VerifyFindings {
 protected:
  VerifyBehindAGateway()
      : server_({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                 "error", "--allow-network", "127.0.0.0/8"}),
        url_(server_.wait_for_line("listening on ").substr(std::string("listening on ").size())),
        gateway_(url_) {}

  std::vector<std::string> command() const {
    return {kBinary,      "source",
            "verify",     write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)),
            "--against",  "mock",
            "--server",   gateway_.origin(),
            "--data-dir", path("data")};
  }
  void expect_nothing_left() const {
    for (const char* resource : {"connections", "source-connections", "target-connections", "flows",
                                 "datasets", "schemas", "mapping-sets", "connection-specs"}) {
      const auto left = run_program({kBinary, resource, "list", "--all", "--output", "json", "--server", url_,
                                     "--data-dir", path("data")});
      EXPECT_EQ(left.exit_code, 0) << left.errors;
      EXPECT_THAT(left.output, Not(HasSubstr("acme"))) << resource;
    }
  }

  ChildProcess server_;
  std::string url_;
  Gateway gateway_;
};

TEST_F(VerifyBehindAGateway, WhatWasMadeWithoutAnAnswerIsDeleted) {
  for (const char* lost : {"/connectionSpecs", "/schemas", "/dataSets", "/flows"}) {
    gateway_.lose_answer_of(lost, false);
    const auto done = run_program(command());
    EXPECT_EQ(done.exit_code, 1) << done.output << done.errors;
    EXPECT_TRUE(gateway_.has_lost()) << lost;
    EXPECT_THAT(done.output, HasSubstr("ok      Deletion")) << lost;
    expect_nothing_left();
  }
}

TEST_F(VerifyBehindAGateway, WhatWasMadeWhileTheWalkWasInterruptedIsDeleted) {
  gateway_.lose_answer_of("/sourceConnections", true);
  ChildProcess walk(command());
  while (!gateway_.has_lost()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_THAT(walk.output(), HasSubstr("ok      Deletion"));
  expect_nothing_left();
}

}  // namespace
}  // namespace headwater::testing
