// What `headwater source verify` must not call green: sources that repeat, leave out, or stop before their
// end, and walks that were not walked to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"
#include "support/mock_specs.h"
#include "support/page_source.h"

namespace headwater::testing {
namespace {

using support::PageSource;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinary = HEADWATER_BINARY;

// {"total":..., "items":[...], ...}: `around` are further members, each with a comma before it.
http::Response items(std::size_t from, std::size_t end, const std::string& around = {}) {
  std::string body = R"({"items":[)";
  for (std::size_t i = from; i < end; ++i)
    body += (i == from ? "" : ",") +
            (R"({"id":)" + std::to_string(i) + R"(,"name":"n)" + std::to_string(i) + "\"}");
  return http::Response::text(200, body + "]" + around + "}", "application/json");
}

class VerifyFindings : public ::testing::Test {
 protected:
  VerifyFindings() : folder_(*TemporaryFolder::make("headwater-findings-test-")) {}

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  // Verifies a source that answers so; `paging` is its paginationParams.
  Finished verify(const std::string& paging,
                  std::function<http::Response(const http::Request&, std::size_t offset)> answer) const {
    const PageSource api(
        {.records = 0, .record = {}, .instead = [answer](const auto& request, std::size_t offset) {
           return std::optional(answer(request, offset));
         }});
    const auto spec = write(
        "spec.json",
        R"({"name":"findings","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":")" +
            api.origin() +
            R"(","path":"/items","method":"GET"},"contentPath":{"path":"$.items","keepAttributes":[],"overrideWrapperAttribute":"item"},"paginationParams":)" +
            paging +
            R"(},"spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})");
    return run_program({kBinary, "source", "verify", spec, "--allow-network", "127.0.0.0/8", "--report",
                        "json", path("report.json"), "--report", "junit", path("report.xml"), "--report",
                        "html", path("report.html")});
  }
  json::Value report() const { return *json::parse(*read_file(path("report.json"))); }

  TemporaryFolder folder_;
};

constexpr const char* kOffset =
    R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset"})";

// Pages of 20 that overlap by 2, of 50 records.
std::pair<std::size_t, std::size_t> overlapping(std::size_t offset) {
  const std::size_t from = offset - offset / 20 * 2;
  return {std::min<std::size_t>(from, 50), std::min<std::size_t>(from + 20, 50)};
}

TEST_F(VerifyFindings, MoreRecordsThanTheSourceSaysIsRed) {
  const auto doubled = verify(kOffset, [](const auto&, std::size_t offset) {
    const auto [from, end] = overlapping(offset);
    return items(from, end, R"(,"total":50)");
  });
  EXPECT_EQ(doubled.exit_code, 1) << doubled.output;
  EXPECT_THAT(doubled.output,
              HasSubstr("The source says that it has 50 records (total of its answer), and the "
                        "run fetched 54."));
  const auto less = verify(kOffset, [](const auto&, std::size_t offset) {
    return items(offset, std::min<std::size_t>(offset + 20, 50), R"(,"total":40)");
  });
  EXPECT_EQ(less.exit_code, 1) << less.output;
  EXPECT_THAT(less.output, HasSubstr("has 40 records (total of its answer), and the run fetched 50."));
}

TEST_F(VerifyFindings, RecordsThatComeTwiceAreWarnedOfInEveryReport) {
  const auto done = verify(kOffset, [](const auto&, std::size_t offset) {
    const auto [from, end] = overlapping(offset);
    return items(from, end);
  });
  EXPECT_EQ(done.exit_code, 0) << done.output;
  const std::string said = "4 of the 54 records came before with every member the same.";
  EXPECT_THAT(done.output, HasSubstr("\nwarning Records alike               " + said));
  EXPECT_THAT(done.output, HasSubstr("green with 2 warnings: "));
  for (const char* name : {"report.json", "report.xml", "report.html"})
    EXPECT_THAT(*read_file(path(name)), HasSubstr(said)) << name;
}

TEST_F(VerifyFindings, AnInterruptedWalkIsNotGreen) {
  ChildProcess walk({kBinary, "source", "verify",
                     write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--against",
                     "mock", "--report", "json", path("report.json"), "--report", "junit", path("report.xml"),
                     "--report", "html", path("report.html")});
  ASSERT_NE(walk.wait_for_line("ok      Registration"), "") << walk.output();
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_THAT(walk.output(), HasSubstr("interrupted: not verified: "));
  EXPECT_THAT(walk.output(), Not(HasSubstr("green")));
  EXPECT_EQ(*report().find("green")->if_boolean(), false);
  EXPECT_EQ(*report().find("interrupted")->if_boolean(), true);
  EXPECT_THAT(*read_file(path("report.xml")), HasSubstr("errors=\"1\""));
  EXPECT_THAT(*read_file(path("report.xml")), HasSubstr("<error message=\"interrupted: not verified\"/>"));
  EXPECT_THAT(*read_file(path("report.html")),
              HasSubstr("<p class=\"failed\"><strong>interrupted: not verified"));
}

}  // namespace
}  // namespace headwater::testing
