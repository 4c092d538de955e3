// What is wrong with a command line or a document that is named there: exit code 2, nothing on standard
// output, and a message that names it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "support/child_process.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class Usage : public ::testing::Test {
 protected:
  Usage() : folder_(*TemporaryFolder::make("headwater-usage-test-")) {}

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = (folder_.path() / name).string();
    std::ofstream(path) << text;
    return path;
  }
  static void expect_refused(Words words, const std::string& said) {
    words.insert(words.begin(), HEADWATER_BINARY);
    const auto done = run_program(words);
    EXPECT_EQ(done.exit_code, 2) << done.errors;
    EXPECT_EQ(done.output, "");
    EXPECT_THAT(done.errors, HasSubstr(said));
  }

  TemporaryFolder folder_;
};

// It counted as a failure of the machine's.
TEST_F(Usage, ADocumentThatIsNestedTooDeepIsWrong) {
  const auto deep = write("deep.json", std::string(5'000, '[') + std::string(5'000, ']'));
  const auto spec = write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule));
  expect_refused({"lint", deep}, deep);
  expect_refused({"lint", "--json", deep}, "nested too deeply");
  expect_refused({"mock", spec, "--params", deep}, deep);
}

// -1 was the largest number that there is.
TEST_F(Usage, NumbersWithoutASignAreNotNegative) {
  const auto spec = write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule));
  const auto data = (folder_.path() / "data").string();
  expect_refused({"mock", spec, "--seed", "-1"}, "--seed: -1 is below zero");
  for (const std::string command : {"run", "preview", "explain"})
    for (const std::string flag : {"--response-bytes-max", "--bytes-per-second-min"})
      expect_refused({command, spec, flag, "-1"}, flag + ": -1 is below zero");
  expect_refused({"run", spec, "--max-pages", "-2"}, "--max-pages: -2 is below zero");
  for (const std::string flag :
       {"--body-bytes-max", "--response-bytes-max", "--bytes-per-second-min", "--stop-seconds",
        "--inlet-body-bytes-max", "--journal-bytes-max", "--commit-bytes", "--commit-events"})
    expect_refused({"serve", "--data-dir", data, flag, "-1"}, flag + ": -1 is below zero");
  expect_refused({"serve", "--data-dir", data, "--config", write("c.toml", "stop-seconds = -1\n")},
                 "--stop-seconds: -1 is below zero");
  EXPECT_FALSE(std::filesystem::exists(data));
}

}  // namespace
}  // namespace headwater::testing
