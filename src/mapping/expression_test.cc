#include "mapping/expression.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "json/record.h"
#include "mapping/internal/syntax.h"

namespace headwater::mapping {
namespace {

std::string evaluate(std::string_view text, std::string_view record_text = "{}") {
  const auto expression = Expression::compile(text);
  if (!expression) return expression.error().message;
  json::RecordGroup group;
  group.append(record_text);
  json::RecordParser parser;
  const auto record = parser.parse(group[0]);
  if (!record) return record.error().message;
  Mapping::Scratch scratch;
  std::string out;
  const auto evaluated = expression->evaluate(*record, scratch, out);
  return evaluated ? out : evaluated.error().message;
}

struct Case {
  std::string_view expression;
  std::string_view want;
  std::string_view record = "{}";
};

void expect(const std::vector<Case>& cases) {
  for (const auto& c : cases)
    EXPECT_EQ(evaluate(c.expression, c.record), c.want) << c.expression << " on " << c.record;
}

TEST(Expression, ReadsLiterals) {
  expect({{"42", "42"},
          {"42L", "42"},
          {"42H", "42"},
          {"0x2A", "42"},
          {"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
          {"010", "8"},
          {"1.5", "1.5"},
          {"1.5E-2", "0.015"},
          {"2e3", "2000.0"},
          {"3d", "3.0"},
          {"0.1F", "0.1"},
          {"1.50B", "1.50"},
          {"12345678901234567890", "12345678901234567890"},
          {"true", "true"},
          {"null", "null"},
          {R"("a'b")", R"("a'b")"},
          {R"('a"b')", R"("a\"b")"},
          {R"('it\'s')", R"("it's")"},
          {R"("\u0041\t")", R"("A\t")"},
          {R"("\ud83d\ude00")", R"("😀")"},
          {R"('\d' == '\\d')", "true"},
          {R"("\|" == "\\|")", "true"},
          {"[1, 'a', null]", R"([1,"a",null])"},
          {"[]", "[]"},
          {"{:}", "{}"},
          {"{'a': 1, 'b': [2]}", R"({"a":1,"b":[2]})"},
          {"{'a': 1, 'a': 2}", R"({"a":2})"},
          {"1 // one\n + /* two */ 2 ## three", "3"}});
}

TEST(Expression, ReadsAttributes) {
  constexpr std::string_view kRecord =
      R"({"a":{"b":[{"c":1},{"c":2}],"no.dot":7},"x y":3,"flat.key":4,"for":5,"l":[10,20],"1st":6,"a b":{"c d":8},"n":null,"upper":9,
          "parent":{"child.x":1},"esc\u0061ped":"q\"","big":123456789012345678901234567890,"r":1.10,"e":1e2})";
  expect({{"a.b[1].c", "2", kRecord},
          {"a.b.1.c", "2", kRecord},
          {"a['b'][0]['c']", "1", kRecord},
          {"a.b.c", "[1,2]", kRecord},
          {"a.b[*].c", "[1,2]", kRecord},
          {"a.no\\.dot", "7", kRecord},
          {"${x y}", "3", kRecord},
          {"flat.key", "4", kRecord},
          {"${flat\\.key}", "4", kRecord},
          {"${for}", "5", kRecord},
          {"${l}[1]", "20", kRecord},
          {"${l[0]}", "10", kRecord},
          {"${1st}", "6", kRecord},
          {"${a b}.${c d}", "8", kRecord},
          {"${a b.c d}", "8", kRecord},
          {"upper", "9", kRecord},
          {"${parent.child\\.x}", "1", kRecord},
          {"escaped", R"("q\"")", kRecord},
          {"missing", "null", kRecord},
          {"missing.deep[3].er", "null", kRecord},
          {"l[7]", "null", kRecord},
          {"n", "null", kRecord},
          {"n?.x", "null", kRecord},
          {"l[l[0] - 9]", "20", kRecord},
          {"a[concat('b','')][0].c", "1", kRecord},
          {"big", "123456789012345678901234567890", kRecord},
          {"r", "1.10", kRecord},
          {"e", "1e2", kRecord},
          {"concat(r, '|', e)", R"("1.1|100.0")", kRecord}});
}

TEST(Expression, Calculates) {
  expect({{"7 div 2", "3"},
          {"7 / 2", "3"},
          {"7 / 2.0", "3.5"},
          {"-7 / 2", "-3"},
          {"7 % 4", "3"},
          {"-7 % 3", "-1"},
          {"7 mod 4", "3"},
          {"7.5 % 2", "1.5"},
          {"~5", "-6"},
          {"-(3)", "-3"},
          {"+'4'", "4"},
          {"1 + 2 * 3", "7"},
          {"(1 + 2) * 3", "9"},
          {"10 - 4 - 3", "3"},
          {"2147483647 + 1", "2147483648"},
          {"9223372036854775807 + 1", "9223372036854775808"},
          {"9223372036854775808 - 1", "9223372036854775807"},
          {"-9223372036854775807 - 2", "-9223372036854775809"},
          {"99999999999 * 99999999999", "9999999999800000000001"},
          {"10000000000000000000000 / 3", "3333333333333333333333"},
          {"0.1B + 0.2B", "0.3"},
          {"1B / 3", "0.3333333333333333333333333333333333"},
          {"1.10B * 2", "2.20"},
          {"10B / 4", "2.5"},
          {"0.1 + 0.2", "0.30000000000000004"},
          {"null + null", "0"},
          {"null + 5", "5"},
          {"null * 5", "0"},
          {"true + 1", "2"},
          {"'' * 3", "0"},
          {R"("2" + 3)", "5"},
          {R"("2.0" + 3)", "5.0"},
          {R"("n" + 3)", R"("n3")"},
          {R"(3 + "n")", R"("3n")"},
          {R"("a" + "b")", R"("ab")"},
          {R"("1" + "2")", R"("12")"},
          {R"("a" + null)", R"("a")"},
          {R"("6" / "4")", "1"},
          {R"("6.0" / 4)", "1.5"},
          {"6 & 3", "2"},
          {"6 | 3", "7"},
          {"6 ^ 3", "5"},
          {"1..4", "[1,2,3,4]"},
          {"3..1", "[3,2,1]"}});
  EXPECT_EQ(evaluate("1e300 * 1e300"), "The expression has no value: the result of \"*\" is out of range.");
  EXPECT_EQ(evaluate("1 / 0"), "The expression has no value: division by zero.");
  EXPECT_EQ(evaluate("1.0 / 0"), "The expression has no value: division by zero.");
  EXPECT_EQ(evaluate("1 % 0"), "The expression has no value: remainder of a division by zero.");
  EXPECT_EQ(evaluate("'x' * 2"), "The expression has no value: \"*\" needs numbers, \"x\" is none.");
  EXPECT_EQ(evaluate("[1] - 2"), "The expression has no value: \"-\" needs numbers, not an array.");
}

TEST(Expression, Compares) {
  expect({{"1 == '1'", "true"},
          {"'1' == '01'", "false"},
          {"1 == 1.0", "true"},
          {"1.0 eq 1B", "true"},
          {"null == null", "true"},
          {"null == 0", "false"},
          {"missing == null", "true"},
          {"'' == 0", "true"},
          {"true == 'yes'", "true"},
          {"false == ''", "true"},
          {"1 != 2", "true"},
          {"1 ne 1", "false"},
          {"'a' < 'b'", "true"},
          {"'B' < 'a'", "true"},
          {"'10' < '9'", "true"},
          {"10 < '9'", "false"},
          {"null < 1", "false"},
          {"null > 1", "false"},
          {"null <= null", "true"},
          {"null >= 1", "false"},
          {"2 lt 3 and 3 le 3 and 4 gt 3 and 4 ge 4", "true"},
          {"[1,2] == [1,2]", "true"},
          {"[1] == [2]", "false"},
          {"{'a':1,'b':2} == {'b':2,'a':1}", "true"},
          {"12345678901234567890 > 12345678901234567889", "true"},
          {"date('2024-01-02') > date('2024-01-01')", "true"},
          {"date('2024-01-01T01:00:00+01:00') == date('2024-01-01T00:00:00Z')", "true"},
          {R"("abc" =^ "ab")", "true"},
          {R"("abc" !^ "ab")", "false"},
          {R"("abc" =$ "bc")", "true"},
          {R"("abc" !$ "bc")", "false"},
          {"3 =~ [1,2,3]", "true"},
          {"3 !~ [1,2,3]", "false"},
          {R"("k" =~ {"k":1})", "true"},
          {R"("a12" =~ "[a-z]\d+")", "true"},
          {R"("xa12" =~ "[a-z]\d+")", "false"},
          {"null =^ null", "true"},
          {"null =^ 'a'", "false"},
          {"not (a eq b)", "true", R"({"a":1,"b":2})"},
          {"!null", "true"},
          {"empty ''", "true"},
          {"empty [null]", "false"},
          {"empty {:}", "true"},
          {"empty 0", "true"},
          {"empty(missing)", "true"},
          {"size 'abc'", "3"},
          {"size([1,2])", "2"},
          {"size missing", "0"}});
  EXPECT_EQ(evaluate("'x' == 1"), R"(The expression has no value: "x" cannot be compared with a number.)");
  EXPECT_EQ(evaluate("[1] < 2"), "The expression has no value: an array and a number have no order.");
}

TEST(Expression, Chooses) {
  expect({{"true ? 1 : 2", "1"},
          {"0 ? 1 : 2", "2"},
          {"'false' ? 1 : 2", "2"},
          {"'x' ? 1 : 2", "1"},
          {"a ? 1 : b ? 2 : 3", "2", R"({"b":true})"},
          {"null ?: 5", "5"},
          {"0 ?: 5", "5"},
          {"0 ?? 5", "0"},
          {"null ?? 5", "5"},
          {"true || 1/0", "true"},
          {"false && 1/0", "false"},
          {"null or 'x'", "true"},
          {"1 and 0", "false"}});
}

TEST(Expression, CallsMethodsAndLambdas) {
  expect({{"s.equals('new')", "true", R"({"s":"new"})"},
          {"s.equalsIgnoreCase('NEW')", "true", R"({"s":"new"})"},
          {"missing.equals('x')", "false"},
          {"s.equals(null)", "false", R"({"s":"new"})"},
          {"n.equals('5')", "true", R"({"n":5})"},
          {"o.get('k')", "1", R"({"o":{"k":1}})"},
          {"o.get('z')", "null", R"({"o":{"k":1}})"},
          {"missing.get('z')", "null"},
          {"filterArray(l, x -> x.t > 1)", R"([{"t":2}])", R"({"l":[{"t":1},{"t":2}],"x":0})"},
          {"filterArray(l, (x) -> x > y)", "[3]", R"({"l":[1,3],"y":2})"},
          {"transformArray(filterArray(l, x -> x > 1), x -> x * 2)", "[4,6]", R"({"l":[1,2,3]})"},
          {"json_to_object('{\"a\":[1,2]}').a[1]", "2"},
          {"to_object('a', to_object('b', 4)).a.b", "4"},
          {"to_object('a b', 4).${a b}", "4"}});
}

struct Fault {
  std::string_view expression;
  std::size_t position;  // from 0
  std::string_view reason;
};

TEST(Expression, SaysWhatIsWrongAndWhere) {
  const std::vector<Fault> faults{
      {"", 0, "the expression is empty"},
      {"  ", 0, "the expression is empty"},
      {"1 +", 3, "unexpected the end of the expression, expected a value"},
      {"(1", 2, "unexpected the end of the expression, expected \")\""},
      {"a b", 2, "unexpected \"b\""},
      {"a = 1", 2, "assignments are not supported"},
      {"a; b", 1, "statements are not supported"},
      {"if (a) 1", 0, "\"if\" is a reserved word"},
      {"var x", 0, "\"var\" is a reserved word"},
      {"_errors", 0, "\"_errors\" is a reserved word"},
      {"`a`", 0, "back-quoted texts are not supported"},
      {"{1, 2}", 0, "sets are not supported"},
      {"1 == 1 == 1", 7, "comparisons do not chain"},
      {"1 < 2 < 3", 6, "comparisons do not chain"},
      {"'abc", 0, "the text is not closed"},
      {"\"a\nb\"", 0, "a text cannot hold a line break"},
      {"${abc", 0, "\"${\" is not closed"},
      {"${}", 2, "the name in ${} is no path: is empty"},
      {"/* x", 0, "the comment is not closed"},
      {"09", 0, "a number that starts with 0 is octal, and 8 and 9 are no octal digits"},
      {"2name", 0, "a number cannot run into a name"},
      {"a \\ b", 2, "\"\\\" has no meaning here"},
      {"uper(a)", 0, "Unknown function: uper"},
      {"1 + uper(a)", 4, "Unknown function: uper"},
      {"upper()", 0, "upper() takes 1 argument, not 0"},
      {"upper(a, b)", 0, "upper() takes 1 argument, not 2"},
      {"substr(a, 1)", 0, "substr() takes 3 arguments, not 2"},
      {"to_object('a')", 0, "to_object() takes at least 2 arguments, not 1"},
      {"to_object('a', 1, 'b')", 0, "to_object() takes keys and values in pairs, not 3 arguments"},
      {"x -> x", 0, "a lambda stands where a value is expected"},
      {"filterArray(a, b)", 15, "filterArray() needs a lambda here"},
      {"filterArray(a, (x, y) -> x)", 15, "a lambda takes one parameter"},
      {"a.trim()", 0, "Unknown method: trim"},
      {"a.get()", 0, "get() takes 1 argument, not 0"},
      {"f(1,)", 4, "unexpected \")\", expected an argument"},
      {"[1,]", 3, "unexpected \"]\", expected an element"},
      {"a.", 2, "unexpected the end of the expression, expected a member's name"},
      {"1e999", 0, "the number is out of range"},
  };
  for (const auto& fault : faults) {
    const auto problems = check_expression(fault.expression);
    ASSERT_FALSE(problems.empty()) << fault.expression;
    EXPECT_EQ(problems[0].reason, fault.reason) << fault.expression;
    EXPECT_EQ(problems[0].begin, fault.position) << fault.expression;
    EXPECT_LE(problems[0].begin, problems[0].end) << fault.expression;
    EXPECT_LE(problems[0].end, fault.expression.size()) << fault.expression;
  }
  EXPECT_EQ(check_expression("uper(x) + lowr(y) + substr(z)").size(), 3U);
  EXPECT_TRUE(check_expression("a =~ '('").size() == 1U);
  EXPECT_TRUE(check_expression("matches_regex(a, '[')").size() == 1U);
  EXPECT_TRUE(check_expression("date(a, 'yyyy-bb')").size() == 1U);
}

TEST(Expression, HasLimits) {
  EXPECT_EQ(check_expression(std::string(4096, ' ') + "1").at(0).reason,
            "the expression is longer than 4096 characters");
  EXPECT_TRUE(check_expression("'" + std::string(4094, 'x') + "'").empty());
  EXPECT_EQ(check_expression(std::string(300, '(') + "1" + std::string(300, ')')).at(0).reason,
            "the expression is nested deeper than 200 levels");
  EXPECT_EQ(check_expression(std::string(300, '-') + "1").at(0).reason,
            "the expression is nested deeper than 200 levels");
  EXPECT_TRUE(check_expression(std::string(150, '(') + "1" + std::string(150, ')')).empty());
  std::string sum = "1";
  while (sum.size() < 4000) sum += "+1";
  EXPECT_EQ(evaluate(sum), std::to_string((sum.size() + 1) / 2));
  std::string indices = "a";
  while (indices.size() < 4000) indices += "[0]";
  EXPECT_EQ(evaluate(indices, R"({"a":[[1]]})"), "null");
  // Texts that double, loops in loops, patterns that explode: each ends, with a reason.
  EXPECT_EQ(evaluate("transformArray(1..9999, x -> size_of(filterArray(1..9999, y -> y > x)))"),
            "The expression has no value: the expression takes more than 10,000,000 steps for one record.");
  EXPECT_EQ(evaluate("lpad('x', 2000000000, 'y')"),
            "The expression has no value: the result is larger than 64 MB.");
  EXPECT_EQ(evaluate("0..2000000"),
            "The expression has no value: the range has more than 1,000,000 elements.");
  EXPECT_NE(evaluate("matches_regex(s, '(a+)+b')", R"({"s":")" + std::string(60, 'a') + R"("})"), "true");
}

TEST(Expression, PrintsWhatItReads) {
  const std::vector<std::string_view> texts{"1 + 2 * 3",
                                            "-(-1)",
                                            "not a and b or c",
                                            "a.b[1]['c d'].${e.f}",
                                            "x ? y : z ?: w",
                                            "a ?? b",
                                            "filterArray(l, x -> x.a > 1 && y)",
                                            "{'a': 1, \"b\": [1.5, 2F, 3B, 4H]}",
                                            "{:}",
                                            "f.equals('x\\'\"\\\\d')",
                                            "concat('a\\n', \"\\t\", 'ü')",
                                            "l[*].a",
                                            "to_object('a', 1).b[0].c",
                                            "1 .. 3",
                                            "a =~ 'x' ? 1 : 2",
                                            "empty size a",
                                            "${we\\.ird}.${x\\}y}",
                                            "true == false",
                                            "a.0.1"};
  for (const auto text : texts) {
    Syntax first;
    Syntax second;
    SyntaxProblem problem;
    ASSERT_TRUE(parse_expression(text, first, problem)) << text << ": " << problem.reason;
    const auto printed = print_expression(first);
    ASSERT_TRUE(parse_expression(printed, second, problem)) << printed << ": " << problem.reason;
    EXPECT_EQ(print_expression(second), printed) << text;
  }
}

// Expressions made of random pieces: whatever parses prints and parses again, and gives the same value twice.
TEST(Expression, GivesTheSameTwice) {
  const std::vector<std::string> pieces{
      "1",     "2.5",  "'a'",    "null",   "true",   "x",  "l",     "o.k", "(",  ")",
      "[",     "]",    "{",      "}",      "+",      "-",  "*",     "/",   "==", "<",
      "=~",    "?",    ":",      "??",     "&&",     "!",  ",",     ".",   "->", "concat(",
      "size ", "l[*]", "empty ", "first(", "upper(", "..", "'\\d'", "1B",  "7H", "filterArray(l, e -> ",
      ".k"};
  std::mt19937 random(20240501);
  int parsed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const auto count = 1 + random() % 9;
    for (std::uint32_t i = 0; i < count; ++i)
      text += pieces[random() % pieces.size()] + (random() % 3 == 0 ? " " : "");
    Syntax first;
    Syntax second;
    SyntaxProblem problem;
    if (!parse_expression(text, first, problem)) continue;
    ++parsed;
    const auto printed = print_expression(first);
    ASSERT_TRUE(parse_expression(printed, second, problem))
        << text << " -> " << printed << ": " << problem.reason;
    ASSERT_EQ(print_expression(second), printed) << text;
    constexpr std::string_view kRecord = R"({"x":3,"l":[1,"b",null],"o":{"k":"v"}})";
    const auto value = evaluate(text, kRecord);
    EXPECT_EQ(evaluate(printed, kRecord).substr(0, 20), value.substr(0, 20)) << text << " -> " << printed;
  }
  EXPECT_GT(parsed, 500);
}

TEST(Expression, FollowsTheFamilyInCornersOfItsOperators) {
  expect({{"~null", "-1"},
          {"-null", "null"},
          {R"(false < "1.5")", "false"},
          {R"(true > "false")", "true"},
          {"x + 1", "1.0", R"({"x":1E-99999})"}});
}

TEST(Expression, ReadsRegexesInJavasNotation) {
  expect({{R"(matches_regex("\u00e9", "\\u00e9"))", "true"},
          {R"("acd" =~ "[a-z&&[^b]]+")", "true"},
          {R"(size(explode("a!b?c", "\p{Punct}")))", "3"},
          {R"(matches_regex(s, p))", "true", R"({"s":"ab","p":"\\p{Lower}+"})"}});
}

// One pattern and one record, and no limit per match that stops it.
TEST(Expression, ChargesWorkOverLargeArrays) {
  std::string numbers = R"({"n":[0)";
  for (int i = 1; i < 100'000; ++i) numbers += "," + std::to_string(i);
  numbers += R"(],"s":")" + std::string(2'000, 'a') + "!\"}";
  const std::string_view too_many =
      "The expression has no value: the expression takes more than 10,000,000 steps for one record.";
  for (const std::string_view text :
       {"transformArray(n, x -> n[x])", R"(transformArray(n, x -> contains_key(concat("n[", x, "]"))))",
        R"(transformArray(n, x -> matches_regex(concat("a", x), concat("a", x))))",
        R"(filterArray(n, x -> matches_regex(s, "(a|aa){1,12}b?!")))",
        R"(transformArray(n, x -> ua_os_name(concat("Mozilla/5.0 ", x))))"})
    EXPECT_EQ(evaluate(text, numbers), too_many) << text;
}

}  // namespace
}  // namespace headwater::mapping
