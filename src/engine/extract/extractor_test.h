#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/extract/extractor.h"

namespace headwater::extract::test {

inline json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text.substr(0, 200);
  return value ? *value : json::Value();
}

inline http::ClientOptions loopback() {
  http::ClientOptions options;
  options.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  options.idle_timeout = std::chrono::milliseconds(5000);
  return options;
}

// The misbehaving source server of tests/source, one process for all tests here.
class Source {
 public:
  Source() {
    int out[2];
    if (::pipe(out) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], 1);
      ::close(out[0]);
      ::execl(HEADWATER_SOURCE_SERVER, HEADWATER_SOURCE_SERVER, "--records", "1000", nullptr);
      ::_exit(127);
    }
    ::close(out[1]);
    std::FILE* lines = ::fdopen(out[0], "r");
    char line[200] = {};
    if (lines == nullptr) return;
    if (std::fgets(line, sizeof line, lines)) {
      const std::string text(line);
      const std::size_t at = text.find("http://");
      if (at != std::string::npos) origin = text.substr(at, text.find_last_not_of("\r\n") + 1 - at);
    }
    std::fclose(lines);
  }
  ~Source() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  std::string call(const std::string& method, const std::string& path, const std::string& body = {}) const {
    const auto client = http::Client::make(loopback());
    http::StringSink sink;
    http::ClientRequest request{method, *Url::parse(origin + path), {}, body};
    EXPECT_TRUE((*client)->send(request, sink, {}));
    return sink.text;
  }
  void fault(const std::string& fault) const { call("POST", "/_faults", fault); }

  std::string origin;

 private:
  pid_t pid_ = -1;
};

inline const Source& source() {
  static const Source instance;
  return instance;
}

struct Outcome {
  std::vector<std::uint64_t> ids;  // record numbers from 0
  std::vector<std::string> cursors;
  std::vector<std::string> notes;
  std::string error, code;
  Ending ending = Ending::running;
  ExtractStats stats;
  std::uint64_t pages = 0;
};

inline std::uint64_t id_of(std::string_view element) {
  const std::size_t at = element.find("\"id\":");
  return at == std::string_view::npos
             ? 999'999
             : std::strtoull(std::string(element.substr(at + 5, 20)).c_str(), nullptr, 10) - 1'000'000'000ULL;
}

class ExtractorTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(source().origin.empty());
    source().call("POST", "/_reset");
    options.client = loopback();
    options.retry.first_delay = std::chrono::milliseconds(2);
    options.retry.attempts_max = 4;
  }

  Result<SourceInputs> inputs(const std::string& path, const std::string& paging,
                              const std::string& more = R"("contentPath":"$.items")") {
    const std::string spec = R"({"authSpec":[)" + auth_spec +
                             R"(],"sourceSpec":{"attributes":{"urlParams":{"host":")" + source().origin +
                             R"(","path":")" + path + R"("},"paginationParams":)" + paging +
                             (more.empty() ? "" : "," + more) + "}}}";
    auto read = read_inputs(parsed(spec), parsed(auth), parsed("{}"), {});
    if (read) {
      read->auth.connection_key = connection_key;
      read->auth.persist = persist;
    }
    return read;
  }

  Outcome run(const Result<SourceInputs>& given, std::string_view cursor = {},
              std::uint64_t pages_max = 1000) {
    Outcome outcome;
    EXPECT_TRUE(given) << (given ? "" : given.error().message);
    auto extractor = Extractor::make({clock, credentials, budgets}, *given, options, cursor);
    if (!extractor) {
      outcome.error = extractor.error().message;
      return outcome;
    }
    while (outcome.pages < pages_max) {
      auto page = (*extractor)->next_page({});
      if (!page) {
        outcome.error = page.error().message;
        outcome.code = page.error().code;
        break;
      }
      if (!*page) break;
      ++outcome.pages;
      EXPECT_EQ((*page)->frame.found, json::ArrayCutter::Found::array);
      json::RecordGroup group;
      std::uint64_t count = 0;
      while (*(*page)->read(group))
        for (std::size_t i = 0; i < group.size(); ++i, ++count) outcome.ids.push_back(id_of(group[i]));
      EXPECT_EQ(count, (*page)->record_count);
      outcome.cursors.push_back((*extractor)->cursor());
    }
    outcome.notes = (*extractor)->notes();
    outcome.ending = (*extractor)->ending();
    outcome.stats = (*extractor)->stats();
    return outcome;
  }

  // One page is handed on and nothing more is asked for: how many requests have reached the source by then.
  // A request that leaves early is there within moments; one that does not leave never comes.
  std::uint64_t requests_after_one_page(const Result<SourceInputs>& given, const char* path,
                                        bool expected_early) {
    auto extractor = Extractor::make({clock, credentials, budgets}, *given, options);
    EXPECT_TRUE((*extractor)->next_page({}));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(expected_early ? 10 : 0);
    while (calls(path) < 2 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return calls(path);
  }
  static std::vector<std::uint64_t> upto(std::uint64_t count) {
    std::vector<std::uint64_t> ids;
    ids.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) ids.push_back(i);
    return ids;
  }
  std::uint64_t calls(const std::string& path) {
    const auto stats = parsed(source().call("GET", "/_stats"));
    const auto* by_path = stats.find("by_path");
    const auto* count = by_path ? by_path->find(path) : nullptr;
    return count ? static_cast<std::uint64_t>(*count->as_int64()) : 0;
  }

  SystemClock clock;
  CredentialBroker credentials{clock};
  RateBudgets budgets{clock};
  ExtractorOptions options;
  std::string auth_spec, auth = "null", connection_key;
  PersistTokens persist;
};

inline constexpr const char* kOffset =
    R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset"})";
inline constexpr const char* kOffsetTotal =
    R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset","totalPath":"$.total"})";
inline constexpr const char* kPage =
    R"({"type":"PAGE","pageParamName":"page","initialPageIndex":1,"limitName":"per_page","limitValue":10})";
inline constexpr const char* kPointer =
    R"({"type":"POINTER","pointerPath":"$.paging.next","limitName":"limit","limitValue":10})";
inline constexpr const char* kToken =
    R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.after_cursor","parameterType":"QUERYPARAM","parameterName":"token","limitName":"limit","limitValue":10})";
inline constexpr const char* kNone = R"({"type":"NONE"})";

}  // namespace headwater::extract::test
