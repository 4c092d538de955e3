#include "cli/own_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>
#include <system_error>

namespace headwater::cli {
namespace {

constexpr std::string_view kFolderPrefix = "headwater-server-";
constexpr std::string_view kListening = "listening on ";
constexpr std::string_view kSignIn = "sign in with a browser";
constexpr std::chrono::seconds kStartMax{60};

// The child takes nothing from this process's settings: its store and folder are its own.
std::vector<std::string> clean_environment() {
  std::vector<std::string> out;
  for (char** each = environ; *each != nullptr; ++each)
    if (!std::string_view(*each).starts_with("HEADWATER_")) out.emplace_back(*each);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// The rest of the first whole line with these words in it; empty when it is not there yet.
std::string line_behind(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  const auto end = at == std::string_view::npos ? at : text.find('\n', at);
  if (end == std::string_view::npos) return "";
  return std::string(text.substr(at + words.size(), end - at - words.size()));
}

// The folder, held by whoever has this open; empty when somebody else holds it, or it is none of ours.
UniqueFd hold(const std::filesystem::path& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat found{};
  const bool own = fd && ::fstat(fd.get(), &found) == 0 && found.st_uid == ::geteuid() && found.st_nlink > 0;
  if (!own || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return fd;
}

// What processes that were killed have left: folders that nobody holds.
void remove_abandoned(const std::filesystem::path& root) {
  std::error_code failed;
  for (std::filesystem::directory_iterator each(root, failed), end; !failed && each != end;
       each.increment(failed)) {
    if (!each->path().filename().string().starts_with(kFolderPrefix)) continue;
    const auto held = hold(each->path());
    std::error_code ignored;
    if (held) std::filesystem::remove_all(each->path(), ignored);
  }
}

struct HeldFolder {
  TemporaryFolder folder;
  UniqueFd held;
};

Result<HeldFolder> make_folder() {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    auto folder = TRY(TemporaryFolder::make(kFolderPrefix));
    // Another process may have taken it for abandoned before it was held.
    auto held = hold(folder.path());
    std::error_code failed;
    if (held && std::filesystem::exists(folder.path(), failed))
      return HeldFolder{std::move(folder), std::move(held)};
  }
  return Error{ErrorKind::unavailable, "No temporary folder could be had for a server of its own."};
}

// Runs in the child, where only few functions may be called. The child holds its folder, too: it may outlive
// this process for a moment.
[[noreturn]] void become(int held, int output, int errors, char* const* arguments, char* const* environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);  // Ctrl-C is for the parent, which ends the child when it is done with it
  ::fcntl(held, F_SETFD, 0);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execve("/proc/self/exe", arguments, environment);
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<OwnServer>> OwnServer::start(const std::vector<std::string>& allowed_networks,
                                                    const std::vector<std::string>& more) {
  auto made = TRY(make_folder());
  remove_abandoned(made.folder.path().parent_path());
  std::unique_ptr<OwnServer> server(new OwnServer(std::move(made.folder), std::move(made.held)));
  server->at_abrupt_end_.emplace([leaving = server.get()] { leaving->abandon(); });
  TRY(server->spawn(allowed_networks, more));
  TRY(server->read_address());
  return server;
}

Result<void> OwnServer::spawn(const std::vector<std::string>& allowed_networks,
                              const std::vector<std::string>& more) {
  std::vector<std::string> words{"headwater", "serve",       "--data-dir",  data_dir(),
                                 "--listen",  "127.0.0.1:0", "--log-level", "error"};
  for (const auto& network : allowed_networks) {
    words.emplace_back("--allow-network");
    words.push_back(network);
  }
  words.insert(words.end(), more.begin(), more.end());
  auto environment = clean_environment();
  const auto arguments = pointers(words);
  const auto variables = pointers(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("open", "a pipe");
  output_ = UniqueFd(ends[0]);
  const UniqueFd child_output(ends[1]);
  const auto log = (folder_.path() / "server.log").string();
  const UniqueFd errors(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!errors) return errno_error("create", log);
  pid_ = ::fork();
  if (pid_ < 0) return errno_error("start", "headwater serve");
  if (pid_ == 0) become(held_.get(), child_output.get(), errors.get(), arguments.data(), variables.data());
  return {};
}

Result<void> OwnServer::read_address() {
  std::string said;
  const auto end = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < end) {
    pollfd wait{output_.get(), POLLIN, 0};
    if (::poll(&wait, 1, 1000) <= 0) continue;
    std::array<char, 512> piece{};
    const auto size = ::read(output_.get(), piece.data(), piece.size());
    if (size <= 0) break;
    said.append(piece.data(), static_cast<std::size_t>(size));
    url_ = line_behind(said, kListening);
    const std::string link = line_behind(said, kSignIn);  // the last that a start prints
    if (url_.empty() || link.empty()) continue;
    sign_in_code_ = Secret(link.substr(link.find('#') + 1));
    return {};
  }
  return ended("A server of its own could not be started: ");
}

Result<void> OwnServer::wait(const std::stop_token& stop) {
  constexpr int kLookEvery = 200;
  while (!stop.stop_requested()) {
    pollfd wait{output_.get(), POLLIN, 0};
    if (::poll(&wait, 1, kLookEvery) <= 0) continue;
    std::array<char, 512> piece{};
    if (::read(output_.get(), piece.data(), piece.size()) <= 0)
      return ended("The server has ended by itself: ");
  }
  return {};
}

Error OwnServer::ended(std::string what) const {
  const auto log = read_file(folder_.path() / "server.log");
  return Error{ErrorKind::unavailable, std::move(what) + (log && !log->empty() ? *log : "it said nothing.")};
}

void OwnServer::abandon() {
  const pid_t child = pid_;
  if (child > 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  remove_folder();
}

// Perhaps on two threads at once, each of which finds that something has just gone.
void OwnServer::remove_folder() const {
  constexpr int kTries = 5;
  std::error_code failed;
  for (int i = 0; i < kTries && std::filesystem::exists(folder_.path(), failed); ++i)
    std::filesystem::remove_all(folder_.path(), failed);
}

OwnServer::~OwnServer() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  remove_folder();  // before nobody looks after it any more
  at_abrupt_end_.reset();
}

}  // namespace headwater::cli
