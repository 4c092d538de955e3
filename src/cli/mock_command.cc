#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "authoring/mock_server.h"
#include "base/output_file.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/not_negative.h"
#include "cli/report.h"
#include "cli/spec_file.h"

namespace headwater::cli {
namespace {

struct MockArguments {
  std::string spec;
  std::uint64_t records = 0, seed = 1;
  std::vector<std::string> faults;
  std::string listen = "127.0.0.1:0";
  std::string params, write;
};

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> read_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : json::Value(text.substr(colon + 1)).as_int64_lenient();
  if (!port || *port < 0 || *port > 65535 || colon == 0)
    return Error{ErrorKind::invalid_argument,
                 "--listen \"" + text + "\" must be written as ADDRESS:PORT, such as 127.0.0.1:8090."};
  return Address{text.substr(0, colon), static_cast<std::uint16_t>(*port)};
}

// Each name once. Errors: invalid_argument, for a place between commas that holds none.
Result<std::vector<std::string>> read_faults(const std::vector<std::string>& lists) {
  std::vector<std::string> out;
  for (const auto& list : lists)
    for (std::size_t begin = 0; begin <= list.size();) {
      const auto end = std::min(list.find(',', begin), list.size());
      auto name = list.substr(begin, end - begin);
      begin = end + 1;
      if (name.empty())
        return Error{ErrorKind::invalid_argument,
                     "--faults \"" + list + "\" has an empty place; write names with a comma between two."};
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
  return out;
}

// What `run` and `preview` need to read the mock.
Result<void> write_documents(const authoring::MockServer& mock, const std::filesystem::path& folder) {
  TRY(make_folders(folder));
  TRY(write_output_file(folder / "connectionSpec.json", mock.spec().dump(2) + "\n"));
  TRY(write_output_file(folder / "params.json", mock.params().dump(2) + "\n"));
  for (std::size_t i = 0; i < mock.accounts().size(); ++i) {
    const auto& account = mock.accounts()[i];
    const auto name = i == 0 ? std::string("account.json") : fmt::format("account-{}.json", i + 1);
    TRY(write_output_file(folder / name, account.dump(2) + "\n", 0600));
  }
  return {};
}

void print_counts(const authoring::MockCounts& counts) {
  fmt::print("{}: {} with {}, {}, {} struck by faults, {} unauthorized, {} refused\n",
             counted(counts.requests, "request"), counted(counts.pages, "page"),
             counted(counts.records, "record"), counted(counts.tokens, "token request"), counts.faults,
             counts.unauthorized, counts.refused);
  if (!counts.last_refusal.empty()) fmt::print("last refused: {}\n", printable(counts.last_refusal, 300));
}

Result<int> execute(const MockArguments& arguments) {
  const auto file = TRY(read_spec_file(arguments.spec));
  const auto address = TRY(read_address(arguments.listen));
  authoring::MockOptions options{arguments.records, arguments.seed, {}};
  if (!arguments.params.empty()) options.params = TRY(read_json_file(arguments.params));
  const auto names = TRY(read_faults(arguments.faults));
  std::vector<authoring::MockFault> faults;
  faults.reserve(names.size());
  for (const auto& name : names) faults.push_back(TRY(authoring::read_mock_fault(name)));
  const Interrupt interrupt;
  const auto mock = TRY(authoring::MockServer::make(file.spec, options, address.host, address.port));
  mock->set_faults(faults);
  if (!arguments.write.empty()) TRY(write_documents(*mock, arguments.write));
  fmt::print("mock listening on {}\n{}", mock->base(), authoring::describe(*mock));
  if (!names.empty()) fmt::print("  faults       {}\n", fmt::join(names, ", "));
  if (!arguments.write.empty())
    fmt::print(
        "  try          headwater run {0}/connectionSpec.json --auth {0}/account.json --params "
        "{0}/params.json --allow-network 127.0.0.0/8\n",
        arguments.write);
  fmt::print("Ctrl-C ends it.\n");
  if (std::fflush(stdout) != 0) return kFailed;
  interrupt.wait();
  print_counts(mock->counts());
  return kOk;
}

}  // namespace

void add_mock_command(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("mock", "Serve a fake API that behaves as a connection spec says");
  const auto arguments = std::make_shared<MockArguments>();  // Shared by the parser's callback.
  command->add_option("spec", arguments->spec, "The connection spec, or the folder of its source")
      ->required()
      ->type_name("SPEC|FOLDER");
  command->add_option("--records", arguments->records, "How many; default: two and a half pages")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, authoring::kMockRecordsMax));
  command
      ->add_option("--faults", arguments->faults,
                   "How it misbehaves: 429, 5xx, truncate, slow, repeat-cursor, drift")
      ->type_name("FAULT,...");
  command->add_option("--listen", arguments->listen, "Address and port; port 0 picks a free one")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  refuse_negative(
      command->add_option("--seed", arguments->seed, "Number and seed decide every byte of the records")
          ->capture_default_str());
  command
      ->add_option("--params", arguments->params,
                   "File with the source connection's params; default: made up")
      ->type_name("FILE");
  command
      ->add_option("--write", arguments->write,
                   "Writes connectionSpec.json, account.json and params.json for the mock there")
      ->type_name("FOLDER");
  command->footer(
      "Prints where it is, which credentials it takes and what it expects; at the end what it served.\n"
      "429, 5xx and truncate strike the second page once and pass when it is asked for again.");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
