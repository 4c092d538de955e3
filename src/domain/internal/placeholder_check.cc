#include "domain/internal/placeholder_check.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "domain/internal/plain_name.h"
#include "json/pointer.h"

namespace headwater::domain {
namespace {

void declare(const json::Value* schema, std::set<std::string>& names) {
  if (!schema) return;
  if (const auto* properties = schema->find("properties"); properties && properties->is_object())
    for (const auto& [name, value] : *properties->if_object())
      if (!is_execution_attribute(name)) names.insert(name);
  if (const auto* required = schema->find("required"); required && required->is_array())
    for (const auto& name : *required->if_array())
      if (const auto* text = name.if_string()) names.insert(*text);
}

}  // namespace

PlaceholderCheck::PlaceholderCheck(const json::Value& spec, const SpecReader& places, ProblemList& problems)
    : places_(places), problems_(problems) {
  declare(spec.find_path("sourceSpec.spec"), inputs_);
  declare(spec.find_path("sourceSpec.attributes.spec"), inputs_);
  const auto* auth = spec.find("authSpec");
  if (const auto* entries = auth ? auth->if_array() : nullptr)
    for (const auto& entry : *entries) {
      std::set<std::string> names;
      declare(entry.find("spec"), names);
      for (const auto& name : names) ++auth_counts_[name];
      per_auth_.push_back(std::move(names));
    }
  for (const auto& name : inputs_) meant_by_.insert_or_assign(plain_name(name), name);
  for (const auto& [name, count] : auth_counts_) meant_by_.insert_or_assign(plain_name(name), name);
}

bool PlaceholderCheck::is_declared(const std::string& name) const {
  return inputs_.contains(name) || auth_counts_.contains(name);
}

// How many authentications declare a name, or what it begins with.
std::size_t PlaceholderCheck::declaring(const std::string& name, const std::string& head) const {
  const auto count = [this](const std::string& each) {
    const auto found = auth_counts_.find(each);
    return found == auth_counts_.end() ? std::size_t{0} : found->second;
  };
  if (name == head || count(head) == 0 || count(name) == 0) return std::max(count(name), count(head));
  return static_cast<std::size_t>(std::count_if(per_auth_.begin(), per_auth_.end(), [&](const auto& names) {
    return names.contains(name) || names.contains(head);
  }));
}

void PlaceholderCheck::check_name(const std::string& name, const std::string& pointer) {
  const std::string head = name.substr(0, name.find('.'));
  if (is_declared(name) || is_declared(head)) {
    if (inputs_.contains(name) || inputs_.contains(head)) return;
    if (declaring(name, head) < per_auth_.size())
      problems_.warning(pointer, "Not every authentication declares \"" + name + "\".",
                        "With the others this text cannot be filled.");
    return;
  }
  if (problems_.is_full(Severity::error)) return;
  std::string hint = "Declare \"" + name + "\" in sourceSpec.spec.properties or in the authSpec's schema.";
  if (const auto meant = meant_by_.find(plain_name(name)); meant != meant_by_.end())
    hint = "Did you mean \"" + meant->second + "\"?";
  problems_.error(pointer, "The placeholder \"" + name + "\" is no declared parameter.", std::move(hint));
}

void PlaceholderCheck::check_text(const std::string& text, const std::string& pointer,
                                  const ScheduleParams& schedule, TextTemplate::Braces braces) {
  using Kind = TextTemplate::PartKind;
  const auto parsed = TextTemplate::parse(text, braces);
  if (!parsed) {
    problems_.error(pointer, parsed.error().message, "Placeholders are ${name}, {{name}} and @{expression}.");
    return;
  }
  for (const auto* each : parsed->placeholders()) {
    const auto& part = *each;
    if (part.kind == Kind::name) check_name(part.text, pointer);
    if (part.kind == Kind::brace_name && is_declared(part.text))
      problems_.warning(pointer, "\"{" + part.text + "}\" is read as \"${" + part.text + "}\".",
                        "Write it so.");
    if (part.kind == Kind::schedule_query && !schedule.advance)
      problems_.error(pointer, "{SCHEDULE_QUERY} stands here, but scheduleParams is not of type ADVANCE.",
                      "Give scheduleParams type ADVANCE, incremental and backfill.");
    if ((part.kind == Kind::start_time || part.kind == Kind::end_time) && schedule.empty())
      problems_.warning(pointer, "A time of the window stands here, but there are no scheduleParams.",
                        "The default format is used.");
    if (part.expression) check_parameters(*part.expression, pointer);
  }
}

void PlaceholderCheck::check_parameters(const Expression& expression, const std::string& pointer) {
  for (const auto& use : expression.parameters())
    if (!use.safe && use.name != "ingestionStart" && use.name != "ingestionEnd")
      check_name(use.name, pointer);
}

void PlaceholderCheck::check_request(const SourceSpec& source) {
  const std::string url = places_.find("urlParams").pointer;
  const auto& schedule = source.schedule;
  if (!places_.find("urlParams").from_user) {
    check_text(source.url.host, url + "/host", schedule, TextTemplate::Braces::may_be_names);
    if (places_.find("urlParams").value && source.url.host.empty() && !is_declared("host"))
      problems_.warning(url + "/host", "There is no host, and no authentication declares \"host\".",
                        "Write https://${domain}.example.com");
  }
  check_text(source.url.path, url + "/path", schedule);
  for (const auto& [name, value] : source.url.query)
    check_text(value, url + "/queryParams/" + json::escape_pointer_token(name), schedule);
  const std::string headers = places_.find("headerParams").pointer;
  for (const auto& [name, value] : source.headers)
    check_header(name, value, headers + "/" + json::escape_pointer_token(name), schedule);
  check_body(source.body, places_.find("bodyParams").pointer, schedule, 0);
  check_text(source.paging.limit_value, places_.find("paginationParams").pointer + "/limitValue", schedule);
  if (!source.body.is_null() && source.url.method == "GET")
    problems_.warning(places_.find("bodyParams").pointer,
                      "A GET request has no body; bodyParams is not used.", "Set method to POST.");
}

void PlaceholderCheck::check_header(const std::string& name, const std::string& value,
                                    const std::string& pointer, const ScheduleParams& schedule) {
  constexpr std::string_view kTokenChars = "!#$%&'*+-.^_`|~";
  const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenChars.find(c) != std::string_view::npos;
  });
  if (!good)
    problems_.error(pointer, "\"" + name + "\" is no header name.", "Use letters, digits and hyphens.");
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    problems_.error(pointer, "A header value cannot hold line breaks.", "Remove them.");
  check_text(value, pointer, schedule);
}

void PlaceholderCheck::check_body(const json::Value& body, const std::string& pointer,
                                  const ScheduleParams& schedule, int depth) {
  if (depth > 100) return;
  if (const auto* text = body.if_string()) check_text(*text, pointer, schedule);
  if (const auto* object = body.if_object())
    for (const auto& [name, value] : *object)
      check_body(value, pointer + "/" + json::escape_pointer_token(name), schedule, depth + 1);
  if (const auto* list = body.if_array())
    for (std::size_t i = 0; i < list->size(); ++i)
      check_body((*list)[i], pointer + "/" + std::to_string(i), schedule, depth + 1);
}

void PlaceholderCheck::check_schedule(const SourceSpec& source) {
  const auto found = places_.find("scheduleParams");
  if (!found.value) return;
  const auto& schedule = source.schedule;
  for (const auto& [name, format] : {std::pair{"scheduleStartParamFormat", &schedule.start_format},
                                     std::pair{"scheduleEndParamFormat", &schedule.end_format},
                                     std::pair{"paramFormat", &schedule.param_format}}) {
    const auto formatted = format_dotnet(from_epoch_seconds(0), *format);
    if (!formatted && found.value->find(name))
      problems_.error(found.pointer + "/" + name,
                      "Bad date format \"" + *format + "\": " + formatted.error().message,
                      "Use tokens such as yyyy-MM-ddTHH:mm:ssK.");
    else if (found.value->find(name) && format->find("YYYY") != std::string::npos)
      problems_.warning(found.pointer + "/" + name, "\"YYYY\" is literal text in this format language.",
                        "Years are yyyy, days dd.");
  }
  if (!schedule.advance) {
    const std::string type = std::string(found.value->string_at("type"));
    if (!type.empty() && plain_name(type) != "simple")
      problems_.warning(found.pointer + "/type", "The type \"" + type + "\" is read as simple scheduling.",
                        "ADVANCE is the only other type.");
    return;
  }
  check_schedule_text(schedule.incremental, found.pointer + "/incremental", true);
  check_schedule_text(schedule.backfill, found.pointer + "/backfill", false);
  check_schedule_use(source, found.pointer);
}

void PlaceholderCheck::check_schedule_text(const std::string& text, const std::string& pointer,
                                           bool has_start) {
  using Kind = TextTemplate::PartKind;
  const auto parsed = TextTemplate::parse(text);
  if (!parsed) {
    problems_.error(pointer, parsed.error().message, "Use {START_TIME} and {END_TIME}.");
    return;
  }
  for (const auto* part : parsed->placeholders()) {
    if (part->kind == Kind::name) check_name(part->text, pointer);
    if (part->expression) check_parameters(*part->expression, pointer);
    if (part->kind == Kind::schedule_query)
      problems_.error(pointer, "{SCHEDULE_QUERY} stands for this very text.",
                      "Use {START_TIME} and {END_TIME}.");
  }
  if (!has_start && parsed->uses(Kind::start_time))
    problems_.error(pointer, "{START_TIME} has no value when everything is read.",
                    "backfill may use {END_TIME} only.");
  if (has_start && !text.empty() && !parsed->uses(Kind::start_time))
    problems_.warning(pointer, "The text does not use {START_TIME}: every run reads the same again.",
                      "Write ... > {START_TIME}.");
}

void PlaceholderCheck::check_schedule_use(const SourceSpec& source, const std::string& pointer) {
  const auto uses = [](std::string_view text) {
    return text.find("{SCHEDULE_QUERY}") != std::string_view::npos;
  };
  bool used = uses(source.url.path) || uses(source.url.host) || uses(source.body.dump());
  for (const auto& [name, value] : source.url.query) used = used || uses(value);
  for (const auto& [name, value] : source.headers) used = used || uses(value);
  if (!used) {
    problems_.warning(pointer, "Nothing uses {SCHEDULE_QUERY}: the window never reaches the source.",
                      "Put it into a query parameter.");
    return;
  }
  const auto& schedule = source.schedule;
  if (schedule.incremental.empty() && !schedule.backfill.empty())
    problems_.warning(pointer + "/incremental",
                      "There is no text for runs with a lower bound: {SCHEDULE_QUERY} is empty, and each of "
                      "them reads everything.",
                      "Write the query with {START_TIME} and {END_TIME}.");
  // An expression may see to it itself.
  bool asks_for_start = source.url.path.find("ingestionStart") != std::string::npos;
  for (const auto& [name, value] : source.url.query)
    asks_for_start = asks_for_start || value.find("ingestionStart") != std::string::npos;
  if (schedule.backfill.empty() && !schedule.incremental.empty() && !asks_for_start)
    problems_.warning(pointer + "/backfill",
                      "There is no text for a run without a lower bound: {SCHEDULE_QUERY} is empty then.",
                      "Write the query with {END_TIME} only.");
}

}  // namespace headwater::domain
