#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/internal/problem_list.h"
#include "domain/internal/spec_reader.h"
#include "domain/source_spec.h"
#include "domain/text_template.h"
#include "json/value.h"

namespace headwater::domain {

/// Checks the texts of a spec that are filled in at a run: that each placeholder is declared and has a value
/// where it stands. All arguments outlive it.
class PlaceholderCheck {
 public:
  PlaceholderCheck(const json::Value& spec, const SpecReader& places, ProblemList& problems);

  /// URL, query, headers, body and page size.
  void check_request(const SourceSpec& source);
  /// scheduleParams: formats of times, and the texts of {SCHEDULE_QUERY}.
  void check_schedule(const SourceSpec& source);

 private:
  bool is_declared(const std::string& name) const;
  std::size_t declaring(const std::string& name, const std::string& head) const;
  void check_name(const std::string& name, const std::string& pointer);
  void check_text(const std::string& text, const std::string& pointer, const ScheduleParams& schedule,
                  TextTemplate::Braces braces = TextTemplate::Braces::literal);
  void check_parameters(const Expression& expression, const std::string& pointer);
  void check_header(const std::string& name, const std::string& value, const std::string& pointer,
                    const ScheduleParams& schedule);
  void check_body(const json::Value& body, const std::string& pointer, const ScheduleParams& schedule,
                  int depth);
  void check_schedule_text(const std::string& text, const std::string& pointer, bool has_start);
  void check_schedule_use(const SourceSpec& source, const std::string& pointer);

  const SpecReader& places_;
  ProblemList& problems_;
  std::set<std::string> inputs_;
  std::map<std::string, std::string> meant_by_;     // declared names, by what they are without their spelling
  std::map<std::string, std::size_t> auth_counts_;  // how many authentications declare a name
  std::vector<std::set<std::string>> per_auth_;
};

}  // namespace headwater::domain
