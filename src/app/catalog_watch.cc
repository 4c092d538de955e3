#include "app/catalog_watch.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/api_client.h"
#include "cli/publication.h"

namespace headwater::app {
namespace {

struct Owner {
  std::optional<OrgId> org;
  std::optional<std::string> sandbox;
};

// A token for each source: it need not outlive the watch.
Result<catalog::Published> publish(identity::Identity& identity, const Owner& owner,
                                   const std::string& server_url, const authoring::SourcePlace& place,
                                   bool yes) {
  const auto token = TRY(identity.mint(owner.org, owner.sandbox));
  cli::ServerOptions options;
  options.server = server_url;
  options.token = token.access_token.reveal();
  options.api_key = token.client.value;
  options.org = token.org.value;
  options.sandbox = token.sandbox_name;
  auto client = TRY(cli::ApiClient::make(options, {}));
  catalog::Published out;
  const auto tell = [&out](std::string_view line) {
    constexpr std::size_t kToldMax = 4'000;
    if (out.told.size() > kToldMax) return;
    out.told += (out.told.empty() ? "" : "\n") + std::string(line);
  };
  auto done = TRY(cli::publish_source(place, client, {.dry_run = false, .yes = yes}, tell));
  out.refused = done.refused;
  out.id = std::move(done.id);
  return out;
}

}  // namespace

Result<std::unique_ptr<catalog::SourceWatch>> watch_catalog(const Config& config,
                                                            identity::Identity& identity,
                                                            const std::string& server_url, Clock& clock) {
  if (config.catalog_git.empty()) return std::unique_ptr<catalog::SourceWatch>();
  Owner owner;
  if (!config.catalog_org.empty()) owner.org = OrgId(config.catalog_org);
  owner.sandbox = given(config.catalog_sandbox);
  // That there is such a place to publish to is known at the start, not with the first push.
  TRY(identity.mint(owner.org, owner.sandbox));
  catalog::SourceWatch::Options options;
  options.git = {config.catalog_git,           config.catalog_branch,      config.catalog_path,
                 config.catalog_git_ca_bundle, config.catalog_git_ssh_key, config.catalog_git_known_hosts};
  options.folder = std::filesystem::absolute(config.data_dir) / "catalog";
  options.every = config.catalog_git_interval;
  const auto work = [&identity, owner, server_url](const authoring::SourcePlace& place, bool yes) {
    return publish(identity, owner, server_url, place, yes);
  };
  return catalog::SourceWatch::make(std::move(options), work, clock);
}

}  // namespace headwater::app
