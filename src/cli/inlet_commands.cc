#include <CLI/CLI.hpp>

#include <memory>

#include "cli/commands.h"
#include "cli/inlet_send.h"
#include "cli/inlet_tail.h"
#include "cli/not_negative.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

// Their events have a form of their own, so no tables.
void add_output(CLI::App& command, std::string& output, const std::string& help) {
  command.add_option("--output", output, help)->check(CLI::IsMember({"text", "json"}));
}

void add_tail(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command = family.add_subcommand("tail", "Follow what it takes, rejects and quarantines, live");
  command->group("Commands");
  const auto arguments = std::make_shared<TailArguments>();  // Shared by the parser's callback.
  command->add_option("id", arguments->id, "Id of an inlet")->required()->type_name("ID");
  refuse_negative(
      command
          ->add_option("--count", arguments->count, "End after so many events; default: go on until Ctrl-C")
          ->type_name("N")
          ->check(CLI::PositiveNumber));
  add_output(*command, arguments->output, "text, or json: an object a line; default: text");
  arguments->server.add_to(*command);
  command->footer(
      "Shows what the server that is asked takes from now on, another server's events not. Values of "
      "members\n"
      "that are called like a credential (password, token, ...) are masked.\n"
      "Example: headwater inlet tail ID --output json");
  command->callback([arguments, login, &exit_code] {
    const auto done = [&]() -> Result<int> {
      auto client = TRY(ApiClient::make(arguments->server, login));
      return tail_inlet(*arguments, client);
    }();
    exit_code = done ? *done : report(done.error());
  });
}

void add_send_options(CLI::App& command, SendArguments& arguments) {
  command.add_option("to", arguments.to, "Id of an inlet, or its URL")->required()->type_name("ID|URL");
  command.add_option("file", arguments.file, "One JSON event a line; - for standard input")
      ->required()
      ->type_name("FILE");
  auto* single = command.add_flag("--single", arguments.single, "One event a request");
  command.add_option("--batch", arguments.batch, "At most so many events, and 1 MB, a request")
      ->type_name("N")
      ->check(CLI::Range(1, 20'000))
      ->capture_default_str()
      ->excludes(single);
  command.add_option("--connections", arguments.connections, "Requests at the same time; 1 keeps the order")
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_option("--rate", arguments.events_per_second, "Events a second; default: as fast as it goes")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command.add_option("--flow", arguments.flow, "Id of the flow they are for, where the inlet has several")
      ->type_name("ID");
  auto* secret = command
                     .add_option("--hmac-secret-file", arguments.secret_file,
                                 "File with the secret that requests are signed with; - for standard input")
                     ->type_name("FILE");
  command
      .add_flag("--timestamp", arguments.timestamp,
                "Sign the time as well, for an inlet with a replay window; by its id that is known")
      ->needs(secret);
  command.add_flag("--bearer", arguments.bearer,
                   "Send the access token as well, for an inlet that wants one; by its id that is known");
  add_output(command, arguments.output, "Form of the summary, text or json; default: text");
  arguments.server.add_to(command);
}

void add_send(CLI::App& family, int& exit_code, const LocalLogin& login) {
  auto* command = family.add_subcommand("send", "Send the events of a file to it");
  command->group("Commands");
  const auto arguments = std::make_shared<SendArguments>();  // Shared by the parser's callback.
  add_send_options(*command, *arguments);
  command->footer(
      "An id is looked up at the server, which tells the inlet's address and what it asks for; a URL needs\n"
      "neither server nor token. Requests that are answered 429 or 503 are sent again after a while, at "
      "most\n"
      "six times; when a connection breaks it ends, for events that were taken would come twice:\n"
      "the summary counts those without an answer.\n"
      "Exit codes: 0 all accepted, 4 some rejected, 1 failed, 2 wrong usage or input, 130 interrupted.\n"
      "Examples: headwater inlet send ID events.ndjson\n"
      "          headwater inlet send URL events.ndjson --single --connections 64 --rate 2000\n"
      "          tail -f log.ndjson | headwater inlet send URL - --hmac-secret-file secret.txt");
  command->callback([arguments, login, &exit_code] {
    const auto done = send_events(*arguments, login);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace

void add_inlet_commands(CLI::App& program, int& exit_code, const LocalLogin& login) {
  auto* family = program.get_subcommand("inlets");
  family->alias("inlet");
  add_tail(*family, exit_code, login);
  add_send(*family, exit_code, login);
}

}  // namespace headwater::cli
