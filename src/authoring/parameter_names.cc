#include "authoring/parameter_names.h"

#include <algorithm>

#include "authoring/secret_scan.h"
#include "base/time.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

constexpr std::string_view kLimitNames[] = {
    "limit", "perpage",    "pagesize",     "count",        "maxresults",     "top",
    "max",   "pagelimit",  "rows",         "itemsperpage", "resultsperpage", "take",
    "size",  "numresults", "limitperpage", "batchsize",    "recordsperpage"};
constexpr std::string_view kOffsetNames[] = {"offset",    "skip",       "startat",     "startindex",
                                             "startfrom", "pageoffset", "firstresult", "start"};
constexpr std::string_view kPageNames[] = {"page",    "pagenumber",  "pageno", "pageindex",
                                           "pagenum", "currentpage", "p"};
constexpr std::string_view kTokenNames[] = {"cursor",    "pagetoken",   "nexttoken",    "continuationtoken",
                                            "after",     "pageafter",   "nextcursor",   "paginationtoken",
                                            "bookmark",  "scrollid",    "continuation", "nextpagetoken",
                                            "endcursor", "aftercursor", "pagecursor",   "startcursor"};
constexpr std::string_view kSinceNames[] = {
    "since",         "updatedsince", "updatedafter",     "modifiedsince",
    "modifiedafter", "updatedatmin", "changedsince",     "createdafter",
    "updatedatgte",  "lastmodified", "sincelastchanged", "ifmodifiedsince",
    "modifiedgte",   "createdatmin", "updatedgte",       "createdgte",
    "createdatgte",  "updatedgt",    "createdgt",        "updatedatgt",
    "createdatgt",   "updatedmin",   "modifiedmin",      "changedafter",
    "updatedfrom",   "modifiedfrom", "lastupdatedafter", "lastmodifiedafter"};
constexpr std::string_view kUntilNames[] = {
    "until",         "updatedbefore", "updateduntil",      "modifiedbefore", "modifieduntil", "updatedatmax",
    "createdbefore", "updatedatlte",  "beforelastchanged", "modifiedlte",    "createdatmax",  "updatedlte",
    "createdlte",    "createdatlte",  "updatedlt",         "createdlt",      "updatedatlt",   "createdatlt",
    "updatedmax",    "modifiedmax",   "changedbefore",     "updatedto",      "modifiedto"};
constexpr std::string_view kPerhapsSince[] = {"from",     "start",   "startdate", "starttime",
                                              "fromdate", "begin",   "after",     "datefrom",
                                              "timemin",  "mindate", "datemin"};
constexpr std::string_view kPerhapsUntil[] = {"to",     "end",    "enddate", "endtime", "todate", "before",
                                              "dateto", "finish", "timemax", "maxdate", "datemax"};

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view filtered(std::string_view name) {
  constexpr std::string_view kFilter = "filter[";
  if (!name.starts_with(kFilter) || !name.ends_with(']')) return {};
  return name.substr(kFilter.size(), name.size() - kFilter.size() - 1);
}

}  // namespace

std::span<const std::string_view> names_of(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::limit:
      return kLimitNames;
    case ParameterKind::offset:
      return kOffsetNames;
    case ParameterKind::page:
      return kPageNames;
    case ParameterKind::token:
      return kTokenNames;
    case ParameterKind::since:
      return kSinceNames;
    case ParameterKind::until:
      return kUntilNames;
    case ParameterKind::perhaps_since:
      return kPerhapsSince;
    case ParameterKind::perhaps_until:
      return kPerhapsUntil;
  }
  return {};
}

bool has_name(std::string_view parameter, std::string_view plain) {
  return plain_name(parameter) == plain || plain_name(filtered(parameter)) == plain;
}

bool is_called(std::string_view parameter, ParameterKind kind) {
  const auto names = names_of(kind);
  return std::any_of(names.begin(), names.end(),
                     [parameter](std::string_view plain) { return has_name(parameter, plain); });
}

bool is_of_paging_or_window(std::string_view parameter) {
  for (const auto kind : {ParameterKind::limit, ParameterKind::offset, ParameterKind::page,
                          ParameterKind::token, ParameterKind::since, ParameterKind::until})
    if (is_called(parameter, kind)) return true;
  return false;
}

bool may_hold_paging(std::string_view member) {
  constexpr std::string_view kHolders[] = {"variables", "page",  "paging", "pagination",
                                           "options",   "input", "params"};
  return std::find(std::begin(kHolders), std::end(kHolders), plain_name(member)) != std::end(kHolders);
}

namespace {

int two_digits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

bool is_month(std::string_view text) {
  return is_digits(text) && two_digits(text) >= 1 && two_digits(text) <= 12;
}
bool is_day(std::string_view text) {
  return is_digits(text) && two_digits(text) >= 1 && two_digits(text) <= 31;
}

// "01/31/2024", "31.01.2024", "2024/01/31", "20240131". A day that may be the month tells nothing.
std::optional<std::string> format_of_day(std::string_view text) {
  constexpr std::size_t kDigits = 8;
  constexpr std::size_t kDay = 10;
  const auto is_year = [](std::string_view year) {
    return is_digits(year) && (year.starts_with("19") || year.starts_with("20"));
  };
  if (text.size() == kDigits && is_year(text.substr(0, 4)) && is_month(text.substr(4, 2)) &&
      is_day(text.substr(6, 2)))
    return "yyyyMMdd";
  if (text.size() != kDay) return std::nullopt;
  for (const char sign : {'/', '.'}) {
    if (text[4] == sign && text[7] == sign && is_year(text.substr(0, 4)) && is_month(text.substr(5, 2)) &&
        is_day(text.substr(8, 2)))
      return std::string("yyyy") + sign + "MM" + sign + "dd";
    const auto first = text.substr(0, 2);
    const auto second = text.substr(3, 2);
    if (text[2] != sign || text[5] != sign || !is_year(text.substr(6, 4)) || !is_day(first) ||
        !is_day(second))
      continue;
    if (sign == '.' && is_month(second)) return "dd.MM.yyyy";
    if (is_month(first) == is_month(second)) return std::nullopt;
    return is_month(first) ? "MM/dd/yyyy" : "dd/MM/yyyy";
  }
  return std::nullopt;
}

// The length of a date at the beginning of a text: "2024-01-31", "01/31/2024", "Wed, 31 Jan 2024".
std::size_t date_at(std::string_view text) {
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kHttp = 16;
  if (text.size() < kDay) return 0;
  const bool ends = text.size() == kDay || !is_digits(text.substr(kDay, 1));
  const auto day = text.substr(0, kDay);
  const bool iso = day[4] == '-' && day[7] == '-' && (day.starts_with("19") || day.starts_with("20")) &&
                   is_digits(day.substr(0, 4)) && is_month(day.substr(5, 2)) && is_day(day.substr(8, 2));
  const bool slashes = day[2] == '/' && day[5] == '/' && is_day(day.substr(0, 2)) &&
                       is_day(day.substr(3, 2)) && is_digits(day.substr(6, 4));
  if (ends && (iso || slashes || (day[4] == '/' && format_of_day(day)))) return kDay;
  const bool http = text.size() >= kHttp && text[3] == ',' && text[4] == ' ' && is_day(text.substr(5, 2)) &&
                    text[7] == ' ' && is_digits(text.substr(12, 4));
  return http ? kHttp : 0;
}

}  // namespace

std::string fixed_date_in(std::string_view name, std::string_view text) {
  // A version of the API is a date that stays.
  const std::string plain = plain_name(name);
  for (const std::string_view word : {"version", "revision", "birth"})
    if (plain.find(word) != std::string::npos) return "";
  for (const std::string_view window : {"{START_TIME}", "{END_TIME}", "{SCHEDULE_QUERY}", "@{"})
    if (text.find(window) != std::string_view::npos) return "";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const bool within = (before >= '0' && before <= '9') || (before >= 'a' && before <= 'z') ||
                        (before >= 'A' && before <= 'Z') || before == '-' || before == '/';
    if (within) continue;
    if (const auto length = date_at(text.substr(at)); length > 0) return std::string(text.substr(at, length));
  }
  return "";
}

namespace {

void visit_body(const json::Value& body, const std::string& name, const std::string& pointer, int depth,
                const std::function<void(const FixedDate&)>& visit) {
  constexpr int kDepthMax = 100;
  if (depth > kDepthMax) return;
  if (const auto* text = body.if_string())
    if (auto date = fixed_date_in(name, *text); !date.empty())
      visit({name.empty() ? "the body" : "\"" + name + "\" of the body", pointer, true, std::move(date)});
  if (const auto* list = body.if_array())
    for (std::size_t i = 0; i < list->size(); ++i)
      visit_body((*list)[i], name, pointer + "/" + std::to_string(i), depth + 1, visit);
  if (const auto* members = body.if_object())
    for (const auto& [own, member] : *members)
      visit_body(member, own, pointer + "/" + json::escape_pointer_token(own), depth + 1, visit);
}

}  // namespace

void visit_fixed_dates(const std::vector<std::pair<std::string, std::string>>& query, const json::Value& body,
                       const std::vector<std::string>& moved,
                       const std::function<void(const FixedDate&)>& visit) {
  for (const auto& [name, value] : query) {
    if (std::find(moved.begin(), moved.end(), name) != moved.end()) continue;
    if (auto date = fixed_date_in(name, value); !date.empty())
      visit({"\"" + name + "\"", "/" + json::escape_pointer_token(name), false, std::move(date)});
  }
  visit_body(body, "", "", 0, visit);
}

std::optional<std::string> format_of_time(std::string_view text) {
  constexpr std::size_t kSeconds = 10;
  constexpr std::size_t kMillis = 13;
  if (is_digits(text) && text.size() == kSeconds) return "epoch";
  if (is_digits(text) && text.size() == kMillis) return "epochMillis";
  if (text.ends_with(" GMT") && parse_http_date(text)) return "r";
  if (auto day = format_of_day(text)) return day;
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

}  // namespace headwater::authoring
