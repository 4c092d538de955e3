#include "engine/run/run_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "base/file.h"
#include "engine/extract/extractor.h"
#include "engine/land/lake_landing.h"
#include "engine/run/checkpoint.h"
#include "engine/run/run_inputs.h"
#include "engine/run/source_access.h"
#include "engine/shape/shaper.h"
#include "support/page_source.h"

extern char** environ;  // NOLINT: what posix_spawn hands on

namespace headwater::run {
namespace {

using domain::RunStatus;
using support::PageSource;
using testing::HasSubstr;

http::ClientOptions loopback() {
  http::ClientOptions client;
  client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  return client;
}

std::unique_ptr<lake::Lake> open_lake(const std::filesystem::path& root, Clock& clock) {
  lake::Lake::Options options;
  options.root = root;
  auto lake = *lake::Lake::open(std::move(options), clock);
  EXPECT_TRUE(lake->put_dataset(lake::DatasetInfo{DatasetId{"ds"}, "members", "", lake::Format::ndjson}));
  return lake;
}

// Every line of every data file of the dataset's batch.
std::vector<std::string> landed_lines(const lake::Lake& lake, const BatchId& batch) {
  std::vector<std::string> lines;
  const DatasetId dataset{"ds"};
  const auto files = lake.batch_files(dataset, batch);
  if (!files) return lines;
  for (const auto& file : *files) {
    const auto open = lake.open_batch_file(dataset, batch, file.name);
    const std::string text = *open->read(0, open->bytes());
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end == std::string::npos ? text.size() : end + 1;
    }
  }
  return lines;
}

std::string line_of(std::size_t index) {
  return R"({"item":{"id":)" + std::to_string(index) + R"(,"name":"record )" + std::to_string(index) +
         R"("}})";
}

// One run over a connection spec into the lake, as a server does it.
struct Attempt {
  SourceAccess& access;
  lake::Lake& lake;
  json::Value spec;
  BatchId batch{"b1"};
  RunOptions options = {};
  json::Value target_schema = {};
  std::optional<mapping::MappingSet> mapping = {};

  RunOutcome run(std::stop_token stop = {}) {
    SourceDocuments documents;
    documents.connection_spec = spec;
    documents.params = json::Object{};
    auto inputs = SourceAccess::read(documents, extract::Window{});
    EXPECT_TRUE(inputs) << inputs.error().message;
    lake::BatchOptions opening;
    opening.dataset = DatasetId{"ds"};
    opening.batch = batch;
    opening.check_records = false;
    auto landing = land::LakeLanding::make(lake, std::move(opening));
    EXPECT_TRUE(landing) << landing.error().message;
    if ((*landing)->committed()) return finish_committed(**landing, options, access.clock());
    auto shaper = shape::Shaper::make(inputs->spec.content, inputs->spec.explode);
    auto mapper = make_mapper(mapping, target_schema);
    EXPECT_TRUE(mapper) << mapper.error().message;
    const auto cursor = resume_cursor((*landing)->resumed_cursor());
    auto extractor =
        extract::Extractor::make(access.services(), *std::move(inputs), access.defaults(), *cursor);
    EXPECT_TRUE(extractor) << extractor.error().message;
    return run_source(**extractor, *shaper, *mapper, **landing, options, access.clock(), stop);
  }
};

class RunSourceTest : public testing::Test {
 protected:
  RunSourceTest()
      : folder_(*TemporaryFolder::make("headwater-run")),
        lake_(open_lake(folder_.path() / "lake", clock_)),
        access_(loopback(), clock_) {
    access_.defaults().fetch_ahead = 1;
    access_.defaults().retry.attempts_max = 1;
    access_.defaults().spool_folder = folder_.path();
  }
  Attempt attempt(json::Value spec) { return Attempt{access_, *lake_, std::move(spec)}; }

  SystemClock clock_;
  TemporaryFolder folder_;
  std::unique_ptr<lake::Lake> lake_;
  SourceAccess access_;
};

TEST_F(RunSourceTest, EveryPageEndsInOneBatch) {
  PageSource source({.records = 95});
  std::vector<std::uint64_t> pages;
  auto run = attempt(source.spec(10));
  run.options.note_page = [&pages](std::uint64_t page, std::uint64_t bytes) -> Result<void> {
    EXPECT_GT(bytes, 0U);
    pages.push_back(page);
    return {};
  };
  const auto outcome = run.run();
  EXPECT_EQ(outcome.status, RunStatus::success) << (outcome.errors.empty() ? "" : outcome.errors[0].message);
  EXPECT_EQ(outcome.counts.pages, 10U);
  EXPECT_EQ(outcome.counts.records_read, 95U);
  EXPECT_EQ(outcome.counts.records_written, 95U);
  EXPECT_EQ(outcome.counts.output_files, 1U);
  EXPECT_GT(outcome.counts.output_bytes, 0U);
  EXPECT_TRUE(outcome.errors.empty());
  EXPECT_TRUE(outcome.copied && outcome.completed);
  EXPECT_EQ(pages.size(), 10U);
  const auto lines = landed_lines(*lake_, BatchId{"b1"});
  ASSERT_EQ(lines.size(), 95U);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], line_of(i));
}

TEST_F(RunSourceTest, NothingToReadIsASuccessOfZero) {
  PageSource source({.records = 0});
  const auto outcome = attempt(source.spec(10)).run();
  EXPECT_EQ(outcome.status, RunStatus::success);
  EXPECT_EQ(outcome.counts.records_read, 0U);
  EXPECT_EQ(outcome.counts.records_written, 0U);
}

TEST_F(RunSourceTest, AFailingPageLeavesNothing) {
  PageSource source(
      {.records = 50,
       .instead = [](const http::Request&, std::size_t offset) -> std::optional<http::Response> {
         if (offset == 30) return http::Response::text(500, "broken");
         return std::nullopt;
       }});
  access_.defaults().retry.attempts_max = 2;
  access_.defaults().retry.first_delay = std::chrono::milliseconds(1);
  const auto outcome = attempt(source.spec(10)).run();
  EXPECT_EQ(outcome.counts.requests, 5U);
  EXPECT_EQ(outcome.counts.retries, 1U) << "the page that never came cost a retry";
  EXPECT_EQ(outcome.status, RunStatus::failed);
  ASSERT_FALSE(outcome.errors.empty());
  EXPECT_EQ(outcome.errors[0].code, "CONNECTOR-1001-500");
  EXPECT_THAT(outcome.errors[0].message, HasSubstr("500"));
  EXPECT_FALSE(outcome.copied);
  EXPECT_EQ(outcome.counts.records_read, 30U);
  EXPECT_EQ(outcome.counts.records_written, 0U);
  EXPECT_TRUE(landed_lines(*lake_, BatchId{"b1"}).empty());
  EXPECT_FALSE((*lake_->manifest(DatasetId{"ds"}))->find_batch(BatchId{"b1"})->has_value());
}

TEST_F(RunSourceTest, AStopParksAndTheResumeDoublesNothing) {
  PageSource source({.records = 60});
  std::stop_source stop;
  auto first = attempt(source.spec(10));
  first.options.progress_every = {};
  first.options.progress = [&stop](const Progress& progress) {
    if (progress.counts.pages == 3) stop.request_stop();
  };
  const auto parked = first.run(stop.get_token());
  EXPECT_EQ(parked.status, RunStatus::in_progress);
  EXPECT_EQ(parked.counts.pages, 3U);
  EXPECT_TRUE(landed_lines(*lake_, BatchId{"b1"}).empty());

  auto second = attempt(source.spec(10));
  std::optional<Progress> last;
  second.options.progress = [&last](const Progress& progress) { last = progress; };
  const auto outcome = second.run();
  EXPECT_EQ(outcome.status, RunStatus::success);
  EXPECT_EQ(outcome.counts.pages, 6U);
  EXPECT_EQ(outcome.counts.records_written, 60U);
  EXPECT_LE(std::chrono::abs(outcome.started - parked.started), std::chrono::milliseconds(1));
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->resumed);
  EXPECT_EQ(source.asked("offset"), (std::vector<std::string>{"0", "10", "20", "30", "40", "50"}));
  EXPECT_EQ(landed_lines(*lake_, BatchId{"b1"}).size(), 60U);
}

TEST_F(RunSourceTest, ACancelDiscardsTheBatch) {
  PageSource source({.records = 60});
  std::stop_source stop;
  auto run = attempt(source.spec(10));
  run.options.cancelled = [] { return true; };
  run.options.progress_every = {};
  run.options.progress = [&stop](const Progress& progress) {
    if (progress.counts.pages == 2) stop.request_stop();
  };
  const auto outcome = run.run(stop.get_token());
  EXPECT_EQ(outcome.status, RunStatus::failed);
  EXPECT_TRUE(outcome.cancelled);
  ASSERT_EQ(outcome.errors.size(), 1U);
  EXPECT_EQ(outcome.errors[0].code, "CANCELLED");
  const auto again = attempt(source.spec(10)).run();
  EXPECT_EQ(again.counts.pages, 6U) << "the cancelled batch left its checkpoint behind";
}

TEST_F(RunSourceTest, MaximumRequestIsAPartialSuccess) {
  PageSource source({.records = 60});
  const auto outcome = attempt(source.spec(10, {{"maximumRequest", 2}})).run();
  EXPECT_EQ(outcome.status, RunStatus::partial_success);
  EXPECT_EQ(outcome.counts.records_written, 20U);
  ASSERT_FALSE(outcome.notes.empty());
  EXPECT_THAT(outcome.notes.back(), HasSubstr("maximumRequest"));
}

TEST_F(RunSourceTest, ACommittedBatchIsNotReadAgain) {
  PageSource source({.records = 25});
  EXPECT_EQ(attempt(source.spec(10)).run().status, RunStatus::success);
  const std::size_t requests = source.requests().size();
  source.set_records(100);
  const auto again = attempt(source.spec(10)).run();
  EXPECT_EQ(again.status, RunStatus::success);
  EXPECT_EQ(again.counts.records_written, 25U);
  EXPECT_EQ(source.requests().size(), requests);
}

// Bad records: what the flow tolerates, and how the run then ends.
struct ThresholdCase {
  std::string_view name;
  std::size_t bad;  // of 40
  std::optional<double> percent;
  bool diagnostics;
  RunStatus want;
  std::string_view code;  // of the first error; empty: none
};

constexpr ThresholdCase kThresholds[] = {
    {"NoneBad", 0, std::nullopt, false, RunStatus::success, ""},
    {"OneBadWithoutPartialIngestion", 1, std::nullopt, false, RunStatus::failed, "CONNECTOR-2001-500"},
    {"BelowTheThreshold", 1, 5.0, true, RunStatus::success, "INGEST-1212-400"},
    {"ExactlyTheThreshold", 2, 5.0, true, RunStatus::success, "INGEST-1212-400"},
    {"WithoutDiagnostics", 2, 5.0, false, RunStatus::success, "INGEST-1211-400"},
    {"AboveTheThreshold", 3, 5.0, true, RunStatus::failed, "CONNECTOR-2001-500"},
    {"AllBadAllTolerated", 40, 100.0, true, RunStatus::success, "INGEST-1212-400"},
};

class ThresholdTest : public RunSourceTest, public testing::WithParamInterface<ThresholdCase> {};

TEST_P(ThresholdTest, DecidesStatusAndCode) {
  const ThresholdCase& test = GetParam();
  // The bad ones lack a required member; they are the last of each page first.
  PageSource source({.records = 40, .record = [bad = test.bad](std::size_t index) {
                       const bool is_bad = 39 - index < bad;
                       return is_bad ? R"({"name":"no id )" + std::to_string(index) + "\"}"
                                     : R"({"id":)" + std::to_string(index) + "}";
                     }});
  auto run = attempt(source.spec(10));
  run.options.partial_ingestion_percent = test.percent;
  run.options.error_diagnostics = test.diagnostics;
  run.target_schema = *json::parse(
      R"({"type":"object","properties":{"item":{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}}})");
  const auto outcome = run.run();
  EXPECT_EQ(outcome.status, test.want);
  EXPECT_EQ(outcome.counts.records_failed, test.bad);
  EXPECT_EQ(outcome.counts.records_shaped, 40U);
  EXPECT_EQ(outcome.errors.empty() ? "" : outcome.errors[0].code, test.code);
  EXPECT_EQ(landed_lines(*lake_, BatchId{"b1"}).size(), test.want == RunStatus::failed ? 0 : 40 - test.bad);
  if (test.bad == 0) return;
  ASSERT_EQ(outcome.failed.size(), 1U);
  EXPECT_EQ(outcome.failed[0].code, "INGEST-1555-400");
  EXPECT_EQ(outcome.failed[0].count, test.bad);
  const std::string place = test.bad == 40 ? "Page 1, record 1 (1 of the run)"
                                           : "Page 4, record " + std::to_string(11 - test.bad) + " (" +
                                                 std::to_string(41 - test.bad) + " of the run)";
  EXPECT_THAT(outcome.failed[0].message, HasSubstr(place));
  const auto kept = lake_->meta_files(DatasetId{"ds"}, BatchId{"b1"}, lake::MetaFolder::row_errors);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->empty()) << "rejected records are always kept";
}

INSTANTIATE_TEST_SUITE_P(Runs, ThresholdTest, testing::ValuesIn(kThresholds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(RunSourceTest, BrokenElementsAreRejectedWithPageAndRecord) {
  PageSource source({.records = 20, .record = [](std::size_t index) {
                       return index == 13 ? std::string("{\"id\":\"\xff\"}")
                                          : R"({"id":)" + std::to_string(index) + "}";
                     }});
  auto run = attempt(source.spec(10));
  run.options.partial_ingestion_percent = 10;
  const auto outcome = run.run();
  EXPECT_EQ(outcome.status, RunStatus::success);
  ASSERT_EQ(outcome.failed.size(), 1U);
  EXPECT_EQ(outcome.failed[0].code, "INGEST-1401-400");
  EXPECT_THAT(outcome.failed[0].message, HasSubstr("Page 2, record 4 (14 of the run)"));
  EXPECT_EQ(outcome.counts.records_written, 19U);
}

// The second record has 1.5 MB of lines, the last one is broken: what is read counts records, not their
// parts.
TEST_F(RunSourceTest, ALargeRecordIsExplodedInPartsAndCountsAsOne) {
  PageSource source({.records = 12, .record = [](std::size_t index) {
                       std::string lines = "0";
                       for (int i = 1; index == 1 && i < 250'000; ++i) lines += "," + std::to_string(i);
                       if (index == 11) lines = "01";
                       return R"({"id":)" + std::to_string(index) + R"(,"lines":[)" + lines + "]}";
                     }});
  auto spec = source.spec(10);
  spec.find("sourceSpec")
      ->find("attributes")
      ->if_object()
      ->set("explodeEntityPath",
            json::Object{{"path", "$.item.lines"}, {"overrideWrapperAttribute", "line"}});
  auto run = attempt(spec);
  run.options.partial_ingestion_percent = 10;
  const auto outcome = run.run();
  EXPECT_EQ(outcome.status, RunStatus::success) << (outcome.errors.empty() ? "" : outcome.errors[0].message);
  EXPECT_EQ(outcome.counts.records_read, 12U);
  EXPECT_EQ(outcome.counts.records_written, 250'010U);
  ASSERT_EQ(outcome.failed.size(), 1U);
  EXPECT_THAT(outcome.failed[0].message, HasSubstr("Page 2, record 2 (12 of the run)"));
  const auto lines = landed_lines(*lake_, BatchId{"b1"});
  ASSERT_EQ(lines.size(), 250'010U);
  for (std::size_t i = 0; i < 250'000; ++i)
    ASSERT_EQ(lines[i + 1], R"({"item":{"id":1,"line":)" + std::to_string(i) + "}}");
}

TEST_F(RunSourceTest, AMappingRowThatFailsIsAWarningWithItsPlace) {
  PageSource source({.records = 20, .record = [](std::size_t index) {
                       return R"({"id":)" + std::to_string(index) + R"(,"amount":)" +
                              (index % 10 == 7 ? "\"x\"" : "5") + "}";
                     }});
  auto run = attempt(source.spec(10));
  run.mapping.emplace();
  run.mapping->rows = {{mapping::SourceType::attribute, "item.id", "id"},
                       {mapping::SourceType::expression, "item.amount * 2", "total"},
                       {mapping::SourceType::expression, "iif(item.id == 3, nullify(), upper('k'))", "kind"}};
  run.target_schema = *json::parse(
      R"({"type":"object","properties":{"id":{"type":"integer"},"total":{"type":"number"},"kind":{"type":"string"}},"required":["kind"]})");
  run.options.partial_ingestion_percent = 10;
  const auto outcome = run.run();
  EXPECT_EQ(outcome.status, RunStatus::success);
  EXPECT_EQ(outcome.counts.records_written, 19U) << "the nulled total is ingested, the missing kind is not";
  ASSERT_EQ(outcome.errors.size(), 3U);
  EXPECT_EQ(outcome.errors[1].code, "INGEST-1555-400");
  EXPECT_EQ(outcome.errors[2].code, "MAPPER-3700-400");
  EXPECT_EQ(outcome.errors[2].record_count, 2U);
  EXPECT_EQ(
      outcome.errors[2].message,
      "First of 2: Page 1, record 8 (8 of the run): Mapping 1 (item.amount * 2 to total) failed: \"*\" needs "
      "numbers, \"x\" is none.");
}

// kill -9. A child process of this same program runs the pipeline and kills itself at a place that the
// environment names; the parent starts it again until it gets through.

constexpr const char* kChildSpec = "HEADWATER_KILL_TEST_SPEC";
constexpr const char* kChildLake = "HEADWATER_KILL_TEST_LAKE";
constexpr const char* kChildPage = "HEADWATER_KILL_TEST_PAGE";
constexpr const char* kChildPlace = "HEADWATER_KILL_TEST_PLACE";

TEST(RunChild, DISABLED_RunsUntilItIsKilled) {
  SystemClock clock;
  auto lake = open_lake(std::getenv(kChildLake), clock);
  SourceAccess access(loopback(), clock);
  access.defaults().fetch_ahead = std::string_view(std::getenv(kChildPlace)) == "ahead" ? 3 : 1;
  Attempt attempt{access, *lake, *json::parse(std::getenv(kChildSpec))};
  const std::uint64_t deadly = std::stoul(std::getenv(kChildPage));
  const bool before = std::string_view(std::getenv(kChildPlace)) == "before";
  attempt.options.note_page = [=](std::uint64_t page, std::uint64_t) -> Result<void> {
    if (before && page == deadly) std::raise(SIGKILL);
    return {};
  };
  attempt.options.progress_every = {};
  attempt.options.progress = [=](const Progress& progress) {
    if (!before && progress.counts.pages == deadly) std::raise(SIGKILL);
  };
  ASSERT_EQ(attempt.run().status, RunStatus::success);
}

// The child's wait status.
int run_child(const std::string& spec, const std::string& lake, std::size_t page, const std::string& place) {
  setenv(kChildSpec, spec.c_str(), 1);
  setenv(kChildLake, lake.c_str(), 1);
  setenv(kChildPage, std::to_string(page).c_str(), 1);
  setenv(kChildPlace, place.c_str(), 1);
  std::string self = "/proc/self/exe";
  std::string filter = "--gtest_filter=RunChild.*";
  std::string disabled = "--gtest_also_run_disabled_tests";
  std::string quiet = "--gtest_brief=1";
  char* arguments[] = {self.data(), filter.data(), disabled.data(), quiet.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments, environ), 0);
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

class KillTest : public RunSourceTest, public testing::WithParamInterface<const char*> {};

TEST_P(KillTest, AtEveryPageLosesNothingAndDoublesNothing) {
  constexpr std::size_t kPages = 8;
  PageSource source({.records = kPages * 10});
  const std::string place = GetParam();
  const std::string spec = source.spec(10).dump();
  const std::string lake = (folder_.path() / "killed").string();
  for (std::size_t page = 1; page <= kPages; ++page) {
    const int status = run_child(spec, lake, page, place);
    ASSERT_TRUE(WIFSIGNALED(status)) << "page " << page;
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
  const int status = run_child(spec, lake, 0, place);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  const auto reopened = open_lake(lake, clock_);
  const auto lines = landed_lines(*reopened, BatchId{"b1"});
  ASSERT_EQ(lines.size(), kPages * 10);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], line_of(i));
  // Killed before a checkpoint, that page is fetched again; behind it, nothing is.
  const std::size_t again = place == "before" ? kPages : place == "after" ? 0 : kPages * 3;
  EXPECT_LE(source.requests().size(), kPages + again);
}

INSTANTIATE_TEST_SUITE_P(Runs, KillTest, testing::Values("before", "after", "ahead"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace headwater::run
