#include "domain/internal/slip_check.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "domain/internal/plain_name.h"
#include "json/pointer.h"

namespace headwater::domain {
namespace {

constexpr std::string_view kAttributeNames[] = {"urlParams",     "headerParams",      "bodyParams",
                                                "contentPath",   "explodeEntityPath", "paginationParams",
                                                "scheduleParams"};
constexpr std::string_view kPagingNames[] = {"type",
                                             "limitName",
                                             "limitValue",
                                             "offSetName",
                                             "offsetName",
                                             "pointerPath",
                                             "pointerName",
                                             "continuationTokenPath",
                                             "parameterType",
                                             "parameterName",
                                             "delayRequestMillis",
                                             "initialPageIndex",
                                             "endPageIndex",
                                             "pageParamName",
                                             "maximumRequest",
                                             "endConditionName",
                                             "endConditionValue",
                                             "totalPath",
                                             "recordKey",
                                             "paginationType"};
constexpr std::string_view kUrlNames[] = {"host",        "hostname",     "path",      "method",
                                          "queryParams", "headerParams", "bodyParams"};
constexpr std::string_view kEntityNames[] = {"path", "skipAttributes", "keepAttributes",
                                             "overrideWrapperAttribute", "recordKey"};
constexpr std::string_view kScheduleNames[] = {"type",
                                               "paramFormat",
                                               "incremental",
                                               "backfill",
                                               "scheduleStartParamName",
                                               "scheduleEndParamName",
                                               "scheduleStartParamFormat",
                                               "scheduleEndParamFormat"};

void slips(const json::Value* holder, const std::string& pointer, std::span<const std::string_view> known,
           ProblemList& problems) {
  const auto* object = holder ? holder->if_object() : nullptr;
  if (!object) return;
  for (const auto& [name, value] : *object) {
    const auto exact = std::find(known.begin(), known.end(), name);
    if (exact != known.end()) continue;
    for (const auto each : known)
      if (plain_name(each) == plain_name(name)) {
        problems.warning(pointer + "/" + json::escape_pointer_token(name), "\"" + name + "\" is not read.",
                         "Did you mean \"" + std::string(each) + "\"?");
        break;
      }
  }
}

bool is_given(const json::Value* holder, std::string_view name) {
  const auto* value = holder ? holder->find(name) : nullptr;
  return value && !value->is_null();
}

void not_read(const std::string& pointer, std::string_view name, const std::string& read_at,
              ProblemList& problems) {
  problems.warning(pointer + "/" + std::string(name),
                   "\"" + std::string(name) + "\" is not read here: " + read_at + " takes its place.",
                   "Keep one of the two.");
}

// Some attributes may stand in two places, of which one is read.
void check_second_places(const json::Value& spec, const SpecReader& places, ProblemList& problems) {
  const auto url = places.find("urlParams");
  if (url.from_user) return;
  for (const std::string_view name : {"headerParams", "bodyParams"})
    if (const auto found = places.find(name); found.value && !found.from_user && is_given(url.value, name))
      not_read(url.pointer, name, found.pointer, problems);
  if (!is_given(url.value, "queryParams")) return;
  for (const auto& [dotted, pointer] :
       {std::pair{"sourceSpec.attributes", "/sourceSpec/attributes"}, std::pair{"sourceSpec", "/sourceSpec"}})
    if (is_given(spec.find_path(dotted), "queryParams"))
      not_read(pointer, "queryParams", url.pointer + "/queryParams", problems);
}

}  // namespace

void check_slips(const json::Value& spec, const SpecReader& places, ProblemList& problems) {
  slips(spec.find_path("sourceSpec.attributes"), "/sourceSpec/attributes", kAttributeNames, problems);
  const auto inside = [&](std::string_view name, std::span<const std::string_view> known) {
    const auto found = places.find(name);
    if (found.value) slips(found.value, found.pointer, known, problems);
  };
  inside("urlParams", kUrlNames);
  inside("paginationParams", kPagingNames);
  inside("contentPath", kEntityNames);
  inside("explodeEntityPath", kEntityNames);
  inside("scheduleParams", kScheduleNames);
  check_second_places(spec, places, problems);
}

}  // namespace headwater::domain
