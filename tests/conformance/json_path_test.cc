// The rules of RFC 9535, as rows: a query, a document, and what it selects or that it is refused.
#include "json/json_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headwater::json {
namespace {

struct Row {
  const char* query;
  const char* document;
  const char* values;  // the JSON array of the selected values, in order
};

constexpr const char* kShop =
    R"({"shop":{"books":[{"t":"A","p":8.95,"k":"x"},{"t":"B","p":12.99,"k":"y","isbn":"1"},)"
    R"({"t":"C","p":8.99,"k":"y","isbn":"2"},{"t":"D","p":22.99,"k":"y"}],"bike":{"p":399}}})";
constexpr const char* kSeven = R"(["a","b","c","d","e","f","g"])";
constexpr const char* kMixed =
    R"({"obj":{"x":"y"},"arr":[2,3],"n":1,"s":"a","nil":null,"t":true,"f":false,"objs":{"x":"y"},"e":[]})";

const Row kRows[] = {
    // 2.2, 2.3.1: root and names
    {"$", R"({"k":"v"})", R"([{"k":"v"}])"},
    {"$", "null", "[null]"},
    {"$.a", R"({"a":1})", "[1]"},
    {"$.a", "[1]", "[]"},
    {"$.a", R"({"b":1})", "[]"},
    {"$['a b']", R"({"a b":1})", "[1]"},
    {R"($["a'b"])", R"({"a'b":1})", "[1]"},
    {R"($['a"b'])", R"({"a\"b":1})", "[1]"},
    {R"($['a\'b'])", R"({"a'b":1})", "[1]"},
    {R"($["a\"b"])", R"({"a\"b":1})", "[1]"},
    {R"($['\u0061'])", R"({"a":1})", "[1]"},
    {R"($['\uD83D\uDE00'])", R"({"😀":1})", "[1]"},
    {R"($['\b\f\n\r\t\/\\'])", R"({"\b\f\n\r\t/\\":1})", "[1]"},
    {"$['']", R"({"":1})", "[1]"},
    {"$.ä€😀_9", R"({"ä€😀_9":1})", "[1]"},
    {"$['a'].b['c']", R"({"a":{"b":{"c":1}}})", "[1]"},
    {"$['0']", "[1]", "[]"},
    {"$ .a ['b'] [ 0 ]", R"({"a":{"b":[7]}})", "[7]"},
    {"$\n.a", R"({"a":1})", "[1]"},
    // 2.3.2: wildcards
    {"$[*]", R"({"a":1,"b":[2]})", "[1,[2]]"},
    {"$.*", "[1,2]", "[1,2]"},
    {"$.*", "5", "[]"},
    {"$[*,*]", "[1,2]", "[1,2,1,2]"},
    {"$.*[*]", R"([[1],{"a":2},3])", "[1,2]"},
    // 2.3.3: indexes
    {"$[1]", kSeven, R"(["b"])"},
    {"$[-2]", kSeven, R"(["f"])"},
    {"$[7]", kSeven, "[]"},
    {"$[-8]", kSeven, "[]"},
    {"$[0]", R"({"0":1})", "[]"},
    {"$[9007199254740991]", "[1]", "[]"},
    {"$[0,0,-1]", "[1,2]", "[1,1,2]"},
    // 2.3.4: slices
    {"$[1:3]", kSeven, R"(["b","c"])"},
    {"$[5:]", kSeven, R"(["f","g"])"},
    {"$[1:5:2]", kSeven, R"(["b","d"])"},
    {"$[5:1:-2]", kSeven, R"(["f","d"])"},
    {"$[::-1]", kSeven, R"(["g","f","e","d","c","b","a"])"},
    {"$[:]", "[1,2]", "[1,2]"},
    {"$[::]", "[1,2]", "[1,2]"},
    {"$[::0]", "[1,2]", "[]"},
    {"$[-2:]", "[1,2,3]", "[2,3]"},
    {"$[:-1]", "[1,2,3]", "[1,2]"},
    {"$[-10:10]", "[1,2]", "[1,2]"},
    {"$[3:1]", "[1,2,3,4]", "[]"},
    {"$[2::-1]", "[1,2,3,4]", "[3,2,1]"},
    {"$[:0:-1]", "[1,2,3]", "[3,2]"},
    {"$[-1:-3:-1]", "[1,2,3]", "[3,2]"},
    {"$[10::-1]", "[1,2]", "[2,1]"},
    {"$[:-10:-1]", "[1,2]", "[2,1]"},
    {"$[1 : 5 : 2]", kSeven, R"(["b","d"])"},
    {"$[ : : 3 ]", kSeven, R"(["a","d","g"])"},
    {"$[0:2]", R"({"a":1})", "[]"},
    {"$[::9007199254740991]", "[1,2]", "[1]"},
    {"$[::-1]", "[]", "[]"},
    // 2.5.2: descendants
    {"$..j", R"({"o":{"j":1,"k":2},"a":[5,3,[{"j":4},{"k":6}]]})", "[1,4]"},
    {"$..[0]", R"({"o":{"j":1},"a":[5,3,[{"j":4}]]})", R"([5,{"j":4}])"},
    {"$..*", R"({"a":[5,[6]]})", "[[5,[6]],5,[6],6]"},
    {"$..['b','a']", R"([{"a":1,"b":2},{"b":{"a":3}}])", R"([2,1,{"a":3},3])"},
    {"$..a..b", R"({"a":{"a":{"b":1}}})", "[1,1]"},
    {"$..[*]", "[[1],2]", "[[1],2,1]"},
    {"$.a..[0, 1]", R"({"a":[1,2]})", "[1,2]"},
    {"$..x", "3", "[]"},
    // the store of 1.5, ours
    {"$.shop.books[*].t", kShop, R"(["A","B","C","D"])"},
    {"$..t", kShop, R"(["A","B","C","D"])"},
    {"$.shop..p", kShop, "[8.95,12.99,8.99,22.99,399]"},
    {"$..books[-1].t", kShop, R"(["D"])"},
    {"$..books[?@.isbn].t", kShop, R"(["B","C"])"},
    {"$..books[?@.p<10].t", kShop, R"(["A","C"])"},
    {"$..books[?@.p<10&&@.isbn].t", kShop, R"(["C"])"},
    {"$..books[?@.p>20||@.k=='x'].t", kShop, R"(["A","D"])"},
    // 2.3.5: filters
    {"$[?@]", R"([1,null,false,""])", R"([1,null,false,""])"},
    {"$[?@.*]", R"([[],{},[1],{"a":1},5])", R"([[1],{"a":1}])"},
    {"$[?@.a]", R"({"x":{"a":null},"y":{"b":1}})", R"([{"a":null}])"},
    {"$[?!@.a]", R"([{"a":1},{"b":1}])", R"([{"b":1}])"},
    {"$[?! @.a]", R"([{"a":1},{"b":1}])", R"([{"b":1}])"},
    {"$[?!(@.a==1)]", R"([{"a":1},{"b":1}])", R"([{"b":1}])"},
    {"$[?(@.a)]", R"([{"a":1}])", R"([{"a":1}])"},
    {"$[?!(!(@.a))]", R"([{"a":1},{}])", R"([{"a":1}])"},
    {"$[?@.a==1||@.a==2&&@.b==3]", R"([{"a":1},{"a":2},{"a":2,"b":3}])", R"([{"a":1},{"a":2,"b":3}])"},
    {"$[?(@.a==1||@.a==2)&&@.b==3]", R"([{"a":1},{"a":2,"b":3}])", R"([{"a":2,"b":3}])"},
    {"$[? @.a == 1 && @.b > 2 ]", R"([{"a":1,"b":3}])", R"([{"a":1,"b":3}])"},
    {"$[?@.a , ?@.b]", R"([{"a":1,"b":2}])", R"([{"a":1,"b":2},{"a":1,"b":2}])"},
    {"$[?@[?@>1]]", "[[1],[1,2]]", "[[1,2]]"},
    {"$[?@[ 'a' ]]", R"([{"a":1},{}])", R"([{"a":1}])"},
    {"$[?@ ['a'] [0]==1]", R"([{"a":[1]}])", R"([{"a":[1]}])"},
    {"$[?@.a==$.k]", R"({"k":1,"x":{"a":1},"y":{"a":2}})", R"([{"a":1}])"},
    {"$[?$.on].v", R"({"on":true,"x":{"v":1}})", "[1]"},
    {"$[?@<2]", R"([1,2,"a",null,[0],true])", "[1]"},
    {"$[?@>='b']", R"(["a","b","ba",1,"é"])", R"(["b","ba","é"])"},
    {"$[?@==1]", R"([1,1.0,1e0,10e-1,"1",true,[1]])", "[1,1.0,1e0,10e-1]"},
    {"$[?@==-0]", "[0,-0,0.0,1]", "[0,-0,0.0]"},
    {"$[?@==1E2]", "[100]", "[100]"},
    {"$[?@==9007199254740993]", "[9007199254740992,9007199254740993]", "[9007199254740993]"},
    {"$[?@==1.5e+1]", "[15]", "[15]"},
    {"$[?@==null]", "[null,0,false]", "[null]"},
    {"$[?@==true]", "[true,1]", "[true]"},
    {"$[?@!=false]", "[true,false]", "[true]"},
    {"$[?@=='\\u0061']", R"(["a"])", R"(["a"])"},
    {"$[?'a'==@]", R"(["a"])", R"(["a"])"},
    {"$[?1==1]", "[7]", "[7]"},
    {"$[?@.x==@.y]", R"([{"x":{"a":1,"b":[2]},"y":{"b":[2.0],"a":1}},{"x":[1,2],"y":[2,1]}])",
     R"([{"x":{"a":1,"b":[2]},"y":{"b":[2.0],"a":1}}])"},
    // 2.3.5.2.2: comparisons where a side is nothing, and order only of numbers and strings
    {"$[?@.a==@.b]", "[{}]", "[{}]"},
    {"$[?@.a<=@.b]", "[{}]", "[{}]"},
    {"$[?@.a<@.b]", "[{}]", "[]"},
    {"$[?@.a!=@.b]", R"([{},{"a":1}])", R"([{"a":1}])"},
    {"$[?@.a==null]", R"([{},{"a":null}])", R"([{"a":null}])"},
    {"$[?$.obj==$.objs]", kMixed, R"([{"x":"y"},[2,3],1,"a",null,true,false,{"x":"y"},[]])"},
    {"$[?$.obj<=$.objs].x", kMixed, R"(["y","y"])"},
    {"$[?$.obj<$.objs].x", kMixed, "[]"},
    {"$[?$.arr>=$.arr].x", kMixed, R"(["y","y"])"},
    {"$[?$.n<='a'].x", kMixed, "[]"},
    {"$[?$.t<=true].x", kMixed, R"(["y","y"])"},
    {"$[?$.t>true].x", kMixed, "[]"},
    // 2.4: functions
    {"$[?length(@)==2]", R"(["ab","é😀","abc",[1,2],{"a":1,"b":2},12,null])",
     R"(["ab","é😀",[1,2],{"a":1,"b":2}])"},
    {"$[?length(@.a)==length(@.b)]", R"([{"a":"x","b":[1]},{"a":1,"b":2}])",
     R"([{"a":"x","b":[1]},{"a":1,"b":2}])"},
    {"$[?length('abc')==3]", "[1]", "[1]"},
    {"$[?count(@.*)>1]", R"([[1,2],[1],{"a":1,"b":2},5])", R"([[1,2],{"a":1,"b":2}])"},
    {"$[?count(@..a)==2]", R"([{"a":{"a":1}},{"a":1}])", R"([{"a":{"a":1}}])"},
    {"$[?count(@)==1]", "[1]", "[1]"},
    {"$[?value(@..c)=='r']", R"([{"b":{"c":"r"}},{"c":"r","d":{"c":"r"}}])", R"([{"b":{"c":"r"}}])"},
    {"$[?value(@.*)==4]", "[[4],[4,4],{\"a\":4}]", "[[4],{\"a\":4}]"},
    {"$[?match(@.d,'1974-05-..')]", R"([{"d":"1974-05-01"},{"d":"x1974-05-01"}])", R"([{"d":"1974-05-01"}])"},
    {"$[?search(@.d,'[BR]ob')]", R"([{"d":"my Bob"},{"d":"bob"}])", R"([{"d":"my Bob"}])"},
    {"$[?match(@,'a|bc')]", R"(["a","bc","abc"])", R"(["a","bc"])"},
    {"$[?match(@,'.')]", "[\"\\n\",\"\\r\",\"é\",\"😀\",\"ab\"]", "[\"é\",\"😀\"]"},
    {"$[?search(@,'a.b')]", "[\"a\\nb\",\"a\\u2028b\"]", "[\"a\\u2028b\"]"},
    {"$[?match(@,'[.]b')]", R"(["ab",".b"])", R"([".b"])"},
    {"$[?match(@,'\\\\p{Lu}+')]", R"(["AÉ","Aa"])", R"(["AÉ"])"},
    {"$[?match(@,'\\\\P{L}{2,3}')]", R"(["12","1","a1"])", R"(["12"])"},
    {"$[?match(@,'[^a-c\\\\-]')]", R"(["a","d","-"])", R"(["d"])"},
    {"$[?match(@,'\\\\d')]", R"(["1"])", "[]"},
    {"$[?match(@,'a+?')]", R"(["a"])", "[]"},
    {"$[?match(@,'(?i)a')]", R"(["a"])", "[]"},
    {"$[?match(@,'[[:alpha:]]')]", R"(["a"])", "[]"},
    {"$[?match(@,'a{2}')]", R"(["aa","a"])", R"(["aa"])"},
    {"$[?match(@,'(')]", R"(["("])", "[]"},
    {"$[?match(@,1)]", R"(["1"])", "[]"},
    {"$[?match(@,'1')]", "[1]", "[]"},
    {"$[?!match(@,'a')]", R"(["a","b"])", R"(["b"])"},
    {"$.r[?match(@.v,$.p)]", R"({"p":"a.c","r":[{"v":"abc"},{"v":"ac"}]})", R"([{"v":"abc"}])"},
    {"$[?search(@,'')]", R"(["a",""])", R"(["a",""])"},
    {"$[?match( @ , 'a' ) ]", R"(["a"])", R"(["a"])"},
    {"$[?length(value(@.*))==1]", R"([["x"],["xy"]])", R"([["x"]])"},
};

TEST(JsonPathConformanceTest, Selects) {
  for (const Row& row : kRows) {
    const auto path = JsonPath::compile(row.query);
    ASSERT_TRUE(path) << row.query << ": " << path.error().message;
    const auto document = parse(row.document);
    ASSERT_TRUE(document) << row.document;
    Array values, values_of_nodes;
    for (const Value* value : path->values(*document)) values.push_back(*value);
    for (const auto& node : path->nodes(*document)) values_of_nodes.push_back(*node.value);
    EXPECT_EQ(Value(values).dump(), parse(row.values)->dump()) << row.query << " on " << row.document;
    EXPECT_EQ(Value(values_of_nodes).dump(), Value(values).dump()) << row.query;
  }
}

// Every selected node's normalized path selects just that node.
TEST(JsonPathConformanceTest, NormalizedPathsLeadBack) {
  for (const Row& row : kRows) {
    const auto path = JsonPath::compile(row.query);
    const auto document = parse(row.document);
    for (const auto& node : path->nodes(*document)) {
      const auto again = JsonPath::compile(node.path);
      ASSERT_TRUE(again) << node.path;
      EXPECT_TRUE(again->is_singular()) << node.path;
      const auto found = again->values(*document);
      ASSERT_EQ(found.size(), 1U) << node.path;
      EXPECT_EQ(found[0], node.value) << node.path;
    }
  }
}

TEST(JsonPathConformanceTest, WritesNormalizedPaths) {
  const auto document = parse(R"({"a":[{"b c":1}],"'":2,"\\":3,"\n\u0001\u007f":4,"\"é":5})");
  const auto path = JsonPath::compile("$..*");
  std::vector<std::string> paths;
  for (const auto& node : path->nodes(*document)) paths.push_back(node.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"$['a']", "$['\\'']", "$['\\\\']", "$['\\n\\u0001\x7F']",
                                             "$['\"é']", "$['a'][0]", "$['a'][0]['b c']"}));
}

TEST(JsonPathConformanceTest, Refuses) {
  const char* const kWrong[] = {"",
                                "a",
                                "@",
                                "@.a",
                                " $",
                                "$ ",
                                "$.",
                                "$..",
                                "$...a",
                                "$.a.",
                                "$a",
                                "$.1",
                                "$.a-b",
                                "$. a",
                                "$.. a",
                                "$.'a'",
                                "$.[0]",
                                "$[",
                                "$]",
                                "$[]",
                                "$[ ]",
                                "$['a",
                                "$['a]",
                                "$[a]",
                                "$['a'",
                                "$['a',]",
                                "$[,'a']",
                                "$['a' 'b']",
                                "$[01]",
                                "$[-01]",
                                "$[-0]",
                                "$[1.0]",
                                "$[1e2]",
                                "$[+1]",
                                "$[- 1]",
                                "$[9007199254740992]",
                                "$[-9007199254740992]",
                                "$[:01]",
                                "$[1:-0]",
                                "$[::-01]",
                                "$[1:2:3:4]",
                                "$[1:a]",
                                "$[::9007199254740992]",
                                "$['\\a']",
                                "$['\\\"']",
                                "$[\"\\'\"]",
                                "$['\\u12']",
                                "$['\\uD800']",
                                "$['\\uDC00']",
                                "$['\\uD800\\u0061']",
                                "$['\\U0061']",
                                "$['\n']",
                                "$['\x01']",
                                "$[*",
                                "$**",
                                "$[?]",
                                "$[?()]",
                                "$[?@.a",
                                "$[?@.a==]",
                                "$[?==1]",
                                "$[?@.a=1]",
                                "$[?@.a===1]",
                                "$[?@.a<>1]",
                                "$[?@.a==1&@.b]",
                                "$[?@.a&&]",
                                "$[?||@.a]",
                                "$[?!]",
                                "$[?!@.a==1]",
                                "$[?(@.a)==1]",
                                "$[?1]",
                                "$[?true]",
                                "$[?'a']",
                                "$[?null]",
                                "$[?@.a==1.]",
                                "$[?@.a==.1]",
                                "$[?@.a==01]",
                                "$[?@.a==-]",
                                "$[?@.a==1e]",
                                "$[?@.a==TRUE]",
                                "$[?@.a==True]",
                                "$[?@.a==nul]",
                                "$[?@.a=={}]",
                                "$[?@.a==[]]",
                                "$[?@.a==1==1]",
                                "$[?@.*==1]",
                                "$[?@..a==1]",
                                "$[?1==@[*]]",
                                "$[?@[0:1]==1]",
                                "$[?@['a','b']==1]",
                                "$[?@[ 'a' ]==1]",
                                "$[?@.a==(1)]",
                                "$[?!!@.a]",
                                "$[?((@.a)]",
                                "$[?(@.a))]",
                                "$[?length(@)]",
                                "$[?length()==1]",
                                "$[?length(@.*)==1]",
                                "$[?length(@,@)==1]",
                                "$[?count(1)==1]",
                                "$[?count('a')==1]",
                                "$[?count(@.a,@.b)==1]",
                                "$[?count()==1]",
                                "$[?count(@)]",
                                "$[?value(@.a)]",
                                "$[?value(1)==1]",
                                "$[?match(@.a)]",
                                "$[?match(@.a,'b')==true]",
                                "$[?match(@.*,'b')]",
                                "$[?search(@.a,'b','c')]",
                                "$[?nosuch(@)]",
                                "$[?length (@)==1]",
                                "$[?Length(@)==1]",
                                "$[?length(@.a==1)==1]",
                                "$[?length(!@.a)==1]",
                                "$[?length((@.a))==1]",
                                "$[?length(@,)==1]",
                                "$[?match(@.a,'b',)]",
                                "$[?length(match(@,'a'))==1]",
                                "$[?@.a #]",
                                "$[?@ . a]",
                                "$\xC2\xA0.a",
                                "$.a\xFF",
                                "$['\xED\xA0\x80']",
                                "$;a",
                                "$['a'].",
                                "$[?@.a==\"b]",
                                "$[?@.a in [1]]",
                                "$.length()",
                                "$[(@.length-1)]",
                                "$[?@.a=~'b']",
                                "$[?@.a.b()]"};
  for (const char* const text : kWrong) {
    const auto path = JsonPath::compile(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().kind, ErrorKind::invalid_argument) << text;
    EXPECT_LE(std::stoul(path.error().where), std::string_view(text).size()) << text;
  }
}

TEST(JsonPathConformanceTest, NamesThePosition) {
  EXPECT_EQ(JsonPath::compile("$.a[01]").error().where, "4");
  EXPECT_EQ(JsonPath::compile("$.a[?@.b == ]").error().where, "12");
  EXPECT_EQ(JsonPath::compile("$.a b").error().message,
            "Not a valid JSONPath: a segment (.name, ..name or [selector]) was expected at position 3.");
}

// A literal that may be an I-Regexp, and that the engine does not take, is told; the same from the document
// matches nothing.
TEST(JsonPathConformanceTest, TellsOfPatternsThatAreTooLarge) {
  std::string nested;
  for (int i = 0; i < 5000; ++i) nested += '(';
  nested += 'a' + std::string(5000, ')');
  EXPECT_EQ(JsonPath::compile("$[?match(@.a, '" + nested + "')]").error().message,
            "Not a valid JSONPath: the regular expression is nested too deeply at position 3.");
  const auto counted = JsonPath::compile("$[?search(@.a, 'a{1,99999}')]");
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(counted.error().message.find("too large"), std::string::npos) << counted.error().message;
  for (const char* none : {"a{2,1}", "a(", "[z-a]", "\\\\d"})
    EXPECT_TRUE(JsonPath::compile("$[?match(@.a, '" + std::string(none) + "')]")) << none;
  const auto document = *parse(R"([{"a":"aa","b":"a{1,99999}"},{"a":"aa","b":"a{1,9}"}])");
  EXPECT_EQ(JsonPath::compile("$[?match(@.a, @.b)].b")->values(document).size(), 1U);
}

TEST(JsonPathConformanceTest, BoundsNesting) {
  std::string deep = "$";
  for (int i = 0; i < 5000; ++i) deep += "[?@";
  EXPECT_FALSE(JsonPath::compile(deep));
  EXPECT_FALSE(JsonPath::compile("$[?" + std::string(5000, '(')));
  std::string calls = "$[?";
  for (int i = 0; i < 5000; ++i) calls += "length(";
  EXPECT_FALSE(JsonPath::compile(calls));
}

TEST(JsonPathConformanceTest, KnowsSimplePaths) {
  std::vector<std::string> names;
  EXPECT_TRUE(JsonPath::compile("$.a['b c']")->is_dotted(names));
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b c"}));
  EXPECT_TRUE(JsonPath::compile("$")->is_dotted(names));
  EXPECT_TRUE(names.empty());
  EXPECT_FALSE(JsonPath::compile("$.a[0]")->is_dotted(names));
  EXPECT_FALSE(JsonPath::compile("$..a")->is_dotted(names));
  EXPECT_TRUE(JsonPath::compile("$.a[0]")->is_singular());
  EXPECT_FALSE(JsonPath::compile("$.a[*]")->is_singular());
}

TEST(JsonPath, KnowsTheLastNameItSelectsBy) {
  EXPECT_EQ(JsonPath::compile("$.a[*]['b.c'][0]")->last_name(), "b.c");
  EXPECT_EQ(JsonPath::compile("$.a[?@.b == 1]")->last_name(), "a");
  EXPECT_EQ(JsonPath::compile("$[*]")->last_name(), std::nullopt);
}

}  // namespace
}  // namespace headwater::json
