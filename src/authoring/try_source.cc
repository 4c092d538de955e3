#include "authoring/try_source.h"

#include <algorithm>
#include <utility>

#include "authoring/answer_guess.h"
#include "authoring/preview.h"
#include "domain/source_spec.h"
#include "engine/extract/extractor.h"
#include "engine/shape/shaper.h"
#include "json/record.h"
#include "schema/infer.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kRecordsShown = 3;
constexpr std::size_t kAnswerRead = 4U << 20;  // of an answer, for what stands beside the records

std::string number_of(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

class Trying {
 public:
  Trying(run::SourceAccess& access, const Value& connection_spec, extract::SourceInputs inputs,
         std::stop_token stop)
      : access_(access),
        connection_spec_(connection_spec),
        inputs_(std::move(inputs)),
        stop_(std::move(stop)),
        options_(access.defaults()) {
    options_.pages_max = 2;  // so that the plan shows what follows the first
    options_.fetch_ahead = 1;
    options_.schedule_parameters = false;
    for (const std::string_view name : {"account", "page", "records", "schema"}) {
      TriedStep step;
      step.name = name;
      trial_.steps.push_back(std::move(step));
    }
  }

  Result<Trial> run() {
    if (lacks_credentials()) return std::move(trial_);
    tell_unknown_params();
    const auto plan = TRY(extract::plan_requests(access_.services(), inputs_, options_));
    if (!plan.requests.empty()) first_ = plan.requests[0];
    if (plan.requests.size() > 1) trial_.next = plan.requests[1];
    if (inputs_.spec.paging.type == domain::PagingType::pointer)
      trial_.notes.insert(trial_.notes.end(), plan.notes.begin(), plan.notes.end());
    if (!TRY(account(plan.auth))) return std::move(trial_);
    TRY(page_and_records());
    return std::move(trial_);
  }

 private:
  TriedStep& step(std::size_t index) {
    trial_.steps[index].reached = true;
    return trial_.steps[index];
  }

  // What the spec requires and the account has not would be called for, and refused, without a reason.
  bool lacks_credentials() {
    const Value* entries = connection_spec_.find("authSpec");
    const Value* entry = extract::find_auth_spec(connection_spec_, inputs_.auth.spec_name);
    const bool asks = entries != nullptr && entries->is_array() && !entries->if_array()->empty();
    if (entry == nullptr && asks && inputs_.auth.spec_name.empty()) entry = &entries->if_array()->front();
    const Value* required = entry == nullptr ? nullptr : entry->find_path("spec.required");
    std::string missing;
    if (required != nullptr && required->is_array())
      for (const Value& name : *required->if_array()) {
        if (!name.is_string()) continue;
        const Value* given = inputs_.auth.params.find(*name.if_string());
        const bool is_given = given != nullptr && !given->is_null() && *given != Value("");
        if (!is_given) missing += (missing.empty() ? "\"" : ", \"") + *name.if_string() + "\"";
      }
    if (missing.empty()) return false;
    TriedStep& tried = step(0);
    tried.problem = "The account lacks " + missing + ", which \"" + std::string(entry->string_at("name")) +
                    "\" of authSpec requires; nothing was sent.";
    tried.hint = "Write it into a file, and give that with --auth.";
    return true;
  }

  // Given in vain: a slip of the name, most often.
  void tell_unknown_params() {
    const auto* given = inputs_.params.if_object();
    const Value* declared = inputs_.spec.inputs.find("properties");
    if (given == nullptr) return;
    for (const auto& [name, value] : *given)
      if ((declared == nullptr || declared->find(name) == nullptr) && !domain::is_execution_attribute(name))
        trial_.notes.push_back("The spec declares no parameter \"" + name +
                               "\": what was given is not used.");
  }

  Result<bool> account(const std::string& auth) {
    TriedStep& tried = step(0);
    auto probe = TRY(extract::probe_credentials(access_.services(), inputs_.auth, options_.client, stop_));
    if (probe.called) {
      extract::PlannedRequest sent;
      sent.method = "GET";
      sent.url = extract::without_credentials(
          std::string(inputs_.auth.params.string_at("authorizationTestUrl")), inputs_.auth);
      tried.sent = std::move(sent);
    } else {
      probe = TRY(extract::probe_source(access_.services(), inputs_, options_.client, stop_));
      tried.sent = first_;
    }
    if (!probe.sent) {
      tried.sent.reset();
      tried.hint = "No token could be got: check the token address and what authSpec and --auth send to it.";
    }
    tried.good = probe.accepted;
    tried.got = !probe.sent         ? "no token"
                : probe.status == 0 ? "no answer"
                                    : "status " + std::to_string(probe.status);
    if (probe.accepted) {
      tried.made = auth == "none" ? "the source asks for no account" : "the account is accepted: " + auth;
      return true;
    }
    tried.problem = extract::without_credentials(probe.message, extract::secrets_of(inputs_));
    if (probe.status == 401 || probe.status == 403)
      tried.hint = "The source refuses the account: check --auth, and where authSpec sends its values.";
    else if (probe.status == 404)
      tried.hint = "There is nothing at this address: check urlParams and the parameters.";
    return false;
  }

  void fail(TriedStep& tried, const Error& error) {
    tried.problem = error.message;
    if (error.code == "CONNECTOR-1313-400" || error.code == "CONNECTOR-1315-400")
      tried.hint =
          "contentPath must name the array of records; \"headwater source init --from-curl\" guesses it.";
  }

  Result<void> page_and_records() {
    TriedStep& fetched = step(1);
    fetched.sent = first_;
    auto one_page = options_;
    one_page.pages_max = 1;
    extract::AnswerStart answer_start;
    answer_start.bytes_max = kAnswerRead;
    one_page.answer = &answer_start;
    const auto spec = inputs_.spec;
    auto extractor = TRY(extract::Extractor::make(access_.services(), inputs_, one_page));
    auto answer = extractor->next_page(stop_);
    if (!answer) {
      if (answer.error().kind == ErrorKind::cancelled) return answer.error();
      fail(fetched, answer.error());
      return {};
    }
    if (!*answer) {
      fetched.good = true;
      fetched.got = "an empty answer";
      fetched.made = "no records";
      return {};
    }
    extract::Page& page = **answer;
    fetched.good = true;
    fetched.got = number_of(page.stats.bytes, "byte") + " of JSON";
    fetched.made = number_of(page.record_count, "element") +
                   (spec.content && !spec.content->names.empty() ? " of " + spec.content->path : "");
    if (!page.frame.kept.empty()) fetched.made += ", beside " + joined(page.frame.kept);
    if (spec.paging.type == domain::PagingType::none) tell_further_pages(answer_start);
    return records(page, spec);
  }

  // A spec without paging reads the first page only, whatever the source says.
  void tell_further_pages(const extract::AnswerStart& answer) {
    const auto document = json::parse(answer.text);
    const std::string place = document ? more_pages_at(*document) : "";
    if (!place.empty())
      trial_.notes.push_back("The answer says at " + place +
                             " that there are further pages, and the spec has none: a run reads this page "
                             "only. Fill in paginationParams.");
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  // A source's links may repeat the key that they were asked with.
  Result<json::Value> shown(const json::Record& record) const {
    std::string text;
    shape::append_without_nulls(text, record);
    auto masked = json::parse(extract::without_credentials(text, extract::secrets_of(inputs_)));
    return masked ? std::move(masked) : json::parse(text);
  }

  Result<void> records(extract::Page& page, const domain::SourceSpec& spec) {
    TriedStep& shaped_step = step(2);
    auto shaper = TRY(shape::Shaper::make(spec.content, spec.explode, shape::Mode::ingest));
    const auto begun = shaper.begin_page(page.frame);
    if (!begun) {
      fail(shaped_step, begun.error());
      return {};
    }
    json::RecordGroup elements;
    json::RecordParser parser;
    schema::Inference inference;
    Array first;
    std::uint64_t count = 0;
    std::uint64_t rejected = 0;
    std::string reason;
    shape::Shaped shaped;
    const auto take = [&]() -> Result<void> {
      rejected += shaped.rejects.size();
      if (reason.empty() && !shaped.rejects.empty()) reason = shaped.rejects[0].reason;
      for (std::size_t i = 0; i < shaped.records.size(); ++i) {
        const auto record = TRY(parser.parse(shaped.records[i]));
        inference.add(record);
        ++count;
        if (first.size() < kRecordsShown) first.push_back(TRY(shown(record)));
      }
      shaped.clear();
      return {};
    };
    while (TRY(page.read(elements))) {
      for (std::size_t i = 0; i < elements.size(); ++i) {
        shaper.shape(elements[i], i, shaped);
        TRY(take());
        while (shaper.has_more()) {
          shaper.more(shaped);
          TRY(take());
        }
      }
    }
    shaped_step.got = number_of(page.record_count, "element");
    shaped_step.made = number_of(count, "record");
    shaped_step.good = rejected == 0;
    if (rejected > 0) {
      shaped_step.made += ", " + number_of(rejected, "element") + " rejected";
      shaped_step.problem = "An element is no record: " + reason + ".";
    }
    if (count == 0 && page.record_count > 0)
      trial_.notes.emplace_back("Elements whose exploded array is empty give no record.");
    if (!spec.content && first.size() == 1)
      if (const auto array = find_records(first[0]); array && array->records > 1)
        trial_.notes.push_back("The answer is one record, and holds " + number_of(array->records, "object") +
                               " at " + array->path() +
                               ": name that in contentPath if they are the records.");
    schema_of(spec, inference, count);
    shaped_step.detail = std::move(first);
    return {};
  }

  void schema_of(const domain::SourceSpec& spec, const schema::Inference& inference, std::uint64_t count) {
    TriedStep& derived = step(3);
    derived.good = true;
    const bool own = !spec.schema.is_null();
    derived.detail = own ? shape::shaped_schema(spec.schema, spec.content, spec.explode) : inference.schema();
    derived.got = own ? "the spec's own schema" : number_of(count, "record");
    const Value* properties = derived.detail.find("properties");
    const std::size_t members =
        properties == nullptr || !properties->is_object() ? 0 : properties->if_object()->size();
    derived.made = "a schema with " + number_of(members, "member");
    if (count == 0 && !own)
      trial_.notes.emplace_back("The page has no records, so nothing is known of them.");
  }

  run::SourceAccess& access_;
  const Value& connection_spec_;
  extract::SourceInputs inputs_;
  std::stop_token stop_;
  extract::ExtractorOptions options_;
  std::optional<extract::PlannedRequest> first_;
  Trial trial_;
};

Value encode_request(const std::optional<extract::PlannedRequest>& request) {
  if (!request) return {};
  Object headers;
  for (const auto& [name, value] : request->headers) headers.set(name, value);
  Object out{{"method", request->method}, {"url", request->url}, {"headers", std::move(headers)}};
  if (!request->body.empty()) out.set("body", request->body);
  return out;
}

void append_request(std::string& out, const extract::PlannedRequest& request) {
  out += "  sent    " + request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers)
    out.append("          ").append(name).append(": ").append(value).append("\n");
  if (!request.body.empty()) out += "          " + request.body + "\n";
}

}  // namespace

bool Trial::good() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](const TriedStep& each) { return !each.reached || each.good; });
}

Result<Trial> try_source(run::SourceAccess& access, const run::SourceDocuments& draft, std::stop_token stop) {
  if (domain::needs_no_requests(draft.connection_spec))
    return Error{
        ErrorKind::invalid_argument,
        "This source calls nobody: its events are posted to the inlet of a flow. Publish it, make a flow, "
        "and try it with \"headwater inlet send\"."};
  auto inputs = TRY(run::SourceAccess::read(draft, extract::Window{}));
  return Trying(access, draft.connection_spec, std::move(inputs), std::move(stop)).run();
}

Value encode(const Trial& trial) {
  Array steps;
  for (const auto& each : trial.steps) {
    Object step{{"name", each.name},
                {"outcome", !each.reached ? "notReached"
                            : each.good   ? "good"
                                          : "failed"}};
    if (each.sent) step.set("sent", encode_request(each.sent));
    if (!each.got.empty()) step.set("got", each.got);
    if (!each.made.empty()) step.set("made", each.made);
    if (!each.problem.empty()) step.set("problem", each.problem);
    if (!each.hint.empty()) step.set("hint", each.hint);
    if (!each.detail.is_null()) step.set(each.detail.is_array() ? "records" : "schema", each.detail);
    steps.push_back(std::move(step));
  }
  Array notes;
  for (const auto& note : trial.notes) notes.emplace_back(note);
  Object out{{"good", trial.good()}, {"steps", std::move(steps)}, {"notes", std::move(notes)}};
  if (trial.next) out.set("nextPage", encode_request(trial.next));
  return out;
}

std::string format(const Trial& trial) {
  std::string out;
  int number = 0;
  for (const auto& each : trial.steps) {
    out += std::to_string(++number) + ". " + std::string(each.name) +
           (!each.reached ? ": not reached\n"
            : each.good   ? ": good\n"
                          : ": failed\n");
    if (each.sent) append_request(out, *each.sent);
    if (!each.got.empty()) out += "  got     " + each.got + "\n";
    if (!each.made.empty()) out += "  made    " + each.made + "\n";
    if (!each.problem.empty()) out += "  problem " + each.problem + "\n";
    if (!each.hint.empty()) out += "          " + each.hint + "\n";
    if (each.detail.is_array())
      for (const Value& record : *each.detail.if_array()) out += "          " + record.dump() + "\n";
    if (each.detail.is_object()) append_schema(out, each.detail, 10);
  }
  if (trial.next) {
    out += "Page 2 would be " + trial.next->method + " " + trial.next->url + "\n";
    if (!trial.next->body.empty()) out += "          " + trial.next->body + "\n";
  }
  for (const auto& note : trial.notes) out += "note: " + note + "\n";
  return out;
}

}  // namespace headwater::authoring
