#include <algorithm>
#include <cctype>
#include <cstdint>

#include "api/internal/account.h"
#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/url.h"

// GET /connections/{id}/explore and /configs. Source: Flow Service reference, section 10.
namespace headwater::api::connections {
namespace {

using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

// What the source of a REST connection is called: the one object that there is to explore.
constexpr std::string_view kObject = "json";
constexpr int kColumnDepthMax = 16;

// Names are spelled in several ways: fileType, FileType, FILE_TYPE (reference section 1).
bool same_name(std::string_view sent, std::string_view name) {
  std::string plain(sent);
  std::erase(plain, '_');
  return equal_ignoring_case(plain, name);
}

std::string explore_param(const Call& call, std::string_view name) {
  for (const auto& [key, value] : call.request.query)
    if (same_name(key, name)) return value;
  return {};
}

Result<Value> read_source_params(const std::string& sent) {
  const std::string encoded = percent_decode(sent);
  if (encoded.empty()) return Value(Object{});
  const auto text = crypto::base64_decode(encoded);
  auto params = text ? json::parse(*text, {.depth_max = kBodyDepthMax})
                     : Result<Value>(Error{ErrorKind::invalid_argument, ""});
  if (!params || !params->is_object())
    return bad_request("CONNECTOR-1389-400", "sourceParams",
                       "sourceParams must be the base64 text of a JSON object, such as e30= for {}.");
  return *std::move(params);
}

enum class Explored : std::uint8_t { listing, records };

Result<Explored> read_explore(const Call& call) {
  const std::string type = explore_param(call, "objectType");
  if (equal_ignoring_case(type, "root")) return Explored::listing;
  if (!equal_ignoring_case(type, "rest") && !equal_ignoring_case(type, "file"))
    return bad_request("CONNECTOR-1334-400", "objectType",
                       "objectType must be rest for this source: objectType=rest&object=json&fileType=json; "
                       "root lists what there is.");
  const std::string object = explore_param(call, "object");
  if (!object.empty() && !equal_ignoring_case(object, kObject))
    return bad_request("CONNECTOR-1335-400", "object", "object must be json for this source.");
  const std::string file_type = explore_param(call, "fileType");
  if (!file_type.empty() && !equal_ignoring_case(file_type, kObject))
    return bad_request("CONNECTOR-1336-400", "fileType", "fileType must be json for this source.");
  const std::string preview = explore_param(call, "preview");
  if (!preview.empty() && !Value(preview).as_bool_lenient())
    return bad_request("CONNECTOR-1337-400", "preview", "preview must be true or false.");
  return Explored::records;
}

http::Response listing() {
  const Object source{
      {"type", "file"}, {"name", kObject}, {"path", kObject}, {"canPreview", true}, {"canFetchSchema", true}};
  return http::Response::json(200, Array{Value(source)});
}

Result<Value> preview_of(const Call& call, const domain::Resource& connection, Value params) {
  const auto account = TRY(open_account(call, connection));
  if (is_streaming(account.spec))
    return bad_request("CONNECTOR-1334-400", "",
                       "A streaming connection has nothing to explore: its events are sent, not fetched.");
  TRY(check_source_params(account.spec, params, "sourceParams"));
  auto preview = call.services.sources.preview(draft_of(call, account, std::move(params), connection.id));
  if (!preview) return source_error(std::move(preview).error());
  return preview;
}

// One column for each member that holds a value, named by its path.
void add_columns(const Value& schema, const std::string& prefix, int depth, Array& out) {
  const Value* members = schema.find("properties");
  if (members == nullptr || members->if_object() == nullptr || depth == kColumnDepthMax) return;
  for (const auto& [name, member] : *members->if_object()) {
    const std::string path = prefix + name;
    const std::string_view type = member.string_at("type");
    if (type == "object" && member.find("properties") != nullptr)
      add_columns(member, path + ".", depth + 1, out);
    else
      out.emplace_back(Object{{"columnName", path}, {"columnType", type.empty() ? "string" : type}});
  }
}

}  // namespace

Result<http::Response> explore(const Call& call) {
  const auto connection = TRY(call.store().get(call.scope(), ResourceKind::connection, call.id()));
  if (TRY(read_explore(call)) == Explored::listing) return listing();
  auto params = TRY(read_source_params(explore_param(call, "sourceParams")));
  auto preview = TRY(preview_of(call, connection, std::move(params)));
  if (Object* answer = preview.if_object();
      answer != nullptr && !equal_ignoring_case(explore_param(call, "preview"), "true"))
    answer->erase("data");
  return http::Response::json(200, preview);
}

// A source's columns depend on its params: with sourceParams they are read from its first page.
Result<http::Response> configs(const Call& call) {
  const auto connection = TRY(call.store().get(call.scope(), ResourceKind::connection, call.id()));
  const std::string encoded = explore_param(call, "sourceParams");
  Array columns;
  if (!encoded.empty()) {
    auto params = TRY(read_source_params(encoded));
    const auto preview = TRY(preview_of(call, connection, std::move(params)));
    if (const Value* schema = preview.find("schema")) add_columns(*schema, "", 0, columns);
  }
  return http::Response::json(200, Object{{"items", std::move(columns)}});
}

}  // namespace headwater::api::connections
