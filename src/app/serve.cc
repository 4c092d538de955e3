#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "api/inlet_addresses.h"
#include "api/routes.h"
#include "api/shipped_specs.h"
#include "app/catalog_watch.h"
#include "app/commands.h"
#include "app/config.h"
#include "app/source_questions.h"
#include "authoring/source_editing.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/url.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "engine/run/source_access.h"
#include "engine/run/upload_promoter.h"
#include "inlet/streaming.h"
#include "schedule/scheduler.h"
#include "secrets/vault.h"
#include "webhook/deliverer.h"
#include "webhook/settings.h"

namespace headwater::app {
namespace {

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* digits = text.c_str() + (colon == std::string::npos ? 0 : colon + 1);
  const auto [end, code] = std::from_chars(digits, text.c_str() + text.size(), port);
  if (colon == std::string::npos || colon == 0 || code != std::errc() || end != text.c_str() + text.size() ||
      port > 65535)
    return Error{ErrorKind::invalid_argument,
                 "--listen \"" + text + "\" must be written as ADDRESS:PORT, for example 127.0.0.1:8080."};
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Address{std::move(host), static_cast<std::uint16_t>(port)};
}

// The address of the machine that a wildcard address listens on, as others may know it.
std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "127.0.0.1";
  return name.data();
}

// What stands before the paths of the API, without a slash at its end.
std::string url_of(const Address& address, std::uint16_t port) {
  const std::string shown =
      address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  return fmt::format("http://{}:{}", shown, port);
}

// What --public-url says, without a slash at its end; empty when it is not set.
Result<std::string> parse_public_url(const std::string& text) {
  if (text.empty()) return std::string();
  const auto url = Url::parse(text);
  if (!url || url->has_query || !url->userinfo.empty())
    return Error{
        ErrorKind::invalid_argument,
        "--public-url \"" + text +
            "\" must be an address such as https://events.example.com, with neither user nor query."};
  std::string base = url->text();
  while (base.ends_with('/')) base.pop_back();
  return base;
}

// Where this very process reaches itself.
Address local(const Address& address) {
  if (address.host == "0.0.0.0") return {"127.0.0.1", address.port};
  return address.host == "::" ? Address{"::1", address.port} : address;
}

// Where senders of events reach a server without --public-url.
std::string reachable_url(const Address& address, std::uint16_t port) {
  const bool any = address.host == "0.0.0.0" || address.host == "::";
  return url_of(any ? Address{host_name(), port} : address, port);
}

void configure_log(const Config& config) {
  const bool pretty =
      config.log_format == "pretty" || (config.log_format == "auto" && ::isatty(STDERR_FILENO) == 1);
  const log::Level level = config.log_level == "debug"   ? log::Level::debug
                           : config.log_level == "warn"  ? log::Level::warn
                           : config.log_level == "error" ? log::Level::error
                                                         : log::Level::info;
  log::configure(level, pretty ? log::Format::pretty : log::Format::json);
}

Result<http::ClientOptions> client_options(const Config& config) {
  http::ClientOptions options;
  for (const auto& text : config.allow_network)
    options.egress.allowed.push_back(TRY(http::Network::parse(text)));
  options.proxy = config.proxy;
  options.no_proxy = config.no_proxy;
  options.ca_bundle = config.ca_bundle;
  options.response_bytes_max = config.response_bytes_max;
  options.bytes_per_second_min = config.bytes_per_second_min;
  return options;
}

// The other cores are for runs, commits and queries.
std::size_t io_threads(const Config& config) {
  constexpr std::size_t kIoThreadsMax = 16;
  if (config.io_threads > 0) return config.io_threads;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, kIoThreadsMax);
}

// A first start tells the one time what nobody can read later: the client's secret, and how to get a token.
void greet(const identity::Identity& identity, const std::string& url, const Config& config) {
  const auto& created = identity.created();
  if (!created) return;
  const auto& made = *created;
  fmt::print(
      "\nFirst start. Made for you, shown only now:\n"
      "  organisation   {0}\n  client id      {1}\n  client secret  {2}\n\n"
      "Get a token:\n"
      "  curl -d grant_type=client_credentials -d client_id={1} -d client_secret={2} {3}/ims/token/v3\n"
      "or, on this machine:\n"
      "  headwater token --data-dir {4}\n\n",
      made.org.value, made.id.value, made.secret.reveal(), url, config.data_dir);
}

api::RunControl run_control(schedule::Scheduler& scheduler) {
  const auto accepted = [](Result<schedule::AcceptedRun> run) -> Result<api::AcceptedRun> {
    const auto given = TRY(std::move(run));
    return api::AcceptedRun{given.id, given.etag};
  };
  api::RunControl control;
  control.start = [&scheduler, accepted](const api::RunControl::OnDemand& request) {
    return accepted(scheduler.run_now({request.flow, request.params, request.actor, request.also}));
  };
  control.retrigger = [&scheduler, accepted](const RunId& run, const domain::Actor& actor,
                                             const api::RunControl::Also& also) {
    return accepted(scheduler.retrigger(run, actor, also));
  };
  control.cancel = [&scheduler, accepted](const RunId& run, const domain::Actor& actor) {
    return accepted(scheduler.cancel(run, actor));
  };
  control.flow_changed = [&scheduler](const FlowId& flow) { scheduler.flow_changed(flow); };
  return control;
}

api::InletControl inlet_control(inlet::Streaming& streaming) {
  api::InletControl control;
  control.changed = [&streaming] { streaming.changed(); };
  // Whether there is such an inlet the API has seen before it asks.
  control.counters = [&streaming](const std::string& inlet) {
    auto counters = streaming.counters(inlet);
    return counters ? *std::move(counters) : json::Value(json::Object{});
  };
  control.replay = [&streaming](const domain::Resource& batch, bool again) {
    return streaming.replay(batch, again);
  };
  control.events = [&streaming](const std::string& inlet, std::uint64_t after) {
    return streaming.events(inlet, after);
  };
  return control;
}

api::WebhookControl webhook_control(webhook::Deliverer& deliverer, const http::EgressPolicy& egress) {
  api::WebhookControl control;
  control.read = [egress](const json::Value& body) { return webhook::read_settings(body, egress); };
  control.test = [&deliverer](const domain::Resource& webhook) { return deliverer.test(webhook); };
  return control;
}

// What `headwater source dev` works on.
Result<std::optional<api::SourceFolder>> source_folder(const Config& config) {
  if (config.source_folder.empty()) return std::optional<api::SourceFolder>();
  auto place = TRY(authoring::find_source(config.source_folder));
  const auto editing = std::make_shared<authoring::SourceEditing>(std::move(place), config.source_account,
                                                                  config.source_params);
  api::SourceFolder folder;
  folder.read = [editing] { return editing->read(); };
  folder.write = [editing](const json::Value& changes) { return editing->write(changes); };
  folder.keep_tokens = [editing](const json::Value& auth, const json::Value& changed) {
    return editing->keep_tokens(auth, changed);
  };
  return std::optional<api::SourceFolder>(std::move(folder));
}

Result<api::SourceRepository> source_repository(catalog::SourceWatch& watch, const Config& config,
                                                identity::Identity& identity) {
  api::SourceRepository repository;
  repository.org =
      config.catalog_org.empty() ? TRY(identity.default_tenant()).org : OrgId(config.catalog_org);
  repository.status = [&watch] { return watch.status(); };
  repository.check = [&watch](const std::vector<std::pair<std::string, std::string>>& approved) {
    std::vector<catalog::Approval> approvals;
    approvals.reserve(approved.size());
    for (const auto& [source, commit] : approved) approvals.push_back({source, commit});
    watch.check(std::move(approvals));
  };
  return repository;
}

inlet::StreamingOptions streaming_options(const Config& config) {
  inlet::StreamingOptions options;
  options.journals = std::filesystem::path(config.data_dir) / "journal";
  options.receiver.body_bytes_max = config.inlet_body_bytes_max;
  options.receiver.journal_bytes_max = config.journal_bytes_max;
  options.consumer.commit_age = config.commit_every;
  options.consumer.commit_events = config.commit_events;
  options.consumer.commit_bytes = config.commit_bytes;
  return options;
}

// A store describes the datasets of one lake. A server with another one would run flows into datasets that it
// lacks, or a second time into ones that hold the records already.
Result<void> bind_lake(store::Store& store, const lake::Lake& lake, const Config& config) {
  constexpr std::string_view kSetting = "lake";
  std::string bound;
  const auto bind = [&](store::Transaction& transaction) -> Result<void> {
    if (config.new_lake) TRY(transaction.put_setting(kSetting, lake.id()));
    bound = TRY(transaction.setting_or_put(kSetting, lake.id()));
    return {};
  };
  TRY(store.transact(bind));
  if (bound == lake.id()) return {};
  return Error{ErrorKind::invalid_argument,
               "The metadata store belongs to another lake (" + bound + ") than the one in " +
                   config.data_dir + " (" + lake.id() +
                   "). All servers of a store need the same --data-dir on shared storage. When the other one "
                   "is lost for good, start once with --new-lake."};
}

// Everything is built from the inside out and stopped from the outside in: no request arrives at a part that
// is gone.
Result<int> serve(const Config& config) {
  const cli::Interrupt interrupt;
  configure_log(config);
  const auto address = TRY(parse_address(config.listen));
  const std::string public_url = TRY(parse_public_url(config.public_url));
  auto outgoing = TRY(client_options(config));
  const std::filesystem::path folder = config.data_dir;
  TRY(make_folders(folder, 0700));

  SystemClock clock;
  const auto vault = TRY(secrets::Vault::open(
      config.key_file.empty() ? folder / "key" : std::filesystem::path(config.key_file)));
  const auto store = TRY(store::Store::open(config.store, folder));
  store::Credentials credentials(*store, vault);
  TRY(credentials.check_key());
  const auto identity = TRY(identity::Identity::open(*store, vault, clock));
  identity->set_default_sandbox(config.default_sandbox);
  const auto owner = TRY(identity->default_tenant());
  TRY(api::install_shipped_specs(*store, owner, clock));
  lake::Lake::Options lake_options;
  lake_options.root = folder / "lake";
  lake_options.grace = config.retired_kept;
  lake_options.quarantine_kept = config.quarantine_kept;
  lake_options.staging_kept = config.staging_kept;
  const auto lake = TRY(lake::Lake::open(lake_options, clock));
  TRY(bind_lake(*store, *lake, config));
  webhook::DelivererOptions delivering;
  delivering.client = outgoing;
  delivering.owner = crypto::random_hex(12);
  delivering.kept = config.webhook_kept;
  const auto allowed = outgoing.egress;
  run::SourceAccess access(std::move(outgoing), clock);
  auto edited = TRY(source_folder(config));
  if (config.requests_per_second > 0) access.defaults().requests_per_second = config.requests_per_second;

  schedule::SchedulerOptions scheduling;
  scheduling.runs_max = config.runs_max;
  scheduling.housekeeping_every = config.housekeeping_every;
  scheduling.lease = config.server_lease;
  scheduling.late_after = config.late_after;
  scheduling.owner = delivering.owner;
  scheduling.peers_folder = folder / "servers";
  const auto scheduler =
      TRY(schedule::Scheduler::make({*store, credentials, *lake, access, clock}, scheduling));

  webhook::Deliverer deliverer(*store, credentials, clock, delivering);
  run::UploadPromoter promoter(*store, *lake, clock);
  const auto streaming =
      TRY(inlet::Streaming::open({*store, credentials, *identity, *lake, clock}, streaming_options(config)));
  api::ApiServices services{
      *store,
      credentials,
      *identity,
      *lake,
      clock,
      run_control(*scheduler),
      source_questions(access, *store, credentials, config.worker_threads, interrupt.token()),
      [&promoter] { promoter.wake(); },
      inlet_control(*streaming),
      webhook_control(deliverer, allowed),
      config.strict,
      std::move(edited)};
  services.query_program = "/proc/self/exe";  // this version, even when another one is installed meanwhile
  http::Router router;
  api::add_routes(router, services);
  streaming->add_routes(router);
  http::ServerOptions options;
  options.address = address.host;
  options.port = address.port;
  options.io_threads = io_threads(config);
  options.worker_threads = config.worker_threads;
  options.body_bytes_max = config.body_bytes_max;
  std::unique_ptr<catalog::SourceWatch> watch;  // before the server, which may still ask it when it ends
  const auto server = TRY(http::Server::make(options, router));
  services.inlets.base_url = public_url.empty() ? reachable_url(address, server->port()) : public_url;
  watch = TRY(watch_catalog(config, *identity, url_of(local(address), server->port()), clock));
  if (watch) services.source_repository = TRY(source_repository(*watch, config, *identity));
  TRY(api::move_inlets(*store, services.inlets.base_url, clock));
  server->start();
  TRY(scheduler->start());
  deliverer.start();  // after the scheduler, which makes this process known as a server
  promoter.start();
  streaming->start();
  if (watch) watch->start();

  const std::string url = url_of(address, server->port());
  fmt::print("listening on {}\n", url);
  greet(*identity, url, config);
  const Secret code = TRY(identity->sessions().make_code(std::nullopt));
  fmt::print("sign in with a browser, once and within {} minutes: {}\n", identity::kCodeLifetime.count(),
             sign_in_link(public_url.empty() ? reachable_url(address, server->port()) : public_url, code));
  std::fflush(stdout);
  log::info("serving", {{"url", url},
                        {"data_dir", config.data_dir},
                        {"store", config.store.substr(0, config.store.find(':'))}});

  interrupt.wait();
  log::info("stopping");
  if (watch) watch->stop();
  server->stop(std::chrono::seconds(config.stop_seconds));
  deliverer.stop();
  scheduler->stop();
  promoter.stop();
  streaming->stop();
  log::info("stopped");
  return cli::kOk;
  // The analyzer loses owners that come out of TRY, a statement expression; LeakSanitizer sees none leak.
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)

}  // namespace

void add_serve_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("serve", "Serve the Flow Service API and run flows");
  const auto config = std::make_shared<Config>();  // Shared by the parser's callback.
  const auto file = std::make_shared<std::string>();
  command->add_option("--config", *file, "TOML file with any of these settings, written with underscores")
      ->envname("HEADWATER_CONFIG");
  add_settings(*command, *config);
  command->footer(
      "Each setting is also an environment variable, HEADWATER_DATA_DIR for --data-dir, and a key of the "
      "TOML file,\ndata_dir. The flag wins over the variable, the variable over the file.");
  command->callback([command, config, file, &exit_code] {
    const auto done = [&]() -> Result<int> {
      if (!file->empty()) TRY(read_config_file(*command, *file));
      return serve(*config);
    }();
    exit_code = done ? *done : cli::report(done.error());
  });
}

}  // namespace headwater::app
