#include "domain/expression.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "domain/text_template.h"

namespace headwater::domain {
namespace {

struct Case {
  const char* name;
  const char* text;  // behind "@{"
  const char* want;  // the value's JSON, or a part of the error
  bool fails = false;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

constexpr Case kCases[] = {
    {"Text", "'a''b'}", R"("a'b")"},
    {"Number", "-1.50}", "-1.50"},
    {"Words", "coalesce(null, true)}", "true"},
    {"NamesIgnoreCase", "CONCAT('a', 1, True)}", R"("a1true")"},
    {"EmptyOfNull", "empty(null)}", "true"},
    {"EmptyOfText", "empty('')}", "true"},
    {"EmptyOfValue", "empty('x')}", "false"},
    {"SafeParameterIsNull", "coalesce(pipeline()?.parameters?.none, 'd')}", R"("d")"},
    {"Parameter", "pipeline().parameters.since}", R"("2024-03-05T09:07:03Z")"},
    {"ParameterInBrackets", "pipeline().parameters['since']}", R"("2024-03-05T09:07:03Z")"},
    {"IfTakesOneBranchOnly", "if(true, 'a', pipeline().parameters.none)}", R"("a")"},
    {"EqualsComparesNumbersByValue", "equals(1, 1.0)}", "true"},
    {"AndStopsEarly", "and(false, pipeline().parameters.none)}", "false"},
    {"Or", "or(false, not(false))}", "true"},
    {"Greater", "greater(10, 9)}", "true"},
    {"LessOnTexts", "less('a', 'b')}", "true"},
    {"String", "string(12)}", R"("12")"},
    {"Int", "int('12')}", "12"},
    {"FormatDateTime", "formatDateTime(pipeline().parameters.since, 'yyyy/MM')}", R"("2024/03")"},
    {"UtcNow", "utcNow('yyyy-MM-dd')}", R"("1970-01-02")"},
    {"TheDocumentedExpression",
     "if(empty(coalesce(pipeline()?.parameters?.ingestionStart,'')),'?query=type:user&filter[type]=user&','')"
     "}",
     R"("?query=type:user&filter[type]=user&")"},
    {"UnknownFunction", "  nope(1)}", "unknown function \"nope\" at character 13", true},
    {"UnclosedText", "'abc}", "not closed", true},
    {"MissingBrace", "'abc'", "'}' is missing", true},
    {"WrongArgumentCount", "if(true,1)}", "wrong number of arguments for if()", true},
    {"UnknownWord", "abc}", "unknown word \"abc\"", true},
    {"UnsafeParameterWithoutValue", "pipeline().parameters.none}", "has no value", true},
    {"NoCondition", "if('x',1,2)}", "must be true or false", true},
    {"NoTime", "formatDateTime('soon')}", "no RFC 3339 time", true},
};

class ExpressionTest : public testing::TestWithParam<Case> {};

TEST_P(ExpressionTest, GivesTheDocumentedValue) {
  const auto& row = GetParam();
  const auto parsed = Expression::parse(row.text, 10);
  Expression::Context context;
  context.now = from_epoch_seconds(86'400);
  context.parameter = [](std::string_view name) -> std::optional<json::Value> {
    if (name == "since") return json::Value("2024-03-05T09:07:03Z");
    return std::nullopt;
  };
  const auto value = parsed ? parsed->expression.evaluate(context) : Result<json::Value>(parsed.error());
  if (row.fails) {
    ASSERT_FALSE(value);
    EXPECT_NE(value.error().message.find(row.want), std::string::npos) << value.error().message;
  } else {
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(value->dump(), row.want);
    EXPECT_EQ(parsed->length, std::string_view(row.text).size());
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExpressionTest, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(Expression, RemembersWhichOfItsTextWasFilledIn) {
  const auto parsed = Expression::parse("concat(if(true,'ab<>',''),string(coalesce(null,'<>c')),1)}", 0);
  ASSERT_TRUE(parsed) << parsed.error().message;
  Expression::Context context;
  context.fill = [](std::string_view literal) {
    Expression::Text text{std::string(literal), {}};
    if (const auto at = literal.find("<>"); at != std::string_view::npos) text.values.push_back({at, at + 2});
    return text;
  };
  const auto text = parsed->expression.evaluate_text(context);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->text, "ab<><>c1");
  ASSERT_EQ(text->values.size(), 2U);
  EXPECT_EQ(text->values[0].begin, 2U);
  EXPECT_EQ(text->values[1].begin, 4U);
  EXPECT_EQ(text->values[1].end, 6U);
}

TEST(Expression, AValueThatIsNoTimeIsNotTold) {
  const auto parsed = Expression::parse("formatDateTime('<secret>')}", 0);
  Expression::Context context;
  context.fill = [](std::string_view) { return Expression::Text{"hunter2", {{0, 7}}}; };
  const auto text = parsed->expression.evaluate_text(context);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "Expression: the value is no RFC 3339 time at character 1.");
}

TEST(TextTemplate, SeesThePlaceholdersWithinExpressions) {
  const auto parsed = TextTemplate::parse("${a}@{if(true,'${b} {{c}}','{END_TIME}@{')}${d}");
  ASSERT_TRUE(parsed) << parsed.error().message;
  std::string names;
  for (const auto* each : parsed->placeholders())
    names += each->text + "@" + std::to_string(each->position) + " ";
  EXPECT_EQ(names, "a@1 @5 b@16 c@21 END_TIME@29 d@44 ");
  EXPECT_TRUE(parsed->uses(TextTemplate::PartKind::end_time));
  EXPECT_FALSE(parsed->uses(TextTemplate::PartKind::start_time));
}

// For each opening the text was gone through to its end.
TEST(TextTemplate, OpeningsThatNothingClosesTakeNoTime) {
  constexpr std::size_t kBytes = 1'000'000;
  for (const auto* closing : {"", "}", "}}"}) {
    const auto text = std::string(kBytes, '{') + closing;
    const auto parsed = TextTemplate::parse(text, TextTemplate::Braces::may_be_names);
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->parts().size(), 1U);
    EXPECT_EQ(parsed->parts()[0].text, text);
  }
  std::string blanks;
  for (std::size_t i = 0; i < kBytes / 4; ++i) blanks += "{{";
  EXPECT_TRUE(TextTemplate::parse(blanks + std::string(kBytes / 2, ' ') + "}}"));
  const auto parsed = TextTemplate::parse(std::string(kBytes / 2, '{') + "{{ a }}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->placeholders().size(), 1U);
}

TEST(ExpressionDepth, IsBounded) {
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "not(";
  EXPECT_FALSE(Expression::parse(deep, 0));
}

std::string parts_of(const Result<TextTemplate>& parsed) {
  if (!parsed) return "! " + parsed.error().message;
  std::string text;
  for (const auto& part : parsed->parts()) {
    using Kind = TextTemplate::PartKind;
    constexpr const char* kNames[] = {"", "name:", "brace:", "START", "END", "QUERY", "expression"};
    const bool plain = part.kind == Kind::literal || part.kind == Kind::name || part.kind == Kind::brace_name;
    text += "[" + std::string(kNames[static_cast<int>(part.kind)]) + (plain ? part.text : "") + "]";
  }
  return text;
}

TEST(TextTemplate, SplitsEveryPlaceholderForm) {
  const auto literal = TextTemplate::Braces::literal;
  const auto names = TextTemplate::Braces::may_be_names;
  const std::tuple<const char*, TextTemplate::Braces, const char*> rows[] = {
      {"https://${domain}.a.test", literal, "[https://][name:domain][.a.test]"},
      {"{{ x }}/{{a.b-c_1}}", literal, "[name:x][/][name:a.b-c_1]"},
      {"https://{domain}.a.test", names, "[https://][brace:domain][.a.test]"},
      {"/{id}", literal, "[/{id}]"},
      {"> {START_TIME} < {END_TIME}", literal, "[> ][START][ < ][END]"},
      {"{SCHEDULE_QUERY}", literal, "[QUERY]"},
      {"a@@b@{'}'}c", literal, "[a@b][expression][c]"},
      {"query {{ not a name }}", literal, "[query {{ not a name }}]"},
      {"", literal, ""},
      {"${a", literal, "! \"${\" is not closed with \"}\" at character 1."},
      {"x${a b}", literal, "! \"${...}\" needs a name of letters, digits, '_', '-' or '.' at character 2."},
      {"x@{nope()}", literal, "! Expression: unknown function \"nope\" at character 4."},
  };
  for (const auto& [text, braces, want] : rows)
    EXPECT_EQ(parts_of(TextTemplate::parse(text, braces)), want) << text;
}

}  // namespace
}  // namespace headwater::domain
