// Which redirects the client follows, and what it sends then.
#include <gmock/gmock.h>

#include "http/http_client_test.h"

namespace headwater::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawPeer;
using testing::Reply;
using ::testing::StartsWith;

TEST_F(HttpClientTest, FollowsRedirectsOnTheSameHostWithItsHeaders) {
  RawPeer peer(
      {Reply{"HTTP/1.1 302 Found\r\nLocation: /next?x=1\r\nContent-Length: 4\r\n\r\nmove"}, answer("there")});
  StringSink sink;
  auto request = get(peer.url("/start"));
  request.headers.emplace_back("Authorization", "Bearer t");
  ASSERT_TRUE(client_->send(request, sink, {}));
  EXPECT_EQ(sink.text, "there");
  EXPECT_EQ(sink.answer.final_url, peer.url("/next?x=1"));
  EXPECT_THAT(peer.requests()[1], AllOf(StartsWith("GET /next?x=1"), HasSubstr("Authorization: Bearer t")));
}

TEST_F(HttpClientTest, RedirectsElsewhereAreErrorsAndSendNothing) {
  RawPeer other({answer("stolen")});
  const auto location = [](const std::string& to) {
    return Reply{"HTTP/1.1 301 Moved\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n"};
  };
  const auto port = std::to_string(other.port());
  RawPeer peer({location("http://localhost:" + port + "/?secret=1"), location(other.url("/")),
                location("ftp://127.0.0.1/")});
  const auto host = failure(peer.url("/"));
  EXPECT_EQ(host.kind, ErrorKind::upstream);
  EXPECT_THAT(host.message, AllOf(HasSubstr("localhost"), Not(HasSubstr("secret"))));
  EXPECT_THAT(failure(peer.url("/")).message, HasSubstr("another port"));
  EXPECT_EQ(failure(peer.url("/")).kind, ErrorKind::upstream);
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(HttpClientTest, RedirectLoopsEnd) {
  RawPeer peer({Reply{"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"}});
  EXPECT_THAT(failure(peer.url("/")).message, HasSubstr("more than 5 times"));
  EXPECT_EQ(peer.requests().size(), 6U);
}

Reply moved(int status, const std::string& to) {
  return Reply{"HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + to +
               "\r\nContent-Length: 0\r\n\r\n"};
}

ClientRequest post(const std::string& url) {
  return ClientRequest{
      "POST", *Url::parse(url), {{"Content-Type", "application/json"}, {"Authorization", "Bearer t"}}, "{}"};
}

TEST_F(HttpClientTest, ARedirectedPostComesAgainAsItWasOrAsAGet) {
  for (const int status : {301, 302, 303, 307, 308}) {
    RawPeer peer({moved(status, "/next/"), answer("there")});
    StringSink sink;
    const auto sent = client_->send(post(peer.url("/start")), sink, {});
    ASSERT_TRUE(sent) << status << ": " << sent.error().message;
    EXPECT_EQ(sink.text, "there") << status;
    EXPECT_EQ(sink.answer.final_url, peer.url("/next/")) << status;
    const auto second = peer.requests().at(1);
    EXPECT_THAT(second, HasSubstr("Authorization: Bearer t")) << status;
    if (status >= 307) {
      EXPECT_THAT(second, AllOf(StartsWith("POST /next/ "), HasSubstr("Content-Type: application/json"),
                                EndsWith("\r\n\r\n{}")));
    } else {
      EXPECT_THAT(second, AllOf(StartsWith("GET /next/ "), Not(HasSubstr("Content-")), EndsWith("\r\n\r\n")));
    }
  }
}

TEST_F(HttpClientTest, ARedirectedPostStaysOnItsHostAndEnds) {
  RawPeer other({answer("stolen")});
  const auto port = std::to_string(other.port());
  for (const auto& [to, part] :
       {std::pair("http://localhost:" + port + "/", "another host"),
        std::pair(other.url("/"), "another port"), std::pair(std::string("/again"), "more than 5 times")}) {
    RawPeer peer({moved(307, to)});
    StringSink sink;
    const auto sent = client_->send(post(peer.url("/")), sink, {});
    ASSERT_FALSE(sent) << to;
    EXPECT_EQ(sent.error().kind, ErrorKind::upstream) << to;
    EXPECT_THAT(sent.error().message, HasSubstr(part));
  }
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(HttpClientTest, ARedirectIsTheAnswerWhereNoneIsFollowed) {
  auto options = local_options();
  options.redirects_max = 0;
  use(options);
  RawPeer peer({moved(302, "/again")});
  for (const auto& request : {get(peer.url("/")), post(peer.url("/"))}) {
    StringSink sink;
    ASSERT_TRUE(client_->send(request, sink, {}));
    EXPECT_EQ(sink.answer.status, 302);
  }
  EXPECT_EQ(peer.requests().size(), 2U);
}

}  // namespace
}  // namespace headwater::http
