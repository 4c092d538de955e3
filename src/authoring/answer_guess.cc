#include "authoring/answer_guess.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "authoring/secret_scan.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t kDepthMax = 6;

template <std::size_t N>
bool is_one_of(std::string_view plain, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), plain) != names.end();
}

// Names without case and signs, so "page[size]", "pageSize" and "page_size" are one.
constexpr std::array<std::string_view, 17> kLimitNames{
    "limit", "perpage",    "pagesize",     "count",        "maxresults",     "top",
    "max",   "pagelimit",  "rows",         "itemsperpage", "resultsperpage", "take",
    "size",  "numresults", "limitperpage", "batchsize",    "recordsperpage"};
constexpr std::array<std::string_view, 8> kOffsetNames{"offset",    "skip",       "startat",     "startindex",
                                                       "startfrom", "pageoffset", "firstresult", "start"};
constexpr std::array<std::string_view, 7> kPageNames{"page",    "pagenumber",  "pageno", "pageindex",
                                                     "pagenum", "currentpage", "p"};
constexpr std::array<std::string_view, 15> kTokenNames{
    "cursor",       "pagetoken",     "nexttoken",       "continuationtoken", "after",
    "pageafter",    "nextcursor",    "paginationtoken", "bookmark",          "scrollid",
    "continuation", "nextpagetoken", "endcursor",       "aftercursor",       "pagecursor"};
constexpr std::array<std::string_view, 14> kSinceNames{
    "since",        "updatedsince", "updatedafter", "modifiedsince", "modifiedafter",    "updatedatmin",
    "changedsince", "createdafter", "updatedatgte", "lastmodified",  "sincelastchanged", "ifmodifiedsince",
    "modifiedgte",  "createdatmin"};
constexpr std::array<std::string_view, 11> kUntilNames{
    "until",         "updatedbefore", "updateduntil",      "modifiedbefore", "modifieduntil", "updatedatmax",
    "createdbefore", "updatedatlte",  "beforelastchanged", "modifiedlte",    "createdatmax"};
// Only with a time as their value: they may be anything.
constexpr std::array<std::string_view, 8> kPerhapsSince{"from",     "start", "startdate", "starttime",
                                                        "fromdate", "begin", "after",     "datefrom"};
constexpr std::array<std::string_view, 8> kPerhapsUntil{"to",     "end",    "enddate", "endtime",
                                                        "todate", "before", "dateto",  "finish"};

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The format of a time that was sent, or nullopt when it is none.
std::optional<std::string> format_of_time(std::string_view text) {
  constexpr std::size_t kSeconds = 10;
  constexpr std::size_t kMillis = 13;
  if (is_digits(text) && text.size() == kSeconds) return "epoch";
  if (is_digits(text) && text.size() == kMillis) return "epochMillis";
  constexpr std::size_t kDay = 10;
  if (text.size() < kDay || text[4] != '-' || text[7] != '-' || !is_digits(text.substr(0, 4)))
    return std::nullopt;
  std::string format = "yyyy-MM-dd";
  if (text.size() == kDay) return format;
  format += text[kDay] == ' ' ? ' ' : 'T';
  std::string_view rest = text.substr(kDay + 1);
  constexpr std::size_t kMinutes = 5;
  constexpr std::size_t kTime = 8;
  if (rest.size() < kMinutes || rest[2] != ':') return std::nullopt;
  if (rest.size() < kTime || rest[kMinutes] != ':') {
    format += "HH:mm";
    rest.remove_prefix(kMinutes);
  } else {
    format += "HH:mm:ss";
    rest.remove_prefix(kTime);
  }
  if (rest.starts_with('.')) {
    std::size_t digits = 1;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    format += '.' + std::string(std::min<std::size_t>(digits - 1, 7), 'f');
    rest.remove_prefix(digits);
  }
  if (rest == "Z") return format + "Z";
  if (rest.empty()) return format;
  constexpr std::size_t kOffset = 6;
  if (rest.size() == kOffset && rest[3] == ':') return format + "zzz";
  return std::nullopt;
}

bool is_link(const Value& value) {
  const auto* text = value.if_string();
  return text != nullptr && (text->starts_with("http://") || text->starts_with("https://") ||
                             text->starts_with('/') || text->starts_with('?'));
}

/// A member of the answer outside of its records.
struct MemberFound {
  std::vector<std::string> names;
  const Value* value;
  std::string plain;  // of its own name
};

void collect(const Value& value, const std::vector<std::string>& names, std::vector<MemberFound>& out) {
  const auto* members = value.if_object();
  if (members == nullptr || names.size() > kDepthMax) return;
  for (const auto& [name, member] : *members) {
    auto inner = names;
    inner.push_back(name);
    out.push_back({inner, &member, plain_name(name)});
    collect(member, inner, out);
  }
}

class Guesser {
 public:
  explicit Guesser(const ObservedRequest& request) : request_(request) {
    collect(request.answer, {}, members_);
    std::stable_sort(members_.begin(), members_.end(), [](const MemberFound& a, const MemberFound& b) {
      return a.names.size() < b.names.size();
    });
  }

  AnswerGuess run() {
    guess_.records = find_records(request_.answer);
    schedule();
    paging();
    return std::move(guess_);
  }

 private:
  template <std::size_t N>
  const ObservedParameter* parameter(const std::array<std::string_view, N>& names) const {
    for (const auto wanted : names)
      for (const auto& each : request_.query)
        if ((plain_name(each.name) == wanted || plain_name(filtered(each.name)) == wanted) &&
            std::find(guess_.used.begin(), guess_.used.end(), each.name) == guess_.used.end())
          return &each;
    return nullptr;
  }

  // "filter[updated_since]" is what stands in the brackets.
  static std::string_view filtered(std::string_view name) {
    constexpr std::string_view kFilter = "filter[";
    if (!name.starts_with(kFilter) || !name.ends_with(']')) return {};
    return name.substr(kFilter.size(), name.size() - kFilter.size() - 1);
  }

  static std::string format_of(const ObservedParameter& parameter) {
    if (const auto format = format_of_time(parameter.value)) return *format;
    return parameter.format == "date" ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ";
  }

  template <std::size_t N, std::size_t M>
  const ObservedParameter* time_parameter(const std::array<std::string_view, N>& surely,
                                          const std::array<std::string_view, M>& perhaps) const {
    if (const auto* found = parameter(surely)) return found;
    const auto* found = parameter(perhaps);
    const bool is_time = found != nullptr && (format_of_time(found->value) || found->format == "date-time" ||
                                              found->format == "date");
    return is_time ? found : nullptr;
  }

  void schedule() {
    const auto* since = time_parameter(kSinceNames, kPerhapsSince);
    if (since == nullptr) return;
    Object out{{"scheduleStartParamName", since->name}, {"scheduleStartParamFormat", format_of(*since)}};
    guess_.used.push_back(since->name);
    if (const auto* until = time_parameter(kUntilNames, kPerhapsUntil)) {
      out.set("scheduleEndParamName", until->name);
      out.set("scheduleEndParamFormat", format_of(*until));
      guess_.used.push_back(until->name);
    }
    guess_.schedule = std::move(out);
    guess_.notes.push_back("Each run asks for what changed since the last one: " + since->name +
                           " takes the window's start.");
  }

  void paging() {
    const auto* limit = parameter(kLimitNames);
    const auto* offset = parameter(kOffsetNames);
    const auto* page = parameter(kPageNames);
    const auto* token = parameter(kTokenNames);
    if (offset != nullptr && !offset->value.empty() && !is_digits(offset->value)) offset = nullptr;
    if (page != nullptr && !page->value.empty() && !is_digits(page->value)) page = nullptr;
    const auto* link = next_link();
    const auto* next_token = token_member();
    if (token != nullptr && next_token != nullptr)
      by_token(token->name, *next_token, limit);
    else if (offset != nullptr)
      by_offset(offset->name, limit);
    else if (page != nullptr)
      by_page(page, limit);
    else if (link != nullptr)
      by_link(*link, limit);
    else if (next_token != nullptr)
      by_token(parameter_of(next_token->names.back()), *next_token, limit);
    else
      by_what_the_answer_counts(limit);
    if (token != nullptr) take(token);
  }

  void by_offset(const std::string& name, const ObservedParameter* limit) {
    Object out{{"type", "OFFSET"},
               {"limitName", limit == nullptr ? "limit" : limit->name},
               {"limitValue", limit_value(limit)},
               {"offSetName", name}};
    add_end_condition(out);
    guess_.used.push_back(name);
    take(limit);
    finish(std::move(out), "an offset in " + name);
  }

  void by_page(const ObservedParameter* page, const ObservedParameter* limit) {
    Object out{{"type", "PAGE"}, {"pageParamName", page->name}};
    add_limit(out, limit);
    out.set("initialPageIndex", page->value == "0" ? 0 : 1);
    add_last_page(out);
    guess_.used.push_back(page->name);
    finish(std::move(out), "page numbers in " + page->name);
  }

  void by_link(const MemberFound& link, const ObservedParameter* limit) {
    Object out{{"type", "POINTER"}, {"pointerPath", member_path_text(link.names)}};
    add_limit(out, limit);
    finish(std::move(out), "the next page's link at " + member_path_text(link.names));
  }

  void by_token(const std::string& parameter_name, const MemberFound& token, const ObservedParameter* limit) {
    Object out{{"type", "CONTINUATION_TOKEN"},
               {"continuationTokenPath", member_path_text(token.names)},
               {"parameterType", "QUERYPARAM"},
               {"parameterName", parameter_name}};
    add_limit(out, limit);
    finish(std::move(out), "the token at " + member_path_text(token.names) + ", sent as " + parameter_name);
  }

  // No parameter of the request tells: members that count pages or records do, and the Link header.
  void by_what_the_answer_counts(const ObservedParameter* limit) {
    if (by_link_header(limit)) return;
    const auto* offset = number_member({"offset", "startat", "startindex", "skip"});
    const auto* page = number_member({"page", "currentpage", "pagenumber", "pageindex"});
    if (offset != nullptr) {
      by_offset(offset->names.back(), limit);
    } else if (page != nullptr) {
      ObservedParameter named{page->names.back(), page->value->dump(), "", false};
      by_page(&named, limit);
    } else if (const auto* token = parameter(kTokenNames); token != nullptr) {
      guess_.notes.push_back("A token for the next page goes into " + token->name +
                             ", but where an answer gives it was not recognised: fill in paginationParams.");
    } else if (limit != nullptr) {
      guess_.notes.push_back("How to get the next page was not recognised, though " + limit->name +
                             " limits a page: fill in paginationParams.");
    } else {
      guess_.notes.emplace_back("No paging was recognised: one request is made. Check paginationParams.");
    }
  }

  bool by_link_header(const ObservedParameter* limit) {
    const auto header = http::find_header(request_.answer_headers, "Link");
    if (!header) return false;
    const std::string_view text = *header;
    const auto rel = text.find("rel=\"next\"");
    if (rel == std::string_view::npos) return false;
    const auto open = text.rfind('<', rel);
    const auto close = text.find('>', open == std::string_view::npos ? 0 : open);
    const auto question = text.find('?', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || question == std::string_view::npos || question > close)
      return false;
    for (const auto& [name, value] : parse_query(text.substr(question + 1, close - question - 1))) {
      const std::string plain = plain_name(name);
      if (is_one_of(plain, kPageNames) && is_digits(value)) {
        ObservedParameter page{name, value == "1" ? "0" : "1", "", false};
        by_page(&page, limit);
        return true;
      }
      if (is_one_of(plain, kOffsetNames) && is_digits(value)) {
        by_offset(name, limit);
        return true;
      }
    }
    guess_.notes.emplace_back(
        "The next page's link stands in the header Link, which no paging type reads: fill in "
        "paginationParams.");
    return true;
  }

  const MemberFound* next_link() const {
    for (const auto& member : members_) {
      if (!is_link(*member.value) || is_within_records(member)) continue;
      const bool within_next = member.names.size() > 1 && member.plain == "href" &&
                               plain_name(member.names[member.names.size() - 2]) == "next";
      if (within_next || member.plain.find("next") != std::string::npos) return &member;
    }
    return nullptr;
  }

  const MemberFound* token_member() const {
    for (const auto& member : members_) {
      if (is_link(*member.value) || is_within_records(member)) continue;
      if (!member.value->is_string() && !member.value->is_null()) continue;
      if (is_one_of(member.plain, kTokenNames) || member.plain == "next") return &member;
    }
    return nullptr;
  }

  const MemberFound* number_member(std::initializer_list<std::string_view> names) const {
    for (const auto& member : members_)
      if (member.value->as_int64() && !is_within_records(member) &&
          std::find(names.begin(), names.end(), member.plain) != names.end())
        return &member;
    return nullptr;
  }

  bool is_within_records(const MemberFound& member) const {
    return guess_.records && member.names.size() > guess_.records->names.size() &&
           !guess_.records->names.empty() &&
           std::equal(guess_.records->names.begin(), guess_.records->names.end(), member.names.begin());
  }

  // The parameter that takes a token back, from the name of the member that gives it.
  static std::string parameter_of(const std::string& member) {
    const std::string plain = plain_name(member);
    if (plain == "nextpagetoken") return member.find('_') != std::string::npos ? "page_token" : "pageToken";
    if (plain == "nextcursor" || plain == "next") return "cursor";
    if (plain == "aftercursor") return "page[after]";
    if (plain == "endcursor") return "after";
    return member;
  }

  Value limit_value(const ObservedParameter* limit) const {
    if (limit != nullptr && is_digits(limit->value)) return limit->value;
    if (const auto* said = number_member({"limit", "pagesize", "perpage", "maxresults"}))
      if (*said->value->as_int64() > 1) return std::to_string(*said->value->as_int64());
    // Without a limit of ours the first page is as long as the API likes.
    if (limit == nullptr && guess_.records && guess_.records->records > 1)
      return std::to_string(guess_.records->records);
    return "100";
  }

  void add_limit(Object& out, const ObservedParameter* limit) {
    if (limit == nullptr) return;
    out.set("limitName", limit->name);
    out.set("limitValue", limit_value(limit));
    take(limit);
  }

  void add_end_condition(Object& out) const {
    for (const auto& member : members_) {
      if (!member.value->is_boolean() || is_within_records(member)) continue;
      if (member.plain != "hasmore" && member.plain != "hasnext" && member.plain != "hasnextpage") continue;
      out.set("endConditionName", member_path_text(member.names));
      out.set("endConditionValue", "Const:false");
      return;
    }
  }

  void add_last_page(Object& out) const {
    for (const char* name : {"X-Total-Pages", "X-WP-TotalPages", "X-Page-Count", "X-PageCount"})
      if (http::find_header(request_.answer_headers, name)) {
        out.set("endPageIndex", "headers." + lower(name));
        return;
      }
    add_end_condition(out);
  }

  void take(const ObservedParameter* parameter) {
    if (parameter != nullptr) guess_.used.push_back(parameter->name);
  }

  void finish(Object paging, const std::string& how) {
    guess_.paging = std::move(paging);
    guess_.notes.push_back("Pages follow by " + how + ".");
  }

  const ObservedRequest& request_;
  std::vector<MemberFound> members_;
  AnswerGuess guess_;
};

bool is_plain_member(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string member_path_text(const std::vector<std::string>& names) {
  std::string out = "$";
  for (const auto& name : names) {
    if (is_plain_member(name))
      out += "." + name;
    else
      out += "['" + name + "']";
  }
  return out;
}

std::string ArrayFound::path() const { return member_path_text(names); }
std::string ArrayFound::wrapper() const { return names.empty() ? "" : singular_of(names.back()); }

std::optional<ArrayFound> find_records(const Value& answer) {
  struct Place {
    const Value* value;
    std::vector<std::string> names;
  };
  constexpr std::array<std::string_view, 9> kUsualNames{"items", "data",    "results", "records", "value",
                                                        "rows",  "entries", "list",    "objects"};
  std::optional<ArrayFound> best;
  std::optional<ArrayFound> empty;
  std::deque<Place> places{{&answer, {}}};
  while (!places.empty()) {
    const Place place = std::move(places.front());
    places.pop_front();
    if (const auto* list = place.value->if_array()) {
      const auto objects = static_cast<std::size_t>(
          std::count_if(list->begin(), list->end(), [](const Value& each) { return each.is_object(); }));
      if (objects > 0 && objects == list->size() && (!best || objects > best->records))
        best = ArrayFound{place.names, objects};
      const bool usual = place.names.empty() || is_one_of(plain_name(place.names.back()), kUsualNames);
      if (list->empty() && usual && !empty) empty = ArrayFound{place.names, 0};
    }
    const auto* members = place.value->if_object();
    if (members == nullptr || place.names.size() >= kDepthMax) continue;
    for (const auto& [name, value] : *members) {
      if (!is_plain_member(name)) continue;  // a content path is dotted names
      auto names = place.names;
      names.push_back(name);
      places.push_back({&value, std::move(names)});
    }
  }
  return best ? best : empty;
}

AnswerGuess guess(const ObservedRequest& request) { return Guesser(request).run(); }

}  // namespace headwater::authoring
