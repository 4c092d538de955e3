#include "authoring/har_file.h"

#include <optional>
#include <utility>

#include "authoring/answer_guess.h"
#include "base/crypto.h"
#include "base/url.h"

namespace headwater::authoring {
namespace {

using json::Value;

http::Headers headers_of(const Value& holder) {
  http::Headers out;
  if (const Value* list = holder.find("headers"); list != nullptr && list->is_array())
    for (const Value& each : *list->if_array())
      out.emplace_back(std::string(each.string_at("name")), std::string(each.string_at("value")));
  return out;
}

// The text, or the form's fields, which some browsers give alone.
std::string body_of(const Value& posted) {
  std::string text(posted.string_at("text"));
  const Value* fields = posted.find("params");
  if (!text.empty() || fields == nullptr || !fields->is_array()) return text;
  QueryParams form;
  for (const Value& each : *fields->if_array())
    form.emplace_back(std::string(each.string_at("name")), std::string(each.string_at("value")));
  return format_query(form);
}

std::optional<Value> answer_of(const Value& entry) {
  const Value* content = entry.find_path("response.content");
  const Value* status = entry.find_path("response.status");
  const auto code = status == nullptr ? 0 : status->as_int64().value_or(0);
  if (content == nullptr || code < 200 || code > 299) return std::nullopt;
  std::string text(content->string_at("text"));
  if (content->string_at("encoding") == "base64") text = crypto::base64_decode(text).value_or("");
  auto answer = json::parse(text);
  if (!answer || (!answer->is_object() && !answer->is_array())) return std::nullopt;
  return *std::move(answer);
}

}  // namespace

Result<ObservedRequest> observe_har(const Value& document) {
  const Value* entries = document.find_path("log.entries");
  if (entries == nullptr || !entries->is_array())
    return Error{ErrorKind::invalid_argument, "This is no HAR file: it has no list log.entries."};
  const Value* chosen = nullptr;
  std::optional<Value> answer;
  std::size_t most = 0;
  std::size_t candidates = 0;
  for (const Value& entry : *entries->if_array()) {
    const Value* request = entry.find("request");
    if (request == nullptr) continue;
    const auto method = request->string_at("method");
    if (method != "GET" && method != "POST") continue;
    const auto url = request->string_at("url");  // pages read data: and blob: addresses, too
    if (!url.starts_with("http://") && !url.starts_with("https://")) continue;
    auto found = answer_of(entry);
    if (!found) continue;
    ++candidates;
    const auto records = find_records(*found);
    const std::size_t count = records ? records->records : 0;
    if (chosen != nullptr && count <= most) continue;
    chosen = &entry;
    answer = std::move(found);
    most = count;
  }
  if (chosen == nullptr)
    return Error{ErrorKind::not_found,
                 "No GET or POST of the HAR file has a JSON answer in it (save it \"with content\")."};
  const Value& request = *chosen->find("request");
  SentRequest sent;
  sent.method = request.string_at("method");
  sent.url = request.string_at("url");
  sent.headers = headers_of(request);
  if (const Value* body = request.find("postData")) {
    sent.body = body_of(*body);
    // Some browsers tell the type only here.
    if (const auto type = body->string_at("mimeType");
        !type.empty() && !http::find_header(sent.headers, "Content-Type"))
      sent.headers.emplace_back("Content-Type", type);
  }
  if (candidates > 1)
    sent.notes.push_back("Of " + std::to_string(candidates) +
                         " requests with JSON answers, the one with the most records was taken.");
  auto observed = TRY(observe(std::move(sent)));
  observed.answer = *std::move(answer);
  observed.answer_headers = headers_of(*chosen->find("response"));
  return observed;
}

}  // namespace headwater::authoring
