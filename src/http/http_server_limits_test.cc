#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/internal/raw_peer.h"
#include "http/server.h"
#include "json/record.h"

namespace headwater::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::RawClient;
using ::testing::StartsWith;

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// A server with asynchronous routes, as the inlet has them.
class AsyncRoutesTest : public ::testing::Test {
 protected:
  AsyncRoutesTest() {
    options_.port = 0;
    options_.worker_threads = 1;
    options_.body_bytes_max = 5000;
    Router::AsyncOptions limited;
    limited.body_bytes_max = 1000;
    limited.refusal = [](const Request& request, int status, std::string_view detail) {
      return Response::text(status,
                            "inlet " + std::string(request.path_param("id")) + ": " + std::string(detail));
    };
    const auto echo = [](Request request, Responder respond) {
      const auto padding = request.body.capacity() - request.body.size();
      respond(Response::text(padding >= json::RecordParser::kPadding ? 200 : 500, std::move(request.body)));
    };
    router_.add_async(Method::post, "/inlets/{id}", echo, std::move(limited));
    router_.add_async(Method::post, "/other", echo);
    router_.add_async(Method::post, "/kept", [this](Request request, Responder respond) {
      const std::lock_guard lock(mutex_);
      kept_.emplace_back(std::move(request.body), std::move(respond));
      changed_.notify_all();
    });
  }

  std::uint16_t start() {
    server_ = std::move(*Server::make(options_, router_));
    server_->start();
    return server_->port();
  }
  void wait_for_kept(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return kept_.size() >= count; });
  }
  void answer_kept() {
    const std::lock_guard lock(mutex_);
    for (auto& [body, respond] : kept_) respond(Response::text(200, "for " + body));
    kept_.clear();
  }

  ServerOptions options_;
  Router router_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, Responder>> kept_;
  std::unique_ptr<Server> server_;
};

TEST_F(AsyncRoutesTest, ARouteHasABodyLimitAndARefusalOfItsOwn) {
  const auto port = start();
  const std::string_view refused = "inlet 7: The request's body has more than 1000 bytes.";
  RawClient announced(port);
  announced.send(
      "POST /inlets/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(announced.read_all(),
              AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("Connection: close"), HasSubstr(refused)));
  RawClient chunked(port);
  chunked.send("POST /inlets/7 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_THAT(chunked.read_all(), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr(refused)));
  RawClient malformed(port);
  malformed.send("POST /inlets/7 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_THAT(malformed.read_all(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("inlet 7: ")));
  RawClient fits(port);
  fits.send(post("/inlets/7", std::string(1000, 'x')) + post("/other", std::string(1001, 'y')));
  EXPECT_THAT(fits.read_answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(fits.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(AsyncRoutesTest, ABodyIsFollowedByPaddingHoweverItComes) {
  RawClient client(start());
  client.send(post("/other", "1"));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
  client.send("POST /other HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 40; ++i) client.send("64\r\n" + std::string(100, 'x') + "\r\n");
  client.send("0\r\n\r\n");
  EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Length: 4000")));
}

TEST_F(AsyncRoutesTest, ATrickledBodyIsCutOff) {
  options_.idle_timeout = std::chrono::seconds(1);
  RawClient client(start());
  client.send("POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  std::thread trickle([&client] {  // never silent for long, and yet too slow
    for (int i = 0; i < 25; ++i) {
      client.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(2400));
  trickle.join();
}

TEST_F(AsyncRoutesTest, AHeaderMayNotGrowFieldByField) {
  RawClient client(start());
  client.send("POST /other HTTP/1.1\r\nHost: x\r\n");
  const std::string field = "X-Field: " + std::string(7000, 'f') + "\r\n";
  for (int i = 0; i < 12; ++i) {
    client.send(field);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 431"));
}

TEST_F(AsyncRoutesTest, AnswersThatAreGivenTogetherReachTheirClients) {
  options_.io_threads = 2;
  const auto port = start();
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 64; ++i) {
      clients.push_back(std::make_unique<RawClient>(port));
      clients.back()->send(post("/kept", std::to_string(i)));
    }
    wait_for_kept(clients.size());
    std::thread([this] { answer_kept(); }).join();
    for (int i = 0; i < 64; ++i)
      EXPECT_THAT(clients[static_cast<std::size_t>(i)]->read_answer(),
                  ::testing::EndsWith("for " + std::to_string(i)));
  }
}

TEST_F(AsyncRoutesTest, AnAnswerAfterTheEndIsDropped) {
  {
    RawClient waiting(start());
    waiting.send(post("/kept", "late"));
    wait_for_kept(1);
    server_->stop(std::chrono::milliseconds(1));
    EXPECT_EQ(waiting.read_all(), "");
  }
  server_.reset();
  answer_kept();
}

TEST_F(AsyncRoutesTest, AThousandConnectionsAreServedInTurn) {
  const auto port = start();
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(1024);
  for (int i = 0; i < 1024; ++i) clients.push_back(std::make_unique<RawClient>(port));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) client->send(post("/other", "event"));
    std::size_t good = 0;
    for (auto& client : clients)
      if (client->read_answer().starts_with("HTTP/1.1 200")) ++good;
    EXPECT_EQ(good, clients.size());
  }
}

}  // namespace
}  // namespace headwater::http
