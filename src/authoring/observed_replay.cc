#include <utility>

#include "authoring/observed_request.h"
#include "base/crypto.h"
#include "base/text.h"

namespace headwater::authoring {

using json::Value;
using Place = ObservedCredential::Place;

Result<http::ClientRequest> replayed(const ObservedRequest& request) {
  http::ClientRequest out;
  out.method = request.method;
  out.headers = request.headers;
  if (!http::find_header(out.headers, "Accept")) out.headers.emplace_back("Accept", "application/json");
  std::string path = request.path;
  for (const auto& input : request.inputs) {
    const std::string mark = "${" + input.name + "}";
    for (auto at = path.find(mark); at != std::string::npos; at = path.find(mark))
      path.replace(at, mark.size(), percent_encode(input.given));
  }
  for (const auto& credential : request.credentials) {
    const std::string mark = "${" + credential.name + "}";
    if (const auto at = path.find(mark); credential.place == Place::path && at != std::string::npos)
      path.replace(at, mark.size(), percent_encode(credential.value.reveal()));
  }
  out.url = TRY(Url::parse(request.host + path));
  QueryParams query;
  for (const auto& parameter : request.query)
    if (!parameter.optional) query.emplace_back(parameter.name, parameter.value);
  Value body = request.body;
  for (const auto& credential : request.credentials) {
    const std::string& value = credential.value.reveal();
    switch (credential.place) {
      case Place::basic:
        out.headers.emplace_back("Authorization", "Basic " + crypto::base64(credential.user + ":" + value));
        break;
      case Place::bearer:
      case Place::user_token:
        out.headers.emplace_back("Authorization", "Bearer " + value);
        break;
      case Place::client_credentials:
      case Place::path:  // stands in the URL already
        break;
      case Place::header:
        out.headers.emplace_back(credential.name, credential.scheme + value);
        break;
      case Place::query:
        query.emplace_back(credential.name, value);
        break;
      case Place::body:
        if (auto* members = body.if_object()) members->set(credential.name, value);
        break;
    }
  }
  if (!query.empty()) {
    out.url.query = format_query(query);
    out.url.has_query = true;
  }
  if (body.is_null()) return out;
  const auto type = http::find_header(out.headers, "Content-Type");
  const bool form = type && lower(*type).starts_with("application/x-www-form-urlencoded");
  if (!type) out.headers.emplace_back("Content-Type", "application/json");
  if (const auto* text = body.if_string()) {
    out.body = *text;
  } else if (form) {
    QueryParams fields;
    for (const auto& [name, value] : *body.if_object())
      fields.emplace_back(name, value.is_string() ? *value.if_string() : value.dump());
    out.body = format_query(fields);
  } else {
    out.body = body.dump();
  }
  return out;
}

}  // namespace headwater::authoring
