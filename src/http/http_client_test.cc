#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <thread>

#include "http/http_client_test.h"
#include "http/internal/test_authority.h"
#include "http/server.h"

namespace headwater::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawPeer;
using testing::Reply;
using ::testing::StartsWith;
using testing::TestAuthority;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(HttpClientTest, FetchesAndReusesTheConnection) {
  RawPeer peer({answer("first", Reply::Then::keep, "X-One: 1\r\nx-one: 2\r\n"), answer("second")});
  StringSink sink;
  const auto stats = fetch(peer.url("/a?b=c"), sink);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->body_bytes, 5U);
  EXPECT_EQ(sink.text, "first");
  EXPECT_EQ(sink.answer.status, 200);
  EXPECT_EQ(find_header(sink.answer.headers, "X-ONE"), "1");
  EXPECT_EQ(sink.answer.final_url, peer.url("/a?b=c"));
  ASSERT_TRUE(fetch(peer.url("/"), sink));
  EXPECT_EQ(sink.text, "second");
  EXPECT_EQ(peer.connections(), 1U);
  EXPECT_THAT(peer.requests()[0],
              AllOf(StartsWith("GET /a?b=c HTTP/1.1\r\n"), HasSubstr("Accept-Encoding: gzip, br\r\n")));
}

TEST_F(HttpClientTest, SendsMethodsBodiesAndHeaders) {
  RawPeer peer({answer("ok")});
  StringSink sink;
  for (const std::string method : {"POST", "PUT", "GET", "DELETE", "PATCH"}) {
    ClientRequest request{method, *Url::parse(peer.url("/")), Headers{}, ""};
    request.headers.emplace_back("X-Key", "k=v");
    request.headers.emplace_back("X-Empty", "");
    if (method != "GET" && method != "DELETE") request.body = std::string("{\"n\":\0 1}", 9);
    ASSERT_TRUE(client_->send(request, sink, {})) << method;
    EXPECT_THAT(peer.requests().back(),
                AllOf(StartsWith(method + " / HTTP/1.1"), HasSubstr("X-Key: k=v\r\n"),
                      HasSubstr("X-Empty:\r\n"), Not(HasSubstr("Expect:")), Not(HasSubstr("Content-Type"))));
    EXPECT_EQ(peer.requests().back().ends_with(request.body), true);
  }
}

TEST_F(HttpClientTest, HeadHasNoBody) {
  RawPeer peer({Reply{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"}, answer("then a GET")});
  StringSink sink;
  ASSERT_TRUE(client_->send(ClientRequest{"HEAD", *Url::parse(peer.url("/")), Headers{}, ""}, sink, {}));
  EXPECT_EQ(find_header(sink.answer.headers, "content-length"), "99");
  ASSERT_TRUE(fetch(peer.url("/"), sink));
  EXPECT_EQ(sink.text, "then a GET");
}

TEST_F(HttpClientTest, GivesErrorStatusesAsAnswers) {
  RawPeer peer({Reply{"HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno"}});
  StringSink sink;
  ASSERT_TRUE(fetch(peer.url("/"), sink));
  EXPECT_EQ(sink.answer.status, 429);
  EXPECT_EQ(find_header(sink.answer.headers, "retry-after"), "3");
  EXPECT_EQ(sink.text, "no");
}

TEST_F(HttpClientTest, ReadsInterimAnswersChunksAndTrailers) {
  RawPeer peer(
      {Reply{"HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
             "chunked\r\nTrailer: X-T\r\n\r\n"
             "3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: t\r\n\r\n"}});
  StringSink sink;
  ASSERT_TRUE(fetch(peer.url("/"), sink));
  EXPECT_EQ(sink.text, "abcde");
  EXPECT_FALSE(find_header(sink.answer.headers, "x-hint"));
}

TEST_F(HttpClientTest, RefusesHeadersThatWouldWriteOthers) {
  RawPeer peer({answer("ok")});
  StringSink sink;
  auto request = get(peer.url("/"));
  request.headers.emplace_back("X-Key", "secret\r\nX-Other: 1");
  const auto result = client_->send(request, sink, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
  EXPECT_TRUE(peer.requests().empty());
}

struct Broken {
  const char* name;
  const char* bytes;
  Reply::Then then;
};

constexpr Broken kBroken[] = {
    {"ShortBody", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Reply::Then::close},
    {"CutChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", Reply::Then::close},
    {"NoLastChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", Reply::Then::close},
    {"BadChunkSize", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
     Reply::Then::close},
    {"Reset", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Reply::Then::reset},
    {"NoAnswer", "", Reply::Then::close},
    {"NoHttp", "220 mail.example.test ESMTP\r\n\r\n", Reply::Then::close},
    {"HalfHead", "HTTP/1.1 200 OK\r\nContent-Le", Reply::Then::close},
    {"BadGzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
     Reply::Then::keep},
};

class BrokenAnswerTest : public HttpClientTest, public ::testing::WithParamInterface<Broken> {};

TEST_P(BrokenAnswerTest, IsUnavailable) {
  RawPeer peer({Reply{GetParam().bytes, GetParam().then}});
  const auto error = failure(peer.url("/path?token=hidden"));
  EXPECT_EQ(error.kind, ErrorKind::unavailable) << error.message;
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1"), Not(HasSubstr("hidden"))));
}

INSTANTIATE_TEST_SUITE_P(Answers, BrokenAnswerTest, ::testing::ValuesIn(kBroken),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(HttpClientTest, SaysWhatCannotBeReached) {
  std::uint16_t port = 0;
  {
    port = RawPeer({answer("")}).port();
  }
  const auto refused = failure("http://127.0.0.1:" + std::to_string(port) + "/?k=hidden");
  EXPECT_EQ(refused.kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.message, AllOf(HasSubstr("127.0.0.1:" + std::to_string(port)), HasSubstr("refused"),
                                     Not(HasSubstr("hidden"))));
}

TEST_F(HttpClientTest, DecodesGzipAndCountsDecodedBytes) {
  const std::string text(100'000, 'z');
  const auto packed = gzipped(text);
  RawPeer peer({answer(packed, Reply::Then::keep, "Content-Encoding: gzip\r\n")});
  StringSink sink;
  const auto stats = fetch(peer.url("/"), sink);
  ASSERT_TRUE(stats);
  EXPECT_EQ(sink.text, text);
  EXPECT_EQ(stats->body_bytes, 100'000U);
}

TEST_F(HttpClientTest, AGzipBombEndsAtTheCap) {
  auto options = local_options();
  options.response_bytes_max = 1'000'000;
  use(options);
  RawPeer peer(
      {answer(gzipped(std::string(50'000'000, '0')), Reply::Then::keep, "Content-Encoding: gzip\r\n"),
       answer(std::string(1'000'001, 'x')), answer(std::string(1'000'000, 'x'))});
  EXPECT_EQ(failure(peer.url("/")).kind, ErrorKind::too_large);
  EXPECT_EQ(failure(peer.url("/")).kind, ErrorKind::too_large);
  StringSink sink;
  EXPECT_TRUE(fetch(peer.url("/"), sink));
}

TEST_F(HttpClientTest, TheSinksErrorEndsTheTransfer) {
  RawPeer peer({answer(std::string(100'000, 'x'))});
  StringSink sink(10);
  const auto result = fetch(peer.url("/"), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::too_large);
}

TEST_F(HttpClientTest, AnExceptionOfTheSinkComesOutOfSend) {
  struct Throwing final : ResponseSink {
    Result<void> head(const ResponseHead&) override { return {}; }
    Result<void> body(std::string_view) override { throw std::runtime_error("bug"); }
  } sink;
  RawPeer peer({answer("x")});
  EXPECT_THROW((void)client_->send(get(peer.url("/")), sink, {}), std::runtime_error);
}

TEST_F(HttpClientTest, RefusesAddressesThatAreNotPublic) {
  use(ClientOptions());
  RawPeer peer({answer("inside")});
  const auto port = std::to_string(peer.port());
  for (const std::string host :
       {"127.0.0.1", "localhost", "localhost.", "a.localhost.", "127.0.0.1.", "0x7f.1", "loc%61lhost",
        "[::ffff:127.0.0.1]", "127.1", "2130706433", "0.0.0.0", "10.1.2.3", "169.254.169.254", "[fd00::1]",
        "[fe80::1]", "[64:ff9b::7f00:1]"}) {
    const auto error =
        failure(std::string("http://").append(host).append(":").append(port).append("/?k=hidden"));
    EXPECT_EQ(error.kind, ErrorKind::forbidden) << host << ": " << error.message;
    EXPECT_THAT(error.message, AllOf(HasSubstr("--allow-network "), Not(HasSubstr("hidden"))));
  }
  EXPECT_TRUE(peer.requests().empty());
}

TEST_F(HttpClientTest, AnAllowedNetworkCoversMappedAddresses) {
  RawPeer peer({answer("inside")});
  StringSink sink;
  EXPECT_TRUE(fetch("http://localhost:" + std::to_string(peer.port()) + "/", sink));
}

TEST_F(HttpClientTest, SilenceIsATimeout) {
  auto options = local_options();
  options.idle_timeout = std::chrono::milliseconds(50);
  use(options);
  RawPeer silent({Reply{"", Reply::Then::hang}});
  EXPECT_EQ(failure(silent.url("/")).kind, ErrorKind::timeout);
  RawPeer half({Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Reply::Then::hang}});
  EXPECT_EQ(failure(half.url("/")).kind, ErrorKind::timeout);
}

// Never silent, so that only its speed gives it away.
TEST_F(HttpClientTest, ADripThatIsTooSlowIsATimeout) {
  ClientOptions options = local_options();
  options.slow_time = std::chrono::milliseconds(200);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n";
  const std::chrono::milliseconds pause(20);
  RawPeer drip({Reply{head + std::string(40, 'x'), Reply::Then::keep, pause, head.size()}});
  use(options);
  const auto begun = std::chrono::steady_clock::now();
  const auto error = failure(drip.url("/"));
  EXPECT_EQ(error.kind, ErrorKind::timeout);
  EXPECT_THAT(error.message, HasSubstr("fewer than 100 bytes a second"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(700));
  options.bytes_per_second_min = 10;
  use(options);
  StringSink sink;
  EXPECT_TRUE(fetch(drip.url("/"), sink));
  EXPECT_EQ(sink.text.size(), 40U);
}

// The run was busy elsewhere: that is not the source's fault.
TEST_F(HttpClientTest, TimeInWhichNobodyReadDoesNotCountAsSlow) {
  ClientOptions options = local_options();
  options.slow_time = std::chrono::milliseconds(100);
  use(options);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  RawPeer slow({Reply{head + "abcd", Reply::Then::keep, std::chrono::milliseconds(15), head.size()}});
  RawPeer quick({answer("now")});
  StringSink waiting, other;
  const auto ahead = client_->start(get(slow.url("/")), waiting);
  ASSERT_TRUE(fetch(quick.url("/"), other));
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  const auto done = client_->wait(ahead, {});
  EXPECT_TRUE(done) << done.error().message;
}

TEST_F(HttpClientTest, ACompressionThatWasNotOfferedIsTheSourcesMistake) {
  RawPeer peer({answer("????", Reply::Then::keep, "Content-Encoding: zstd\r\n")});
  EXPECT_EQ(failure(peer.url("/")).kind, ErrorKind::upstream);
}

TEST_F(HttpClientTest, AHostThatCannotBeIsTheCallersMistake) {
  for (const char* url :
       {"http://exa mple.test/", "http://a<b>.test/", "http://a%2fb.test/", "http://a%00b/", "http://..x/",
        "http://-/", "http://aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.test/"}) {
    const auto parsed = Url::parse(url);
    if (!parsed) continue;
    EXPECT_EQ(failure(url).kind, ErrorKind::invalid_argument) << url;
  }
}

TEST_F(HttpClientTest, AStopEndsTheCallAtOnce) {
  RawPeer peer({Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Reply::Then::hang}});
  // The stop comes from another thread, as soon as the first bytes are there.
  struct Signalling final : ResponseSink {
    std::stop_source stop;
    std::thread stopper;
    Result<void> head(const ResponseHead&) override { return {}; }
    Result<void> body(std::string_view) override {
      stopper = std::thread([this] { stop.request_stop(); });
      return {};
    }
  } sink;
  const auto result = client_->send(get(peer.url("/")), sink, sink.stop.get_token());
  sink.stopper.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::cancelled);
  const auto again = client_->send(get(peer.url("/")), sink, sink.stop.get_token());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST_F(HttpClientTest, SeveralTransfersAtOnceAndOutOfOrder) {
  Router router;
  router.add(Method::get, "/n/{n}", [](const Request& request) {
    return Response::text(
        200, std::string(static_cast<std::size_t>(std::stoi(std::string(request.path_param("n")))), 'n'));
  });
  ServerOptions options;
  options.port = 0;
  const auto server = std::move(*Server::make(options, router));
  server->start();
  const auto base = "http://127.0.0.1:" + std::to_string(server->port()) + "/n/";
  std::vector<std::unique_ptr<StringSink>> sinks;
  std::vector<Client::TransferId> ids;
  for (int i = 0; i < 12; ++i) {
    sinks.push_back(std::make_unique<StringSink>());
    ids.push_back(client_->start(get(base + std::to_string(i * 100'000)), *sinks.back()));
  }
  client_->abandon(ids[3]);
  for (int i = 11; i >= 0; --i) {
    const auto at = static_cast<std::size_t>(i);
    const auto result = client_->wait(ids[at], {});
    if (i == 3) {
      EXPECT_FALSE(result);
      continue;
    }
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(sinks[at]->text.size(), at * 100'000);
  }
  EXPECT_FALSE(client_->wait(ids[0], {}));  // an outcome is given once
}

TEST_F(HttpClientTest, ALargeBodyArrivesWhole) {
  Router router;
  router.add(Method::get, "/big", [](const Request&) {
    auto response = Response::empty(200);
    response.stream = [left = 400]() mutable -> Result<std::string> {
      return left-- > 0 ? std::string(250'000, 'b') : std::string();
    };
    return response;
  });
  ServerOptions options;
  options.port = 0;
  const auto server = std::move(*Server::make(options, router));
  server->start();
  struct Counting final : ResponseSink {
    std::uint64_t bytes = 0;
    Result<void> head(const ResponseHead&) override { return {}; }
    Result<void> body(std::string_view piece) override {
      bytes += piece.size();
      return {};
    }
  } sink;
  ASSERT_TRUE(client_->send(get("http://127.0.0.1:" + std::to_string(server->port()) + "/big"), sink, {}));
  EXPECT_EQ(sink.bytes, 100'000'000U);
}

TEST_F(HttpClientTest, TrustsTheAuthorityItIsGiven) {
  const TestAuthority authority;
  RawPeer peer({answer("safe")}, authority.server(false));
  EXPECT_THAT(failure(peer.url("/")).message, HasSubstr("CA bundle"));
  auto options = local_options();
  options.ca_bundle = authority.ca_file();
  use(options);
  StringSink sink;
  const auto result = fetch(peer.url("/"), sink);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(sink.text, "safe");
}

TEST_F(HttpClientTest, ShowsItsCertificateWhenAsked) {
  const TestAuthority authority;
  RawPeer peer({answer("known")}, authority.server(true));
  auto options = local_options();
  options.ca_bundle = authority.ca_file();
  use(options);
  EXPECT_EQ(failure(peer.url("/")).kind, ErrorKind::unavailable);
  options.client_certificate = authority.client_certificate_file();
  options.client_key = authority.client_key_file();
  use(options);
  StringSink sink;
  const auto result = fetch(peer.url("/"), sink);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(sink.text, "known");
}

TEST_F(HttpClientTest, ARedirectFromHttpsToHttpIsRefused) {
  const TestAuthority authority;
  RawPeer peer({Reply{"HTTP/1.1 302 Found\r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n"}},
               authority.server(false));
  auto options = local_options();
  options.ca_bundle = authority.ca_file();
  use(options);
  EXPECT_THAT(failure(peer.url("/")).message, HasSubstr("https to http"));
}

TEST_F(HttpClientTest, GoesThroughTheProxyItIsGiven) {
  RawPeer proxy({answer("by proxy")});
  auto options = local_options();
  options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  options.no_proxy = "inside.test";
  use(options);
  StringSink sink;
  ASSERT_TRUE(fetch("http://outside.test/page", sink));
  EXPECT_EQ(sink.text, "by proxy");
  EXPECT_THAT(proxy.requests()[0], StartsWith("GET http://outside.test/page HTTP/1.1"));
  for (const char* host : {"10.0.0.1", "167772161", "10.1", "10.0.0.1."})
    EXPECT_EQ(failure("http://" + std::string(host) + "/").kind, ErrorKind::forbidden) << host;
  EXPECT_EQ(proxy.requests().size(), 1U);
}
}  // namespace
}  // namespace headwater::http
