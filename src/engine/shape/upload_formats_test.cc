// The two readers of uploaded text files. Each case is fed whole and byte by byte: pieces must not matter.
#include <gtest/gtest.h>

#include "engine/shape/csv_reader.h"
#include "engine/shape/text_splitter.h"

namespace headwater::shape {
namespace {

std::string fed(auto& reader, std::string_view text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece)
    if (const auto done = reader.feed(text.substr(at, piece)); !done) return "!" + done.error().message;
  const auto done = reader.finish();
  return done ? "" : "!" + done.error().message;
}

std::string split(TextSplitter::Mode mode, std::string_view text, std::size_t piece) {
  std::string out;
  TextSplitter splitter(mode, 50, [&out](std::string_view one) -> Result<void> {
    out += std::string(one) + "|";
    return {};
  });
  const auto problem = fed(splitter, text, piece);
  return out + problem;
}

struct SplitCase {
  TextSplitter::Mode mode;
  std::string_view text;
  std::string_view want;
};

TEST(TextSplitter, CutsLinesAndValues) {
  using enum TextSplitter::Mode;
  const std::string longest(60, 'x');
  for (const SplitCase& test : {
           SplitCase{lines, "{\"a\":1}\n\n  \r\n{\"b\":2}\r\n{\"c\"", "{\"a\":1}|{\"b\":2}|{\"c\"|"},
           SplitCase{lines, "", ""},
           SplitCase{lines, "\n\n", ""},
           SplitCase{values, "{\"a\":\n1}\n{\"b\":\"}\\\"{\"}", "{\"a\":\n1}|{\"b\":\"}\\\"{\"}|"},
           SplitCase{values, " {}, [1,[2]] \n{}", "{}|[1,[2]]|{}|"},
           SplitCase{values, "{\"a\":1", "!The record that begins at byte 0 is cut off at the file's end."},
           SplitCase{values, "{} }", "{}|!Byte 3: an object must begin here."},
       })
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}})
      EXPECT_EQ(split(test.mode, test.text, piece), test.want) << test.text << " by " << piece;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    EXPECT_NE(split(lines, "{}\n" + longest + "\n", piece).find("byte 3 has more than 50"),
              std::string::npos);
    EXPECT_NE(split(values, "{\"a\":\"" + longest + "\"}", piece).find("more than 50"), std::string::npos);
  }
}

std::string csv(const CsvOptions& options, std::string_view text, std::size_t piece) {
  std::string out;
  const auto column = [](std::string_view name, std::size_t index) -> CsvColumn {
    if (name == "n") return {{"n"}, CsvType::number};
    if (name == "ok") return {{"ok"}, CsvType::boolean};
    if (name == "tags") return {{"tags"}, CsvType::json};
    if (name == "p.a") return {{"p", "a"}, CsvType::text};
    if (name == "p.b") return {{"p", "b"}, CsvType::number};
    return {{name.empty() ? "c" + std::to_string(index + 1) : std::string(name)}, CsvType::text};
  };
  CsvReader reader(options, column, [&out](std::string_view one, std::string_view problem) -> Result<void> {
    out += std::string(one) + (problem.empty() ? "" : " <" + std::string(problem) + ">") + "|";
    return {};
  });
  const auto problem = fed(reader, text, piece);
  return out + problem;
}

struct CsvCase {
  CsvOptions options;
  std::string_view text;
  std::string_view want;
};

TEST(CsvReader, GivesOneObjectARow) {
  CsvOptions semicolon;
  semicolon.delimiter = ';';
  semicolon.null_marker = "NULL";
  CsvOptions bare;
  bare.header = false;
  CsvOptions latin;
  latin.latin1 = true;
  for (const CsvCase& test : {
           CsvCase{{},
                   "\xEF\xBB\xBFn,name\r\n1,Ada\r\n2,\"B, \"\"ob\"\"\nx\"\n",
                   R"({"n":1,"name":"Ada"}|{"n":2,"name":"B, \"ob\"\nx"}|)"},
           CsvCase{{},
                   "n,ok,tags\n007,TRUE,\"[1]\"\n1e3,maybe,plain\n",
                   R"({"n":"007","ok":true,"tags":[1]}|{"n":1e3,"ok":"maybe","tags":"plain"}|)"},
           CsvCase{{}, "p.a,p.b,x\n,,\"\"\nq,2,\n", R"({"x":""}|{"p":{"a":"q","b":2}}|)"},
           CsvCase{
               {}, "a,b\n1,2,3\n4\n", R"(1,2,3 <the row has 3 fields, but there are 2 columns>|{"a":"4"}|)"},
           CsvCase{{}, "a\n\"x\\\"y\\n\"\n", "{\"a\":\"x\\\"y\\\\n\"}|"},
           CsvCase{{}, "a,a\n1,2\n", R"({"a":"1","a_2":"2"}|)"},
           CsvCase{{}, "a\n\"open", "!The file ends within a quoted field."},
           CsvCase{semicolon, "a;b\nNULL;1,5\n", R"({"b":"1,5"}|)"},
           CsvCase{bare, "1,2\n3,4", R"({"c1":"1","c2":"2"}|{"c1":"3","c2":"4"}|)"},
           CsvCase{latin, "a\n\xE9\n", "{\"a\":\"\xC3\xA9\"}|"},
       })
    for (const std::size_t piece : {std::size_t{1}, std::size_t{4}, std::size_t{1000}})
      EXPECT_EQ(csv(test.options, test.text, piece), test.want) << test.text << " by " << piece;
}

}  // namespace
}  // namespace headwater::shape
