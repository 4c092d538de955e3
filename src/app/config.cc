#include "app/config.h"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>

#include <map>
#include <type_traits>

#include "base/file.h"
#include "cli/not_negative.h"
#include "cli/span_units.h"
#include "inlet/receiver.h"

namespace headwater::app {
namespace {

Result<std::vector<std::string>> texts_of(const toml::node& node, std::string_view key) {
  std::vector<std::string> out;
  const auto add = [&](const toml::node& value) {
    if (const auto* text = value.as_string())
      out.push_back(text->get());
    else if (const auto* whole = value.as_integer())
      out.push_back(std::to_string(whole->get()));
    else if (const auto* real = value.as_floating_point())
      out.push_back(std::to_string(real->get()));
    else if (const auto* flag = value.as_boolean())
      out.push_back(flag->get() ? "true" : "false");
    else
      return false;
    return true;
  };
  bool fine = true;
  if (const auto* list = node.as_array()) {
    for (const auto& value : *list) fine = fine && add(value);
  } else {
    fine = add(node);
  }
  if (!fine)
    return Error{ErrorKind::invalid_argument, "The configuration's \"" + std::string(key) +
                                                  "\" must be a text, a number or a list of texts."};
  return out;
}

std::string variable_of(const std::string& name) {
  std::string variable = "HEADWATER_";
  for (const char c : name)
    variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return variable;
}

// What neither flag nor variable gave. May throw CLI::Error.
Result<void> set_option(CLI::App& command, const std::filesystem::path& path, const std::string& key,
                        const toml::node& node) {
  std::string flag = "--" + key;
  for (char& c : flag) c = c == '_' ? '-' : c;
  CLI::Option* option = command.get_option_no_throw(flag);
  if (option == nullptr || option->get_group().empty() || flag == "--config" || flag == "--help")
    return Error{ErrorKind::invalid_argument, path.native() + ": there is no setting \"" + key +
                                                  "\"; `headwater serve --help` lists them."};
  if (option->count() > 0) return {};
  const auto values = TRY(texts_of(node, key));
  for (const auto& value : values) option->add_result(value);
  option->run_callback();
  return {};
}

constexpr std::int64_t kSpanMax = 3650LL * 86'400;

}  // namespace

void add_settings(CLI::App& command, Config& config) {
  const auto add = [&command](const std::string& name, auto& value, const std::string& description) {
    auto* option = command.add_option("--" + name, value, description)
                       ->envname(variable_of(name))
                       ->capture_default_str();
    if constexpr (std::is_unsigned_v<std::remove_reference_t<decltype(value)>>) cli::refuse_negative(option);
    return option;
  };
  add("listen", config.listen, "Address and port; port 0 picks a free one");
  add("public-url", config.public_url,
      "Where senders of events reach this server, such as https://events.example.com; default: made from "
      "--listen");
  add("data-dir", config.data_dir, "Folder of the metadata, the lake and the key");
  add("store", config.store, "sqlite, sqlite:PATH or postgres://...");
  add("key-file", config.key_file, "Key that encrypts credentials; default: key in the data directory");
  add("allow-network", config.allow_network,
      "Private network that sources and webhooks may be in (repeatable)")
      ->type_name("CIDR")
      ->delimiter(',');
  add("log-level", config.log_level, "Least level that is logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  add("log-format", config.log_format, "auto, pretty or json")
      ->check(CLI::IsMember({"auto", "pretty", "json"}));
  add("runs-max", config.runs_max, "Runs at the same time")->check(CLI::Range(1, 256));
  add("io-threads", config.io_threads,
      "Threads that read requests and take events; 0: one for every two cores")
      ->check(CLI::Range(0, 64));
  add("worker-threads", config.worker_threads, "Threads that answer requests")->check(CLI::Range(1, 256));
  add("body-bytes-max", config.body_bytes_max, "Largest request body");
  add("requests-per-second", config.requests_per_second, "Calls per source host and account; 0: no limit")
      ->check(CLI::NonNegativeNumber);
  add("proxy", config.proxy, "HTTP(S) proxy for calls to sources");
  add("no-proxy", config.no_proxy, "Hosts to reach without the proxy");
  add("ca-bundle", config.ca_bundle, "PEM file of certificates to trust in calls to sources");
  const auto add_size = [&add](const std::string& name, auto& value, const std::string& description) {
    auto* option = add(name, value, description + ", in bytes or as 2GB");
    return cli::refuse_negative(option->transform(CLI::AsSizeValue(false)));
  };
  add_size("response-bytes-max", config.response_bytes_max, "Largest answer of a source that is accepted");
  add("bytes-per-second-min", config.bytes_per_second_min,
      "An answer of a source that is slower than this for a minute is given up and asked for again; 0: "
      "never");
  add("default-sandbox", config.default_sandbox, "Sandbox of requests that name none; \"\" refuses them");
  add("strict", config.strict,
      "true: refuse a past startTime, an interval with frequency once, limit with count");
  add("stop-seconds", config.stop_seconds, "How long a stop waits for requests in progress");
  add_size("inlet-body-bytes-max", config.inlet_body_bytes_max, "Largest request to an inlet, decoded")
      ->check(CLI::Range(std::size_t{1}, inlet::kBodyBytesMost));
  add_size("journal-bytes-max", config.journal_bytes_max,
           "Received events that may wait for the lake; past it senders are told to wait");
  add_size("commit-bytes", config.commit_bytes,
           "Events of a flow that are committed at once, whatever their age");
  add("commit-events", config.commit_events, "Number of events of a flow that are committed at once")
      ->check(CLI::PositiveNumber);
  const auto add_span = [&command](const std::string& name, std::chrono::seconds& value,
                                   const std::string& description) {
    const auto take = [&value](const std::int64_t& seconds) { value = std::chrono::seconds(seconds); };
    command.add_option_function<std::int64_t>("--" + name, take, description)
        ->envname(variable_of(name))
        ->transform(CLI::AsNumberWithUnit(cli::kSpanUnits, CLI::AsNumberWithUnit::CASE_INSENSITIVE, "SPAN"))
        ->check(CLI::Range(std::int64_t{1}, kSpanMax))
        ->default_str(std::to_string(value.count()) + "s");
  };
  add_span("commit-every", config.commit_every,
           "How long received events wait for others, then they are committed");
  add_span("housekeeping-every", config.housekeeping_every, "How often the lake is compacted and cleaned");
  add_span("quarantine-kept", config.quarantine_kept, "How long rejected records are kept, such as 30d");
  add_span("staging-kept", config.staging_kept, "How long an interrupted batch waits for its run");
  add_span("retired-kept", config.retired_kept,
           "How long a file outlives its compaction: longer than any query or download");
  add_span("server-lease", config.server_lease,
           "How long a server on the same store may be silent before its runs are taken over");
  add_span("late-after", config.late_after,
           "How long after it was due a scheduled run may begin, before webhooks are told that it is late");
  add_span("webhook-kept", config.webhook_kept, "How long telling a webhook something is tried, such as 24h");
  add("catalog-git", config.catalog_git,
      "Git repository whose sources are published as its branch changes: https://, ssh:// or file://");
  add("catalog-branch", config.catalog_branch, "Its branch");
  add("catalog-path", config.catalog_path, "Its folder that holds Sources/; default: the root");
  add("catalog-git-ca-bundle", config.catalog_git_ca_bundle,
      "PEM file of certificates to trust when the repository is fetched over https; default: the system's");
  add("catalog-git-ssh-key", config.catalog_git_ssh_key,
      "File of the private key that it is fetched with over ssh; default: those of the server's user");
  add("catalog-git-known-hosts", config.catalog_git_known_hosts,
      "File of the hosts' keys to trust over ssh; default: known_hosts of the server's user");
  add("catalog-org", config.catalog_org,
      "Organisation that its sources are published for; default: the first");
  add("catalog-sandbox", config.catalog_sandbox, "Sandbox of it that they are published from; default: prod");
  add_span("catalog-git-interval", config.catalog_git_interval, "How often the repository is looked at");
  command.add_option("--source-folder", config.source_folder, "The source that the builder edits")->group("");
  command.add_option("--source-account", config.source_account, "What it is tried with")->group("");
  command.add_option("--source-params", config.source_params, "What it is tried with")->group("");
  command
      .add_flag("--new-lake", config.new_lake,
                "The data directory of a store was lost: start with the lake of this one instead")
      ->envname(variable_of("new-lake"));
}

Result<void> read_config_file(CLI::App& command, const std::filesystem::path& path) {
  const std::string text = TRY(read_file(path));
  try {
    const toml::table table = toml::parse(text, path.native());
    for (const auto& [key, node] : table) {
      // [catalog] git = "..." is catalog_git = "...".
      if (const auto* part = node.as_table()) {
        for (const auto& [inner, value] : *part)
          TRY(set_option(command, path, std::string(key.str()) + "_" + std::string(inner.str()), value));
        continue;
      }
      TRY(set_option(command, path, std::string(key.str()), node));
    }
  } catch (const toml::parse_error& error) {
    return Error{ErrorKind::invalid_argument, path.native() + ", line " +
                                                  std::to_string(error.source().begin.line) + ": " +
                                                  std::string(error.description()) + "."};
  } catch (const CLI::Error& error) {
    return Error{ErrorKind::invalid_argument, path.native() + ": " + error.what() + "."};
  }
  return {};
}

}  // namespace headwater::app
