// `headwater mock`: for each way of paging and of authentication, a run over the fake API of a spec gets
// exactly its records, also under every fault that passes; behind a repeated cursor it fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;

const std::string kBinary = HEADWATER_BINARY;

class MockCommand : public ::testing::Test {
 protected:
  MockCommand() : folder_(*TemporaryFolder::make("headwater-mock-")) {}

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// Starts the mock of a spec; its documents are in `path("at")`.
  void start(const std::string& spec, std::vector<std::string> more = {}) {
    std::ofstream(path("spec.json")) << spec;
    std::vector<std::string> command{kBinary, "mock", path("spec.json"), "--write", path("at")};
    command.insert(command.end(), more.begin(), more.end());
    mock_ = std::make_unique<ChildProcess>(command);
    ASSERT_NE(mock_->wait_for_line("Ctrl-C"), "") << mock_->output();
  }
  Finished run(std::vector<std::string> more = {}) const {
    std::vector<std::string> command{kBinary,
                                     "run",
                                     path("at/connectionSpec.json"),
                                     "--auth",
                                     path("at/account.json"),
                                     "--params",
                                     path("at/params.json"),
                                     "--allow-network",
                                     "127.0.0.0/8"};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }
  static std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
  std::string stop() {
    mock_->signal(SIGINT);
    EXPECT_EQ(mock_->wait(), 0);
    return mock_->output();
  }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> mock_;
};

struct Style {
  const char* name;
  const char* spec_paging;
  const char* spec_auth;
  int records;
};

class EveryStyle : public MockCommand, public ::testing::WithParamInterface<Style> {};

TEST_P(EveryStyle, GivesARunExactlyItsRecords) {
  start(mock_spec(GetParam().spec_paging, GetParam().spec_auth, kSimpleSchedule));
  const auto done = run();
  ASSERT_EQ(done.exit_code, 0) << done.errors << mock_->output();
  EXPECT_EQ(lines(done.output), GetParam().records);
  EXPECT_TRUE(done.output.starts_with(R"({"order":{"id":1,)")) << done.output.substr(0, 80);
  EXPECT_THAT(stop(), HasSubstr(" 0 refused"));
}

TEST_P(EveryStyle, GivesThemUnderFaultsThatPass) {
  start(mock_spec(GetParam().spec_paging, GetParam().spec_auth, kSimpleSchedule),
        {"--faults", "429,5xx,429,truncate,slow,drift"});
  const auto done = run();
  ASSERT_EQ(done.exit_code, 0) << done.errors << mock_->output();
  EXPECT_EQ(lines(done.output), GetParam().records);
  EXPECT_THAT(done.output, HasSubstr("addedLater"));
}

TEST_P(EveryStyle, RefusesWrongCredentials) {
  start(mock_spec(GetParam().spec_paging, GetParam().spec_auth, kSimpleSchedule));
  auto account = *read_file(path("at/account.json"));
  for (auto at = account.find("\"mock-"); at != std::string::npos; at = account.find("\"mock-", at + 1))
    account.replace(at, 6, "\"wrong-");
  std::ofstream(path("at/account.json")) << account;
  const auto done = run();
  EXPECT_EQ(done.exit_code, 1) << done.errors;
  EXPECT_THAT(done.errors, HasSubstr("401"));
}

INSTANTIATE_TEST_SUITE_P(Paging, EveryStyle,
                         ::testing::Values(Style{"Offset", kOffsetPaging, kBasicAuth, 50},
                                           Style{"OffsetUntilACondition", kOffsetUntilPaging, kHeaderKeyAuth,
                                                 50},
                                           Style{"Page", kPagePaging, kQueryKeyAuth, 50},
                                           Style{"PageWithCountHeader", kPageHeaderPaging, kRefreshAuth, 50},
                                           Style{"Pointer", kPointerPaging, kQueryKeyAuth, 50},
                                           Style{"Token", kTokenPaging, kClientAuth, 250},
                                           Style{"TokenInAHeader", kHeaderTokenPaging, kRefreshAuth, 250},
                                           Style{"None", kNoPaging, kBasicAuth, 25}),
                         [](const auto& row) { return std::string(row.param.name); });

class EveryPaging : public MockCommand, public ::testing::WithParamInterface<const char*> {};

TEST_P(EveryPaging, ARepeatedCursorFailsTheRun) {
  start(mock_spec(GetParam(), kBasicAuth, kSimpleSchedule), {"--faults", "repeat-cursor"});
  const auto done = run({"--to", path("out.ndjson")});
  EXPECT_EQ(done.exit_code, 1) << done.errors;
  EXPECT_FALSE(std::filesystem::exists(path("out.ndjson")));
}

INSTANTIATE_TEST_SUITE_P(Paging, EveryPaging,
                         ::testing::Values(kOffsetPaging, kPagePaging, kPointerPaging, kTokenPaging));

TEST_F(MockCommand, NumberAndSeedDecideEveryByte) {
  start(mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule), {"--seed", "7", "--records", "33"});
  const auto first = run().output;
  stop();
  start(mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule), {"--seed", "7", "--records", "33"});
  EXPECT_EQ(run().output, first);
  EXPECT_EQ(lines(first), 33);
  stop();
  start(mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule), {"--seed", "8", "--records", "33"});
  EXPECT_NE(run().output, first);
}

TEST_F(MockCommand, TheWindowIsThatOfTheSchedule) {
  // Records are a minute apart from 2024-01-01 on.
  for (const char* schedule : {kSimpleSchedule, kDateSchedule, kAdvanceSchedule}) {
    const bool dates = schedule == kDateSchedule;
    start(mock_spec(kOffsetPaging, kBasicAuth, schedule), {"--records", "3000"});
    const auto some = run(dates ? std::vector<std::string>{"--since", "2024-01-02", "--until", "2024-01-03"}
                                : std::vector<std::string>{"--since", "2024-01-01T00:10:00Z", "--until",
                                                           "2024-01-01T00:30:00Z"});
    ASSERT_EQ(some.exit_code, 0) << some.errors << schedule;
    EXPECT_EQ(lines(some.output), dates ? 1440 : 20) << schedule;
    stop();
  }
}

TEST_F(MockCommand, RecordsLieWhereAJsonPathLooks) {
  for (const char* content :
       {"$.groups[*].orders", "$..orders", "$.pages[1].orders", "$['the orders']", "$.a.*.b"}) {
    auto spec = mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule);
    spec.replace(spec.find("$.orders"), 8, content);
    start(spec);
    const auto done = run();
    ASSERT_EQ(done.exit_code, 0) << content << done.errors;
    EXPECT_EQ(lines(done.output), 50) << content;
    stop();
  }
  auto spec = mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule);
  spec.replace(spec.find("$.orders"), 8, "$.orders[?(@.id>1)]");
  std::ofstream(path("spec.json")) << spec;
  const auto refused = run_program({kBinary, "mock", path("spec.json")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("is more than that"));
}

TEST_F(MockCommand, WhatTheSpecAlwaysSendsMustBeThere) {
  auto spec = mock_spec(kOffsetPaging, kTokenInHeaderAuth, kSimpleSchedule);
  spec.insert(spec.find(R"("contentPath")"),
              R"("headerParams":{"Authorization":"Bearer ${accessToken}","X-Version":"7"},)");
  start(spec);
  ASSERT_EQ(run().exit_code, 0);
  auto changed = *read_file(path("at/connectionSpec.json"));
  const auto without = [&](std::string_view text, std::string_view by) {
    auto other = changed;
    other.replace(other.find(text), text.size(), by);
    std::ofstream(path("at/connectionSpec.json")) << other;
    return run();
  };
  EXPECT_THAT(without("\"expand\"", "\"expanse\"").errors, HasSubstr("400"));
  EXPECT_THAT(without("\"7\"", "\"8\"").errors, HasSubstr("400"));
  EXPECT_THAT(without("Bearer $", "Token $").errors, HasSubstr("401"));
  const auto told = stop();
  EXPECT_THAT(told, HasSubstr("constants    expand=lines, X-Version: 7"));
  EXPECT_THAT(told, HasSubstr("header X-Version, \"7\": this one does not"));
}

TEST_F(MockCommand, SaysWhatItCannotPlay) {
  std::ofstream(path("spec.json")) << "{\"name\":\"x\"}";
  const auto broken = run_program({kBinary, "mock", path("spec.json")});
  EXPECT_EQ(broken.exit_code, 2) << broken.errors;
  std::ofstream(path("good.json")) << mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule);
  for (const char* faults : {"429,429,", ",429", "429,,5xx", ""}) {
    const auto empty = run_program({kBinary, "mock", path("good.json"), "--faults", faults});
    EXPECT_EQ(empty.exit_code, 2) << faults;
    EXPECT_EQ(empty.output, "") << faults;
  }
  for (const char* records : {"-1", "0", "99999999999"}) {
    const auto refused = run_program({kBinary, "mock", path("good.json"), "--records", records});
    EXPECT_EQ(refused.exit_code, 2) << records;
    EXPECT_THAT(refused.errors, HasSubstr("--records"));
  }
  const auto fault = run_program({kBinary, "mock", path("good.json"), "--faults", "429,fire"});
  EXPECT_EQ(fault.exit_code, 2);
  EXPECT_THAT(fault.errors, HasSubstr("no fault \"fire\"; there are 429, 5xx"));
}

}  // namespace
}  // namespace headwater::testing
