// The walk of a streaming source: its events are posted to the inlet of a flow, and must land once each.
#include <fmt/format.h>

#include <algorithm>

#include "authoring/source_template.h"
#include "base/crypto.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/verification.h"
#include "json/record.h"
#include "schema/infer.h"

namespace headwater::cli {
namespace {

using json::Array;
using json::Object;
using json::Value;

const std::string kFlows = "/data/foundation/flowservice/flows";
const std::string kRuns = "/data/foundation/flowservice/runs";
constexpr std::chrono::milliseconds kLookEvery{250};
constexpr int kTaken = 200;
constexpr int kManyAnswers = 207;
constexpr int kBadRequest = 400;
constexpr int kNotAuthorized = 401;

std::string answered(const http::StringSink& answer) {
  constexpr std::size_t kShown = 300;
  return fmt::format("the inlet answered {}: {}", answer.answer.status, printable(answer.text, kShown));
}

std::string in_lines(const Array& events, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < events.size(); ++i) text += events[i].dump() + "\n";
  return text;
}

}  // namespace

void Verification::walk_inlet() {
  const auto need = [this](bool passed) { reachable_ = reachable_ && passed; };
  need(step("Events", "the schema of the events that are posted",
            "Give the source's own with --events FILE: JSON objects, one a line, or an array of them.",
            [this] { return read_events(); }));
  need(step("Source connection", "POST sourceConnections, without an account",
            "Give what sourceSpec.spec requires with --params FILE or --param name=value.",
            [this] { return choose_source(); }));
  need(step("Target", "POST schemas of the events, dataSets, targetConnections",
            "See which member the server names.", [this] { return make_target(); }));
  need(step("Mapping", "POST mappingSets, each member to itself", "See which member the server names.",
            [this] { return make_mapping(); }));
  need(step("Flow", "POST flows, GET flows/{id} for its inlet",
            "Is the spec in the flow spec GenericStreamingAEP? See what the server's answer names.",
            [this] { return open_inlet(); }));
  need(step("Post", "POST of one event, and of the others in one request",
            "See what the inlet says of the event; the server's --public-url is where senders reach it.",
            [this] { return post_events(); }));
  need(step("Records", "count of the dataset by SQL, against what was posted",
            "GET runs?property=flowId==... tells what the flow rejected, and why.",
            [this] { return events_landed(); }));
  step("Broken event", "POST of what is no JSON", "The inlet takes what it cannot store.",
       [this] { return post_broken(); });
  step("Signed events", "PATCH of the inlet to hmac, POST with and without a signature",
       "The sender must sign each body: docs/streaming.md, \"Who may send\".",
       [this] { return post_signed(); });
}

Result<std::string> Verification::read_events() {
  json::RecordGroup texts;
  for (const Value& event : subject_.events) texts.append(event.dump());
  json::RecordParser parser;
  schema::Inference inference;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto record = parser.parse(texts[i]);
    if (!record) return failed(fmt::format("Event {}: {}", i + 1, record.error().message));
    inference.add(*record);
  }
  schema_ = typed_only(inference.schema());
  const auto* members = schema_.find("properties");
  if (members == nullptr || !members->is_object() || members->if_object()->empty())
    return failed("The events have no members with values.");
  return fmt::format("{}, {}", counted(subject_.events.size(), "event"),
                     counted(members->if_object()->size(), "member"));
}

Result<std::string> Verification::open_inlet() {
  TRY(make_flow(name_, main_));
  const auto answer = TRY(call("GET", kFlows + "/" + main_.flow));
  const auto items = items_of(answer);
  const auto* url = items.empty() ? nullptr : items.front().find_path("options.inletUrl");
  if (url == nullptr || !url->is_string()) return failed("The flow has no options.inletUrl.");
  inlet_ = TRY(target_of(*url->if_string()));
  return "created as " + main_.flow + ", inlet " + *url->if_string();
}

Result<http::StringSink> Verification::post(const Url& url, const std::string& body, std::string_view type,
                                            const http::Headers& more) {
  if (!sender_) {
    auto options = TRY(any_host());
    sender_ = TRY(http::Client::make(std::move(options)));
  }
  http::ClientRequest request;
  request.method = "POST";
  request.url = url;
  request.body = body;
  request.headers = more;
  request.headers.emplace_back("Content-Type", std::string(type));
  http::StringSink answer;
  TRY(sender_->send(request, answer, stop_));
  return answer;
}

Result<std::string> Verification::post_events() {
  const Array& events = subject_.events;
  const auto single = TRY(post(inlet_.single, events.front().dump(), "application/json", {}));
  if (single.answer.status != kTaken) return failed("The first event: " + answered(single));
  posted_ = 1;
  if (events.size() == 1) return std::string("taken");
  const auto batch = TRY(post(inlet_.batch, in_lines(events, 1), "application/x-ndjson", {}));
  const auto document = json::parse(batch.text);
  const auto* responses = document ? document->find("responses") : nullptr;
  if (batch.answer.status != kManyAnswers || responses == nullptr || !responses->is_array())
    return failed("The others: " + answered(batch));
  for (std::size_t i = 0; i < responses->if_array()->size(); ++i) {
    const Value& response = (*responses->if_array())[i];
    if (response.find("statusCode") != nullptr)
      return failed(fmt::format("Event {}: {}", i + 2, response.string_at("message")));
  }
  posted_ += static_cast<std::int64_t>(responses->if_array()->size());
  return counted(events.size(), "event") + " taken";
}

Result<void> Verification::check_none_rejected() {
  for (const Value& run : items_of(TRY(call("GET", kRuns + "?property=flowId==" + main_.flow)))) {
    const auto result = run_result(run);
    if (result.failed > 0)
      return failed(fmt::format("{} rejected: {}",
                                counted(static_cast<std::uint64_t>(result.failed), "event"), result.message));
  }
  return {};
}

// Events are committed some seconds after they were taken.
Result<void> Verification::wait_for_rows() {
  const auto end = clock_.now() + subject_.run_time_max;
  while (true) {
    landed_ = TRY(rows_in(main_.dataset));
    if (landed_ >= posted_) break;
    TRY(check_none_rejected());
    if (clock_.now() >= end)
      return failed(fmt::format("{} of {} are in the dataset after {} s.", landed_,
                                counted(static_cast<std::uint64_t>(posted_), "event"),
                                subject_.run_time_max.count()));
    if (!clock_.wait_for(kLookEvery, stop_)) return Error{ErrorKind::cancelled, "interrupted"};
  }
  if (landed_ > posted_) return failed(fmt::format("{} were posted, {} landed.", posted_, landed_));
  return {};
}

Result<std::string> Verification::events_landed() {
  TRY(wait_for_rows());
  return fmt::format("{} in the dataset, as many as were posted",
                     counted(static_cast<std::uint64_t>(landed_), "record"));
}

Result<std::string> Verification::post_broken() {
  const auto answer = TRY(post(inlet_.single, R"({"id":)", "application/json", {}));
  if (answer.answer.status != kBadRequest) return failed("It was not refused: " + answered(answer));
  return std::string("refused with 400");
}

Result<std::string> Verification::post_signed() {
  const std::string id = inlet_.single.path.substr(inlet_.single.path.rfind('/') + 1);
  const std::string path = "/data/core/edge/inlets/" + id;
  const auto rotated = TRY(call("POST", path + "/action?op=rotate"));
  const Secret secret{std::string(rotated.string_at("secret"))};
  if (secret.empty()) return failed("The answer to the rotation holds no secret.");
  const auto inlets = items_of(TRY(call("GET", path)));
  const std::string etag(inlets.empty() ? std::string_view() : inlets.front().string_at("etag"));
  const Object hmac{{"op", "add"}, {"path", "/authentication"}, {"value", "hmac"}};
  TRY(client_.call("PATCH", path, Value(Array{hmac}).dump(), {{"If-Match", etag}}, stop_));
  const std::string event = subject_.events.front().dump();
  const auto unsigned_event = TRY(post(inlet_.single, event, "application/json", {}));
  if (unsigned_event.answer.status != kNotAuthorized)
    return failed("Without a signature " + answered(unsigned_event));
  const auto signature = crypto::hex(crypto::hmac_sha256(secret.reveal(), event));
  const auto signed_event =
      TRY(post(inlet_.single, event, "application/json", {{"x-hmac-sha256", signature}}));
  if (signed_event.answer.status != kTaken) return failed("With its signature " + answered(signed_event));
  ++posted_;
  TRY(wait_for_rows());
  return std::string("taken and landed with a signature, refused with 401 without");
}

}  // namespace headwater::cli
