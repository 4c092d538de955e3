#pragma once

// For tests of this room: both ends of a connection as bytes, to say what no HTTP library would.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace headwater::http::testing {

/// What a peer answers, and what it does then.
struct Reply {
  enum class Then : std::uint8_t { keep, close, reset, hang };
  std::string bytes;
  Then then = Then::keep;
  std::chrono::milliseconds pause{0};  // before each byte from `pause_from` on
  std::size_t pause_from = 0;
};

/// A listener on loopback that gives the replies in turn, the last one for ever, whatever is asked. One
/// connection at a time unless `threads` says more.
class RawPeer {
 public:
  explicit RawPeer(std::vector<Reply> replies, SSL_CTX* tls = nullptr, std::size_t threads = 1)
      : replies_(std::move(replies)), tls_(tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (listener_ < 0) throw std::runtime_error("no socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 64);
    socklen_t length = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  }
  ~RawPeer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path) const {
    return (tls_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) + std::string(path);
  }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  void serve() {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
          ::close(fd);
          return;
        }
        open_.push_back(fd);
        ++connections_;
      }
      SSL* ssl = nullptr;
      if (tls_ != nullptr) {
        ssl = SSL_new(tls_);
        SSL_set_fd(ssl, fd);
      }
      if (ssl == nullptr || SSL_accept(ssl) == 1) converse(fd, ssl);
      if (ssl != nullptr) {
        SSL_shutdown(ssl);
        SSL_free(ssl);
      }
      const std::lock_guard lock(mutex_);
      std::erase(open_, fd);
      ::close(fd);
    }
  }

  void converse(int fd, SSL* ssl) {
    std::string got;
    char bytes[4096];
    for (;;) {
      while (!whole(got)) {
        const auto count = ssl != nullptr ? SSL_read(ssl, bytes, sizeof bytes)
                                          : static_cast<int>(::recv(fd, bytes, sizeof bytes, 0));
        if (count <= 0) return;
        got.append(bytes, static_cast<std::size_t>(count));
      }
      Reply reply;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(got);
        reply = replies_[std::min(next_++, replies_.size() - 1)];
      }
      got.clear();
      std::string_view left = reply.bytes;
      while (!left.empty()) {
        std::size_t size = left.size();
        if (reply.pause.count() > 0) {
          const std::size_t sent = reply.bytes.size() - left.size();
          size = sent < reply.pause_from ? reply.pause_from - sent : 1;
          if (sent >= reply.pause_from) std::this_thread::sleep_for(reply.pause);
        }
        const auto count = ssl != nullptr ? SSL_write(ssl, left.data(), static_cast<int>(size))
                                          : static_cast<int>(::send(fd, left.data(), size, MSG_NOSIGNAL));
        if (count <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(count));
      }
      if (reply.then == Reply::Then::close) return;
      if (reply.then == Reply::Then::reset) {
        const linger now{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        return;
      }
      if (reply.then == Reply::Then::hang) {
        while (::recv(fd, bytes, sizeof bytes, 0) > 0) continue;
        return;
      }
    }
  }

  static bool whole(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto at = request.find("Content-Length: ");
    if (at == std::string::npos || at > end) return true;
    return request.size() - end - 4 >= std::strtoul(request.c_str() + at + 16, nullptr, 10);
  }

  std::vector<Reply> replies_;
  SSL_CTX* tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::vector<int> open_;
  std::size_t connections_ = 0;
  std::size_t next_ = 0;
  std::vector<std::string> requests_;
  std::vector<std::thread> threads_;
};

/// A client that sends bytes as they are and reads what comes back; ten seconds at most.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }
  /// Up to and with `mark`, or all until the end when it never comes.
  std::string read_until(std::string_view mark) {
    std::size_t at = std::string::npos;
    while ((at = got_.find(mark)) == std::string::npos && fill()) continue;
    const auto end = at == std::string::npos ? got_.size() : at + mark.size();
    auto out = got_.substr(0, end);
    got_.erase(0, end);
    return out;
  }
  std::string read_all() {
    while (fill()) continue;
    return std::exchange(got_, {});
  }
  /// One answer that has a Content-Length, or no body.
  std::string read_answer() {
    auto head = read_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    const auto size = std::strtoul(head.c_str() + at + 16, nullptr, 10);
    while (got_.size() < size && fill()) continue;
    head += got_.substr(0, size);
    got_.erase(0, size);
    return head;
  }

 private:
  bool fill() {
    char bytes[16384];
    const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    got_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string got_;
};

}  // namespace headwater::http::testing
