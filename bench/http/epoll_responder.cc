// The least that answers HTTP at all: one epoll loop, one read and one write a request, a canned answer. It
// finds the end of a request by its Content-Length and checks nothing. What the server's rate without a
// handler's work is compared with. Usage: epoll_responder     prints "listening on http://127.0.0.1:PORT"
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "bare.h"

namespace {

// False when the connection is over.
bool serve(int socket, std::string& kept, std::array<char, 65536>& space) {
  const auto got = ::read(socket, space.data(), space.size());
  if (got <= 0) return false;
  std::string_view text(space.data(), static_cast<std::size_t>(got));
  if (!kept.empty()) text = kept.append(text);
  std::string answers;
  std::size_t used = 0;
  while (const auto bytes = bare::find_request(text.substr(used)).bytes) {
    used += bytes;
    answers += bare::kAnswer;
  }
  std::string rest(text.substr(used));
  kept = std::move(rest);
  return answers.empty() || ::write(socket, answers.data(), answers.size()) > 0;
}

}  // namespace

int main() {
  const int listener = bare::listen_and_tell(0);
  const int poll = ::epoll_create1(0);
  bare::watch(poll, listener);
  std::vector<std::string> kept;  // by socket: the beginning of a request
  std::array<char, 65536> space{};
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        const auto needed = static_cast<std::size_t>(bare::accept_and_watch(poll, listener) + 1);
        if (kept.size() < needed) kept.resize(needed);
      } else if (auto& mine = kept[static_cast<std::size_t>(socket)]; !serve(socket, mine, space)) {
        mine.clear();
        ::close(socket);
      }
    }
  }
}
