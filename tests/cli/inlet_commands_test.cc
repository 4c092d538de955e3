// Inlets on the command line: set up, sent to, followed, protected; and what they reject.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class InletCommands : public ServingTest {
 protected:
  InletCommands() : ServingTest(1) {
    serving_ = std::make_unique<Serving>(data_, std::vector<std::string>{"--commit-every", "1s"});
    inlet_ = create_stream();
  }

  std::string write_events(int count) const {
    std::string text;
    for (int i = 1; i <= count; ++i) text += "{\"id\":" + std::to_string(i) + "}\n";
    return write("events.ndjson", text);
  }
  /// A streaming flow (`flow_`) into a dataset of records that have a number; gives its inlet.
  std::string create_stream() {
    const auto schema = create("schemas", *json::parse(R"({"title":"event","type":"object","required":["id"],
                                    "properties":{"id":{"type":"integer"}}})"));
    const auto answer = create(
        "datasets",
        json::Object{{"name", "events"}, {"schemaRef", json::Object{{"id", schema.string_at("$id")}}}});
    const std::string reference = answer.is_array() ? *answer.if_array()->front().if_string() : "";
    dataset_ = reference.substr(reference.rfind('/') + 1);
    const auto source =
        create_id("source-connections", *json::parse(R"({"name":"events","data":{"format":"json"},
                         "connectionSpec":{"id":"e77fd9d2-22a8-11ed-861d-0242ac120002","version":"1.0"}})"));
    const auto target = create_id(
        "target-connections",
        json::Object{{"name", "lake"},
                     {"connectionSpec", json::Object{{"id", "c604ff05-7f1a-43c0-8e18-33bf874cb11c"}}},
                     {"params", json::Object{{"dataSetId", dataset_}}}});
    flow_ = create_id("flows",
                      json::Object{{"name", "events"},
                                   {"flowSpec", json::Object{{"id", "e77fde5a-22a8-11ed-861d-0242ac120002"}}},
                                   {"sourceConnectionIds", json::Array{json::Value(source)}},
                                   {"targetConnectionIds", json::Array{json::Value(target)}}});
    const auto flow = read({"flows", "get", flow_});
    const auto* items = flow.find("items");
    const auto* url = items == nullptr ? nullptr : items->if_array()->front().find_path("options.inletUrl");
    url_ = url == nullptr ? "" : *url->if_string();
    return url_.substr(url_.rfind('/') + 1);
  }
  void patch(const std::string& operations) {
    const auto done = ask({"inlets", "patch", inlet_, write("patch.json", operations)});
    EXPECT_EQ(done.exit_code, 0) << done.errors;
  }
  /// Asks until the answer has it; the events of a test are landed within seconds.
  std::string await(const std::vector<std::string>& arguments, const std::string& part) {
    std::string output;
    for (int i = 0; i < 300; ++i) {
      output = ask(arguments).output;
      if (output.find(part) != std::string::npos) return output;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    ADD_FAILURE() << "no " << part << " in " << output;
    return output;
  }

  std::string flow_, inlet_, url_;
};

TEST_F(InletCommands, EventsAreSentByIdAndByAddress) {
  EXPECT_EQ(read({"inlets", "get", inlet_}).find("items")->if_array()->front().string_at("flowId"), flow_);
  EXPECT_THAT(ask({"inlet", "list", "--output", "table"}).output, HasSubstr(inlet_ + "  events  none"));
  const auto file = write_events(1203);
  const auto sent = ask({"inlet", "send", inlet_, file, "--batch", "100"});
  EXPECT_EQ(sent.exit_code, 0) << sent.errors;
  EXPECT_THAT(sent.output, StartsWith("1203 accepted, 0 rejected in "));
  EXPECT_THAT(sent.output, HasSubstr("; 13 requests, p50 "));
  const auto plain = run_program({kBinary, "inlet", "send", url_, file, "--single", "--output", "json"});
  EXPECT_EQ(plain.exit_code, 0) << plain.errors;
  const auto summary = json::parse(plain.output);
  ASSERT_TRUE(summary) << plain.output;
  EXPECT_EQ(summary->find("accepted")->dump(), "1203");
  EXPECT_EQ(summary->find("requests")->dump(), "1203");
  await({"query", "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events", "--output", "csv"},
        "2406,1203");
  const auto counters = read({"inlets", "counters", inlet_});
  EXPECT_EQ(counters.find("accepted")->dump(), "2406");
  EXPECT_EQ(counters.find_path("flows." + flow_ + ".written")->dump(), "2406");
}

TEST_F(InletCommands, WhatIsRejectedIsToldByLine) {
  const auto file = write("mixed.ndjson", "{\"id\":1}\n\n{oops\n{\"id\":2}\n[3]\n");
  for (const char* form : {"--batch=10", "--single"}) {
    const auto sent = ask({"inlet", "send", inlet_, file, form});
    EXPECT_EQ(sent.exit_code, 4) << sent.errors;
    EXPECT_THAT(sent.output, StartsWith("2 accepted, 2 rejected in ")) << form;
    EXPECT_THAT(sent.output, HasSubstr("\nline 3: Message is no JSON: ")) << form;
    EXPECT_THAT(sent.output, HasSubstr("\nline 5: Message must be a JSON object")) << form;
  }
  const auto giant = ask({"inlet", "send", inlet_, write("giant", std::string(1'100'000, ' ') + "{}\n")});
  EXPECT_EQ(giant.exit_code, 4);
  EXPECT_THAT(giant.output, HasSubstr("line 1: The line has more than 1 MB"));
}

TEST_F(InletCommands, ALimitedInletIsSentToAgain) {
  patch(R"([{"op":"add","path":"/limits","value":{"messagesPerSecond":20}}])");
  const auto sent = ask({"inlet", "send", inlet_, write_events(40), "--batch", "20", "--connections", "1"});
  EXPECT_EQ(sent.exit_code, 0) << sent.errors;
  EXPECT_THAT(sent.output, AllOf(StartsWith("40 accepted, 0 rejected"), HasSubstr(" sent again)")));
}

TEST_F(InletCommands, TheRateIsKept) {
  const auto begun = std::chrono::steady_clock::now();
  const auto sent = ask({"inlet", "send", inlet_, write_events(60), "--batch", "10", "--rate", "60"});
  EXPECT_EQ(sent.exit_code, 0) << sent.errors;
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(700));
}

TEST_F(InletCommands, WhatHadNoAnswerIsCountedWhenTheServerDies) {
  ChildProcess sender(
      {kBinary, "inlet", "send", url_, write_events(10'000), "--single", "--rate", "100", "--output", "json"},
      {.folder = {}, .error_file = path("send.log"), .environment = {}});
  // Of so many, some answers have reached the sender.
  const auto accepted = [&] {
    const auto counters = read({"inlets", "counters", inlet_});
    return counters.find("accepted")->as_int64().value_or(0);
  };
  while (accepted() < 20) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  serving_->kill();
  EXPECT_EQ(sender.wait(), 1);
  const auto summary = json::parse(sender.output());
  ASSERT_TRUE(summary) << sender.output();
  EXPECT_GT(summary->find("accepted")->as_int64().value_or(0), 0);
  EXPECT_GT(summary->find("unanswered")->as_int64().value_or(0), 0);
  EXPECT_EQ(summary->find("rejected")->as_int64().value_or(-1), 0);
  EXPECT_THAT(*read_file(path("send.log")), HasSubstr("127.0.0.1"));
}

TEST_F(InletCommands, SignaturesAreMadeAndSecretsRotated) {
  const auto rotated = read({"inlets", "rotate", inlet_, "--grace", "12h"});
  const std::string first(rotated.string_at("secret"));
  EXPECT_EQ(first.size(), 64U);
  patch(R"([{"op":"replace","path":"/authentication","value":"hmac"},
            {"op":"add","path":"/replayWindowSeconds","value":60}])");
  const auto events = write_events(3);
  const auto unsigned_ = ask({"inlet", "send", inlet_, events});
  EXPECT_EQ(unsigned_.exit_code, 2);
  EXPECT_THAT(unsigned_.errors, HasSubstr("--hmac-secret-file FILE"));
  const auto refused = ask({"inlet", "send", url_, events});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("answered 401: The header x-hmac-sha256 is missing"));

  const auto sends = [&](const std::string& secret, const std::string& to) {
    std::vector<std::string> command{"inlet", "send", to, events, "--hmac-secret-file", secret};
    if (to == url_) command.emplace_back("--timestamp");
    return ask(command).exit_code;
  };
  const auto old_secret = write("first.txt", first + "\n");
  EXPECT_EQ(sends(old_secret, inlet_), 0);
  EXPECT_EQ(sends(old_secret, url_), 0);
  const auto new_secret = write("second.txt", "0123456789abcdef0123456789abcdef\n");
  EXPECT_EQ(sends(new_secret, inlet_), 1);
  const auto again = read({"inlets", "rotate", inlet_, "--secret-file", new_secret});
  EXPECT_EQ(again.find("secret"), nullptr);
  EXPECT_EQ(sends(new_secret, inlet_), 0);
  EXPECT_EQ(sends(old_secret, inlet_), 0);
  read({"inlets", "revoke", inlet_});
  EXPECT_EQ(sends(old_secret, inlet_), 1);
  EXPECT_THAT(ask({"inlets", "get", inlet_}).output, Not(HasSubstr(first)));
}

TEST_F(InletCommands, ATokenGoesAlongWhereOneIsAskedFor) {
  patch(R"([{"op":"replace","path":"/authentication","value":"bearer"}])");
  const auto events = write_events(3);
  EXPECT_EQ(ask({"inlet", "send", inlet_, events}).exit_code, 0);
  EXPECT_EQ(ask({"inlet", "send", url_, events}).exit_code, 1);
  EXPECT_EQ(ask({"inlet", "send", url_, events, "--bearer"}).exit_code, 0);
}

TEST_F(InletCommands, TailShowsWhatHappens) {
  const auto tail = [&](const std::string& count, const std::string& output) {
    const auto log = path("tail.log");
    fs::remove(log);
    auto process = std::make_unique<ChildProcess>(
        std::vector<std::string>{kBinary, "inlet", "tail", inlet_, "--count", count, "--output", output,
                                 "--data-dir", data_, "--server", serving_->url()},
        ChildProcess::Options{.folder = {}, .error_file = log, .environment = {}});
    for (auto text = read_file(log); !text || text->find("Watching") == std::string::npos;
         text = read_file(log))
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return process;
  };
  const auto watched = tail("4", "text");
  ask({"inlet", "send", inlet_, write("a.ndjson", "{\"id\":1,\"token\":\"t0p\"}\n{\"id\":\"x\"}\n{no\n")});
  EXPECT_EQ(watched->wait(), 0);
  const auto flow = flow_.substr(0, 8);
  const auto lines = watched->output();
  EXPECT_THAT(lines, HasSubstr("Z  accepted     " + flow + "  {\"id\":1,\"token\":\"***\"}\n"));
  EXPECT_THAT(lines, HasSubstr("Z  rejected     -         malformed"));
  EXPECT_THAT(lines, HasSubstr("Z  quarantined  " + flow + "  Event "));

  const auto interrupted = tail("100", "json");
  ask({"inlet", "send", inlet_, write_events(1)});
  const auto event = json::parse(interrupted->wait_for_line("{"));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->string_at("outcome"), "accepted");
  EXPECT_EQ(event->string_at("flowId"), flow_);
  interrupted->signal(SIGINT);
  EXPECT_EQ(interrupted->wait(), 130);
}

TEST_F(InletCommands, TheQuarantineIsListedAndDownloaded) {
  const auto none = ask({"quarantine", "list", "--output", "table"});
  EXPECT_EQ(none.exit_code, 0) << none.errors;
  EXPECT_EQ(none.errors, "There are none.\n");
  ask({"inlet", "send", inlet_, write("a.ndjson", "{\"id\":1}\n{\"note\":\"no number\"}\n")});
  await({"quarantine", "list"}, "batchId");
  const auto items = read({"quarantine", "list", "--flow", flow_, "--dataset", dataset_});
  ASSERT_EQ(items.find("items")->if_array()->size(), 1U);
  const json::Value& entry = items.find("items")->if_array()->front();
  EXPECT_EQ(entry.string_at("flowId"), flow_);
  EXPECT_EQ(entry.string_at("dataSetId"), dataset_);
  EXPECT_EQ(entry.find("failedRecordCount")->dump(), "1");
  EXPECT_THAT(std::string(entry.string_at("reason")), HasSubstr("id"));
  EXPECT_EQ(read({"quarantine", "list", "--flow", "other"}).find("items")->if_array()->size(), 0U);

  const std::string batch(entry.string_at("batchId"));
  const auto saved = ask({"quarantine", "download", batch, "--to", path("down")});
  EXPECT_EQ(saved.exit_code, 0) << saved.errors;
  const auto text = read_file(saved.output.substr(0, saved.output.find('\n')));
  ASSERT_TRUE(text) << saved.output;
  EXPECT_THAT(*text, AllOf(HasSubstr("no number"), HasSubstr("_errors")));

  EXPECT_EQ(read({"quarantine", "replay", batch}).find("events")->dump(), "1");
  const auto twice = ask({"quarantine", "replay", batch});
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_THAT(twice.errors, HasSubstr("409"));
  EXPECT_EQ(read({"quarantine", "replay", batch, "--again"}).find("events")->dump(), "1");
  const auto unknown = ask({"quarantine", "download", "nosuch"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("404"));
}

TEST_F(InletCommands, WhatIsWrongIsSaidBeforeAnythingIsSent) {
  const auto events = write_events(1);
  struct Case {
    std::vector<std::string> arguments;
    const char* part;
  };
  const std::vector<Case> cases{
      {{"inlet", "send", inlet_}, "file is required"},
      {{"inlet", "send", inlet_, path("none")}, "There is no file "},
      {{"inlet", "send", "http://127.0.0.1:1/events", events}, "is no inlet's address"},
      {{"inlet", "send", std::string(64, 'a'), events}, "404"},
      {{"inlet", "send", inlet_, events, "--batch", "0"}, "--batch"},
      {{"inlet", "send", inlet_, events, "--batch", "5", "--single"}, "--single"},
      {{"inlet", "send", inlet_, events, "--timestamp"}, "--hmac-secret-file"},
      {{"inlet", "send", inlet_, events, "--hmac-secret-file", write("empty", "\n")}, "holds no secret"},
      {{"inlet", "send", inlet_, "-", "--hmac-secret-file", "-"}, "cannot both"},
      {{"inlet", "tail", std::string(64, 'a')}, "404"},
      {{"inlet", "tail", inlet_, "--output", "yaml"}, "--output"},
      {{"inlets", "rotate", inlet_, "--grace", "5y"}, "--grace"},
      {{"inlets", "rotate", inlet_, "--secret-file", write("short", "short")}, "secret must be"},
      {{"quarantine", "replay", "nosuch"}, "404"}};
  for (const auto& [arguments, part] : cases) {
    const auto done = ask(arguments);
    EXPECT_EQ(done.exit_code, 2) << part << done.errors;
    EXPECT_THAT(done.errors, HasSubstr(part));
  }
  const auto unknown = ask({"inlet", "send", url_.substr(0, url_.size() - 4) + "0000", events});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("headwater inlets list"));
  const auto nobody = run_program({kBinary, "inlet", "send", "http://127.0.0.1:1/collection/ab", events});
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_THAT(nobody.errors, HasSubstr("127.0.0.1:1"));
}

TEST_F(InletCommands, TheShellIsToldWhatComesNext) {
  const auto words = [&](std::vector<std::string> line) {
    line.insert(line.begin(), {kBinary, "__complete"});
    return run_program(line,
                       {.folder = {},
                        .error_file = {},
                        .environment = {"HEADWATER_URL=" + serving_->url(), "HEADWATER_DATA_DIR=" + data_}})
        .output;
  };
  EXPECT_THAT(words({"inlet", "ta"}), StartsWith("tail\t"));
  EXPECT_EQ(words({"inlet", "tail", inlet_.substr(0, 8)}), inlet_ + "\tevents\n");
  EXPECT_EQ(words({"inlet", "send", inlet_.substr(0, 8)}), inlet_ + "\tevents\n");
  EXPECT_EQ(words({"inlet", "send", inlet_, "x"}), ":files\n");
  EXPECT_THAT(words({"inlets", "rotate", inlet_, "--gr"}), StartsWith("--grace\t"));
  EXPECT_THAT(words({"quarantine", ""}), AllOf(HasSubstr("list\t"), HasSubstr("replay\t")));
  ask({"inlet", "send", inlet_, write("a.ndjson", "{}\n")});
  const auto listed = json::parse(await({"quarantine", "list"}, "batchId"));
  const std::string batch(listed->find("items")->if_array()->front().string_at("batchId"));
  EXPECT_THAT(words({"quarantine", "download", batch.substr(0, 6)}), StartsWith(batch));
}

}  // namespace
}  // namespace headwater::testing
