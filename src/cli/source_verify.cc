#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "authoring/cassette.h"
#include "authoring/draft.h"
#include "authoring/source_proxy.h"
#include "authoring/standin_account.h"
#include "authoring/token_relay.h"
#include "base/output_file.h"
#include "base/time.h"
#include "cli/api_client.h"
#include "cli/interrupt.h"
#include "cli/own_server.h"
#include "cli/report.h"
#include "cli/source_commands.h"
#include "cli/source_options.h"
#include "cli/spec_file.h"
#include "cli/verification.h"
#include "cli/verify_report.h"
#include "domain/source_spec.h"
#include "domain/spec_check.h"

namespace headwater::cli {
namespace {

struct VerifyArguments {
  std::string place = ".";
  std::string against = "source";
  SourceOptions source;
  ServerOptions server;
  std::vector<std::string> reports;  // form, file, form, file, ...
  std::uint64_t records = 0;
  std::int64_t timeout = 300;
  bool keep = false;
  std::string record, replay;  // a cassette's file
  std::string events;          // a file; empty: those of kEvents
};

// What a streaming source of unknown shape is verified with.
constexpr std::string_view kEvents =
    R"({"id":"verify-1","email":"ada@example.test","at":"2024-03-05T09:07:03Z"}
{"id":"verify-2","email":"alan@example.test","at":"2024-03-05T09:07:04Z"}
{"id":"verify-3","email":"emmy@example.test","at":"2024-03-05T09:07:05Z"})";
constexpr std::size_t kEventsMax = 1'000;
constexpr std::size_t kEventBytesMax = 1'000'000;  // of all: they are posted in one request

struct ReportFile {
  ReportForm form;
  std::string path;
};

Result<std::vector<ReportFile>> read_reports(const std::vector<std::string>& words) {
  std::vector<ReportFile> out;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    const auto form = TRY(read_report_form(words[i]));
    out.push_back(ReportFile{form, words[i + 1]});
  }
  return out;
}

// What plays the source, or stands in front of it; none for a real one.
struct Standin {
  std::unique_ptr<authoring::MockServer> mock;
  std::unique_ptr<authoring::TokenRelay> relay;
  std::unique_ptr<authoring::SourceProxy> proxy;  // may ask the relay
  std::atomic<bool> tokens_kept = false;          // newer ones stand in the file of --auth
};

Result<VerifySubject> subject_of_mock(const VerifyArguments& arguments, const SpecFile& file,
                                      Standin& standin) {
  auto source = arguments.source;
  source.spec = file.path.string();
  source.auth.clear();  // a mock has accounts of its own
  authoring::MockOptions options;
  options.records = arguments.records;
  if (!source.params.empty() || !source.param.empty()) options.params = TRY(source.read_draft()).params;
  standin.mock = TRY(authoring::MockServer::make(file.spec, options));
  VerifySubject subject;
  subject.spec = standin.mock->spec();
  subject.account = standin.mock->accounts().front();
  subject.params = standin.mock->params();
  subject.mock = standin.mock.get();
  return subject;
}

// One chain of tokens for the server and for what is asked beside it, whose newest go into the --auth file
// before they are used. A server that was named does not reach this process: what it gets, it keeps. None
// where the account's schema takes no relay's.
Result<void> relay_tokens(const VerifyArguments& arguments, run::SourceDocuments& draft, Standin& standin) {
  auto client = TRY(arguments.source.client_options());
  // As a server of this command's own may.
  if (arguments.record.empty()) client.egress.allowed.push_back(TRY(http::Network::parse("127.0.0.0/8")));
  draft.keep_tokens = [&standin, keep = draft.keep_tokens](const json::Value& changed,
                                                           const json::Value& before) -> Result<void> {
    const auto refresh = changed.string_at("refreshToken");
    if (standin.proxy) standin.proxy->hide(refresh);
    auto kept = keep(changed, before);
    if (!kept && !refresh.empty()) return kept;
    standin.tokens_kept = standin.tokens_kept || kept;
    return {};
  };
  auto relay = TRY(authoring::TokenRelay::start(draft, std::move(client)));
  auto spec = authoring::spec_that_takes(draft.connection_spec, relay->account());
  if (!spec) return {};
  standin.relay = std::move(relay);
  draft.connection_spec = *std::move(spec);
  draft.auth = standin.relay->account();
  return {};
}

Result<void> record_answers(const VerifyArguments& arguments, const run::SourceDocuments& draft,
                            const extract::AuthSettings& account, const std::stop_token& stop,
                            Standin& standin) {
  auto client = TRY(arguments.source.client_options());
  standin.proxy = TRY(authoring::SourceProxy::record(draft, std::move(client), stop, standin.relay.get()));
  standin.proxy->hide(account.params.string_at("refreshToken"));
  return {};
}

Result<VerifySubject> subject_of_source(VerifyArguments& arguments, const SpecFile& file,
                                        const std::stop_token& stop, Standin& standin) {
  arguments.source.spec = file.path.string();
  auto draft = TRY(arguments.source.read_draft());
  const auto account = TRY(extract::read_auth(draft.connection_spec, draft.auth));
  const bool records = !arguments.record.empty();
  const bool rotates = arguments.replay.empty() && authoring::TokenRelay::is_needed(account);
  const bool is_reached = records || arguments.server.server.empty();
  if (rotates && is_reached) TRY(relay_tokens(arguments, draft, standin));
  VerifySubject subject;
  subject.params = draft.params;
  subject.tokens_are_servers = rotates && !standin.relay;
  if (!arguments.replay.empty()) {
    auto cassette = TRY(authoring::Cassette::read(arguments.replay));
    standin.proxy = TRY(authoring::SourceProxy::replay(file.spec, draft.params, std::move(cassette)));
  } else if (records) {
    TRY(record_answers(arguments, draft, account, stop, standin));
  } else {
    subject.spec = draft.connection_spec;
    subject.account = TRY(authoring::named_account(draft.connection_spec, draft.auth));
    subject.may_be_published = subject.spec == file.spec;
    if (standin.relay) subject.unreached = [relay = standin.relay.get()] { return relay->trouble(); };
    return subject;
  }
  subject.unreached = [&standin] {
    const auto why = standin.proxy->unreached();
    return why.empty() && standin.relay ? standin.relay->trouble() : why;
  };
  subject.account = standin.proxy->account();
  auto spec = authoring::spec_that_takes(standin.proxy->spec(), subject.account);
  subject.spec = spec ? *std::move(spec) : standin.proxy->spec();
  subject.params = standin.proxy->params();
  return subject;
}

// An array of objects, one object, or an object a line.
Result<json::Array> parse_events(std::string_view text) {
  json::Array events;
  if (auto whole = json::parse(text)) {
    if (auto* several = whole->if_array())
      events = std::move(*several);
    else
      events.push_back(*std::move(whole));
  } else {
    for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto part = text.substr(at, end - at);
      at = end + 1;
      if (part.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      auto event = json::parse(part);
      if (!event)
        return Error{ErrorKind::invalid_argument, fmt::format("line {}: {}", line, event.error().message)};
      events.push_back(*std::move(event));
    }
  }
  for (std::size_t i = 0; i < events.size(); ++i)
    if (!events[i].is_object())
      return Error{ErrorKind::invalid_argument, fmt::format("event {} is no JSON object", i + 1)};
  if (events.empty() || events.size() > kEventsMax)
    return Error{ErrorKind::invalid_argument, fmt::format("from 1 to {} events are wanted", kEventsMax)};
  return events;
}

Result<json::Array> read_events(const std::string& path) {
  if (path.empty()) return parse_events(kEvents);
  const auto text = TRY(read_file(path));
  auto events = text.size() > kEventBytesMax
                    ? Error{ErrorKind::too_large, fmt::format("more than {} bytes", kEventBytesMax)}
                    : parse_events(text);
  if (events) return events;
  Error error = std::move(events).error();
  error.message = "--events " + path + ": " + error.message + ".";
  return error;
}

Result<VerifySubject> subject_of_stream(VerifyArguments& arguments, const SpecFile& file) {
  if (arguments.against == "mock" || !(arguments.record + arguments.replay).empty())
    return Error{
        ErrorKind::invalid_argument,
        "A streaming source calls nobody: there is nothing to mock or to record. Leave out --against, "
        "--record and --replay; --events FILE gives the events that are posted."};
  arguments.source.spec = file.path.string();
  const auto draft = TRY(arguments.source.read_draft());
  VerifySubject subject;
  subject.spec = draft.connection_spec;
  subject.params = draft.params;
  subject.events = TRY(read_events(arguments.events));
  subject.may_be_published = true;
  return subject;
}

Result<VerifySubject> read_subject(VerifyArguments& arguments, const SpecFile& file, bool streams,
                                   const std::stop_token& stop, Standin& standin) {
  const bool with_mock = arguments.against == "mock";
  auto subject = streams     ? TRY(subject_of_stream(arguments, file))
                 : with_mock ? TRY(subject_of_mock(arguments, file, standin))
                             : TRY(subject_of_source(arguments, file, stop, standin));
  if (!subject.params.is_object()) subject.params = json::Object{};
  subject.keep = arguments.keep;
  subject.run_time_max = std::chrono::seconds(arguments.timeout);
  return subject;
}

// What the cassette has to say at the end; nullopt when there is none. That of a walk that is not green would
// take the place of a good one.
std::optional<VerifyStep> cassette_step(const VerifyArguments& arguments, const Standin& standin,
                                        const VerifyReport& report) {
  if (!standin.proxy) return std::nullopt;
  VerifyStep step;
  step.name = "Cassette";
  if (arguments.replay.empty()) {
    step.done = "writing " + arguments.record;
    if (standin.proxy->answers() == 0) {
      step.outcome = StepOutcome::failed;
      step.result = "not written: no answer came. " + standin.proxy->unreached();
      return step;
    }
    if (!report.is_green()) {
      std::error_code failed;
      step.result = fmt::format(
          "not written, since the walk {}{}", report.interrupted ? "was interrupted" : "is red",
          std::filesystem::exists(arguments.record, failed) ? "; " + arguments.record + " is as it was" : "");
      return step;
    }
    const auto written_file = standin.proxy->write(arguments.record);
    step.outcome = written_file ? StepOutcome::passed : StepOutcome::failed;
    step.result = written_file ? counted(standin.proxy->answers(), "answer") + " kept, credentials scrubbed"
                               : written_file.error().message;
    return step;
  }
  step.done = "answers from " + arguments.replay;
  const auto missing = standin.proxy->missing();
  step.outcome = missing.empty() ? StepOutcome::passed : StepOutcome::failed;
  step.result = missing.empty() ? "every request was answered from it"
                                : fmt::format("it has no answer to {}", fmt::join(missing, "; "));
  if (!missing.empty())
    step.help = "The spec asks for something else than it did: record it anew with --record.";
  return step;
}

std::string against_what(const VerifyArguments& arguments, bool streams) {
  if (arguments.against == "mock") return "a mock of its spec";
  if (streams)
    return arguments.events.empty() ? "events made up for it" : "the events of " + arguments.events;
  return arguments.replay.empty() ? "its API" : "the cassette " + arguments.replay;
}

// The server that was named, or one of this command's own.
struct Server {
  std::unique_ptr<OwnServer> own;
  std::optional<ApiClient> client;
  std::string shown;
};

Result<Server> find_server(const VerifyArguments& arguments, const LocalLogin& login) {
  Server out;
  ServerOptions options = arguments.server;
  if (options.server.empty()) {
    auto networks = arguments.source.allow_network;
    networks.emplace_back("127.0.0.0/8");  // where a mock is
    out.own = TRY(OwnServer::start(networks, {"--commit-every", "1s"}));
    options = ServerOptions();
    options.server = out.own->url();
    options.data_dir = out.own->data_dir();
    out.shown = "a server of its own";
  } else {
    out.shown = options.server;
  }
  out.client.emplace(TRY(ApiClient::make(options, login)));
  return out;
}

// A second Ctrl-C does not wait for the deletion; what a server of its own holds goes with it.
void tell_left(const Verification& verification, const Server& server) {
  const auto left = verification.left();
  if (server.own || left.empty()) return;
  fmt::print(stderr, "Left on {}, to be deleted by hand, the last first:\n  {}\n", server.shown,
             fmt::join(left, "\n  "));
}

Result<int> execute(VerifyArguments& arguments, const LocalLogin& login) {
  const auto reports = TRY(read_reports(arguments.reports));
  // A run may take an hour: that its report has no place is told before.
  for (const auto& report : reports) TRY(OutputFile::check(report.path, OutputForm::file));
  if (!arguments.record.empty()) TRY(OutputFile::check(arguments.record, OutputForm::file));
  const auto file = TRY(read_spec_file(arguments.place));
  if (arguments.against == "mock" && !(arguments.record + arguments.replay).empty())
    return Error{ErrorKind::invalid_argument, "A cassette is of a real API; leave out --against mock."};
  // One with errors may merely lack its requests.
  const bool streams =
      domain::needs_no_requests(file.spec) && domain::can_run(domain::check_connection_spec(file.spec));
  if (!streams && !arguments.events.empty())
    return Error{ErrorKind::invalid_argument,
                 "--events are posted to the inlet of a streaming source; this one is asked. Leave it out."};
  if (arguments.against != "mock" && arguments.records > 0)
    return Error{ErrorKind::invalid_argument,
                 "--records says how many records a mock has; add --against mock, or leave it out."};
  const Interrupt interrupt;
  Standin standin;
  auto subject = TRY(read_subject(arguments, file, streams, interrupt.token(), standin));
  auto server = TRY(find_server(arguments, login));
  if (subject.tokens_are_servers)
    fmt::print(stderr,
               "The server refreshes this account's tokens by itself: where its source gives a new refresh "
               "token for each, that of {} is spent then. {}\n",
               arguments.source.auth,
               arguments.server.server.empty() || !arguments.record.empty()
                   ? "The new ones are not written into it, since authSpec takes no other token address."
                   : "Without --server the new ones are written into it.");
  SystemClock clock;
  VerifyReport report;
  constexpr std::size_t kNameMax = 200;
  report.source = printable(file.spec.string_at("name"), kNameMax);
  report.against = against_what(arguments, streams);
  report.server = server.shown;
  report.at = format_rfc3339(std::chrono::floor<std::chrono::seconds>(clock.now()));
  fmt::print("Verifying {} against {}, on {}\n", report.source, report.against, report.server);
  const auto watch = [](const VerifyStep& step) {
    fmt::print("{}", step_line(step));
    std::fflush(stdout);
  };
  Verification verification(*server.client, std::move(subject), watch, interrupt.token());
  const AtAbruptEnd told([&] { tell_left(verification, server); });
  report.steps = verification.run();
  if (standin.tokens_kept)
    fmt::print(stderr, "The account's tokens were refreshed; the newest stand in {}.\n",
               arguments.source.auth);
  report.interrupted = interrupt.token().stop_requested();
  if (auto step = cassette_step(arguments, standin, report)) {
    watch(*step);
    report.steps.push_back(*std::move(step));
  }
  fmt::print("{}", summary_line(report));
  for (const auto& [form, path] : reports) TRY(write_output_file(path, written(report, form)));
  if (report.interrupted) return kInterrupted;
  return report.is_green() ? kOk : kFailed;
}

}  // namespace

void add_source_verify(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command =
      family.add_subcommand("verify", "Walk a source through a server: account, run, records, second run");
  const auto arguments = std::make_shared<VerifyArguments>();  // Shared by the parser's callback.
  command->add_option("source", arguments->place, "The source's folder, or its connection spec")
      ->type_name("FOLDER|SPEC")
      ->capture_default_str();
  command
      ->add_option("--against", arguments->against,
                   "The source's real API, or a mock of its spec, which adds how faults are borne")
      ->check(CLI::IsMember({"source", "mock"}))
      ->capture_default_str();
  arguments->source.add_account_to(*command);
  command
      ->add_option("--allow-network", arguments->source.allow_network,
                   "Private network that the source may be in, for a server of its own (repeatable)")
      ->type_name("CIDR")
      ->envname("HEADWATER_ALLOW_NETWORK")
      ->delimiter(',');
  arguments->server.add_to(*command);
  command
      ->add_option("--report", arguments->reports,
                   "Writes a report: json, junit or html, and its file (repeatable)")
      ->type_name("FORM FILE")
      ->type_size(2)
      ->expected(-1);
  command->add_option("--records", arguments->records, "Of the mock; default: two and a half pages")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, authoring::kMockRecordsMax));
  constexpr std::int64_t kRunSecondsMax = 604'800;
  command->add_option("--timeout", arguments->timeout, "How long one run may take, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, kRunSecondsMax))
      ->capture_default_str();
  command
      ->add_option("--record", arguments->record,
                   "Keeps the source's answers in a cassette, credentials scrubbed")
      ->type_name("FILE");
  command->add_option("--replay", arguments->replay, "Answers from a cassette: no network, no credentials")
      ->type_name("FILE")
      ->excludes("--record");
  command
      ->add_option("--events", arguments->events,
                   "Events of a streaming source: JSON objects, one a line, or an array; default: made up")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command->add_flag("--keep", arguments->keep, "Leave all that was made on the server");
  command->footer(
      "Without --server (or HEADWATER_URL) it starts a server of its own on a temporary folder. All that it "
      "makes is\n"
      "named \"verify ...\" and deleted at the end, also after a failure.\n"
      "Exit codes: 0 every step passed, 1 one failed, 2 wrong usage or input, 130 interrupted.");
  command->callback([arguments, &exit_code, login] {
    const auto done = execute(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
