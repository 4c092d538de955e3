#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/source_folder.h"
#include "authoring/spec_names.h"
#include "base/error.h"
#include "json/value.h"

namespace headwater::authoring {

/// One thing that a reviewer would say about a source.
struct Finding {
  std::string rule;  // "icon/script", one of kLintRules
  Severity severity = Severity::error;
  std::string file;     // its path, as the place was given
  std::string pointer;  // into a JSON file; else empty
  std::size_t line = 1;
  std::string message, hint;
};

struct LintRule {
  std::string_view id, about;
};
/// All rules there are, by id.
std::span<const LintRule> lint_rules();

/// The keys of the catalog's categories (REST-source reference, section 12).
std::span<const std::string_view> source_categories();

/// Everything that is wrong with a source's folder: what a connection spec's lint says, and what a reviewer
/// of its five files would. In the order of files and lines. Files that cannot be read are findings too.
std::vector<Finding> lint_source(const SourcePlace& place);
/// The same of many in one folder: `names` are those of all of them, read once (SpecNames::beside).
std::vector<Finding> lint_source(const SourcePlace& place, const SpecNames& names);

/// What a reviewer says of a folder whose spec belongs to the folder `owner`; `line` is the name's.
Finding same_name_finding(const SourcePlace& place, const SpecName& name, std::string_view owner,
                          std::size_t line);

std::size_t count(const std::vector<Finding>& findings, Severity severity);

/// A few words of a file, or a file's name, as a message may show them: without control characters, on one
/// line, cut.
std::string shown(std::string_view text);

/// "Sources/a/...json:12: error: message [rule]", with the hint below.
std::string findings_text(const std::vector<Finding>& findings);
/// {"findings": [{rule, severity, file, pointer, line, message, hint}], "errors": n, "warnings": n}
json::Value findings_json(const std::vector<Finding>& findings);
/// SARIF 2.1.0, which hosts of repositories show beside the changed lines.
json::Value findings_sarif(const std::vector<Finding>& findings);
/// Workflow commands, "::error file=...,line=...::message".
std::string findings_github(const std::vector<Finding>& findings);

}  // namespace headwater::authoring
