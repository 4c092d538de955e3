// A server that takes events is killed at random moments under load, loses its disk space, and finds rubbish
// at its journal's end: what it acknowledged stands in the dataset once, whatever happened.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "e2e/inlet_sender.h"
#include "e2e/serving.h"

namespace headwater::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class InletTest : public ServingTest {
 protected:
  InletTest() : ServingTest(1) {}

  struct Stream {
    std::string path;  // of its inlet
    std::string dataset;
  };
  Stream create_stream(const std::string& format) {
    const json::Value spec = json::Object{{"id", "e77fd9d2-22a8-11ed-861d-0242ac120002"}, {"version", "1.0"}};
    const std::string source =
        create_id("source-connections", json::Object{{"name", "events"},
                                                     {"connectionSpec", spec},
                                                     {"data", json::Object{{"format", "json"}}}});
    const json::Value made = create(
        "datasets",
        json::Object{{"name", "events " + format}, {"fileDescription", json::Object{{"format", format}}}});
    const std::string reference = made.is_array() ? *made.if_array()->front().if_string() : "";
    Stream stream;
    stream.dataset = reference.substr(reference.rfind('/') + 1);
    const std::string target = create_id(
        "target-connections",
        json::Object{{"name", "lake"},
                     {"connectionSpec", json::Object{{"id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"}}},
                     {"params", json::Object{{"dataSetId", stream.dataset}}}});
    const std::string flow = create_id(
        "flows", json::Object{{"name", "events"},
                              {"flowSpec", json::Object{{"id", "e77fde5a-22a8-11ed-861d-0242ac120002"}}},
                              {"sourceConnectionIds", json::Array{json::Value(source)}},
                              {"targetConnectionIds", json::Array{json::Value(target)}}});
    const auto answer = json::parse(ask({"flows", "get", flow, "--output", "json"}).output);
    const json::Value* items = answer ? answer->find("items") : nullptr;
    const json::Value* url = items == nullptr || items->if_array()->empty()
                                 ? nullptr
                                 : items->if_array()->front().find_path("options.inletUrl");
    EXPECT_NE(url, nullptr);
    if (url != nullptr) stream.path = url->if_string()->substr(url->if_string()->find("/collection/"));
    return stream;
  }

  std::uint16_t port() const {
    const std::string& url = serving_->url();
    unsigned number = 0;
    std::from_chars(url.data() + url.rfind(':') + 1, url.data() + url.size(), number);
    return static_cast<std::uint16_t>(number);
  }
  void start(const std::vector<std::string>& more = {"--commit-every", "1s"}) {
    serving_ = std::make_unique<Serving>(data_, more);
    ASSERT_NE(serving_->url(), "") << log_text();
  }

  /// How often each id stands in the dataset.
  std::map<std::int64_t, int> landed(const Stream& stream) {
    const auto done = headwater_query("SELECT id FROM \"" + stream.dataset + "\"");
    std::map<std::int64_t, int> found;
    if (done.exit_code != 0) return found;  // no batch yet: no columns
    std::size_t at = done.output.find('\n') + 1;
    while (at < done.output.size()) {
      std::int64_t id = 0;
      std::from_chars(done.output.data() + at, done.output.data() + done.output.size(), id);
      ++found[id];
      at = done.output.find('\n', at) + 1;
      if (at == 0) break;
    }
    return found;
  }
  /// Waits until all acknowledged ids are there, and then for what might come twice.
  void expect_each_once(const Stream& stream, const std::vector<std::int64_t>& acknowledged) {
    const auto missing = [&](const std::map<std::int64_t, int>& found) {
      return std::count_if(acknowledged.begin(), acknowledged.end(),
                           [&](std::int64_t id) { return !found.contains(id); });
    };
    for (int i = 0; i < 60 && missing(landed(stream)) > 0; ++i)
      std::this_thread::sleep_for(milliseconds(500));
    std::this_thread::sleep_for(milliseconds(2500));
    const auto found = landed(stream);
    EXPECT_EQ(missing(found), 0) << "of " << acknowledged.size() << " acknowledged events";
    EXPECT_TRUE(std::all_of(found.begin(), found.end(), [](const auto& each) { return each.second == 1; }));
  }
};

std::string event(std::int64_t id) {
  return "{\"id\":" + std::to_string(id) + ",\"text\":\"" +
         std::string(static_cast<std::size_t>(id % 200), 'x') + "\"}";
}

TEST_F(InletTest, WhatWasAcknowledgedSurvivesKills) {
  const char* wanted = std::getenv("HEADWATER_KILLS");
  const int kills = wanted == nullptr ? 12 : std::atoi(wanted);
  start();
  const Stream streams[] = {create_stream("parquet"), create_stream("json")};
  std::atomic<std::uint16_t> at{port()};
  std::atomic<bool> done{false};
  std::mutex mutex;
  std::vector<std::int64_t> acknowledged[2];
  const auto load = [&](std::int64_t thread) {
    InletSender sender;
    const std::size_t which = thread % 2 == 0 ? 0 : 1;
    const Stream& stream = streams[which];
    const std::string batch_path = "/collection/batch" + stream.path.substr(stream.path.rfind('/'));
    std::vector<std::int64_t> mine;
    for (std::int64_t next = thread * 100'000'000; !done;) {
      const std::int64_t first = next;
      std::string body = event(next++);
      if (thread >= 2) {
        for (int i = 1; i < 20; ++i) body += "," + event(next++);
        body = "{\"messages\":[" + body + "]}";
      }
      const int status = sender.post(at, thread >= 2 ? batch_path : stream.path, body);
      if (status == 200 || status == 207)
        for (std::int64_t id = first; id < next; ++id) mine.push_back(id);
      else
        std::this_thread::sleep_for(milliseconds(2));
    }
    const std::lock_guard lock(mutex);
    acknowledged[which].insert(acknowledged[which].end(), mine.begin(), mine.end());
  };
  std::vector<std::thread> threads;
  for (std::int64_t thread = 0; thread < 4; ++thread) threads.emplace_back(load, thread);

  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  for (int kill = 0; kill < kills; ++kill) {
    std::this_thread::sleep_for(milliseconds(50 + random() % 1500));
    serving_->kill();
    start();
    if (HasFatalFailure()) break;
    at = port();
  }
  std::this_thread::sleep_for(milliseconds(300));
  done = true;
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_GT(acknowledged[i].size(), static_cast<std::size_t>(kills));
    expect_each_once(streams[i], acknowledged[i]);
  }
}

TEST_F(InletTest, RubbishAtTheJournalsEndIsCutOff) {
  start({"--commit-every", "1h"});
  const Stream stream = create_stream("parquet");
  InletSender sender;
  std::vector<std::int64_t> acknowledged;
  for (std::int64_t id = 0; id < 100; ++id)
    if (sender.post(port(), stream.path, event(id)) == 200) acknowledged.push_back(id);
  EXPECT_EQ(acknowledged.size(), 100U);
  serving_->kill();

  std::filesystem::path last;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(data_) / "journal" / "0" / "0"))
    if (entry.path().extension() == ".journal") {
      const auto text = *read_file(entry.path());
      if (text.find_first_not_of('\0') != std::string::npos && (last.empty() || last < entry.path()))
        last = entry.path();
    }
  std::string text = *read_file(last);
  // Records are filled up with zeros to eight bytes.
  const auto end = (text.find_last_not_of('\0') + 8) / 8 * 8;
  for (std::size_t i = 0; i < 500; ++i) text[end + i] = static_cast<char>('a' + i % 26);
  ASSERT_TRUE(write_file_durably(last, text));

  start();
  for (std::int64_t id = 100; id < 120; ++id)
    if (sender.post(port(), stream.path, event(id)) == 200) acknowledged.push_back(id);
  EXPECT_EQ(acknowledged.size(), 120U);
  expect_each_once(stream, acknowledged);
}

// A disk of its own needs the right to mount one; the journal's tests fill one without it.
class FullDisk : public InletTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_folders(data_));
    mounted_ = ::mount("tmpfs", data_.c_str(), "tmpfs", 0, "size=96m") == 0;
    if (!mounted_) GTEST_SKIP() << "no right to mount a tmpfs";
  }
  void TearDown() override {
    serving_.reset();
    if (mounted_) ::umount2(data_.c_str(), MNT_DETACH);
  }
  bool mounted_ = false;
};

TEST_F(FullDisk, IsToldAndGotOver) {
  start({"--commit-every", "1h", "--server-lease", "1h"});
  const Stream stream = create_stream("json");
  const auto ballast = std::filesystem::path(data_) / "ballast";
  const auto space = std::filesystem::space(data_).available;
  std::ofstream(ballast) << std::string(space - (2U << 20), 'b');

  InletSender sender;
  const std::string batch_path = "/collection/batch" + stream.path.substr(stream.path.rfind('/'));
  std::vector<std::int64_t> acknowledged;
  std::int64_t next = 0;
  const auto send = [&] {
    std::string body = "{\"messages\":[";
    const std::int64_t first = next;
    while (body.size() < 500'000) body += (next == first ? "" : ",") + event(next), ++next;
    const int status = sender.post(port(), batch_path, body + "]}");
    if (status == 207)
      for (std::int64_t id = first; id < next; ++id) acknowledged.push_back(id);
    return status;
  };
  int status = 207;
  for (int i = 0; i < 300 && status == 207; ++i) status = send();
  EXPECT_EQ(status, 503) << sender.head();
  EXPECT_THAT(sender.head(), ::testing::HasSubstr("Retry-After: ")) << sender.head();
  EXPECT_EQ(send(), 503);
  std::filesystem::remove(ballast);
  for (int i = 0; i < 100 && (status = send()) != 207; ++i) std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(status, 207) << "it did not recover";
  serving_->kill();
  start();
  expect_each_once(stream, acknowledged);
}

}  // namespace
}  // namespace headwater::testing
