#include "cli/verify_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/report.h"

namespace headwater::cli {
namespace {

std::string_view word_of(StepOutcome outcome) {
  switch (outcome) {
    case StepOutcome::passed:
      return "passed";
    case StepOutcome::failed:
      return "failed";
    case StepOutcome::skipped:
      return "skipped";
    case StepOutcome::warned:
      return "warned";
  }
  return "";
}

// For XML and HTML; what XML cannot hold becomes a space.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

double seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; }

std::ptrdiff_t count(const VerifyReport& report, StepOutcome outcome) {
  return std::count_if(report.steps.begin(), report.steps.end(),
                       [outcome](const VerifyStep& step) { return step.outcome == outcome; });
}

// "green", "green with 1 warning", "red", "interrupted: not verified".
std::string verdict(const VerifyReport& report) {
  if (report.interrupted) return "interrupted: not verified";
  if (!report.is_green()) return "red";
  const auto warnings = count(report, StepOutcome::warned);
  if (warnings == 0) return "green";
  return "green with " + counted(static_cast<std::uint64_t>(warnings), "warning");
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8886; }
td.time { text-align: right; white-space: nowrap; }
.passed { color: #18794e; } .failed { color: #cd2b31; } .skipped { color: #777; } .warned { color: #946800; }
@media (prefers-color-scheme: dark) { .passed { color: #4cc38a; } .failed { color: #ff6369; } .skipped { color: #aaa; } .warned { color: #f1a10d; } }
p.help { margin: .2rem 0 0; }
)";

}  // namespace

bool VerifyReport::is_green() const { return !interrupted && count(*this, StepOutcome::failed) == 0; }

std::chrono::milliseconds VerifyReport::took() const {
  std::chrono::milliseconds sum{0};
  for (const auto& step : steps) sum += step.took;
  return sum;
}

std::string step_line(const VerifyStep& step) {
  const std::string_view word = step.outcome == StepOutcome::passed   ? "ok"
                                : step.outcome == StepOutcome::failed ? "FAILED"
                                : step.outcome == StepOutcome::warned ? "warning"
                                                                      : "skipped";
  std::string line =
      fmt::format("{:<8}{:<28}{} ({:.1f} s)\n", word, step.name, step.result, seconds(step.took));
  if (step.outcome != StepOutcome::failed && step.outcome != StepOutcome::warned)
    return tame(std::move(line));
  if (!step.done.empty()) line += fmt::format("{:<8}tried: {}\n", "", step.done);
  if (!step.help.empty()) line += fmt::format("{:<8}to do: {}\n", "", step.help);
  return tame(std::move(line));
}

std::string summary_line(const VerifyReport& report) {
  return fmt::format("{}: {} passed, {} failed, {} skipped in {:.1f} s\n", verdict(report),
                     count(report, StepOutcome::passed), count(report, StepOutcome::failed),
                     count(report, StepOutcome::skipped), seconds(report.took()));
}

json::Value encode(const VerifyReport& report) {
  json::Array steps;
  for (const auto& step : report.steps)
    steps.emplace_back(json::Object{{"name", step.name},
                                    {"done", step.done},
                                    {"outcome", word_of(step.outcome)},
                                    {"result", step.result},
                                    {"help", step.help},
                                    {"milliseconds", static_cast<std::int64_t>(step.took.count())}});
  return json::Object{{"source", report.source},
                      {"against", report.against},
                      {"server", report.server},
                      {"at", report.at},
                      {"green", report.is_green()},
                      {"interrupted", report.interrupted},
                      {"milliseconds", static_cast<std::int64_t>(report.took().count())},
                      {"steps", std::move(steps)}};
}

std::string junit(const VerifyReport& report) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"headwater source verify {}\" "
      "tests=\"{}\" "
      "failures=\"{}\" skipped=\"{}\" errors=\"{}\" time=\"{:.3f}\" timestamp=\"{}\">\n",
      escaped(report.source), report.steps.size() + (report.interrupted ? 1 : 0),
      count(report, StepOutcome::failed), count(report, StepOutcome::skipped), report.interrupted ? 1 : 0,
      seconds(report.took()), escaped(report.at));
  // A host takes a suite of nothing but skipped cases for a good one.
  if (report.interrupted)
    out +=
        fmt::format("  <testcase classname=\"{}\" name=\"Verification\"><error message=\"{}\"/></testcase>\n",
                    escaped(report.source), escaped(verdict(report)));
  for (const auto& step : report.steps) {
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">", escaped(report.source),
                       escaped(step.name), seconds(step.took));
    if (step.outcome == StepOutcome::failed)
      out += fmt::format("<failure message=\"{}\">{}\n{}</failure>", escaped(step.result), escaped(step.done),
                         escaped(step.help));
    if (step.outcome == StepOutcome::skipped)
      out += fmt::format("<skipped message=\"{}\"/>", escaped(step.result));
    if (step.outcome == StepOutcome::passed)
      out += fmt::format("<system-out>{}</system-out>", escaped(step.result));
    if (step.outcome == StepOutcome::warned)
      out +=
          fmt::format("<system-out>warning: {}\n{}</system-out>", escaped(step.result), escaped(step.help));
    out += "</testcase>\n";
  }
  return out + "</testsuite>\n";
}

std::string html(const VerifyReport& report) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Verification of {0}</title><style>{1}</style></head>\n"
      "<body><h1>Verification of {0}</h1>\n<p class=\"{2}\"><strong>{3}</strong></p>\n<p>Against {4}, on "
      "{5}, at {6}.</p>\n"
      "<table><thead><tr><th>Step</th><th>Outcome</th><th>What was done, and what came of "
      "it</th><th>Time</th></tr></thead><tbody>\n",
      escaped(report.source), kStyle, report.is_green() ? "passed" : "failed", escaped(summary_line(report)),
      escaped(report.against), escaped(report.server), escaped(report.at));
  for (const auto& step : report.steps)
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td><td>{}<br>{}{}</td><td class=\"time\">{:.1f} "
        "s</td></tr>\n",
        escaped(step.name), word_of(step.outcome), word_of(step.outcome), escaped(step.done),
        escaped(step.result),
        step.help.empty() ? std::string() : "<p class=\"help\">" + escaped(step.help) + "</p>",
        seconds(step.took));
  return out + "</tbody></table></body></html>\n";
}

Result<ReportForm> read_report_form(const std::string& name) {
  if (name == "json") return ReportForm::json;
  if (name == "junit") return ReportForm::junit;
  if (name == "html") return ReportForm::html;
  return Error{ErrorKind::invalid_argument,
               "There is no report \"" + name +
                   "\"; there are json, junit and html, each with a file: --report html report.html."};
}

std::string written(const VerifyReport& report, ReportForm form) {
  switch (form) {
    case ReportForm::json:
      return encode(report).dump(2) + "\n";
    case ReportForm::junit:
      return junit(report);
    case ReportForm::html:
      return html(report);
  }
  return {};
}

}  // namespace headwater::cli
