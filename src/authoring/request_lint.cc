#include "authoring/request_lint.h"

#include <algorithm>
#include <set>
#include <utility>

#include "authoring/parameter_names.h"
#include "authoring/secret_scan.h"
#include "base/next_find.h"
#include "base/text.h"
#include "domain/source_spec.h"
#include "domain/text_template.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using domain::TextTemplate;
using json::Value;

constexpr std::string_view kUrl = "/sourceSpec/attributes/urlParams";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void add_names(const Value* schema, std::set<std::string>& names) {
  const Value* properties = schema == nullptr ? nullptr : schema->find("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, property] : *properties->if_object()) names.insert(name);
}

// What a placeholder in a host may name.
std::set<std::string> declared_names(const Value& spec) {
  std::set<std::string> names;
  add_names(spec.find_path("sourceSpec.spec"), names);
  if (const Value* list = spec.find("authSpec"); list != nullptr && list->is_array())
    for (const Value& each : *list->if_array()) add_names(each.find("spec"), names);
  return names;
}

// The host with a letter for each placeholder; what is no placeholder stays as it would be sent.
std::string filled_host(const std::string& host, const Value& spec) {
  using Kind = TextTemplate::PartKind;
  const auto parsed = TextTemplate::parse(host, TextTemplate::Braces::may_be_names);
  if (!parsed) return "";  // told by the spec's own lint
  const auto declared = declared_names(spec);
  std::string out;
  for (const auto& part : parsed->parts()) {
    if (part.kind == Kind::literal)
      out += part.text;
    else if (part.kind == Kind::brace_name && !declared.contains(part.text))
      out += "{" + part.text + "}";
    else
      out += 'x';
  }
  return out;
}

bool is_label(std::string_view label) {
  constexpr std::size_t kLabelMax = 63;
  return !label.empty() && label.size() <= kLabelMax && std::all_of(label.begin(), label.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
}

// "https://api.example.com:8443/base"; what stands before and behind the name itself is not judged.
bool has_host(std::string_view address) {
  if (const auto scheme = address.find("://"); scheme != std::string_view::npos)
    address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?#"));
  if (const auto login = address.rfind('@'); login != std::string_view::npos)
    address.remove_prefix(login + 1);
  if (address.starts_with('[')) return true;  // an IPv6 address
  address = address.substr(0, address.find(':'));
  if (address.ends_with('.')) address.remove_suffix(1);
  while (true) {
    const auto dot = address.find('.');
    if (!is_label(address.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    address.remove_prefix(dot + 1);
  }
}

constexpr std::size_t kNameMax = 256;  // of a placeholder

// "%7Bid%7D" as it is read: "{id}".
std::string without_escapes(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"%7b", '{'}, {"%7d", '}'}, {"%3c", '<'}, {"%3e", '>'}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto* found = std::find_if(std::begin(kEscapes), std::end(kEscapes), [&](const auto& escape) {
      return equal_ignoring_case(text.substr(at, escape.first.size()), escape.first);
    });
    const bool escaped = text[at] == '%' && found != std::end(kEscapes);
    out += escaped ? found->second : text[at];
    at += escaped ? found->first.size() : 1;
  }
  return out;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

// "{user_id}", "%7Buser_id%7D", "<SHOP>", ":store_id" in what is sent as it stands; "" when there is none.
std::string open_placeholder(std::string_view written) {
  const std::string text = without_escapes(written);
  const std::string_view all = text;
  for (const auto& [open, close] : {std::pair{'{', "}"}, std::pair{'<', ">"}}) {
    NextFind closing(all, close);
    for (auto at = all.find(open); at != std::string_view::npos; at = all.find(open, at + 1)) {
      const auto end = closing.from(at);
      if (end == std::string_view::npos) break;
      if (is_name(all.substr(at + 1, end - at - 1))) return text.substr(at, end - at + 1);
    }
  }
  for (auto at = all.find("/:"); at != std::string_view::npos; at = all.find("/:", at + 1)) {
    const auto segment = all.substr(at + 1, all.find('/', at + 1) - at - 1);
    if (is_name(segment.substr(1))) return std::string(segment);
  }
  return "";
}

class RequestReview {
 public:
  explicit RequestReview(const Value& spec) : spec_(spec) {}

  std::vector<RequestRemark> run() {
    if (domain::needs_no_requests(spec_)) return {};
    std::vector<Problem> scratch;
    source_ = domain::read_source_spec(spec_, nullptr, scratch);
    check_host();
    check_path();
    check_texts();
    check_dates();
    check_paging();
    return std::move(out_);
  }

 private:
  void add(std::string_view rule, Severity severity, std::string pointer, std::string message,
           std::string hint) {
    out_.push_back({rule, severity, std::move(pointer), std::move(message), std::move(hint)});
  }

  void check_host() {
    const std::string host = filled_host(source_.url.host, spec_);
    if (host.empty() || has_host(host)) return;
    add("spec/host", Severity::error, std::string(kUrl) + "/host",
        "\"" + source_.url.host + "\" can be no host.",
        "Write https://api.example.com; what differs from user to user as ${name}, declared as an input.");
  }

  void check_path() {
    const auto parsed = TextTemplate::parse(source_.url.path);
    if (!parsed) return;
    for (const auto& part : parsed->parts()) {
      if (part.kind != TextTemplate::PartKind::literal) continue;
      const std::string open = open_placeholder(part.text);
      if (!open.empty())
        add("spec/open-placeholder", Severity::warning, std::string(kUrl) + "/path",
            "\"" + open + "\" in the path is sent as it stands: it looks like a documentation's placeholder.",
            "Write ${name}, and declare the name as an input.");
    }
  }

  // Credentials that stand within the texts of other languages, where no member has their name.
  void check_texts() {
    const std::string attributes = "/sourceSpec/attributes/";
    check_text(source_.url.path, std::string(kUrl) + "/path");
    for (const auto& [name, value] : source_.url.query)
      check_text(value, std::string(kUrl) + "/queryParams/" + json::escape_pointer_token(name));
    for (const auto& [name, value] : source_.headers)
      check_text(value, attributes + "headerParams/" + json::escape_pointer_token(name));
    const auto* text = source_.body.if_string();
    const bool is_form =
        text != nullptr && text->find_first_of("<{\"") == std::string::npos;  // told by member
    if (!is_form) check_body(source_.body, attributes + "bodyParams", 0);
  }

  void check_dates() {
    visit_fixed_dates(
        source_.url.query, source_.body, {source_.schedule.start_name, source_.schedule.end_name},
        [this](const FixedDate& found) {
          add("spec/fixed-date", Severity::warning,
              (found.in_body ? "/sourceSpec/attributes/bodyParams" : std::string(kUrl) + "/queryParams") +
                  found.pointer,
              "A fixed date in " + found.place + ", " + found.date + ": every run reads the same window.",
              "Let scheduleParams send it, or write {START_TIME} in its place.");
        });
  }

  void check_body(const Value& body, const std::string& pointer, int depth) {
    constexpr int kDepthMax = 100;
    if (depth > kDepthMax) return;
    if (const auto* text = body.if_string()) check_text(*text, pointer);
    if (const auto* list = body.if_array())
      for (std::size_t i = 0; i < list->size(); ++i)
        check_body((*list)[i], pointer + "/" + std::to_string(i), depth + 1);
    if (const auto* members = body.if_object())
      for (const auto& [name, member] : *members)
        check_body(member, pointer + "/" + json::escape_pointer_token(name), depth + 1);
  }

  void check_text(const std::string& text, const std::string& pointer) {
    constexpr std::size_t kKeyLeast = 6;
    for (const auto& found : find_named_secrets(text)) {
      const bool sure = found.end - found.begin >= kKeyLeast;
      add(sure ? "secrets/literal" : "secrets/perhaps", sure ? Severity::error : Severity::warning, pointer,
          "\"" + found.name + "\" within this text sounds like a credential and has a value of its own.",
          "Make it an input of authSpec with the format password, and write ${name} in its place.");
    }
  }

  // One request is made, though a limit says that there are pages.
  void check_paging() {
    if (source_.paging.type != domain::PagingType::none) return;
    for (const auto& [name, value] : source_.url.query)
      if (is_called(name, ParameterKind::limit)) return add_unpaged("queryParams", name);
    if (const auto* members = source_.body.if_object())
      for (const auto& [name, value] : *members)
        if (!value.is_object() && !value.is_array() && is_called(name, ParameterKind::limit))
          return add_unpaged("", name);
  }

  void add_unpaged(std::string_view holder, const std::string& name) {
    const std::string place = holder.empty() ? "/sourceSpec/attributes/bodyParams/"
                                             : std::string(kUrl) + "/" + std::string(holder) + "/";
    add("spec/unpaged", Severity::warning, place + json::escape_pointer_token(name),
        "\"" + name +
            "\" limits a page: the source pages, the spec does not, and a run reads the first page only.",
        "Fill in paginationParams with the type OFFSET, PAGE, POINTER or CONTINUATION_TOKEN.");
  }

  const Value& spec_;
  domain::SourceSpec source_;
  std::vector<RequestRemark> out_;
};

}  // namespace

std::vector<RequestRemark> review_request(const Value& spec) { return RequestReview(spec).run(); }

}  // namespace headwater::authoring
