#include "lake/uploads.h"

#include <filesystem>
#include <thread>

#include "lake/lake_test.h"

namespace headwater::lake {
namespace {

class UploadsTest : public test::LakeFixture {
 protected:
  void SetUp() override {
    test::LakeFixture::SetUp();
    uploads_.emplace(*lake_, DatasetId("ds1"), BatchId("b1"));
    ASSERT_TRUE(uploads_->begin());
  }
  Result<bool> put(std::string_view name, std::string_view bytes) {
    auto part = uploads_->start_part();
    if (!part) return part.error();
    EXPECT_TRUE((*part)->write(bytes));
    return uploads_->put(name, **part);
  }
  Result<UploadedFile> put_range(std::string_view name, std::uint64_t offset, std::string_view bytes) {
    auto part = *uploads_->start_part();
    EXPECT_TRUE(part->write(bytes));
    return uploads_->put_range(name, offset, *part);
  }
  std::string text_of(std::string_view name) {
    auto reader = uploads_->open(name);
    if (!reader) return "!" + reader.error().message;
    std::string text;
    for (auto piece = *reader->read(3); !piece.empty(); piece = *reader->read(3)) text += piece;
    return text;
  }
  std::size_t files_on_disk() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "lake/ds1/uploads/b1"))
      count += entry.path().filename().string().starts_with("part-") ? 1U : 0U;
    return count;
  }
  std::optional<Uploads> uploads_;
};

TEST_F(UploadsTest, AFileIsReplacedWholeAndSurvivesAReopening) {
  EXPECT_EQ(*put("a/b.json", "first"), true);
  EXPECT_EQ(*put("a/b.json", "second, longer"), false);
  EXPECT_EQ(files_on_disk(), 1U) << "the replaced one is gone";
  {
    auto dropped = *uploads_->start_part();
    EXPECT_TRUE(dropped->write("x"));
  }
  EXPECT_EQ(files_on_disk(), 1U) << "a transfer that broke off leaves nothing";
  lake_ = reopen();
  uploads_.emplace(*lake_, DatasetId("ds1"), BatchId("b1"));
  EXPECT_EQ(text_of("a/b.json"), "second, longer");
  EXPECT_EQ(uploads_->files()->size(), 1U);
}

TEST_F(UploadsTest, PartsComeInAnyOrderAndLeaveNoGap) {
  EXPECT_EQ(put_range("big", 0, "abc").error().kind, ErrorKind::not_found) << "not initialised";
  ASSERT_TRUE(uploads_->initialize("big"));
  EXPECT_EQ(put_range("big", 3, "def")->bytes, 0U);
  const auto gap = uploads_->complete("big");
  EXPECT_NE(gap.error().message.find("byte 0 is missing"), std::string::npos) << gap.error().message;
  EXPECT_EQ(uploads_->seal().error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(put_range("big", 0, "xyz")->bytes, 6U);
  EXPECT_EQ(put_range("big", 0, "abc")->bytes, 6U) << "the same range again";
  EXPECT_EQ(put_range("big", 2, "cd").error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(uploads_->complete("big")->bytes, 6U);
  EXPECT_EQ(text_of("big"), "abcdef");
  EXPECT_EQ(put_range("big", 6, "ghi").error().kind, ErrorKind::not_found) << "completed";
}

TEST_F(UploadsTest, ASealedUploadTakesNothingMore) {
  auto late = *uploads_->start_part();
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(uploads_->seal());
  ASSERT_TRUE(uploads_->seal());
  EXPECT_EQ(put("b", "2").error().kind, ErrorKind::conflict);
  EXPECT_EQ(uploads_->put("b", *late).error().kind, ErrorKind::conflict) << "begun before";
  uploads_->remove();
  EXPECT_EQ(uploads_->files().error().kind, ErrorKind::not_found);
  EXPECT_EQ(uploads_->put("b", *late).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "lake/ds1/uploads/b1"));
}

TEST_F(UploadsTest, NamesAreNeverPaths) {
  for (const std::string_view name :
       {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a\\b", "a\nb", "\xff"})
    EXPECT_EQ(put(name, "x").error().kind, ErrorKind::invalid_argument) << name;
  EXPECT_EQ(put(std::string(513, 'n'), "x").error().kind, ErrorKind::invalid_argument);
  EXPECT_TRUE(put("_DATE=2019-01-11/ä ö.json", "x"));
  const Uploads elsewhere(*lake_, DatasetId("../ds1"), BatchId("../../b1"));
  EXPECT_EQ(elsewhere.files().error().kind, ErrorKind::not_found);
  EXPECT_EQ(files_on_disk(), 1U);
}

TEST_F(UploadsTest, ManyAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        auto part = *uploads_->start_part();
        EXPECT_TRUE(part->write(std::to_string(t)));
        EXPECT_TRUE(uploads_->put(i == 0 ? "shared" : std::to_string(t) + "-" + std::to_string(i), *part));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(uploads_->files()->size(), 8U * 9U + 1U);
  EXPECT_EQ(files_on_disk(), 8U * 9U + 1U);
  EXPECT_EQ(text_of("shared").size(), 1U);
}

TEST_F(UploadsTest, ParquetIsReadAsObjects) {
  land(batch("src"), {R"({"id":1,"name":"Ada","in":{"a":[1,2]}})", R"({"id":2})"});
  const auto file = lake_->batch_files(DatasetId("ds1"), BatchId("src"))->front().name;
  const auto bytes = *lake_->open_batch_file(DatasetId("ds1"), BatchId("src"), file)->read(0, 1U << 20);
  ASSERT_TRUE(uploads_->initialize("split"));
  ASSERT_TRUE(put_range("split", 0, bytes.substr(0, 100)));
  ASSERT_TRUE(put_range("split", 100, bytes.substr(100)));
  ASSERT_TRUE(uploads_->complete("split"));
  std::vector<std::string> rows;
  const auto take = [&rows](std::string_view row) -> Result<void> {
    rows.emplace_back(row);
    return {};
  };
  const auto done = uploads_->read_parquet("split", {}, take);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], R"({"id":1,"name":"Ada","in":{"a":[1,2]}})");
  ASSERT_TRUE(put("bad", "PAR1 nonsense PAR1"));
  const auto bad = uploads_->read_parquet("bad", {}, take);
  EXPECT_EQ(bad.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(bad.error().message.find(folder_.path().string()), std::string::npos) << bad.error().message;
}

}  // namespace
}  // namespace headwater::lake
