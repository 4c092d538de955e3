#include "authoring/mock_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "authoring/dotnet_time.h"
#include "authoring/mock_access.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/text_template.h"

namespace headwater::authoring {
namespace {

using domain::EndCondition;
using domain::PagingType;
using domain::ParameterPlace;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kCursorParameter = "mock_cursor";  // in the links of POINTER
constexpr std::string_view kCursorPrefix = "page-from-";

Error bad(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

std::optional<std::string> asked(const http::Request& request, ParameterPlace place, std::string_view name) {
  if (name.empty()) return std::nullopt;
  std::optional<std::string_view> found;
  if (place == ParameterPlace::body) return body_member(request, name);
  found = place == ParameterPlace::header ? request.header(name) : request.query_param(name);
  return found ? std::optional<std::string>(*found) : std::nullopt;
}

Result<std::uint64_t> number(const std::optional<std::string>& text, std::string_view name,
                             std::uint64_t otherwise) {
  if (!text) return otherwise;
  const auto value = Value(*text).as_int64_lenient();
  if (!value || *value < 0) return bad(fmt::format("{} must be a whole number, and is \"{}\".", name, *text));
  return static_cast<std::uint64_t>(*value);
}

std::string cursor_from(std::uint64_t start) { return std::string(kCursorPrefix) + std::to_string(start); }

Result<std::uint64_t> start_of_cursor(const std::optional<std::string>& cursor) {
  if (!cursor || cursor->empty()) return std::uint64_t{0};
  if (!cursor->starts_with(kCursorPrefix))
    return bad("\"" + *cursor + "\" is no cursor that the mock has given.");
  return number(cursor->substr(kCursorPrefix.size()), "the cursor", 0);
}

struct Bounds {
  std::optional<TimePoint> start, end;
};

Result<std::optional<TimePoint>> time_in(const std::optional<std::string>& text, std::string_view name,
                                         std::string_view format) {
  if (!text) return std::optional<TimePoint>();
  const auto time = read_dotnet(*text, format);
  if (!time) return bad(fmt::format("{} must be a time written as {}, and is \"{}\".", name, format, *text));
  return time;
}

// The texts of a request in which {SCHEDULE_QUERY} may stand.
std::vector<std::string> texts_of(const http::Request& request) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : request.query) texts.push_back(value);
  for (const auto& [name, value] : request.headers) texts.push_back(value);
  texts.push_back(percent_decode(request.path));
  texts.push_back(request.body);
  return texts;
}

// The times of an ADVANCE text that is as the template says; nullopt when it is another text.
std::optional<Bounds> match_template(std::string_view text, const domain::TextTemplate& parsed,
                                     std::string_view format) {
  using Kind = domain::TextTemplate::PartKind;
  Bounds bounds;
  bool anchored = false;  // at the first literal the text may have begun before
  for (const auto& part : parsed.parts()) {
    if (part.kind == Kind::literal) {
      const auto at = text.find(part.text);
      if (at == std::string_view::npos || (anchored && at > 64)) return std::nullopt;
      text.remove_prefix(at + part.text.size());
    } else if (part.kind == Kind::start_time || part.kind == Kind::end_time) {
      const auto time = read_dotnet(text, format);
      if (!time) return std::nullopt;
      (part.kind == Kind::start_time ? bounds.start : bounds.end) = time;
    }
    anchored = true;
  }
  return bounds;
}

Result<Bounds> read_bounds(const domain::ScheduleParams& schedule, const http::Request& request) {
  Bounds bounds;
  if (!schedule.advance) {
    const auto query = ParameterPlace::query;
    bounds.start =
        TRY(time_in(asked(request, query, schedule.start_name), schedule.start_name, schedule.start_format));
    bounds.end =
        TRY(time_in(asked(request, query, schedule.end_name), schedule.end_name, schedule.end_format));
    return bounds;
  }
  for (const auto* written : {&schedule.incremental, &schedule.backfill}) {
    if (written->empty()) continue;
    const auto parsed = TRY(domain::TextTemplate::parse(*written));
    for (const auto& text : texts_of(request))
      if (const auto found = match_template(text, parsed, schedule.param_format)) return *found;
  }
  return bounds;
}

// A value that differs from the one that ends the paging, of the same kind.
Value unlike(const Value& end) {
  if (const auto* flag = end.if_boolean()) return !*flag;
  if (const auto number = end.as_int64()) return *number + 1;
  return "more";
}

Value constant_of(const std::string& text) {
  auto parsed = json::parse(text);
  return parsed && !parsed->is_object() && !parsed->is_array() ? *std::move(parsed) : Value(text);
}

const Value* find_at(const Object& object, const std::vector<std::string>& names) {
  const Value* place = object.find(names.front());
  for (std::size_t i = 1; i < names.size() && place != nullptr; ++i) place = place->find(names[i]);
  return place;
}

void erase_at(Object& object, const std::vector<std::string>& names) {
  Object* place = &object;
  for (std::size_t i = 0; i + 1 < names.size() && place != nullptr; ++i) {
    auto* next = place->find(names[i]);
    place = next == nullptr ? nullptr : next->if_object();
  }
  if (place != nullptr) place->erase(names.back());
}

void set_end_condition(const MockPlan& plan, bool last, Object& answer, http::Response& response) {
  const auto& condition = *plan.spec.paging.end_condition;
  const Value end = constant_of(condition.constant);
  if (!condition.header.empty()) {
    const bool present = condition.test == EndCondition::Test::constant ||
                         condition.test == EndCondition::Test::empty ||
                         last == (condition.test == EndCondition::Test::exist);
    const Value value = last ? end : unlike(end);
    const std::string text = condition.test == EndCondition::Test::constant
                                 ? (value.is_string() ? *value.if_string() : value.dump())
                             : condition.test == EndCondition::Test::empty && last ? std::string()
                                                                                   : std::string("more");
    if (present) response.headers.emplace_back(condition.header, text);
    return;
  }
  if (condition.names == plan.content) return;  // the page's own records tell
  const bool has_value = find_at(answer, condition.names) != nullptr;
  switch (condition.test) {
    case EndCondition::Test::constant:
      if (last || !has_value) set_at(answer, condition.names, last ? end : unlike(end));
      return;
    case EndCondition::Test::empty:
      if (last || !has_value) set_at(answer, condition.names, last ? Value() : Value("more"));
      return;
    case EndCondition::Test::non_exist:
      if (last)
        erase_at(answer, condition.names);
      else if (!has_value)
        set_at(answer, condition.names, "more");
      return;
    case EndCondition::Test::exist:
      if (last)
        set_at(answer, condition.names, true);
      else
        erase_at(answer, condition.names);
      return;
  }
}

std::string link_from(const http::Request& request, std::uint64_t start, const MockPlan& plan,
                      std::string_view base) {
  QueryParams query;
  for (const auto& [name, value] : request.query)
    if (name != kCursorParameter) query.emplace_back(name, value);
  // A link that repeats a key would carry it into the answer.
  const auto* entries = plan.connection_spec.find("authSpec");
  if (entries != nullptr && entries->is_array())
    for (const auto& entry : *entries->if_array())
      if (const auto* properties = entry.find_path("spec.properties");
          properties != nullptr && properties->is_object())
        for (const auto& [name, schema] : *properties->if_object())
          if (const auto* rest = schema.find("restAttributes"))
            std::erase_if(
                query, [rest](const auto& each) { return each.first == rest->string_at("queryParamName"); });
  query.emplace_back(kCursorParameter, cursor_from(start));
  return std::string(base) + request.path + "?" + format_query(query);
}

void set_cursor(const MockPlan& plan, const http::Request& request, const MockAsk& ask, bool repeat,
                std::string_view base, Object& answer) {
  const auto& paging = plan.spec.paging;
  const bool links = paging.type == PagingType::pointer;
  if (!paging.pointer_header.empty()) return;
  if (!links && (paging.type != PagingType::continuation_token || !paging.token_header.empty())) return;
  const auto& place = links ? paging.pointer_path : paging.token_path;
  if (ask.is_last() && !repeat) {
    set_at(answer, place, Value());
    return;
  }
  // The repeated one leads from the last page back to the first.
  const std::uint64_t next = ask.is_last() ? 0 : ask.start + ask.limit;
  set_at(answer, place, links ? link_from(request, next, plan, base) : cursor_from(next));
}

// The array of records at the end of the steps of a JSONPath.
Value wrapped(Value records, const std::vector<MockStep>& steps) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (step->kind == MockStep::Kind::name) {
      Object around;
      around.set(step->name, std::move(records));
      records = std::move(around);
      continue;
    }
    Array around;
    for (std::size_t i = 0; i < step->index; ++i) around.emplace_back(Object{});
    around.push_back(std::move(records));
    records = std::move(around);
  }
  return records;
}

void set_siblings(const MockPlan& plan, const MockAsk& ask, Object& answer) {
  auto place = plan.content;
  for (const auto& name : plan.siblings) {
    if (place.empty() || name == plan.content.back()) continue;
    place.back() = name;
    if (find_at(answer, place) != nullptr) continue;
    const bool counts = name.find("total") != std::string::npos || name.find("ount") != std::string::npos;
    set_at(answer, place, counts ? Value(ask.high - ask.low) : Value("sibling " + name));
  }
}

}  // namespace

std::uint64_t MockAsk::count() const {
  const auto total = high - low;
  return start >= total ? 0 : std::min(limit, total - start);
}

Result<MockAsk> read_mock_ask(const MockPlan& plan, const MockRecords& records,
                              const http::Request& request) {
  const auto& paging = plan.spec.paging;
  MockAsk ask;
  const auto bounds = TRY(read_bounds(plan.spec.schedule, request));
  ask.low = bounds.start ? records.index_at(*bounds.start) : 0;
  ask.high = std::max(ask.low, bounds.end ? records.index_at(*bounds.end) : records.size());
  ask.limit = std::max<std::uint64_t>(1, ask.high - ask.low);
  if (paging.type == PagingType::none) return ask;
  // The limit of a token's page is a query parameter wherever the token stands.
  auto limit = asked(request, ParameterPlace::query, paging.limit_name);
  if (!limit) limit = asked(request, paging.token_place, paging.limit_name);
  ask.limit = TRY(number(limit, paging.limit_name, plan.page_size));
  if (ask.limit == 0) return bad(paging.limit_name + " must be at least 1.");
  if (paging.type == PagingType::offset)
    ask.start = TRY(number(asked(request, paging.token_place, paging.offset_name), paging.offset_name, 0));
  if (paging.type == PagingType::page) {
    const auto first = static_cast<std::uint64_t>(std::max<std::int64_t>(0, paging.initial_page));
    const auto page =
        TRY(number(asked(request, paging.token_place, paging.page_name), paging.page_name, first));
    if (page < first) return bad(fmt::format("{} begins with {}.", paging.page_name, first));
    constexpr std::uint64_t kPagesMax = 1'000'000'000;
    ask.start = std::min(page - first, kPagesMax) * ask.limit;
  }
  if (paging.type == PagingType::pointer)
    ask.start = TRY(start_of_cursor(asked(request, ParameterPlace::query, kCursorParameter)));
  if (paging.type == PagingType::continuation_token)
    ask.start = TRY(start_of_cursor(asked(request, paging.token_place, paging.token_name)));
  return ask;
}

http::Response mock_page(const MockPlan& plan, const MockRecords& records, const http::Request& request,
                         const MockAsk& ask, const MockFaultsOfPage& faults, std::string_view base) {
  const auto& paging = plan.spec.paging;
  const bool counts = paging.type == PagingType::offset || paging.type == PagingType::page;
  MockAsk shown = ask;
  if (faults.repeat_cursor && counts && ask.page() > 0) shown.start = ask.start - ask.limit;
  Array elements;
  for (std::uint64_t i = 0; i < shown.count(); ++i) {
    const auto index = shown.low + shown.start + i;
    elements.push_back(records.element(index, faults.drift && index >= records.size() / 2));
  }
  auto response = http::Response::text(200, {}, "application/json");
  const std::uint64_t total = ask.high - ask.low;
  if (!paging.end_page_header.empty())
    response.headers.emplace_back(paging.end_page_header,
                                  std::to_string((total + ask.limit - 1) / ask.limit));
  if (!paging.token_header.empty() && (!ask.is_last() || faults.repeat_cursor))
    response.headers.emplace_back(paging.token_header,
                                  cursor_from(ask.is_last() ? 0 : ask.start + ask.limit));
  if (!paging.pointer_header.empty() && (!ask.is_last() || faults.repeat_cursor)) {
    const auto link = link_from(request, ask.is_last() ? 0 : ask.start + ask.limit, plan, base);
    const bool is_link = equal_ignoring_case(paging.pointer_header, "link");
    response.headers.emplace_back(paging.pointer_header, is_link ? "<" + link + ">; rel=\"next\"" : link);
  }
  Value records_array = wrapped(std::move(elements), plan.wrapping);
  if (plan.content.empty()) {
    if (paging.end_condition) {
      Object nowhere;
      set_end_condition(plan, ask.is_last(), nowhere, response);
    }
    response.body = records_array.dump();
    return response;
  }
  Object answer;
  set_at(answer, plan.content, std::move(records_array));
  if (!paging.total_path.empty()) set_at(answer, paging.total_path, total);
  set_cursor(plan, request, ask, faults.repeat_cursor, base, answer);
  if (paging.end_condition) set_end_condition(plan, ask.is_last() && !faults.repeat_cursor, answer, response);
  set_siblings(plan, ask, answer);
  response.body = Value(std::move(answer)).dump();
  return response;
}

}  // namespace headwater::authoring
