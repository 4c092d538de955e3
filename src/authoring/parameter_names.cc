#include "authoring/parameter_names.h"

#include <algorithm>

#include "authoring/secret_scan.h"

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
    "since",        "updatedsince", "updatedafter", "modifiedsince", "modifiedafter",    "updatedatmin",
    "changedsince", "createdafter", "updatedatgte", "lastmodified",  "sincelastchanged", "ifmodifiedsince",
    "modifiedgte",  "createdatmin", "updatedgte",   "createdgte",    "createdatgte",     "updatedgt",
    "createdgt",    "updatedatgt",  "createdatgt"};
constexpr std::string_view kUntilNames[] = {
    "until",         "updatedbefore", "updateduntil",      "modifiedbefore", "modifieduntil", "updatedatmax",
    "createdbefore", "updatedatlte",  "beforelastchanged", "modifiedlte",    "createdatmax",  "updatedlte",
    "createdlte",    "createdatlte",  "updatedlt",         "createdlt",      "updatedatlt",   "createdatlt"};
constexpr std::string_view kPerhapsSince[] = {"from",     "start", "startdate", "starttime",
                                              "fromdate", "begin", "after",     "datefrom"};
constexpr std::string_view kPerhapsUntil[] = {"to",     "end",    "enddate", "endtime",
                                              "todate", "before", "dateto",  "finish"};

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

}  // namespace headwater::authoring
