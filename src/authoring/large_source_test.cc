// Folders that somebody made large on purpose, or by mistake: the review of each ends. Their sizes are such
// that work which grows with the square of a file took minutes: beyond what ctest waits for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "authoring/finding_list.h"
#include "authoring/json_lines.h"
#include "authoring/placeholders.h"
#include "authoring/secret_scan.h"
#include "authoring/source_lint.h"
#include "authoring/source_template.h"
#include "authoring/svg_check.h"
#include "base/file.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kMegabyte = 1'000'000;

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + text.size());
  while (out.size() < bytes) out += text;
  return out;
}

class LargeSourceTest : public testing::Test {
 protected:
  LargeSourceTest()
      : folder_(*TemporaryFolder::make("headwater-lint")), place_(place_in(folder_.path(), "acme")) {}

  json::Value spec() const { return rest_spec(texts_, rest_template()); }
  std::vector<Finding> reviewed(const json::Value& spec) const {
    EXPECT_TRUE(write_source(place_, make_artifacts(texts_, spec), Overwrite::yes));
    return lint_source(place_);
  }
  static json::Object& member(json::Value& spec, std::string_view name) {
    return *spec.find("sourceSpec")->find("attributes")->find(name)->if_object();
  }

  TemporaryFolder folder_;
  SourcePlace place_;
  SourceTexts texts_{"acme", "Acme", "Items of Acme accounts.", "crm"};
};

std::vector<std::string> rules(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  out.reserve(findings.size());
  for (const auto& each : findings) out.push_back(each.rule);
  return out;
}

// Each word was looked at to the end of the text.
TEST(LargeText, WordsWithDotsBetweenThemAreNoSecretsAndTakeNoTime) {
  for (const char* text : {"a.", "%7b", "{", "\"", "QUJDRGFi", "key=", "eyJ.a", "-----BEGIN ", "bot1"})
    EXPECT_THAT(find_secrets(repeated(text, 4 * kMegabyte)), IsEmpty()) << text;
  EXPECT_THAT(find_secrets(repeated("a.", 4 * kMegabyte) + " ghp_0123456789abcdefABCDEF"), SizeIs(1));
}

// Each name was looked for the end of its value to the end of the text.
TEST(LargeText, NamesWhoseValueNothingEndsTakeNoTime) {
  for (const char* text : {":token>", "token='", "token=", "<token>"})
    EXPECT_LE(find_named_secrets(repeated(text, 4 * kMegabyte)).size(), 4 * kMegabyte) << text;
  EXPECT_THAT(find_named_secrets(repeated(":token>", 4 * kMegabyte)), IsEmpty());
}

TEST(LargeText, BracketsThatNothingClosesTakeNoTime) {
  const auto put = [](const std::string& name) { return "[" + name + "]"; };
  const auto text = repeated("{", 4 * kMegabyte);
  for (const auto place : {TextPlace::path, TextPlace::host})
    EXPECT_TRUE(replace_placeholders(text + " {id}", place, put) == text + " [id]");
  EXPECT_TRUE(replace_placeholders(text + " {id}", TextPlace::value, put) == text + " {id}");
}

// The whole text was written in lower case again for each escape.
TEST_F(LargeSourceTest, EscapesInAPathAreReadOnce) {
  auto large = spec();
  member(large, "urlParams").set("path", "/" + repeated("%7b", kMegabyte) + "id%7D");
  EXPECT_THAT(rules(reviewed(large)), Contains("spec/open-placeholder"));
  member(large, "urlParams").set("path", "/" + repeated("{", kMegabyte) + "}");
  EXPECT_THAT(rules(reviewed(large)), testing::Not(Contains("spec/open-placeholder")));
}

// Of each finding the lines before it were counted anew.
TEST_F(LargeSourceTest, AFileFullOfSecretsHasAsManyFindingsAsAPersonReads) {
  EXPECT_THAT(reviewed(spec()), IsEmpty());
  ASSERT_TRUE(write_file_durably(place_.artifacts.parent_path() / "notes.txt",
                                 repeated("ghp_0123456789abcdefABCDEF\n", 3 * kMegabyte)));
  const auto findings = lint_source(place_);
  ASSERT_THAT(findings, SizeIs(FindingList::kEachMax));
  EXPECT_EQ(findings.back().line, FindingList::kEachMax);
}

// Each value's pointer held the name, and was kept.
TEST_F(LargeSourceTest, ALongNameAroundManyValuesIsRefused) {
  auto large = spec();
  large.if_object()->set(
      "extra",
      json::Object{{"list", json::Array{json::Object{{repeated("n", kMegabyte), json::Array(400'000)}}}}});
  const auto findings = reviewed(large);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, "spec/document");
  EXPECT_EQ(findings[0].pointer, "/extra/list/0");
  EXPECT_THAT(findings[0].message, HasSubstr("4000 characters"));
}

TEST_F(LargeSourceTest, AnErrorIsToldThoughThereAreThousandsOfWarnings) {
  auto large = spec();
  std::vector<json::Member> inputs;
  inputs.reserve(100'001);
  for (int i = 0; i < 100'000; ++i)
    inputs.push_back({"unused" + std::to_string(i), json::Object{{"type", "string"}}});
  inputs.push_back({"apiToken", json::Object{{"type", "string"}}});
  large.find("sourceSpec")
      ->find("spec")
      ->if_object()
      ->set("properties", json::Object::from_members(std::move(inputs)));
  const auto findings = reviewed(large);
  EXPECT_EQ(count(findings, Severity::warning), FindingList::kEachMax);
  EXPECT_THAT(rules(findings), Contains("spec/secret-format"));
}

TEST(FindingList, TextsAndPointersAreCut) {
  FindingList list;
  list.add({"spec/host", Severity::error, "f", "/a/" + repeated("b", 5'000) + "/c", 1,
            repeated("\xc3\xa4", 5'000), ""});
  EXPECT_EQ(list.all()[0].pointer, "/a");
  EXPECT_EQ(list.all()[0].message, repeated("\xc3\xa4", 2'000) + "...");
}

// A map of all pointers was made.
TEST(JsonLines, OnlyWhatIsAskedForIsKept) {
  const std::string text =
      "{\"" + repeated("n", kMegabyte) + "\": [" + repeated("0,", kMegabyte) + "0],\n\"b\": 1}";
  EXPECT_THAT(json_lines(text, {"/b", "", "/c"}), testing::ElementsAre(2, 1, 1));
}

// Each reference was looked for to the end of the attribute, and held all that was behind it.
TEST(LargeIcon, ReferencesThatNothingClosesAreOne) {
  const auto icon = [](const std::string& value) {
    return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><path d='" + value + "'/></svg>";
  };
  EXPECT_THAT(check_svg(icon(repeated("url(#", 60'000))), IsEmpty());
  EXPECT_THAT(check_svg(icon(repeated("url(#", 60'000) + ")")), IsEmpty());
}

}  // namespace
}  // namespace headwater::authoring
