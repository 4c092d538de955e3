#include "authoring/mock_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/spec_check.h"

namespace headwater::authoring {
namespace {

using domain::PagingType;
using domain::TextTemplate;
using json::Array;
using json::Object;
using json::Value;

Error unsuitable(std::string message, std::string where) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where)};
}

// What of a host's text stands behind its authority: "https://${d}.example.test/v2" -> "/v2".
std::string path_of_host(std::string_view host) {
  const auto scheme = host.find("://");
  const auto slash = host.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  if (slash == std::string_view::npos) return {};
  auto path = host.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

Result<std::string> pattern_of(const domain::UrlParams& url) {
  std::string_view path = url.path;
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto parsed = TRY(TextTemplate::parse(path_of_host(url.host) + "/" + std::string(path)));
  std::string pattern;
  for (const auto& part : parsed.parts()) {
    if (part.kind != TextTemplate::PartKind::literal) {
      if (!pattern.ends_with('*')) pattern += '*';
      continue;
    }
    const auto question = part.text.find('?');
    pattern += part.text.substr(0, question);
    if (question != std::string::npos) break;
  }
  return pattern;
}

// The params of a source connection: those given, and for what else is required something that fits.
Value sample_params(const Value& inputs, const Value& given) {
  Object out = given.is_object() ? *given.if_object() : Object{};
  const auto* properties = inputs.find("properties");
  const auto* required = inputs.find("required");
  if (properties == nullptr || required == nullptr || !required->is_array()) return out;
  for (const auto& name : *required->if_array())
    if (const auto* text = name.if_string(); text != nullptr && !out.contains(*text))
      if (const auto* schema = properties->find(*text)) out.set(*text, sample_of(*schema, *text));
  return out;
}

// The schema of an element where the author wrote down what the answer is like.
Value element_schema(const Value& answer, const std::vector<std::string>& content) {
  const Value* place = &answer;
  for (const auto& name : content) {
    const auto* properties = place->find("properties");
    place = properties == nullptr ? nullptr : properties->find(name);
    if (place == nullptr) return {};
  }
  const auto* items = place->find("items");
  return items == nullptr ? Value() : *items;
}

std::vector<std::string> behind_wrapper(std::vector<std::string> names, const MockPlan& plan) {
  if (!plan.content.empty() && !names.empty() && plan.spec.content &&
      names.front() == plan.spec.content->wrapper)
    names.erase(names.begin());
  return names;
}

// "['name']", "[*]" or "[3]", taken from the front.
std::optional<MockStep> take_bracket(std::string_view& path) {
  constexpr std::size_t kIndexMax = 100;
  const auto close = path.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  const auto inner = path.substr(1, close - 1);
  path.remove_prefix(close + 1);
  if (inner == "*") return MockStep{MockStep::Kind::every, {}, 0};
  const bool quoted = inner.size() >= 2 && (inner[0] == '\'' || inner[0] == '"') && inner.back() == inner[0];
  if (quoted) return MockStep{MockStep::Kind::name, std::string(inner.substr(1, inner.size() - 2)), 0};
  const auto index = Value(std::string(inner)).as_int64_lenient();
  if (!index || *index < 0 || *index > static_cast<std::int64_t>(kIndexMax)) return std::nullopt;
  return MockStep{MockStep::Kind::index, {}, static_cast<std::size_t>(*index)};
}

// The steps of a JSONPath of names, wildcards and indexes; "..name" is played as if the name stood right
// there. nullopt for filters, slices and unions.
std::optional<std::vector<MockStep>> read_steps(std::string_view path) {
  std::vector<MockStep> steps;
  if (path.starts_with('$')) path.remove_prefix(1);
  while (!path.empty()) {
    while (path.starts_with('.')) path.remove_prefix(1);
    if (path.starts_with('[')) {
      auto step = take_bracket(path);
      if (!step) return std::nullopt;
      steps.push_back(*std::move(step));
      continue;
    }
    const auto end = std::min(path.find_first_of(".["), path.size());
    const auto name = path.substr(0, end);
    if (name.empty() || name.find_first_of("()?,:@ ") != std::string_view::npos) return std::nullopt;
    steps.push_back(name == "*" ? MockStep{MockStep::Kind::every, {}, 0}
                                : MockStep{MockStep::Kind::name, std::string(name), 0});
    path.remove_prefix(end);
  }
  return steps;
}

Result<void> read_content_path(MockPlan& plan) {
  const auto& path = plan.spec.content->path;
  if (auto names = domain::read_member_path(path)) {
    plan.content = *std::move(names);
    return {};
  }
  const auto steps = read_steps(path);
  if (!steps)
    return unsuitable(
        "A mock can serve names, wildcards and indexes as contentPath, such as "
        "$.groups[*].items; \"" +
            path + "\" is more than that.",
        "/sourceSpec/attributes/contentPath/path");
  auto step = steps->begin();
  for (; step != steps->end() && step->kind == MockStep::Kind::name; ++step)
    plan.content.push_back(step->name);
  plan.wrapping.assign(step, steps->end());
  return {};
}

Result<void> read_content(MockPlan& plan) {
  const auto& spec = plan.spec;
  if (spec.content) {
    TRY(read_content_path(plan));
    for (const auto* list : {&spec.content->keep, &spec.content->skip})
      if (*list) plan.siblings.insert(plan.siblings.end(), (*list)->begin(), (*list)->end());
  }
  const auto& paging = spec.paging;
  const bool reads_answer = !paging.token_path.empty() || !paging.pointer_path.empty() ||
                            !paging.total_path.empty() ||
                            (paging.end_condition && !paging.end_condition->names.empty());
  if (plan.content.empty() && reads_answer)
    return unsuitable(
        "paginationParams read a member of the answer, and without contentPath the answer of the mock is the "
        "array of records itself: say where the records are.",
        "/sourceSpec/attributes/contentPath");
  if (spec.explode) {
    const auto names = domain::read_member_path(spec.explode->path);
    if (!names)
      return unsuitable("A mock can serve member names as explodeEntityPath, such as $.item.lines.",
                        "/sourceSpec/attributes/explodeEntityPath/path");
    plan.shape.nested_array = behind_wrapper(*names, plan);
    if (!plan.shape.nested_array.empty()) plan.records_per_element = MockRecords::kNested;
  }
  if (plan.wrapping.empty()) plan.shape.schema = element_schema(spec.schema, plan.content);
  plan.shape.key = behind_wrapper(spec.record_key, plan);
  return {};
}

// Three pages, the last one half full, unless the spec ends earlier.
std::uint64_t usual_records(const domain::Paging& paging, std::uint64_t page_size) {
  constexpr std::uint64_t kSinglePage = 25;
  if (paging.type == PagingType::none) return kSinglePage;
  const std::uint64_t last = std::max<std::uint64_t>(1, page_size / 2);
  std::uint64_t pages = 3;
  if (paging.request_max > 0) pages = std::min(pages, static_cast<std::uint64_t>(paging.request_max));
  if (paging.end_page)
    pages = std::min(pages, static_cast<std::uint64_t>(
                                std::max<std::int64_t>(1, *paging.end_page - paging.initial_page + 1)));
  return (pages - 1) * page_size + last;
}

bool is_oauth(std::string_view type) { return type.find("OAuth2") != std::string_view::npos; }

// Which parameters of an account a mock gives: those that are required, and those that its type needs.
std::vector<std::string> account_names(const Value& entry) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  const auto type = entry.string_at("type");
  if (const auto* required = entry.find_path("spec.required"); required != nullptr && required->is_array())
    for (const auto& name : *required->if_array())
      if (const auto* text = name.if_string()) add(*text);
  if (type == "BasicAuthentication")
    for (const char* name : {"username", "password"}) add(name);
  const auto* properties = entry.find_path("spec.properties");
  const auto has = [properties](std::string_view name) {
    return properties != nullptr && properties->find(name) != nullptr;
  };
  if (is_oauth(type)) {
    for (const char* name : {"clientId", "clientSecret", "refreshToken", "authorizationTestUrl"})
      if (has(name)) add(name);
    if (type == "OAuth2RefreshCode") add("accessToken");
    if (has("accessTokenUrl") || !has("tokenEndpoint"))
      add("accessTokenUrl");
    else
      add("tokenEndpoint");
    if (type != "OAuth2RefreshCode")
      for (const char* name : {"clientId", "clientSecret"}) add(name);
  }
  if (has("host")) add("host");
  if (properties != nullptr && properties->is_object())
    for (const auto& [name, schema] : *properties->if_object())
      if (schema.find("restAttributes") != nullptr) add(name);
  if (type == "apiKey") add("value");
  return names;
}

Value account_value(std::string_view name, const Value* schema, std::string_view base) {
  if (name == "host") return std::string(base);
  if (name == "accessTokenUrl" || name == "tokenEndpoint")
    return std::string(base) + std::string(kMockTokenPath);
  if (name == "authorizationTestUrl") return std::string(base) + std::string(kMockTestPath);
  const bool is_text =
      schema == nullptr || schema->string_at("type") == "string" || schema->find("type") == nullptr;
  const bool is_secret = schema != nullptr && schema->string_at("format") == "password";
  if (is_text && (is_secret || schema == nullptr ||
                  (schema->find("enum") == nullptr && schema->find("const") == nullptr &&
                   schema->find("default") == nullptr)))
    return "mock-" + std::string(name);
  return sample_of(*schema, std::string(name));
}

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from_star = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      from_star = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++from_star;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

Result<MockPlan> MockPlan::make(const Value& connection_spec, const MockOptions& options) {
  const auto problems = domain::check_connection_spec(connection_spec);
  if (!domain::can_run(problems)) {
    auto error = unsuitable("The connection spec cannot run.", "");
    error.problems = problems;
    return error;
  }
  if (domain::needs_no_requests(connection_spec))
    return unsuitable("The source is a streaming one: it is posted to, so there is no API to play.", "/type");
  MockPlan plan;
  plan.name = std::string(connection_spec.string_at("name"));
  plan.connection_spec = connection_spec;
  std::vector<Problem> ignored;
  const auto unread = domain::read_source_spec(connection_spec, nullptr, ignored);
  plan.params = sample_params(unread.inputs, options.params);
  plan.spec = TRY(domain::read_source_spec(connection_spec, plan.params));
  plan.path_pattern = TRY(pattern_of(plan.spec.url));
  plan.shape.seed = options.seed;
  TRY(read_content(plan));
  constexpr std::uint64_t kPageMax = 10'000;
  if (plan.spec.paging.limit > 0)
    plan.page_size = std::min(static_cast<std::uint64_t>(plan.spec.paging.limit), kPageMax);
  plan.records = options.records > 0 ? options.records : usual_records(plan.spec.paging, plan.page_size);
  return plan;
}

std::vector<Value> MockPlan::accounts(std::string_view base) const {
  std::vector<Value> out;
  const auto* entries = connection_spec.find("authSpec");
  if (entries != nullptr && entries->is_array())
    for (const auto& entry : *entries->if_array()) {
      Object given;
      const auto* properties = entry.find_path("spec.properties");
      for (const auto& each : account_names(entry))
        given.set(each, account_value(each, properties == nullptr ? nullptr : properties->find(each), base));
      out.emplace_back(Object{{"specName", entry.string_at("name")}, {"params", std::move(given)}});
    }
  if (out.empty()) out.emplace_back();
  return out;
}

Value MockPlan::params_with_host(Value params, std::string_view base) {
  auto* url = params.find("urlParams");
  if (url == nullptr || !url->is_object()) return params;
  const auto path = path_of_host(url->string_at("host"));
  url->if_object()->set("host", std::string(base) + path);
  return params;
}

Value MockPlan::with_host(Value connection_spec, std::string_view base) {
  for (const char* place :
       {"sourceSpec.attributes", "sourceSpec.spec.properties", "sourceSpec.attributes.spec.properties"}) {
    const auto* found = connection_spec.find_path(place);
    const auto* url = found == nullptr ? nullptr : found->find("urlParams");
    if (url == nullptr || !url->is_object() || domain::is_input_schema(*url)) continue;
    // The documents are walked by names again, for a change.
    Value* at = &connection_spec;
    std::string_view names = place;
    while (!names.empty()) {
      const auto dot = std::min(names.find('.'), names.size());
      at = at->find(names.substr(0, dot));
      names.remove_prefix(std::min(dot + 1, names.size()));
    }
    Object& change = *at->find("urlParams")->if_object();
    const auto* host = change.find("host") != nullptr ? change.find("host") : change.find("hostname");
    const std::string path =
        host != nullptr && host->is_string() ? path_of_host(*host->if_string()) : std::string();
    change.erase("hostname");
    change.set("host", std::string(base) + path);
    break;
  }
  return connection_spec;
}

}  // namespace headwater::authoring
