#include "authoring/source_look.h"

#include <algorithm>
#include <string>
#include <utility>

#include "authoring/secret_scan.h"
#include "engine/run/preview.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kShownMax = 64U << 10;
// So that no part of a credential is left at the cut.
constexpr std::size_t kBeyond = 8U << 10;
constexpr std::size_t kTypeShown = 200;

void conceal(Value& value, const extract::AuthSettings& secrets) {
  if (const auto* text = value.if_string()) {
    value = extract::without_credentials(*text, secrets);
  } else if (auto* list = value.if_array()) {
    for (Value& each : *list) conceal(each, secrets);
  } else if (auto* members = value.if_object()) {
    for (auto& [name, each] : *members) conceal(each, secrets);
  }
}

// The headers in which sources tell of pages; the others are nobody's business.
Object paging_headers(const http::Headers& headers, const extract::AuthSettings& secrets) {
  Object out;
  for (const auto& [name, value] : headers) {
    const auto plain = plain_name(name);
    const bool tells = plain == "link" || plain.find("page") != std::string::npos ||
                       plain.find("total") != std::string::npos || plain.find("next") != std::string::npos;
    if (tells && !sounds_secret(name)) out.set(name, extract::without_credentials(value, secrets));
  }
  return out;
}

Object page_of(const extract::AnswerStart& answer, const extract::AuthSettings& secrets) {
  std::string text = extract::without_credentials(answer.text, secrets);
  // What was not read on may have been the rest of a credential.
  if (answer.bytes > answer.text.size()) text.resize(text.size() - std::min(text.size(), kBeyond));
  return Object{{"status", answer.status},
                {"contentType", extract::shown_part(answer.content_type, kTypeShown, secrets)},
                {"headers", paging_headers(answer.headers, secrets)},
                {"text", extract::shown_part(std::move(text), kShownMax, secrets)},
                {"bytes", answer.bytes},
                {"cut", answer.bytes > answer.text.size() || answer.text.size() > kShownMax}};
}

}  // namespace

Result<Value> look_at_source(run::SourceAccess& access, const run::SourceDocuments& draft,
                             std::stop_token stop) {
  const auto inputs = TRY(run::SourceAccess::read(draft, extract::Window{}));
  const auto secrets = extract::secrets_of(inputs);
  extract::AnswerStart answer;
  answer.bytes_max = kShownMax + 2 * kBeyond;
  run::PreviewOptions options;
  options.answer = &answer;
  const auto preview = run::preview(access, draft, options, std::move(stop));
  if (!preview && (answer.status == 0 || preview.error().kind == ErrorKind::cancelled))
    return preview.error();
  Object out{{"page", page_of(answer, secrets)}};
  if (!preview) {
    Object failure{{"message", extract::without_credentials(preview.error().message, secrets)}};
    if (!preview.error().code.empty()) failure.set("code", preview.error().code);
    out.set("failure", std::move(failure));
    return Value(std::move(out));
  }
  out.set("content", Object{{"path", inputs.spec.content ? inputs.spec.content->path : "$"},
                            {"count", preview->element_count},
                            {"complete", !preview->cut}});
  if (preview->next) out.set("next", preview->next->to_json());
  auto records = run::encode(*preview);
  conceal(records, secrets);
  out.set("preview", std::move(records));
  return Value(std::move(out));
}

}  // namespace headwater::authoring
