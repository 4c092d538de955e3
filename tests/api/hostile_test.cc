// Whatever a client sends, the fault is named as the client's: never a 500, never an answer without a body.
#include <functional>
#include <tuple>

#include "api_fixture.h"

namespace headwater::tests {
namespace {

using json::Array;
using json::Object;
using json::Value;

class HostileTest : public ApiFixture {
 protected:
  // The whole rule: a status below 500, and for every refusal a JSON body that says why.
  void expect_answered(const Answer& answer, const std::string& what) {
    EXPECT_GE(answer.status, 200) << what;
    EXPECT_LT(answer.status, 500) << what << "\n" << answer.text;
    if (answer.status < 400) return;
    EXPECT_TRUE(answer.body.is_object()) << what << "\n" << answer.text;
    const bool explained =
        !answer.at("errorMessage").empty() || !answer.at("message").empty() || !answer.at("detail").empty();
    EXPECT_TRUE(explained) << what << "\n" << answer.text;
  }
  std::string type_of(const Answer& answer) {
    const auto type = answer.at("type");
    return type.substr(type.rfind('/') + 1);
  }
};

std::vector<Value> wrong_values() {
  return {Value(),
          Value(true),
          Value(json::Number{"-7"}),
          Value(json::Number{"1e400"}),
          Value(json::Number{"123456789012345678901234567890"}),
          Value(""),
          Value("text"),
          Value(std::string("a\0b", 3)),
          Value(std::string(3000, 'x')),
          Value(Array{}),
          Value(Array{Value(Array{}), Value(1)}),
          Value(Object{}),
          Value(Object{{"id", Array{}}, {"name", 1}})};
}

// Calls `use` with the document once for each place and wrong value, that place replaced.
void with_each_place_wrong(Value& root, Value& place, const std::function<void()>& use) {
  const Value good = place;
  for (const Value& wrong : wrong_values()) {
    place = wrong;
    use();
  }
  place = good;
  if (Object* members = place.if_object())
    for (auto& member : *members) with_each_place_wrong(root, member.value, use);
  if (Array* items = place.if_array())
    for (Value& item : *items) with_each_place_wrong(root, item, use);
}

TEST_F(HostileTest, EveryMemberOfEveryBodyMayBeWrong) {
  const auto connection = create_connection();
  const auto source = create_source(connection);
  const auto schema = create_schema();
  const auto dataset = create_dataset(schema);
  const auto target = create_target(dataset);
  const auto mapping = create_mapping(schema);
  const auto flow = create_flow();
  const std::string rest =
      R"("connectionSpec":{"id":")" + std::string(kGenericRest) + R"(","version":"1.0"})";
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {fs("/connections"),
       R"({"name":"c","description":"d","auth":{"specName":"Basic Authentication","params":{"host":"https://a.test",
          "username":"u","password":"p"}},)" +
           rest + "}"},
      {fs("/sourceConnections"), R"({"name":"s","baseConnectionId":")" + connection +
                                     R"(","data":{"format":"json"},"params":{
          "urlParams":{"path":"/m","method":"GET"},"contentPath":{"path":"$.m"},"paginationParams":{"type":"NONE"}},)" +
                                     rest + "}"},
      {fs("/targetConnections"),
       R"({"name":"t","data":{"format":"parquet_xdm","schema":{"id":"x","version":"1"}},
          "params":{"dataSetId":")" +
           dataset + R"("},"connectionSpec":{"id":")" + std::string(kDataLake) + R"("}})"},
      {fs("/flows"),
       flow_body(source, target, R"({"startTime":1,"frequency":"hour","interval":1,"backfill":true})",
                 R"(,"options":{"errorDiagnosticsEnabled":true,"partialIngestionPercent":5},
          "transformations":[{"name":"Mapping","params":{"mappingId":")" +
                     mapping +
                     R"(","mappingVersion":0}},{"name":"Copy","params":{"deltaColumn":{"name":"n",
          "dateFormat":"f","timezone":"UTC"}}}],"labels":["a"],"policy":{"enforcementRefs":[]})")},
      {fs("/runs"),
       R"({"flowId":")" + flow + R"(","params":{"startTime":1,"windowStartTime":1,"windowEndTime":2,
          "deltaColumn":{"name":"n"}}})"},
      {fs("/flows/" + flow + "/action?op=run"), R"({"windowStartTime":1,"windowEndTime":2})"},
      {fs("/flows/" + flow + "/action?op=disable"),
       R"({"percentCompleted":5,"status":{"value":"v","errors":[]},"recordTypes":[]})"},
      {fs("/flows/search"),
       R"({"queryString":"state==enabled","limit":5,"orderby":"-updatedAt","count":false,"projectionFields":"id"})"},
      {fs("/flowSpecs"), R"({"name":"f","providerId":"p","sourceConnectionSpecIds":["a"],
          "targetConnectionSpecIds":["b"],"transformationSpec":[{"name":"Mapping"}],"attributes":{"frequency":"batch",
          "isDraftModeSupported":true}})"},
      {"/data/foundation/sandbox-management/sandboxes", R"({"name":"n","title":"t","type":"development"})"},
  };
  for (const auto& [path, text] : bodies) {
    Value body = *json::parse(text);
    with_each_place_wrong(body, body, [&] {
      const auto sent = body.dump();
      expect_answered(post(path, sent), path + " " + sent.substr(0, 400));
    });
  }
  Value spec = get(fs("/connectionSpecs/" + std::string(kGenericRest))).item();
  spec.if_object()->erase("id");
  Value small =
      *json::parse(R"({"name":"s","providerId":"p","type":"generic-rest","authSpec":[{"name":"Basic",
      "type":"BasicAuthentication","spec":{"type":"object"}}],"sourceSpec":{"attributes":{"urlParams":{"host":
      "https://a.test","path":"/p","method":"GET"},"contentPath":{"path":"$.a"},"paginationParams":{"type":"OFFSET",
      "limitName":"l","limitValue":"5","offSetName":"o"}},"spec":{"type":"object"}}})");
  with_each_place_wrong(small, small, [&] {
    const auto sent = small.dump();
    expect_answered(post(fs("/connectionSpecs"), sent), sent.substr(0, 400));
  });
}

TEST_F(HostileTest, PatchesMayBeAnything) {
  const auto flow = create_flow();
  const auto connection = create_connection();
  for (const auto& path : {fs("/flows/" + flow), fs("/connections/" + connection)}) {
    Value patch_body = *json::parse(R"([{"op":"add","path":"/description","value":"d"}])");
    with_each_place_wrong(patch_body, patch_body, [&] {
      const auto sent = patch_body.dump();
      const auto etag = std::string(get(path).item().string_at("etag"));
      expect_answered(patch(path, sent, etag), sent.substr(0, 400));
    });
    const auto etag = std::string(get(path).item().string_at("etag"));
    for (const char* pointer : {"name", "/", "//", "/name/0", "/name/-", "/~2", "/description/~", "/id",
                                "/etag", "/connectionSpec/id", "/flowSpec", "/scheduleParams/0",
                                "/transformations/99", "/auth/params/0/x", "/sourceConnectionIds/-"}) {
      const Value patch_one = Object{{"op", "RePlace"}, {"path", pointer}, {"value", Object{{"x", 1}}}};
      expect_answered(patch(path, patch_one.dump(), etag), pointer);
    }
    std::string many = "[";
    for (int i = 0; i < 1001; ++i) many += R"({"op":"add","path":"/name","value":"n"},)";
    many.back() = ']';
    EXPECT_EQ(patch(path, many, etag).status, 400) << "too many operations";
    EXPECT_EQ(get(path).status, 200) << "and it can still be read";
  }
}

TEST_F(HostileTest, DocumentsNeverBecomeUnreadable) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  const auto flow = create_flow();
  EXPECT_EQ(post(fs("/connections"), nested(150)).status, 413);
  EXPECT_EQ(post(fs("/connections"), nested(100'000)).status, 413);
  auto etag = std::string(get(fs("/flows/" + flow)).item().string_at("etag"));
  auto answer =
      patch(fs("/flows/" + flow), R"([{"op":"add","path":"/labels","value":)" + nested(90) + "}]", etag);
  ASSERT_EQ(answer.status, 200) << answer.text;
  std::string deepest = "/labels";
  for (int i = 0; i < 89; ++i) deepest += "/0";
  // An empty array at the bottom takes an element: the document would be deeper than any body may be.
  answer = patch(fs("/flows/" + flow), R"([{"op":"add","path":"/labels/-","value":)" + nested(96) + "}]",
                 answer.etag());
  EXPECT_LT(answer.status, 500);
  EXPECT_EQ(get(fs("/flows/" + flow)).status, 200);
}

TEST_F(HostileTest, AddressesMayBeAnything) {
  const auto connection = create_connection();
  for (const char* id : {"%00", "%ff", "%c3%28", "a%00b", "..", "%2e%2e", "%2f", "%", "%zz", "'", "%22",
                         "%3Cscript%3E", "%F0%9F%98%80", "00000000-0000-0000-0000-000000000000"})
    for (const char* collection : {"connections", "flows", "runs", "connectionSpecs", "flowSpecs",
                                   "sourceConnections", "targetConnections"}) {
      const std::string path = fs("/") + collection + "/" + id;
      expect_answered(get(path), path);
      EXPECT_EQ(get(path).status, 404) << path;
    }
  EXPECT_EQ(get(fs("/flows/" + std::string(5000, 'a'))).status, 404);
  for (const char* query :
       {"property=%00", "property=%ff==1", "property=id==%00", "property=%27%3B--==1",
        "property===", "property", "orderby=%ff", "limit=1&limit=x", "limit=99999999999999999999", "limit=-1",
        "limit=1.5", "count=maybe", "continuationToken=%00", "continuationToken=abc", "mode=draft&mode=x",
        "%00=1", "property=a.b.c.d==1&property=x", "property=name==%F0%9F%98%80"}) {
    expect_answered(get(fs("/connections?") + query), query);
    expect_answered(get(fs("/runs?") + query), query);
  }
  for (const char* query : {"", "?objectType=rest&sourceParams=%00", "?objectType=%ff",
                            "?objectType=rest&sourceParams=e30&"
                            "sourceParams=!",
                            "?sourceParams=W10", "?objectType=rest&preview=perhaps"})
    for (const char* what : {"/explore", "/configs"})
      expect_answered(get(fs("/connections/" + connection + what + query)), std::string(what) + query);
}

TEST_F(HostileTest, HeadersMayBeAnything) {
  const std::vector<std::pair<std::string, std::string>> headers = {{"x-sandbox-name", "\xff\xfe"},
                                                                    {"x-sandbox-name", "PROD"},
                                                                    {"x-sandbox-name", std::string(500, 'a')},
                                                                    {"x-sandbox-id", "not an id"},
                                                                    {"x-api-key", "\xff"},
                                                                    {"x-api-key", std::string(5000, 'k')},
                                                                    {"x-gw-ims-org-id", "\xff"},
                                                                    {"authorization", "Basic eDp5"},
                                                                    {"authorization", "Bearer a.b.c"},
                                                                    {"authorization", "Bearer \xff"},
                                                                    {"if-match", "\xff"},
                                                                    {"accept", "text/nothing"},
                                                                    {"x-request-id", "\xff\"x"}};
  for (const auto& header : headers)
    expect_answered(call("GET", fs("/flows"), {}, {header}), header.first + ": " + header.second);
  EXPECT_EQ(call("POST", fs("/flows"), "{}", {{"content-type", "application/xml"}}).status, 400);
}

TEST_F(HostileTest, BodiesMayBeAnything) {
  for (const std::string& body :
       {std::string("{"), std::string("[1,"), std::string("\xff\xfe"), std::string("{\"name\":\"\xc3\x28\"}"),
        std::string("nul"), std::string("\"text\""), std::string("7"), std::string("null"),
        std::string("\0", 1), std::string("{\"name\":\"\\ud800\"}"),
        std::string("{\"name\":1,\"name\":\"second\"}"), std::string("{} {}"), std::string("{\"a\":01}"),
        std::string("\xef\xbb\xbf{}")})
    for (const char* path :
         {"/connections", "/flows", "/runs", "/connectionSpecs", "/flowSpecs", "/flows/search"})
      expect_answered(post(fs(path), body), std::string(path) + " " + body);
}

TEST_F(HostileTest, ABodyThatIsTooLargeIsRefusedInTheServicesWords) {
  const auto answer = post(fs("/connections"), std::string((16U << 20) + 1, ' '));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(type_of(answer), "FLOW-1400-413") << answer.text;
  EXPECT_FALSE(answer.at("errorMessage").empty());
  EXPECT_FALSE(answer.at("report.request-id").empty());
}

TEST_F(HostileTest, AnotherMethodIsNamedWithThoseThatExist) {
  for (const auto& [method, path, allow] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"PUT", "/connections", "GET, HEAD, POST"},
           {"DELETE", "/flows", "GET, HEAD, POST"},
           {"POST", "/flows/x", "GET, HEAD, PATCH, DELETE"},
           {"PATCH", "/runs/x", "GET, HEAD, PUT"},
           {"GET", "/flows/x/action", "POST"},
           {"DELETE", "/connections/x/test", "GET, HEAD"},
           {"PUT", "/connections/x/explore/", "GET, HEAD"}}) {
    const auto answer = call(method, fs(path), method == "DELETE" ? "" : "{}");
    EXPECT_EQ(answer.status, 405) << path;
    EXPECT_EQ(answer.header("allow"), allow) << path;
    expect_answered(answer, path);
  }
}

TEST_F(HostileTest, UnknownMembersComeBackAsTheyWereWritten) {
  const std::string extra =
      R"("zeta":1.50,"alpha":{"b":1e400,"a":12345678901234567890},"text":"\u00e9\n","none":null)";
  const auto connection = create_connection();
  const auto made =
      post(fs("/sourceConnections"),
           R"({"name":"s","baseConnectionId":")" + connection + R"(","connectionSpec":{"id":")" +
               std::string(kGenericRest) +
               R"("},"data":{"format":"json"},"params":{"urlParams":{"path":"/m","method":"GET"},
      "contentPath":{"path":"$.m"},"paginationParams":{"type":"NONE"}},)" +
               extra + "}");
  ASSERT_EQ(made.status, 201) << made.text;
  const auto text = get(fs("/sourceConnections/" + made.id())).text;
  EXPECT_NE(text.find(R"("zeta":1.50,"alpha":{"b":1e400,"a":12345678901234567890})"), std::string::npos)
      << text;
  EXPECT_NE(text.find("\"text\":\"\xc3\xa9\\n\",\"none\":null"), std::string::npos) << text;
}

TEST_F(HostileTest, NoErrorRepeatsACredential) {
  const std::string secret = "S3CRET-that-nobody-may-see";
  const auto body = [&](const std::string& params) {
    return R"({"name":"c","auth":{"specName":"Basic Authentication","params":)" + params +
           R"(},"connectionSpec":{"id":")" + std::string(kGenericRest) + R"("}})";
  };
  for (const std::string& params :
       {R"({"password":")" + secret + "\"}", R"({"host":"x","username":{},"password":[")" + secret + "\"]}",
        R"({"host":"x","username":"u","password":{"x":")" + secret + "\"}}",
        R"({"host":"x","username":"u","password":")" + secret + R"(",)"}) {
    const auto answer = post(fs("/connections"), body(params));
    EXPECT_EQ(answer.text.find(secret), std::string::npos) << answer.text;
  }
  const auto id = create_connection(secret);
  const auto etag = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  for (const std::string& operation :
       {R"({"op":"copy","path":"/auth/params/password","value":")" + secret + "\"}",
        R"({"op":"add","path":"/password/x","value":")" + secret + "\"}",
        R"({"op":"add","path":"/auth/params/password/0","value":")" + secret + "\"}",
        std::string(R"({"op":"replace","path":"/auth/specName","value":"none"})")}) {
    const auto answer = patch(fs("/connections/" + id), operation, etag);
    EXPECT_GE(answer.status, 400);
    EXPECT_EQ(answer.text.find(secret), std::string::npos) << answer.text;
  }
  for (const std::string& path :
       {fs("/connections"), fs("/connections?property=auth.params.password==" + secret),
        fs("/connections?orderby=auth.params.password"), std::string("/metrics")}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.text.find(secret), std::string::npos) << path;
  }
}

}  // namespace
}  // namespace headwater::tests
