#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::cli {

/// `warned`: nothing failed, and somebody should look.
enum class StepOutcome : std::uint8_t { passed, failed, skipped, warned };

/// One step of a verification.
struct VerifyStep {
  std::string name;  // "Records"
  std::string done;  // what was tried
  StepOutcome outcome = StepOutcome::skipped;
  std::string result;  // what came of it, or why it was left out
  std::string help;    // of a failed or warned one: what to do
  std::chrono::milliseconds took{0};
};

/// What an author can hand in.
struct VerifyReport {
  std::string source;   // the spec's name
  std::string against;  // "a mock", "the API", "the cassette ..."
  std::string server;
  std::string at;  // RFC 3339
  std::vector<VerifyStep> steps;
  bool interrupted = false;  // then nothing is known of what was not reached

  /// Every step that had to be taken was, and none failed.
  bool is_green() const;
  std::chrono::milliseconds took() const;
};

/// "ok      Records   250 records ...", two lines more for a failed one.
std::string step_line(const VerifyStep& step);
std::string summary_line(const VerifyReport& report);
json::Value encode(const VerifyReport& report);
/// JUnit's XML: a test suite with a case for each step.
std::string junit(const VerifyReport& report);
/// One page that needs nothing else.
std::string html(const VerifyReport& report);

enum class ReportForm : std::uint8_t { json, junit, html };
/// Errors: invalid_argument, naming the forms.
Result<ReportForm> read_report_form(const std::string& name);
std::string written(const VerifyReport& report, ReportForm form);

}  // namespace headwater::cli
