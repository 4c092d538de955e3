#include "authoring/source_lint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "authoring/draft.h"
#include "authoring/finding_list.h"
#include "authoring/json_lines.h"
#include "authoring/lint_files.h"
#include "authoring/member_secrets.h"
#include "authoring/request_lint.h"
#include "authoring/secret_scan.h"
#include "authoring/svg_check.h"
#include "authoring/template_names.h"
#include "base/url.h"
#include "domain/source_spec.h"
#include "domain/spec_check.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using json::Value;

constexpr LintRule kLintRules[] = {
    {"category/known", "The category is one of the catalog's keys."},
    {"category/differs", "The spec and the category's file name the same category."},
    {"description/differs", "The spec and the description's file say the same."},
    {"description/length", "The description has from 1 to 500 characters."},
    {"description/plain", "The description is plain text."},
    {"files/encoding", "Texts are UTF-8 without a byte order mark."},
    {"files/json", "The connection spec is a JSON document."},
    {"files/link", "Every artifact is a file of its own, no link to another one."},
    {"files/missing", "All five artifacts are there."},
    {"files/name", "The source's folder has a name of letters, digits, \"-\" and \"_\"."},
    {"files/size", "No file is larger than an artifact may be."},
    {"files/unexpected", "Nothing but the artifacts is there."},
    {"files/unreadable", "The files can be read."},
    {"icon/bytes", "The icon is small."},
    {"icon/doctype", "The icon declares no document type."},
    {"icon/element", "The icon holds only elements that draw."},
    {"icon/empty", "The icon draws something."},
    {"icon/expands", "The icon's references do not multiply."},
    {"icon/external", "The icon refers to nothing outside of itself."},
    {"icon/script", "The icon runs no script."},
    {"icon/size", "The icon has a viewBox, or width and height, of numbers that can be drawn."},
    {"icon/svg", "The icon is an SVG."},
    {"icon/well-formed", "The icon is well-formed XML."},
    {"label/differs", "The spec and the label's file say the same."},
    {"label/length", "The label has from 1 to 60 characters."},
    {"label/plain", "The label is one line of plain text."},
    {"secrets/known", "No credential stands in a file."},
    {"secrets/literal", "Credentials are inputs, not values of the spec."},
    {"secrets/perhaps", "No member that may be a credential has a value that looks like one."},
    {"secrets/random", "No word in a file looks like a key."},
    {"spec/auth", "The authentication can be used."},
    {"spec/content-array", "The content path selects an array."},
    {"spec/content-path", "The content paths can be followed."},
    {"spec/document", "The spec has what every spec has."},
    {"spec/fixed-date", "Dates of a request move with the window."},
    {"spec/host", "The host can be one."},
    {"spec/inputs", "The user's parameters are a usable schema."},
    {"spec/name", "The spec is called as its folder."},
    {"spec/open-placeholder", "The path has no placeholder of a documentation."},
    {"spec/pagination", "The pagination is complete."},
    {"spec/request", "The request can be built: placeholders are declared inputs."},
    {"spec/same-name", "No other folder has a spec of the same name and version."},
    {"spec/schedule", "The schedule's parameters and formats can be used."},
    {"spec/schema", "The answer's schema can be used."},
    {"spec/secret-format", "Inputs that are credentials have the format password."},
    {"spec/unpaged", "A source that pages is paged."},
    {"spec/unused-input", "Every input is used."},
};

constexpr std::string_view kCategories[] = {
    "advertising", "analytics", "consentAndPreferences", "crm",      "customerSuccess",
    "database",    "ecommerce", "marketingAutomation",   "payments", "protocols",
    "streaming"};

constexpr std::size_t kLabelMax = 60;
constexpr std::size_t kDescriptionMax = 500;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

bool has_control(std::string_view text, std::string_view but) {
  return std::any_of(text.begin(), text.end(), [but](char c) {
    return (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) && but.find(c) == std::string_view::npos;
  });
}

// Marks that nobody sees and that turn a line around: U+200B to U+200F, U+202A to U+202E, U+2060 to U+2069,
// U+FEFF.
bool has_invisible(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[i + k]); };
    if (at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf) return true;
    if (at(0) != 0xe2) continue;
    if (at(1) == 0x80 && ((at(2) >= 0x8b && at(2) <= 0x8f) || (at(2) >= 0xaa && at(2) <= 0xae))) return true;
    if (at(1) == 0x81 && at(2) >= 0xa0 && at(2) <= 0xa9) return true;
  }
  return false;
}

// "<b>", "</p>"; "a < b" is text.
bool has_markup(std::string_view text) {
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' || next == '!')
      return true;
  }
  return text.find("](") != std::string_view::npos || text.find("**") != std::string_view::npos ||
         text.find("```") != std::string_view::npos;
}

std::string_view rule_of(std::string_view pointer) {
  constexpr std::pair<std::string_view, std::string_view> kPlaces[] = {
      {"paginationParams", "spec/pagination"}, {"scheduleParams", "spec/schedule"},
      {"contentPath", "spec/content-path"},    {"explodeEntityPath", "spec/content-path"},
      {"urlParams", "spec/request"},           {"headerParams", "spec/request"},
      {"bodyParams", "spec/request"},          {"queryParams", "spec/request"}};
  if (pointer.starts_with("/authSpec")) return "spec/auth";
  for (const auto& [name, rule] : kPlaces)
    if (pointer.find(name) != std::string_view::npos) return rule;
  if (pointer.starts_with("/sourceSpec/spec")) return "spec/inputs";
  if (pointer.starts_with("/sourceSpec/schema")) return "spec/schema";
  return "spec/document";
}

class SourceLint {
 public:
  SourceLint(const SourcePlace& place, const SpecNames& names) : place_(place), names_(names) {}

  std::vector<Finding> run() {
    FilesLint files(place_, findings_);
    if (!files.run()) return std::move(findings_.all());
    category_ = files.read("category.txt");
    label_ = files.read("label.txt");
    description_ = files.read("description.txt");
    if (category_) check_category(*category_);
    if (label_) check_label(*label_);
    if (description_) check_description(*description_);
    if (const auto text = files.read("icon.svg")) check_icon(*text);
    if (const auto text = files.read("connectionSpec.json")) check_spec(*text);
    return std::move(findings_.all());
  }

 private:
  void add(std::string_view rule, Severity severity, std::string_view part, std::size_t line,
           std::string message, std::string hint) {
    findings_.add({std::string(rule), severity, place_.file(part).string(), "", line, std::move(message),
                   std::move(hint)});
  }
  void add_at(std::string_view rule, Severity severity, const std::string& pointer, std::string message,
              std::string hint) {
    if (findings_.is_full(severity)) return;
    findings_.add({std::string(rule), severity, place_.file("connectionSpec.json").string(), pointer, 1,
                   std::move(message), std::move(hint)});
  }

  void check_category(const std::string& text) {
    if (std::find(std::begin(kCategories), std::end(kCategories), text) != std::end(kCategories)) return;
    std::string hint = "Use one of: ";
    for (const auto key : kCategories) hint += (key == kCategories[0] ? "" : ", ") + std::string(key);
    hint += ".";
    for (const auto key : kCategories)
      if (plain_name(key) == plain_name(text)) hint = "Write the key alone: " + std::string(key);
    add("category/known", Severity::error, "category.txt", 1,
        "\"" + shown(text) + "\" is no category of the catalog.", std::move(hint));
  }

  void check_label(const std::string& text) {
    if (text.empty() || characters(text) > kLabelMax)
      add("label/length", Severity::error, "label.txt", 1,
          "The label has " + std::to_string(characters(text)) + " characters.",
          "Cards of the catalog have room for 1 to 60.");
    if (has_control(text, "") || has_invisible(text) || has_markup(text) || text.starts_with(' ') ||
        text.ends_with(' '))
      add("label/plain", Severity::error, "label.txt", 1, "The label is not one line of plain text.",
          "Write the source's name as people say it, without markup and without blanks around it.");
  }

  void check_description(const std::string& text) {
    if (text.empty() || characters(text) > kDescriptionMax)
      add("description/length", Severity::error, "description.txt", 1,
          "The description has " + std::to_string(characters(text)) + " characters.",
          "Say in 1 to 500 which records this source brings.");
    if (has_control(text, "\n\r\t") || has_invisible(text) || has_markup(text))
      add("description/plain", Severity::error, "description.txt", 1, "The description is not plain text.",
          "Leave out HTML and Markdown.");
  }

  void check_icon(const std::string& text) {
    for (const auto& problem : check_svg(text))
      add(problem.rule, Severity::error, "icon.svg", problem.line, problem.message, problem.hint);
  }

  void check_spec(const std::string& text) {
    const auto document = json::parse(text);
    if (!document) {
      add("files/json", Severity::error, "connectionSpec.json", 1,
          "The connection spec is no JSON: " + document.error().message, "");
      return;
    }
    const auto begin = findings_.all().size();
    check_document(*document);
    put_lines(std::span(findings_.all()).subspan(begin), text);
  }

  static void put_lines(std::span<Finding> findings, std::string_view text) {
    std::vector<std::string> pointers;
    for (const auto& each : findings) pointers.push_back(each.pointer);
    const auto lines = json_lines(text, pointers);
    for (std::size_t i = 0; i < findings.size(); ++i) findings[i].line = lines[i];
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
  }

  void check_document(const Value& spec) {
    if (const auto problem = domain::find_long_pointer(spec))
      return add_at("spec/document", problem->severity, problem->pointer, problem->reason, problem->hint);
    check_secret_inputs(spec);
    for (const Problem& problem : lint(spec))
      if (!is_told(spec, problem.pointer))
        add_at(rule_of(problem.pointer), problem.severity, problem.pointer, problem.reason, problem.hint);
    if (!spec.string_at("name").empty() && spec.string_at("name") != place_.name)
      add_at("spec/name", Severity::warning, "/name",
             "The spec is called \"" + std::string(spec.string_at("name")) + "\", its folder \"" +
                 place_.name + "\".",
             "Use one name, so that both are found.");
    check_same_name(spec);
    check_texts(spec);
    check_unused_inputs(spec);
    check_literals(spec);
    check_content_array(spec);
    for (auto& remark : review_request(spec))
      add_at(remark.rule, remark.severity, remark.pointer, std::move(remark.message), std::move(remark.hint));
    scan_value(spec, "", 0);
  }

  bool is_told(const Value& spec, const std::string& pointer) const {
    if (told_.empty()) return false;
    const auto parsed = json::Pointer::parse(pointer);
    return parsed && told_.contains(parsed->find(spec));
  }

  void check_same_name(const Value& spec) {
    const auto name = spec_name_of(spec);
    const auto owner = names_.owner(name);
    if (owner.empty() || owner == place_.name) return;
    findings_.add(same_name_finding(place_, name, owner, 1));
  }

  // An input that is a credential and has no format password would be stored and shown in clear.
  void check_secret_inputs(const Value& spec) {
    const auto check = [this](const Value* schema, const std::string& pointer) {
      const Value* properties = schema == nullptr ? nullptr : schema->find("properties");
      if (properties == nullptr || !properties->is_object()) return;
      for (const auto& [name, property] : *properties->if_object()) {
        const auto type = property.string_at("type");
        if (!property.is_object() || (!type.empty() && type != "string") || !sounds_secret(name) ||
            property.string_at("format") == "password")
          continue;
        told_.insert(&property);
        add_at("spec/secret-format", Severity::error,
               pointer + "/properties/" + json::escape_pointer_token(name),
               "\"" + name + "\" sounds like a credential but has no \"format\": \"password\".",
               "With that format the value is encrypted and never shown.");
      }
    };
    if (const Value* list = spec.find("authSpec"); list != nullptr && list->is_array())
      for (std::size_t i = 0; i < list->if_array()->size(); ++i)
        check((*list->if_array())[i].find("spec"), "/authSpec/" + std::to_string(i) + "/spec");
    check(spec.find_path("sourceSpec.spec"), "/sourceSpec/spec");
  }

  // A text of the spec and the file that is published in its place.
  void check_texts(const Value& spec) {
    const Value* shown = spec.find_path("sourceSpec.attributes.uiAttributes");
    if (shown == nullptr) return;
    const auto check = [&](std::string_view member, std::string_view key, std::string_view part,
                           const std::optional<std::string>& text, std::string_view rule) {
      const Value* entry = shown->find(member);
      if (entry == nullptr || !text) return;
      const auto said = entry->string_at(key);
      if (!said.empty() && said != *text)
        add_at(rule, Severity::warning, "/sourceSpec/attributes/uiAttributes/" + std::string(member),
               "The spec says something else than " + place_.file(part).filename().string() + ".",
               "The file is published; make both say the same.");
    };
    check("label", "text", "label.txt", label_, "label/differs");
    check("description", "text", "description.txt", description_, "description/differs");
    check("category", "key", "category.txt", category_, "category/differs");
  }

  void check_unused_inputs(const Value& spec) {
    if (domain::needs_no_requests(spec)) return;
    const Value* properties = spec.find_path("sourceSpec.spec.properties");
    const Value* attributes = spec.find_path("sourceSpec.attributes");
    if (properties == nullptr || !properties->is_object() || attributes == nullptr) return;
    auto used = names_asked_for(*attributes);
    used.merge(names_asked_for(*properties));  // one generation of documents keeps the attributes there
    for (const auto& [name, property] : *properties->if_object())
      if (!used.contains(name) && !domain::is_execution_attribute(name))
        add_at("spec/unused-input", Severity::warning,
               "/sourceSpec/spec/properties/" + json::escape_pointer_token(name),
               "Nothing uses the input \"" + name + "\".",
               "Write ${" + name + "} where it belongs, or leave it out.");
  }

  void check_literals(const Value& spec) {
    const auto check = [&](std::string_view dotted, const std::string& pointer) {
      const Value* holder = spec.find_path(dotted);
      if (holder != nullptr) check_members(*holder, "", pointer, 0);
    };
    check("sourceSpec.attributes.urlParams.queryParams", "/sourceSpec/attributes/urlParams/queryParams");
    check("sourceSpec.attributes.headerParams", "/sourceSpec/attributes/headerParams");
    check("sourceSpec.attributes.bodyParams", "/sourceSpec/attributes/bodyParams");
  }

  // A list's elements have its name.
  void check_members(const Value& holder, std::string_view holder_name, const std::string& pointer,
                     int depth) {
    constexpr int kDepthMax = 100;
    if (depth > kDepthMax) return;
    if (const auto* text = holder.if_string(); text != nullptr && depth == 0)  // "a=1&b=2"
      for (const auto& [name, value] : parse_query(*text))
        if (check_literal(name, Value(value), secrecy_of(name, value), pointer)) told_.insert(&holder);
    if (const auto* list = holder.if_array())
      for (std::size_t i = 0; i < list->size(); ++i) {
        const Value& element = (*list)[i];
        const std::string place = pointer + "/" + std::to_string(i);
        if (check_literal(holder_name, element, secrecy_of_element(holder_name, element), place))
          told_.insert(&element);
        check_members(element, holder_name, place, depth + 1);
      }
    if (const auto* members = holder.if_object())
      for (const auto& [name, value] : *members) {
        const std::string place = pointer + "/" + json::escape_pointer_token(name);
        if (check_literal(name, value, secrecy_of_member(name, value), place)) told_.insert(&value);
        check_members(value, name, place, depth + 1);
      }
  }

  // False: there is nothing to tell.
  bool check_literal(std::string_view name, const Value& value, Secrecy secrecy, const std::string& place) {
    const auto* text = value.if_string();
    if (secrecy == Secrecy::none || (text != nullptr && text->empty())) return false;
    const bool sounds = secrecy == Secrecy::surely;
    // What its value alone gives away is told with the value.
    if (!sounds_secret(name) && text != nullptr && !find_secrets(*text).empty()) return false;
    if (!names_asked_for(value).empty()) return false;
    const std::string quoted = "\"" + std::string(name) + "\"";
    if (sounds)
      add_at("secrets/literal", Severity::error, place,
             quoted + " sounds like a credential and has a value of its own.",
             "Make it an input of authSpec with the format password.");
    else
      add_at("secrets/perhaps", Severity::warning, place,
             quoted + " may be a credential: its value looks like one.",
             "If it is one, make it an input of authSpec with the format password.");
    return true;
  }

  // Only the author's schema of the answer can tell without calling anybody.
  void check_content_array(const Value& spec) {
    const Value* schema = spec.find_path("sourceSpec.schema");
    std::vector<Problem> scratch;
    if (schema == nullptr || !schema->is_object() || domain::needs_no_requests(spec)) return;
    const auto source = domain::read_source_spec(spec, nullptr, scratch);
    if (!source.content || !source.content->dotted) return;
    const Value* at = schema;
    for (const auto& name : source.content->names) {
      const Value* properties = at->find("properties");
      at = properties == nullptr ? nullptr : properties->find(name);
      if (at == nullptr) break;
    }
    if (at != nullptr && (at->string_at("type") == "array" || at->find("items") != nullptr)) return;
    add_at("spec/content-array", Severity::error, "/sourceSpec/attributes/contentPath",
           "By the spec's own schema " + source.content->path +
               (at == nullptr ? " is not there." : " is no array."),
           "Name the array that holds the records.");
  }

  void scan_value(const Value& value, const std::string& pointer, int depth) {
    constexpr int kDepthMax = 100;
    if (depth > kDepthMax) return;
    if (const auto* text = value.if_string())
      if (!told_.contains(&value))
        for (const auto& found : find_secrets(*text))
          tell_secret(found,
                      [&](std::string_view rule, Severity severity, std::string message, std::string hint) {
                        add_at(rule, severity, pointer, std::move(message), std::move(hint));
                      });
    if (const auto* list = value.if_array())
      for (std::size_t i = 0; i < list->size(); ++i)
        scan_value((*list)[i], pointer + "/" + std::to_string(i), depth + 1);
    if (const auto* members = value.if_object())
      for (const auto& [name, member] : *members)
        scan_value(member, pointer + "/" + json::escape_pointer_token(name), depth + 1);
  }

  const SourcePlace& place_;
  const SpecNames& names_;
  FindingList findings_;
  std::optional<std::string> category_, label_, description_;  // of the files
  std::unordered_set<const Value*> told_;                      // of the spec, with a finding that says more
};

}  // namespace

std::span<const LintRule> lint_rules() { return kLintRules; }
std::span<const std::string_view> source_categories() { return kCategories; }

std::vector<Finding> lint_source(const SourcePlace& place) {
  return lint_source(place, SpecNames::beside(place));
}

std::vector<Finding> lint_source(const SourcePlace& place, const SpecNames& names) {
  return SourceLint(place, names).run();
}

Finding same_name_finding(const SourcePlace& place, const SpecName& name, std::string_view owner,
                          std::size_t line) {
  return {"spec/same-name",
          Severity::error,
          place.file("connectionSpec.json").string(),
          "/name",
          line,
          same_name_message(name, owner),
          std::string(kSameNameHint)};
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [severity](const Finding& each) { return each.severity == severity; }));
}

}  // namespace headwater::authoring
