// A small source server of ours, part of the tests and benchmarks, not of the product.
//
//   headwater_source_server [--port P] [--records N] [--threads T]
//
// prints "listening on http://127.0.0.1:PORT" first and serves until it is killed. The data: N records
// (default 10000) of about 1.1 KB and 30 members, the same on every machine. Record i (from 0) has
// "id": 1000000000+i, "key": "R-<id>", "updatedAt": 2024-01-01T00:00:00Z + i minutes.
//
// PAGES (GET or POST; a path may go on: /offset/lists/42/members)
//   /offset   limit|count, offset           {"total","offset","limit","items":[...],"hasMore"}
//   /page     page, per_page, first=1       {"total","page","items"}, headers X-Total, X-Total-Pages
//   /pointer  limit, cursor                 {"items","paging":{"next":link|null}}
//   /token    limit, token                  {"items","meta":{"after_cursor":token|null,"has_more"}}, header
//   X-Next-Token
//             the token also in the header X-Continuation-Token, or in a JSON body {"token":..,"limit":..}
//   /all                                    everything in one page
//   /huge     bytes=M                       one page of about M bytes, streamed
// OPTIONS, as query parameters
//   n=K             only the first K records         since=T until=T   updatedAt in [since, until), RFC 3339
//   or epoch query=...updated > T updated < T...   the same as one search text items=NAME      name of the
//   array                nest=NAME         {"status":"ok",NAME:{...}} root=1          the array alone
//   no_total=1 no_has_more=1   leave those members out count_header=1  X-Total-Count past=400          status
//   of a page past the end link=absolute|relative|query  form of paging.next     token_name=NAME   query
//   parameter of /token pretty=1  bom=1  gzip=1 (when accepted)  chunked=1
// ACCESS, as the first path segment (401 otherwise)
//   /basic/...       user "ada", password "open s\u00e9same"
//   /bearer/...      "access-0" (until POST /_expire), or a token from /oauth/token
//   /key-header/...  X-Auth-Key1: key-one; with two_keys=1 also X-Auth-Key2: key-two
//   /key-query/...   api_key=key one&more            /key-body/...  {"apiKey":"key-one"} or a form
//   POST or GET /oauth/token  client_id=client-1, client_secret="client secret 1",
//             grant_type=refresh_token (first one "refresh-0"; rotates, a used one gives invalid_grant)
//             or client_credentials. In the URL: expires_in=S  uses=K (requests a token is good for)
//             keep_refresh=1 (no rotation)  delay_ms  access_field refresh_field expires_field id_name
//             secret_name
// MISBEHAVIOUR
//   POST /_faults {"kind":..,"path","page","at","times","size","record","seconds","status","to"} or an array
//   or a parameter fault=kind:page=2:times=1 (repeatable). It strikes page `page` (from 0; any when left
//   out) from the at-th matching request on (from 1), `times` times (for ever when left out). A posted
//   fault counts requests whose path ends in `path`.
//     429 429_date (seconds in Retry-After, for 429 else its text in to)
//     status (status, default 503; seconds)   401   204   empty_body
//     html  text  content_type (to)           drop (no answer)   redirect (to)   redirect_other (to: host)
//     truncate  chunk_cut  reset (size: body bytes sent)         drip (size bytes each `seconds`)   endless
//     same_cursor  cursor_loop (size pages back)  empty_page     repeat_page  overlap (size)  hole (size)
//     cap (size)  filter (every size-th)  wrong_total (size)          bad_utf8 bad_token control deep
//     big_record (record; size)
// CONTROL
//   GET /_log   JSON array of {method,target,path,query,headers,body,ms}, the last 20000
//   GET /_stats {"requests","by_path"}       GET|POST /_reset  forgets log, faults and tokens
//   POST /_expire  refuses all access tokens given so far

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "access.h"
#include "dataset.h"
#include "faults.h"
#include "pages.h"
#include "request_log.h"
#include "wire.h"

namespace source {
namespace {

struct Options {
  std::uint16_t port = 0;
  std::uint64_t records = 10'000;
  std::size_t threads = 192;  // connections served at a time
};

struct House {
  explicit House(std::uint64_t records) : dataset(records) {}
  Dataset dataset;
  Faults faults;
  Access access;
  RequestLog log;
};

std::optional<Answer> answer_control(const Request& request, House& house) {
  const auto done = [] { return Answer::json(200, R"({"ok":true})"); };
  if (request.path == "/_log") return Answer::json(200, house.log.entries());
  if (request.path == "/_stats") return Answer::json(200, house.log.counts());
  if (request.path == "/_faults")
    return house.faults.add(request.body) ? done() : Answer::json(400, R"({"error":"not a fault"})");
  if (request.path == "/_expire") {
    house.access.expire();
    return done();
  }
  if (request.path == "/_reset") {
    house.log.clear();
    house.faults.clear();
    house.access.reset();
    return done();
  }
  return std::nullopt;
}

Answer answer(Request request, House& house) {
  if (auto control = answer_control(request, house)) return *control;
  house.log.add(request);
  if (request.path == "/oauth/token") {
    for (const auto& fault : house.faults.strike(request, 0))
      if (auto instead = answer_instead(fault, request)) return *instead;
    return house.access.token(request);
  }
  const auto origin = "http://" + std::string(request.header("host"));
  if (auto refused = house.access.check(request)) return *refused;
  if (auto page = answer_page(request, house.dataset, house.faults, origin)) return *page;
  return Answer::json(404, R"({"error":"unknown path"})");
}

void serve(int listener, House& house) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection connection(fd);
    while (auto request = connection.read()) {
      const bool head_only = request->method == "HEAD";
      const bool close = request->header("connection") == "close";
      const auto reply = answer(*std::move(request), house);
      if (reply.status == 0 || !connection.write(reply, house.dataset, head_only) || close) break;
    }
  }
}

int listen_on(std::uint16_t port, std::uint16_t& bound) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 1024) != 0)
    return -1;
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  bound = ntohs(address.sin_port);
  return fd;
}

int run(const Options& options) {
  std::uint16_t port = 0;
  const int listener = listen_on(options.port, port);
  if (listener < 0) {
    std::fprintf(stderr, "cannot listen on port %u: %s\n", options.port, std::strerror(errno));
    return 1;
  }
  House house(options.records);
  std::printf("listening on http://127.0.0.1:%u\n", port);
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < options.threads; ++i)
    threads.emplace_back([listener, &house] { serve(listener, house); });
  return 0;  // never reached: the threads serve until the process is killed
}

}  // namespace
}  // namespace source

int main(int argc, char** argv) {
  source::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--port") options.port = static_cast<std::uint16_t>(value);
    if (name == "--records") options.records = value;
    if (name == "--threads") options.threads = value;
  }
  return source::run(options);
}
