#pragma once

#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace headwater::tests {

/// A PostgreSQL 15 server of this test program alone: in a temporary folder, on a unix socket, stopped and
/// removed at the end, and by the kernel should the program die. Tests fail loudly without the package
/// postgresql-15. Programs refuse to run as root, so root becomes the user `postgres` for them.
class PostgresServer {
 public:
  static PostgresServer& shared() {
    static PostgresServer server;
    return server;
  }

  /// Makes an empty database and answers its URL. Its text is in the order of a language, not of the bytes.
  std::string new_database() {
    const auto name = "t" + std::to_string(++databases_);
    run({"psql", "-q", "-h", folder_, "-U", "headwater", "-d", "postgres", "-c",
         "CREATE DATABASE " + name + " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"});
    return "postgresql:///" + name + "?host=" + folder_ + "&user=headwater";
  }

  ~PostgresServer() {
    kill(server_, SIGINT);  // fast shutdown
    waitpid(server_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

 private:
  static constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";

  PostgresServer() {
    char name[] = "/tmp/headwater-pg-XXXXXX";  // short: a socket's path holds 107 bytes
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder for PostgreSQL");
    folder_ = name;
    if (geteuid() == 0) {
      const auto* user = getpwnam("postgres");
      if (user == nullptr || chown(name, user->pw_uid, user->pw_gid) != 0)
        throw std::runtime_error("the user postgres is missing; install the package postgresql-15");
    }
    const auto data = folder_ + "/data";
    run({"initdb", "-D", data, "-A", "trust", "-U", "headwater", "--locale=C.UTF-8", "-E", "UTF8",
         "--no-sync"});
    server_ = start({"postgres", "-D", data, "-k", folder_, "-c", "listen_addresses=", "-c", "fsync=off",
                     "-c", "full_page_writes=off", "-c", "max_connections=60", "-c", "autovacuum=off"});
    while (status_of(start({"pg_isready", "-q", "-h", folder_, "-U", "headwater", "-d", "postgres"})) != 0) {
      if (waitpid(server_, nullptr, WNOHANG) != 0) throw std::runtime_error("PostgreSQL has not started");
    }
  }

  static pid_t start(const std::vector<std::string>& words) {
    const auto program = kPrograms + words[0];
    if (access(program.c_str(), X_OK) != 0)
      throw std::runtime_error(program + " is missing; install the package postgresql-15");
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments[0] = const_cast<char*>(program.c_str());  // they look for each other where it says they are
    arguments.push_back(nullptr);
    const auto* user = geteuid() == 0 ? getpwnam("postgres") : nullptr;
    const pid_t child = fork();
    if (child != 0) return child;
    if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (chdir("/") != 0 || freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr)
      _exit(126);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }

  static int status_of(pid_t child) {
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static void run(const std::vector<std::string>& words) {
    if (const int status = status_of(start(words)); status != 0)
      throw std::runtime_error(words[0] + " ended with " + std::to_string(status));
  }

  std::string folder_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace headwater::tests
