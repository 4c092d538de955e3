// Sources that lead their callers elsewhere on their host.
#include <gmock/gmock.h>

#include <mutex>

#include "engine/extract/extractor_test.h"
#include "http/server.h"

namespace headwater::extract::test {
namespace {

using ::testing::ElementsAre;

// Answers on loopback as `answer` says, and writes down what was asked: "GET /items?limit=10".
class Moving {
 public:
  explicit Moving(http::Router::Handler answer) : answer_(std::move(answer)) {
    const auto handler = [this](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      std::string line = request.method == http::Method::post ? "POST " : "GET ";
      line += request.target + (request.body.empty() ? "" : " " + request.body);
      if (!request.header("authorization")) line += " without credentials";
      asked_.push_back(std::move(line));
      return answer_(request);
    };
    for (const auto method : {http::Method::get, http::Method::post})
      router_.add(method, "/{path...}", handler);
    http::ServerOptions options;
    options.port = 0;
    server_ = *http::Server::make(options, router_);
    server_->start();
  }
  ~Moving() { server_->stop(std::chrono::milliseconds(200)); }
  Moving(const Moving&) = delete;
  Moving& operator=(const Moving&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  static http::Response page(int id, const std::string& next) {
    return http::Response::text(
        200,
        R"({"items":[{"id":)" + std::to_string(1'000'000'000 + id) + R"(}],"paging":{"next":)" + next + "}}",
        "application/json");
  }
  static http::Response moved(int status, const std::string& to) {
    auto response = http::Response::text(status, "", "text/plain");
    response.headers.emplace_back("Location", to);
    return response;
  }

 private:
  http::Router::Handler answer_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::mutex mutex_;
  std::vector<std::string> asked_;
};

class ExtractorRedirectsTest : public ExtractorTest {
 protected:
  void SetUp() override {
    ExtractorTest::SetUp();
    auth_spec = R"({"name":"b","type":"BasicAuthentication","spec":{}})";
    auth = R"({"specName":"b","params":{"username":"u","password":"pass"}})";
  }
  Result<SourceInputs> at(const std::string& origin, const std::string& path, const std::string& paging) {
    auto given = inputs(path, paging);
    given->spec.url.host = origin;
    return given;
  }
};

TEST_F(ExtractorRedirectsTest, RelativeLinksAreResolvedAgainstWhereThePageCameFrom) {
  Moving source([](const http::Request& request) {
    if (request.path == "/items") return Moving::moved(301, "/items/?limit=10");
    if (request.path == "/items/") return Moving::page(0, R"("page2")");
    if (request.target == "/items/page2") return Moving::page(1, R"("?p=3")");
    return Moving::page(2, "null");
  });
  const auto given = at(source.origin(), "/items", kPointer);
  const auto outcome = run(given);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids, upto(3));
  EXPECT_THAT(source.asked(), ElementsAre("GET /items?limit=10", "GET /items/?limit=10", "GET /items/page2",
                                          "GET /items/page2?p=3"));
  const auto rest = run(given, outcome.cursors.at(0));
  EXPECT_EQ(rest.error, "");
  EXPECT_EQ(source.asked().at(4), "GET /items/page2") << "a resumed run resolves as the one before it";
}

TEST_F(ExtractorRedirectsTest, CredentialsStayAtHomeWhereverLinksLead) {
  Moving other([](const http::Request&) { return Moving::page(1, "null"); });
  const std::string there = other.origin();
  Moving source([&there](const http::Request& request) {
    if (request.path == "/items") return Moving::moved(302, "/moved/items");
    return Moving::page(0, "\"//" + there.substr(7) + "/stolen\"");
  });
  EXPECT_EQ(run(at(source.origin(), "/items", kPointer)).ids, upto(2));
  EXPECT_THAT(other.asked(), ElementsAre("GET /stolen without credentials"));
}

TEST_F(ExtractorRedirectsTest, APostedPageFollowsItsRedirect) {
  Moving source([](const http::Request& request) {
    if (request.path == "/old") return Moving::moved(307, "/new");
    return request.method == http::Method::post ? Moving::page(0, "null") : Moving::page(7, "null");
  });
  auto given = at(source.origin(), "/old", kNone);
  given->spec.url.method = "POST";
  given->spec.body = parsed(R"({"a":1})");
  const auto outcome = run(given);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids, upto(1));
  EXPECT_THAT(source.asked(), ElementsAre(R"(POST /old {"a":1})", R"(POST /new {"a":1})"));
}

}  // namespace
}  // namespace headwater::extract::test
