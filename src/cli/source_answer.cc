#include "cli/source_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authoring/secret_scan.h"
#include "domain/source_spec.h"

namespace headwater::cli {
namespace {

using json::Object;
using json::Value;
using Names = std::initializer_list<std::string_view>;

constexpr int kDepthMax = 3;

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

bool tells_more(std::string_view name) {
  return is_named(name, {"more", "hasmore", "hasnext", "hasnextpage", "hasmorepages", "hasmoreitems",
                         "hasmoredata", "hasmoreresults", "hasmorerecords", "morerecords", "moreresults",
                         "moreavailable", "moreresultsavailable", "morepages"});
}

bool tells_last(std::string_view name) {
  return is_named(name, {"last", "islast", "lastpage", "islastpage"});
}

bool counts_pages(std::string_view name) {
  return is_named(
      name, {"pages", "totalpages", "totalpagecount", "pagestotal", "numpages", "numberofpages", "lastpage"});
}

bool leads_on(std::string_view name) {
  return is_named(name, {"next", "nextpage", "nextpageurl", "nextlink", "nexturl", "nexthref", "nextpagelink",
                         "odatanextlink", "nextrecordsurl", "nextcursor", "nexttoken", "nextpagetoken",
                         "nextpagecursor", "nextoffset", "continuationtoken"});
}

std::optional<SourceTotal> find_total(const Value& holder, const std::string& place, int depth) {
  const auto* members = holder.if_object();
  if (members == nullptr || depth > kDepthMax) return std::nullopt;
  for (const auto& [name, member] : *members) {
    const auto number = member.as_int64_lenient();
    if (number && *number >= 0 && counts_all(name)) return SourceTotal{*number, place + name};
  }
  for (const auto& [name, member] : *members)
    if (auto found = find_total(member, place + name + ".", depth + 1)) return found;
  return std::nullopt;
}

struct Signs {
  bool denied = false;  // it says that there is no more
  std::string more, link, token;
};

bool is_link(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with('/') || text.starts_with('?');
}

void read_next(const Value& member, const std::string& place, Signs& signs) {
  const auto* text = member.if_string();
  if (text == nullptr && member.is_object() && member.find("href") != nullptr)
    text = member.find("href")->if_string();
  if (text != nullptr && is_link(*text))
    signs.link = place + " is a link";
  else if ((text != nullptr && !text->empty()) || member.as_int64().value_or(0) > 0)
    signs.token = place + " is given";
}

void find_signs(const Value& holder, const std::string& place, int depth, std::int64_t pages, Signs& signs) {
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
    }
    find_signs(member, place + name + ".", depth + 1, pages, signs);
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
  for (const char* name : {"offSetName", "offsetName", "endPageIndex", "endConditionName",
                           "endConditionValue", "paginationType", "totalPath"})
    paging.erase(name);
  paging.set("type", "PAGE");
  paging.set("pageParamName", page.parameter);
  paging.set("initialPageIndex", page.value);
  attributes.set("paginationParams", std::move(paging));
}

void read_records(const Value& data, std::string_view wrapper, SourceAnswer& answer) {
  const auto* shown = data.if_array();
  if (shown == nullptr) return;
  for (const auto& each : *shown) {
    const auto* members = each.if_object();
    const auto* record = wrapper.empty() ? nullptr : each.find(wrapper);
    if (record == nullptr || members == nullptr) {
      answer.records.push_back(each);
      continue;
    }
    answer.records.emplace_back(Object{{std::string(wrapper), *record}});
    Object beside = *members;
    beside.erase(wrapper);
    answer.beside = std::move(beside);
  }
}

}  // namespace

std::optional<SourceTotal> total_in(const SourceAnswer& answer) {
  return answer.is_record ? std::nullopt : find_total(answer.beside, {}, 0);
}

MoreSaid more_in(const SourceAnswer& answer, std::int64_t pages) {
  Signs signs;
  find_signs(answer.beside, {}, 0, pages, signs);
  // A record's own next and pages are what they are.
  if (answer.is_record)
    signs = Signs{signs.denied, signs.more.ends_with("is true") ? signs.more : "", {}, {}};
  read_headers(answer, pages, signs);
  MoreSaid said;
  if (!signs.more.empty())
    said.surely = signs.more;
  else if (!signs.denied && !signs.link.empty())
    said.surely = signs.link;
  else if (!signs.denied)
    said.maybe = signs.token;
  return said;
}

Result<SourceAnswer> ask_source(ApiClient& client, Value spec, const Value& account, const Value& params,
                                const std::optional<PageAsked>& page, std::stop_token stop) {
  auto* attributes =
      spec.find("sourceSpec") == nullptr ? nullptr : spec.find("sourceSpec")->find("attributes");
  if (attributes == nullptr || !attributes->is_object())
    return Error{ErrorKind::invalid_argument, "The spec has no sourceSpec.attributes."};
  attributes->if_object()->erase("explodeEntityPath");
  if (auto* content = attributes->find("contentPath"); content != nullptr && content->is_object())
    for (const char* name : {"keepAttributes", "skipAttributes"}) content->if_object()->erase(name);
  if (page) begin_at(*attributes->if_object(), *page);
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
  const bool wrapped = read.content && read.content->dotted;
  if (const auto* data = said.find_path("preview.data"))
    read_records(*data, wrapped ? std::string_view(read.content->wrapper) : std::string_view(), answer);
  if (answer.beside.is_null())
    if (auto whole = json::parse(came->string_at("text")); whole && whole->is_object())
      answer.beside = *std::move(whole);
  return answer;
}

}  // namespace headwater::cli
