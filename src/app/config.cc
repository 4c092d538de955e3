#include "app/config.h"

#include <toml++/toml.h>
#include <CLI/CLI.hpp>

#include "base/file.h"

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

}  // namespace

void add_settings(CLI::App& command, Config& config) {
  const auto add = [&command](const std::string& name, auto& value, const std::string& description) {
    std::string variable = "HEADWATER_";
    for (const char c : name)
      variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return command.add_option("--" + name, value, description)->envname(variable)->capture_default_str();
  };
  add("listen", config.listen, "Address and port; port 0 picks a free one");
  add("data-dir", config.data_dir, "Folder of the metadata, the lake and the key");
  add("store", config.store, "sqlite, sqlite:PATH or postgres://...");
  add("key-file", config.key_file, "Key that encrypts credentials; default: key in the data directory");
  add("allow-network", config.allow_network, "Private network that sources may be in (repeatable)")
      ->type_name("CIDR")
      ->delimiter(',');
  add("log-level", config.log_level, "Least level that is logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  add("log-format", config.log_format, "auto, pretty or json")
      ->check(CLI::IsMember({"auto", "pretty", "json"}));
  add("runs-max", config.runs_max, "Runs at the same time")->check(CLI::Range(1, 256));
  add("worker-threads", config.worker_threads, "Threads that answer requests")->check(CLI::Range(1, 256));
  add("body-bytes-max", config.body_bytes_max, "Largest request body");
  add("requests-per-second", config.requests_per_second, "Calls per source host and account; 0: no limit")
      ->check(CLI::NonNegativeNumber);
  add("proxy", config.proxy, "HTTP(S) proxy for calls to sources");
  add("no-proxy", config.no_proxy, "Hosts to reach without the proxy");
  add("ca-bundle", config.ca_bundle, "PEM file of certificates to trust in calls to sources");
  add("response-bytes-max", config.response_bytes_max,
      "Largest answer of a source that is accepted, in bytes or as 2GB")
      ->transform(CLI::AsSizeValue(false));
  add("bytes-per-second-min", config.bytes_per_second_min,
      "An answer of a source that is slower than this for a minute is given up and asked for again; 0: "
      "never");
  add("stop-seconds", config.stop_seconds, "How long a stop waits for requests in progress");
}

Result<void> read_config_file(CLI::App& command, const std::filesystem::path& path) {
  const std::string text = TRY(read_file(path));
  try {
    const toml::table table = toml::parse(text, path.native());
    for (const auto& [key, node] : table) {
      std::string flag = "--" + std::string(key.str());
      for (char& c : flag) c = c == '_' ? '-' : c;
      CLI::Option* option = command.get_option_no_throw(flag);
      if (option == nullptr || flag == "--config" || flag == "--help")
        return Error{ErrorKind::invalid_argument, path.native() + ": there is no setting \"" +
                                                      std::string(key.str()) +
                                                      "\"; `headwater serve --help` lists them."};
      if (option->count() > 0) continue;
      const auto values = TRY(texts_of(node, key.str()));
      for (const auto& value : values) option->add_result(value);
      option->run_callback();
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
