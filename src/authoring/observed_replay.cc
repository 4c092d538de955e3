#include <utility>

#include "authoring/observed_request.h"
#include "base/crypto.h"
#include "base/text.h"

namespace headwater::authoring {

using json::Value;
using Place = ObservedCredential::Place;

namespace {

void put_keys(std::string& text, const ObservedRequest& request) {
  for (const auto& credential : request.credentials) {
    if (credential.place != Place::text) continue;
    const std::string mark = "${" + credential.name + "}";
    const std::string& value = credential.value.reveal();
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
}

void put_keys(Value& value, const ObservedRequest& request) {
  if (const auto* written = value.if_string()) {
    // A text that is JSON is filled within its strings.
    auto document = json::parse(*written);
    std::string text = *written;
    if (document && (document->is_array() || document->is_object())) {
      put_keys(*document, request);
      text = document->dump();
    } else {
      put_keys(text, request);
    }
    value = std::move(text);
  }
  if (auto* list = value.if_array())
    for (Value& each : *list) put_keys(each, request);
  if (auto* members = value.if_object())
    for (auto& [name, member] : *members) put_keys(member, request);
}

}  // namespace

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
    if (credential.place != Place::path) continue;
    const std::string value = percent_encode(credential.value.reveal());
    for (auto at = path.find(mark); at != std::string::npos; at = path.find(mark, at + value.size()))
      path.replace(at, mark.size(), value);
  }
  out.url = TRY(Url::parse(request.host + path));
  QueryParams query;
  for (const auto& parameter : request.query)
    if (!parameter.optional) query.emplace_back(parameter.name, parameter.value);
  for (auto& [name, value] : query) put_keys(value, request);
  for (auto& [name, value] : out.headers) put_keys(value, request);
  Value body = request.body;
  put_keys(body, request);
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
      case Place::text:  // and in its text
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
