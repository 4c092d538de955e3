// Requests that are none, or none that the server knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "http/http_server_test.h"
#include "http/internal/raw_peer.h"

namespace headwater::http {
namespace {

using testing::RawClient;
using ::testing::StartsWith;

struct Malformed {
  const char* name;
  const char* bytes;
  const char* want;
};

constexpr Malformed kMalformed[] = {
    {"Noise", "\x16\x03\x01\x02\x00\x01\xff\xfe\r\n\r\n", "HTTP/1.1 400"},
    {"NoVersion", "GET /hello\r\n\r\n", "HTTP/1.1 400"},
    {"NoHost", "GET /hello HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
    {"TwoHosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400"},
    {"BadLength", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400"},
    {"TwoLengths", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
     "HTTP/1.1 400"},
    {"LengthAndChunks",
     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "HTTP/1.1 400"},
    {"BadChunk", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     "HTTP/1.1 400"},
    {"SpaceInName", "GET /hello HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n", "HTTP/1.1 400"},
    {"RelativeTarget", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400"},
    {"UnknownMethod", "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501"},
    {"UnknownPath", "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404"},
    {"OtherMethod", "DELETE /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 405"},
};

class MalformedTest : public HttpServerTest, public ::testing::WithParamInterface<Malformed> {};

TEST_P(MalformedTest, IsAnsweredAndTheServerGoesOn) {
  const auto port = start();
  RawClient client(port);
  client.send(GetParam().bytes);
  EXPECT_THAT(client.read_all(), StartsWith(GetParam().want));
  RawClient next(port);
  next.send(get("/hello"));
  EXPECT_THAT(next.read_answer(), StartsWith("HTTP/1.1 200"));
}

INSTANTIATE_TEST_SUITE_P(Requests, MalformedTest, ::testing::ValuesIn(kMalformed),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace headwater::http
