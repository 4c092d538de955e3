#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "authoring/draft.h"
#include "authoring/explain.h"
#include "authoring/preview.h"
#include "authoring/run_draft.h"
#include "base/file.h"
#include "base/time.h"
#include "support/page_source.h"

namespace headwater::authoring {
namespace {

using support::PageSource;
using testing::HasSubstr;
using testing::Not;

class AuthoringTest : public testing::Test {
 protected:
  AuthoringTest() : folder_(*TemporaryFolder::make("headwater-authoring")), access_(loopback(), clock_) {
    access_.defaults().retry.attempts_max = 1;
  }
  static http::ClientOptions loopback() {
    http::ClientOptions client;
    client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
    return client;
  }
  std::filesystem::path write(std::string_view name, const std::string& text) {
    const auto path = folder_.path() / name;
    EXPECT_TRUE(write_file_durably(path, text));
    return path;
  }
  static json::Value with_inputs(json::Value spec) {
    spec.find("sourceSpec")->if_object()->set("spec", *json::parse(R"({"type":"object","properties":{
        "count":{"type":"integer"},"label":{"type":"string"},"deep":{"type":"object","properties":{"on":{"type":"boolean"}}}}})"));
    return spec;
  }

  SystemClock clock_;
  TemporaryFolder folder_;
  run::SourceAccess access_;
};

TEST_F(AuthoringTest, ParametersAreCoercedByTheSpecAndAddedToTheFile) {
  PageSource source({});
  DraftFiles files;
  files.spec = write("spec.json", with_inputs(source.spec(10)).dump());
  files.params = write("params.json", R"({"label":"from file","count":1,"deep":{"kept":1}})");
  files.param_texts = {{"count", "42"}, {"deep.on", "true"}};
  const auto draft = read_draft(files);
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ(draft->params, *json::parse(R"({"label":"from file","count":42,"deep":{"kept":1,"on":true}})"));
}

TEST_F(AuthoringTest, BrokenFilesAreNamed) {
  DraftFiles files;
  files.spec = folder_.path() / "absent.json";
  EXPECT_EQ(read_draft(files).error().kind, ErrorKind::not_found);
  files.spec = write("broken.json", "{\"name\":");
  const auto broken = read_draft(files);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("broken.json"));
}

TEST_F(AuthoringTest, ADraftRunsIntoAFile) {
  PageSource source({.records = 25});
  const auto draft = *make_draft(source.spec(10), {}, {}, {});
  RunDraftOptions options;
  options.to = (folder_.path() / "out.ndjson").string();
  options.window.start = *parse_rfc3339("2024-01-01T00:00:00Z");
  const auto outcome = run_draft(access_, draft, options, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->status, domain::RunStatus::success);
  EXPECT_EQ(outcome->counts.records_written, 25U);
  EXPECT_EQ(source.asked("since").front(), "2024-01-01T00:00:00Z");
  const std::string text = *read_file(options.to);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 25);
  EXPECT_THAT(text, HasSubstr(R"({"item":{"id":24,"name":"record 24"}})"));
}

TEST_F(AuthoringTest, AStoppedOrFailedRunLeavesNoFile) {
  PageSource source(
      {.records = 25,
       .instead = [](const http::Request&, std::size_t offset) -> std::optional<http::Response> {
         if (offset == 20) return http::Response::text(500, "broken");
         return std::nullopt;
       }});
  const auto draft = *make_draft(source.spec(10), {}, {}, {});
  RunDraftOptions options;
  options.to = (folder_.path() / "half.ndjson").string();
  EXPECT_EQ(run_draft(access_, draft, options, {})->status, domain::RunStatus::failed);
  std::stop_source stop;
  options.run.progress_every = {};
  options.run.progress = [&stop](const run::Progress&) { stop.request_stop(); };
  EXPECT_EQ(run_draft(access_, draft, options, stop.get_token())->status, domain::RunStatus::in_progress);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(AuthoringTest, AFailedRunKeepsWhatItRejectedAndAGoodOneCleansUp) {
  PageSource source({.records = 3, .record = [](std::size_t index) {
                       return index == 1 ? std::string(R"({"id":tru})")
                                         : R"({"id":)" + std::to_string(index) + "}";
                     }});
  RunDraftOptions options;
  options.to = (folder_.path() / "out.ndjson").string();
  const auto draft = *make_draft(source.spec(10), {}, {}, {});
  EXPECT_EQ(run_draft(access_, draft, options, {})->status, domain::RunStatus::failed);
  EXPECT_FALSE(std::filesystem::exists(options.to));
  EXPECT_THAT(*read_file(options.to + ".rejected.ndjson"), HasSubstr("Page 1, record 2"));
  PageSource good({.records = 3});
  EXPECT_EQ(run_draft(access_, *make_draft(good.spec(10), {}, {}, {}), options, {})->status,
            domain::RunStatus::success);
  EXPECT_FALSE(std::filesystem::exists(options.to + ".rejected.ndjson"));
}

TEST_F(AuthoringTest, APreviewReadsOnlyTheBeginningOfALargePage) {
  PageSource source({.records = 40, .record = [](std::size_t index) {
                       return R"({"id":)" + std::to_string(index) + R"(,"text":")" +
                              std::string(1U << 20, 'x') + R"("})";
                     }});
  const auto preview =
      run::preview(access_, *make_draft(source.spec(40), {}, {}, {}), {.records_max = 3}, {});
  ASSERT_TRUE(preview) << preview.error().message;
  EXPECT_TRUE(preview->cut);
  EXPECT_EQ(preview->records.size(), 3U);
  EXPECT_LT(preview->input_bytes, 25U << 20);
}

// A source may echo a credential, which is longer than what is shown or has several lines.
TEST_F(AuthoringTest, WhatASourceSaysOfARefusalHoldsNoPartOfACredential) {
  const auto said_of = [this](const std::string& key) {
    PageSource source({.records = 1, .instead = [](const http::Request& request, std::size_t) {
                         return http::Response::text(
                             400, "no such key: " + std::string(request.query_param("key").value_or("")),
                             "text/plain");
                       }});
    json::Value spec = source.spec(10);
    spec.if_object()->set("authSpec", *json::parse(R"([{"name":"K","type":"KeyBased","spec":{"properties":{
                                  "k":{"restAttributes":{"queryParamName":"key"}}}}}])"));
    const json::Value auth = json::Object{{"specName", "K"}, {"params", json::Object{{"k", key}}}};
    return run::preview(access_, *make_draft(spec, auth, {}, {}), {}, {}).error().message;
  };
  EXPECT_THAT(said_of("SECRETline1\nSECRETline2"), HasSubstr("It said: no such key: ***"));
  std::string token;
  for (int i = 0; token.size() < 4'000; ++i) token += std::to_string(i * 7919);
  const auto long_one = said_of(token);
  EXPECT_THAT(long_one, HasSubstr("It said: no such key: ***"));
  EXPECT_THAT(long_one, Not(HasSubstr("...")));
}

TEST_F(AuthoringTest, APreviewTellsWhatItCouldNotRead) {
  const auto previewed = [this](std::size_t broken_from) {
    PageSource source({.records = 4, .record = [broken_from](std::size_t index) {
                         return index >= broken_from ? std::string("{\"id\":\"\xE9\"}") : R"({"id":"a"})";
                       }});
    return run::preview(access_, *make_draft(source.spec(10), {}, {}, {}), {}, {});
  };
  const auto some = previewed(2);
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(some->records.size(), 2U);
  EXPECT_EQ(some->rejected, 2U);
  EXPECT_THAT(some->first_rejected, HasSubstr("record 3: "));
  const auto none = previewed(0);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("no readable record; record 1: "));
}

TEST_F(AuthoringTest, PagesMaxEndsARunEarly) {
  PageSource source({.records = 100});
  RunDraftOptions options;
  options.to = (folder_.path() / "two.ndjson").string();
  options.pages_max = 2;
  const auto outcome = run_draft(access_, *make_draft(source.spec(10), {}, {}, {}), options, {});
  EXPECT_EQ(outcome->status, domain::RunStatus::success);
  EXPECT_EQ(outcome->counts.records_written, 20U);
}

TEST_F(AuthoringTest, PreviewShowsSchemaAndFirstRecordsOfOnePage) {
  PageSource source({.records = 100, .record = [](std::size_t index) {
                       return R"({"id":)" + std::to_string(index) +
                              R"(,"gone":null,"tags":["a"],"at":{"x":1.5}})";
                     }});
  const auto preview =
      run::preview(access_, *make_draft(source.spec(50), {}, {}, {}), {.records_max = 3}, {});
  ASSERT_TRUE(preview) << preview.error().message;
  EXPECT_EQ(run::encode(*preview), *json::parse(R"({"format":"hierarchical",
    "schema":{"type":"object","properties":{"item":{"type":"object","properties":{
      "id":{"type":"integer","minimum":-9007199254740992,"maximum":9007199254740991},"gone":{},
      "tags":{"type":"array","items":{"type":"string"}},"at":{"type":"object","properties":{"x":{"type":"number"}}}}}}},
    "data":[{"item":{"id":0,"tags":["a"],"at":{"x":1.5}}},{"item":{"id":1,"tags":["a"],"at":{"x":1.5}}},
            {"item":{"id":2,"tags":["a"],"at":{"x":1.5}}}]})"));
  EXPECT_EQ(source.requests().size(), 1U);
  EXPECT_EQ(source.asked("until"), std::vector<std::string>{"-"}) << "a preview sends no schedule parameters";
  EXPECT_EQ(source.asked("limit"), std::vector<std::string>{"50"});

  const std::string text = format_preview(*preview, 80);
  EXPECT_THAT(text, HasSubstr("  item: object\n    id: integer\n"));
  EXPECT_THAT(text, HasSubstr("item.id  item.tags  item.at.x\n0        [\"a\"]      1.5\n"));
}

TEST_F(AuthoringTest, AnAuthorsSchemaIsUsedInsteadOfTheDerivedOne) {
  PageSource source({.records = 1});
  auto spec = source.spec(10);
  spec.find("sourceSpec")->if_object()->set("schema", *json::parse(R"({"type":"object","properties":{
      "hasMore":{"type":"boolean"},"items":{"type":"array","items":{"type":"object","properties":{"code":{"type":"string"}}}}}})"));
  const auto preview = run::preview(access_, *make_draft(spec, {}, {}, {}), {}, {});
  ASSERT_TRUE(preview) << preview.error().message;
  const json::Value* code = preview->schema.find_path("properties.item.properties.code.type");
  ASSERT_NE(code, nullptr) << preview->schema.dump();
  EXPECT_EQ(preview->schema.find_path("properties.hasMore"), nullptr);
}

TEST_F(AuthoringTest, ExplainPlansWithoutCallingAndShowsNoSecret) {
  PageSource source({.records = 100});
  auto spec = source.spec(10);
  spec.if_object()->set(
      "authSpec",
      *json::parse(R"([{"name":"Basic Authentication","type":"BasicAuthentication","spec":{"type":"object",
      "properties":{"username":{"type":"string"},"password":{"type":"string","format":"password"}}}}])"));
  const auto auth = *json::parse(
      R"({"specName":"Basic Authentication","params":{"username":"ada","password":"hunter2secret"}})");
  const auto draft = make_draft(spec, auth, {}, {});
  ASSERT_TRUE(draft) << draft.error().message;
  const auto explanation =
      explain(access_, *draft, extract::Window{{}, *parse_rfc3339("2024-03-05T00:00:00Z")});
  ASSERT_TRUE(explanation) << explanation.error().message;
  const std::string text = format(*explanation);
  EXPECT_THAT(text, HasSubstr(source.origin() + "/items?"));
  EXPECT_THAT(text, HasSubstr("$.items, each element as \"item\" beside its siblings without hasMore"));
  EXPECT_THAT(text, Not(HasSubstr("hunter2secret")));
  EXPECT_THAT(text, Not(HasSubstr("YWRhOmh1bnRlcjJzZWNyZXQ")));
  EXPECT_THAT(encode(*explanation).dump(), Not(HasSubstr("hunter2secret")));
  EXPECT_TRUE(source.requests().empty());
}

TEST_F(AuthoringTest, AnAccountOfAnUnknownKindIsRefused) {
  PageSource source({});
  const auto refused =
      make_draft(source.spec(10), *json::parse(R"({"specName":"Magic","params":{}})"), {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace headwater::authoring
