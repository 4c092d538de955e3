#include "authoring/explain.h"

#include <utility>

#include "base/severity.h"
#include "domain/spec_check.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string describe(const domain::EntityPath& entity) {
  std::string text = entity.path + ", each element";
  if (!entity.wrapper.empty()) text += " as \"" + entity.wrapper + "\"";
  if (!entity.dotted) return text + ", without siblings (full JSONPath)";
  if (entity.keep) {
    text += entity.keep->empty() ? " without its siblings"
                                 : " beside the siblings " + joined(*entity.keep) + " only";
    if (entity.skip && !entity.skip->empty()) text += ", of these without " + joined(*entity.skip);
    return text;
  }
  text += " beside its siblings";
  if (entity.skip && !entity.skip->empty()) text += " without " + joined(*entity.skip);
  return text;
}

std::string describe_content(const domain::SourceSpec& spec) {
  std::string text = spec.content ? describe(*spec.content) : "the whole answer (a root array: its elements)";
  if (spec.explode) text += "; then one record for each element of " + describe(*spec.explode);
  return text;
}

void append_line(std::string& out, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  out.append(name).append(value).append("\n");
}

void append_request(std::string& out, const extract::PlannedRequest& request) {
  out.append("\n# ")
      .append(request.why)
      .append("\n")
      .append(request.method)
      .append(" ")
      .append(request.url)
      .append("\n");
  for (const auto& [name, value] : request.headers)
    out.append("  ").append(name).append(": ").append(value).append("\n");
  if (!request.body.empty()) out += "  " + request.body + "\n";
}

}  // namespace

Result<Explanation> explain(run::SourceAccess& access, const run::SourceDocuments& draft,
                            const extract::Window& window) {
  const auto inputs = TRY(run::SourceAccess::read(draft, window));
  Explanation explanation;
  explanation.plan = TRY(extract::plan_requests(access.services(), inputs, access.defaults()));
  explanation.content = describe_content(inputs.spec);
  explanation.problems = domain::check_connection_spec(draft.connection_spec);
  return explanation;
}

Value encode(const Explanation& explanation) {
  Value document = explanation.plan.to_json();
  if (!document.is_object()) document = Object{{"requests", std::move(document)}};
  Object& members = *document.if_object();
  members.set("content", explanation.content);
  Array problems;
  for (const Problem& problem : explanation.problems)
    problems.emplace_back(Object{{"pointer", problem.pointer},
                                 {"reason", problem.reason},
                                 {"hint", problem.hint},
                                 {"severity", word(problem.severity)}});
  members.set("problems", std::move(problems));
  return document;
}

std::string format(const Explanation& explanation) {
  const extract::RequestPlan& plan = explanation.plan;
  std::string out;
  append_line(out, "account   ", plan.auth);
  append_line(out, "paging    ", plan.paging);
  append_line(out, "records   ", explanation.content);
  append_line(out, "from      ", plan.window_start);
  append_line(out, "until     ", plan.window_end);
  if (plan.delay.count() > 0)
    append_line(out, "pause     ", std::to_string(plan.delay.count()) + " ms between two requests");
  if (plan.calls_estimated) append_line(out, "calls     ", "about " + std::to_string(*plan.calls_estimated));
  if (plan.calls_max) append_line(out, "at most   ", std::to_string(*plan.calls_max) + " calls");
  for (const std::string& note : plan.notes) append_line(out, "note      ", note);
  for (const extract::PlannedRequest& request : plan.requests) append_request(out, request);
  for (const Problem& problem : explanation.problems)
    out += "\n" + std::string(word(problem.severity)) + " " + problem.pointer + ": " + problem.reason +
           (problem.hint.empty() ? "" : " (" + problem.hint + ")");
  if (!explanation.problems.empty()) out += "\n";
  return out;
}

}  // namespace headwater::authoring
