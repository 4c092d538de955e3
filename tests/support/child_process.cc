#include "support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace headwater::testing {
namespace {

constexpr std::chrono::seconds kOutputMost{5};

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const Options& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(ends[1], STDOUT_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    if (!options.error_file.empty()) {
      const int errors = ::open(options.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(errors, STDERR_FILENO);
    }
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(127);
    for (const auto& entry : options.environment) ::putenv(const_cast<char*>(entry.c_str()));
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  reader_ = std::thread([this, fd = ends[0]] { read_output(fd); });
}

ChildProcess::~ChildProcess() {
  if (!reaped_) {
    signal(SIGTERM);
    wait();
  }
  reader_.join();
}

void ChildProcess::read_output(int fd) {
  char chunk[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    const std::scoped_lock lock(mutex_);
    if (got <= 0) {
      closed_ = true;
      changed_.notify_all();
      break;
    }
    output_.append(chunk, static_cast<std::size_t>(got));
    changed_.notify_all();
  }
  ::close(fd);
}

std::string ChildProcess::wait_for_line(const std::string& prefix, std::chrono::seconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  std::unique_lock lock(mutex_);
  while (true) {
    std::istringstream lines(output_.substr(0, output_.rfind('\n') + 1));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(prefix)) return line;
    if (closed_ || changed_.wait_until(lock, end) == std::cv_status::timeout) return "";
  }
}

void ChildProcess::signal(int number) const { ::kill(pid_, number); }

int ChildProcess::wait() {
  if (!reaped_) {
    ::waitpid(pid_, &status_, 0);
    reaped_ = true;
    // What it wrote last may still be on its way; a child of its own may keep the pipe open for longer.
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kOutputMost, [this] { return closed_; });
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string ChildProcess::output() {
  const std::scoped_lock lock(mutex_);
  return output_;
}

Finished run_program(const std::vector<std::string>& command, const ChildProcess::Options& options) {
  char name[] = "/tmp/headwater-stderr-XXXXXX";
  const int fd = ::mkstemp(name);
  ::close(fd);
  ChildProcess::Options with_errors = options;
  with_errors.error_file = name;
  Finished out;
  {
    ChildProcess child(command, with_errors);
    out.exit_code = child.wait();
    out.output = child.output();
  }
  std::ifstream in(name);
  std::stringstream text;
  text << in.rdbuf();
  out.errors = text.str();
  ::unlink(name);
  return out;
}

}  // namespace headwater::testing
