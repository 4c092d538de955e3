#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

#include "app/commands.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/report.h"
#include "identity/identity.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::app {
namespace {

struct TokenArguments {
  std::string data_dir = "./headwater-data";
  std::string store = "sqlite";
  std::string key_file;
  std::string org, sandbox;
  bool json = false;
};

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<identity::MintedToken> mint(const TokenArguments& arguments) {
  const std::filesystem::path folder = arguments.data_dir;
  TRY(make_folders(folder, 0700));
  SystemClock clock;
  const auto vault = TRY(secrets::Vault::open(
      arguments.key_file.empty() ? folder / "key" : std::filesystem::path(arguments.key_file)));
  const auto store = TRY(store::Store::open(arguments.store, folder));
  const auto identity = TRY(identity::Identity::open(*store, vault, clock, identity::Opening::command));
  std::optional<OrgId> org;
  if (!arguments.org.empty()) org = OrgId(arguments.org);
  return identity->mint(org, given(arguments.sandbox));
}

}  // namespace

void add_token_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("token", "Print an access token for the server of a data directory");
  const auto arguments = std::make_shared<TokenArguments>();  // Shared by the parser's callback.
  command->add_option("--data-dir", arguments->data_dir, "The server's data directory")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command->add_option("--store", arguments->store, "The server's store")
      ->envname("HEADWATER_STORE")
      ->capture_default_str();
  command->add_option("--key-file", arguments->key_file, "The server's key file")
      ->envname("HEADWATER_KEY_FILE");
  command->add_option("--org", arguments->org, "Organisation id; an unknown one is created");
  command->add_option("--sandbox", arguments->sandbox,
                      "Sandbox name; an unknown one is created; default: prod");
  command->add_flag("--json", arguments->json, "The token with what belongs to it, as one JSON object");
  command->footer("Works while the server runs, and before its first start.");
  command->callback([arguments, &exit_code] {
    const auto token = mint(*arguments);
    if (!token) {
      exit_code = cli::report(token.error());
      return;
    }
    fmt::print("{}\n", arguments->json ? token->json().dump() : token->access_token.reveal());
  });
}

cli::LocalLogin local_login() {
  return [](const std::filesystem::path& data_dir, const std::optional<std::string>& org,
            const std::optional<std::string>& sandbox) -> Result<cli::Credentials> {
    std::error_code failed;
    if (!std::filesystem::exists(data_dir, failed) && failed)
      return Error{ErrorKind::storage,
                   "Cannot look into " + data_dir.native() + ": " + failed.message() + "."};
    if (!std::filesystem::exists(data_dir))
      return Error{ErrorKind::not_found, "There is no data directory " + data_dir.native() +
                                             "; name the server's with --data-dir, or give --token."};
    TokenArguments arguments;
    arguments.data_dir = data_dir.native();
    // Client verbs have no flags for these: the server's own variables say where it keeps them.
    if (const char* store = std::getenv("HEADWATER_STORE")) arguments.store = store;
    if (const char* key_file = std::getenv("HEADWATER_KEY_FILE")) arguments.key_file = key_file;
    arguments.org = org.value_or("");
    // A token is good for every sandbox: one that is not there is the server's to refuse, not ours to make.
    const auto token = TRY(mint(arguments));
    return cli::Credentials{token.access_token.reveal(), token.client.value, token.org.value,
                            sandbox.value_or(token.sandbox_name)};
  };
}

}  // namespace headwater::app
