#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace headwater::testing {

/// Posts JSON over one kept-alive connection to loopback, and never sends anything twice: what was not
/// answered is not known to have arrived. Confined to one thread.
class InletSender {
 public:
  /// The status of the answer; 0 when there was none.
  int post(std::uint16_t port, const std::string& path, const std::string& body) {
    if (port != port_ || !socket_) {
      connect(port);
      if (!socket_) return 0;
    }
    const std::string request = "POST " + path +
                                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                "Content-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    const int status = send(request) ? read_answer() : 0;
    if (status == 0) socket_.reset();
    return status;
  }
  /// Of the last answer, its status line included.
  const std::string& head() const { return head_; }

 private:
  void connect(std::uint16_t port) {
    port_ = port;
    socket_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) socket_.reset();
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  int read_answer() {
    std::string text;
    std::size_t end = 0;
    while ((end = text.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(text)) return 0;
    head_ = text.substr(0, end);
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = head_.find(kLength);
    std::size_t length = 0;
    if (at != std::string::npos)
      std::from_chars(head_.data() + at + kLength.size(), head_.data() + head_.size(), length);
    while (text.size() < end + 4 + length)
      if (!read_more(text)) return 0;
    int status = 0;
    std::from_chars(head_.data() + std::min<std::size_t>(9, head_.size()), head_.data() + head_.size(),
                    status);
    return status;
  }
  bool read_more(std::string& text) const {
    char buffer[16384];
    const auto got = ::read(socket_.get(), buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  std::uint16_t port_ = 0;
  UniqueFd socket_;
  std::string head_;
};

}  // namespace headwater::testing
