#pragma once

// What the bare responders share: a listener, and where a request ends. They trust their client.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bare {

inline constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// Listens on loopback (port 0: a free one) and prints "listening on http://127.0.0.1:PORT".
inline int listen_and_tell(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 4096) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  std::printf("listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

inline void watch(int poll, int descriptor) {
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.fd = descriptor;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &interest);
}

/// The new connection, or -1.
inline int accept_and_watch(int poll, int listener) {
  const int accepted = ::accept(listener, nullptr, nullptr);
  if (accepted < 0) return accepted;
  const int on = 1;
  ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  watch(poll, accepted);
  return accepted;
}

/// A request within what was read; `bytes` is 0 when it is not here whole.
struct Found {
  std::size_t bytes = 0;
  std::string_view body;
};

inline Found find_request(std::string_view text) {
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  std::size_t length = 0;
  constexpr std::string_view kName = "content-length:";
  for (auto line = text.find("\r\n"); line < end; line = text.find("\r\n", line + 2))
    if (strncasecmp(text.data() + line + 2, kName.data(), kName.size()) == 0)
      length = std::strtoul(text.data() + line + 2 + kName.size(), nullptr, 10);
  if (text.size() < end + 4 + length) return {};
  return {end + 4 + length, text.substr(end + 4, length)};
}

}  // namespace bare
