#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/data_dir.h"
#include "base/clock.h"
#include "cli/report.h"
#include "identity/identity.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::app {
namespace {

struct LoginArguments {
  DataDirOptions server;
  std::string org;
  std::string url = "http://127.0.0.1:8080";
};

Result<std::string> make_link(const LoginArguments& arguments) {
  TRY(arguments.server.check_is_a_servers("name it with --data-dir."));
  SystemClock clock;
  const auto vault = TRY(secrets::Vault::open(arguments.server.key()));
  const auto store = TRY(store::Store::open(arguments.server.store, arguments.server.data_dir));
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
  arguments->server.add_to(*command);
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
