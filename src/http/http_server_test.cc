#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/metrics.h"
#include "http/http_server_test.h"
#include "http/internal/raw_peer.h"

namespace headwater::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawClient;
using ::testing::StartsWith;

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  RawClient client(start());
  client.send(get("/hello"));
  EXPECT_THAT(client.read_answer(),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 5"),
                    HasSubstr("x-request-id: "), HasSubstr("Date: "), ::testing::EndsWith("hello")));
  client.send(get("/items/a%20b?x=1", "X-PROBE: p\r\n"));
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("a b|p"));
  client.send(get("/empty"));
  EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 204"), Not(HasSubstr("Content-Length"))));
}

// The rest of it is written when the client has read some: by a coroutine of its own.
TEST_F(HttpServerTest, AnswersThatASocketCannotTakeAtOnceComeWhole) {
  RawClient client(start());
  for (const char* path : {"/large", "/large-inline", "/large"}) {
    client.send(get(path));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::string answer = client.read_answer();
    EXPECT_THAT(answer.substr(0, 15), StartsWith("HTTP/1.1 200 OK")) << path;
    EXPECT_GT(answer.size(), 30'000'000U) << path;
    EXPECT_EQ(answer.substr(answer.size() - 3), "end") << path;
  }
}

TEST_F(HttpServerTest, EchoesASaneRequestIdAndReplacesOthers) {
  RawClient client(start());
  client.send(get("/hello", "X-Request-Id: abc-1\r\n"));
  EXPECT_THAT(client.read_answer(), HasSubstr("x-request-id: abc-1\r\n"));
  client.send(get("/hello", "X-Request-Id: a b\"c\r\n"));
  EXPECT_THAT(client.read_answer(), Not(HasSubstr("a b\"c")));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(start());
  std::string all;
  for (int i = 0; i < 200; ++i) all += get("/items/" + std::to_string(i));
  client.send(all + get("/hello", "Connection: close\r\n"));
  const auto answers = client.read_all();
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK"), 201U);
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    at = answers.find("\r\n\r\n" + std::to_string(i) + "|", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(HttpServerTest, HeadHasTheLengthButNoBody) {
  RawClient client(start());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), AllOf(HasSubstr("Content-Length: 5"), ::testing::EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, TakesBodiesWholeChunkedAndAfterContinue) {
  RawClient client(start());
  client.send("POST /echo?q=a+b%21 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_THAT(client.read_answer(), AllOf(HasSubstr("x-query: a b!"), ::testing::EndsWith("body")));
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4;x=y\r\n "
      "two\r\n0\r\n\r\n");
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("one two"));
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("ok"));
}

TEST_F(HttpServerTest, RefusesTransferCodingsThatItWouldHaveToUndo) {
  const auto port = start();
  for (const char* codings :
       {"Transfer-Encoding: gzip, chunked", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"}) {
    RawClient client(port);
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(codings) +
                "\r\n\r\n3\r\none\r\n0\r\n\r\n");
    EXPECT_THAT(client.read_all(), AllOf(StartsWith("HTTP/1.1 501"), HasSubstr("chunked"))) << codings;
  }
}

TEST_F(HttpServerTest, RefusesBodiesPastTheLimit) {
  const auto port = start();
  RawClient announced(port);
  announced.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(announced.read_all(),
              AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("Connection: close"), HasSubstr("\"status\":413")));
  RawClient chunked(port);
  chunked.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, AnUploadIsTakenPieceByPieceBeyondTheLimitOfOtherBodies) {
  RawClient client(start());
  client.send("PUT /files/a/b.json HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
  client.send(std::string(4'000'000, 'u'));
  const auto answer = client.read_answer();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 201"), HasSubstr("4000000 in ")));
  EXPECT_EQ(answer.find("in 1"), std::string::npos) << answer;
  client.send("PUT /files/c HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("0 in 0"));
  client.send("PUT /files/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("3 in 1"));
  EXPECT_EQ(broken_uploads_, 0);
}

TEST_F(HttpServerTest, AnUploadIsRefusedBeforeItIsRead) {
  const auto port = start();
  RawClient refused(port);
  refused.send(
      "PUT /files/refused/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(refused.read_all(), AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("Connection: close")));
  RawClient large(port);
  large.send("PUT /files/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5000001\r\n\r\n");
  EXPECT_THAT(large.read_all(), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("more than 5000000 bytes")));
  RawClient stopped(port);
  stopped.send("PUT /files/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nstop");
  stopped.send(std::string(1'500'000, 'u'));
  EXPECT_THAT(stopped.read_all(), AllOf(StartsWith("HTTP/1.1 409"), HasSubstr("stopped")));
}

TEST_F(HttpServerTest, AnUploadThatBreaksOffIsNotFinished) {
  const auto port = start();
  {
    RawClient client(port);
    client.send("PUT /files/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nabc");
  }
  for (int i = 0; i < 500 && broken_uploads_ == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(broken_uploads_, 1);
}

TEST_F(HttpServerTest, TakesHeadersUpTo64KilobytesAndRefusesMore) {
  const auto port = start();
  RawClient fits(port);
  fits.send(get("/items/1", "X-Probe: " + std::string(60'000, 'h') + "\r\n"));
  EXPECT_THAT(fits.read_answer(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr(std::string(60'000, 'h'))));
  RawClient over(port);
  over.send(get("/items/1", "X-Probe: " + std::string(70'000, 'h') + "\r\n"));
  EXPECT_THAT(over.read_all(), StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpServerTest, AClientThatLeavesInMidRequestHarmsNobody) {
  const auto port = start();
  for (const char* part :
       {"", "GET /he", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"}) {
    RawClient client(port);
    client.send(part);
    client.finish_sending();
    EXPECT_EQ(client.read_all(), "");
  }
  RawClient next(port);
  next.send(get("/hello"));
  EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ATrickledHeaderIsCutOff) {
  options_.idle_timeout = std::chrono::seconds(1);
  RawClient client(start());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, AThrowingHandlerGivesA500WithoutTheReason) {
  RawClient client(start());
  client.send(get("/throws"));
  EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 500"), Not(HasSubstr("inner reason"))));
}

TEST_F(HttpServerTest, AHandlerOnTheIoThreadWaitsForNoWorker) {
  const auto port = start();
  RawClient first(port), second(port), third(port);
  first.send(get("/wait"));
  second.send(get("/wait"));
  gate_.wait_for_visitors(2);  // every worker is busy
  const auto body = [&third](std::string_view target) {
    third.send(get(target));
    const auto answer = third.read_answer();
    return answer.substr(answer.find("\r\n\r\n"));
  };
  const auto io_thread = body("/io-thread");
  EXPECT_EQ(body("/io-thread"), io_thread);
  gate_.open();
  EXPECT_NE(body("/worker-thread"), io_thread);
}

TEST_F(HttpServerTest, AThrowingHandlerOnTheIoThreadGivesA500) {
  RawClient client(start());
  client.send(get("/io-throws"));
  EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("inner reason"))));
}

TEST_F(HttpServerTest, AHeaderValueCannotAddHeaders) {
  RawClient client(start());
  client.send(get("/split"));
  EXPECT_THAT(client.read_answer(), Not(HasSubstr("\nSet-Cookie")));
}

TEST_F(HttpServerTest, RespondersAnswerFromAnyThreadAndNeverNotAtAll) {
  RawClient client(start());
  client.send(get("/inline"));
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("inline"));
  client.send(get("/later"));
  EXPECT_THAT(client.read_answer(), ::testing::EndsWith("later"));
  client.send(get("/dropped"));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 500"));
}

TEST_F(HttpServerTest, StreamsInChunksOrWithALength) {
  const auto port = start();
  RawClient chunked(port);
  chunked.send(get("/stream?pieces=30", "Connection: close\r\n"));
  const auto answer = chunked.read_all();
  EXPECT_THAT(answer.substr(0, 400), HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_EQ(count_of(answer, "s"), 3'000'000U + count_of(answer.substr(0, answer.find("\r\n\r\n")), "s"));
  EXPECT_TRUE(answer.ends_with("\r\n0\r\n\r\n"));
  RawClient sized(port);
  sized.send(get("/stream?pieces=3&length=300000") + get("/hello"));
  EXPECT_TRUE(sized.read_answer().ends_with("\r\n\r\n" + std::string(300'000, 's')));
  EXPECT_THAT(sized.read_answer(), ::testing::EndsWith("hello"));
}

TEST_F(HttpServerTest, AFailingStreamIsA500AtFirstAndATruncationLater) {
  const auto port = start();
  RawClient first(port);
  first.send(get("/stream?pieces=3&fail=1"));
  EXPECT_THAT(first.read_answer(), StartsWith("HTTP/1.1 500"));
  RawClient later(port);
  later.send(get("/stream?pieces=3&fail=3"));
  const auto answer = later.read_all();
  EXPECT_THAT(answer.substr(0, 20), StartsWith("HTTP/1.1 200"));
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
  RawClient small(port);
  small.send(get("/stream?pieces=1&length=100001"));
  EXPECT_LT(small.read_all().size(), 100'500U);
}

TEST_F(HttpServerTest, AnOldClientGetsAStreamUntilTheConnectionEnds) {
  RawClient client(start());
  client.send("GET /stream?pieces=2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto answer = client.read_all();
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_TRUE(answer.ends_with(std::string(200'000, 's')));
}

TEST_F(HttpServerTest, SaysBusyWhenTheQueueIsFull) {
  options_.queue_max = 0;
  RawClient client(start());
  client.send(get("/hello"));
  EXPECT_THAT(client.read_answer(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1")));
  client.send(get("/inline"));
  EXPECT_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, TurnsAwayConnectionsPastTheLimit) {
  options_.connections_max = 1;
  const auto port = start();
  RawClient first(port);
  first.send(get("/hello"));
  first.read_answer();
  RawClient second(port);
  EXPECT_THAT(second.read_all(), StartsWith("HTTP/1.1 503"));
}

TEST_F(HttpServerTest, ManyConnectionsAtOnceOnSeveralLoops) {
  options_.io_threads = 2;
  options_.worker_threads = 4;
  const auto port = start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  clients.reserve(8);
  for (int t = 0; t < 8; ++t) {
    clients.emplace_back([&good, port] {
      RawClient client(port);
      for (int i = 0; i < 50; ++i) {
        client.send(get(i % 2 == 0 ? "/hello" : "/inline"));
        if (client.read_answer().starts_with("HTTP/1.1 200")) ++good;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

TEST_F(HttpServerTest, StopLetsRequestsFinishAndClosesIdleConnections) {
  const auto port = start();
  RawClient idle(port);
  idle.send(get("/hello"));
  idle.read_answer();
  RawClient working(port);
  working.send(get("/wait"));
  gate_.wait_for_visitors(1);
  std::thread stopper([this] { server_->stop(std::chrono::seconds(30)); });
  EXPECT_EQ(idle.read_all(), "");  // ends although the other one still works
  gate_.open();
  EXPECT_THAT(working.read_all(), AllOf(HasSubstr("Connection: close"), ::testing::EndsWith("waited")));
  stopper.join();
  EXPECT_FALSE(RawClient(port).connected());
}

TEST_F(HttpServerTest, StopCutsOffWhatDoesNotFinishInTime) {
  RawClient working(start());
  working.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  RawClient probe(server_->port());
  probe.send(get("/hello"));
  probe.read_answer();
  server_->stop(std::chrono::milliseconds(1));
  EXPECT_THAT(working.read_all(), Not(HasSubstr("200")));
}

TEST_F(HttpServerTest, CountsRequestsByRoute) {
  RawClient client(start());
  client.send(get("/items/77") + get("/nowhere", "Connection: close\r\n"));
  client.read_all();
  server_->stop(std::chrono::seconds(5));
  const auto text = metrics::render();
  EXPECT_THAT(text, HasSubstr("headwater_http_requests_total{"));
  EXPECT_THAT(text, HasSubstr("route=\"/items/{id}\""));
  EXPECT_THAT(text, AllOf(HasSubstr("route=\"unmatched\""), Not(HasSubstr("nowhere"))));
}

TEST(HttpServer, SaysWhyItCannotListen) {
  Router router;
  ServerOptions options;
  options.port = 0;
  auto first = Server::make(options, router);
  ASSERT_TRUE(first);
  options.port = (*first)->port();
  const auto second = Server::make(options, router);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(std::to_string(options.port)));
  options.address = "nowhere";
  EXPECT_FALSE(Server::make(options, router));
}

}  // namespace
}  // namespace headwater::http
