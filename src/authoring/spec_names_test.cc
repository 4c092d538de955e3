#include "authoring/spec_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/publish_source.h"
#include "authoring/source_lint.h"
#include "authoring/source_template.h"
#include "base/file.h"

namespace headwater::authoring {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class SpecNamesTest : public testing::Test {
 protected:
  SpecNamesTest() : folder_(*TemporaryFolder::make("headwater-names")) {}
  // A folder whose spec is called `name`.
  SourcePlace add(const std::string& folder, const std::string& name, const char* version = "1.0") const {
    SourceTexts texts{name, "Acme", "Items of Acme accounts.", "crm"};
    auto spec = rest_spec(texts, rest_template());
    spec.if_object()->set("version", version);
    texts.name = folder;
    const auto place = place_in(folder_.path(), folder);
    EXPECT_TRUE(write_source(place, make_artifacts(texts, spec), Overwrite::yes));
    return place;
  }
  static std::string same_name(const SourcePlace& place) {
    for (const auto& finding : lint_source(place))
      if (finding.rule == "spec/same-name") return finding.message;
    return "";
  }

  TemporaryFolder folder_;
};

// A copy of a folder that forgot the name was one warning, and was published over the original.
TEST_F(SpecNamesTest, ACopyThatKeptTheNameIsAnErrorAndTheOriginalIsNot) {
  const auto copy = add("a-copy", "orders");
  const auto original = add("orders", "orders");
  EXPECT_THAT(same_name(copy), HasSubstr("The folder \"orders\" has a spec of this name and version"));
  EXPECT_THAT(lint_source(original), IsEmpty());
  EXPECT_EQ(same_name(add("next", "orders", "2.0")), "") << "another version stands beside it";
  EXPECT_EQ(same_name(SourcePlace{"loose", folder_.path() / "loose"}), "");
}

TEST_F(SpecNamesTest, OfTwoOfForeignNamesTheFirstKeepsIt) {
  const auto first = add("a", "orders");
  const auto second = add("b", "orders", "");
  EXPECT_EQ(same_name(first), "");
  EXPECT_THAT(same_name(second), HasSubstr("\"a\""));
  const auto names = SpecNames::beside(first);
  EXPECT_EQ(names.owner({"orders", "1.0"}, "b"), "b") << "who has published it";
  EXPECT_EQ(names.owner({"orders", "3.0"}), "");
}

TEST_F(SpecNamesTest, ACatalogsEntryKnowsItsFolder) {
  const auto place = add("copied", "orders");
  EXPECT_EQ(published_folder(*catalog_spec(*read_source(place))), "copied");
  EXPECT_EQ(published_folder(*json::parse(
                R"({"sourceSpec":{"attributes":{"uiAttributes":{"label":{"key":"a-label"}}}}})")),
            "");
}

}  // namespace
}  // namespace headwater::authoring
