#include "authoring/source_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "authoring/draft.h"
#include "authoring/source_template.h"
#include "base/file.h"

namespace headwater::authoring {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

SourceTexts texts(const std::string& name) {
  return SourceTexts{name, title_of(name), "Records of " + name + ".", "protocols"};
}

class SourceFolderTest : public testing::Test {
 protected:
  SourceFolderTest() : folder_(*TemporaryFolder::make("headwater-source")) {}
  std::filesystem::path root() const { return folder_.path(); }
  SourcePlace written(const std::string& name) const {
    const auto place = place_in(root(), name);
    const auto about = texts(name);
    EXPECT_TRUE(write_source(place, make_artifacts(about, rest_spec(about, rest_template())), Overwrite::no));
    return place;
  }
  TemporaryFolder folder_;
};

TEST_F(SourceFolderTest, TheFiveFilesAreCalledAfterTheirFolder) {
  written("acme-orders");
  for (const char* part : {"category.txt", "description.txt", "label.txt", "icon.svg", "connectionSpec.json"})
    EXPECT_TRUE(std::filesystem::exists(root() / "Sources/acme-orders/Artifacts" /
                                        (std::string("acme-orders-") + part)))
        << part;
  EXPECT_EQ(*read_file(root() / "Sources/acme-orders/Artifacts/acme-orders-label.txt"), "Acme orders\n");
}

TEST_F(SourceFolderTest, NothingIsWrittenOverUnasked) {
  const auto place = written("a");
  auto changed = *read_source(place);
  changed.label = "Changed";
  const auto refused = write_source(place, changed, Overwrite::no);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("--force"));
  EXPECT_EQ(read_source(place)->label, "A");
  EXPECT_TRUE(write_source(place, changed, Overwrite::yes));
  EXPECT_EQ(read_source(place)->label, "Changed");
}

TEST_F(SourceFolderTest, AFolderAtAnyHeightStandsForItsSources) {
  written("b");
  const auto place = written("a");
  for (const auto& folder : {root(), root() / "Sources"}) {
    const auto found = find_sources(folder);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->front().name, "a");
  }
  for (const auto& folder : {root() / "Sources/a", root() / "Sources/a/Artifacts", root() / "Sources/a/./"}) {
    const auto found = find_source(folder);
    ASSERT_TRUE(found) << folder;
    EXPECT_EQ(found->name, "a");
    EXPECT_EQ(std::filesystem::canonical(found->artifacts), std::filesystem::canonical(place.artifacts));
  }
  EXPECT_THAT(find_source(root()).error().message, HasSubstr("several sources (a, b)"));
  EXPECT_EQ(find_sources(root() / "nowhere").error().kind, ErrorKind::not_found);
}

TEST_F(SourceFolderTest, NamesAreThoseOfFiles) {
  for (const char* good : {"a", "acme-orders", "Acme_2"}) EXPECT_TRUE(check_source_name(good)) << good;
  for (const char* bad : {"", "../a", "a/b", "-a", "a b", "a.b", "é"})
    EXPECT_FALSE(check_source_name(bad)) << bad;
}

TEST(SourceTemplate, LintFindsNothing) {
  EXPECT_THAT(lint(rest_spec(texts("a"), rest_template())), IsEmpty());
  EXPECT_THAT(lint(streaming_spec(texts("a"))), IsEmpty());
}

TEST(SourceTemplate, TitlesAreMadeOfNames) {
  EXPECT_EQ(title_of("acme-orders"), "Acme orders");
  EXPECT_EQ(title_of("acmeOrders_v2"), "Acme orders v2");
  EXPECT_EQ(title_of("CRM-contacts"), "CRM contacts");
}

}  // namespace
}  // namespace headwater::authoring
