#include "domain/internal/slip_check.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

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
}

}  // namespace headwater::domain
