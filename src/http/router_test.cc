#include <gtest/gtest.h>

#include "http/server.h"

namespace headwater::http {
namespace {

Response named(std::string name) { return Response::text(200, std::move(name)); }

Router make_router() {
  Router router;
  router.add(Method::get, "/", [](const Request&) { return named("root"); });
  router.add(Method::get, "/flows", [](const Request&) { return named("list"); });
  router.add(Method::post, "/flows", [](const Request&) { return named("create"); });
  router.add(Method::get, "/flows/{id}", [](const Request&) { return named("one"); });
  router.add(Method::patch, "/flows/{id}", [](const Request&) { return named("patch"); });
  router.add(Method::get, "/flows/search", [](const Request&) { return named("search"); });
  router.add(Method::get, "/flows/{id}/runs/{run}", [](const Request&) { return named("run"); });
  router.add_async(Method::post, "/inlet/{id}", [](const Request&, const Responder&) {});
  router.add(Method::put, "/files/{id...}", [](const Request&) { return named("file"); });
  return router;
}

struct Case {
  const char* name;
  Method method;
  const char* path;
  const char* want;  // the pattern; "" for no match
  const char* id;
};

constexpr Case kCases[] = {
    {"Root", Method::get, "/", "/", ""},
    {"Literal", Method::get, "/flows", "/flows", ""},
    {"TrailingSlash", Method::get, "/flows/", "/flows", ""},
    {"MethodDecides", Method::post, "/flows/", "/flows", ""},
    {"Parameter", Method::get, "/flows/42", "/flows/{id}", "42"},
    {"ParameterIsDecoded", Method::get, "/flows/a%2Fb%20c", "/flows/{id}", "a/b c"},
    {"PlusStaysInAPath", Method::get, "/flows/a+b", "/flows/{id}", "a+b"},
    {"LiteralBeatsParameter", Method::get, "/flows/search", "/flows/search", ""},
    {"Tail", Method::put, "/files/a/b%20c/d.json", "/files/{id...}", "a/b c/d.json"},
    {"TailOfOne", Method::put, "/files/x%2Fy", "/files/{id...}", "x/y"},
    {"TailIsNotEmpty", Method::put, "/files/", "", ""},
    {"EncodedLiteral", Method::get, "/flows/s%65arch", "/flows/search", ""},
    {"ParameterWhereTheLiteralLacksTheMethod", Method::patch, "/flows/search", "/flows/{id}", "search"},
    {"HeadIsServedByGet", Method::head, "/flows/42", "/flows/{id}", "42"},
    {"Two", Method::get, "/flows/1/runs/2/", "/flows/{id}/runs/{run}", "1"},
    {"Async", Method::post, "/inlet/x", "/inlet/{id}", "x"},
    {"EmptyParameter", Method::get, "/flows//", "", ""},
    {"EmptySegment", Method::get, "//flows", "", ""},
    {"Unknown", Method::get, "/flow", "", ""},
    {"OtherMethod", Method::del, "/flows/42", "", "42"},
    {"CaseMatters", Method::get, "/Flows", "", ""},
};

class RouterTest : public ::testing::TestWithParam<Case> {};

TEST_P(RouterTest, FindsThePattern) {
  const auto router = make_router();
  Request request;
  request.method = GetParam().method;
  request.path = GetParam().path;
  const auto match = router.match(request);
  EXPECT_EQ(match.pattern, GetParam().want);
  EXPECT_EQ(request.path_param("id"), GetParam().id);
  EXPECT_EQ(match.handler == nullptr && match.async_handler == nullptr,
            std::string_view(GetParam().want).empty());
}

INSTANTIATE_TEST_SUITE_P(Paths, RouterTest, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Router, NamesTheMethodsOfAKnownPath) {
  const auto router = make_router();
  Request request;
  request.method = Method::del;
  request.path = "/flows/42/";
  const auto match = router.match(request);
  const auto response = router.not_found(request, match.allowed);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.back(), (std::pair<std::string, std::string>("Allow", "GET, HEAD, PATCH")));
}

TEST(Router, ARouteAnswersAnotherMethodInItsOwnWay) {
  Router router;
  Router::AsyncOptions options;
  options.refusal = [](const Request& request, int status, std::string_view) {
    return Response::text(status, "inlet " + std::string(request.path_param("id")));
  };
  router.add_async(Method::post, "/inlets/{id}", [](const Request&, const Responder&) {}, options);
  Request request;
  request.path = "/inlets/7";
  const auto response = router.not_found(request, router.match(request).allowed);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.body, "inlet 7");
  EXPECT_EQ(response.headers.back(), (std::pair<std::string, std::string>("Allow", "POST")));
}

TEST(Router, AsksTheHookForUnknownPathsAndAddsAllow) {
  auto router = make_router();
  router.set_not_found([](const Request& request, const std::vector<Method>& allowed) {
    return Response::text(allowed.empty() ? 404 : 405, "no " + request.path);
  });
  Request request;
  request.path = "/nowhere";
  const auto unknown = router.not_found(request, router.match(request).allowed);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "no /nowhere");
  EXPECT_EQ(router.not_found(request, {Method::get}).headers.back().second, "GET");
}

}  // namespace
}  // namespace headwater::http
