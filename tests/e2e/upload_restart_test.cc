// Uploads to the real binary, which is killed between an acknowledged file and the completion, and again
// while it takes the files in: the dataset ends with each record once, and never shows a part of them.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

const std::string kBinary = HEADWATER_BINARY;
constexpr int kFiles = 3;
constexpr int kRecords = 200'000;  // in each

class UploadRestart : public ::testing::Test {
 protected:
  UploadRestart()
      : folder_(*TemporaryFolder::make("headwater-upload-")), data_((folder_.path() / "data").string()) {
    start();
  }

  void start() {
    server_.emplace(
        std::vector<std::string>{kBinary, "serve", "--listen", "127.0.0.1:0", "--data-dir", data_},
        ChildProcess::Options{.folder = {}, .error_file = data_ + ".log", .environment = {}});
    url_ = server_->wait_for_line("listening on ").substr(13);
    const auto token = run_program({kBinary, "token", "--data-dir", data_, "--json"});
    access_ = *json::parse(token.output);
  }
  void kill() {
    server_->signal(SIGKILL);
    server_->wait();
    server_.reset();
  }

  json::Value ask(const std::string& method, const std::string& path, std::vector<std::string> more = {}) {
    const auto text = [this](const char* name) { return std::string(access_.string_at(name)); };
    std::vector<std::string> command{"curl",
                                     "-s",
                                     "-X",
                                     method,
                                     url_ + path,
                                     "-H",
                                     "Authorization: Bearer " + text("access_token"),
                                     "-H",
                                     "x-api-key: " + text("client_id"),
                                     "-H",
                                     "x-gw-ims-org-id: " + text("ims_org_id")};
    command.insert(command.end(), more.begin(), more.end());
    const auto done = run_program(command);
    auto answer = json::parse(done.output);
    EXPECT_TRUE(answer) << method << " " << path << ": " << done.output << done.errors;
    return answer ? *std::move(answer) : json::Value();
  }
  json::Value send(const std::string& method, const std::string& path, const std::string& body) {
    return ask(method, path, {"-H", "Content-Type: application/json", "-d", body});
  }
  std::string status_of(const std::string& batch) {
    const auto answer = ask("GET", "/data/foundation/catalog/batches/" + batch);
    const json::Value* status = answer.find_path(batch + ".status");
    return status == nullptr ? "" : *status->if_string();
  }
  std::string count(const std::string& dataset, const std::string& what = "count(*)") {
    const auto answer =
        send("POST", "/headwater/query", R"({"sql":"SELECT )" + what + R"( FROM \")" + dataset + R"(\""})");
    const json::Value* rows = answer.find("rows");
    return rows == nullptr ? answer.dump() : rows->dump();
  }

  TemporaryFolder folder_;
  std::string data_, url_;
  json::Value access_;
  std::optional<ChildProcess> server_;
};

TEST_F(UploadRestart, WhatWasAcknowledgedIsThereOnceAndWhole) {
  const auto created = send("POST", "/data/foundation/catalog/dataSets", R"({"name":"uploaded"})");
  ASSERT_TRUE(created.is_array()) << created.dump();
  const std::string reference = *created.if_array()->front().if_string();
  const std::string dataset = reference.substr(reference.rfind('/') + 1);
  const auto batch_document = send("POST", "/data/foundation/import/batches",
                                   R"({"datasetId":")" + dataset + R"(","inputFormat":{"format":"json"}})");
  const std::string batch(batch_document.string_at("id"));
  ASSERT_FALSE(batch.empty()) << batch_document.dump();
  const std::string files = "/data/foundation/import/batches/" + batch + "/datasets/" + dataset + "/files/";
  for (int i = 0; i < kFiles; ++i) {
    const auto local = (folder_.path() / "records.json").string();
    std::ofstream out(local);
    for (int k = 0; k < kRecords; ++k)
      out << "{\"id\":" << i * kRecords + k
          << ",\"name\":\"a record of some length, so that it takes time\"}\n";
    out.close();
    const auto stored = ask("PUT", files + std::to_string(i) + ".json",
                            {"-H", "Content-Type: application/octet-stream", "-T", local});
    EXPECT_EQ(stored.string_at("name"), std::to_string(i) + ".json") << stored.dump();
    kill();
    start();
  }
  EXPECT_EQ(status_of(batch), "loading");
  ask("POST", "/data/foundation/import/batches/" + batch + "?action=COMPLETE");
  for (const int milliseconds : {20, 150, 400}) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    kill();
    start();
    const std::string shown = count(dataset);
    EXPECT_TRUE(shown == "[[0]]" || shown == "[[600000]]") << shown;
  }
  for (int i = 0; i < 600 && status_of(batch) != "success"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(status_of(batch), "success");
  EXPECT_EQ(count(dataset, "count(*), count(DISTINCT id)"), "[[600000,600000]]");
}

}  // namespace
}  // namespace headwater::testing
