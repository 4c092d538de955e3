// The rules of RFC 6901 (JSON Pointer) and RFC 6902 (JSON Patch), as rows of our own.
#include "json/patch.h"

#include <gtest/gtest.h>

#include <string>

#include "json/pointer.h"

namespace headwater::json {
namespace {

TEST(JsonPointerConformanceTest, Finds) {
  const auto document = parse(
      R"({"list":["x","y"],"":0,"a/b":1,"c%d":2,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"~1":9,"0":{"-":10}})");
  const struct {
    const char* pointer;
    const char* want;  // null: nothing there
  } rows[] = {{"/list", R"(["x","y"])"},
              {"/list/0", R"("x")"},
              {"/list/1", R"("y")"},
              {"/", "0"},
              {"/a~1b", "1"},
              {"/c%d", "2"},
              {"/g|h", "4"},
              {"/i\\j", "5"},
              {"/k\"l", "6"},
              {"/ ", "7"},
              {"/m~0n", "8"},
              {"/~01", "9"},
              {"/0/-", "10"},
              {"/list/-", nullptr},
              {"/list/2", nullptr},
              {"/list/00", nullptr},
              {"/list/01", nullptr},
              {"/list/-1", nullptr},
              {"/list/1e0", nullptr},
              {"/list/", nullptr},
              {"/list/18446744073709551616", nullptr},
              {"/none", nullptr},
              {"/list/0/x", nullptr}};
  EXPECT_EQ(Pointer::parse("")->find(*document), &*document);
  for (const auto& [text, want] : rows) {
    const auto pointer = Pointer::parse(text);
    ASSERT_TRUE(pointer) << text;
    EXPECT_EQ(pointer->text(), text);
    const Value* found = pointer->find(*document);
    ASSERT_EQ(found != nullptr, want != nullptr) << text;
    if (found != nullptr) {
      EXPECT_EQ(found->dump(), want) << text;
    }
  }
  for (const char* wrong : {"a", "/~", "/a~2b", "/~~0", " /a"}) EXPECT_FALSE(Pointer::parse(wrong)) << wrong;
}

TEST(JsonPointerConformanceTest, Composes) {
  const Pointer pointer = Pointer().child("a/b").child("~");
  EXPECT_EQ(pointer.text(), "/a~1b/~0");
  EXPECT_EQ(pointer.parent().text(), "/a~1b");
  EXPECT_TRUE(pointer.parent().is_prefix_of(pointer));
  EXPECT_FALSE(pointer.is_prefix_of(pointer.parent()));
}

struct Row {
  const char* name;
  const char* document;
  const char* patch;
  const char* want;  // null: refused, and the document stays
};

const Row kRows[] = {
    {"AddMember", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
    {"AddReplacesMember", R"({"a":1,"b":2})", R"([{"op":"add","path":"/a","value":[3]}])",
     R"({"a":[3],"b":2})"},
    {"AddElement", R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
    {"AddAtTheEnd", R"([1])", R"([{"op":"add","path":"/1","value":2}])", "[1,2]"},
    {"AddBehindTheEnd", R"([1])", R"([{"op":"add","path":"/-","value":[2]}])", "[1,[2]]"},
    {"AddPastTheEnd", R"([1])", R"([{"op":"add","path":"/2","value":2}])", nullptr},
    {"AddAtNoIndex", R"([1])", R"([{"op":"add","path":"/x","value":2}])", nullptr},
    {"AddAtLeadingZero", R"([1,2])", R"([{"op":"add","path":"/01","value":2}])", nullptr},
    {"AddAtNegative", R"([1,2])", R"([{"op":"add","path":"/-1","value":2}])", nullptr},
    {"AddBelowNothing", R"({"a":1})", R"([{"op":"add","path":"/b/c","value":2}])", nullptr},
    {"AddBelowNumber", R"({"a":1})", R"([{"op":"add","path":"/a/c","value":2}])", nullptr},
    {"AddTheWhole", R"({"a":1})", R"([{"op":"add","path":"","value":[]}])", "[]"},
    {"AddNull", R"({})", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
    {"AddEmptyName", R"({})", R"([{"op":"add","path":"/","value":1}])", R"({"":1})"},
    {"RemoveMember", R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
    {"RemoveElement", R"([1,2,3])", R"([{"op":"remove","path":"/1"}])", "[1,3]"},
    {"RemoveNothing", R"({"a":1})", R"([{"op":"remove","path":"/b"}])", nullptr},
    {"RemoveBehindTheEnd", R"([1])", R"([{"op":"remove","path":"/-"}])", nullptr},
    {"Replace", R"({"a":1,"b":2})", R"([{"op":"replace","path":"/a","value":{"c":1.0}}])",
     R"({"a":{"c":1.0},"b":2})"},
    {"ReplaceTheWhole", R"({"a":1})", R"([{"op":"replace","path":"","value":5}])", "5"},
    {"ReplaceNothing", R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", nullptr},
    {"MoveMember", R"({"a":{"x":1},"b":{}})", R"([{"op":"move","from":"/a/x","path":"/b/y"}])",
     R"({"a":{},"b":{"y":1}})"},
    {"MoveElement", R"([1,2,3,4])", R"([{"op":"move","from":"/1","path":"/3"}])", "[1,3,4,2]"},
    {"MoveOntoItself", R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":1})"},
    {"MoveIntoItself", R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr},
    {"MoveToSibling", R"({"a":1,"ab":{}})", R"([{"op":"move","from":"/a","path":"/ab/c"}])",
     R"({"ab":{"c":1}})"},
    {"MoveNothing", R"({"a":1})", R"([{"op":"move","from":"/b","path":"/c"}])", nullptr},
    {"Copy", R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/a/c"}])",
     R"({"a":{"b":1,"c":{"b":1}}})"},
    {"CopyNothing", R"({})", R"([{"op":"copy","from":"/a","path":"/b"}])", nullptr},
    {"TestHolds", R"({"a":[1,{"b":2}]})", R"([{"op":"test","path":"/a","value":[1.0,{"b":2}]}])",
     R"({"a":[1,{"b":2}]})"},
    {"TestFails", R"({"a":1})", R"([{"op":"test","path":"/a","value":"1"}])", nullptr},
    {"TestOrderMatters", R"([1,2])", R"([{"op":"test","path":"","value":[2,1]}])", nullptr},
    {"TestNothing", R"({})", R"([{"op":"test","path":"/a","value":null}])", nullptr},
    {"TestEscaped", R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])",
     R"({"/":9,"~1":10})"},
    {"AllOrNothing", R"({"a":1})",
     R"([{"op":"replace","path":"/a","value":2},{"op":"test","path":"/a","value":3}])", nullptr},
    {"InOrder", R"({})", R"([{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/-","value":1}])",
     R"({"a":[1]})"},
    {"Empty", R"({"a":1})", "[]", R"({"a":1})"},
    {"AnyLetterCase", R"({"a":1})",
     R"([{"op":"Replace","path":"/a","value":2},{"op":"ADD","path":"/b","value":3}])", R"({"a":2,"b":3})"},
    {"OtherMembers", R"({})", R"([{"op":"add","path":"/a","value":1,"note":"x"}])", R"({"a":1})"},
};

TEST(JsonPatchConformanceTest, Applies) {
  for (const Row& row : kRows) {
    const auto document = parse(row.document);
    const auto patch = Patch::parse(row.patch);
    ASSERT_TRUE(patch) << row.name << ": " << patch.error().message;
    const auto patched = patch->apply(*document);
    ASSERT_EQ(patched.has_value(), row.want != nullptr) << row.name;
    EXPECT_EQ(document->dump(), row.document) << row.name;
    if (patched) {
      EXPECT_EQ(patched->dump(), row.want) << row.name;
    } else {
      EXPECT_TRUE(patched.error().where.ends_with("/path")) << row.name;
    }
  }
}

TEST(JsonPatchConformanceTest, TellsAFailedTestFromAWrongPath) {
  const auto document = parse(R"({"a":1})");
  const auto failed = Patch::parse(R"([{"op":"test","path":"/a","value":2}])")->apply(*document);
  EXPECT_EQ(failed.error().kind, ErrorKind::conflict);
  EXPECT_EQ(failed.error().where, "/0/path");
  const auto wrong =
      Patch::parse(R"([{"op":"test","path":"/a","value":1},{"op":"remove","path":"/x"}])")->apply(*document);
  EXPECT_EQ(wrong.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(wrong.error().where, "/1/path");
}

TEST(JsonPatchConformanceTest, NamesAllThatIsWrong) {
  const auto patch =
      Patch::parse(R"([{"op":"add","path":"/a"},{"op":"fly","path":"/a"},{"op":"move","path":"a"},7])");
  ASSERT_FALSE(patch);
  std::string pointers;
  for (const Problem& problem : patch.error().problems) pointers += problem.pointer + " ";
  EXPECT_EQ(pointers, "/0/value /1/op /2/path /2/from /3 ");
  EXPECT_FALSE(Patch::parse("{}"));
  EXPECT_FALSE(Patch::parse("[{]"));
}

TEST(JsonPatchConformanceTest, BoundsCopiesOfTheWholeIntoItself) {
  std::string text = "[";
  for (int i = 0; i < 60; ++i) text += R"({"op":"copy","from":"","path":"/m)" + std::to_string(i) + "\"},";
  text += R"({"op":"remove","path":"/m0"}])";
  const auto patched = Patch::parse(text)->apply(*parse(R"({"a":1})"));
  ASSERT_FALSE(patched);
  EXPECT_EQ(patched.error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace headwater::json
