#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/string_calls.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
constexpr std::string_view kCategory = "String";
constexpr Parameter kInput{"input", "the text to work on", Type::string};

void add_concat_and_explode(std::vector<Function>& out) {
  out.push_back(
      {.info =
           {.name = "concat",
            .category = kCategory,
            .description = "Puts values behind each other as one text.",
            .returns = "The text forms of all values, joined; null adds nothing.",
            .return_type = Type::string,
            .parameters = {{"value", "what to put there, of any type", Type::any}},
            .variadic = true,
            .examples = {{R"(concat("id-", 7, null, "x"))", R"("id-7x")"},
                         {R"(concat())", R"("")"},
                         {R"(concat(null, null))", R"("")"},
                         {R"(concat(first, " ", last))", R"("Ada Lovelace")",
                          R"({"first":"Ada","last":"Lovelace"})"},
                         {R"(concat(true, "|", 2.0, "|", 1.5))", R"("true|2.0|1.5")"},
                         {R"(concat("at ", date("2022-03-04T05:06:07Z")))", R"("at 2022-03-04T05:06:07Z")"},
                         {R"(concat("o=", o, " a=", [1, null, "x"]))", R"("o={\"k\":1} a=[1,null,\"x\"]")",
                          R"({"o":{"k": 1}})"},
                         {R"(concat("a","b","c","d","e","f","g","h","i","j","k","l","m","n","o","p","q",1))",
                          R"("abcdefghijklmnopq1")"}}},
       .call = &StringCalls::concat});
  out.push_back(
      {.info = {.name = "explode",
                .category = kCategory,
                .description = "Cuts a text at every match of a regular expression; a delimiter of several "
                               "characters is one delimiter. Unlike split, empty parts stay.",
                .returns = "The parts in their order, not trimmed.",
                .return_type = Type::array,
                .parameters = {kInput,
                               {"regex", "what stands between the parts; \",\" when left out", Type::string}},
                .optional = 1,
                .examples = {{R"(explode("a;b;;c", ";"))", R"(["a","b","","c"])"},
                             {R"(explode("x.y", "\\."))", R"(["x","y"])"},
                             {R"(explode("x.y", "\."))", R"(["x","y"])"},
                             {R"(explode("a, b,"))", R"(["a"," b",""])"},
                             {R"(explode("", ";"))", R"([""])"},
                             {R"(explode(",", null))", R"(["",""])"},
                             {R"(explode(null, ";"))", "null"},
                             {R"(explode("a--b-c", "--"))", R"(["a","b-c"])"},
                             {R"(explode("a1b22c", "\d+"))", R"(["a","b","c"])"},
                             {R"(explode("1a2", "[a-z]*"))", R"(["1","","2",""])"},
                             {R"(explode("né", ""))", R"(["n","é",""])"},
                             {R"(explode("😀;🙂", "[;]"))", R"(["😀","🙂"])"},
                             {R"(explode(12.5, "\."))", R"(["12","5"])"}}},
       .call = &StringCalls::explode,
       .works_on = 0,
       .literal = Function::Literal::regex});
}

void add_instr_and_replacestr(std::vector<Function>& out) {
  out.push_back({.info = {.name = "instr",
                          .category = kCategory,
                          .description =
                              "Looks for a text inside another. Positions start at 0 and count UTF-16 units.",
                          .returns = "The position, -1 when it does not stand there as often.",
                          .return_type = Type::integer,
                          .parameters = {kInput,
                                         {"search", "what to look for", Type::string},
                                         {"start", "where to begin looking; 0 when left out", Type::integer},
                                         {"occurrence", "which of several places, from 1; they may overlap",
                                          Type::integer}},
                          .optional = 2,
                          .examples = {{R"(instr("banana", "an", 2))", "3"},
                                       {R"(instr("banana", "a", 0, 3))", "5"},
                                       {R"(instr("banana", "an"))", "1"},
                                       {R"(instr("banana", "x"))", "-1"},
                                       {R"(instr("banana", "a", 0, 4))", "-1"},
                                       {R"(instr("banana", "a", 0, 0))", "-1"},
                                       {R"(instr("banana", "b", -5))", "0"},
                                       {R"(instr("banana", "a", 99))", "-1"},
                                       {R"(instr("aaa", "aa", 0, 2))", "1"},
                                       {R"(instr("abc", "", 2))", "2"},
                                       {R"(instr("😀b", "b"))", "2"},
                                       {R"(instr("b😀b", "b", 2))", "3"},
                                       {R"(instr(12345, 4, "1"))", "3"},
                                       {R"(instr("abc", null))", "-1"},
                                       {R"(instr(null, "a"))", "null"}}},
                 .call = &StringCalls::instr,
                 .works_on = 0});
  out.push_back(
      {.info = {.name = "replacestr",
                .category = kCategory,
                .description = "Replaces every place of a literal text, case-sensitively.",
                .returns =
                    "The changed text; unchanged when the text to find is empty or the replacement is null.",
                .return_type = Type::string,
                .parameters = {kInput,
                               {"find", "the text to replace", Type::string},
                               {"replacement", "what to put there", Type::string}},
                .examples = {{R"(replacestr("1-2-3", "-", "/"))", R"("1/2/3")"},
                             {R"(replacestr("a.b", ".", ""))", R"("ab")"},
                             {R"(replacestr("aaa", "aa", "b"))", R"("ba")"},
                             {R"(replacestr("Abc", "a", "x"))", R"("Abc")"},
                             {R"(replacestr("abc", "", "x"))", R"("abc")"},
                             {R"(replacestr("abc", null, "x"))", R"("abc")"},
                             {R"(replacestr("abc", "b", null))", R"("abc")"},
                             {R"(replacestr("über", "ü", "ue"))", R"("ueber")"},
                             {R"(replacestr(1.5, ".", ","))", R"("1,5")"},
                             {R"(replacestr(null, "a", "b"))", "null"}}},
       .call = &StringCalls::replacestr,
       .works_on = 0});
}

void add_substr(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "substr",
                .category = kCategory,
                .description =
                    "Takes a part out of a text. Positions start at 0 and count UTF-16 units; what "
                    "lies outside the text is left out.",
                .returns = "The part; empty when the start is behind the end or the length is not positive.",
                .return_type = Type::string,
                .parameters = {kInput,
                               {"start", "position of the first character; below 0 is 0", Type::integer},
                               {"length", "how many characters at most", Type::integer}},
                .examples = {{R"(substr("keyboard", 3, 5))", R"("board")"},
                             {R"(substr("hi", 0, 100))", R"("hi")"},
                             {R"(substr("hi", -3, 1))", R"("h")"},
                             {R"(substr("hi", 2, 1))", R"("")"},
                             {R"(substr("hi", 99, 1))", R"("")"},
                             {R"(substr("hi", 0, -1))", R"("")"},
                             {R"(substr("hi", 0, 0))", R"("")"},
                             {R"(substr("keyboard", "3", "2"))", R"("bo")"},
                             {R"(substr(20240305, 4, 2))", R"("03")"},
                             {R"(substr("aé😀z", 1, 3))", R"("é😀")"},
                             {R"(substr("a😀z", 2, 9))", R"("z")"},
                             {R"(substr("a😀z", 0, 2))", R"("a")"},
                             {R"(substr("a long text of plain letters", 20, 5))", R"(" lett")"},
                             {R"(substr(null, 0, 1))", "null"}}},
       .call = &StringCalls::substr,
       .works_on = 0});
}

void add_case(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "lower",
                .aliases = {"lcase"},
                .category = kCategory,
                .description = "Writes a text in lower case, as Unicode has it for no particular language.",
                .returns = "The text in lower case.",
                .return_type = Type::string,
                .parameters = {kInput},
                .examples = {{R"(lower("ABC-ß-Éa 1"))", R"("abc-ß-éa 1")"},
                             {R"(lcase("ABC"))", R"("abc")"},
                             {R"(lower("ΟΔΟΣ"))", R"("οδος")"},
                             {R"(lower(true))", R"("true")"},
                             {R"(lower(""))", R"("")"},
                             {R"(lower(null))", "null"}}},
       .call = &StringCalls::lower,
       .works_on = 0});
  out.push_back(
      {.info = {.name = "upper",
                .aliases = {"ucase"},
                .category = kCategory,
                .description = "Writes a text in upper case, as Unicode has it for no particular language.",
                .returns = "The text in upper case; it may be longer.",
                .return_type = Type::string,
                .parameters = {kInput},
                .examples = {{R"(upper("straße"))", R"("STRASSE")"},
                             {R"(ucase("abc"))", R"("ABC")"},
                             {R"(upper("ada lovelace, 12 st. james's sq. {z}"))",
                              R"("ADA LOVELACE, 12 ST. JAMES'S SQ. {Z}")"},
                             {R"(upper("ﬃﬃﬃﬃﬃﬃﬃﬃ"))", R"("FFIFFIFFIFFIFFIFFIFFIFFI")"},
                             {R"(upper("ΐΐΐΐΐΐΐΐΐΐ"))",
                              "\"\u0399\u0308\u0301\u0399\u0308\u0301\u0399\u0308\u0301\u0399\u0308\u0301"
                              "\u0399\u0308\u0301\u0399\u0308\u0301\u0399\u0308\u0301\u0399\u0308\u0301\u0399"
                              "\u0308\u0301\u0399\u0308\u0301\""},
                             {R"(upper("iı𐐨"))", R"("II𐐀")"},
                             {R"(upper(null))", "null"}}},
       .call = &StringCalls::upper,
       .works_on = 0});
}

void add_split_and_join(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "split",
                .category = kCategory,
                .description =
                    "Cuts a text at separators. Each character of the second argument is one; several "
                    "in a row count as one. Unlike explode, there are no empty parts.",
                .returns = "The parts in their order.",
                .return_type = Type::array,
                .parameters = {kInput, {"separators", "the characters to cut at, literally", Type::string}},
                .examples = {{R"(split("a--b-c", "-"))", R"(["a","b","c"])"},
                             {R"(split("a,b;c", ",;"))", R"(["a","b","c"])"},
                             {R"(split("-a-", "-"))", R"(["a"])"},
                             {R"(split("", "-"))", "[]"},
                             {R"(split("--", "-"))", "[]"},
                             {R"(split("abc", ""))", R"(["abc"])"},
                             {R"(split("a\\b", "\\"))", R"(["a","b"])"},
                             {R"(split("a.b", "."))", R"(["a","b"])"},
                             {R"(split("a→b😀é", "😀→"))", R"(["a","b","é"])"},
                             {R"(split("a b", null))", R"(["a b"])"},
                             {R"(split(null, "-"))", "null"}}},
       .call = &StringCalls::split,
       .works_on = 0});
  out.push_back(
      {.info = {.name = "join",
                .category = kCategory,
                .description =
                    "Puts the elements of an array behind each other with a separator between them. More "
                    "values may follow, or stand instead of the array.",
                .returns = "The joined text; a null element is an empty text.",
                .return_type = Type::string,
                .parameters = {{"separator", "what stands between two elements", Type::string},
                               {"values", "the array", Type::any},
                               {"more", "further values or arrays", Type::any}},
                .variadic = true,
                .examples = {{R"(join("/", ["a", 1, true]))", R"("a/1/true")"},
                             {R"(join(", ", ["a", null, "b"]))", R"("a, , b")"},
                             {R"(join("-", "a", 2, "c"))", R"("a-2-c")"},
                             {R"(join("-", tags))", R"("x-y")", R"({"tags":["x","y"]})"},
                             {R"(join("-", []))", R"("")"},
                             {R"(join(null, ["a", "b"]))", R"("ab")"},
                             {R"(join("-", [2.0, {"k": 1}]))", R"("2.0-{\"k\":1}")"},
                             {R"(join("-", null))", "null"}}},
       .call = &StringCalls::join});
}

void add_padding(std::vector<Function>& out) {
  const std::vector<Parameter> parameters{
      kInput,
      {"size", "how long the text is to be, in UTF-16 units", Type::integer},
      {"pad", "what to fill it with, repeated and cut; null or empty is one space", Type::string}};
  out.push_back({.info = {.name = "lpad",
                          .category = kCategory,
                          .description = "Fills a text at its start until it has a given length.",
                          .returns = "The filled text; unchanged when it is long enough.",
                          .return_type = Type::string,
                          .parameters = parameters,
                          .examples = {{R"(lpad("7", 4, "0"))", R"("0007")"},
                                       {R"(lpad(7, "4", 0))", R"("0007")"},
                                       {R"(lpad("ab", 5, "xyz"))", R"("xyzab")"},
                                       {R"(lpad("ab", 7, "xyz"))", R"("xyzxyab")"},
                                       {R"(lpad("ab", 4, null))", R"("  ab")"},
                                       {R"(lpad("ab", 4, ""))", R"("  ab")"},
                                       {R"(lpad("abc", 2, "x"))", R"("abc")"},
                                       {R"(lpad("abc", -2, "x"))", R"("abc")"},
                                       {R"(lpad("é", 3, "😀"))", R"("😀é")"},
                                       {R"(lpad(null, 4, "0"))", "null"}}},
                 .call = &StringCalls::lpad,
                 .works_on = 0});
  out.push_back({.info = {.name = "rpad",
                          .category = kCategory,
                          .description = "Fills a text at its end until it has a given length.",
                          .returns = "The filled text; unchanged when it is long enough.",
                          .return_type = Type::string,
                          .parameters = parameters,
                          .examples = {{R"(rpad("ab", 5, "xyz"))", R"("abxyz")"},
                                       {R"(rpad("ab", 6, "xyz"))", R"("abxyzx")"},
                                       {R"(rpad("ab", 4, null))", R"("ab  ")"},
                                       {R"(rpad("", 2, "é"))", R"("éé")"},
                                       {R"(rpad("abc", 3, "x"))", R"("abc")"},
                                       {R"(rpad(null, 4, "0"))", "null"}}},
                 .call = &StringCalls::rpad,
                 .works_on = 0});
}

void add_ends(std::vector<Function>& out) {
  const Parameter count{"count", "how many, in UTF-16 units; below 0 is 0", Type::integer};
  out.push_back({.info = {.name = "left",
                          .category = kCategory,
                          .description = "Takes the first characters of a text.",
                          .returns = "The start of the text; all of it when it has no more.",
                          .return_type = Type::string,
                          .parameters = {kInput, count},
                          .examples = {{R"(left("invoice", 2))", R"("in")"},
                                       {R"(left("invoice", 99))", R"("invoice")"},
                                       {R"(left("invoice", -1))", R"("")"},
                                       {R"(left("é😀x", 3))", R"("é😀")"},
                                       {R"(left(20240305, "4"))", R"("2024")"},
                                       {R"(left(null, 2))", "null"}}},
                 .call = &StringCalls::left,
                 .works_on = 0});
  out.push_back({.info = {.name = "right",
                          .category = kCategory,
                          .description = "Takes the last characters of a text.",
                          .returns = "The end of the text; all of it when it has no more.",
                          .return_type = Type::string,
                          .parameters = {kInput, count},
                          .examples = {{R"(right("invoice", 3))", R"("ice")"},
                                       {R"(right("invoice", 99))", R"("invoice")"},
                                       {R"(right("invoice", 0))", R"("")"},
                                       {R"(right("invoice", -1))", R"("")"},
                                       {R"(right("é😀x", 3))", R"("😀x")"},
                                       {R"(right("é😀x", 2))", R"("x")"},
                                       {R"(right(20240305, 2))", R"("05")"},
                                       {R"(right(null, 2))", "null"}}},
                 .call = &StringCalls::right,
                 .works_on = 0});
}

void add_trimming(std::vector<Function>& out) {
  const auto row = [](std::string_view name, std::string_view description, std::vector<Example> examples,
                      decltype(Function::call) call) {
    return Function{
        .info = {.name = name,
                 .category = kCategory,
                 .description = description,
                 .returns = "The text without the white space: characters up to U+0020 and Unicode's own.",
                 .return_type = Type::string,
                 .parameters = {kInput},
                 .examples = std::move(examples)},
        .call = call,
        .works_on = 0};
  };
  out.push_back(row("ltrim", "Removes white space at the start of a text.",
                    {{R"(ltrim("  a b "))", R"("a b ")"},
                     {R"(ltrim("\u3000\u00a0\tx"))", R"("x")"},
                     {R"(ltrim("   "))", R"("")"},
                     {R"(ltrim(5))", R"("5")"},
                     {R"(ltrim(null))", "null"}},
                    &StringCalls::ltrim));
  out.push_back(row("rtrim", "Removes white space at the end of a text.",
                    {{R"(rtrim(" a b  "))", R"(" a b")"},
                     {R"(rtrim("é\u2003\n"))", R"("é")"},
                     {R"(rtrim("   "))", R"("")"},
                     {R"(rtrim(null))", "null"}},
                    &StringCalls::rtrim));
  out.push_back(row("trim", "Removes white space at both ends of a text.",
                    {{R"(trim("\u0020a b\u0020"))", R"("a b")"},
                     {R"(trim("\u2028\u0001é 😀\u0085"))", R"("é 😀")"},
                     {R"(trim(""))", R"("")"},
                     {R"(trim(null))", "null"}},
                    &StringCalls::trim));
}

void add_comparing(std::vector<Function>& out) {
  const std::vector<Parameter> parameters{{"a", "one value", Type::string}, {"b", "the other", Type::string}};
  out.push_back({.info = {.name = "equals",
                          .category = kCategory,
                          .description = "Compares the text forms of two values. Also a method: a.equals(b).",
                          .returns = "true when they are the same; false also when one is null.",
                          .return_type = Type::boolean,
                          .parameters = parameters,
                          .examples = {{R"(status.equals("new"))", "true", R"({"status":"new"})"},
                                       {R"(status.equals("new"))", "false", R"({"status":"NEW"})"},
                                       {R"(status.equals("new"))", "false"},
                                       {R"(status.equals(null))", "false", R"({"status":"new"})"},
                                       {R"(code.equals("7"))", "true", R"({"code":7})"},
                                       {R"(equals("a", "a"))", "true"},
                                       {R"(equals(1.0, "1.0"))", "true"},
                                       {R"(equals(null, null))", "false"}}},
                 .call = &StringCalls::equals});
  out.push_back(
      {.info = {.name = "equalsIgnoreCase",
                .category = kCategory,
                .description = "Compares the text forms of two values whatever the case of their letters. "
                               "Also a method: a.equalsIgnoreCase(b).",
                .returns = "true when they are the same; false also when one is null.",
                .return_type = Type::boolean,
                .parameters = parameters,
                .examples = {{R"(status.equalsIgnoreCase("New"))", "true", R"({"status":"nEW"})"},
                             {R"(status.equalsIgnoreCase("new"))", "false"},
                             {R"(equalsIgnoreCase("ÉCOLE", "école"))", "true"},
                             {R"(equalsIgnoreCase("straße", "STRASSE"))", "false"},
                             {R"(equalsIgnoreCase("ab", "abc"))", "false"},
                             {R"(equalsIgnoreCase("x", null))", "false"}}},
       .call = &StringCalls::equals_ignoring_case});
}

}  // namespace

std::vector<Function> string_functions() {
  std::vector<Function> out;
  add_concat_and_explode(out);
  add_instr_and_replacestr(out);
  add_substr(out);
  add_case(out);
  add_split_and_join(out);
  add_padding(out);
  add_ends(out);
  add_trimming(out);
  add_comparing(out);
  return out;
}

}  // namespace headwater::mapping
