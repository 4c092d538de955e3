#include "base/program.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "base/file.h"

namespace headwater {
namespace {

constexpr std::size_t kErrorsKept = 8U << 10;
constexpr int kLookEvery = 100;  // milliseconds

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  // exec's parameters are not const, and it changes none of them.
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));  // NOLINT
  out.push_back(nullptr);
  return out;
}

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("open", "a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// A file of no name that holds what the program reads.
Result<UniqueFd> input_of(const std::string& text) {
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return errno_error("open", "the input of a program");
  TRY(write_all(file.get(), text, "the input of a program"));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return errno_error("read", "the input of a program");
  return file;
}

void limit(__rlimit_resource_t what, std::uint64_t most) {
  if (most == 0) return;
  const rlimit limit{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
  ::setrlimit(what, &limit);
}

// Runs in the child of a process with many threads: only what may be called there.
[[noreturn]] void become(const Program& program, char* const* arguments, char* const* environment, int input,
                         int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  limit(RLIMIT_FSIZE, program.file_bytes_max);
  limit(RLIMIT_DATA, program.memory_bytes_max);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  // Libraries open descriptors without the flag: no child may have a listening socket, or somebody's
  // connection.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execve(program.file.c_str(), arguments, environment);
  ::_exit(127);
}

// The program and all that it has started, gone by the end of this.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  ~Running() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

// False at the end.
bool take(int fd, std::string& out) {
  std::array<char, 16384> piece{};
  const auto size = ::read(fd, piece.data(), piece.size());
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  out.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

}  // namespace

Result<ProgramEnd> execute(const Program& program, const std::function<bool()>& stopped) {
  std::vector<std::string> words{program.file.filename().string()};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  const auto arguments = pointers(words);
  const auto environment = pointers(program.environment);
  const auto input = TRY(input_of(program.input));
  auto output = TRY(make_pipe());
  auto errors = TRY(make_pipe());
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("start", program.file.string());
  if (pid == 0)
    become(program, arguments.data(), environment.data(), input.get(), output.write.get(),
           errors.write.get());
  Running running(pid);
  ::setpgid(pid, pid);  // here too: whoever comes first
  output.write.reset();
  errors.write.reset();

  ProgramEnd end;
  const auto latest = std::chrono::steady_clock::now() + program.time_max;
  std::array<pollfd, 2> ends{pollfd{output.read.get(), POLLIN, 0}, pollfd{errors.read.get(), POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (stopped()) return Error{ErrorKind::cancelled, "Stopped."};
    if (std::chrono::steady_clock::now() > latest)
      return Error{ErrorKind::timeout, program.file.filename().string() + " took longer than " +
                                           std::to_string(program.time_max.count() / 1000) + " seconds."};
    if (::poll(ends.data(), ends.size(), kLookEvery) <= 0) continue;
    if (ends[0].revents != 0 && !take(ends[0].fd, end.output)) ends[0].fd = -1;
    if (ends[1].revents != 0 && !take(ends[1].fd, end.errors)) ends[1].fd = -1;
    if (end.output.size() > program.output_max)
      return Error{ErrorKind::too_large, program.file.filename().string() + " says more than " +
                                             std::to_string(program.output_max >> 10) + " KB."};
    if (end.errors.size() > kErrorsKept) end.errors.erase(0, end.errors.size() - kErrorsKept);
  }
  end.exit_code = running.wait();
  return end;
}

Result<std::filesystem::path> find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const auto file = std::filesystem::path(rest.substr(0, colon)) / name;
    // Of a folder that is named in full: what lies where the server happens to run is not meant.
    if (file.is_absolute() && ::access(file.c_str(), X_OK) == 0) return file;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return Error{ErrorKind::not_found, "There is no program \"" + std::string(name) +
                                         "\" in the folders of PATH: install it, or name its folder there."};
}

}  // namespace headwater
