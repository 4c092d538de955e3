#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "base/clock.h"
#include "cli/report.h"
#include "identity/identity.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::app {
namespace {

struct LoginArguments {
  std::string data_dir = "./headwater-data";
  std::string store = "sqlite";
  std::string key_file;
  std::string org;
  std::string url = "http://127.0.0.1:8080";
};

Result<std::string> make_link(const LoginArguments& arguments) {
  const std::filesystem::path folder = arguments.data_dir;
  const auto key = arguments.key_file.empty() ? folder / "key" : std::filesystem::path(arguments.key_file);
  // Opening a folder that no server has made its own would make it one, which no server would then serve.
  std::error_code failed;
  if (!std::filesystem::exists(key, failed))
    return Error{ErrorKind::not_found, folder.native() + " is no data directory of a server (there is no " +
                                           key.native() + "); name it with --data-dir."};
  SystemClock clock;
  const auto vault = TRY(secrets::Vault::open(key));
  const auto store = TRY(store::Store::open(arguments.store, folder));
  const auto identity = TRY(identity::Identity::open(*store, vault, clock, identity::Opening::command));
  std::optional<OrgId> org;
  if (!arguments.org.empty()) org = OrgId(arguments.org);
  const Secret code = TRY(identity->sessions().make_code(org));
  return sign_in_link(arguments.url, code);
}

}  // namespace

std::string sign_in_link(std::string_view url, const Secret& code) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url) + "/sign-in#" + code.reveal();
}

void add_login_command(CLI::App& program, int& exit_code) {
  auto* command =
      program.add_subcommand("login", "Print a link that signs a browser in, once and within 15 minutes");
  const auto arguments = std::make_shared<LoginArguments>();  // Shared by the parser's callback.
  command->add_option("--data-dir", arguments->data_dir, "The server's data directory")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command->add_option("--store", arguments->store, "The server's store")
      ->envname("HEADWATER_STORE")
      ->capture_default_str();
  command->add_option("--key-file", arguments->key_file, "The server's key file")
      ->envname("HEADWATER_KEY_FILE");
  command->add_option("--org", arguments->org,
                      "The only organisation of the session; default: all there are");
  command->add_option("--server", arguments->url, "Where the browser reaches the server")
      ->envname("HEADWATER_URL")
      ->capture_default_str();
  command->footer(
      "Works while the server runs. The session ends after 12 hours, or when its user signs out.");
  command->callback([arguments, &exit_code] {
    const auto link = make_link(*arguments);
    if (!link) {
      exit_code = cli::report(link.error());
      return;
    }
    fmt::print("{}\n", *link);
  });
}

}  // namespace headwater::app
