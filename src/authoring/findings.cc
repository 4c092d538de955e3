// What a review found, written for people, programs and git hosts.
#include "authoring/source_lint.h"
#include "base/severity.h"
#include "json/utf8.h"

namespace headwater::authoring {
namespace {

using json::Value;

// Within a workflow command's text, and within one of its properties.
std::string github_escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

// Names of files and texts of a spec are anybody's: nothing of them moves a terminal's cursor, and no
// document of ours is without characters.
std::string clean(std::string_view text, bool one_line) {
  const bool is_text = json::is_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && (one_line || c != '\n')) || byte == 0x7f;
    out += control || (byte > 0x7f && !is_text) ? '?' : c;
  }
  return out;
}

std::string said(const Finding& finding) {
  return clean(finding.message + (finding.hint.empty() ? "" : " " + finding.hint), false);
}

// A path as the reference of a URI (RFC 3986).
std::string uri_of(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kKept = "-._~/!$&'()*+,;=:@";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kKept.find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
  }
  return out;
}

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t kShownMax = 60;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (out.size() >= kShownMax && (byte & 0xc0U) != 0x80U) return out + "...";
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return json::is_utf8(out) ? out : "(no text)";
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string out;
  for (const auto& each : findings) {
    out += clean(each.file, true) + ":" + std::to_string(each.line) + ": " +
           std::string(word(each.severity)) + ": ";
    if (!each.pointer.empty()) out += clean(each.pointer, true) + ": ";
    out += clean(each.message, false) + " [" + each.rule + "]\n";
    if (!each.hint.empty()) out += "    " + clean(each.hint, false) + "\n";
  }
  return out;
}

Value findings_json(const std::vector<Finding>& findings) {
  json::Array list;
  for (const auto& each : findings)
    list.push_back(json::Object{{"rule", each.rule},
                                {"severity", word(each.severity)},
                                {"file", clean(each.file, true)},
                                {"pointer", each.pointer},
                                {"line", static_cast<std::uint64_t>(each.line)},
                                {"message", clean(each.message, false)},
                                {"hint", clean(each.hint, false)}});
  return json::Object{{"findings", std::move(list)},
                      {"errors", static_cast<std::uint64_t>(count(findings, Severity::error))},
                      {"warnings", static_cast<std::uint64_t>(count(findings, Severity::warning))}};
}

Value findings_sarif(const std::vector<Finding>& findings) {
  json::Array rules;
  for (const auto& rule : lint_rules())
    rules.push_back(json::Object{{"id", rule.id}, {"shortDescription", json::Object{{"text", rule.about}}}});
  json::Array results;
  for (const auto& each : findings) {
    json::Object location{{"artifactLocation", json::Object{{"uri", uri_of(each.file)}}},
                          {"region", json::Object{{"startLine", static_cast<std::uint64_t>(each.line)}}}};
    json::Object where{{"physicalLocation", std::move(location)}};
    if (!each.pointer.empty())
      where.set("logicalLocations", json::Array{json::Object{{"fullyQualifiedName", each.pointer}}});
    results.push_back(json::Object{{"ruleId", each.rule},
                                   {"level", word(each.severity)},
                                   {"message", json::Object{{"text", said(each)}}},
                                   {"locations", json::Array{std::move(where)}}});
  }
  json::Object driver{{"name", "headwater source lint"}, {"rules", std::move(rules)}};
  return json::Object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", json::Array{json::Object{{"tool", json::Object{{"driver", std::move(driver)}}},
                                                        {"results", std::move(results)}}}}};
}

std::string findings_github(const std::vector<Finding>& findings) {
  std::string out;
  for (const auto& each : findings)
    out += "::" + std::string(word(each.severity)) + " file=" + github_escaped(clean(each.file, true), true) +
           ",line=" + std::to_string(each.line) + ",title=" + github_escaped(each.rule, true) +
           "::" + github_escaped(said(each), false) + "\n";
  return out;
}

}  // namespace headwater::authoring
