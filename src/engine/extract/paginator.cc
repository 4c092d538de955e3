#include "engine/extract/paginator.h"

#include "engine/extract/link_header.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/trim.h"
#include "domain/expression.h"
#include "engine/extract/cursor_state.h"

namespace headwater::extract {

namespace {

constexpr std::uint64_t kEmptyTokenPages = 3;
constexpr std::uint64_t kEmptyPagesMax = 100;

// Headers in which servers count all records, and all pages.
constexpr std::array<std::string_view, 6> kTotalHeaders = {
    "X-Total-Count", "X-WP-Total", "X-Total", "Total-Count", "X-Total-Records", "X-Total-Results"};
constexpr std::array<std::string_view, 7> kPageCountHeaders = {
    "X-WP-TotalPages", "X-TotalPages", "X-Total-Pages", "X-Page-Count",
    "X-PageCount",     "X-Pages",      "Total-Pages"};

constexpr std::string_view kWhite = " \t\r\n\f\v";

std::optional<std::uint64_t> whole_number(std::string_view text) {
  text = trimmed(text, kWhite);
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

std::optional<std::uint64_t> header_number(const PageFacts& facts, std::string_view name) {
  const auto value = http::find_header(*facts.headers, name);
  return value ? whole_number(*value) : std::nullopt;
}

Error source_error(std::string message) {
  return Error{ErrorKind::upstream, std::move(message), {}, "CONNECTOR-1001-500"};
}

bool is_empty(const json::Value& value) {
  if (value.is_null()) return true;
  if (const auto* text = value.if_string()) return text->empty();
  if (const auto* list = value.if_array()) return list->empty();
  if (const auto* object = value.if_object()) return object->empty();
  return false;
}

std::string member_text(const json::Value& state, std::string_view name) {
  return std::string(state.string_at(name));
}

}  // namespace

Result<Paginator> Paginator::make(const domain::Paging& paging, std::string_view limit_text) {
  Paginator paginator(paging);
  paginator.limit_text_ = std::string(limit_text.empty() ? std::string_view(paging.limit_value) : limit_text);
  if (const auto number = whole_number(paginator.limit_text_); number && *number > 0)
    paginator.limit_ =
        static_cast<std::int64_t>(std::min<std::uint64_t>(*number, std::numeric_limits<std::int32_t>::max()));
  if (paging.type == domain::PagingType::offset && paginator.limit_ == 0)
    return Error{ErrorKind::invalid_argument, "OFFSET needs limitValue as a whole number of at least 1.",
                 "/sourceSpec/attributes/paginationParams/limitValue"};
  const auto add_probe = [&paginator](const std::vector<std::string>& path) {
    if (path.empty()) return -1;
    paginator.probes_.push_back(path);
    return static_cast<int>(paginator.probes_.size()) - 1;
  };
  if (paging.end_condition) paginator.end_probe_ = add_probe(paging.end_condition->names);
  paginator.total_probe_ = add_probe(paging.total_path);
  if (paging.type == domain::PagingType::pointer) paginator.cursor_probe_ = add_probe(paging.pointer_path);
  if (paging.type == domain::PagingType::continuation_token)
    paginator.cursor_probe_ = add_probe(paging.token_path);
  return paginator;
}

json::Value Paginator::state() const {
  json::Object state;
  state.set("index", json::Value(index_));
  state.set("requests", json::Value(requests_));
  if (!token_.empty()) state.set("token", json::Value(token_));
  if (token_is_number_) state.set("tokenIsNumber", json::Value(true));
  if (!link_.empty()) state.set("link", json::Value(link_));
  if (checking_) state.set("checking", json::Value(true));
  if (finished_) state.set("finished", json::Value(true));
  state.set("firstCount", json::Value(first_count_));
  if (total_) state.set("total", json::Value(*total_));
  if (total_declared_) state.set("totalDeclared", json::Value(true));
  if (page_count_) state.set("pageCount", json::Value(*page_count_));
  state.set("empty", json::Value(empty_in_a_row_));
  state.set("same", json::Value(same_in_a_row_));
  state.set("bodyHash", json::Value(std::to_string(last_body_hash_)));
  state.set("elementsHash", json::Value(std::to_string(last_elements_hash_)));
  state.set("lastCount", json::Value(last_count_));
  if (gap_offset_) state.set("gap", json::Value(*gap_offset_));
  trail_.add_to(state);
  state.set("cycle", json::Value(cycle_.state()));
  return json::Value(std::move(state));
}

Result<void> Paginator::restore(const json::Value& state) {
  if (!state.is_object() || !state.find("index"))
    return Error{ErrorKind::invalid_argument, "The checkpoint's cursor cannot be read; start the run anew."};
  index_ = number_at(state, "index");
  requests_ = number_at(state, "requests");
  token_ = member_text(state, "token");
  token_is_number_ = state.find("tokenIsNumber") != nullptr;
  link_ = member_text(state, "link");
  checking_ = state.find("checking") != nullptr;
  finished_ = state.find("finished") != nullptr;
  first_count_ = number_at(state, "firstCount");
  if (state.find("total")) total_ = number_at(state, "total");
  total_declared_ = state.find("totalDeclared") != nullptr;
  if (state.find("pageCount")) page_count_ = number_at(state, "pageCount");
  empty_in_a_row_ = number_at(state, "empty");
  same_in_a_row_ = number_at(state, "same");
  last_body_hash_ = hash_of_text(state.string_at("bodyHash"));
  last_elements_hash_ = hash_of_text(state.string_at("elementsHash"));
  last_count_ = number_at(state, "lastCount");
  if (state.find("gap")) gap_offset_ = number_at(state, "gap");
  trail_.restore(state);
  cycle_.restore(state.string_at("cycle"));
  return {};
}

void Paginator::place(PageParameters& request, const std::string& name, std::string value) const {
  if (name.empty()) return;
  switch (paging_.token_place) {
    case domain::ParameterPlace::query:
      request.query.emplace_back(name, std::move(value));
      break;
    case domain::ParameterPlace::header:
      request.headers.emplace_back(name, std::move(value));
      break;
    case domain::ParameterPlace::body: {
      // Counts are numbers in a JSON body; tokens are what they were in the answer.
      const bool is_number = name == paging_.token_name ? token_is_number_ : whole_number(value).has_value();
      request.body.emplace_back(
          name, is_number ? json::Value(json::Number{std::move(value)}) : json::Value(std::move(value)));
      break;
    }
  }
}

PageParameters Paginator::parameters_at(std::uint64_t index) const {
  if (paging_.type == domain::PagingType::offset)
    return parameters_from(index * static_cast<std::uint64_t>(limit_));
  PageParameters request;
  if (!limit_text_.empty()) place(request, paging_.limit_name, limit_text_);
  if (paging_.type == domain::PagingType::page)
    place(request, paging_.page_name,
          std::to_string(static_cast<std::uint64_t>(paging_.initial_page) + index));
  return request;
}

PageParameters Paginator::parameters_from(std::uint64_t offset) const {
  PageParameters request;
  if (!limit_text_.empty()) place(request, paging_.limit_name, limit_text_);
  place(request, paging_.offset_name, std::to_string(offset));
  return request;
}

PageParameters Paginator::gap_request() const { return parameters_from(gap_offset_.value_or(0)); }

PageParameters Paginator::request() const {
  if (checking_ && paging_.type == domain::PagingType::offset) return parameters_from(first_count_);
  PageParameters request;
  switch (paging_.type) {
    case domain::PagingType::none:
      break;
    case domain::PagingType::offset:
    case domain::PagingType::page:
      return parameters_at(index_);
    case domain::PagingType::pointer:
      if (!link_.empty()) {
        if (auto link = Url::parse(link_)) request.link = *std::move(link);
      } else if (!limit_text_.empty()) {
        place(request, paging_.limit_name, limit_text_);
      }
      break;
    case domain::PagingType::continuation_token: {
      // The limit is a query parameter wherever the token goes.
      if (!limit_text_.empty() && !paging_.limit_name.empty())
        request.query.emplace_back(paging_.limit_name, limit_text_);
      if (!token_.empty()) place(request, paging_.token_name, token_);
      break;
    }
  }
  return request;
}

PageParameters Paginator::request_ahead(std::uint64_t ahead) const { return parameters_at(index_ + ahead); }

std::optional<std::uint64_t> Paginator::last_page() const {
  std::optional<std::uint64_t> last;
  const auto take_least = [&last](std::uint64_t index) { last = last ? std::min(*last, index) : index; };
  const auto initial = static_cast<std::uint64_t>(paging_.initial_page);
  if (paging_.type == domain::PagingType::page) {
    if (paging_.end_page) take_least(static_cast<std::uint64_t>(*paging_.end_page) - initial);
    if (page_count_) take_least(*page_count_ > 0 ? *page_count_ - 1 : 0);
    if (last) return last;
  }
  if (!total_) return std::nullopt;
  std::uint64_t size = static_cast<std::uint64_t>(limit_);
  // A source that caps its pages gives fewer than asked for; PAGE goes by what a page really holds.
  if (paging_.type == domain::PagingType::page && first_count_ > 0 && (size == 0 || first_count_ < size))
    size = first_count_;
  if (size == 0) return std::nullopt;
  return *total_ == 0 ? 0 : (*total_ - 1) / size;
}

bool Paginator::reached_known_end() const {
  const auto last = last_page();
  return last && index_ >= *last;  // index_ is still that of the page just read
}

std::uint64_t Paginator::pages_ahead() const {
  if (!counts() || finished_ || checking_ || paging_.delay.count() > 0 || requests_ == 0) return 0;
  const auto last = last_page();
  if (!last || *last <= index_) return 0;
  std::uint64_t ahead = *last - index_;
  if (paging_.request_max > 0) {
    const auto left = static_cast<std::uint64_t>(paging_.request_max) -
                      std::min(requests_, static_cast<std::uint64_t>(paging_.request_max));
    ahead = std::min(ahead, left > 0 ? left - 1 : 0);
  }
  return ahead;
}

const json::Value* Paginator::probe(const PageFacts& facts, int index) const {
  if (index < 0 || !facts.probes || static_cast<std::size_t>(index) >= facts.probes->size()) return nullptr;
  const auto at = static_cast<std::size_t>(index);
  if (facts.probe_found && at < facts.probe_found->size() && !(*facts.probe_found)[at]) return nullptr;
  return &(*facts.probes)[at];
}

void Paginator::read_totals(const PageFacts& facts) {
  std::optional<std::uint64_t> total;
  if (const auto* value = probe(facts, total_probe_)) {
    if (const auto number = value->as_int64_lenient(); number && *number >= 0) {
      total = static_cast<std::uint64_t>(*number);
      total_declared_ = true;
    }
  }
  if (!total && !total_declared_ && facts.headers)
    for (const auto name : kTotalHeaders)
      if (!total) total = header_number(facts, name);
  total_fell_ = total && total_ && *total < *total_;
  if (total) total_ = total;
  if (!facts.headers || paging_.type != domain::PagingType::page) return;
  std::optional<std::uint64_t> pages;
  if (!paging_.end_page_header.empty()) {
    pages = header_number(facts, paging_.end_page_header);
    // No pages, and records on one: the source does not count.
    if (pages == 0U && facts.record_count > 0) pages.reset();
  } else if (!paging_.end_page) {
    for (const auto name : kPageCountHeaders)
      if (!pages) pages = header_number(facts, name);
  }
  if (pages) page_count_ = pages;
}

bool Paginator::end_condition_holds(const PageFacts& facts) const {
  if (!paging_.end_condition) return false;
  const auto& condition = *paging_.end_condition;
  std::optional<json::Value> value;
  if (!condition.header.empty()) {
    if (const auto header =
            facts.headers ? http::find_header(*facts.headers, condition.header) : std::nullopt)
      value = json::Value(*header);
  } else if (const auto* found = probe(facts, end_probe_)) {
    value = *found;
  }
  switch (condition.test) {
    case domain::EndCondition::Test::exist:
      return value.has_value();
    case domain::EndCondition::Test::non_exist:
      return !value.has_value();
    case domain::EndCondition::Test::empty:
      return !value || is_empty(*value);
    case domain::EndCondition::Test::constant:
      // "null" compares by JSON text as true, false and numbers do.
      return value && (value->is_null() ? condition.constant == "null"
                                        : domain::text_of(*value) == condition.constant);
  }
  return false;
}

Result<Paginator::Step> Paginator::after(const PageFacts& facts) {
  ++requests_;
  if (requests_ == 1) first_count_ = facts.record_count;
  if (facts.no_content)
    return finish(promised_more() ? "The source answered nothing (204, or an empty body) "
                                    "although the page before said that more follows; the "
                                    "run ended there, and records may be missing."
                                  : "");
  TRY(watch_progress(facts));
  read_totals(facts);
  if (end_condition_holds(facts)) return finish();
  switch (paging_.type) {
    case domain::PagingType::none:
      return finish();
    case domain::PagingType::offset:
    case domain::PagingType::page:
      return next_by_count(facts);
    case domain::PagingType::pointer:
      return next_by_link(facts);
    case domain::PagingType::continuation_token:
      return next_by_token(facts);
  }
  return finish();
}

bool Paginator::needs_check(const PageFacts& facts) const {
  if (requests_ != 1 || facts.record_count == 0 || limit_ == 0) return false;
  if (facts.record_count >= static_cast<std::uint64_t>(limit_)) return false;
  if (paging_.type == domain::PagingType::page) return !paging_.end_condition && !last_page();
  // Where more pages follow, go_on_behind looks.
  return total_ ? *total_ > facts.record_count && reached_known_end() : !paging_.end_condition;
}

bool Paginator::short_in_the_middle(std::uint64_t record_count) const {
  if (limit_ == 0 || finished_ || checking_ || requests_ == 0) return false;
  const auto last = last_page();
  const std::uint64_t full = std::min(static_cast<std::uint64_t>(limit_), first_count_);
  return last && index_ < *last && record_count < full;
}

Result<Paginator::Step> Paginator::next_by_count(const PageFacts& facts) {
  const bool is_full = limit_ == 0 || facts.record_count >= static_cast<std::uint64_t>(limit_);
  if (needs_check(facts)) {
    checking_ = true;
    auto step = TRY(go_on());
    if (step.next == Next::finished) return finish();  // maximumRequest leaves no room for asking
    step.next = Next::check;
    return step;
  }
  if (last_page()) {
    // A count that equals the first full page may be the page's own; only an empty page proves the end.
    const bool suspicious = !total_declared_ && !page_count_ && !paging_.end_page && requests_ == 1 &&
                            is_full && limit_ > 0 && total_ && *total_ == facts.record_count;
    if (reached_known_end() && !suspicious && !end_is_disproved(facts)) return finish();
    if (facts.record_count == 0) return finish("The source gave an empty page before its known end.");
    return go_on_behind(facts);
  }
  if (paging_.end_condition) {
    if (empty_in_a_row_ > kEmptyTokenPages)
      return source_error(
          "Four empty pages in a row, and the end condition still does not hold: the source never ends.");
    return go_on_behind(facts);
  }
  if (facts.record_count == 0 || !is_full) return finish();
  return go_on();
}

// A count that the pages have outgrown already, or one that the spec does not name against its own end
// condition, ends nothing as long as the pages are full.
bool Paginator::end_is_disproved(const PageFacts& facts) const {
  const auto size = static_cast<std::uint64_t>(limit_);
  if (size == 0 || facts.record_count < size || paging_.end_page || page_count_ || !total_) return false;
  if (paging_.end_condition && !total_declared_) return true;
  return index_ * size + facts.record_count > *total_;
}

// OFFSET steps by the limit: behind a short page that is not the last one there may be a gap.
Result<Paginator::Step> Paginator::go_on_behind(const PageFacts& facts) {
  const auto size = static_cast<std::uint64_t>(limit_);
  const bool is_short = facts.record_count > 0 && facts.record_count < size;
  const std::uint64_t index = index_;
  auto step = TRY(go_on());
  if (paging_.type != domain::PagingType::offset || !is_short || gap_offset_ || step.next != Next::page)
    return step;
  gap_offset_ = index * size + facts.record_count;
  // The request counts as one of maximumRequest, and must not be the last.
  step.gap = paging_.request_max <= 0 || requests_ + 1 < static_cast<std::uint64_t>(paging_.request_max);
  step.note = "Page " + std::to_string(index + 1) + " held " + std::to_string(facts.record_count) +
              " records where " + limit_text_ +
              " were asked for, although more follow. If the source caps its pages, records are missing: set "
              "limitValue to what it really gives.";
  return step;
}

bool Paginator::promised_more() const {
  return requests_ > 1 && (paging_.end_condition || !link_.empty() || !token_.empty());
}

Result<Paginator::Step> Paginator::next_by_link(const PageFacts& facts) {
  std::string given;
  if (!paging_.pointer_header.empty()) {
    given = facts.headers ? next_link_in(*facts.headers, paging_.pointer_header) : "";
  } else if (const auto* value = probe(facts, cursor_probe_); value && !is_empty(*value)) {
    if (!value->is_string()) return source_error("The next page's link is no text.");
    given = *value->if_string();
  }
  const auto written = trimmed(given, kWhite);
  if (written.empty()) return finish();
  auto resolved = facts.came_from.resolve(written);
  if (!resolved) return source_error("The next page's link cannot be read: " + resolved.error().message);
  const std::string link = resolved->text();
  const std::string used = link_.empty() ? facts.url.text() : link_;
  if (link == used || link == facts.came_from.text())
    return finish("The source repeated the link just used on its last page; the run ended there.");
  if (requests_ == 1) trail_.leads_back(used);
  if (trail_.leads_back(link))
    return source_error("The next page's link leads back to an earlier page: the source runs in a circle (" +
                        resolved->redacted() + ").");
  if (empty_in_a_row_ >= kEmptyPagesMax)
    return source_error("The source gave " + std::to_string(kEmptyPagesMax) + " empty pages in a row.");
  link_ = link;
  return go_on();
}

Result<Paginator::Step> Paginator::next_by_token(const PageFacts& facts) {
  std::string token;
  if (!paging_.token_header.empty()) {
    token = facts.headers ? http::find_header(*facts.headers, paging_.token_header).value_or("") : "";
  } else if (const auto* value = probe(facts, cursor_probe_)) {
    if (is_empty(*value)) return finish();
    if (value->is_object() || value->is_array()) return source_error("The continuation token is no text.");
    token = domain::text_of(*value);
    token_is_number_ = value->is_number();
  }
  if (token.empty()) return finish();
  if (token == token_) {
    if (facts.record_count == 0) return finish();
    return finish("The source repeated the token just used on its last page; the run ended there.");
  }
  if (trail_.leads_back(token))
    return source_error("The continuation token leads back to an earlier page: the source runs in a circle.");
  if (facts.record_count == 0 && empty_in_a_row_ > kEmptyTokenPages)
    return finish("Four empty pages in a row with a new token each; the run ended there.");
  token_ = std::move(token);
  return go_on();
}

Result<Paginator::Step> Paginator::go_on(std::string note) {
  if (paging_.request_max > 0 && requests_ >= static_cast<std::uint64_t>(paging_.request_max)) {
    Step step = finish("The run ended after maximumRequest (" + std::to_string(paging_.request_max) +
                       ") requests; the source has more.");
    step.request_limit = true;
    return step;
  }
  if (!checking_ || paging_.type == domain::PagingType::page) ++index_;
  return Step{Next::page, false, false, std::move(note)};
}

Paginator::Step Paginator::finish(std::string note) {
  finished_ = true;
  checking_ = false;
  return Step{Next::finished, false, false, std::move(note)};
}

Result<Paginator::Step> Paginator::after_check(std::uint64_t new_records) {
  ++requests_;
  checking_ = false;
  if (new_records == 0) return finish();
  return caps_pages(first_count_);
}

Error Paginator::caps_pages(std::uint64_t count) const {
  return source_error("The source caps pages at " + std::to_string(count) + " records although " +
                      limit_text_ + " were asked for; set limitValue to " + std::to_string(count) + ".");
}

}  // namespace headwater::extract
