#include "authoring/placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/draft.h"
#include "authoring/observed_test.h"
#include "authoring/source_draft.h"
#include "base/url.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

json::Value spec_of(const ObservedRequest& request) {
  return rest_spec({"acme", "Acme", "Items.", "crm"}, draft_source(request).rest);
}

struct UrlCase {
  const char* command;
  const char* host;
  const char* path;
};

// Each is a line of a vendor's documentation, as it is copied.
TEST(DocumentedUrl, PlaceholdersBecomeInputs) {
  for (const auto& [command, host, path] : std::vector<UrlCase>{
           {"curl https://{subdomain}.zendesk.com/api/v2/users/{user_id}/tickets.json -u a:b",
            "https://${subdomain}.zendesk.com", "/api/v2/users/${user_id}/tickets.json"},
           {"curl -g 'https://${dc}.api.mailchimp.com/3.0/lists/{list_id}/members?fields=<SOME_ARRAY_VALUE>'",
            "https://${dc}.api.mailchimp.com", "/3.0/lists/${list_id}/members"},
           {"curl https://api.shop.test/stores/:store_id/orders/{order-id}.json", "https://api.shop.test",
            "/stores/${store_id}/orders/${order_id}.json"},
           {"curl https://api.github.com/repos/OWNER/REPO/issues", "https://api.github.com",
            "/repos/${owner}/${repo}/issues"},
           {"curl 'https://<your-domain>.freshdesk.com/api/v2/tickets/[id]'",
            "https://${domain}.freshdesk.com", "/api/v2/tickets/%5Bid%5D"},
           {"curl https://YOUR_DOMAIN.okta.test/YOUR_APP_ID/users", "https://${domain}.okta.test",
            "/${app_id}/users"},
           {"curl '{{base_url}}/v1/%7BuserId%7D'", "https://${base_url}", "/v1/${userId}"},
           {"curl 'http://{host}:{port}/x'", "http://${host}:${port}", "/x"},
           {"curl https://yourls.test/sap/API_BUSINESS_PARTNER/A_Partner/v1/items:batchGet",
            "https://yourls.test", "/sap/API_BUSINESS_PARTNER/A_Partner/v1/items:batchGet"}}) {
    const auto request = observed(command);
    EXPECT_EQ(request.host, host) << command;
    EXPECT_EQ(request.path, path) << command;
    const auto spec = spec_of(request);
    for (const auto& problem : lint(spec)) ADD_FAILURE() << command << problem.pointer << problem.reason;
    if (!request.inputs.empty()) {
      EXPECT_TRUE(request.has_placeholders);
      EXPECT_THAT(request.notes, Contains(HasSubstr("${" + request.inputs[0].name + "}")));
      EXPECT_NE(spec.find_path("sourceSpec.spec.properties." + request.inputs[0].name), nullptr);
    }
  }
}

TEST(DocumentedUrl, OneNameIsOneInputAndIdsKeepTheirOwn) {
  const auto request = observed("curl https://{shop}.a.test/{shop}/42/stores/{storeId}/stores/7");
  EXPECT_EQ(request.host + request.path,
            "https://${shop}.a.test/${shop}/${itemId}/stores/${storeId}/stores/${storeId2}");
  EXPECT_EQ(request.inputs.size(), 4U);
}

TEST(DocumentedUrl, ATokenInThePathIsTheAccounts) {
  const auto request = observed("curl https://api.telegram.test/bot{token}/getUpdates");
  EXPECT_EQ(request.path, "/bot${token}/getUpdates");
  EXPECT_THAT(request.inputs, IsEmpty());
  EXPECT_THAT(spec_of(request).find("authSpec")->dump(),
              HasSubstr(R"("token":{"type":"string","format":"password")"));
}

TEST(DocumentedValues, BecomeInputsUnlessPagingFillsThemIn) {
  const auto request = observed(
      "curl -X POST 'https://a.test/find?fields=<SOME_ARRAY_VALUE>&count=<SOME_INTEGER_VALUE>&offset={offset}"
      "&q=user:{login}&expand=posts{message}' -H 'X-Account: YOUR_ACCOUNT_ID' -H 'Authorization: Bearer "
      "{token}' "
      R"(--json '{"merchant":"<MERCHANT>","query":"query { orders {id} }"}')");
  const auto spec = spec_of(request);
  EXPECT_EQ(spec.find_path("sourceSpec.attributes.urlParams.queryParams")->dump(),
            R"({"fields":"${fields}","q":"user:${login}","expand":"posts{message}"})");
  EXPECT_EQ(spec.find_path("sourceSpec.attributes.paginationParams")->dump(),
            R"({"type":"OFFSET","limitName":"count","limitValue":"100","offSetName":"offset"})");
  EXPECT_EQ(*spec.find_path("sourceSpec.attributes.bodyParams"),
            *json::parse(R"({"merchant":"${merchant}","query":"query { orders {id} }"})"));
  EXPECT_THAT(spec.find_path("sourceSpec.attributes.headerParams")->dump(), HasSubstr(R"("${account_id}")"));
  EXPECT_EQ(spec.find_path("sourceSpec.spec.required")->dump(),
            R"(["fields","login","merchant","account_id"])");
  EXPECT_FALSE(draft_source(request).has_credentials) << "a placeholder is no credential";
}

// They were sent as they stand.
TEST(DocumentedValues, AValueInBracesIsAPlaceholderWithinOthers) {
  for (const auto& [parameter, value, sent] :
       std::vector<UrlCase>{{"filter", R"({"id":{account_id}})", R"({"id":${account_id}})"},
                            {"where", "{status: {status}, of: {of}}", "{status: ${status}, of: ${of}}"},
                            {"q", "query {term}", "query ${term}"},
                            {"q", "query for {term} and {more}", "query for ${term} and ${more}"},
                            {"q", "query { orders {id} }", "query { orders {id} }"},
                            {"q", "query Orders($a: Int) {id}", "query Orders($a: Int) {id}"},
                            {"q", "query {\n {id}\n}", "query {\n {id}\n}"},
                            {"query", "{ orders {id} }", "{ orders {id} }"}}) {
    const auto request =
        observed("curl -g 'https://a.test/x?" + std::string(parameter) + "=" + percent_encode(value) + "'");
    ASSERT_EQ(request.query.size(), 1U) << value;
    EXPECT_EQ(request.query[0].value, sent);
  }
}

// "{id}" became "${id}", an input.
TEST(DocumentedValues, ASelectionOfAQueryLanguageIsNoPlaceholder) {
  for (const auto& [query, inputs] :
       std::vector<std::pair<const char*, std::size_t>>{{"{ orders {id} }", 0},
                                                        {"{orders(first: 5) {id} items {id}}", 0},
                                                        {"query {id}", 0},
                                                        {"query($a: Int) {id}", 0},
                                                        {"{id}", 1},
                                                        {"created gt {date} and {state}", 2},
                                                        {"queryable {id}", 1},
                                                        {R"({"field":"{id}"})", 1},
                                                        {"{ orders(id: {{id}}) {name} }", 1}}) {
    const auto request = observed("curl -g 'https://a.test/graphql?query=" + percent_encode(query) + "'");
    EXPECT_EQ(request.inputs.size(), inputs) << query;
  }
}

TEST(DocumentedValues, APasswordThatIsOneStaysAPassword) {
  const auto draft = draft_source(observed("curl -u {email}/token:{token} https://a.test/x"));
  EXPECT_THAT(draft.rest.auth_specs[0].dump(), HasSubstr(R"("required":["username","password"])"));
  EXPECT_THAT(draft.account.dump(), HasSubstr(R"({"username":"USER","password":"PASSWORD"})"));
}

TEST(DocumentedValues, TheSpecsOwnPlaceholdersStay) {
  const auto request = observed("curl 'https://a.test/find?since={START_TIME}'");
  EXPECT_THAT(request.inputs, IsEmpty());
  EXPECT_THAT(draft_source(request).notes, Not(Contains(HasSubstr("placeholders"))));
}

}  // namespace
}  // namespace headwater::authoring
