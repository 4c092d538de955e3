#include "engine/extract/request_plan.h"

#include <algorithm>
#include <utility>

#include "engine/extract/paginator.h"
#include "engine/extract/request_builder.h"

namespace headwater::extract {

namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kPagesShown = 3;

std::string joined(const std::vector<std::string>& names) {
  std::string text = "$";
  for (const auto& name : names) text += "." + name;
  return text;
}

// "***" is percent-encoded like any other value; a person wants to read it.
std::string readable(std::string text) {
  constexpr std::string_view kEncoded = "%2A%2A%2A";
  for (std::size_t at = text.find(kEncoded); at != std::string::npos; at = text.find(kEncoded, at))
    text.replace(at, kEncoded.size(), kMask);
  return text;
}

void mask_members(json::Value& params, const std::vector<std::string>& names) {
  auto* object = params.if_object();
  if (!object) return;
  for (auto& [name, value] : *object)
    if (!value.is_null() && std::find(names.begin(), names.end(), name) != names.end())
      value = json::Value(kMask);
}

// The plan is made from inputs that hold no secret any more, so none can slip through.
SourceInputs masked(SourceInputs inputs) {
  mask_members(inputs.auth.params, inputs.auth.secret_names);
  for (auto& key : inputs.auth.keys) key.value = Secret(std::string(kMask));
  std::vector<std::string> secret_inputs;
  if (const auto* properties = inputs.spec.inputs.find("properties"); properties && properties->is_object())
    for (const auto& [name, property] : *properties->if_object())
      if (property.string_at("format") == "password") secret_inputs.push_back(name);
  mask_members(inputs.params, secret_inputs);
  return inputs;
}

AuthMarks masked_marks(const AuthSettings& auth) {
  AuthMarks marks;
  switch (auth.type) {
    case AuthType::none:
      break;
    case AuthType::oauth2_refresh_code:
    case AuthType::oauth2_client_credential:
      marks.headers.emplace_back("Authorization", "Bearer ***");
      break;
    case AuthType::basic:
      marks.headers.emplace_back("Authorization", "Basic ***");
      break;
    case AuthType::key_based:
      for (const auto& key : auth.keys) {
        if (key.place == KeyPlacement::Place::header) marks.headers.emplace_back(key.name, kMask);
        if (key.place == KeyPlacement::Place::query) marks.query.emplace_back(key.name, kMask);
        if (key.place == KeyPlacement::Place::body) marks.body.emplace_back(key.name, kMask);
      }
      break;
  }
  return marks;
}

std::string paging_text(const domain::Paging& paging, const std::string& limit) {
  const std::string size =
      paging.limit_name.empty() ? std::string() : " (" + paging.limit_name + "=" + limit + ")";
  switch (paging.type) {
    case domain::PagingType::none:
      return paging.declared ? "NONE: one request" : "NONE (the spec says nothing about paging): one request";
    case domain::PagingType::offset:
      return "OFFSET by " + paging.offset_name + size;
    case domain::PagingType::pointer:
      return "POINTER: the next link " +
             (paging.pointer_header.empty() ? "at " + joined(paging.pointer_path)
                                            : "in the header " + paging.pointer_header) +
             size;
    case domain::PagingType::continuation_token:
      return "CONTINUATION_TOKEN from " +
             (paging.token_header.empty() ? joined(paging.token_path) : "header " + paging.token_header) +
             " into " + paging.token_name + size;
    case domain::PagingType::page:
      return "PAGE by " + paging.page_name + " from " + std::to_string(paging.initial_page) + size;
  }
  return {};
}

std::string end_text(const domain::Paging& paging) {
  if (paging.type == domain::PagingType::none) return {};
  if (paging.end_condition) {
    const auto& condition = *paging.end_condition;
    const std::string name =
        condition.header.empty() ? joined(condition.names) : "header " + condition.header;
    switch (condition.test) {
      case domain::EndCondition::Test::constant:
        return "; ends when " + name + " is " + condition.constant;
      case domain::EndCondition::Test::empty:
        return "; ends when " + name + " is empty";
      case domain::EndCondition::Test::exist:
        return "; ends when " + name + " exists";
      case domain::EndCondition::Test::non_exist:
        return "; ends when " + name + " does not exist";
    }
  }
  if (paging.end_page) return "; ends with page " + std::to_string(*paging.end_page);
  if (!paging.end_page_header.empty())
    return "; ends after the number of pages in header " + paging.end_page_header;
  if (paging.type == domain::PagingType::pointer) return "; ends without a link";
  if (paging.type == domain::PagingType::continuation_token)
    return "; ends without a new token or without records";
  return "; ends with a page that is not full, or at the total that the source counts";
}

PlannedRequest shown(const http::ClientRequest& request, std::string why) {
  PlannedRequest planned;
  planned.method = request.method;
  planned.url = readable(request.url.text());
  planned.headers = request.headers;
  planned.body = readable(request.body);
  planned.why = std::move(why);
  return planned;
}

void add_calls(RequestPlan& plan, const domain::Paging& paging, const ExtractorOptions& options) {
  const auto take_least = [&plan](std::uint64_t calls) {
    plan.calls_max = plan.calls_max ? std::min(*plan.calls_max, calls) : calls;
  };
  if (paging.request_max > 0) take_least(static_cast<std::uint64_t>(paging.request_max));
  if (options.pages_max > 0) take_least(options.pages_max);
  if (paging.end_page) {
    const auto pages = static_cast<std::uint64_t>(*paging.end_page - paging.initial_page + 1);
    take_least(pages);
    plan.calls_estimated = plan.calls_max;
  }
  if (paging.type == domain::PagingType::none) {
    take_least(1);
    plan.calls_estimated = 1;
  }
}

}  // namespace

Result<RequestPlan> plan_requests(const Services& services, const SourceInputs& inputs,
                                  const ExtractorOptions& options) {
  const SourceInputs safe = masked(inputs);
  const auto& paging = safe.spec.paging;
  const auto requests = TRY(RequestBuilder::make(safe, services.clock.now(), options.schedule_parameters));
  const auto paginator = TRY(Paginator::make(paging, requests.limit_text()));
  const auto marks = masked_marks(safe.auth);
  RequestPlan plan;
  plan.paging = paging_text(paging, requests.limit_text()) + end_text(paging);
  plan.auth = safe.auth.type == AuthType::none
                  ? "none"
                  : safe.auth.spec_name + " (" + std::string(name_of(safe.auth.type)) + ")";
  plan.delay = paging.delay;
  add_calls(plan, paging, options);

  const bool counts = paging.type == domain::PagingType::offset || paging.type == domain::PagingType::page;
  const std::size_t shown_max = counts ? kPagesShown : 1;
  for (std::size_t page = 0; page < std::min<std::size_t>(shown_max, plan.calls_max.value_or(shown_max));
       ++page) {
    const auto request =
        TRY(requests.build(counts ? paginator.request_ahead(page) : paginator.request(), marks));
    plan.requests.push_back(shown(request, "page " + std::to_string(page + 1)));
  }
  if (paging.type == domain::PagingType::continuation_token) {
    PageParameters next = paginator.request();
    const std::string token = "<token of page 1>";
    if (paging.token_place == domain::ParameterPlace::header)
      next.headers.emplace_back(paging.token_name, token);
    else if (paging.token_place == domain::ParameterPlace::body)
      next.body.emplace_back(paging.token_name, json::Value(token));
    else
      next.query.emplace_back(paging.token_name, token);
    const auto request = TRY(requests.build(next, marks));
    plan.requests.push_back(shown(request, "page 2"));
  }
  if (paging.type == domain::PagingType::pointer)
    plan.notes.push_back("Page 2 and later go to the link that " + joined(paging.pointer_path) +
                         " holds, as it is given.");

  const auto& variables = requests.variables();
  plan.window_start = variables.start_text();
  plan.window_end = variables.end_text();
  if (safe.spec.schedule.empty())
    plan.notes.push_back("The spec has no scheduleParams: every run reads everything.");
  else if (!safe.window.start && options.schedule_parameters)
    plan.notes.push_back("There is no lower bound: everything up to the window's end is read.");
  if (safe.auth.type == AuthType::oauth2_refresh_code &&
      !safe.auth.params.string_at("accessTokenUrl").empty())
    plan.notes.push_back(
        "The access token is refreshed 30 seconds before it ends (in the last quarter of a shorter life), or "
        "after a 401.");
  if (counts && paging.delay.count() == 0 && options.fetch_ahead > 1)
    plan.notes.push_back(
        "The next page is asked for while the one before it is landed. Once the end is known, up to " +
        std::to_string(options.fetch_ahead) + " pages are in flight.");
  if (paging.request_max > 0)
    plan.notes.push_back("The run ends (partialSuccess) after " + std::to_string(paging.request_max) +
                         " requests.");
  return plan;
}

Result<std::optional<PlannedRequest>> plan_next(const Services& services, const SourceInputs& inputs,
                                                const ExtractorOptions& options, std::string_view cursor) {
  const SourceInputs safe = masked(inputs);
  const auto requests = TRY(RequestBuilder::make(safe, services.clock.now(), options.schedule_parameters));
  auto paginator = TRY(Paginator::make(safe.spec.paging, requests.limit_text()));
  const auto state = TRY(json::parse(cursor));
  if (const auto* paging = state.find("paging")) TRY(paginator.restore(*paging));
  if (paginator.finished()) return std::optional<PlannedRequest>();
  const auto request = TRY(requests.build(paginator.request(), masked_marks(safe.auth)));
  auto planned = shown(request, "next page");
  // A link or a token is the source's own text, and may say again what it was asked with.
  const auto secrets = secrets_of(inputs);
  planned.url = without_credentials(std::move(planned.url), secrets);
  planned.body = without_credentials(std::move(planned.body), secrets);
  for (auto& [name, value] : planned.headers) value = without_credentials(std::move(value), secrets);
  return std::optional<PlannedRequest>(std::move(planned));
}

json::Value PlannedRequest::to_json() const {
  json::Object request{{"why", why}, {"method", method}, {"url", url}};
  json::Object all;
  for (const auto& [name, value] : headers) all.set(name, json::Value(value));
  request.set("headers", json::Value(std::move(all)));
  if (!body.empty()) request.set("body", json::Value(body));
  return request;
}

json::Value RequestPlan::to_json() const {
  json::Object plan;
  json::Array list;
  for (const auto& each : requests) {
    list.push_back(each.to_json());
  }
  plan.set("requests", json::Value(std::move(list)));
  plan.set("paging", json::Value(paging));
  plan.set("auth", json::Value(auth));
  json::Object window;
  window.set("start", window_start.empty() ? json::Value() : json::Value(window_start));
  window.set("end", window_end.empty() ? json::Value() : json::Value(window_end));
  plan.set("window", json::Value(std::move(window)));
  plan.set("callsMax", calls_max ? json::Value(*calls_max) : json::Value());
  plan.set("callsEstimated", calls_estimated ? json::Value(*calls_estimated) : json::Value());
  plan.set("delayMillis", json::Value(static_cast<std::int64_t>(delay.count())));
  json::Array all_notes;
  for (const auto& each : notes) all_notes.emplace_back(each);
  plan.set("notes", json::Value(std::move(all_notes)));
  return json::Value(std::move(plan));
}

}  // namespace headwater::extract
