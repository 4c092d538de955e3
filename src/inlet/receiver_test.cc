#include "inlet/receiver.h"

#include "base/crypto.h"
#include "base/gzip.h"
#include "inlet/inlet_test.h"
#include "inlet/sender.h"

namespace headwater::inlet::test {
namespace {

class ReceiverTest : public InletTest {
 protected:
  static std::string message_of(const Answer& answer) {
    const Value* message = answer.body.find_path("report.message");
    return message == nullptr ? "" : *message->if_string();
  }
  std::string token(const std::optional<OrgId>& org = {}) {
    return identity_->mint(org, {}, identity::Unknown::made)->access_token.reveal();
  }
};

TEST_F(ReceiverTest, AcceptedEventIsToldItsNumberAndTime) {
  const Made made = add_flow('a');
  open(false);
  const auto answer = post_to(made, R"({"id":1})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body.string_at("inletId"), made.inlet);
  EXPECT_GT(answer.body.find("receivedTimeMs")->as_int64().value_or(0), 1'700'000'000'000);
  EXPECT_EQ(answer.body.if_object()->size(), 3U) << answer.text;
  const auto next = post_to(made, R"({"id":2})");
  EXPECT_NE(next.body.string_at("xactionId"), answer.body.string_at("xactionId"));
  EXPECT_EQ(post("/data/foundation/import/collection/" + made.inlet, R"({"id":3})").status, 200);
}

TEST_F(ReceiverTest, BatchAnswersForEachMessage) {
  const Made made = add_flow('a');
  open();
  const std::string path = "/collection/batch/" + made.inlet + "?syncValidation=False";
  const auto answer = post(path, R"({"messages":[{"id":1},7,{"id":2}]})");
  ASSERT_EQ(answer.status, 207) << answer.text;
  const auto& responses = *answer.body.find("responses")->if_array();
  ASSERT_EQ(responses.size(), 3U);
  const std::string batch(answer.body.string_at("batchId"));
  EXPECT_EQ(responses[0].string_at("xactionId"), batch + ":0");
  EXPECT_EQ(responses[2].string_at("xactionId"), batch + ":2");
  EXPECT_EQ(responses[1].find("statusCode")->as_int64(), 400);
  EXPECT_TRUE(responses[1].string_at("message").starts_with("inletId: [" + made.inlet + "] imsOrgId: [" +
                                                            tenant_.org.value + "] Message"))
      << answer.text;
  EXPECT_EQ(post(path, R"([{"id":3}])").status, 207);
  EXPECT_EQ(send(path, "{\"id\":4}\n{\"id\":5}\n", {{"Content-Type", "application/x-ndjson"}}).status, 207);
  EXPECT_EQ(post(path, "[1,2]").status, 207);  // all fail, the envelope is readable
  for (const char* bad : {R"({"messages":[]})", R"({"messages":7})", "{}", "{", ""})
    EXPECT_EQ(post(path, bad).status, 400) << bad;
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 5; }));
}

struct BadRequest {
  const char* name;
  std::string body;
  std::string type;
  std::string encoding;
  int status;
};

TEST_F(ReceiverTest, WhatItDoesNotTakeIsToldAndNotStored) {
  const Made made = add_flow('a');
  options_.receiver.body_bytes_max = 10'000;
  open();
  const std::string json = "application/json";
  const std::string large = R"({"id":1,"name":")" + std::string(10'000, 'x') + "\"}";
  const BadRequest cases[] = {
      {"no JSON", "{", json, "", 400},
      {"empty", "", json, "", 400},
      {"root array", R"([{"id":1}])", json, "", 400},
      {"text", R"({"id":1})", "text/plain", "", 400},
      {"no type", R"({"id":1})", "", "", 400},
      {"lines on the single form", R"({"id":1})", "application/x-ndjson", "", 400},
      {"Smile", ":)", "application/x-jackson-smile", "", 415},
      {"unknown coding", R"({"id":1})", json, "br", 415},
      {"no gzip", R"({"id":1})", json, "gzip", 400},
      {"too large", large, json, "", 413},
      {"too large when decoded", gzip(large), json, "gzip", 413},
  };
  for (const BadRequest& bad : cases) {
    Headers headers;
    headers.emplace_back("Content-Type", bad.type);
    if (!bad.encoding.empty()) headers.emplace_back("Content-Encoding", bad.encoding);
    const auto answer = send("/collection/" + made.inlet, bad.body, headers);
    EXPECT_EQ(answer.status, bad.status) << bad.name << ": " << answer.text;
    EXPECT_EQ(answer.body.string_at("type"),
              "http://ns.adobe.com/adobecloud/problem/data-collection-service/inlet");
    EXPECT_EQ(answer.body.find("status")->as_int64(), bad.status);
  }
  EXPECT_EQ(post_to(made, gzip(R"({"id":1})"), {{"Content-Encoding", "gzip"}}).status, 200);
  EXPECT_EQ(post("/collection/" + std::string(64, 'f'), R"({"id":1})").status, 404);
  EXPECT_EQ(post("/collection/unknown", R"({"id":1})").status, 404);
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 1; }));
}

TEST_F(ReceiverTest, FlowThatIsNotEnabledTakesNothing) {
  const Made made = add_flow('a');
  open(false);
  EXPECT_EQ(post_to(made, R"({"id":1})").status, 200);
  change(ResourceKind::flow, made.flow, "state", "disabled");
  const auto refused = post_to(made, R"({"id":2})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(message_of(refused).find("not enabled"), std::string::npos) << refused.text;
  change(ResourceKind::flow, made.flow, "state", "enabled");
  EXPECT_EQ(post_to(made, R"({"id":3})", {{"x-adobe-flow-id", made.flow}}).status, 200);
  EXPECT_EQ(post("/collection/" + made.inlet + "?x-adobe-flow-id=other", R"({"id":4})").status, 400);
  EXPECT_TRUE(store_->remove(Scope::all(), ResourceKind::flow, made.flow));
  EXPECT_TRUE(store_->remove(Scope::all(), ResourceKind::inlet, made.inlet));
  streaming_->changed();
  EXPECT_EQ(post_to(made, R"({"id":5})").status, 404);
}

TEST_F(ReceiverTest, BearerTokensAreAskedFor) {
  const Made made = add_flow('a', {{"authentication", "bearer"}});
  open(false);
  const auto with = [&](const std::string& header) {
    return post_to(made, R"({"id":1})", header.empty() ? Headers{} : Headers{{"Authorization", header}});
  };
  const auto absent = with("");
  EXPECT_EQ(absent.status, 401);
  EXPECT_EQ(absent.text, R"({"type":"https://ns.adobe.com/adobecloud/problem/)"
                         R"(data-collection-service-authorization","status":"401","title":"Authorization",)"
                         R"("report":{"message":"[)" +
                             made.inlet + R"(] Ims service token is empty"}})");
  EXPECT_EQ(with("Bearer nonsense").status, 401);
  EXPECT_EQ(with("Basic YWRhOnNlY3JldA==").status, 401);
  EXPECT_EQ(with("Bearer " + token()).status, 200);
  EXPECT_EQ(with("Bearer " + token(OrgId("AAAAAAAAAAAAAAAAAAAAAAAA@AdobeOrg"))).status, 403);
}

TEST_F(ReceiverTest, SignaturesAreCheckedOverTheExactBytes) {
  const Made made = add_flow('a', {{"authentication", "hmac"}});
  ASSERT_TRUE(credentials_.put(made.inlet, {{"/hmacSecret", Secret("open sesame")}}));
  open();
  const std::string body = " {\"id\" : 1}\n";
  const std::string raw = crypto::hmac_sha256("open sesame", body);
  std::string upper = crypto::hex(raw);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto with = [&](const std::string& signature) {
    return post_to(made, body, signature.empty() ? Headers{} : Headers{{"X-HMAC-SHA256", signature}});
  };
  for (const std::string& good : {crypto::hex(raw), upper, crypto::base64(raw), "sha256=" + crypto::hex(raw)})
    EXPECT_EQ(with(good).status, 200) << good;
  const auto missing = with("");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.body.string_at("status"), "401");
  for (const std::string& bad :
       {crypto::hex(crypto::hmac_sha256("other", body)), crypto::hex(raw).substr(1), std::string("zz"),
        crypto::hex(crypto::hmac_sha256("", body)), crypto::base64(crypto::sha256(body))})
    EXPECT_EQ(with(bad).status, 401) << bad;
  const std::string packed = gzip(body);
  EXPECT_EQ(post_to(made, packed,
                    {{"x-hmac-sha256", crypto::hex(crypto::hmac_sha256("open sesame", packed))},
                     {"Content-Encoding", "gzip"}})
                .status,
            200);
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 5; }));
}

TEST_F(ReceiverTest, RotatedSecretsAreAcceptedUntilTheirTime) {
  const Made made = add_flow(
      'a', {{"authentication", "hmac"}, {"previousSecretUntil", epoch_millis(clock_.now()) + 3'600'000}});
  ASSERT_TRUE(
      credentials_.put(made.inlet, {{"/hmacSecret", Secret("new")}, {"/previousHmacSecret", Secret("old")}}));
  open(false);
  const std::string body = R"({"id":1})";
  const auto signed_by = [&](const char* secret) {
    return post_to(made, body, {{"x-hmac-sha256", crypto::hex(crypto::hmac_sha256(secret, body))}}).status;
  };
  EXPECT_EQ(signed_by("new"), 200);
  EXPECT_EQ(signed_by("old"), 200);
  change(ResourceKind::inlet, made.inlet, "previousSecretUntil", epoch_millis(clock_.now()) - 1);
  EXPECT_EQ(signed_by("new"), 200);
  EXPECT_EQ(signed_by("old"), 401);
}

TEST_F(ReceiverTest, ReplayWindowWantsATimeInTheSignature) {
  const Made made = add_flow('a', {{"authentication", "hmac"}, {"replayWindowSeconds", 60}});
  ASSERT_TRUE(credentials_.put(made.inlet, {{"/hmacSecret", Secret("s")}}));
  open(false);
  const std::string body = R"({"id":1})";
  const auto at = [&](std::int64_t seconds) {
    const std::string time = std::to_string(epoch_seconds(clock_.now()) + seconds);
    return post_to(made, body,
                   {{"x-hmac-timestamp", time},
                    {"x-hmac-sha256", crypto::hex(crypto::hmac_sha256("s", time + "." + body))}})
        .status;
  };
  EXPECT_EQ(at(0), 200);
  EXPECT_EQ(at(-50), 200);
  EXPECT_EQ(at(-70), 401);
  EXPECT_EQ(at(70), 401);
  EXPECT_EQ(post_to(made, body, {{"x-hmac-sha256", crypto::hex(crypto::hmac_sha256("s", body))}}).status,
            401);
}

TEST_F(ReceiverTest, ValidationAtOnceTellsWhatIsWrongAndDropsIt) {
  const Made made = add_flow('a');
  open();
  const std::string path = "/collection/" + made.inlet + "?syncValidation=TRUE";
  const auto fine = post(path, R"({"id":1,"name":"Ada"})");
  EXPECT_EQ(fine.status, 200) << fine.text;
  EXPECT_EQ(fine.body.find_path("syncValidation.status")->dump(), R"("pass")");
  const auto one = post(path, R"({"id":"x"})");
  EXPECT_EQ(one.status, 400);
  EXPECT_EQ(
      one.text,
      R"({"type":"http://ns.adobe.com/adobecloud/problem/data-collection-service/inlet","status":400,)"
      R"("title":"Invalid XDM Message Format","report":{"message":"inletId: [)" +
          made.inlet + "] imsOrgId: [" + tenant_.org.value +
          R"(] Message is invalid","cause":{"_streamingValidation":[{"schemaLocation":"#/properties/id",)"
          R"("pointerToViolation":"#/id","causingExceptions":[],"keyword":"type",)"
          R"("message":"expected type: Integer, found: String"}]}}})");
  const auto many = post(path, R"({"workMail":1,"name":"Eve","a":1,"b":2,"c":3,"d":4})");
  const Value& cause = (*many.body.find_path("report.cause._streamingValidation")->if_array())[0];
  EXPECT_EQ(cause.string_at("message"), "5 schema violations found");
  EXPECT_EQ((*cause.find("causingExceptions")->if_array())[0].string_at("message"),
            "extraneous key [workMail] is not permitted");
  for (int i = 3; i < 60; ++i) ASSERT_EQ(post(path, R"({"id":1})").status, 200) << i;
  const auto limited = post(path, R"({"id":1})");
  EXPECT_EQ(limited.status, 429);
  EXPECT_GE(std::stoi(limited.header("Retry-After")), 50);
  EXPECT_TRUE(soon([&] { return landed(made.dataset) == 58; }));
}

TEST_F(ReceiverTest, EventsAreSentByPost) {
  const Made made = add_flow('a');
  open(false);
  for (const char* method : {"GET", "PUT", "PATCH", "DELETE"}) {
    http::ClientRequest request;
    request.method = method;
    request.url =
        *Url::parse("http://127.0.0.1:" + std::to_string(server_->port()) + "/collection/" + made.inlet);
    http::StringSink sink;
    ASSERT_TRUE(client_->send(request, sink, {}));
    EXPECT_EQ(sink.answer.status, 405) << method;
    EXPECT_EQ(http::find_header(sink.answer.headers, "allow"), "POST");
    EXPECT_NE(sink.text.find("data-collection-service/inlet"), std::string::npos) << sink.text;
  }
}

TEST_F(ReceiverTest, EventsOfATimeSeriesNeedAnIdAndATime) {
  const Made made = add_flow('a');
  const std::string schema = "https://ns.acme.test/schemas/a";
  change(ResourceKind::schema, schema, "meta:extends",
         Array{"https://ns.adobe.com/xdm/context/experienceevent"});
  open();
  const std::string path = "/collection/" + made.inlet + "?syncValidation=true";
  const std::string time = R"("timestamp":"2026-11-28T10:00:00Z")";
  EXPECT_EQ(post(path, R"({"id":1,"_id":"e1",)" + time + "}").status, 200);
  const auto bare = post(path, R"({"id":2})");
  EXPECT_EQ(bare.status, 400);
  for (const char* key : {"required key [_id] not found", "required key [timestamp] not found"})
    EXPECT_NE(bare.text.find(key), std::string::npos) << bare.text;
  EXPECT_EQ(post(path, R"({"id":3,"_id":"e3","timestamp":"yesterday"})").status, 400);
  EXPECT_EQ(post_to(made, R"({"id":4})").status, 200);  // checked when it lands
  EXPECT_TRUE(drained(made));
  EXPECT_EQ(landed(made.dataset), 1U);

  EXPECT_EQ(post(path, R"({"id":5,"_id":"e5","more":1,)" + time + "}").status, 400);
  change(ResourceKind::schema, schema, "meta:extends",
         Array{"https://ns.adobe.com/xdm/context/experienceevent", "https://ns.adobe.com/xdm/mixins/more"});
  EXPECT_EQ(post(path, R"({"id":5,"_id":"e5","more":1,)" + time + "}").status, 200);
}

TEST_F(ReceiverTest, RatesAreLimitedWhereTheInletSaysSo) {
  const Made made = add_flow('a', {{"limits", Object{{"messagesPerSecond", 2}}}});
  open(false);
  EXPECT_EQ(post("/collection/batch/" + made.inlet, R"([{"id":1},{"id":2}])").status, 207);
  const auto limited = post_to(made, R"({"id":3})");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.header("Retry-After"), "1");
}

TEST_F(ReceiverTest, FullJournalMakesSendersWait) {
  const Made made = add_flow('a');
  options_.receiver.journal_bytes_max = 1;
  open(false);
  const auto busy = post_to(made, R"({"id":1})");
  EXPECT_EQ(busy.status, 429) << busy.text;
  EXPECT_EQ(busy.header("Retry-After"), "5");
}

TEST_F(ReceiverTest, WatchersSeeWhatComesIn) {
  const Made made = add_flow('a');
  open();
  EXPECT_EQ(streaming_->events(made.inlet, 0).find("events")->if_array()->size(), 0U);
  EXPECT_EQ(post_to(made, R"({"id":1,"password":"x"})").status, 200);
  EXPECT_EQ(post_to(made, R"({"id":"no number"})").status, 200);
  EXPECT_EQ(post_to(made, "{").status, 400);
  Value seen;
  EXPECT_TRUE(soon([&] {
    seen = streaming_->events(made.inlet, 0);
    return seen.find("events")->if_array()->size() == 4;
  })) << seen.dump();
  std::string outcomes;
  for (const Value& event : *seen.find("events")->if_array())
    outcomes += std::string(event.string_at("outcome")) + " ";
  EXPECT_EQ(outcomes, "accepted accepted rejected quarantined ");
  EXPECT_EQ(seen.dump().find("\"x\""), std::string::npos);
  const auto counters = streaming_->counters(made.inlet);
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->find_path("rejected.malformed")->as_int64(), 1);
  EXPECT_EQ(counters->find_path("rejected.quarantined")->as_int64(), 1);
}

}  // namespace
}  // namespace headwater::inlet::test
