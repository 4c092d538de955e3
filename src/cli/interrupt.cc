#include "cli/interrupt.h"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

namespace headwater::cli {

namespace {

// Not a request of a user: ends the watcher thread.
constexpr int kEnd = SIGUSR2;

// Under nohup it stays ignored, which waiting for it would undo.
bool ignores_hangup() {
  struct sigaction action{};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!ignores_hangup()) sigaddset(&set, SIGHUP);
  sigaddset(&set, kEnd);
  return set;
}

struct LastWork {
  const AtAbruptEnd* owner;
  std::function<void()> work;
};

// Signals are the process's, and so is what is done about them.
std::mutex last_works_mutex;
std::vector<LastWork>& last_works() {
  static std::vector<LastWork> works;
  return works;
}

void end_abruptly() {
  const std::lock_guard lock(last_works_mutex);
  for (auto each = last_works().rbegin(); each != last_works().rend(); ++each) each->work();
}

void watch(const std::stop_source& source, const sigset_t& set) {
  while (true) {
    int signal = 0;
    sigwait(&set, &signal);
    if (signal == kEnd) return;
    // A terminal that closes sends its hangup, and its shell another one: that is no second wish.
    if (source.stop_requested() && signal != SIGHUP) {
      end_abruptly();
      std::_Exit(130);
    }
    source.request_stop();
  }
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  // A reader that goes away (`| head`) is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  watcher_ = std::thread(watch, source_, set);
}

Interrupt::~Interrupt() {
  pthread_kill(watcher_.native_handle(), kEnd);
  watcher_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::wait() const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, source_.get_token(), [] { return false; });
}

AtAbruptEnd::AtAbruptEnd(std::function<void()> work) {
  const std::lock_guard lock(last_works_mutex);
  last_works().push_back({this, std::move(work)});
}

AtAbruptEnd::~AtAbruptEnd() {
  const std::lock_guard lock(last_works_mutex);
  std::erase_if(last_works(), [this](const LastWork& each) { return each.owner == this; });
}

}  // namespace headwater::cli
