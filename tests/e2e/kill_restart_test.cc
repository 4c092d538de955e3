// The server is killed in the middle of a run, again and again, and started again: the run ends with each
// record once.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

const std::string kBinary = HEADWATER_BINARY;
const std::string kSourceServer = HEADWATER_SOURCE_SERVER;
constexpr std::string_view kListening = "listening on ";

// A server on a free port; a new one goes on with the same data.
class Serving {
 public:
  explicit Serving(const std::string& data)
      : process_({kBinary, "serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--allow-network",
                  "127.0.0.0/8"},
                 ChildProcess::Options{.folder = {}, .error_file = data + ".log", .environment = {}}) {
    const std::string line = process_.wait_for_line(std::string(kListening));
    if (line.size() > kListening.size()) url_ = line.substr(kListening.size());
  }
  const std::string& url() const { return url_; }
  void kill() {
    process_.signal(SIGKILL);
    process_.wait();
  }

 private:
  ChildProcess process_;
  std::string url_;
};

class KillRestart : public ::testing::Test {
 protected:
  static constexpr std::size_t kRecords = 3000;

  KillRestart()
      : folder_(*TemporaryFolder::make("headwater-kill-")),
        data_((folder_.path() / "data").string()),
        source_({kSourceServer, "--port", "0", "--records", std::to_string(kRecords)}) {
    source_url_ = source_.wait_for_line(std::string(kListening)).substr(kListening.size());
    serving_.emplace(data_);
  }

  Finished headwater(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kBinary);
    arguments.insert(arguments.end(), {"--data-dir", data_});
    return run_program(arguments);
  }
  Finished ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", serving_->url()});
    return headwater(std::move(arguments));
  }
  json::Value create(const std::string& family, const json::Value& body) {
    const auto file = (folder_.path() / "body.json").string();
    std::ofstream(file) << body.dump();
    const auto done = ask({family, "create", file});
    EXPECT_EQ(done.exit_code, 0) << family << ": " << done.errors;
    auto answer = json::parse(done.output);
    EXPECT_TRUE(answer) << done.output;
    return answer ? *std::move(answer) : json::Value();
  }
  std::string create_id(const std::string& family, const json::Value& body) {
    return std::string(create(family, body).string_at("id"));
  }

  // A flow over the source's pages of 50, slowly enough to be killed on the way.
  std::string create_flow() {
    const json::Value spec = json::Object{{"id", "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62"}, {"version", "1.0"}};
    const std::string account = create_id(
        "connections",
        json::Object{{"name", "account"},
                     {"connectionSpec", spec},
                     {"auth", json::Object{{"specName", "Basic Authentication"},
                                           {"params", json::Object{{"host", source_url_},
                                                                   {"username", "ada"},
                                                                   {"password", "open s\u00e9same"}}}}}});
    const std::string source = create_id(
        "source-connections",
        json::Object{
            {"name", "items"},
            {"baseConnectionId", account},
            {"connectionSpec", spec},
            {"data", json::Object{{"format", "json"}}},
            {"params", json::Object{{"urlParams", json::Object{{"path", "/basic/offset"}, {"method", "GET"}}},
                                    {"contentPath", json::Object{{"path", "$.items"}}},
                                    {"paginationParams", json::Object{{"type", "OFFSET"},
                                                                      {"limitName", "limit"},
                                                                      {"limitValue", "50"},
                                                                      {"offSetName", "offset"},
                                                                      {"delayRequestMillis", "50"}}}}}});
    const json::Value dataset = create("datasets", json::Object{{"name", "items"}});
    const std::string reference = dataset.is_array() ? *dataset.if_array()->front().if_string() : "";
    dataset_ = reference.substr(reference.rfind('/') + 1);
    const std::string target = create_id(
        "target-connections",
        json::Object{{"name", "lake"},
                     {"connectionSpec", json::Object{{"id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"}}},
                     {"params", json::Object{{"dataSetId", dataset_}}}});
    return create_id(
        "flows",
        json::Object{{"name", "items"},
                     {"flowSpec", json::Object{{"id", "6499120c-0b15-42dc-936e-847ea3c24d72"}}},
                     {"sourceConnectionIds", json::Array{json::Value(source)}},
                     {"targetConnectionIds", json::Array{json::Value(target)}},
                     {"scheduleParams", json::Object{{"startTime", 1'700'000'000}, {"frequency", "once"}}}});
  }

  // The flow's run as soon as it has read at least so many records; "" when it has ended before.
  std::string run_past(const std::string& flow, std::int64_t records) {
    while (true) {
      const auto done = ask({"runs", "list", "--query", "property=flowId==" + flow, "--output", "json"});
      const auto answer = json::parse(done.output);
      if (!answer) return "";
      const json::Value* items = answer->is_array() ? &*answer : answer->find("items");
      if (items == nullptr || !items->is_array() || items->if_array()->empty()) continue;
      const json::Value& run = items->if_array()->front();
      const json::Value* status = run.find_path("metrics.statusSummary.status");
      const std::string word = status == nullptr || !status->is_string() ? "" : *status->if_string();
      if (word != "scheduled" && word != "inProgress") return "";
      const json::Value* read = run.find_path("metrics.recordSummary.inputRecordCount");
      if (read != nullptr && read->as_int64().value_or(0) >= records) return std::string(run.string_at("id"));
    }
  }

  TemporaryFolder folder_;
  std::string data_;
  ChildProcess source_;
  std::string source_url_;
  std::string dataset_;
  std::optional<Serving> serving_;
};

TEST_F(KillRestart, ARunEndsWithEachRecordOnce) {
  const std::string flow = create_flow();
  std::string run;
  for (const std::int64_t records : {50, 800, 1500}) {
    const std::string found = run_past(flow, records);
    ASSERT_NE(found, "") << "the run ended before it could be killed";
    EXPECT_TRUE(run.empty() || found == run) << "a second run was started";
    run = found;
    serving_->kill();
    serving_.emplace(data_);
    ASSERT_NE(serving_->url(), "");
  }
  const auto watched = ask({"runs", "watch", run});
  EXPECT_EQ(watched.exit_code, 0) << watched.errors;
  const auto counted = headwater(
      {"query", "SELECT count(*), count(DISTINCT items.id) FROM \"" + dataset_ + "\"", "--output", "csv"});
  EXPECT_EQ(counted.exit_code, 0) << counted.errors;
  EXPECT_NE(counted.output.find("3000,3000"), std::string::npos) << counted.output;
}

}  // namespace
}  // namespace headwater::testing
