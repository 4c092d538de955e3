#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

#include "app/commands.h"
#include "app/data_dir.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/report.h"
#include "identity/identity.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::app {
namespace {

struct TokenArguments {
  DataDirOptions server;
  std::string org, sandbox;
  bool create = false;
  bool json = false;
  bool headers = false;
};

std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<identity::MintedToken> mint(const TokenArguments& arguments) {
  const std::filesystem::path folder = arguments.server.data_dir;
  TRY(make_folders(folder, 0700));
  SystemClock clock;
  const auto vault = TRY(secrets::Vault::open(arguments.server.key()));
  const auto store = TRY(store::Store::open(arguments.server.store, folder));
  const auto identity = TRY(identity::Identity::open(*store, vault, clock, identity::Opening::command));
  std::optional<OrgId> org;
  if (!arguments.org.empty()) org = OrgId(arguments.org);
  using identity::Unknown;
  auto token =
      identity->mint(org, given(arguments.sandbox), arguments.create ? Unknown::made : Unknown::refused);
  if (token || token.error().kind != ErrorKind::not_found) return token;
  Error error{ErrorKind::not_found, token.error().message};
  error.message += " Is the name right? `headwater token --create` makes what is not there.";
  return error;
}

}  // namespace

void add_token_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("token", "Print an access token for the server of a data directory");
  const auto arguments = std::make_shared<TokenArguments>();  // Shared by the parser's callback.
  arguments->server.add_to(*command);
  command->add_option("--org", arguments->org, "Organisation id; default: the first one");
  command->add_option("--sandbox", arguments->sandbox, "Sandbox name; default: prod");
  command->add_flag("--create", arguments->create,
                    "Make the organisation or sandbox when there is none such");
  auto* json =
      command->add_flag("--json", arguments->json, "The token with what belongs to it, as one JSON object");
  command
      ->add_flag("--headers", arguments->headers, "The headers of a request, a line each: for curl -H @FILE")
      ->excludes(json);
  command->footer("Works while the server runs, and before its first start.");
  command->callback([arguments, &exit_code] {
    const auto token = mint(*arguments);
    if (!token) {
      exit_code = cli::report(token.error());
      return;
    }
    if (arguments->headers)
      fmt::print("Authorization: Bearer {}\nx-api-key: {}\nx-gw-ims-org-id: {}\nx-sandbox-name: {}\n",
                 token->access_token.reveal(), token->client.value, token->org.value, token->sandbox_name);
    else
      fmt::print("{}\n", arguments->json ? token->json().dump() : token->access_token.reveal());
  });
}

cli::LocalLogin local_login() {
  return [](const std::filesystem::path& data_dir, const std::optional<std::string>& org,
            const std::optional<std::string>& sandbox) -> Result<cli::Credentials> {
    TokenArguments arguments;
    arguments.server.data_dir = data_dir.native();
    // Client verbs have no flags for these: the server's own variables say where it keeps them.
    if (const char* store = std::getenv("HEADWATER_STORE")) arguments.server.store = store;
    if (const char* key_file = std::getenv("HEADWATER_KEY_FILE")) arguments.server.key_file = key_file;
    TRY(arguments.server.check_is_a_servers("name it with --data-dir, or give --token."));
    arguments.org = org.value_or("");
    // A token is good for every sandbox: one that is not there is the server's to refuse, not ours to make.
    const auto token = TRY(mint(arguments));
    return cli::Credentials{token.access_token.reveal(), token.client.value, token.org.value,
                            sandbox.value_or(token.sandbox_name)};
  };
}

}  // namespace headwater::app
