#include "authoring/answer_signs.h"

#include <algorithm>
#include <initializer_list>

#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

bool is_named(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), plain_name(name)) != names.end();
}

}  // namespace

bool tells_more(std::string_view name) {
  return is_named(name, {"more", "hasmore", "hasnext", "hasnextpage", "hasmorepages", "hasmoreitems",
                         "hasmoredata", "hasmoreresults", "hasmorerecords", "morerecords", "moreresults",
                         "moreavailable", "moreresultsavailable", "morepages", "truncated", "istruncated"});
}

bool tells_last(std::string_view name) {
  return is_named(name, {"last", "islast", "lastpage", "islastpage", "endofstream", "endofdata",
                         "endofresults", "endofrecords", "eof"});
}

bool counts_pages(std::string_view name) {
  return is_named(
      name, {"pages", "totalpages", "totalpagecount", "pagestotal", "numpages", "numberofpages", "lastpage"});
}

bool leads_on(std::string_view name) {
  return is_named(name, {"next", "nextpage", "nextpageurl", "nextlink", "nexturl", "nexthref", "nextpagelink",
                         "odatanextlink", "nextrecordsurl", "nextcursor", "nexttoken", "nextpagetoken",
                         "nextpagecursor", "nextoffset", "continuationtoken", "nextmarker", "nextpageid"});
}

bool may_lead_on(std::string_view name) {
  return is_named(name, {"cursor", "offset", "scrollid", "marker", "bookmark", "continuation", "pagetoken",
                         "pagingtoken", "paginationtoken"});
}

}  // namespace headwater::authoring
