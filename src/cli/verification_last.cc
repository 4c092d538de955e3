// A source's last answer, asked for again outside of the run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "authoring/answer_signs.h"
#include "authoring/secret_scan.h"
#include "base/url.h"
#include "cli/verification.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using domain::PagingType;
using json::Object;
using json::Value;

constexpr std::int64_t kPagesMax = 50;

// What the spec finds in the answer for the next page; empty where the answer is not known that well.
std::string lead_of(const domain::Paging& paging, const SourceAnswer& answer) {
  if (!paging.token_header.empty() && paging.type == PagingType::continuation_token) {
    const auto found = http::find_header(answer.headers, paging.token_header);
    return found ? std::string(*found) : std::string();
  }
  const auto& names = paging.type == PagingType::pointer ? paging.pointer_path : paging.token_path;
  if (names.empty()) return {};
  const Value* found = answer.whole.is_null() ? &answer.beside : &answer.whole;
  for (const auto& name : names) found = found == nullptr ? nullptr : found->find(name);
  return found == nullptr ? std::string() : domain::text_of(*found);
}

// Neither a placeholder nor a credential that the server does not show.
bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_of("{}$") == std::string_view::npos &&
         text.find("***") == std::string_view::npos;
}

Object* member(Object& holder, const char* name) {
  auto& found = holder[name];
  if (found.is_null()) found = Object{};
  return found.if_object();
}

bool lead_by_link(Object& attributes, const std::string& link, const SourceAnswer& answer) {
  const auto asked = Url::parse(std::string_view(answer.asked).substr(answer.asked.find(' ') + 1));
  const auto url = asked ? asked->resolve(link) : asked;
  auto* parts = member(attributes, "urlParams");
  auto* paging = member(attributes, "paginationParams");
  if (!url || parts == nullptr || paging == nullptr || url->origin() != asked->origin()) return false;
  if (url->path.find('%') != std::string::npos) return false;
  Object query;
  for (auto& [name, value] : parse_query(url->query)) {
    if (query.contains(name)) return false;
    query.set(name, std::move(value));
  }
  parts->set("host", url->origin());
  parts->set("path", url->path);
  parts->set("queryParams", std::move(query));
  paging->erase("limitName");
  paging->erase("limitValue");
  return true;
}

bool lead_by_token(Object& attributes, const domain::Paging& paging, const std::string& token) {
  if (paging.token_place == domain::ParameterPlace::body || paging.token_name.empty()) return false;
  const bool in_query = paging.token_place == domain::ParameterPlace::query;
  auto* holder = in_query ? member(attributes, "urlParams") : &attributes;
  auto* named = holder == nullptr ? nullptr : member(*holder, in_query ? "queryParams" : "headerParams");
  if (named == nullptr) return false;
  named->set(paging.token_name, token);
  return true;
}

// The spec as it would ask for the page behind `answer`; nullopt when that cannot be told from outside.
std::optional<Value> behind(Value spec, const domain::Paging& paging, const SourceAnswer& answer) {
  auto* source = spec.find("sourceSpec");
  auto* attributes = source == nullptr ? nullptr : source->find("attributes");
  if (attributes == nullptr || attributes->find("urlParams") == nullptr ||
      attributes->find("paginationParams") == nullptr)
    return std::nullopt;
  const auto lead = lead_of(paging, answer);
  if (!is_plain(lead)) return std::nullopt;
  const bool done = paging.type == PagingType::pointer
                        ? lead_by_link(*attributes->if_object(), lead, answer)
                        : lead_by_token(*attributes->if_object(), paging, lead);
  return done ? std::optional(std::move(spec)) : std::nullopt;
}

bool says_something(const Value& value) {
  const auto* text = value.if_string();
  const auto* truth = value.if_boolean();
  return (text != nullptr && !text->empty()) || (truth != nullptr && *truth) ||
         value.as_int64().value_or(0) > 0;
}

// Of that name, with that value. What the rest of an answer says, it says of other things: how long it took.
bool tells_of_more(std::string_view name, const Value& value, std::string_view holder) {
  const bool is_truth = value.if_boolean() != nullptr;
  if (authoring::tells_more(name) || authoring::leads_on(name)) return true;
  if (authoring::may_lead_on(name)) return value.is_string();
  if (authoring::counts_pages(name)) return value.as_int64().value_or(0) > 1;
  return is_truth && !authoring::tells_last(name) && authoring::sounds_of_paging(holder);
}

// Where `more` tells of more and `less` says nothing: "paging.has_more"; empty where they say alike.
std::string only_in(const Value& more, const Value& less, const std::string& place = {},
                    std::string_view holder = {}) {
  const auto* members = more.if_object();
  if (members == nullptr) return {};
  const Value none;
  for (const auto& [name, value] : *members) {
    const auto* found = less.find(name);
    const auto& other = found == nullptr ? none : *found;
    if (says_something(value) && !says_something(other) && tells_of_more(name, value, holder))
      return place + name;
    if (auto inner = only_in(value, other, place + name + ".", name); !inner.empty()) return inner;
  }
  return {};
}

// "offset=19", and neither "offset=0" nor "page=1".
bool is_further_on(const std::string& name, const std::string& value) {
  constexpr std::array<std::string_view, 5> kPlaces{"offset", "skip", "start", "startat", "startindex"};
  const auto plain = authoring::plain_name(name);
  const bool known = authoring::leads_on(name) || authoring::may_lead_on(name) ||
                     authoring::sounds_of_paging(name) ||
                     std::find(kPlaces.begin(), kPlaces.end(), plain) != kPlaces.end();
  const bool is_first = value.empty() || value == "0" || (value == "1" && plain.starts_with("page"));
  return known && !is_first;
}

// Whether it leads to another part of what was asked for.
bool leads_further(std::string_view link, const Url& asked, std::string_view limit_name) {
  if (link.find('?') == std::string_view::npos || link.find_first_of(" \n") != std::string_view::npos)
    return false;
  const auto url = asked.resolve(link);
  if (!url || url->origin() != asked.origin() || url->path != asked.path) return false;
  const auto sent = parse_query(asked.query);
  const auto query = parse_query(url->query);
  return std::any_of(query.begin(), query.end(), [&](const auto& each) {
    return each.first != limit_name && is_further_on(each.first, each.second) &&
           std::find(sent.begin(), sent.end(), each) == sent.end();
  });
}

// A link to another part of what was asked for: neither to that answer itself nor back.
std::string link_in(const Value& beside, const Url& asked, std::string_view limit_name,
                    const std::string& place = {}) {
  constexpr std::array<std::string_view, 11> kBack{"self", "first", "prev", "previous", "last",     "current",
                                                   "href", "url",   "uri",  "id",       "canonical"};
  const auto* members = beside.if_object();
  if (members == nullptr) return {};
  for (const auto& [name, value] : *members) {
    const bool is_back = std::find(kBack.begin(), kBack.end(), authoring::plain_name(name)) != kBack.end();
    if (is_back) continue;
    if (auto inner = link_in(value, asked, limit_name, place + name + "."); !inner.empty()) return inner;
    const auto* text = value.if_string();
    if (text != nullptr && leads_further(*text, asked, limit_name)) return place + name;
  }
  return {};
}

// `Link: </items?offset=19>; rel="more"`
bool links_further(std::string_view value, const Url& asked, std::string_view limit_name) {
  const auto begin = value.find('<');
  const auto end = value.find('>', begin == std::string_view::npos ? 0 : begin);
  return begin != std::string_view::npos && end != std::string_view::npos &&
         leads_further(value.substr(begin + 1, end - begin - 1), asked, limit_name);
}

std::string only_in_headers(const SourceAnswer& more, const http::Headers& less, const Url& asked,
                            std::string_view limit_name) {
  for (const auto& [name, value] : more.headers) {
    if (value.empty() || http::find_header(less, name)) continue;
    const auto plain = authoring::plain_name(name);
    const bool known = plain == "link"
                           ? links_further(value, asked, limit_name)
                           : tells_of_more(plain.substr(plain.starts_with('x') ? 1 : 0), Value(value), {});
    if (known && value != "false" && value != "0") return "header " + name;
  }
  return {};
}

}  // namespace

Result<bool> Verification::would_name_next(const domain::SourceSpec& spec) {
  const auto& paging = spec.paging;
  if (paging.limit <= 1 || paging.limit_name.empty() || !first_answer_) return false;
  for (const auto limit : {paging.limit - 1, std::int64_t{1}}) {
    PageAsked smaller;
    smaller.limit = limit;
    const auto answer = ask(smaller);
    // Some take but certain limits, and some none.
    if (!answer || answer->status >= 300 || answer->count != limit) continue;
    if (answer->has_next) return true;
    auto place = only_in(answer->beside, first_answer_->beside);
    const auto asked = Url::parse(std::string_view(answer->asked).substr(answer->asked.find(' ') + 1));
    if (place.empty() && asked) place = link_in(answer->beside, *asked, paging.limit_name);
    if (place.empty() && asked)
      place = only_in_headers(*answer, first_answer_->headers, *asked, paging.limit_name);
    if (!place.empty())
      return failed(fmt::format(
          "Asked for {} of its {} records, the source tells of more ({} of its answer), and the spec does "
          "not look there.",
          limit, paging.limit, place));
  }
  return false;
}

std::optional<SourceAnswer> Verification::walk_to_last(const domain::Paging& paging) {
  if (first_.pages > kPagesMax) {
    unseen_ = fmt::format("it stands behind more than {} pages", kPagesMax);
    return std::nullopt;
  }
  auto answer = first_answer_;
  if (!answer) unseen_ = "nothing was asked beside the server";
  for (std::int64_t page = 1; page < first_.pages && answer && answer->has_next; ++page) {
    const auto spec = behind(subject_.spec, paging, *answer);
    if (!spec) {
      unseen_ = fmt::format("what leads to page {} is not shown outside of the run", page + 1);
      return std::nullopt;
    }
    if (paging.delay.count() > 0 && !clock_.wait_for(paging.delay, stop_)) return std::nullopt;
    auto next = ask_source(client_, *spec, subject_.account, subject_.params, {}, stop_);
    if (!next || next->status >= 300) {
      unseen_ = fmt::format("page {} could not be asked for again", page + 1);
      return std::nullopt;
    }
    answer = *std::move(next);
  }
  return answer;
}

}  // namespace headwater::cli
