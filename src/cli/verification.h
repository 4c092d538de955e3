#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authoring/mock_server.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/api_client.h"
#include "cli/inlet_send.h"
#include "cli/source_answer.h"
#include "cli/verify_report.h"
#include "http/client.h"
#include "json/value.h"

namespace headwater::cli {

/// A text in SQL: 'it''s', or with the other quote a name.
std::string sql_quoted(std::string_view text, char quote);

/// What is verified.
struct VerifySubject {
  json::Value spec;
  json::Value account;  // {specName, params}, or null
  json::Value params;   // an object
  json::Array events;   // of a streaming source: what is posted, at least one
  /// Plays the source; nullptr: a real one.
  authoring::MockServer* mock = nullptr;
  /// The spec as it is may be the server's already: then that one is used.
  bool may_be_published = false;
  /// The server alone may refresh the account's tokens: nothing is asked beside it.
  bool tokens_are_servers = false;
  bool keep = false;  // what was made
  std::chrono::seconds run_time_max{300};
  /// Why what stands in front of the source could not ask it; gives "" where it could. May be empty.
  std::function<std::string()> unreached;
};

inline constexpr std::string_view kUnreachedHelp =
    "Check the source's host, and give --allow-network for one in a private network.";

/// Walks a source through a server's public API as a user would, from the spec to the records and a second
/// run, a streaming one to the events that were posted to its inlet; deletes all that it made, also after a
/// failure. Source: REST-source reference, section 13. Confined to one thread, once.
class Verification {
 public:
  using Watch = std::function<void(const VerifyStep&)>;  // each step as it ends
  Verification(ApiClient& client, VerifySubject subject, Watch watch, std::stop_token stop)
      : client_(client), subject_(std::move(subject)), watch_(std::move(watch)), stop_(std::move(stop)) {}

  std::vector<VerifyStep> run();
  /// What it has made and not yet deleted: "flow /data/foundation/flowservice/flows/...". From any thread.
  std::vector<std::string> left() const;

 private:
  struct Landing {
    std::string dataset, flow, mapping;
  };
  struct RunResult {
    std::string id, status, message;
    std::vector<std::string> notes;  // findings that failed nothing
    std::int64_t window_end = 0, records_in = 0, records_out = 0, failed = 0, pages = 0;
  };
  using Work = std::function<Result<std::string>()>;
  static constexpr std::uint64_t kNewRecords = 3;  // elements that a mock gets for the second run

  static Error failed(std::string message);

  /// Does a step unless one that it needs has failed; false when it has failed or was left out.
  bool step(std::string name, std::string done, std::string help, const Work& work);
  void skip(std::string name, std::string why);
  /// A line of its own behind the step that is being done.
  void warn(std::string name, std::string what, std::string help);
  void add(VerifyStep step);
  std::string why_unreached(std::string_view result) const;

  Result<json::Value> call(std::string_view method, const std::string& path, const json::Value& body = {});
  void made(std::string what, std::string path);
  using PathOf =
      std::function<std::string(const json::Value& answer)>;  // of what was made; "": it names none
  /// Posts, and keeps in mind what was made; also where no answer came, for what is deleted at the end.
  Result<json::Value> make(const std::string& path, const json::Value& body, const PathOf& path_of);
  Result<std::string> create(const std::string& path, const json::Value& body);

  void walk_requests();
  void walk_inlet();

  Result<std::string> check_spec();
  Result<std::string> register_spec();
  Result<std::string> connect();
  /// Why the account's test failed, as far as the first page's request tells; sets help_.
  Error account_refused();
  Result<std::string> explore();
  Result<std::string> choose_source();
  Result<std::string> make_target();
  Result<std::string> make_mapping();
  Result<std::string> start_flow();
  Result<std::string> first_run();
  Result<std::string> count_records();
  Result<std::string> check_pages();
  Result<std::string> check_mock_pages();
  std::optional<SourceAnswer> ask(const PageAsked& page = {});
  /// What the source itself says of the number of its records; empty when it says nothing.
  Result<std::string> check_total(const domain::SourceSpec& spec);
  /// The first page's count of its own records, on every page.
  bool is_count_of_page(const SourceTotal& total, const domain::SourceSpec& spec);
  std::optional<SourceAnswer> last_answer(const domain::SourceSpec& spec);
  /// The last answer behind links or tokens, page by page; nullopt, and why in `unseen_`, where it cannot be
  /// reached.
  std::optional<SourceAnswer> walk_to_last(const domain::Paging& paging);
  Result<std::string> check_end(const domain::SourceSpec& spec);
  /// The only page is full, and nothing says what is behind it: red where more is, else a warning.
  Result<void> check_full_page(const domain::SourceSpec& spec, std::string_view behind);
  /// Where the source names no next page behind a full one: whether it names one behind a smaller one.
  /// Errors: it tells there of more, where the spec does not look.
  Result<bool> would_name_next(const domain::SourceSpec& spec);
  /// Asks for the pages behind the last. Errors: records stand there that the run has not fetched.
  Result<std::string> check_behind(const domain::SourceSpec& spec);
  /// nullopt when it cannot be told.
  std::optional<bool> is_landed(const json::Value& record);
  Result<std::string> incremental_run();
  Result<std::string> idle_run();
  Result<std::string> read_events();
  Result<std::string> open_inlet();
  Result<std::string> post_events();
  Result<std::string> events_landed();
  Result<std::string> post_broken();
  Result<std::string> post_signed();
  Result<http::StringSink> post(const Url& url, const std::string& body, std::string_view type,
                                const http::Headers& more);
  Result<void> wait_for_rows();
  Result<void> check_none_rejected();
  void certify();
  Result<std::string> certify_fault(authoring::MockFault fault);
  void remove_all();
  /// What was asked for without an answer is asked for again: a server gives what it has made then.
  void find_unanswered();
  void cancel_runs();
  Result<std::string> remove_made();

  Result<void> make_landing(const std::string& name, Landing& landing);
  Result<std::string> make_rows(Landing& landing);
  Result<void> make_flow(const std::string& name, Landing& landing);
  /// An explored schema without the members of which nothing but null was seen: they have no type.
  static json::Value typed_only(const json::Value& schema);
  std::string flow_spec() const;
  static bool is_over(const json::Value& run);
  static RunResult run_result(const json::Value& run);
  /// The latest run of the flow that is none of those known, once it is over.
  Result<RunResult> wait_for_run(const std::string& flow, const std::string& run);
  Result<RunResult> run_over(std::int64_t from, std::int64_t to);
  Result<std::int64_t> rows_in(const std::string& dataset, std::string_view what = "*");
  /// How many of the dataset's records differ, whatever stands beside them: that tells of their page.
  Result<std::int64_t> different_rows();
  /// How many of them have an id of their own; nullopt where records have none.
  std::optional<std::int64_t> different_ids();
  /// What a window has given again, unchanged: red, or a warning of a few. `rows`, `different`: before it.
  Result<std::string> check_again(const RunResult& run, std::int64_t rows, std::int64_t different);
  domain::SourceSpec read_spec() const;
  bool filters_by_time() const;

  ApiClient& client_;
  VerifySubject subject_;
  Watch watch_;
  std::stop_token stop_;
  SystemClock clock_;
  std::vector<VerifyStep> steps_, warnings_;  // warnings: of the step that is being done
  bool reachable_ = true;                     // no step that the next ones need has failed

  std::string help_;  // what to do about the step that fails, where that is known better
  std::string name_;  // of all that is made
  std::string spec_id_, connection_, source_;
  std::string schema_id_;
  json::Value schema_;  // of the explored records
  std::size_t explored_ = 0;
  std::string unseen_;                        // why the last answer was not looked at
  std::optional<SourceAnswer> first_answer_;  // of a real source, with what stands beside its records
  Landing main_;
  RunResult first_;
  std::int64_t landed_ = 0, covered_ = 0;
  std::int64_t different_ = 0;            // of those landed
  std::unique_ptr<http::Client> sender_;  // of events
  SendTarget inlet_;
  std::int64_t posted_ = 0;
  mutable std::mutex made_mutex_;                          // written by this thread alone
  std::vector<std::pair<std::string, std::string>> made_;  // what it is, its path; deleted from the back
  struct Unanswered {
    std::string path, body, key;  // key: of idempotency
    PathOf path_of;
  };
  std::vector<Unanswered> unanswered_;
  bool in_flow_spec_ = false;
};

}  // namespace headwater::cli
