#include "authoring/openapi_server.h"

#include <string>
#include <string_view>
#include <utility>

#include "authoring/openapi_parameters.h"
#include "authoring/placeholders.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kVariablesMax = 200;

// "{baseUrl}/v1": what stands for the whole address is no part of a host, so it is written out.
void put_host(std::string& url, const Value& variables) {
  const auto end = url.find('}');
  if (!url.starts_with('{') || end == std::string::npos) return;
  const Value* variable = variables.find(std::string_view(url).substr(1, end - 1));
  std::string host(variable == nullptr ? std::string_view() : variable->string_at("default"));
  while (host.ends_with('/')) host.pop_back();
  const bool is_scheme = url.find("://") == end + 1;
  if (host.find('/') != std::string::npos || (is_scheme && !host.empty())) url.replace(0, end + 1, host);
}

void add_variables(std::string& url, const Value& variables, ObservedRequest& request) {
  if (!variables.is_object()) return;
  for (const auto& [name, variable] : *variables.if_object()) {
    if (request.inputs.size() >= kVariablesMax) break;
    const std::string mark = "{" + name + "}";
    const auto at = url.find(mark);
    if (at == std::string::npos) continue;
    const std::string input = input_name_of(name);
    url.replace(at, mark.size(), "${" + input + "}");
    ObservedInput described;
    described.name = input;
    described.description = first_sentence(variable.string_at("description"));
    described.given = variable.string_at("default");
    described.required = described.given.empty();
    if (!described.given.empty()) described.standard = described.given;
    if (const Value* choices = variable.find("enum"); choices != nullptr && choices->is_array())
      described.choices = *choices;
    request.inputs.push_back(std::move(described));
  }
}

// Those that only the address names.
void add_undescribed_variables(const OpenApiSchemas& schemas, std::string& url, ObservedRequest& request) {
  std::size_t count = 0;
  for (auto at = url.find('{'); at != std::string::npos; at = url.find('{', at + 1)) {
    if (at > 0 && url[at - 1] == '$') continue;
    const auto end = url.find('}', at);
    if (end == std::string::npos || ++count > kVariablesMax) return;
    const std::string input = input_name_of(url.substr(at + 1, end - at - 1));
    url.replace(at, end + 1 - at, "${" + input + "}");
    add_described_input(schemas, input, Value(Object{}), Value(Object{}), request);
  }
}

}  // namespace

void describe_server(const OpenApiSchemas& schemas, const Value* server, ObservedRequest& request) {
  std::string url(server == nullptr ? std::string_view() : server->string_at("url"));
  while (url.ends_with('/')) url.pop_back();
  if (const Value* variables = server == nullptr ? nullptr : server->find("variables")) {
    put_host(url, *variables);
    add_variables(url, *variables, request);
  }
  add_undescribed_variables(schemas, url, request);
  if (url.starts_with("${") && url.find("://") == std::string::npos) url.insert(0, "https://");
  if (url.starts_with("//")) url.insert(0, "https:");  // RFC 3986: with the scheme it was fetched by
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) {
    request.notes.emplace_back("The description names no server's address: fill in urlParams.host.");
    request.host = "https://api.example.com";
    request.path = url;
    return;
  }
  const auto slash = url.find('/', scheme + 3);
  request.host = url.substr(0, slash);
  if (slash != std::string::npos) request.path = url.substr(slash);
}

}  // namespace headwater::authoring
