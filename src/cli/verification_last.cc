// A source's last answer, asked for again outside of the run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

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

// Where `more` says something and `less` does not: "paging.further"; empty where they say alike.
std::string only_in(const Value& more, const Value& less, const std::string& place = {}) {
  const auto* members = more.if_object();
  if (members == nullptr) return {};
  const Value none;
  for (const auto& [name, value] : *members) {
    const auto* found = less.find(name);
    const auto& other = found == nullptr ? none : *found;
    if (says_something(value) && !says_something(other)) return place + name;
    if (auto inner = only_in(value, other, place + name + "."); !inner.empty()) return inner;
  }
  return {};
}

// A link to another part of what was asked for: neither to that answer itself nor back.
std::string link_in(const Value& beside, const Url& asked, const std::string& place = {}) {
  constexpr std::array<std::string_view, 6> kBack{"self", "first", "prev", "previous", "last", "current"};
  const auto* members = beside.if_object();
  if (members == nullptr) return {};
  for (const auto& [name, value] : *members) {
    if (std::find(kBack.begin(), kBack.end(), authoring::plain_name(name)) != kBack.end()) continue;
    if (auto inner = link_in(value, asked, place + name + "."); !inner.empty()) return inner;
    const auto* text = value.if_string();
    const bool may_be = text != nullptr && text->find('?') != std::string::npos &&
                        text->find_first_of(" \n") == std::string::npos;
    const auto url = may_be ? asked.resolve(*text) : Result<Url>(asked);
    if (url && url->origin() == asked.origin() && url->path == asked.path && url->query != asked.query)
      return place + name;
  }
  return {};
}

std::string only_in_headers(const http::Headers& more, const http::Headers& less) {
  for (const auto& [name, value] : more)
    if (!value.empty() && !http::find_header(less, name)) return "header " + name;
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
    if (place.empty() && asked) place = link_in(answer->beside, *asked);
    if (place.empty()) place = only_in_headers(answer->headers, first_answer_->headers);
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
