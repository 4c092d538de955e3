#pragma once

#include <string>

namespace headwater::testing {

// Parts of connection specs whose APIs a mock plays.
inline constexpr const char* kOffsetPaging =
    R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset"})";
inline constexpr const char* kOffsetUntilPaging =
    R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset","endConditionName":"$.hasMore","endConditionValue":"Const:false"})";
inline constexpr const char* kPagePaging =
    R"({"type":"PAGE","limitName":"per_page","limitValue":"20","pageParamName":"page","initialPageIndex":1})";
inline constexpr const char* kPageHeaderPaging =
    R"({"type":"PAGE","limitName":"per_page","limitValue":"20","pageParamName":"page","initialPageIndex":0,"endPageIndex":"headers.x-pagecount"})";
inline constexpr const char* kPointerPaging =
    R"({"type":"POINTER","limitName":"limit","limitValue":"20","pointerPath":"$.paging.next"})";
inline constexpr const char* kTokenPaging =
    R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.after","parameterType":"QUERYPARAM","parameterName":"page[after]"})";
inline constexpr const char* kHeaderTokenPaging =
    R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.after","parameterType":"HEADERPARAM","parameterName":"X-After"})";
inline constexpr const char* kNoPaging = R"({"type":"NONE"})";

inline constexpr const char* kBasicAuth =
    R"({"name":"Basic","type":"BasicAuthentication","spec":{"type":"object","properties":{"username":{"type":"string"},"password":{"type":"string","format":"password"}},"required":["username","password"]}})";
inline constexpr const char* kHeaderKeyAuth =
    R"({"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{"authKey1":{"type":"string","format":"password","restAttributes":{"headerParamName":"X-Api-Key"}}},"required":["authKey1"]}})";
inline constexpr const char* kQueryKeyAuth =
    R"({"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{"authKey1":{"type":"string","format":"password","restAttributes":{"queryParamName":"api_key"}}},"required":["authKey1"]}})";
// Its key goes where the spec's own headers say.
inline constexpr const char* kTokenInHeaderAuth =
    R"({"name":"Token","type":"KeyBased","spec":{"type":"object","properties":{"accessToken":{"type":"string","format":"password"}},"required":["accessToken"]}})";
inline constexpr const char* kRefreshAuth =
    R"({"name":"OAuth2","type":"OAuth2RefreshCode","spec":{"type":"object","properties":{"clientId":{"type":"string"},"clientSecret":{"type":"string","format":"password"},"accessToken":{"type":"string","format":"password"},"refreshToken":{"type":"string","format":"password"},"accessTokenUrl":{"type":"string"}},"required":["accessToken"]}})";
inline constexpr const char* kClientAuth =
    R"({"name":"Client","type":"OAuth2ClientCredential","spec":{"type":"object","properties":{"clientId":{"type":"string"},"clientSecret":{"type":"string","format":"password"},"accessTokenUrl":{"type":"string"}},"required":["clientId","clientSecret","accessTokenUrl"]}})";

inline constexpr const char* kSimpleSchedule =
    R"("scheduleParams":{"scheduleStartParamName":"since","scheduleEndParamName":"until","scheduleStartParamFormat":"yyyy-MM-ddTHH:mm:ssK","scheduleEndParamFormat":"yyyy-MM-ddTHH:mm:ssK"})";
inline constexpr const char* kDateSchedule =
    R"("scheduleParams":{"scheduleStartParamName":"from","scheduleEndParamName":"to","scheduleStartParamFormat":"MM/dd/yyyy","scheduleEndParamFormat":"MM/dd/yyyy"})";
inline constexpr const char* kAdvanceSchedule =
    R"("scheduleParams":{"type":"ADVANCE","paramFormat":"yyyy-MM-ddTHH:mm:ssK","incremental":"type:order updated > {START_TIME} updated < {END_TIME}","backfill":"type:order updated < {END_TIME}"})";

/// A spec with a path of its own host and placeholder, a nested content path and siblings that it skips.
inline std::string mock_spec(const std::string& paging, const std::string& auth,
                             const std::string& schedule) {
  const bool advance = schedule.find("ADVANCE") != std::string::npos;
  return R"({"name":"acme-orders","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[)" +
         auth +
         R"(],"sourceSpec":{"attributes":{"urlParams":{"host":"https://api.acme.test/v2","path":"/stores/${storeId}/orders","method":"GET","queryParams":{)" +
         (advance ? R"("query":"{SCHEDULE_QUERY}",)" : "") +
         R"("expand":"lines"}},"contentPath":{"path":"$.orders","keepAttributes":[],"overrideWrapperAttribute":"order"},"paginationParams":)" +
         paging + "," + schedule +
         R"(},"spec":{"type":"object","properties":{"storeId":{"type":"integer"}},"required":["storeId"]}},"exploreSpec":{"name":"Resource","type":"Resource"}})";
}

}  // namespace headwater::testing
