// What a statement may take of the server, and for how long.
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;

class Queries : public ServingTest {
 protected:
  Queries() : ServingTest(1) { serving_ = std::make_unique<Serving>(data_, std::vector<std::string>{}); }

  /// The status, behind the answer, of a client that waits for so long.
  std::string query(const std::string& sql, const std::string& seconds = "90") {
    const auto headers =
        write("headers", run_program({kBinary, "token", "--data-dir", data_, "--headers"}).output);
    return run_program({"/usr/bin/curl", "--silent", "--max-time", seconds, "--write-out", " %{http_code}",
                        "--header", "@" + headers, "--header", "Content-Type: application/json", "--data",
                        json::Value(json::Object{{"sql", sql}}).dump(), serving_->url() + "/headwater/query"})
        .output;
  }
  /// Of the server, the most so far.
  std::uint64_t resident_kib() {
    std::ifstream status("/proc/" + std::to_string(serving_->process().pid()) + "/status");
    for (std::string word; status >> word;)
      if (word == "VmHWM:") {
        std::uint64_t kib = 0;
        status >> kib;
        return kib;
      }
    return 0;
  }
  /// A process of the server's is at work.
  bool a_query_runs() {
    const std::string parent = "PPid:\t" + std::to_string(serving_->process().pid()) + "\n";
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const auto status = read_file(entry.path() / "status");  // of what has ended meanwhile there is none
      if (status && status->find(parent) != std::string::npos) return true;
    }
    return false;
  }
};

TEST_F(Queries, NoStatementTakesTheServersMemory) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "memory has no limit under a sanitizer";
#endif
  const auto before = resident_kib();
  for (const char* sql :
       {"SELECT repeat('x', 2000000000)", "SELECT repeat('x', 200000000)", "SELECT repeat(chr(1), 60000000)",
        "SELECT repeat('x', 200000000 - i::INT) FROM range(2048) t(i)"}) {
    const auto answer = query(sql);
    EXPECT_THAT(answer, HasSubstr(" 413")) << sql;
    EXPECT_THAT(answer, HasSubstr("select less")) << sql;
  }
  EXPECT_LT(resident_kib(), before + (200U << 10));
  EXPECT_THAT(query("SELECT 42 AS answer"), HasSubstr("[[42]]"));
}

TEST_F(Queries, EndWithTheClientThatAsked) {
  query("WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t", "1.5");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (a_query_runs() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(a_query_runs()) << "it would have gone on for a minute";
}

}  // namespace
}  // namespace headwater::testing
