#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/url.h"
#include "domain/source_spec.h"
#include "engine/extract/cursor_trail.h"
#include "engine/extract/page_cycle.h"
#include "engine/extract/request_builder.h"
#include "http/client.h"
#include "json/value.h"

namespace headwater::extract {

/// What one answer says that matters for paging. Views are valid during the call.
struct PageFacts {
  const http::Headers* headers = nullptr;
  const std::vector<json::Value>* probes = nullptr;  // in the order of Paginator::probes
  const std::vector<bool>* probe_found = nullptr;
  std::uint64_t record_count = 0;   // elements as received, before any filter
  bool no_content = false;          // 204, or an empty body
  std::uint64_t body_hash = 0;      // of all bytes of the answer
  std::uint64_t elements_hash = 0;  // of the elements alone
  Url url;                          // of the request
  Url came_from;                    // the same, or where redirects led: links are relative to it
};

/// Decides which request follows a page (REST-source reference, sections 6, 14). Pure: no I/O, no clock.
/// Confined to one run; its state goes into the page's cursor.
class Paginator {
 public:
  enum class Next : std::uint8_t {
    page,     // request() is the next page
    check,    // request() asks whether there are records behind a short first page
    finished  // the last page was the last one
  };
  struct Step {
    Next next = Next::finished;
    bool request_limit = false;  // finished only because maximumRequest was reached
    bool gap = false;            // worth asking gap_request(): the page was short, and yet not the last one
    std::string note;            // for the run; or empty
  };

  /// `limit_text` is limitValue with placeholders filled.
  /// Errors: invalid_argument when it is no number where one is needed.
  static Result<Paginator> make(const domain::Paging& paging, std::string_view limit_text);
  /// Goes on where `state` stopped. Errors: invalid_argument.
  Result<void> restore(const json::Value& state);
  json::Value state() const;

  /// Paths to capture from each answer's body.
  const std::vector<std::vector<std::string>>& probes() const { return probes_; }

  /// What the next request carries.
  PageParameters request() const;
  /// What the page `ahead` pages after the next one carries (OFFSET and PAGE).
  PageParameters request_ahead(std::uint64_t ahead) const;
  /// How many pages after the next one are known to exist, by a known end and maximumRequest. 0 when the
  /// paging type, a delay or an unknown end forbid fetching ahead.
  std::uint64_t pages_ahead() const;

  /// Takes the answer of request() into account.
  /// Errors: upstream CONNECTOR-1001-500: a cycle, a repeated page, a source that caps pages or never ends.
  Result<Step> after(const PageFacts& facts);
  /// Takes the answer of a check request into account. `new_records` counts those that are not on the page
  /// before; 0 also for a refused request.
  Result<Step> after_check(std::uint64_t new_records);
  /// What asks for the records directly behind the short page just answered (OFFSET): one request in a run.
  PageParameters gap_request() const;
  void after_gap_request() { ++requests_; }
  /// The records behind a page of `count` are on no page: it was short because the source caps its pages.
  Error caps_pages(std::uint64_t count) const;

  std::uint64_t requests() const { return requests_; }
  std::optional<std::uint64_t> total_records() const { return total_; }
  bool total_declared() const { return total_declared_; }
  bool total_fell() const { return total_fell_; }
  std::int64_t limit() const { return limit_; }
  bool finished() const { return finished_; }
  /// request() is a check that has not been made yet.
  bool is_checking() const { return checking_; }
  /// True when the page that request() asks for ought to be full and is not: more pages are known to follow.
  bool short_in_the_middle(std::uint64_t record_count) const;

 private:
  explicit Paginator(const domain::Paging& paging);

  void read_totals(const PageFacts& facts);
  bool end_condition_holds(const PageFacts& facts) const;
  /// Pages are asked for by a number, not by what the source said (OFFSET, PAGE).
  bool counts() const;
  Result<void> watch_progress(const PageFacts& facts);
  Result<Step> next_by_count(const PageFacts& facts);
  Result<Step> next_by_link(const PageFacts& facts);
  Result<Step> next_by_token(const PageFacts& facts);
  Result<Step> go_on(std::string note = {});
  Step finish(std::string note = {});
  bool reached_known_end() const;
  bool needs_check(const PageFacts& facts) const;
  bool end_is_disproved(const PageFacts& facts) const;
  /// The page before the one just answered said that more follows.
  bool promised_more() const;
  /// Goes on, and has the first short page looked behind.
  Result<Step> go_on_behind(const PageFacts& facts);
  std::optional<std::uint64_t> last_page() const;  // index from 0, when known
  PageParameters parameters_at(std::uint64_t index) const;
  PageParameters parameters_from(std::uint64_t offset) const;
  void place(PageParameters& request, const std::string& name, std::string value) const;
  const json::Value* probe(const PageFacts& facts, int index) const;

  domain::Paging paging_;
  std::int64_t limit_ = 0;
  std::string limit_text_;
  std::vector<std::vector<std::string>> probes_;
  int end_probe_ = -1, total_probe_ = -1, cursor_probe_ = -1;

  // The state that a cursor keeps.
  std::uint64_t index_ = 0;     // of the next page, from 0
  std::uint64_t requests_ = 0;  // answered page and check requests
  std::string token_;           // of the next request
  bool token_is_number_ = false;
  std::string link_;  // of the next request, absolute
  bool checking_ = false;
  bool finished_ = false;
  std::uint64_t first_count_ = 0;
  std::optional<std::uint64_t> total_;
  bool total_declared_ = false;
  bool total_fell_ = false;
  std::optional<std::uint64_t> page_count_;
  std::uint64_t empty_in_a_row_ = 0;
  std::uint64_t same_in_a_row_ = 0;
  std::optional<std::uint64_t> gap_offset_;  // directly behind the first page that was short and not the last
  std::uint64_t last_body_hash_ = 0, last_elements_hash_ = 0, last_count_ = 0;
  CursorTrail trail_;
  PageCycle cycle_;
};

}  // namespace headwater::extract
