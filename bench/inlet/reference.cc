// A bare inlet, to compare the product's with: each POST's body is checked to be JSON and appended to a
// preallocated, zeroed file; a committer thread writes and syncs all that wait at once; then each is answered
// 200. One epoll loop besides. No routes, no limits, no recovery: the file is written round and round. Usage:
// inlet_reference FILE [PORT [MILLISECONDS]]     MILLISECONDS are added to each sync, as a slower disk would
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/bare.h"
#include "json/record.h"

namespace {

constexpr std::size_t kFileBytes = 256U << 20;
constexpr std::string_view kRefusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

/// Makes events durable, all that wait with one sync.
class Committer {
 public:
  Committer(const char* path, std::chrono::milliseconds added)
      : file_(::open(path, O_RDWR | O_CREAT | O_TRUNC, 0600)),
        added_(added),
        done_event_(::eventfd(0, EFD_NONBLOCK)) {
    check(file_ >= 0, path);
    const std::string zeros(1U << 20, '\0');
    for (std::size_t at = 0; at < kFileBytes; at += zeros.size())
      check(::pwrite(file_, zeros.data(), zeros.size(), static_cast<off_t>(at)) > 0, path);
    check(::fdatasync(file_) == 0, path);
  }

  int done_event() const { return done_event_; }
  void append(int socket, std::string_view body) {
    std::unique_lock lock(mutex_);
    const auto size = static_cast<std::uint32_t>(body.size());
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof size).append(body);
    sockets_.push_back(socket);
    if (sockets_.size() > 1) return;
    lock.unlock();
    changed_.notify_one();
  }
  /// The sockets whose events are durable since the last call.
  void take_done(std::vector<int>& sockets) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(done_event_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    sockets.swap(done_);
  }

  [[noreturn]] void run() {
    std::string bytes;
    std::vector<int> sockets;
    std::size_t at = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !sockets_.empty(); });
        bytes.swap(bytes_);
        sockets.swap(sockets_);
      }
      if (at + bytes.size() > kFileBytes) at = 0;
      const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      check(written == static_cast<ssize_t>(bytes.size()), "write");
      at += bytes.size();
      check(::fdatasync(file_) == 0, "sync");
      if (added_.count() > 0) std::this_thread::sleep_for(added_);
      {
        const std::lock_guard lock(mutex_);
        done_.insert(done_.end(), sockets.begin(), sockets.end());
      }
      const std::uint64_t one = 1;
      check(::write(done_event_, &one, sizeof one) > 0, "wake");
      bytes.clear();
      sockets.clear();
    }
  }

 private:
  int file_;
  std::chrono::milliseconds added_;
  int done_event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::vector<int> sockets_;
  std::vector<int> done_;
};

/// The connections: one request of each is on its way at a time.
class Inlet {
 public:
  Inlet(Committer& committer, std::uint16_t port)
      : committer_(committer), listener_(bare::listen_and_tell(port)) {}

  [[noreturn]] void run() {
    const int poll = ::epoll_create1(0);
    bare::watch(poll, listener_);
    bare::watch(poll, committer_.done_event());
    std::array<epoll_event, 256> events{};
    std::vector<int> done;
    for (;;) {
      const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        if (descriptor == listener_) {
          const auto needed = static_cast<std::size_t>(bare::accept_and_watch(poll, listener_) + 1);
          if (kept_.size() < needed) kept_.resize(needed);
        } else if (descriptor == committer_.done_event()) {
          done.clear();
          committer_.take_done(done);
          for (const int socket : done) answer(socket, bare::kAnswer);
        } else if (!read(descriptor)) {
          kept_[static_cast<std::size_t>(descriptor)].clear();
          ::close(descriptor);
        }
      }
    }
  }

 private:
  static void answer(int socket, std::string_view text) {
    [[maybe_unused]] const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // False when the connection is over.
  bool read(int socket) {
    const auto got = ::read(socket, space_.data(), space_.size() - headwater::json::RecordParser::kPadding);
    if (got <= 0) return false;
    std::string_view text(space_.data(), static_cast<std::size_t>(got));
    auto& kept = kept_[static_cast<std::size_t>(socket)];
    if (!kept.empty()) {
      kept.append(text).reserve(kept.size() + headwater::json::RecordParser::kPadding);
      text = kept;
    }
    const auto found = bare::find_request(text);
    if (found.bytes == 0) {
      if (kept.empty()) kept = text;
      return true;
    }
    if (parser_.parse(found.body))
      committer_.append(socket, found.body);
    else
      answer(socket, kRefusal);
    kept.clear();
    return true;
  }

  Committer& committer_;
  int listener_;
  headwater::json::RecordParser parser_;
  std::vector<std::string> kept_;  // by socket: the beginning of a request
  std::array<char, 65536> space_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: inlet_reference FILE [PORT [MILLISECONDS]]\n");
    return 2;
  }
  Committer committer(argv[1], std::chrono::milliseconds(argc > 3 ? std::atoi(argv[3]) : 0));
  Inlet inlet(committer, static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 0));
  const std::jthread committing([&committer] { committer.run(); });
  inlet.run();
}
