#include "authoring/source_look.h"

#include <string>
#include <utility>

#include "domain/expression.h"
#include "engine/run/preview.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kShownMax = 64U << 10;
// So that no part of a credential is left at the cut.
constexpr std::size_t kBeyond = 8U << 10;

void cut_at_a_character(std::string& text) {
  if (text.size() <= kShownMax) return;
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
}

// The params that the source asks for as passwords are no less secret than the account's.
extract::AuthSettings with_secret_params(const extract::SourceInputs& inputs) {
  auto settings = inputs.auth;
  const Value* properties = inputs.spec.inputs.find("properties");
  if (properties == nullptr || !properties->is_object()) return settings;
  for (const auto& [name, property] : *properties->if_object()) {
    const Value* given = inputs.params.find(name);
    if (property.string_at("format") != "password" || given == nullptr) continue;
    if (!settings.params.is_object()) settings.params = Object{};
    // Beside the account's own of that name.
    const std::string own = "param " + name;
    settings.params.if_object()->set(own, domain::text_of(*given));
    settings.secret_names.push_back(own);
  }
  return settings;
}

void conceal(Value& value, const extract::AuthSettings& secrets) {
  if (const auto* text = value.if_string()) {
    value = extract::without_credentials(*text, secrets);
  } else if (auto* list = value.if_array()) {
    for (Value& each : *list) conceal(each, secrets);
  } else if (auto* members = value.if_object()) {
    for (auto& [name, each] : *members) conceal(each, secrets);
  }
}

Object page_of(const extract::AnswerStart& answer, const extract::AuthSettings& secrets) {
  std::string text = extract::without_credentials(answer.text, secrets);
  cut_at_a_character(text);
  return Object{{"status", answer.status},
                {"contentType", answer.content_type},
                {"text", std::move(text)},
                {"bytes", answer.bytes},
                {"cut", answer.bytes > answer.text.size() || answer.text.size() > kShownMax}};
}

}  // namespace

Result<Value> look_at_source(run::SourceAccess& access, const run::SourceDocuments& draft,
                             std::stop_token stop) {
  const auto inputs = TRY(run::SourceAccess::read(draft, extract::Window{}));
  const auto secrets = with_secret_params(inputs);
  extract::AnswerStart answer;
  answer.bytes_max = kShownMax + kBeyond;
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
