#include "cli/source_options.h"

#include <CLI/CLI.hpp>

#include "base/output_file.h"
#include "base/time.h"
#include "cli/not_negative.h"

namespace headwater::cli {
namespace {

Result<void> rewrite_auth_file(const std::string& path, const json::Value& changed) {
  TRY(OutputFile::check(path, OutputForm::file));  // a pipe was read once, and is empty by now
  const std::string text = TRY(read_file(path));
  auto document = TRY(json::parse(text));
  authoring::put_tokens(document, changed);
  constexpr unsigned kOwnerOnly = 0600;
  return write_output_file(path, document.dump(2) + "\n", kOwnerOnly);
}

}  // namespace

void SourceOptions::add_to(CLI::App& command) {
  command.add_option("spec", spec, "The connection spec, a JSON file")->required()->type_name("FILE");
  add_account_to(command);
  add_network_to(command);
}

void SourceOptions::add_account_to(CLI::App& command) {
  command.add_option("--auth", auth, "File with the account: {\"specName\", \"params\"}, or the bare params")
      ->type_name("FILE");
  command.add_option("--params", params, "File with the source connection's params")->type_name("FILE");
  command.add_option("--param", param, "One more param, name=value (repeatable)")->type_name("NAME=VALUE");
}

void SourceOptions::add_network_to(CLI::App& command) {
  command
      .add_option("--allow-network", allow_network, "Private network that the source may be in (repeatable)")
      ->type_name("CIDR")
      ->envname("HEADWATER_ALLOW_NETWORK")
      ->delimiter(',');
  command.add_option("--proxy", proxy, "HTTP(S) proxy; default: the environment's");
  command.add_option("--no-proxy", no_proxy, "Hosts to reach without the proxy");
  command.add_option("--ca-bundle", ca_bundle, "PEM file of trusted certificates")->type_name("FILE");
  command.add_option("--client-certificate", client_certificate, "PEM file of a client certificate")
      ->type_name("FILE");
  command.add_option("--client-key", client_key, "PEM file of its key")->type_name("FILE");
  refuse_negative(command
                      .add_option("--response-bytes-max", response_bytes_max,
                                  "Largest answer of the source that is accepted, in bytes or as 2GB")
                      ->type_name("SIZE")
                      ->envname("HEADWATER_RESPONSE_BYTES_MAX")
                      ->capture_default_str()
                      ->transform(CLI::AsSizeValue(false)));
  refuse_negative(
      command
          .add_option(
              "--bytes-per-second-min", bytes_per_second_min,
              "An answer that is slower than this for a minute is given up and asked for again; 0: never")
          ->type_name("BYTES")
          ->envname("HEADWATER_BYTES_PER_SECOND_MIN")
          ->capture_default_str());
}

Result<http::ClientOptions> SourceOptions::client_options() const {
  http::ClientOptions options;
  for (const auto& text : allow_network) options.egress.allowed.push_back(TRY(http::Network::parse(text)));
  options.proxy = proxy;
  options.no_proxy = no_proxy;
  options.ca_bundle = ca_bundle;
  options.client_certificate = client_certificate;
  options.client_key = client_key;
  options.response_bytes_max = response_bytes_max;
  options.bytes_per_second_min = bytes_per_second_min;
  return options;
}

Result<run::SourceDocuments> SourceOptions::read_checked_draft() const {
  auto draft = TRY(read_draft());
  TRY(authoring::check_params(draft));
  return draft;
}

Result<run::SourceDocuments> SourceOptions::read_draft() const {
  authoring::DraftFiles files;
  files.spec = spec;
  files.auth = auth;
  files.params = params;
  for (const auto& text : param) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{ErrorKind::invalid_argument, "--param \"" + text + "\" must be written as name=value."};
    files.param_texts.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  auto draft = TRY(authoring::read_draft(files));
  if (!auth.empty())
    draft.keep_tokens = [path = auth](const json::Value& changed, const json::Value&) {
      return rewrite_auth_file(path, changed);
    };
  return draft;
}

void WindowOptions::add_to(CLI::App& command) {
  command.add_option("--since", since, "Start of the window, RFC 3339")->type_name("TIME");
  command.add_option("--until", until, "End of the window, RFC 3339; default: now")->type_name("TIME");
}

Result<extract::Window> WindowOptions::window(const Clock& clock) const {
  extract::Window window;
  if (!since.empty()) window.start = TRY(parse_rfc3339(since));
  window.end = until.empty() ? clock.now() : TRY(parse_rfc3339(until));
  if (window.start && *window.end < *window.start)
    return Error{ErrorKind::invalid_argument, "--until lies before --since."};
  return window;
}

}  // namespace headwater::cli
