#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/url.h"
#include "json/value.h"

namespace headwater::domain {

/// How a REST source executes: the connection spec's execution attributes, read once into values.
/// Texts still hold their placeholders. Source: REST-source reference, sections 2 to 8.
struct UrlParams {
  std::string host;  // empty: the auth params' host
  std::string path;
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> query;
};

/// contentPath or explodeEntityPath (section 7).
struct EntityPath {
  std::string path;                // as written, "$.data.rows"
  std::vector<std::string> names;  // member names when the path is dotted; empty for the root
  bool dotted = true;              // member names alone, quoted or not; false: full JSONPath (our extension)
  std::optional<std::vector<std::string>> skip;
  std::optional<std::vector<std::string>> keep;
  std::string wrapper;  // overrideWrapperAttribute, or the last name of the path
  bool operator==(const EntityPath&) const = default;
};

enum class PagingType : std::uint8_t { none, offset, pointer, continuation_token, page };
enum class ParameterPlace : std::uint8_t { query, header, body };

struct EndCondition {
  enum class Test : std::uint8_t { constant, empty, non_exist, exist };
  std::string header;              // "headers.x-more" -> "x-more"; else empty
  std::vector<std::string> names;  // body path
  Test test = Test::constant;
  std::string constant;
  bool operator==(const EndCondition&) const = default;
};

struct Paging {
  PagingType type = PagingType::none;
  std::string limit_name;
  std::string limit_value;  // as it is sent
  std::int64_t limit = 0;   // its number; 0 when not given
  std::string offset_name;
  std::string page_name;
  std::int64_t initial_page = 0;
  std::optional<std::int64_t> end_page;
  std::string end_page_header;  // "headers.x-pagecount" -> "x-pagecount"
  std::vector<std::string> pointer_path;
  std::string pointer_header;  // "headers.link" -> "link": the link stands there and not in the body
  std::vector<std::string> token_path;
  std::string token_header;  // "headers.x-next" -> "x-next": the token stands there and not in the body
  ParameterPlace token_place = ParameterPlace::query;  // parameterType; also of limit, offset and page
  std::string token_name;
  std::chrono::milliseconds delay{0};
  std::int64_t request_max = 0;  // maximumRequest; 0: none (PAGE defaults to 10000)
  std::optional<EndCondition> end_condition;
  std::vector<std::string> total_path;  // our extension totalPath: records the source says it has
  bool declared = false;                // false: the spec says nothing about paging, and NONE is meant
  bool operator==(const Paging&) const = default;
};

/// scheduleParams of a spec (section 8).
struct ScheduleParams {
  bool advance = false;
  std::string start_name, end_name;  // simple
  std::string start_format, end_format;
  std::string param_format;  // ADVANCE
  std::string incremental, backfill;
  bool operator==(const ScheduleParams&) const = default;
  bool empty() const { return !advance && start_name.empty() && end_name.empty(); }
};

struct SourceSpec {
  UrlParams url;
  std::vector<std::pair<std::string, std::string>> headers;
  json::Value body;  // bodyParams: object or string; null when absent
  std::optional<EntityPath> content;
  std::optional<EntityPath> explode;
  Paging paging;
  ScheduleParams schedule;
  json::Value schema;                   // the author's schema of the raw answer, or null
  std::vector<std::string> record_key;  // our extension recordKey: path within a shaped record
  json::Value inputs;                   // JSON schema of the source connection's params
};

/// Reads the execution description of a connection spec, all three generations of documents, for the
/// given source connection params (a well-known attribute that the spec leaves to the user is taken from
/// them). Errors: invalid_argument with every problem, pointers into the spec (or into "/params").
Result<SourceSpec> read_source_spec(const json::Value& connection_spec, const json::Value& params);

/// Member names of a dotted path: "$.data.rows", "data.rows", "$" and "" (no names: the root). nullopt when
/// it is more than that (indexes, filters, wildcards, brackets).
std::optional<std::vector<std::string>> read_dotted_path(std::string_view path);
/// As read_dotted_path, also with quoted names in brackets: "$['@odata.nextLink']".
std::optional<std::vector<std::string>> read_member_path(std::string_view path);

/// The names that hold execution attributes ("urlParams", ...), wherever a document keeps them.
bool is_execution_attribute(std::string_view name);
/// True when `value`, found under an execution attribute's name, is a JSON Schema that describes an input.
bool is_input_schema(const json::Value& value);

/// A spec without REST execution: streaming, or with no source part at all.
bool needs_no_requests(const json::Value& connection_spec);

/// read_source_spec that goes on past problems and collects them. Without `params` (checking a document)
/// what the user will supply is taken as supplied.
SourceSpec read_source_spec(const json::Value& connection_spec, const json::Value* params,
                            std::vector<Problem>& problems);

}  // namespace headwater::domain
