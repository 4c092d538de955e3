#include "authoring/template_names.h"

#include "domain/text_template.h"

namespace headwater::authoring {
namespace {

void collect(const json::Value& value, std::set<std::string>& names, int depth) {
  constexpr int kDepthMax = 100;
  if (depth > kDepthMax) return;
  if (const auto* text = value.if_string()) {
    const auto parsed = domain::TextTemplate::parse(*text, domain::TextTemplate::Braces::may_be_names);
    if (!parsed) return;
    for (const auto* part : parsed->placeholders()) {
      if (part->kind == domain::TextTemplate::PartKind::name ||
          part->kind == domain::TextTemplate::PartKind::brace_name)
        names.insert(part->text.substr(0, part->text.find('.'))), names.insert(part->text);
      if (part->expression)
        for (const auto& use : part->expression->parameters()) names.insert(use.name);
    }
  }
  if (const auto* list = value.if_array())
    for (const auto& each : *list) collect(each, names, depth + 1);
  if (const auto* members = value.if_object())
    for (const auto& [name, member] : *members) collect(member, names, depth + 1);
}

}  // namespace

std::set<std::string> names_asked_for(const json::Value& value) {
  std::set<std::string> names;
  collect(value, names, 0);
  return names;
}

}  // namespace headwater::authoring
