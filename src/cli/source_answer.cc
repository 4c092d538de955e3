#include "cli/source_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authoring/answer_signs.h"
#include "authoring/secret_scan.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using authoring::counts_pages;
using authoring::leads_on;
using authoring::may_lead_on;
using authoring::tells_last;
using authoring::tells_more;
using json::Object;
using json::Value;
using Names = std::initializer_list<std::string_view>;

constexpr int kDepthMax = 3;
constexpr std::array<std::string_view, 6> kTotalHeaders = {"xtotalcount", "xwptotal",      "xtotal",
                                                           "totalcount",  "xtotalrecords", "xtotalresults"};

bool is_named(std::string_view name, Names names) {
  const auto plain = authoring::plain_name(name);
  return std::find(names.begin(), names.end(), plain) != names.end();
}

// "count" and its like are as often those of the page.
bool counts_all(std::string_view name) {
  return is_named(
      name, {"total", "totalcount", "totalresults", "totalitems", "totalrecords", "totalsize", "totalhits",
             "totalelements", "numfound", "totalentries", "totalrows", "recordstotal"});
}

// A sum of money is called "total" as well.
bool is_invoice(const Object& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return is_named(member.name, {"currency", "currencycode", "subtotal", "tax", "taxes", "vat", "amount",
                                  "discount", "shipping"});
  });
}

// What tells of pages, and not of quotas, shards or sums.
bool holds_paging(std::string_view name) {
  return is_named(name, {"meta", "metadata", "responsemetadata", "pagination", "paginationinfo", "paging",
                         "pagingmetadata", "page", "pageinfo", "pager", "paginator", "links", "info",
                         "resultinfo", "hits"});
}

bool leads_to_records(std::string_view name) {
  return is_named(name, {"data", "result", "results", "response", "payload"});
}

std::optional<SourceTotal> find_total(const Value& holder, const std::string& place, int depth,
                                      bool path_known) {
  const auto* members = holder.if_object();
  if (members == nullptr || depth > kDepthMax) return std::nullopt;
  for (const auto& [name, member] : *members) {
    const auto number = member.as_int64_lenient();
    if (number && *number >= 0 && counts_all(name) && !(is_named(name, {"total"}) && is_invoice(*members)))
      return SourceTotal{*number, place + name};
  }
  for (const auto& [name, member] : *members) {
    if (!holds_paging(name) && (path_known || !leads_to_records(name))) continue;
    if (auto found = find_total(member, place + name + ".", depth + 1, path_known)) return found;
  }
  return std::nullopt;
}

// Beside the records, or around them: the nearest first.
std::optional<SourceTotal> find_total_on(const std::vector<std::string>& path, const Value& beside) {
  std::vector<std::pair<const Value*, std::string>> holders{{&beside, ""}};
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto* inner = holders.back().first->find(path[i]);
    if (inner == nullptr || !inner->is_object()) break;
    holders.emplace_back(inner, holders.back().second + path[i] + ".");
  }
  for (auto each = holders.rbegin(); each != holders.rend(); ++each)
    if (auto found = find_total(*each->first, each->second, 0, true)) return found;
  return std::nullopt;
}

std::optional<SourceTotal> total_in_headers(const SourceAnswer& answer) {
  for (const auto& [name, value] : answer.headers) {
    const auto number = Value(value).as_int64_lenient();
    const auto plain = authoring::plain_name(name);
    if (number && *number >= 0 &&
        std::find(kTotalHeaders.begin(), kTotalHeaders.end(), plain) != kTotalHeaders.end())
      return SourceTotal{*number, "header " + name, true};
  }
  return std::nullopt;
}

struct Signs {
  bool denied = false;  // it says that there is no more
  std::string more, link, token;
  std::string link_place, token_place;
};

bool is_link(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with('/') || text.starts_with('?');
}

void read_next(const Value& member, const std::string& place, Signs& signs) {
  const auto* text = member.if_string();
  if (text == nullptr && member.is_object() && member.find("href") != nullptr)
    text = member.find("href")->if_string();
  if (text != nullptr && is_link(*text)) {
    signs.link = place + " is a link";
    signs.link_place = place;
  } else if ((text != nullptr && !text->empty()) || member.as_int64().value_or(0) > 0) {
    signs.token = place + " is given";
    signs.token_place = place;
  }
}

void read_token(const Value& member, const std::string& place, Signs& signs) {
  const auto* text = member.if_string();
  if (text == nullptr || text->empty() || member.as_int64_lenient() || !signs.token.empty()) return;
  signs.token = place + " is given";
  signs.token_place = place;
}

// `near`: the holder is the answer itself, or what tells of its pages.
void find_signs(const Value& holder, const std::string& place, int depth, bool near, std::int64_t pages,
                Signs& signs) {
  const auto* members = holder.if_object();
  if (members == nullptr || depth > kDepthMax) return;
  for (const auto& [name, member] : *members) {
    const auto said = member.is_object() || member.is_array() ? std::nullopt : member.as_bool_lenient();
    const bool is_truth = member.if_boolean() != nullptr || member.is_string();
    const auto number = member.as_int64_lenient();
    if (said && is_truth && (tells_more(name) || tells_last(name))) {
      const bool more = tells_more(name) == *said;
      if (more) signs.more = fmt::format("{}{} is {}", place, name, *said);
      signs.denied = signs.denied || !more;
    } else if (number && *number > pages && counts_pages(name)) {
      signs.more = fmt::format("{}{} is {}", place, name, *number);
    } else if (leads_on(name)) {
      read_next(member, place + name, signs);
    } else if (near && may_lead_on(name)) {
      read_token(member, place + name, signs);
    }
    find_signs(member, place + name + ".", depth + 1, near && (holds_paging(name) || leads_to_records(name)),
               pages, signs);
  }
}

void read_headers(const SourceAnswer& answer, std::int64_t pages, Signs& signs) {
  for (const auto& [name, value] : answer.headers) {
    const auto number = Value(value).as_int64_lenient();
    const auto plain = authoring::plain_name(name);
    if (plain == "link" &&
        (value.find("rel=\"next\"") != std::string::npos || value.find("rel=next") != std::string::npos))
      signs.link = "its Link header names a next page";
    if (number && *number > pages && plain.starts_with('x') &&
        is_named(plain.substr(1), {"pagecount", "pages", "totalpages", "wptotalpages"}))
      signs.more = fmt::format("its header {} is {}", name, *number);
  }
}

// The page's own parameter is set by PAGE, which counts from wherever it is told to.
void begin_at(Object& attributes, const PageAsked& page) {
  const auto* given = attributes.find("paginationParams");
  Object paging = given != nullptr && given->is_object() ? *given->if_object() : Object{};
  if (page.limit > 0) paging.set("limitValue", std::to_string(page.limit));
  if (page.parameter.empty()) {
    attributes.set("paginationParams", std::move(paging));
    return;
  }
  for (const char* name : {"offSetName", "offsetName", "endPageIndex", "endConditionName",
                           "endConditionValue", "paginationType", "totalPath"})
    paging.erase(name);
  paging.set("type", "PAGE");
  paging.set("pageParamName", page.parameter);
  paging.set("initialPageIndex", page.value);
  attributes.set("paginationParams", std::move(paging));
}

// The record at `place`, and what stands beside it: the same objects without it.
std::optional<Value> take_at(Value& shaped, const std::vector<std::string>& place, std::size_t from = 0) {
  auto* members = shaped.if_object();
  auto* inner = members == nullptr ? nullptr : shaped.find(place[from]);
  if (inner == nullptr) return std::nullopt;
  std::optional<Value> taken;
  if (from + 1 < place.size()) {
    taken = take_at(*inner, place, from + 1);
  } else {
    taken = std::move(*inner);
    members->erase(place[from]);
  }
  if (taken) taken = Value(Object{{place[from], *std::move(taken)}});
  return taken;
}

void read_records(const Value& data, const std::vector<std::string>& place, SourceAnswer& answer) {
  const auto* shown = data.if_array();
  if (shown == nullptr) return;
  for (const auto& each : *shown) {
    Value beside = each;
    auto record = place.empty() ? std::nullopt : take_at(beside, place);
    if (!record) {
      answer.records.push_back(each);
      continue;
    }
    answer.records.push_back(*std::move(record));
    answer.beside = std::move(beside);
  }
}

}  // namespace

std::optional<SourceTotal> total_in(const SourceAnswer& answer, const std::vector<std::string>& declared) {
  if (!declared.empty()) {
    const Value* found = &answer.beside;
    std::string place;
    for (const auto& name : declared) {
      found = found == nullptr ? nullptr : found->find(name);
      place += (place.empty() ? "" : ".") + name;
    }
    const auto number = found == nullptr ? std::nullopt : found->as_int64_lenient();
    return number && *number >= 0 ? std::optional(SourceTotal{*number, place}) : std::nullopt;
  }
  if (answer.is_record) return std::nullopt;
  auto found =
      answer.path ? find_total_on(*answer.path, answer.beside) : find_total(answer.beside, {}, 0, false);
  return found ? found : total_in_headers(answer);
}

MoreSaid more_in(const SourceAnswer& answer, std::int64_t pages) {
  Signs signs;
  find_signs(answer.beside, {}, 0, true, pages, signs);
  // A record's own next and pages are what they are.
  if (answer.is_record)
    signs = Signs{signs.denied, signs.more.ends_with("is true") ? signs.more : "", {}, {}, {}, {}};
  read_headers(answer, pages, signs);
  MoreSaid said;
  said.denied = signs.denied && signs.more.empty();
  if (!signs.more.empty()) {
    said.surely = signs.more;
  } else if (!signs.denied && !signs.link.empty()) {
    said.surely = signs.link;
    said.by_link = true;
    said.place = signs.link_place;
  } else if (!signs.denied) {
    said.maybe = signs.token;
    said.place = signs.token_place;
  }
  return said;
}

std::vector<std::string> record_place(const domain::SourceSpec& spec) {
  if (!spec.content || !spec.content->dotted || spec.content->names.empty()) return {};
  auto place = spec.content->names;
  place.back() = spec.content->wrapper;
  return place;
}

Result<SourceAnswer> ask_source(ApiClient& client, Value spec, const Value& account, const Value& params,
                                const PageAsked& page, std::stop_token stop) {
  auto* attributes =
      spec.find("sourceSpec") == nullptr ? nullptr : spec.find("sourceSpec")->find("attributes");
  if (attributes == nullptr || !attributes->is_object())
    return Error{ErrorKind::invalid_argument, "The spec has no sourceSpec.attributes."};
  attributes->if_object()->erase("explodeEntityPath");
  if (auto* content = attributes->find("contentPath"); content != nullptr && content->is_object())
    for (const char* name : {"keepAttributes", "skipAttributes"}) content->if_object()->erase(name);
  if (!page.parameter.empty() || page.limit > 0) begin_at(*attributes->if_object(), page);
  std::vector<Problem> ignored;
  const auto read = domain::read_source_spec(spec, &params, ignored);
  const Object draft{
      {"connectionSpec", std::move(spec)}, {"auth", account}, {"params", params}, {"preview", true}};
  const auto said =
      TRY(client.call("POST", "/headwater/drafts/try", Value(draft).dump(), {}, std::move(stop)));
  const auto* came = said.find("page");
  if (came == nullptr || !came->is_object())
    return Error{ErrorKind::upstream, "The server did not say what the source answered."};
  SourceAnswer answer;
  answer.is_record = !read.content;
  if (const auto* planned = said.find_path("plan.requests");
      planned != nullptr && planned->is_array() && !planned->if_array()->empty()) {
    const auto& first = planned->if_array()->front();
    answer.asked = fmt::format("{} {}", first.string_at("method"), first.string_at("url"));
  }
  if (const auto* status = came->find("status")) answer.status = status->as_int64().value_or(0);
  if (const auto* headers = came->find("headers"); headers != nullptr && headers->is_object())
    for (const auto& [name, value] : *headers->if_object())
      if (const auto* text = value.if_string()) answer.headers.emplace_back(name, *text);
  if (const auto* count = said.find_path("content.count")) answer.count = count->as_int64().value_or(0);
  answer.has_next = said.find("next") != nullptr;
  if (read.content && read.content->dotted) answer.path = read.content->names;
  if (const auto* data = said.find_path("preview.data")) read_records(*data, record_place(read), answer);
  if (auto whole = json::parse(came->string_at("text"))) answer.whole = *std::move(whole);
  if (answer.beside.is_null() && answer.whole.is_object()) answer.beside = answer.whole;
  return answer;
}

}  // namespace headwater::cli
