#include "inlet/message.h"

#include <gtest/gtest.h>

namespace headwater::inlet {
namespace {

constexpr std::string_view kOrg = "0123456789ABCDEF01234567@AdobeOrg";

Inlet inlet_of(DataType type) {
  Inlet inlet;
  inlet.id = std::string(64, 'a');
  inlet.tenant.org = OrgId(std::string(kOrg));
  inlet.data_type = type;
  return inlet;
}

struct Read {
  std::string record;
  std::string flow;
  std::string dataset;
  std::string schema;
  std::string error;
};

Read read(std::string text, DataType type) {
  static MessageReader reader;
  text.reserve(text.size() + json::RecordParser::kPadding);
  const auto message = reader.read(text, inlet_of(type));
  if (!message) return {"", "", "", "", message.error().message};
  const Destination& to = message->destination;
  return {std::string(message->record), std::string(to.flow), std::string(to.dataset), std::string(to.schema),
          ""};
}

std::string envelope(std::string_view header, std::string_view body) {
  return R"({"header":)" + std::string(header) + R"(,"body":)" + std::string(body) + "}";
}

constexpr std::string_view kSchema =
    R"({"id":"https://ns.example.test/s1","contentType":"application/vnd.adobe.xed-full+json;version=1"})";

std::string header(std::string_view more = "") {
  return R"({"schemaRef":)" + std::string(kSchema) + std::string(more) + "}";
}

TEST(Message, EnvelopeGivesItsEntityAndWhereItBelongs) {
  const auto got = read(
      envelope(header(R"(,"imsOrgId":"0123456789ABCDEF01234567@AdobeOrg","datasetId":"d1","flowId":"f1")"),
               R"({"xdmMeta":{"schemaRef":)" + std::string(kSchema) + R"(},"xdmEntity": {"a": 1} })"),
      DataType::xdm);
  EXPECT_EQ(got.error, "");
  EXPECT_EQ(got.record, R"({"a": 1})");
  EXPECT_EQ(got.flow, "f1");
  EXPECT_EQ(got.dataset, "d1");
  EXPECT_EQ(got.schema, "https://ns.example.test/s1");
}

TEST(Message, RawIsTakenWholeAndUnwrappedWhereItIsAnEnvelope) {
  EXPECT_EQ(read(R"( {"id":"7","header":{},"body":{}} )", DataType::raw).record,
            R"({"id":"7","header":{},"body":{}})");
  const auto wrapped = read(envelope(R"({"flowId":"f"})", R"({"xdmEntity":{"id":"7"}})"), DataType::raw);
  EXPECT_EQ(wrapped.record, R"({"id":"7"})");
  EXPECT_EQ(wrapped.flow, "f");
  const std::string own = R"({"id":"7","header":{"a":1},"body":{"xdmEntity":{"id":"8"}}})";
  EXPECT_EQ(read(own, DataType::raw).record, own);
}

TEST(Message, OrganisationMayBeAbsentButNotAnother) {
  const std::string body = R"({"xdmEntity":{}})";
  EXPECT_EQ(read(envelope(header(), body), DataType::xdm).error, "");
  EXPECT_EQ(read(envelope(header(R"(,"imsOrgId":"other@AdobeOrg")"), body), DataType::xdm).error,
            "Message has an absent or wrong ims org in the header");
  EXPECT_EQ(read(envelope(header(R"(,"imsOrgId":7)"), body), DataType::xdm).error,
            "Message has an absent or wrong ims org in the header");
}

struct BadCase {
  const char* name;
  std::string text;
  std::string_view error;  // what it says
};

class BadMessage : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadMessage, IsRefused) {
  const auto got = read(GetParam().text, DataType::xdm);
  EXPECT_NE(got.error.find(GetParam().error), std::string::npos) << got.error;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadMessage,
    ::testing::Values(
        BadCase{"NoJson", "{", "Message is no JSON"}, BadCase{"Empty", "", "Message is no JSON"},
        BadCase{"Array", R"([{"a":1}])", "Message must be a JSON object"},
        BadCase{"Text", R"("x")", "Message must be a JSON object"},
        BadCase{"NoEnvelope", R"({"a":1})", "Message has unknown xdm format"},
        BadCase{"EntityIsText", envelope(header(), R"({"xdmEntity":"x"})"), "Message has unknown xdm format"},
        BadCase{"NoSchema", envelope("{}", R"({"xdmEntity":{}})"), "Message has unknown xdm format"},
        BadCase{"SchemaWithoutType", envelope(R"({"schemaRef":{"id":"x"}})", R"({"xdmEntity":{}})"),
                "Message has unknown xdm format"},
        BadCase{"SchemasDiffer",
                envelope(header(), R"({"xdmMeta":{"schemaRef":{"id":"other"}},"xdmEntity":{}})"),
                "Message has unknown xdm format"}),
    [](const auto& test) { return test.param.name; });

struct BatchCase {
  const char* name;
  BatchForm form;
  std::string text;
  std::vector<std::string> messages;  // none: refused
};

class Batch : public ::testing::TestWithParam<BatchCase> {};

TEST_P(Batch, IsCutIntoMessages) {
  std::string text = GetParam().text;
  text.reserve(text.size() + json::RecordParser::kPadding);
  json::RecordParser parser;
  const auto cut = cut_batch(parser, text, GetParam().form, 3);
  if (GetParam().messages.empty()) {
    EXPECT_FALSE(cut);
    return;
  }
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(std::vector<std::string>(cut->begin(), cut->end()), GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Batch,
    ::testing::Values(
        BatchCase{"Messages",
                  BatchForm::messages,
                  R"({"messages":[{"a":1}, {"b":[2]},7]})",
                  {R"({"a":1})", R"({"b":[2]})", "7"}},
        BatchCase{"RootArray", BatchForm::messages, R"([{"a":1}])", {R"({"a":1})"}},
        BatchCase{"Lines", BatchForm::lines, "{\"a\":1}\r\n\n{\"b\":2}", {"{\"a\":1}\r", R"({"b":2})"}},
        BatchCase{"NoMember", BatchForm::messages, R"({"message":[]})", {}},
        BatchCase{"NoArray", BatchForm::messages, R"({"messages":{}})", {}},
        BatchCase{"EmptyArray", BatchForm::messages, R"({"messages":[]})", {}},
        BatchCase{"TooMany", BatchForm::messages, "[1,2,3,4]", {}},
        BatchCase{"NoJson", BatchForm::messages, R"({"messages":[)", {}},
        BatchCase{"NoLines", BatchForm::lines, "\n \n", {}},
        BatchCase{"TooManyLines", BatchForm::lines, "1\n2\n3\n4\n", {}}),
    [](const auto& test) { return test.param.name; });

TEST(Route, TakesTheOnlyOneUnlessTheMessageSaysMore) {
  Inlet inlet = inlet_of(DataType::raw);
  EXPECT_FALSE(route(inlet, {}));
  inlet.flows.push_back({FlowId("f1"), DatasetId("d1"), "s1", true});
  EXPECT_EQ((*route(inlet, {}))->flow.value, "f1");
  EXPECT_EQ((*route(inlet, {"f1", "other", "other"}))->flow.value, "f1");  // the flow decides
  EXPECT_FALSE(route(inlet, {"f2", "", ""}));
  EXPECT_FALSE(route(inlet, {"", "d2", ""}));
  inlet.flows.push_back({FlowId("f2"), DatasetId("d2"), "s1", true});
  EXPECT_FALSE(route(inlet, {}));
  EXPECT_EQ((*route(inlet, {"", "d2", "s1"}))->flow.value, "f2");
  EXPECT_FALSE(route(inlet, {"", "", "s1"}));
  inlet.flows[0].enabled = false;
  EXPECT_EQ((*route(inlet, {}))->flow.value, "f2");
  EXPECT_FALSE(route(inlet, {"f1", "", ""}));
}

}  // namespace
}  // namespace headwater::inlet
