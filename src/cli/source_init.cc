#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "authoring/curl_command.h"
#include "authoring/har_file.h"
#include "authoring/openapi_operation.h"
#include "authoring/source_draft.h"
#include "authoring/source_folder.h"
#include "authoring/source_template.h"
#include "authoring/yaml_document.h"
#include "base/file.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/source_commands.h"
#include "cli/source_options.h"

namespace headwater::cli {
namespace {

struct InitArguments {
  std::string name;
  std::string folder = ".";
  std::string kind = "rest";
  std::string curl, openapi, operation, har;
  bool no_probe = false;
  bool force = false;
  SourceOptions source;  // how the probe reaches the API
};

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

authoring::SourceTexts texts_of(const InitArguments& arguments) {
  authoring::SourceTexts texts;
  texts.name = arguments.name;
  texts.label = authoring::title_of(arguments.name);
  const bool streaming = arguments.kind == "streaming";
  texts.category = streaming ? "streaming" : "protocols";
  texts.description = streaming ? "Events of " + texts.label + ", posted to an inlet as they happen."
                                : "Records of " + texts.label + ", fetched over its REST API.";
  return texts;
}

// What an API says of itself, where it would do in a catalog.
void take_texts(const authoring::ObservedRequest& request, authoring::SourceTexts& texts) {
  const auto fits = [](const std::string& text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && text.find_first_of("<>*`[]") == std::string::npos &&
           !text.starts_with(' ') && !text.ends_with(' ');
  };
  constexpr std::size_t kLabelMax = 60;
  constexpr std::size_t kDescriptionMax = 300;
  if (fits(request.label, kLabelMax)) texts.label = request.label;
  if (fits(request.description, kDescriptionMax)) texts.description = request.description + ".";
}

// JSON, or YAML where that may be; with or without the byte order mark that editors put before it.
Result<json::Value> read_document(const std::string& file, bool may_be_yaml) {
  constexpr std::uint64_t kBytesMax = 256U << 20;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  const std::string whole = TRY(read_file(file, kBytesMax));
  std::string_view text = whole;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto begin = text.find_first_not_of(" \t\r\n");
  const bool json = !may_be_yaml || (begin != std::string_view::npos && text[begin] == '{');
  auto document = json ? json::parse(text) : authoring::read_yaml(text);
  if (document) return document;
  Error error = document.error();
  error.message = file + (json ? ": " : " is no YAML: ") + error.message;
  return error;
}

Result<authoring::ObservedRequest> observed(const InitArguments& arguments) {
  if (!arguments.openapi.empty()) {
    const auto document = TRY(read_document(arguments.openapi, true));
    return authoring::observe_operation(document, arguments.operation);
  }
  if (!arguments.har.empty()) {
    const auto document = TRY(read_document(arguments.har, false));
    return authoring::observe_har(document);
  }
  std::string command = arguments.curl;
  if (command == "-") command.assign(std::istreambuf_iterator<char>(std::cin), {});
  auto sent = TRY(authoring::read_curl(command, environment));
  auto request = TRY(authoring::observe(std::move(sent)));
  if (arguments.no_probe) return request;
  if (request.has_placeholders) {
    request.notes.emplace_back("The command was not sent: it lacks the values of its placeholders.");
    return request;
  }
  const Interrupt interrupt;
  auto client = TRY(arguments.source.client_options());
  const auto asked = authoring::probe_answer(request, std::move(client), interrupt.token());
  if (!asked) {
    if (asked.error().kind == ErrorKind::cancelled) return asked.error();
    request.notes.push_back("The probe failed: " + asked.error().message);
  }
  return request;
}

// What a shell takes as one word.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

void print_next_step(const authoring::SourcePlace& place, const authoring::SourceDraft& draft) {
  std::string line = "headwater source try " + place.artifacts.parent_path().string();
  if (!draft.account.is_null()) {
    if (draft.has_credentials)
      fmt::print(stderr, "The credentials are in none of these files: they became inputs of the account. ");
    fmt::print(stderr, "Write an account of yours, outside of the repository, and try the source:\n");
    fmt::print(stderr, "  (umask 077; echo {} > account.json)\n", shell_quoted(draft.account.dump()));
    line += " --auth account.json";
  } else {
    fmt::print(stderr, "Try the source:\n");
  }
  for (const auto& [name, value] : draft.params)
    line += " --param " + name + "=" + (value.empty() ? "VALUE" : shell_quoted(value));
  fmt::print(stderr, "  {}\n", line);
}

Result<int> execute(const InitArguments& arguments) {
  TRY(authoring::check_source_name(arguments.name));
  const auto place = authoring::place_in(arguments.folder, arguments.name);
  const auto overwrite = arguments.force ? authoring::Overwrite::yes : authoring::Overwrite::no;
  if (!arguments.force) TRY(authoring::check_is_free(place));  // before anybody is called
  const bool from_request = !arguments.curl.empty() || !arguments.openapi.empty() || !arguments.har.empty();
  auto texts = texts_of(arguments);
  std::optional<authoring::SourceDraft> draft;
  json::Value spec;
  if (from_request) {
    const auto request = TRY(observed(arguments));
    draft = authoring::draft_source(request);
    take_texts(request, texts);
    spec = authoring::rest_spec(texts, draft->rest);
  } else {
    spec = arguments.kind == "streaming" ? authoring::streaming_spec(texts)
                                         : authoring::rest_spec(texts, authoring::rest_template());
  }
  TRY(authoring::write_source(place, authoring::make_artifacts(texts, spec), overwrite));
  for (const auto part : authoring::kArtifactParts) fmt::print("{}\n", place.file(part).string());
  if (!draft) return kOk;
  std::fflush(stdout);
  for (const auto& note : draft->notes) fmt::print(stderr, "note: {}\n", note);
  print_next_step(place, *draft);
  return kOk;
}

// Given, and with nothing in it, as an unset variable leaves it: a template is not what was meant.
std::string no_empty_word(const std::string& word) {
  return word.empty() ? "it is empty; is a variable not set?" : "";
}

void add_origins(CLI::App& command, InitArguments& arguments) {
  auto* kind = command.add_option("--template", arguments.kind, "What kind of source")
                   ->check(CLI::IsMember({"rest", "streaming"}))
                   ->capture_default_str();
  auto* curl = command
                   .add_option("--from-curl", arguments.curl,
                               "A curl command that works, as one argument; - for standard input")
                   ->type_name("COMMAND")
                   ->check(no_empty_word)
                   ->excludes(kind);
  auto* openapi =
      command.add_option("--from-openapi", arguments.openapi, "An OpenAPI 3 or Swagger 2 description")
          ->type_name("FILE")
          ->check(no_empty_word)
          ->excludes(kind)
          ->excludes(curl);
  command.add_option("--operation", arguments.operation, "Its operation: an operationId, or \"GET /path\"")
      ->type_name("ID")
      ->needs(openapi);
  command.add_option("--from-har", arguments.har, "A browser's record of its network traffic")
      ->type_name("FILE")
      ->check(no_empty_word)
      ->excludes(kind)
      ->excludes(curl)
      ->excludes(openapi);
  command.add_flag(
      "--no-probe", arguments.no_probe,
      "Do not send the curl command's request; of a description or a record none is sent in any case");
}

}  // namespace

void add_source_init(CLI::App& family, int& exit_code) {
  auto* command = family.add_subcommand("init", "Begin a source: its folder with all five artifacts");
  const auto arguments = std::make_shared<InitArguments>();  // Shared by the parser's callback.
  command->add_option("name", arguments->name, "Of the source, its folder and its files")
      ->required()
      ->type_name("NAME");
  command->add_option("--dir", arguments->folder, "The repository; the source is made in its Sources/NAME")
      ->type_name("FOLDER")
      ->capture_default_str();
  add_origins(*command, *arguments);
  command->add_flag("--force", arguments->force, "Write over the source's files that are there");
  arguments->source.add_network_to(*command);
  command->footer(
      "Prints the files that it wrote, Sources/NAME/Artifacts/NAME-*, and to standard error what it "
      "guessed.\n"
      "A curl command is sent once, as it is, to see an answer. Its credentials never land in a file. Give "
      "the\n"
      "command on standard input (--from-curl - < command.txt), or with \"$VARIABLE\" in it, to keep them "
      "out of\n"
      "the list of processes too.\n"
      "Example: headwater source init orders --from-curl 'curl -u \"ada:$PASSWORD\" "
      "https://api.example.com/orders?limit=50&offset=0'");
  command->callback([arguments, &exit_code] {
    const auto done = execute(*arguments);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace headwater::cli
