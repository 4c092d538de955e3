#include <algorithm>
#include <sstream>

#include "api_fixture.h"

namespace headwater::tests {
namespace {

using Operations = std::vector<std::string>;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// The description's own layout: paths stand two, methods four spaces from the left.
Operations described(const std::string& yaml) {
  constexpr std::string_view kMethods[] = {"get", "head", "post", "put", "patch", "delete", "options"};
  Operations out;
  std::string path;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    if (line == "components:") break;
    if (!line.ends_with(':')) continue;
    line.pop_back();
    if (line.starts_with("  /")) path = line.substr(2);
    const std::string method = line.starts_with("    ") ? line.substr(4) : std::string();
    if (std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods))
      out.push_back(upper(method) + " " + path);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// "{path...}" takes several segments, which OpenAPI cannot say.
Operations routed(Operations routes) {
  for (std::string& route : routes)
    if (const auto dots = route.find("...}"); dots != std::string::npos) route.erase(dots, 3);
  std::sort(routes.begin(), routes.end());
  return routes;
}

Operations without(const Operations& all, const Operations& taken) {
  Operations out;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(out));
  return out;
}

class DescriptionTest : public ApiFixture {
 protected:
  /// Of the API and of the streaming side, which the server adds to it.
  std::vector<std::string> all_routes() {
    auto all = routes();
    const auto streaming = open_streaming();
    http::Router router;
    streaming->add_routes(router);
    for (auto& route : router.routes()) all.push_back(std::move(route));
    return all;
  }
};

TEST_F(DescriptionTest, NamesEveryRouteAndNoOther) {
  const auto answer = call("GET", fs("/openapi.yaml"), {}, {{"Authorization", ""}, {"x-api-key", ""}});
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/yaml; charset=utf-8");
  const Operations in_text = described(answer.text);
  const Operations in_table = routed(all_routes());
  EXPECT_EQ(without(in_table, in_text), Operations()) << "routes that specs/openapi does not describe";
  EXPECT_EQ(without(in_text, in_table), Operations()) << "described, but not routed";
}

}  // namespace
}  // namespace headwater::tests
