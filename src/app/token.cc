#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>
#include <vector>

#include "app/commands.h"
#include "app/config.h"
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
  bool json = false;
  bool headers = false;
  bool revoke = false;
  std::string client;
};

/// The identity of a data directory, with what it needs.
struct Opened {
  SystemClock clock;
  std::optional<secrets::Vault> vault;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<identity::Identity> identity;
};

Result<std::unique_ptr<Opened>> open(const TokenArguments& arguments) {
  const std::filesystem::path folder = arguments.server.data_dir;
  TRY(make_folders(folder, 0700));
  auto out = std::make_unique<Opened>();
  out->vault = TRY(secrets::Vault::open(arguments.server.key()));
  out->store = TRY(store::Store::open(arguments.server.store, folder));
  out->identity =
      TRY(identity::Identity::open(*out->store, *out->vault, out->clock, identity::Opening::command));
  return out;
}

std::optional<OrgId> org_of(const TokenArguments& arguments) {
  return arguments.org.empty() ? std::nullopt : std::optional(OrgId(arguments.org));
}

using identity::Unknown;

Result<identity::MintedToken> mint(const TokenArguments& arguments, Unknown what) {
  const auto opened = TRY(open(arguments));
  const auto minted = [&](Unknown unknown) {
    return opened->identity->mint(org_of(arguments), given(arguments.sandbox), unknown);
  };
  auto found = minted(Unknown::refused);
  if (found || what == Unknown::refused || found.error().kind != ErrorKind::not_found) return found;
  auto made = TRY(minted(Unknown::made));
  // Scripts count on it; whoever has mistyped a name reads here what there is now.
  fmt::print(stderr, "headwater: {} It was made.\n", found.error().message);
  return made;
}

/// The clients whose tokens have ended.
Result<std::vector<ClientId>> revoke(const TokenArguments& arguments) {
  TRY(arguments.server.check_is_a_servers("name it with --data-dir."));
  const auto opened = TRY(open(arguments));
  const auto named = org_of(arguments);
  const OrgId org = named ? *named : TRY(opened->identity->default_tenant()).org;
  std::vector<ClientId> clients;
  if (!arguments.client.empty())
    clients.emplace_back(arguments.client);
  else
    for (const auto& one : TRY(opened->identity->clients(org))) clients.push_back(one.client.id);
  if (clients.empty())
    return Error{ErrorKind::not_found, "There is no client of an organisation " + org.value + " here."};
  for (const auto& client : clients) TRY(opened->identity->revoke_tokens(org, client));
  return clients;
}

int print_revoked(const TokenArguments& arguments) {
  const auto clients = revoke(arguments);
  if (!clients) return cli::report(clients.error());
  for (const auto& client : *clients) fmt::print("revoked all tokens of client {}\n", client.value);
  return 0;
}

}  // namespace

void add_token_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("token", "Print an access token for the server of a data directory");
  const auto arguments = std::make_shared<TokenArguments>();  // Shared by the parser's callback.
  arguments->server.add_to(*command);
  command->add_option("--org", arguments->org,
                      "Organisation id, made when there is none such; default: the first one");
  command->add_option("--sandbox", arguments->sandbox,
                      "Sandbox name, made when there is none such; default: prod");
  command->add_flag_callback("--create", [] {}, "What is not there is made without it, too")->group("");
  auto* json =
      command->add_flag("--json", arguments->json, "The token with what belongs to it, as one JSON object");
  auto* headers = command
                      ->add_flag("--headers", arguments->headers,
                                 "The headers of a request, a line each: for curl -H @FILE")
                      ->excludes(json);
  auto* revoke = command
                     ->add_flag("--revoke", arguments->revoke,
                                "Print none: end all tokens that the organisation's clients have so far, "
                                "within 5 seconds on every server")
                     ->excludes(json)
                     ->excludes(headers);
  command->add_option("--client", arguments->client, "Those of this client only")->needs(revoke);
  command->footer("Works while the server runs, and before its first start.");
  command->callback([arguments, &exit_code] {
    if (arguments->revoke) {
      exit_code = print_revoked(*arguments);
      return;
    }
    const auto token = mint(*arguments, Unknown::made);
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
    const auto token = TRY(mint(arguments, Unknown::refused));
    return cli::Credentials{token.access_token.reveal(), token.client.value, token.org.value,
                            sandbox.value_or(token.sandbox_name)};
  };
}

}  // namespace headwater::app
