#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {

inline const std::string kBinary = HEADWATER_BINARY;
inline const std::string kSourceServer = HEADWATER_SOURCE_SERVER;
inline constexpr std::string_view kListening = "listening on ";

/// The body of an answer of a server on loopback; "" when there is none. `url` is http://127.0.0.1:PORT/...
inline std::string ask_plainly(const std::string& url, const std::string& method = "GET") {
  const auto colon = url.find(':', 7);
  const auto slash = url.find('/', colon);
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, slash - colon - 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "";
  const std::string request =
      method + " " + url.substr(slash) +
      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  if (!write_all(fd.get(), request, "a request")) return "";
  std::string answer;
  char buffer[65536];
  for (ssize_t got = 0; (got = ::read(fd.get(), buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(got));
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

/// A server on a free port; a new one goes on with the same data.
class Serving {
 public:
  explicit Serving(const std::string& data, const std::vector<std::string>& more = {})
      : process_(command(data, more),
                 ChildProcess::Options{.folder = {}, .error_file = data + ".log", .environment = {}}) {
    const std::string line = process_.wait_for_line(std::string(kListening));
    if (line.size() > kListening.size()) url_ = line.substr(kListening.size());
  }
  const std::string& url() const { return url_; }
  void kill() {
    process_.signal(SIGKILL);
    process_.wait();
  }
  ChildProcess& process() { return process_; }

 private:
  static std::vector<std::string> command(const std::string& data, const std::vector<std::string>& more) {
    std::vector<std::string> words{kBinary, "serve", "--data-dir", data, "--allow-network", "127.0.0.0/8"};
    if (std::find(more.begin(), more.end(), "--listen") == more.end())
      words.insert(words.end(), {"--listen", "127.0.0.1:0"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  ChildProcess process_;
  std::string url_;
};

/// A server with flows over a source of ours.
class ServingTest : public ::testing::Test {
 protected:
  explicit ServingTest(std::size_t records = 3000)
      : folder_(*TemporaryFolder::make("headwater-e2e-")),
        data_((folder_.path() / "data").string()),
        source_({kSourceServer, "--port", "0", "--records", std::to_string(records)}) {
    source_url_ = source_.wait_for_line(std::string(kListening)).substr(kListening.size());
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  Finished headwater(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kBinary);
    arguments.insert(arguments.end(), {"--data-dir", data_});
    return run_program(arguments, {.folder = {}, .error_file = {}, .environment = store_});
  }
  Finished ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", serving_->url()});
    return headwater(std::move(arguments));
  }
  /// What a verb answers, as JSON.
  json::Value read(std::vector<std::string> arguments) {
    const auto done = ask(std::move(arguments));
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    auto parsed = json::parse(done.output);
    EXPECT_TRUE(parsed) << done.output;
    return parsed ? *std::move(parsed) : json::Value();
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

  struct FlowOf {
    std::string format = "parquet";
    std::string delay_millis = "50";  // between pages of 50: slow enough to be killed on the way
    std::string query = {};           // of the source, such as "n=20"
    json::Object options = {};
  };
  /// A flow that reads the source once, into a dataset of its own (`dataset_`).
  std::string create_flow(const FlowOf& flow) {
    const json::Value spec = json::Object{{"id", "4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62"}, {"version", "1.0"}};
    const std::string account = create_id(
        "connections",
        json::Object{{"name", "account"},
                     {"connectionSpec", spec},
                     {"auth", json::Object{{"specName", "Basic Authentication"},
                                           {"params", json::Object{{"host", source_url_},
                                                                   {"username", "ada"},
                                                                   {"password", "open s\u00e9same"}}}}}});
    json::Object paging{
        {"type", "OFFSET"}, {"limitName", "limit"}, {"limitValue", "50"}, {"offSetName", "offset"}};
    if (!flow.delay_millis.empty()) paging.set("delayRequestMillis", flow.delay_millis);
    const auto path = "/basic/offset" + (flow.query.empty() ? "" : "?" + flow.query);
    const std::string source = create_id(
        "source-connections",
        json::Object{{"name", "items"},
                     {"baseConnectionId", account},
                     {"connectionSpec", spec},
                     {"data", json::Object{{"format", "json"}}},
                     {"params", json::Object{{"urlParams", json::Object{{"path", path}, {"method", "GET"}}},
                                             {"contentPath", json::Object{{"path", "$.items"}}},
                                             {"paginationParams", std::move(paging)}}}});
    return create_flow_from(source, {.format = flow.format, .options = flow.options});
  }

  struct FlowInto {
    std::string name = "items";
    std::string format = "parquet";
    json::Object options = {};
    std::int64_t start_time = 1'700'000'000;
  };
  /// A flow that takes a source connection's records once, into a dataset of its own (`dataset_`).
  std::string create_flow_from(const std::string& source, const FlowInto& flow) {
    const json::Value dataset =
        create("datasets",
               json::Object{{"name", "items"}, {"fileDescription", json::Object{{"format", flow.format}}}});
    const std::string reference = dataset.is_array() ? *dataset.if_array()->front().if_string() : "";
    dataset_ = reference.substr(reference.rfind('/') + 1);
    const std::string target = create_id(
        "target-connections",
        json::Object{{"name", "lake"},
                     {"connectionSpec", json::Object{{"id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"}}},
                     {"params", json::Object{{"dataSetId", dataset_}}}});
    json::Object body{
        {"name", flow.name},
        {"flowSpec", json::Object{{"id", "6499120c-0b15-42dc-936e-847ea3c24d72"}}},
        {"sourceConnectionIds", json::Array{json::Value(source)}},
        {"targetConnectionIds", json::Array{json::Value(target)}},
        {"scheduleParams", json::Object{{"startTime", flow.start_time}, {"frequency", "once"}}}};
    if (!flow.options.empty()) body.set("options", flow.options);
    return create_id("flows", std::move(body));
  }

  /// Makes the source "keyed" in a folder, as `source init` makes it of a curl command.
  void init_keyed(const std::string& folder) {
    const auto made = run_program(
        {kBinary, "source", "init", "keyed", "--dir", folder, "--allow-network", "127.0.0.0/8", "--from-curl",
         "curl -H 'X-Auth-Key1: key-one' '" + source_url_ + "/key-header/offset/lists/7?limit=50&offset=0'"});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
  }
  /// A flow "keyed items" of that source, registered as this spec.
  std::string create_keyed_flow(const std::string& spec, std::int64_t start_time = 1'700'000'000) {
    const json::Value reference = json::Object{{"id", spec}, {"version", "1.0"}};
    const auto account =
        create_id("connections",
                  json::Object{{"name", "account"},
                               {"connectionSpec", reference},
                               {"auth", json::Object{{"specName", "API Key Authentication"},
                                                     {"params", json::Object{{"authKey1", "key-one"}}}}}});
    const auto source =
        create_id("source-connections", json::Object{{"name", "items"},
                                                     {"baseConnectionId", account},
                                                     {"connectionSpec", reference},
                                                     {"data", json::Object{{"format", "json"}}},
                                                     {"params", json::Object{{"listId", "7"}}}});
    return create_flow_from(source, {.name = "keyed items", .start_time = start_time});
  }

  struct RunState {
    std::string id, status;
    std::int64_t read = 0;
  };
  /// The runs of a flow, oldest first.
  std::vector<RunState> runs_of(const std::string& flow) {
    std::vector<RunState> runs;
    const auto done = ask({"runs", "list", "--query", "property=flowId==" + flow, "--output", "json"});
    const auto answer = json::parse(done.output);
    const json::Value* items = !answer ? nullptr : answer->is_array() ? &*answer : answer->find("items");
    if (items == nullptr || !items->is_array()) return runs;
    for (const json::Value& run : *items->if_array()) {
      const json::Value* status = run.find_path("metrics.statusSummary.status");
      const json::Value* read = run.find_path("metrics.recordSummary.inputRecordCount");
      runs.insert(runs.begin(),
                  RunState{std::string(run.string_at("id")),
                           status == nullptr || !status->is_string() ? "" : *status->if_string(),
                           read == nullptr ? 0 : read->as_int64().value_or(0)});
    }
    return runs;
  }
  static bool is_over(const RunState& run) { return run.status != "scheduled" && run.status != "inProgress"; }
  /// The flow's only run, as soon as it has read so many records or has ended.
  RunState run_past(const std::string& flow, std::int64_t records) {
    while (true) {
      const auto runs = runs_of(flow);
      if (runs.empty()) continue;
      EXPECT_EQ(runs.size(), 1U) << "a second run was started";
      if (is_over(runs[0]) || runs[0].read >= records) return runs[0];
    }
  }
  RunState end_of(const std::string& flow) { return run_past(flow, INT64_MAX); }

  /// "count,distinct ids" of the dataset.
  std::string counted() {
    const auto done = headwater_query("SELECT count(*), count(DISTINCT items.id) FROM \"" + dataset_ + "\"");
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    const auto begin = done.output.find('\n') + 1;
    return done.output.substr(begin, done.output.find('\r', begin) - begin);
  }
  Finished headwater_query(const std::string& sql) {
    return run_program({kBinary, "query", sql, "--data-dir", data_, "--output", "csv"});
  }
  std::string log_text() {
    const auto text = read_file(data_ + ".log");
    return text ? *text : "";
  }

  TemporaryFolder folder_;
  std::string data_;
  std::vector<std::string> store_;  // environment of commands that open the store
  ChildProcess source_;
  std::string source_url_;
  std::string dataset_;
  std::unique_ptr<Serving> serving_;
};

}  // namespace headwater::testing
