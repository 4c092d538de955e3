#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "support/child_process.h"

namespace headwater::testing {

/// A port of loopback that is free now.
inline std::uint16_t free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

/// Waits until somebody listens there.
inline void wait_for_port(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  for (int i = 0; i < 300; ++i) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  FAIL() << "nobody listens on port " << port;
}

inline std::string run_here(const std::vector<std::string>& command) {
  const auto done = run_program(command);
  EXPECT_EQ(done.exit_code, 0) << command[0] << ": " << done.errors;
  return done.output;
}

/// A host of git repositories over https: lighttpd with git's own http-backend, a certificate that nobody
/// else knows, and one user.
class GitHttpsHost {
 public:
  /// `origin` is a bare repository. The user's name and password are as given.
  GitHttpsHost(const std::filesystem::path& origin, const std::string& user, const std::string& password)
      : folder_(*TemporaryFolder::make("headwater-git-https-")),
        port_(free_port()),
        name_(origin.filename()) {
    run_here({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
              "-nodes", "-keyout", file("key.pem"), "-out", certificate(), "-days", "2", "-subj",
              "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"});
    std::ofstream(file("users")) << user << ":" << password << "\n";
    std::ofstream(file("lighttpd.conf")) << R"(
server.modules = ("mod_auth", "mod_authn_file", "mod_cgi", "mod_alias", "mod_openssl", "mod_setenv", "mod_redirect")
server.bind = "127.0.0.1"
server.port = )" << port_ << R"(
server.document-root = ")" << folder_.path().string()
                                         << R"("
server.errorlog = ")" << file("log") << R"("
ssl.engine = "enable"
ssl.pemfile = ")" << certificate() << R"("
ssl.privkey = ")" << file("key.pem") << R"("
alias.url = ("/git" => ")" << backend() << R"(", "/open" => ")"
                                         << backend() << R"(")
url.redirect = ("^/moved/([^?]*).*$" => "https://localhost:)"
                                         << port_ << R"(/open/$1${qsa}")
url.redirect-code = 302
cgi.assign = ("" => "")
setenv.set-environment = ("GIT_PROJECT_ROOT" => ")"
                                         << origin.parent_path().string()
                                         << R"(", "GIT_HTTP_EXPORT_ALL" => "1")
auth.backend = "plain"
auth.backend.plain.userfile = ")" << file("users")
                                         << R"("
auth.require = ("/git" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
)";
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{program(), "-D", "-f", file("lighttpd.conf")},
        ChildProcess::Options{.folder = {}, .error_file = file("errors"), .environment = {}});
    wait_for_port(port_);
  }
  /// `userinfo` is empty or ends with "@".
  std::string url(const std::string& userinfo) const {
    return "https://" + userinfo + "127.0.0.1:" + std::to_string(port_) + "/git/" + name_;
  }
  /// From where it points to the same repository under another name of its own, open to everybody.
  std::string moved_url(const std::string& userinfo) const {
    return "https://" + userinfo + "127.0.0.1:" + std::to_string(port_) + "/moved/" + name_;
  }
  std::string certificate() const { return file("certificate.pem"); }
  void stop() { server_.reset(); }

 private:
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  static std::string backend() {
    auto path = run_here({"git", "--exec-path"});
    path.resize(path.find_last_not_of('\n') + 1);
    return path + "/git-http-backend";
  }
  // Debian keeps it where the PATH of a plain user does not look.
  static std::string program() { return "/usr/sbin/lighttpd"; }

  TemporaryFolder folder_;
  std::uint16_t port_;
  std::string name_;
  std::unique_ptr<ChildProcess> server_;
};

/// A host of git repositories over ssh: a real sshd with a key of its own, which lets in whoever has the one
/// key, as the user that runs the test.
class GitSshHost {
 public:
  explicit GitSshHost(const std::filesystem::path& origin)
      : folder_(*TemporaryFolder::make("headwater-git-ssh-")), port_(free_port()), origin_(origin.string()) {
    for (const char* name : {"host", "key", "other"})
      run_here({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file(name)});
    write("known_hosts", "host.pub");
    write("other_hosts", "other.pub");
    std::ofstream(file("nobody")) << "";
    std::ofstream(file("sshd_config"))
        << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey " << file("host")
        << "\nPidFile none\nAuthorizedKeysFile " << file("key.pub")
        << "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
           "KbdInteractiveAuthentication no\nPermitRootLogin "
           "prohibit-password\n";
    // What Debian's unit makes before it starts a server that may become other users.
    if (::geteuid() == 0) std::filesystem::create_directories("/run/sshd");
    start();
  }
  std::string url() const {
    const passwd* me = ::getpwuid(::geteuid());
    return "ssh://" + std::string(me == nullptr ? "root" : me->pw_name) +
           "@127.0.0.1:" + std::to_string(port_) + origin_;
  }
  std::string key() const { return file("key"); }
  std::string other_key() const { return file("other"); }
  std::string known_hosts() const { return file("known_hosts"); }
  /// One that has another key for this host, and one that has none.
  std::string other_hosts() const { return file("other_hosts"); }
  std::string no_hosts() const { return file("nobody"); }
  void start() {
    // By its full name, for it starts itself anew with each connection.
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", file("sshd_config")},
        ChildProcess::Options{.folder = {}, .error_file = file("log"), .environment = {}});
    wait_for_port(port_);
  }
  void stop() { server_.reset(); }

 private:
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  void write(const std::string& name, const std::string& key) const {
    std::ofstream(file(name)) << "[127.0.0.1]:" << port_ << " " << *read_file(file(key));
  }

  TemporaryFolder folder_;
  std::uint16_t port_;
  std::string origin_;
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace headwater::testing
