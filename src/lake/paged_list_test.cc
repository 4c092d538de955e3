#include "lake/paged_list.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/file.h"
#include "base/time.h"
#include "lake/internal/manifest_entries.h"
#include "lake/internal/page_files.h"
#include "lake/lake.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PagedListTest : public ::testing::Test {
 protected:
  /// The pages as another process would read them: nothing is in memory.
  std::shared_ptr<const PageFiles> files() const {
    return std::make_shared<const PageFiles>(folder_.path() / "ds1" / "pages",
                                             std::make_shared<PageCaches>());
  }
  PageChange change(std::uint64_t page_bytes, std::size_t refs_max = 64) const {
    return {files(), now_, {page_bytes, refs_max}};
  }
  template <class Entry>
  void settle(PagedList<Entry>& list, std::uint64_t page_bytes, std::size_t refs_max = 64) {
    auto pages = change(page_bytes, refs_max);
    ASSERT_TRUE(list.settle(pages).has_value());
    ASSERT_TRUE(pages.finish().has_value());
  }
  /// Written to a manifest's text and read again.
  template <class Entry>
  PagedList<Entry> reread(const PagedList<Entry>& list) {
    std::string text;
    append_list(text, list.refs(), list.newest());
    const auto parsed = *json::parse(text);
    std::vector<PageRef> refs;
    std::vector<Entry> newest;
    EXPECT_TRUE(read_list(*parsed.if_array(), refs, newest).has_value());
    return PagedList<Entry>::of(std::move(refs), std::move(newest), files());
  }
  std::set<std::string> on_disk() const {
    std::set<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "ds1" / "pages", none))
      names.insert(entry.path().filename());
    return names;
  }
  template <class Entry>
  std::set<std::string> used(const PagedList<Entry>& list) const {
    std::set<std::string> names;
    EXPECT_TRUE(list.each_page([&names](const std::string& name) { names.insert(name); }).has_value());
    EXPECT_EQ(names.size(), list.pages());
    return names;
  }
  fs::path page(const PageRef& ref) const { return folder_.path() / "ds1" / "pages" / ref.name; }

  static BatchInfo batch(int number) {
    BatchInfo batch;
    batch.id = BatchId("b" + std::to_string(number));
    batch.created = from_epoch_millis(1000 + number);
    batch.records = static_cast<std::uint64_t>(number);
    batch.records_with_other = number % 7 == 0 ? 1 : 0;
    return batch;
  }
  static std::vector<std::string> ids(const std::vector<BatchInfo>& batches) {
    std::vector<std::string> ids;
    ids.reserve(batches.size());
    for (const auto& batch : batches) ids.push_back(batch.id.value);
    return ids;
  }
  static std::vector<std::string> ids(int from, int to) {
    std::vector<std::string> ids;
    for (int i = from; i < to; ++i) ids.push_back("b" + std::to_string(i));
    return ids;
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("paged-list-test");
  TimePoint now_{std::chrono::hours(1)};
};

TEST_F(PagedListTest, EveryCountAroundThePagesReadsAsItWasWritten) {
  constexpr std::uint64_t kPageBytes = 1500;  // eight batches or nine
  PagedList<BatchInfo> list;
  std::size_t most_newest = 0;
  for (int count = 1; count <= 190; ++count) {
    list.push_back(batch(count - 1));
    settle(list, kPageBytes);
    const auto read = reread(list);
    ASSERT_EQ(ids(*read.all()), ids(0, count));
    ASSERT_EQ(read.size(), static_cast<std::uint64_t>(count));
    ASSERT_EQ(read.sum(), static_cast<std::uint64_t>((count + 6) / 7));
    ASSERT_EQ(read.least(), 1000U);
    ASSERT_EQ(on_disk().size(), read.pages()) << "a page was written and not used";
    most_newest = std::max(most_newest, list.newest().size());
  }
  EXPECT_GE(list.pages(), 5U);
  EXPECT_LT(most_newest, 140U);
  EXPECT_GE(list.newest().size(), 128U) << "those that have cursors";
}

TEST_F(PagedListTest, TheNewestAreGivenFirstFromAnyPlace) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 200; ++i) list.push_back(batch(i));
  settle(list, 1500);
  for (const int skip : {0, 1, 127, 128, 129, 134, 135, 136, 137, 150, 199, 200, 201}) {
    std::vector<std::string> seen;
    ASSERT_TRUE(
        reread(list).each_newest_first(static_cast<std::uint64_t>(skip), [&seen](const BatchInfo& found) {
          seen.push_back(found.id.value);
          return true;
        }));
    auto want = ids(0, std::max(0, 200 - skip));
    std::reverse(want.begin(), want.end());
    EXPECT_EQ(seen, want) << skip;
  }
  int looked_at = 0;
  ASSERT_TRUE(
      reread(list).each_newest_first(130, [&looked_at](const BatchInfo&) { return ++looked_at < 3; }));
  EXPECT_EQ(looked_at, 3);
}

TEST_F(PagedListTest, PagesThatCannotHoldWhatIsSoughtAreNotRead) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 200; ++i) list.push_back(batch(i));
  settle(list, 1500);
  ASSERT_GE(list.refs().size(), 5U);
  for (std::size_t i = 1; i < list.refs().size(); ++i) {
    // Its first line, the keys, stays as it is.
    std::fstream file(page(list.refs()[i]), std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(list.refs()[i].key_bytes + 5));
    file << "#";
  }
  const auto read = reread(list);
  std::vector<std::string> seen;
  const auto see = [&seen](const BatchInfo& found) {
    seen.push_back(found.id.value);
    return true;
  };
  ASSERT_TRUE(read.each_up_to(1003, see).has_value()) << "older than the fifth";
  EXPECT_THAT(seen, ::testing::IsSupersetOf(ids(0, 4)));
  seen.clear();
  const std::vector<std::string_view> keys{"b2", "none"};
  ASSERT_TRUE(read.each_of(keys, see).has_value());
  EXPECT_THAT(seen, ::testing::Contains("b2"));
  ASSERT_TRUE(read.each_newest_first(0, [](const BatchInfo& found) { return found.id.value != "b72"; }));
  const auto all = read.all();
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().kind, ErrorKind::storage);
  EXPECT_EQ(all.error().message, "The manifest page 'ds1/pages/" + list.refs()[1].name +
                                     "' is damaged: its checksum is another one.");
}

TEST_F(PagedListTest, AMissingATornAndADamagedPageAreNamed) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 160; ++i) list.push_back(batch(i));
  settle(list, 1500);
  const auto path = page(list.refs()[0]);
  const auto whole = *read_file(path);
  const auto message = [&] {
    const auto all = reread(list).all();
    const std::string_view key = "b1";
    const auto found = reread(list).each_of(std::span(&key, 1), [](const BatchInfo&) { return true; });
    EXPECT_FALSE(all.has_value() || found.has_value());
    EXPECT_THAT(all.error().message, HasSubstr("'ds1/pages/" + list.refs()[0].name + "'"));
    return found.error().message;
  };
  ASSERT_TRUE(write_file_durably(path, whole.substr(0, whole.size() - 1)).has_value());
  EXPECT_THAT(message(),
              HasSubstr("is torn: it has " + std::to_string(whole.size() - 1) + " bytes instead of"));
  auto changed = whole;
  changed[12] = changed[12] == '0' ? '1' : '0';  // a key: a batch that is there would seem to be new
  ASSERT_TRUE(write_file_durably(path, changed).has_value());
  const std::string_view key = "b1";
  EXPECT_THAT(reread(list).each_of(std::span(&key, 1), [](const BatchInfo&) { return true; }).error().message,
              HasSubstr("is damaged"));
  fs::remove(path);
  EXPECT_THAT(message(), HasSubstr("is missing"));
}

TEST_F(PagedListTest, PagesOfPagesKeepOrderAndKeys) {
  PagedList<DataFile> list;
  constexpr int kFiles = 200;
  constexpr std::size_t kRefsMax = 8;
  for (int i = 0; i < kFiles; ++i) {
    const auto id = BatchId("b" + std::to_string(i));
    list.push_back(
        {"f" + std::to_string(i) + ".ndjson", static_cast<std::uint64_t>(10 + i % 50), 1, {id}, {1}});
  }
  settle(list, 1, kRefsMax);  // one entry a page
  EXPECT_EQ(list.refs().front().level, 3U);
  EXPECT_LE(list.refs().size(), 4U * kRefsMax);
  EXPECT_EQ(used(list), on_disk());
  const auto names = [](const PagedList<DataFile>& files) {
    std::vector<std::string> out;
    EXPECT_TRUE(files.each([&out](const DataFile& file) {
      out.push_back(file.name);
      return true;
    }));
    return out;
  };
  auto want = names(list);
  ASSERT_EQ(want.size(), static_cast<std::size_t>(kFiles));
  EXPECT_EQ(want[77], "f77.ndjson");

  const auto before = used(list);
  const std::vector<std::string_view> keys{"b3", "b77", "b190"};
  auto pages = change(1, kRefsMax);
  const auto erase = [](std::vector<DataFile>& files) {
    return std::erase_if(files, [](const DataFile& file) {
             return file.name == "f3.ndjson" || file.name == "f77.ndjson" || file.name == "f190.ndjson";
           }) > 0;
  };
  ASSERT_TRUE(list.edit_of(pages, keys, erase).has_value());
  ASSERT_TRUE(pages.finish().has_value());
  want.erase(want.begin() + 190);
  want.erase(want.begin() + 77);
  want.erase(want.begin() + 3);
  EXPECT_EQ(names(reread(list)), want);
  EXPECT_EQ(list.sum(), static_cast<std::uint64_t>(kFiles - 3));
  const auto after = used(list);
  std::vector<std::string> fresh;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(fresh));
  EXPECT_LE(fresh.size(), 9U) << "more was written anew than what leads to the changed pages";

  std::vector<std::string> kept(after.begin(), after.end());
  remove_unused_pages(folder_.path() / "ds1" / "pages", kept, now_ + std::chrono::minutes(5),
                      std::chrono::minutes(5));
  EXPECT_GT(on_disk().size(), after.size()) << "within the grace";
  remove_unused_pages(folder_.path() / "ds1" / "pages", kept, now_ + std::chrono::minutes(6),
                      std::chrono::minutes(5));
  EXPECT_EQ(on_disk(), after);
}

TEST_F(PagedListTest, APageOfAClockThatWasAheadGoesAfterTheGraceToo) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 160; ++i) list.push_back(batch(i));
  settle(list, 1500);
  const auto folder = folder_.path() / "ds1" / "pages";
  // A year ahead, and where nanoseconds since 1970 end.
  for (const std::time_t later : {std::time_t{365} * 86'400, std::time_t{12'000'000'000}}) {
    const auto orphan = folder / "page-0.json";
    ASSERT_TRUE(write_file_durably(orphan, "left behind").has_value());
    const timespec times[2] = {{later, 0}, {later, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, orphan.c_str(), times, 0), 0);
    const auto collect = [&](std::chrono::minutes after) {
      const auto kept = used(list);
      remove_unused_pages(folder, {kept.begin(), kept.end()}, now_ + after, std::chrono::minutes(5));
      return fs::exists(orphan);
    };
    EXPECT_TRUE(collect(std::chrono::minutes(0)));
    EXPECT_TRUE(collect(std::chrono::minutes(5))) << "a reader may have begun before the clock was set";
    EXPECT_FALSE(collect(std::chrono::minutes(6)));
    EXPECT_EQ(on_disk(), used(list));
  }
}

TEST_F(PagedListTest, AChangeThatFailsLeavesNoPage) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 160; ++i) list.push_back(batch(i));
  {
    auto pages = change(1500);
    ASSERT_TRUE(list.settle(pages).has_value());
    EXPECT_FALSE(on_disk().empty());
  }
  EXPECT_TRUE(on_disk().empty());
}

TEST_F(PagedListTest, AnEmptiedPageVanishesAndTheNewestAreChangedInPlace) {
  PagedList<BatchInfo> list;
  for (int i = 0; i < 160; ++i) list.push_back(batch(i));
  settle(list, 1500);
  auto pages = change(1500);
  const auto erase = [](std::vector<BatchInfo>& batches) {
    return std::erase_if(batches,
                         [](const BatchInfo& found) { return found.created < from_epoch_millis(1150); }) > 0;
  };
  ASSERT_TRUE(list.edit_up_to(pages, 1149, erase).has_value());
  EXPECT_EQ(list.pages(), 0U);
  EXPECT_EQ(ids(*list.all()), ids(150, 160));
  EXPECT_EQ(list.least(), 1150U);
}

}  // namespace
}  // namespace headwater::lake
