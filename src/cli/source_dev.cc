#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/source_folder.h"
#include "base/file.h"
#include "cli/interrupt.h"
#include "cli/own_server.h"
#include "cli/report.h"
#include "cli/source_commands.h"

namespace headwater::cli {
namespace {

namespace fs = std::filesystem;

struct DevArguments {
  std::string folder = ".";
  std::string auth, params;
  std::vector<std::string> allow_network;
  bool no_open = false;
};

// The builder's page, of a browser that the link has signed in.
std::string builder_link(const OwnServer& server) {
  return server.url() + "/sign-in?to=/builder/folder#" + server.sign_in_code().reveal();
}

bool is_on_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (::access((fs::path(rest.substr(0, colon)) / program).c_str(), X_OK) == 0) return true;
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return false;
}

// Through a page that only this user can read: what a program is started with, every user of the machine
// sees, and the link's code is as good as a password. That no browser comes is no failure: the link is
// printed.
void open_browser(const OwnServer& server) {
  const auto page = server.folder() / "builder.html";
  if (!write_file_durably(
          page,
          "<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url=" +
              builder_link(server) + "\"><title>headwater source dev</title>\n",
          0600))
    return;
  std::string program = "xdg-open";
  std::string address = "file://" + page.string();
  const std::array<char*, 3> words{program.data(), address.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0);
  // The signals that this program waits for are blocked in it; a browser wants them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t opener = 0;  // it ends by itself, and what it leaves is gone with this program
  posix_spawnp(&opener, program.c_str(), &quiet, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&quiet);
}

// As `serve` finds it, wherever it is started; missing ones are told now.
Result<std::string> whole_path(const std::string& file) {
  TRY(read_file(file));
  std::error_code failed;
  const auto whole = fs::absolute(file, failed);
  return failed ? file : whole.string();
}

Result<int> execute(const DevArguments& arguments) {
  const auto place = TRY(authoring::find_source(arguments.folder));
  std::vector<std::string> more{"--source-folder", place.artifacts.string()};
  for (const auto& [flag, file] :
       {std::pair<std::string, const std::string&>{"--source-account", arguments.auth},
        std::pair<std::string, const std::string&>{"--source-params", arguments.params}})
    if (!file.empty()) {
      more.push_back(flag);
      more.push_back(TRY(whole_path(file)));
    }
  const Interrupt interrupt;
  const auto server = TRY(OwnServer::start(arguments.allow_network, more));
  fmt::print("The builder of {}, for one browser within 15 minutes:\n  {}\nCtrl-C ends it.\n",
             place.artifacts.string(), builder_link(*server));
  std::fflush(stdout);
  if (!arguments.no_open && ::isatty(STDOUT_FILENO) == 1 && is_on_path("xdg-open")) open_browser(*server);
  TRY(server->wait(interrupt.token()));
  return kOk;
}

}  // namespace

void add_source_dev(CLI::App& family, int& exit_code) {
  auto* command =
      family.add_subcommand("dev", "Edit a source in the browser: its files, checked and tried live");
  const auto arguments = std::make_shared<DevArguments>();  // Shared by the parser's callback.
  command
      ->add_option("folder", arguments->folder,
                   "A source's folder, its Artifacts, or a repository with one source")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      ->add_option("--auth", arguments->auth,
                   "File with the account to try it with: {\"specName\", \"params\"}, or the bare params")
      ->type_name("FILE");
  command->add_option("--params", arguments->params, "File with the params to try it with")
      ->type_name("FILE");
  command
      ->add_option("--allow-network", arguments->allow_network,
                   "Private network that the source may be in (repeatable)")
      ->type_name("CIDR")
      ->envname("HEADWATER_ALLOW_NETWORK")
      ->delimiter(',');
  command->add_flag("--no-open", arguments->no_open, "Only print the link, even on a terminal");
  command->footer(
      "Prints a link to the builder, served on loopback by a server of its own on a temporary folder, which "
      "goes\n"
      "with it. What is saved in the builder is in the folder's files; what another editor saves, the "
      "builder\n"
      "shows. Exit codes: 0 ended by Ctrl-C, 1 the server failed, 2 wrong usage.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
