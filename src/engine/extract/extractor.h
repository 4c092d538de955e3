#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/source_spec.h"
#include "engine/extract/authenticator.h"
#include "engine/extract/rate_budget.h"
#include "http/client.h"
#include "json/array_cutter.h"
#include "json/record.h"
#include "json/value.h"

namespace headwater::extract {

/// What a run asks for: from `start` (absent: no lower bound) to `end` (absent: none).
struct Window {
  std::optional<TimePoint> start;
  std::optional<TimePoint> end;
};

/// Shared by everything in the process that calls sources; outlives every extractor.
struct Services {
  Clock& clock;
  CredentialBroker& credentials;
  RateBudgets& budgets;
};

/// Everything that decides which requests are made. A value.
struct SourceInputs {
  domain::SourceSpec spec;
  AuthSettings auth;
  json::Value params;  // the source connection's, an object
  Window window;
};

/// The account, and as credentials of it also those params that the source asks for as passwords: what no
/// text for a reader may hold.
AuthSettings secrets_of(const SourceInputs& inputs);

/// Reads spec, auth and params together. Errors: invalid_argument with every problem.
Result<SourceInputs> read_inputs(const json::Value& connection_spec, const json::Value& auth,
                                 const json::Value& params, const Window& window);

/// How often and how long a failing request is repeated (408, 429, 5xx, network failures).
struct RetryPolicy {
  int attempts_max = 6;
  std::chrono::milliseconds first_delay{500};
  std::chrono::milliseconds delay_max{30'000};
  std::chrono::seconds retry_after_max{600};  // a source that asks for more fails the run
};

/// The beginning of an answer as it came, decoded, whatever is made of it: for whoever writes the spec.
struct AnswerStart {
  std::size_t bytes_max = 64U << 10;  // of `text`
  int status = 0;                     // 0: none has come
  std::string content_type;
  http::Headers headers;
  std::string text;
  std::uint64_t bytes = 0;  // of the whole answer, as far as it was read
};

struct ExtractorOptions {
  http::ClientOptions client;
  RetryPolicy retry;
  std::size_t fetch_ahead = 4;             // pages in flight; 1: none ahead
  std::size_t page_memory_max = 4U << 20;  // elements of one page kept in memory; more is spooled
  std::filesystem::path spool_folder = "/tmp";
  std::size_t element_bytes_max = 64U << 20;  // of one element; unbounded where a nested array is exploded
  std::uint64_t pages_max = 0;                // --max-pages; 0: no limit. Ends without a note.
  std::optional<double> requests_per_second;
  std::chrono::minutes page_time_max{60};  // one answer that takes longer never ends
  bool schedule_parameters = true;         // explore sends none (section 10)
  /// A preview needs no more of a page than this many bytes, once it holds `preview_records` records: the
  /// rest is not read, and members behind the array are unknown then. 0: pages are read whole.
  std::uint64_t preview_bytes_max = 0;
  std::uint64_t preview_records = 0;
  AnswerStart* answer = nullptr;  // filled with the last answer that came; outlives the extractor
};

/// What one page, or a whole run, cost.
struct ExtractStats {
  std::uint64_t bytes = 0;     // decoded body bytes
  std::uint64_t requests = 0;  // including retries
  std::uint64_t retries = 0;
  std::chrono::nanoseconds throttled{0};  // waited for Retry-After, back-off or the rate budget
};

class LargeElement;
class PageSpool;
struct ExplodedArray;

/// One complete page: nothing of it is handed on before its last byte arrived. Confined to one thread.
class Page {
 public:
  Page();
  ~Page();
  Page(Page&&) noexcept;
  Page& operator=(Page&&) noexcept;

  std::uint64_t number = 0;          // from 1, in the run
  json::ArrayCutter::Frame frame;    // how the shaper wraps each element
  std::uint64_t record_count = 0;    // elements that `read` gives
  std::uint64_t repeated_count = 0;  // elements left out: the same key and bytes stood on the page before
  bool last = false;
  bool cut = false;  // read only in part (preview_bytes_max)
  ExtractStats stats;

  /// Clears `group` and fills it with the next elements' texts, up to about 512 KB. False when none is left.
  /// A large element whose nested array is exploded comes in parts, one a group, that are exploded each.
  Result<bool> read(json::RecordGroup& group);
  /// The group read last is a part of an element of which more follows.
  bool is_within_element() const { return large_ != nullptr; }
  /// Starts over.
  void rewind();

 private:
  friend class PageBuilder;
  Result<bool> read_part(json::RecordGroup& group);
  Result<bool> read_large(json::RecordGroup& group);
  bool passes_over(std::uint64_t place);

  std::unique_ptr<PageSpool> spool_;
  std::shared_ptr<const ExplodedArray> exploded_;
  std::unique_ptr<LargeElement> large_;  // being read in parts
  std::vector<std::uint64_t> left_out_;  // places of elements that `read` passes over, ascending
  std::uint64_t place_ = 0;
  std::size_t next_left_out_ = 0;
};

/// Why a source ended.
enum class Ending : std::uint8_t { running, complete, request_limit, page_limit };

/// One run's pages of one source, in order. Confined to one thread (the run's).
class Extractor {
 public:
  /// `resume_cursor` is `cursor()` after the last page that was made durable, or empty.
  /// Errors: invalid_argument (a placeholder without value, a bad cursor, ...), before any request.
  static Result<std::unique_ptr<Extractor>> make(const Services& services, SourceInputs inputs,
                                                 ExtractorOptions options,
                                                 std::string_view resume_cursor = {});
  virtual ~Extractor() = default;

  /// The next page, or nullopt after the last one.
  /// Errors: with code CONNECTOR-1001-500 (the source cannot be read), CONNECTOR-2001-500 (not JSON),
  /// CONNECTOR-1313-400 / CONNECTOR-1315-400 (content path); cancelled (stop). Messages name page and
  /// redacted URL.
  virtual Result<std::optional<Page>> next_page(std::stop_token stop) = 0;

  /// Everything needed to go on after the page that `next_page` gave last: opaque JSON, versioned. It may
  /// hold the source's own next token or link, so it is not shown to anybody.
  virtual std::string cursor() const = 0;
  virtual Ending ending() const = 0;
  /// What a person should know about the run (loops that ended it, totals missed, overlaps, ...). Bounded.
  virtual const std::vector<std::string>& notes() const = 0;
  virtual const ExtractStats& stats() const = 0;
  /// Records the source says it has, once known.
  virtual std::optional<std::uint64_t> total_records() const = 0;
};

/// The outcome of asking a source whether credentials work.
struct Probe {
  bool called = false;  // false: there was nothing to call
  bool sent = true;     // false: there was no token to send the request with; `message` says why
  bool accepted = true;
  int status = 0;
  std::string message;  // why not accepted; holds no secret
  /// And whose fault that is: unauthorized (401, 403, what the token endpoint refuses), rate_limited,
  /// unavailable and timeout (no answer), upstream (any other answer).
  /// invalid_argument: nobody was asked, as the account or the spec is at fault, at `where` when that is
  /// known.
  ErrorKind fault = ErrorKind::upstream;
  std::string where = {};
};

/// Calls auth.params.authorizationTestUrl, when there is one, with the credentials.
/// A 429, or a 503 that says when to come back, is asked again twice within a few seconds. Accepted is a 2xx,
/// but no page in HTML behind a redirect: that is where one signs in.
/// Errors: invalid_argument (bad URL), cancelled. A failing call is an unaccepted probe.
Result<Probe> probe_credentials(const Services& services, const AuthSettings& auth,
                                const http::ClientOptions& client, std::stop_token stop);
/// Sends the first page's request and looks at its status only.
Result<Probe> probe_source(const Services& services, const SourceInputs& inputs,
                           const http::ClientOptions& client, std::stop_token stop);

}  // namespace headwater::extract
