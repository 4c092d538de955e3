#include "engine/extract/extractor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "engine/extract/page_builder.h"

namespace headwater::extract {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text.substr(0, 200);
  return value ? *value : json::Value();
}

http::ClientOptions loopback() {
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

const Source& source() {
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

std::uint64_t id_of(std::string_view element) {
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

  std::uint64_t requests_after_one_page(const Result<SourceInputs>& given, const char* path,
                                        bool expected_early);
  static std::vector<std::uint64_t> upto(std::uint64_t count) {
    std::vector<std::uint64_t> ids;
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

constexpr const char* kOffset =
    R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset"})";
constexpr const char* kOffsetTotal =
    R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset","totalPath":"$.total"})";
constexpr const char* kPage =
    R"({"type":"PAGE","pageParamName":"page","initialPageIndex":1,"limitName":"per_page","limitValue":10})";
constexpr const char* kPointer =
    R"({"type":"POINTER","pointerPath":"$.paging.next","limitName":"limit","limitValue":10})";
constexpr const char* kToken =
    R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.after_cursor","parameterType":"QUERYPARAM","parameterName":"token","limitName":"limit","limitValue":10})";
constexpr const char* kNone = R"({"type":"NONE"})";

TEST_F(ExtractorTest, EveryPagingTypeReadsEverythingInOrder) {
  const std::pair<const char*, const char*> rows[] = {{"/offset?n=45&no_total=1", kOffset},
                                                      {"/offset?n=45", kOffsetTotal},
                                                      {"/page?n=45&first=1", kPage},
                                                      {"/page?n=45&first=1&no_total=1", kPage},
                                                      {"/pointer?n=45", kPointer},
                                                      {"/pointer?n=45&link=relative", kPointer},
                                                      {"/pointer?n=45&link=query", kPointer},
                                                      {"/token?n=45", kToken},
                                                      {"/all?n=45", kNone},
                                                      {"/all?n=45&gzip=1&bom=1&pretty=1", kNone},
                                                      {"/offset?n=45&chunked=1&gzip=1", kOffset}};
  for (const auto& [path, paging] : rows) {
    const auto outcome = run(inputs(path, paging));
    EXPECT_EQ(outcome.error, "") << path;
    EXPECT_EQ(outcome.ids, upto(45)) << path;
    EXPECT_EQ(outcome.ending, Ending::complete) << path;
    EXPECT_TRUE(outcome.notes.empty()) << path << ": " << outcome.notes.front();
    EXPECT_GT(outcome.stats.bytes, 40'000U);
  }
}

TEST_F(ExtractorTest, ResumesBehindEveryPageOfEveryType) {
  const std::pair<const char*, const char*> rows[] = {{"/offset?n=45", kOffsetTotal},
                                                      {"/page?n=45&first=1", kPage},
                                                      {"/pointer?n=45", kPointer},
                                                      {"/token?n=45", kToken}};
  for (const auto& [path, paging] : rows) {
    const auto whole = run(inputs(path, paging));
    ASSERT_EQ(whole.cursors.size(), 5U) << path;
    for (std::size_t i = 0; i < whole.cursors.size(); ++i) {
      const auto rest = run(inputs(path, paging), whole.cursors[i]);
      EXPECT_EQ(rest.error, "") << path;
      EXPECT_EQ(rest.ids.size(), 45 - std::min<std::size_t>(45, (i + 1) * 10))
          << path << " after page " << i + 1;
      if (!rest.ids.empty()) {
        EXPECT_EQ(rest.ids.front(), (i + 1) * 10);
      }
    }
  }
  EXPECT_NE(run(inputs("/offset?n=45", kOffset), R"({"v":99})").error.find("cannot be continued"),
            std::string::npos);
}

TEST_F(ExtractorTest, FetchesAheadOnlyToTheKnownEndAndKeepsTheOrder) {
  const auto outcome = run(inputs("/offset?n=200", kOffsetTotal));
  EXPECT_EQ(outcome.ids, upto(200));
  EXPECT_EQ(calls("/offset"), 20U);
  source().call("POST", "/_reset");
  const auto limited = run(inputs(
      "/offset?n=200",
      R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset","totalPath":"$.total","maximumRequest":3})"));
  EXPECT_EQ(limited.ids, upto(30));
  EXPECT_EQ(limited.ending, Ending::request_limit);
  EXPECT_EQ(calls("/offset"), 3U);
  ASSERT_EQ(limited.notes.size(), 1U);
}

TEST_F(ExtractorTest, RepeatsWhatIsWorthRepeating) {
  for (const char* fault :
       {R"({"kind":"status","status":503,"page":2,"times":2})",
        R"({"kind":"429","seconds":0,"page":1,"times":2})", R"({"kind":"drop","page":2,"times":3})",
        R"({"kind":"truncate","size":3000,"page":1,"times":2})",
        R"({"kind":"chunk_cut","size":3000,"page":1,"times":1})",
        R"({"kind":"reset","size":3000,"page":3,"times":1})"}) {
    source().call("POST", "/_reset");
    source().fault(fault);
    // libcurl repeats by itself, uncounted, what met the end of a kept connection: with one page at a time
    // there is one such connection, and the second drop is ours to repeat.
    const bool drops = std::string_view(fault).find("drop") != std::string_view::npos;
    const auto outcome =
        run(drops ? inputs("/offset?n=45&no_total=1", kOffset) : inputs("/offset?n=45", kOffsetTotal));
    EXPECT_EQ(outcome.error, "") << fault;
    EXPECT_EQ(outcome.ids, upto(45)) << fault;
    EXPECT_GE(outcome.stats.retries, 1U) << fault;
  }
}

TEST_F(ExtractorTest, NamesWhatCannotBeRead) {
  struct Row {
    const char* fault;
    const char* part;
    const char* code;
  };
  const Row rows[] = {
      {R"({"kind":"status","status":503,"page":1})", "answered 503. 4 attempts", "CONNECTOR-1001-500"},
      {R"({"kind":"status","status":404,"page":1})", "Page 2 of ", "CONNECTOR-1001-500"},
      {R"({"kind":"html","page":1})", "HTML or XML", "CONNECTOR-2001-500"},
      {R"({"kind":"text","page":1})", "no JSON", "CONNECTOR-2001-500"},
      {R"({"kind":"truncate","size":3000,"page":1})", "4 attempts", ""},
      {R"({"kind":"redirect_other","to":"127.0.0.2","page":1})", "Page 2 of ", "CONNECTOR-1001-500"},
      {R"({"kind":"repeat_page","page":2})", "repeats the page before it", "CONNECTOR-1001-500"},
      {R"({"kind":"401","page":1})", "credentials are not accepted", "CONNECTOR-1001-500"}};
  for (const auto& row : rows) {
    source().call("POST", "/_reset");
    source().fault(row.fault);
    const auto outcome = run(inputs("/offset?n=45&no_total=1&secret=hunter2", kOffset));
    EXPECT_NE(outcome.error.find(row.part), std::string::npos) << row.fault << " -> " << outcome.error;
    EXPECT_EQ(outcome.error.find("hunter2"), std::string::npos) << outcome.error;
    if (row.code[0]) {
      EXPECT_EQ(outcome.code, row.code) << row.fault;
    }
  }
  EXPECT_EQ(run(inputs("/offset?n=5", kOffset, R"("contentPath":"$.rows")")).code, "CONNECTOR-1313-400");
  EXPECT_EQ(run(inputs("/offset?n=5", kOffset, R"("contentPath":"$.total")")).code, "CONNECTOR-1315-400");
}

// What cannot be called now cannot be called in a second either.
TEST_F(ExtractorTest, DoesNotRepeatWhatIsRefused) {
  options.client = http::ClientOptions{};
  options.retry.first_delay = std::chrono::seconds(10);
  const std::string port = source().origin.substr(source().origin.rfind(':'));
  const std::pair<std::string, const char*> rows[] = {{"http://127.0.0.1" + port, "are refused"},
                                                      {"http://localhost" + port, "are refused"},
                                                      {"http://localhost." + port, "are refused"},
                                                      {"http://a%2fb.test", "the host is not valid"}};
  for (const auto& [host, part] : rows) {
    auto given = *inputs("/offset?n=5", kOffset);
    given.spec.url.host = host;
    const auto outcome = run(given);
    EXPECT_NE(outcome.error.find(part), std::string::npos) << host << ": " << outcome.error;
    EXPECT_EQ(outcome.stats.requests, 1U) << host;
  }
}

TEST_F(ExtractorTest, ASlowDripFailsTheTryAndIsRepeated) {
  options.client.slow_time = std::chrono::milliseconds(300);
  source().fault(R"({"kind":"drip","size":1,"seconds":0.02,"page":1,"times":1})");
  const auto healed = run(inputs("/offset?n=45", kOffsetTotal));
  EXPECT_EQ(healed.error, "");
  EXPECT_EQ(healed.ids, upto(45));
  EXPECT_EQ(healed.stats.retries, 1U);
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"drip","size":1,"seconds":0.02,"page":1})");
  const auto failed = run(inputs("/offset?n=45", kOffsetTotal));
  EXPECT_NE(failed.error.find("sent fewer than 100 bytes a second"), std::string::npos) << failed.error;
  EXPECT_NE(failed.error.find("4 attempts"), std::string::npos) << failed.error;
}

TEST_F(ExtractorTest, EndsOrFailsOnLoops) {
  source().fault(R"({"kind":"cursor_loop","size":2,"page":3})");
  EXPECT_NE(run(inputs("/token?n=200", kToken)).error.find("circle"), std::string::npos);
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"cursor_loop","size":2,"page":3})");
  EXPECT_NE(run(inputs("/pointer?n=200", kPointer)).error.find("circle"), std::string::npos);
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"204","page":2})");
  EXPECT_EQ(run(inputs("/offset?n=45&no_total=1", kOffset)).ids, upto(20));
}

TEST_F(ExtractorTest, ProvesCompleteness) {
  source().fault(R"({"kind":"wrong_total","size":60})");
  const auto declared = run(inputs("/offset?n=45", kOffsetTotal));
  EXPECT_NE(declared.error.find("but gave only 45"), std::string::npos) << declared.error;
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"cap","size":4})");
  EXPECT_NE(run(inputs("/offset?n=45&no_total=1", kOffset)).error.find("caps pages at 4"), std::string::npos);
}

constexpr const char* kOffsetUntil =
    R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset","endConditionName":"$.hasMore","endConditionValue":"Const:false"})";

TEST_F(ExtractorTest, ASourceThatCapsItsPagesFailsAlsoUnderAnEndCondition) {
  const char* key = R"("contentPath":"$.items","recordKey":"$.items.id")";
  const char* plain = R"("contentPath":"$.items")";
  const std::tuple<const char*, const char*, const char*, const char*> rows[] = {
      {R"({"kind":"cap","size":4})", "/offset?n=45&no_total=1", plain, "caps pages at 4 records although 10"},
      {R"({"kind":"cap","size":7})", "/offset?n=45&no_total=1", key, "caps pages at 7 records although 10"},
      {R"({"kind":"cap","size":4,"page":2})", "/offset?n=45&no_total=1", plain,
       "Page 3: The source caps pages"},
      {R"({"kind":"cap","size":4})", "/offset?n=9&no_total=1", plain, "caps pages at 4"},
      {R"({"kind":"cap","size":4})", "/offset?n=45&no_total=1&count_header=1", plain, "caps pages at 4"},
      {R"({"kind":"cap","size":4})", "/offset?n=9&no_total=1&count_header=1", plain, "caps pages at 4"}};
  for (const auto& [fault, path, content, message] : rows) {
    source().call("POST", "/_reset");
    source().fault(fault);
    const auto outcome = run(inputs(path, kOffsetUntil, content));
    EXPECT_NE(outcome.error.find(message), std::string::npos) << fault << path << " -> " << outcome.error;
    EXPECT_EQ(outcome.code, "CONNECTOR-1001-500") << fault;
  }
}

TEST_F(ExtractorTest, WhatAShortPageMayHideSurvivesARestart) {
  source().fault(R"({"kind":"cap","size":4})");
  const auto begun = run(inputs("/offset?n=45&no_total=1", kOffsetUntil), {}, 1);
  ASSERT_EQ(begun.cursors.size(), 1U);
  const auto rest = run(inputs("/offset?n=45&no_total=1", kOffsetUntil), begun.cursors[0]);
  EXPECT_NE(rest.error.find("caps pages at 4"), std::string::npos) << rest.error;
}

// Its pages have holes, but nothing is missing: it must not fail.
TEST_F(ExtractorTest, ASourceThatFiltersAfterPagingIsRead) {
  std::vector<std::uint64_t> even;
  for (std::uint64_t i = 0; i < 45; i += 2) even.push_back(i);
  for (const char* path : {"/offset?n=45&no_total=1", "/offset?n=45&no_total=1&count_header=1"}) {
    source().call("POST", "/_reset");
    source().fault(R"({"kind":"filter","size":2})");
    const auto outcome = run(inputs(path, kOffsetUntil));
    EXPECT_EQ(outcome.error, "") << path;
    EXPECT_EQ(outcome.ids, even) << path;
  }
  EXPECT_LE(calls("/offset"), 5U + 1U + 5U)
      << "five pages, one look behind the first, refetches of short ones";
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"filter","size":2})");
  const auto small = run(inputs("/offset?n=9&no_total=1&count_header=1", kOffset));
  EXPECT_EQ(small.error, "");
  EXPECT_EQ(small.ids, std::vector<std::uint64_t>({0, 2, 4, 6, 8}));
}

TEST_F(ExtractorTest, ASourceThatDoesNotPageIsComplete) {
  EXPECT_EQ(run(inputs("/all?n=5", kOffset)).error, "");
}

TEST_F(ExtractorTest, NamesOverlapsAndTakesRecordsOnce) {
  source().fault(R"({"kind":"overlap","size":3,"page":2})");
  const auto with_key =
      run(inputs("/offset?n=45&no_total=1", kOffset, R"("contentPath":"$.items","recordKey":"$.items.id")"));
  EXPECT_EQ(with_key.error, "");
  auto ids = with_key.ids;
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end()) << "a record came twice";
  EXPECT_GE(with_key.notes.size(), 2U);
  source().call("POST", "/_reset");
  source().fault(R"({"kind":"overlap","size":3,"page":2,"times":1})");
  const auto healed =
      run(inputs("/offset?n=45&no_total=1", kOffset, R"("contentPath":"$.items","recordKey":"$.items.id")"));
  EXPECT_EQ(healed.ids, upto(45)) << "fetching the page again must heal a moment's overlap";
}

TEST_F(ExtractorTest, NamesAnOverlapWithThePageBeforeTheResume) {
  const auto spec =
      inputs("/offset?n=45&no_total=1", kOffset, R"("contentPath":"$.items","recordKey":"$.items.id")");
  const auto first = run(spec, {}, 1);
  ASSERT_EQ(first.cursors.size(), 1U);
  source().fault(R"({"kind":"overlap","size":3,"page":2})");
  const auto rest = run(spec, first.cursors[0]);
  EXPECT_EQ(rest.error, "");
  ASSERT_FALSE(rest.ids.empty());
  EXPECT_EQ(rest.ids.front(), 10U) << "records that stood on the page before were taken again";
}

TEST_F(ExtractorTest, SpoolsLargePagesAndReadsComplexPaths) {
  options.page_memory_max = 1000;
  EXPECT_EQ(run(inputs("/all?n=500", kNone)).ids, upto(500));
  const auto complex = run(
      inputs("/all?n=5", kNone, R"("contentPath":{"path":"$['items']","overrideWrapperAttribute":"item"})"));
  EXPECT_EQ(complex.error, "");
  EXPECT_EQ(complex.ids, upto(5));
}

TEST(PageBuilderTest, FindsTheDocumentBehindAMarkInPiecesAndMuchWhiteSpace) {
  PageShape shape;
  shape.content = domain::EntityPath{};
  shape.content->names = {"items"};
  shape.content->dotted = true;
  SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  ASSERT_TRUE(builder.head(head));
  ASSERT_TRUE(builder.body("\xEF\xBB"));
  ASSERT_TRUE(builder.body("\xBF"));
  ASSERT_TRUE(builder.body(std::string(100, '\n')));
  ASSERT_TRUE(builder.body(std::string(5000, ' ') + R"({"items":[{"t":1}]})"));
  const auto finished = builder.finish();
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(builder.element_count(), 1U);
}

TEST_F(ExtractorTest, AComplexPathReadsAPageThatDoesNotFitIntoMemory) {
  for (const char* path : {"$['items']", "$..items"}) {
    auto extractor = Extractor::make(
        {clock, credentials, budgets},
        *inputs("/huge?bytes=80000000", kNone, std::string(R"("contentPath":")") + path + "\""), options);
    ASSERT_TRUE(extractor);
    const auto page = (*extractor)->next_page({});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_GT((**page).record_count, 60'000U) << path;
  }
  options.element_bytes_max = 1U << 20;
  const auto failed = run(inputs("/huge?bytes=4000000", kNone, R"("contentPath":"$['items'][-1:]")"));
  EXPECT_NE(failed.error.find("The contentPath $['items'][-1:]: The path needs more than 1048576 bytes"),
            std::string::npos)
      << failed.error;
  EXPECT_EQ(failed.code, "CONNECTOR-2001-500");
}

// Records cut from the stream are left to the shaper; behind a filter they have been parsed already.
TEST(PageBuilderTest, MendsHalfSurrogatePairsUnderAComplexPath) {
  PageShape shape;
  shape.complex_path = *json::JsonPath::compile("$.lists[?@.ok].items");
  SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  ASSERT_TRUE(builder.head(head));
  ASSERT_TRUE(builder.body(R"({"lists":[{"ok":1,"items":[{"t":"ok"},{"t":"x\ud83d"}]},{"items":[{}]}]})"));
  ASSERT_TRUE(builder.finish());
  auto page = builder.take_page();
  json::RecordGroup group;
  ASSERT_TRUE(*page.read(group));
  ASSERT_EQ(group.size(), 2U);
  EXPECT_EQ(group[1], "{\"t\":\"x\xEF\xBF\xBD\"}");
}

TEST_F(ExtractorTest, SendsEveryKindOfCredential) {
  auth_spec =
      R"({"name":"B","type":"BasicAuthentication","spec":{}},{"name":"K","type":"KeyBased","spec":{"properties":{
    "k1":{"restAttributes":{"headerParamName":"X-Auth-Key1"}},"k2":{"restAttributes":{"headerParamName":"X-Auth-Key2"}},"q":{"restAttributes":{"queryParamName":"api_key"}}}}})";
  auth = R"({"specName":"b","params":{"username":"ada","password":"open s\u00e9same"}})";
  EXPECT_EQ(run(inputs("/basic/offset?n=5", kOffset)).ids, upto(5));
  auth = R"({"specName":"B","params":{"username":"ada","password":"wrong"}})";
  EXPECT_NE(run(inputs("/basic/offset?n=5", kOffset)).error.find("401"), std::string::npos);
  auth = R"({"specName":"K","params":{"k1":"key-one","k2":"key-two"}})";
  EXPECT_EQ(run(inputs("/key-header/offset?n=5&two_keys=1", kOffset)).ids, upto(5));
  auth = R"({"specName":"K","params":{"q":"key one&more"}})";
  EXPECT_EQ(run(inputs("/key-query/offset?n=5", kOffset)).ids, upto(5));
}

TEST_F(ExtractorTest, RotatesTokensOnceForAllRunsAndKeepsThemBeforeUse) {
  auth_spec = R"({"name":"O","type":"OAuth2RefreshCode","spec":{}})";
  auth =
      R"({"specName":"O","params":{"accessToken":"access-0","refreshToken":"refresh-0","clientId":"client-1","clientSecret":"client secret 1","accessTokenUrl":")" +
      source().origin + R"(/oauth/token"}})";
  connection_key = "c1";
  source().call("POST", "/_expire");
  std::atomic<int> saved = 0;
  persist = [&saved](const json::Value& changed) -> Result<void> {
    EXPECT_NE(changed.string_at("accessToken"), "access-0");
    EXPECT_FALSE(changed.string_at("refreshToken").empty());
    ++saved;
    return {};
  };
  std::vector<Outcome> outcomes(6);
  {
    std::vector<std::jthread> threads;
    for (auto& outcome : outcomes)
      threads.emplace_back([this, &outcome] { outcome = run(inputs("/bearer/offset?n=45", kOffsetTotal)); });
  }
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.ids, upto(45));
  }
  EXPECT_EQ(calls("/oauth/token"), 1U) << "six runs, one refresh";
  EXPECT_EQ(saved, 1);
  persist = [](const json::Value&) -> Result<void> { return Error{ErrorKind::storage, "disk full"}; };
  source().call("POST", "/_expire");
  EXPECT_NE(run(inputs("/bearer/offset?n=45", kOffsetTotal)).error.find("disk full"), std::string::npos)
      << "tokens that are not kept are not used";
  persist = nullptr;
  EXPECT_EQ(run(inputs("/bearer/offset?n=45", kOffsetTotal)).ids, upto(45)) << "and are not lost either";
}

TEST_F(ExtractorTest, GetsTokensWithClientCredentials) {
  auth_spec = R"({"name":"CC","type":"OAuth2ClientCredential","spec":{}})";
  auth =
      R"({"specName":"CC","params":{"clientId":"client-1","clientSecret":"client secret 1","tokenEndpoint":")" +
      source().origin + R"(/oauth/token?uses=2"}})";
  const auto outcome = run(inputs("/bearer/offset?n=45&no_total=1", kOffset));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids, upto(45)) << "a token that dies in mid-run is replaced";
}

TEST_F(ExtractorTest, ProbesCredentialsAndSources) {
  auth_spec = R"({"name":"B","type":"BasicAuthentication","spec":{}})";
  auth =
      R"({"specName":"B","params":{"username":"ada","password":"open s\u00e9same","authorizationTestUrl":")" +
      source().origin + R"(/basic/offset?limit=1"}})";
  const Services services{clock, credentials, budgets};
  const auto good = inputs("/basic/offset", kOffset);
  const auto probe = probe_credentials(services, good->auth, loopback(), {});
  ASSERT_TRUE(probe) << probe.error().message;
  EXPECT_TRUE(probe->called && probe->accepted);
  EXPECT_TRUE(probe_source(services, *good, loopback(), {})->accepted);
  auth = R"({"specName":"B","params":{"username":"ada","password":"no","authorizationTestUrl":")" +
         source().origin + R"(/basic/offset"}})";
  const auto bad = probe_credentials(services, inputs("/basic/offset", kOffset)->auth, loopback(), {});
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->accepted);
  EXPECT_EQ(bad->status, 401);
}

TEST_F(ExtractorTest, APreviewOfOnePageMakesOneRequest) {
  options.pages_max = 1;
  const auto outcome = run(inputs("/offset?n=4&no_total=1", kOffset));
  EXPECT_EQ(outcome.ids, upto(4));
  EXPECT_EQ(outcome.ending, Ending::page_limit);
  EXPECT_EQ(calls("/offset"), 1U);
  const auto rest = run(inputs("/offset?n=4&no_total=1", kOffset), outcome.cursors.at(0));
  EXPECT_EQ(rest.pages, 0U);
  EXPECT_EQ(rest.ending, Ending::complete);
  EXPECT_EQ(calls("/offset"), 2U) << "the check comes when the run goes on";
}

// One page is handed on and nothing more is asked for: how many requests have reached the source by then.
// A request that leaves early is there within moments; one that does not leave never comes.
std::uint64_t ExtractorTest::requests_after_one_page(const Result<SourceInputs>& given, const char* path,
                                                     bool expected_early) {
  auto extractor = Extractor::make({clock, credentials, budgets}, *given, options);
  EXPECT_TRUE((*extractor)->next_page({}));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(expected_early ? 10 : 0);
  while (calls(path) < 2 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return calls(path);
}

TEST_F(ExtractorTest, TheNextPageIsOnItsWayWhileOneIsLanded) {
  EXPECT_EQ(requests_after_one_page(inputs("/offset?n=45&no_total=1", kOffset), "/offset", true), 2U);
  EXPECT_EQ(run(inputs("/offset?n=45&no_total=1", kOffset)).ids, upto(45));
}

TEST_F(ExtractorTest, NoPageIsAskedForEarlyWhereThatWasRuledOut) {
  const auto given = inputs("/offset?n=45&no_total=1", kOffset);
  options.fetch_ahead = 1;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 1U);
  options.fetch_ahead = 4;
  options.pages_max = 1;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 2U) << "one more, of its own";
  options.pages_max = 0;
  options.requests_per_second = 0.01;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 3U) << "the next slot is far away";
}

TEST_F(ExtractorTest, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  auto extractor = Extractor::make({clock, credentials, budgets}, *inputs("/offset?n=45", kOffset), options);
  ASSERT_TRUE(extractor);
  const auto page = (*extractor)->next_page(stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace headwater::extract
