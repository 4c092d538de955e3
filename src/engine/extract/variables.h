#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/source_spec.h"
#include "domain/text_template.h"
#include "engine/extract/authenticator.h"
#include "engine/extract/extractor.h"
#include "json/value.h"

namespace headwater::extract {

/// Where a text goes; decides how the values in it are encoded and what they must not hold.
enum class TextPlace : std::uint8_t { host, path, query, header, body };

/// A resolved text.
struct Resolved {
  std::string text;
  /// The whole text was one optional placeholder without a value: a query parameter is left out.
  bool absent = false;
};

/// The values that fill a spec's placeholders for one run (REST-source reference, section 3): source
/// connection params over auth params, the run's window, the schedule's text. Immutable once made.
class Variables {
 public:
  /// Without `schedule_parameters` (explore) the window is unknown and {SCHEDULE_QUERY} empty.
  static Result<Variables> make(const SourceInputs& inputs, TimePoint now, bool schedule_parameters);

  /// Errors: invalid_argument: a placeholder without value, a value that its place cannot hold, a bad
  /// expression. `pointer` becomes the error's `where`.
  Result<Resolved> resolve(std::string_view text, TextPlace place, std::string_view pointer) const;

  /// The window's bounds as the schedule formats them; empty when not sent.
  const std::string& start_text() const { return start_text_; }
  const std::string& end_text() const { return end_text_; }
  const std::string& schedule_query() const { return schedule_query_; }
  /// Simple schedule parameters: name and value of those that are sent.
  const QueryParams& schedule_parameters() const { return schedule_parameters_; }

 private:
  enum class Lookup : std::uint8_t { found, optional_missing, missing };
  Lookup look_up(std::string_view name, std::string& text) const;
  Result<Resolved> resolve_parts(const domain::TextTemplate& parsed, TextPlace place,
                                 std::string_view pointer) const;
  Result<domain::Expression::Text> fill(const domain::TextTemplate& literal, TextPlace place, bool whole,
                                        std::string_view pointer) const;
  Result<domain::Expression::Text> evaluate(const domain::Expression& expression, TextPlace place, bool whole,
                                            std::string_view pointer) const;
  Result<Resolved> value_of(const domain::TextTemplate::Part& placeholder, std::string_view pointer) const;
  Result<void> set_schedule(const domain::ScheduleParams& schedule, const Window& window);

  json::Value params_;
  json::Value auth_params_;
  json::Value inputs_schema_;
  json::Value auth_schema_;
  TimePoint now_{};
  std::string start_text_;
  std::string end_text_;
  std::string expression_start_;
  std::string expression_end_;
  std::string schedule_query_;
  QueryParams schedule_parameters_;
};

/// Keeps what may stand in a URL's path or query as it is and percent-encodes the rest; existing %XX stay.
std::string encode_url_text(std::string_view text);

}  // namespace headwater::extract
