// Opens connections, asks once on each and keeps them open: what an idle connection costs the server.
// Usage: idle_clients PORT CONNECTIONS     prints "N idle", then waits to be killed
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

// A connection that has had one answer; -1 when it could not.
int ask_once(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  std::array<char, 4096> answer{};
  if (::send(socket, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0 ||
      ::recv(socket, answer.data(), answer.size(), 0) <= 0 ||
      !std::string_view(answer.data()).starts_with("HTTP/1.1 2"))
    return -1;
  return socket;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: idle_clients PORT CONNECTIONS\n");
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  int open = 0;
  for (int i = 0; i < std::atoi(argv[2]); ++i)
    if (ask_once(std::atoi(argv[1])) >= 0) ++open;
  std::printf("%d idle\n", open);
  std::fflush(stdout);
  ::pause();
}
