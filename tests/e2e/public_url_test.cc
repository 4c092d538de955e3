// What inlets' addresses begin with.
#include "e2e/serving.h"

namespace headwater::testing {
namespace {

class PublicUrl : public ServingTest {
 protected:
  PublicUrl() : ServingTest(1) {}

  /// The address of an inlet that a server with these arguments makes.
  std::string inlet_url(const std::vector<std::string>& more) {
    serving_ = std::make_unique<Serving>(data_, more);
    const json::Value spec = json::Object{{"id", "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb"}};
    const json::Value auth = json::Object{{"specName", "Streaming Connection"}, {"params", json::Object{}}};
    const auto id =
        create_id("connections", json::Object{{"name", "web"}, {"connectionSpec", spec}, {"auth", auth}});
    const auto shown = ask({"connections", "get", id, "--output", "json"}).output;
    const auto at = shown.find("http", shown.find("inletUrl"));
    return at == std::string::npos ? shown : shown.substr(at, shown.find('"', at) - at);
  }
};

TEST_F(PublicUrl, IsWhereTheServerListensOrWhatIsSet) {
  const auto listening = inlet_url({});
  EXPECT_EQ(listening.find(serving_->url() + "/collection/"), 0U) << listening;
  serving_->kill();
  const auto set = inlet_url({"--public-url", "https://events.example.com/in/"});
  EXPECT_EQ(set.find("https://events.example.com/in/collection/"), 0U) << set;
  serving_->kill();
  const auto anywhere = inlet_url({"--listen", "0.0.0.0:0"});
  EXPECT_EQ(anywhere.find("http://"), 0U);
  EXPECT_EQ(anywhere.find("0.0.0.0"), std::string::npos) << anywhere;
}

}  // namespace
}  // namespace headwater::testing
