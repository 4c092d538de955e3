#include "authoring/mock_constants.h"

#include <algorithm>

#include "authoring/mock_access.h"
#include "authoring/mock_plan.h"
#include "domain/expression.h"
#include "domain/text_template.h"

namespace headwater::authoring {
namespace {

using domain::ParameterPlace;
using domain::TextTemplate;
using extract::AuthSettings;

bool is_paged_or_windowed(const domain::SourceSpec& spec, std::string_view name) {
  const auto& paging = spec.paging;
  for (const auto& each : {paging.limit_name, paging.offset_name, paging.page_name, paging.token_name,
                           spec.schedule.start_name, spec.schedule.end_name})
    if (!each.empty() && each == name) return true;
  return false;
}

std::string_view noun(ParameterPlace place) {
  switch (place) {
    case ParameterPlace::query:
      return "query parameter";
    case ParameterPlace::header:
      return "header";
    case ParameterPlace::body:
      return "member of the body";
  }
  return "";
}

}  // namespace

MockConstants::MockConstants(const domain::SourceSpec& spec, const AuthSettings& account) {
  const auto question = spec.url.path.find('?');
  if (question != std::string::npos && spec.url.path.find("@{") == std::string::npos)
    for (const auto& [name, value] : parse_query(std::string_view(spec.url.path).substr(question + 1)))
      if (!is_paged_or_windowed(spec, name)) add(ParameterPlace::query, name, value, account);
  std::erase_if(constants_, [&spec](const Constant& each) {  // queryParams replace the path's
    return std::any_of(spec.url.query.begin(), spec.url.query.end(),
                       [&each](const auto& own) { return own.first == each.name; });
  });
  for (const auto& [name, value] : spec.url.query) {
    if (!is_paged_or_windowed(spec, name)) add(ParameterPlace::query, name, value, account);
  }
  for (const auto& [name, value] : spec.headers) add(ParameterPlace::header, name, value, account);
  if (const auto* members = spec.body.if_object(); members != nullptr && spec.url.method == "POST")
    for (const auto& [name, value] : *members)
      if (!value.is_object() && !value.is_array() && !value.is_null() && !is_paged_or_windowed(spec, name))
        add(ParameterPlace::body, name, domain::text_of(value), account);
}

void MockConstants::add(ParameterPlace place, const std::string& name, std::string_view text,
                        const AuthSettings& account) {
  const auto parsed = TextTemplate::parse(text);
  if (!parsed) return;
  Constant constant{place, name, {}, false};
  for (const auto& part : parsed->parts()) {
    if (part.kind == TextTemplate::PartKind::literal) {
      constant.pattern += part.text;
      continue;
    }
    const auto& secrets = account.secret_names;
    const bool is_name =
        part.kind == TextTemplate::PartKind::name || part.kind == TextTemplate::PartKind::brace_name;
    const auto* value = account.params.find(part.text);
    if (is_name && value != nullptr &&
        std::find(secrets.begin(), secrets.end(), part.text) != secrets.end()) {
      constant.pattern += domain::text_of(*value);
      constant.has_credential = true;
    } else if (!constant.pattern.ends_with('*')) {
      constant.pattern += '*';
    }
  }
  if (constant.pattern != "*") constants_.push_back(std::move(constant));  // that may be left out, too
}

const MockConstants::Constant* MockConstants::broken(const http::Request& request,
                                                     bool with_credential) const {
  for (const auto& each : constants_) {
    if (each.has_credential != with_credential) continue;
    bool found = false;
    if (each.place == ParameterPlace::query) {  // of which there may be several of one name
      found = std::any_of(request.query.begin(), request.query.end(), [&each](const auto& sent) {
        return sent.first == each.name && matches_pattern(sent.second, each.pattern);
      });
    } else if (each.place == ParameterPlace::body) {
      const auto sent = body_member(request, each.name);
      found = sent && matches_pattern(*sent, each.pattern);
    } else {
      const auto sent = request.header(each.name);
      found = sent && matches_pattern(*sent, each.pattern);
    }
    if (!found) return &each;
  }
  return nullptr;
}

std::optional<std::string> MockConstants::missing(const http::Request& request) const {
  const auto* found = broken(request, false);
  if (found == nullptr) return std::nullopt;
  return "The spec's requests have the " + std::string(noun(found->place)) + " " + found->name + ", \"" +
         found->pattern + "\": this one does not.";
}

std::vector<std::string> MockConstants::shown() const {
  std::vector<std::string> out;
  for (const auto& each : constants_)
    if (!each.has_credential)
      out.push_back(each.name + (each.place == ParameterPlace::header ? ": " : "=") + each.pattern);
  return out;
}

}  // namespace headwater::authoring
