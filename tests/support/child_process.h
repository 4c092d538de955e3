#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headwater::testing {

/// A program that a test starts: its standard output is collected line by line, standard error goes to a file
/// or stays the test's. Ended with SIGTERM when the test forgets it.
class ChildProcess {
 public:
  struct Options {
    std::string folder;                    // working directory; empty: the test's
    std::string error_file;                // where standard error goes; empty: the test's own
    std::vector<std::string> environment;  // "NAME=value", added to the test's
  };
  explicit ChildProcess(const std::vector<std::string>& command, const Options& options = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The first line that starts with `prefix`, as soon as it is there; "" when the program ended or time ran
  /// out.
  std::string wait_for_line(const std::string& prefix, std::chrono::seconds most = std::chrono::seconds(60));
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Waits for the end and for all that it wrote. The exit code, or 128 + the signal that ended it.
  int wait();
  /// All of standard output so far.
  std::string output();

 private:
  void read_output(int fd);

  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  bool closed_ = false;
  std::thread reader_;
};

struct Finished {
  int exit_code = -1;
  std::string output;
  std::string errors;
};
/// Runs a program to its end.
Finished run_program(const std::vector<std::string>& command, const ChildProcess::Options& options = {});

}  // namespace headwater::testing
