#include "cli/verbs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <iterator>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "base/url.h"
#include "cli/batch_files.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/secret_file.h"

namespace headwater::cli {
namespace {

Result<QueryParams> pairs_of(const std::vector<std::string>& texts) {
  QueryParams params;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{ErrorKind::invalid_argument, "--query \"" + text + "\" must be written as name=value."};
    params.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return params;
}

// The request's path without its query: {id} filled in.
std::string path_of(const Resource& resource, const Verb& verb, std::string_view id) {
  std::string path(verb.path);
  if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, percent_encode(id));
  return path.starts_with("/data/") ? path : std::string(resource.path) + path;
}

std::string with_query(std::string path, const QueryParams& params) {
  if (params.empty()) return path;
  return path + (path.find('?') == std::string::npos ? "?" : "&") + format_query(params);
}

// A document that is no JSON is refused here: the message then names the file.
Result<std::string> read_document(const std::string& file) {
  std::string text;
  if (file == "-")
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  else
    text = TRY(read_file(file));
  const auto document = json::parse(text);
  if (!document)
    return Error{ErrorKind::invalid_argument,
                 (file == "-" ? "Standard input" : file) + " is no JSON: " + document.error().message};
  return text;
}

// The etag to send: the caller's, or where one must be sent the resource's current one.
Result<std::string> etag_for(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                             ApiClient& client) {
  if (!arguments.if_match.empty() || (verb.takes & kEtag) == 0) return arguments.if_match;
  const auto current =
      TRY(client.call("GET", std::string(resource.path) + "/" + percent_encode(arguments.id)));
  const auto items = items_of(current);
  return items.empty() ? std::string() : std::string(items.front().string_at("etag"));
}

Result<std::string> window_body(const VerbArguments& arguments) {
  json::Object body;
  if (!arguments.since.empty())
    body.set("windowStartTime", epoch_seconds(TRY(parse_rfc3339(arguments.since))));
  if (!arguments.until.empty()) body.set("windowEndTime", epoch_seconds(TRY(parse_rfc3339(arguments.until))));
  return body.empty() ? std::string() : json::Value(std::move(body)).dump();
}

Result<std::string> rotation_body(const VerbArguments& arguments) {
  json::Object body;
  if (!arguments.secret_file.empty()) {
    const auto secret = TRY(read_secret(arguments.secret_file));
    body.set("secret", secret.reveal());
  }
  if (arguments.grace_seconds) body.set("graceSeconds", *arguments.grace_seconds);
  return json::Value(std::move(body)).dump();
}

Result<int> call_once(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                      ApiClient& client) {
  QueryParams query = TRY(pairs_of(arguments.query));
  if (arguments.draft) query.emplace_back("mode", "draft");
  if (arguments.validate) query.emplace_back("validate", "only");
  if (!arguments.params.empty())
    query.emplace_back("sourceParams", crypto::base64(TRY(read_document(arguments.params))));
  std::string body;
  if ((verb.takes & kBody) != 0) body = TRY(read_document(arguments.file));
  if ((verb.takes & kWindow) != 0) body = TRY(window_body(arguments));
  if ((verb.takes & kSecret) != 0) body = TRY(rotation_body(arguments));
  http::Headers headers;
  if ((verb.takes & (kEtag | kIfMatch)) != 0) {
    const std::string etag = TRY(etag_for(resource, verb, arguments, client));
    if (!etag.empty()) headers.emplace_back("If-Match", etag);
  }
  const std::string path = with_query(path_of(resource, verb, arguments.id), query);
  const auto answer = TRY(client.call(verb.method, path, std::move(body), headers));
  if (verb.shape == Shape::silent) return kOk;
  print_answer(answer, form_of(arguments.output, false), resource.columns);
  return kOk;
}

// What asks for the page behind this one; nullopt at the end.
std::optional<std::pair<std::string, std::string>> next_page(const ListForm& form, const json::Value& answer,
                                                             std::size_t count, std::size_t asked,
                                                             std::size_t pages, std::size_t items) {
  switch (form.paging) {
    case Paging::whole:
      return std::nullopt;
    case Paging::link: {
      const auto* href = answer.find_path("_links.next.href");
      if (href == nullptr || !href->is_string()) return std::nullopt;
      const std::string& text = *href->if_string();
      for (auto& [name, value] : parse_query(text.substr(std::min(text.size(), text.find('?') + 1))))
        if (name == "continuationToken" || name == "start") return std::pair(name, value);
      return std::nullopt;
    }
    case Paging::offset:
      if (count < asked) return std::nullopt;
      return std::pair(std::string("start"), std::to_string(items));
    case Paging::pages:
      if (count < asked) return std::nullopt;
      return std::pair(std::string("start"), std::to_string(pages));
  }
  return std::nullopt;
}

// A service answers a name alone as a projection, or as a condition that hardly anything meets.
Result<void> check_condition(const std::string& text) {
  if (text.find_first_of("=<>~") != std::string::npos) return {};
  return Error{
      ErrorKind::invalid_argument,
      "--property \"" + text +
          "\" is no condition: write MEMBER, operator (==, !=, <, <=, >, >=) and VALUE in quotes, for "
          "example 'state==enabled', 'id==a,b' or 'connectionSpec.id==ID'."};
}

Result<QueryParams> list_query(const Resource& resource, const VerbArguments& arguments) {
  QueryParams query;
  for (const auto& condition : arguments.property) {
    TRY(check_condition(condition));
    query.emplace_back(resource.list.property, condition);
  }
  if (!arguments.orderby.empty()) query.emplace_back(resource.list.orderby, arguments.orderby);
  for (auto& pair : TRY(pairs_of(arguments.query))) query.push_back(std::move(pair));
  return query;
}

json::Value search_body(const VerbArguments& arguments, std::optional<unsigned> limit) {
  json::Object body{{"queryString", arguments.text}};
  if (limit) body.set("limit", static_cast<std::int64_t>(*limit));
  if (!arguments.orderby.empty()) body.set("orderby", arguments.orderby);
  if (!arguments.fields.empty()) body.set("projectionFields", arguments.fields);
  return body;
}

// With --all page by page to the end; otherwise one page, as the server gives it.
Result<int> print_list(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                       ApiClient& client) {
  const bool search = verb.shape == Shape::search;
  const Form form = form_of(arguments.output, true);
  QueryParams query = search ? TRY(pairs_of(arguments.query)) : TRY(list_query(resource, arguments));
  auto limit = arguments.limit;
  if (arguments.all && !limit && resource.list.page_max > 0) limit = resource.list.page_max;
  if (limit && !search) query.emplace_back("limit", std::to_string(*limit));
  const std::string body = search ? search_body(arguments, limit).dump() : std::string();
  const std::string path = path_of(resource, verb, "");
  ItemPrinter printer(form, resource.columns);
  std::size_t pages = 0;
  std::size_t items = 0;
  QueryParams page_query = query;
  while (true) {
    const auto answer = TRY(client.call(verb.method, with_query(path, page_query), body));
    auto page = items_of(answer);
    ++pages;
    items += page.size();
    const auto next = next_page(resource.list, answer, page.size(), limit.value_or(0), pages, items);
    if (!arguments.all) {
      print_answer(answer, form, resource.columns);
      if (form == Form::table && next && resource.list.paging == Paging::link)
        fmt::print(stderr, "There are more: --all shows them.\n");
      return kOk;
    }
    const bool ends = !next || page.empty();
    printer.add(std::move(page));
    if (ends) break;
    page_query = query;
    page_query.push_back(*next);
  }
  printer.finish();
  return kOk;
}

Result<int> send_files(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                       ApiClient& client) {
  const Interrupt interrupt;
  if (verb.shape == Shape::put) {
    TRY(put_files(client, arguments.id, arguments.upload.files, interrupt.token()));
    return kOk;
  }
  const auto batch = TRY(upload_batch(client, arguments.upload, interrupt.token()));
  print_answer(batch, form_of(arguments.output, false), resource.columns);
  return report_batch(batch);
}

std::string run_line(const json::Value& run) {
  const auto number = [&run](std::string_view path) {
    const auto* value = run.find_path(path);
    return value == nullptr ? std::string("-") : value->dump();
  };
  const auto* status = run.find_path("metrics.statusSummary.status");
  return fmt::format("{}  read {}  written {}  failed {}",
                     status != nullptr && status->is_string() ? *status->if_string() : "?",
                     number("metrics.recordSummary.inputRecordCount"),
                     number("metrics.recordSummary.outputRecordCount"),
                     number("metrics.recordSummary.failedRecordCount"));
}

// The exit code of a run that has ended; nullopt while it goes on.
std::optional<int> ended(const json::Value& run) {
  const auto* value = run.find_path("metrics.statusSummary.status");
  const std::string status = value != nullptr && value->is_string() ? *value->if_string() : "";
  if (status == "success") return kOk;
  if (status == "partialSuccess") return kPartial;
  if (status != "failed") return std::nullopt;
  const auto* errors = run.find_path("metrics.statusSummary.errors");
  if (errors != nullptr && errors->is_array())
    for (const auto& error : *errors->if_array())
      fmt::print(stderr, "{}: {}\n", error.string_at("code"), tame(std::string(error.string_at("message"))));
  return kFailed;
}

// Follows a run to its end, a line whenever something changed.
Result<int> watch_run(const std::string& path, ApiClient& client) {
  const Interrupt interrupt;
  SystemClock clock;
  std::string last;
  while (true) {
    const auto answer = TRY(client.call("GET", path));
    const auto items = items_of(answer);
    if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no run."};
    const std::string line = run_line(items.front());
    if (line != last)
      fmt::print("{}  {}\n", format_rfc3339(from_epoch_seconds(epoch_seconds(clock.now()))), line);
    std::fflush(stdout);
    last = line;
    if (const auto exit_code = ended(items.front())) return *exit_code;
    if (!clock.wait_for(std::chrono::milliseconds(500), interrupt.token())) return kInterrupted;
  }
}

}  // namespace

Result<int> execute_verb(const Resource& resource, const Verb& verb, const VerbArguments& arguments,
                         ApiClient& client) {
  switch (verb.shape) {
    case Shape::list:
    case Shape::search:
      return print_list(resource, verb, arguments, client);
    case Shape::one:
    case Shape::silent:
      return call_once(resource, verb, arguments, client);
    case Shape::watch:
      return watch_run(path_of(resource, verb, arguments.id), client);
    case Shape::upload:
    case Shape::put:
      return send_files(resource, verb, arguments, client);
    case Shape::files:
    case Shape::meta:
      break;
  }
  const auto listing = verb.shape == Shape::files ? data_files : diagnostic_files;
  const auto files = TRY(listing(client, path_of(resource, verb, arguments.id)));
  if (!arguments.to.empty()) return download_files(client, files, arguments.to);
  print_files(files, form_of(arguments.output, true));
  return kOk;
}

}  // namespace headwater::cli
