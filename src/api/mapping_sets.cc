#include <algorithm>
#include <cctype>

#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/wiring.h"
#include "base/crypto.h"
#include "domain/record_schema.h"
#include "json/record.h"
#include "mapping/expression.h"
#include "mapping/mapping_set_json.h"

namespace headwater::api::mapping_sets {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kSupportVersion = "1.1";
// Replaced versions, kept for flows that pin them; lists leave them out.
constexpr std::string_view kReplaced = "replaced";

std::string new_id() { return crypto::random_hex(16); }

Value or_null(const Value* value) { return value == nullptr ? Value() : *value; }

// The attributes that an expression reads; none for one that was stored unchecked and does not parse.
Value attributes_of(const mapping::Row& row) {
  Array out;
  if (row.type != mapping::SourceType::expression) return out;
  if (const auto expression = mapping::Expression::compile(row.source))
    for (auto& path : expression->attributes()) out.emplace_back(std::move(path));
  return out;
}

// A row as it is answered: both notations, and the audit members (reference A.3).
Value stored_row(const Call& call, const Value& sent, const mapping::Row& row) {
  const auto now = call.now_ms();
  const auto flag = [&sent](std::string_view name) {
    const Value* value = sent.find(name);
    return value != nullptr && value->as_bool_lenient().value_or(false);
  };
  Object out{{"id", new_id()},
             {"version", 0},
             {"createdDate", now},
             {"modifiedDate", now},
             {"createdBy", call.caller.actor.user},
             {"modifiedBy", call.caller.actor.user},
             {"sourceType", mapping::wire_name(row.type)},
             {"source", row.source},
             {"destination", row.destination}};
  for (const std::string_view name : {std::string_view("name"), std::string_view("description")})
    if (const Value* text = sent.find(name)) out.set(name, *text);
  out.set("identity", flag("identity"));
  out.set("primaryIdentity", flag("primaryIdentity"));
  for (const std::string_view name : {std::string_view("identityGroup"), std::string_view("namespaceCode")})
    if (const Value* text = sent.find(name); text != nullptr && !text->is_null()) out.set(name, *text);
  out.set("matchScore", json::Number{"0.0"});
  out.set("functionVersion", 1);
  out.set("expressionAttributes", attributes_of(row));
  out.set("sourceAttribute", row.source);
  out.set("destinationXdmPath", row.destination);
  return out;
}

// The document that is stored: what was sent, its rows completed, and the schema reference in every spelling.
Value stored_body(const Call& call, const Value& sent, const mapping::MappingSet& set, std::int64_t version) {
  Object out{{"version", version}, {"supportVersion", kSupportVersion}};
  if (const Value* name = sent.find("name")) out.set("name", *name);
  if (const Value* input = sent.find("inputSchema")) out.set("inputSchema", *input);
  if (!set.schema_id.empty()) {
    const Object reference{{"id", set.schema_id}, {"contentType", set.content_type}};
    Object output;
    if (const Value* given = sent.find("outputSchema"); given != nullptr && given->is_object())
      output = *given->if_object();
    output.set("schemaRef", reference);
    out.set("outputSchema", std::move(output));
    out.set("schemaRef", reference);
    out.set("xdmSchema", set.schema_id);
    out.set("xdmVersion", set.content_type);
  }
  const Value* rows_sent = sent.find("mappings");
  Array rows;
  for (std::size_t index = 0; index < set.rows.size(); ++index)
    rows.emplace_back(stored_row(call, (*rows_sent->if_array())[index], set.rows[index]));
  out.set("mappings", std::move(rows));
  out.set("status", "PUBLISHED");
  const Value* strict = sent.find("strictMapping");
  out.set("strictMapping", strict != nullptr && strict->as_bool_lenient().value_or(false));
  out.set("allowNullValues", set.allow_nulls);
  if (const Value* tags = sent.find("tags")) out.set("tags", *tags);
  return out;
}

Value short_form(const Resource& set) {
  return Object{{"id", set.id},
                {"version", or_null(set.body.find("version"))},
                {"createdDate", set.created_at_ms},
                {"modifiedDate", set.updated_at_ms},
                {"createdBy", set.created_by},
                {"modifiedBy", set.updated_by}};
}

// A replaced version answers under its set's id.
Value full_form(const Resource& set) {
  Object out = *short_form(set).if_object();
  out.set("id", std::string_view(set.id).substr(0, set.id.find('.')));
  for (const auto& [name, value] : *set.body.if_object()) out.set(name, value);
  return out;
}

// The target schema of a set, when the registry has it.
Result<Value> target_schema(const Call& call, const mapping::MappingSet& set) {
  if (set.schema_id.empty()) return Value();
  const auto schema = TRY(call.store().find(call.scope(), ResourceKind::schema, set.schema_id));
  return schema ? domain::record_schema(schema->body) : Value();
}

// The full form, with the target schema where expandSchema asks for it.
Result<Value> answered(const Call& call, const Resource& set) {
  Value full = full_form(set);
  const auto expand = call.request.query_param("expandSchema");
  if (!expand || !Value(*expand).as_bool_lenient().value_or(false)) return full;
  const auto rows = TRY(mapping::read_mapping_set(set.body));
  const auto schema = TRY(target_schema(call, rows));
  if (Value* output = full.find("outputSchema"); output != nullptr && !schema.is_null())
    output->if_object()->set("jsonSchema", schema.dump());
  return full;
}

Result<mapping::MappingSet> read(const Value& body, std::vector<mapping::RowProblem>* unreadable = nullptr) {
  if (const Value* rows = body.find("mappings"); rows == nullptr || !rows->is_array())
    return bad_request("CONNECTOR-1302-400", "/mappings", "A mapping set needs mappings: an array of rows.");
  return mapping::read_mapping_set(body, unreadable);
}

constexpr std::string_view kUnfilled = "No row gives the required field ";

// Rows are added and removed one by one: a set that is changed so may lack some for a while.
enum class Completeness : std::uint8_t { wanted, not_yet };

Result<mapping::MappingSet> read_checked(const Call& call, const Value& body, Completeness completeness) {
  auto set = TRY(read(body));
  const auto schema = TRY(target_schema(call, set));
  Error error = bad_request("FLOW-1419-400", "", "The mapping set cannot be used.");
  for (const auto& problem : mapping::check(set, schema))
    error.problems.push_back({"/mappings/" + std::to_string(problem.row) + "/" + problem.member,
                              problem.reason, problem.hint, Severity::error});
  if (completeness == Completeness::wanted)
    for (const auto& field : mapping::unfilled_fields(set, schema))
      error.problems.push_back({"/mappings", std::string(kUnfilled) + field + ".",
                                "Map it, or no record will be valid.", Severity::error});
  if (error.problems.empty()) return set;
  error.where = error.problems.front().pointer;
  return error;
}

// One element of validationResponse, for one row.
Value row_result(const mapping::Row& row, const std::vector<const mapping::RowProblem*>& problems) {
  if (problems.empty()) return Object{{"status", "SUCCESS"}, {"errors", Value()}};
  Array errors;
  for (const mapping::RowProblem* problem : problems)
    errors.emplace_back(Object{{"source", row.source},
                               {"destination", row.destination},
                               {"sourceType", mapping::wire_name(row.type)},
                               {"columnName", Value()},
                               {"exception", problem->reason}});
  return Object{{"status", "FAILED"}, {"errors", std::move(errors)}};
}

// What is wrong with the set as a whole; an element behind those of the rows. The members are texts by the
// API's description also where there is no row.
Value set_result(const std::vector<std::string>& unfilled) {
  Array errors;
  for (const auto& field : unfilled)
    errors.emplace_back(Object{{"source", ""},
                               {"destination", field},
                               {"sourceType", mapping::wire_name(mapping::SourceType::attribute)},
                               {"columnName", Value()},
                               {"exception", std::string(kUnfilled) + field}});
  return Object{{"status", "FAILED"}, {"errors", std::move(errors)}};
}

// One sample record through the set, as `{data, errors}`.
Result<Value> transformed(const mapping::Mapping& rows, mapping::Mapping::Scratch& scratch,
                          const Value& sample, const std::string& where) {
  if (!sample.is_object())
    return bad_request("CONNECTOR-1302-400", where, "A sample record must be a JSON object.");
  json::RecordParser parser;
  json::RecordGroup in;
  json::RecordGroup out;
  in.append(sample.dump());
  std::vector<mapping::Mapping::Failure> failures;
  rows.apply(TRY(parser.parse(in[0])), scratch, out, failures);
  out.close_text();
  Array errors;
  for (const auto& failure : failures) {
    const mapping::Row& row = rows.row(failure.row);
    errors.emplace_back(Object{{"source", row.source},
                               {"destination", row.destination},
                               {"sourceType", mapping::wire_name(row.type)},
                               {"columnName", Value()},
                               {"exception", failure.reason}});
  }
  Value data = TRY(json::parse(out[0]));
  Value problems = errors.empty() ? Value() : Value(std::move(errors));
  return Value(Object{{"data", std::move(data)}, {"errors", std::move(problems)}});
}

Result<mapping::Mapping> compiled(const Call& call, const Value& set) {
  const auto checked = [&]() -> Result<mapping::Mapping> {
    const auto rows = TRY(read(set));
    return mapping::Mapping::compile(rows, TRY(target_schema(call, rows)));
  };
  auto rows = checked();
  if (rows) return rows;
  Error error = std::move(rows).error();
  for (Problem& problem : error.problems) problem.pointer = "/mappingSet" + problem.pointer;
  error.where = "/mappingSet" + error.where;
  return error;
}

// `validate=false` stores rows that cannot be used yet; a flow refuses them.
Result<bool> wants_check(const Call& call) {
  const auto text = call.request.query_param("validate");
  if (!text) return true;
  const auto flag = Value(*text).as_bool_lenient();
  if (!flag) return bad_request("FLOW-1412-400", "validate", "validate must be true or false.");
  return *flag;
}

// The set's next version, with the rows of `body`. The replaced one stays readable: flows pin it.
// Errors: stale_etag, somebody else has stored a version meanwhile.
Result<Resource> store_next(const Call& call, const Resource& current, const Value& body,
                            Completeness completeness) {
  const auto set = TRY(read_checked(call, body, completeness));
  const Value* number = current.body.find("version");
  const std::int64_t version = number == nullptr ? 0 : number->as_int64().value_or(0);
  const Value next = stored_body(call, body, set, version + 1);
  Resource kept = current;
  kept.id += "." + std::to_string(version);
  kept.state = kReplaced;
  const auto change = [&call, &next](Resource resource) -> Result<Resource> {
    resource.body = next;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    // First, so that of two writers the second meets the etag, not the first one's kept version.
    stored = TRY(transaction.update(call.scope(), current.kind, current.id, change, current.etag));
    TRY(transaction.insert(kept));
    return {};
  };
  TRY(call.store().transact(work));
  return stored;
}

// The set to be changed: its last version.
Result<Resource> current_set(const Call& call) {
  auto current = TRY(call.store().get(call.scope(), ResourceKind::mapping_set, call.id()));
  if (current.state == kReplaced)
    return Error{ErrorKind::not_found, "mappingSets with this id does not exist", "", "FLOW-1439-404"};
  TRY(check_if_match(call, current));
  return current;
}

// Stores what `change` makes of the last version's document. A caller who names no version means whichever is
// the last: the change is made anew when another one came first.
template <class Change>
Result<Resource> store_changed(const Call& call, Change change,
                               Completeness completeness = Completeness::not_yet) {
  constexpr int kAttemptsMax = 50;
  for (int attempt = 1;; ++attempt) {
    const auto current = TRY(current_set(call));
    Value body = current.body;
    TRY(change(body));
    auto stored = store_next(call, current, body, completeness);
    const bool lost_race = !stored && stored.error().kind == ErrorKind::stale_etag;
    if (!lost_race || if_match(call) || attempt == kAttemptsMax) return stored;
  }
}

Result<std::size_t> row_index(const Call& call, const Value& body) {
  const Value* rows = body.find("mappings");
  const auto* list = rows == nullptr ? nullptr : rows->if_array();
  for (std::size_t index = 0; list != nullptr && index < list->size(); ++index)
    if ((*list)[index].string_at("id") == call.request.path_param("mapping_id")) return index;
  return Error{ErrorKind::not_found, "The mapping set has no row of this id.", "", "FLOW-1439-404"};
}

Array& rows_of(Value& body) { return *body.if_object()->operator[]("mappings").if_array(); }

Result<Resource> get_set(const Call& call) {
  std::optional<std::int64_t> version;
  if (const auto text = call.request.query_param("version")) {
    version = Value(*text).as_int64_lenient();
    if (!version) return bad_request("FLOW-1412-400", "version", "version must be a whole number.");
  }
  auto set = TRY(find_mapping_set(call, call.id(), version));
  if (set && set->state != kReplaced) return *std::move(set);
  if (set && version) return *std::move(set);
  return Error{ErrorKind::not_found, "mappingSets with this id does not exist", "", "FLOW-1439-404"};
}

Result<std::int64_t> number_param(const Call& call, std::string_view name, std::int64_t fallback) {
  const auto text = call.request.query_param(name);
  if (!text) return fallback;
  const auto number = Value(*text).as_int64_lenient();
  if (!number || *number < 0)
    return bad_request("FLOW-1451-400", std::string(name),
                       std::string(name) + " must be a whole number from 0.");
  return *number;
}

Result<domain::ListQuery> list_query(const Call& call) {
  domain::ListQuery query;
  query.filters.push_back({{{"state", false}}, domain::FilterOp::not_equal, {std::string(kReplaced)}});
  if (const auto name = call.request.query_param("name"))
    query.filters.push_back({{{"name", false}}, domain::FilterOp::equal, {std::string(*name)}});
  for (const auto& [name, text] : call.request.query)
    if (name == "property") query.filters.push_back(TRY(domain::parse_filter(text)));
  std::string_view order = call.request.query_param("orderBy").value_or("");
  if (order.empty()) return query;
  const bool descending = order.front() == '-';
  // "+" arrives as the space that it stands for in a query.
  if (descending || order.front() == '+' || order.front() == ' ') order.remove_prefix(1);
  const bool created = order == "createdDate";
  if (!created && order != "updatedDate" && order != "lastUpdateDate" && order != "modifiedDate")
    return bad_request("FLOW-1412-400", "orderBy",
                       "orderBy must be createdDate or updatedDate, with + or - before it.");
  query.order = {{{{created ? "createdAt" : "updatedAt", false}}, descending}};
  return query;
}

}  // namespace

Result<http::Response> list(const Call& call) {
  const auto limit = TRY(number_param(call, "limit", 10));
  const auto start = TRY(number_param(call, "start", 0));
  const auto query = TRY(list_query(call));
  const auto page = TRY(call.store().list(call.scope(), ResourceKind::mapping_set, query));
  Array data;
  const auto size = static_cast<std::int64_t>(page.items.size());
  // `start` counts pages.
  const std::int64_t first = limit == 0 || start > size / limit ? size : start * limit;
  for (std::int64_t index = first; index < std::min(size, first + std::min<std::int64_t>(limit, 1000));
       ++index)
    data.push_back(TRY(answered(call, page.items[static_cast<std::size_t>(index)])));
  Object paging{{"count", static_cast<std::int64_t>(data.size())}, {"limit", limit}};
  return http::Response::json(200, Object{{"data", std::move(data)}, {"_page", std::move(paging)}});
}

Result<http::Response> create(const Call& call) {
  const auto body = TRY(object_body(call));
  const bool checked = TRY(wants_check(call));
  const auto set = TRY(checked ? read_checked(call, body, Completeness::wanted) : read(body));
  return store_new(
      call, new_resource(call, ResourceKind::mapping_set, stored_body(call, body, set, 0), {}, new_id()),
      [](const domain::Resource& stored) {
        return http::Response::json(200, short_form(stored)).with_header("ETag", stored.etag.value);
      });
}

Result<http::Response> validate(const Call& call) {
  const auto body = TRY(object_body(call));
  std::vector<mapping::RowProblem> unreadable;
  const auto set = TRY(read(body, &unreadable));
  const auto schema = TRY(target_schema(call, set));
  const auto problems = mapping::check(set, schema);
  // Both in the order of the rows.
  auto misread = unreadable.cbegin();
  auto faulty = problems.cbegin();
  Array answer;
  for (std::size_t index = 0; index < set.rows.size(); ++index) {
    std::vector<const mapping::RowProblem*> own;
    for (; misread != unreadable.cend() && misread->row == index; ++misread) own.push_back(&*misread);
    const bool readable = own.empty();
    for (; faulty != problems.cend() && faulty->row == index; ++faulty)
      if (readable) own.push_back(&*faulty);
    answer.emplace_back(row_result(set.rows[index], own));
  }
  if (const auto unfilled = mapping::unfilled_fields(set, schema); !unfilled.empty())
    answer.push_back(set_result(unfilled));
  return http::Response::json(200, Object{{"validationResponse", std::move(answer)}});
}

// The answer mirrors the input: an array of samples gives an array (reference A.5, choice DP-02).
Result<http::Response> preview(const Call& call) {
  const auto body = TRY(object_body(call));
  const Value* set = body.find("mappingSet");
  const Value* data = body.find("data");
  if (set == nullptr || !set->is_object())
    return bad_request("CONNECTOR-1304-400", "/mappingSet", "mappingSet is required: the rows to try.");
  if (data == nullptr || (!data->is_object() && !data->is_array()))
    return bad_request("CONNECTOR-1304-400", "/data",
                       "data is required: a sample record, or an array of them.");
  const auto rows = TRY(compiled(call, *set));
  mapping::Mapping::Scratch scratch;
  if (data->is_object()) return http::Response::json(200, TRY(transformed(rows, scratch, *data, "/data")));
  Array answer;
  for (const Value& sample : *data->if_array())
    answer.push_back(TRY(transformed(rows, scratch, sample, "/data/" + std::to_string(answer.size()))));
  return http::Response::json(200, answer);
}

Result<http::Response> lookup(const Call& call) {
  const auto set = TRY(get_set(call));
  const Value full = TRY(answered(call, set));
  return http::Response::json(200, full).with_header("ETag", set.etag.value);
}

Result<http::Response> replace(const Call& call) {
  const auto sent = TRY(object_body(call));
  const auto change = [&sent](Value& body) -> Result<void> {
    body = sent;
    return {};
  };
  const auto stored = TRY(store_changed(call, change, Completeness::wanted));
  return http::Response::json(200, full_form(stored)).with_header("ETag", stored.etag.value);
}

// A changed row makes the set's next version, as a changed set does.
Result<http::Response> add_row(const Call& call) {
  const auto row = TRY(object_body(call));
  const auto change = [&row](Value& body) -> Result<void> {
    rows_of(body).push_back(row);
    return {};
  };
  const auto stored = TRY(store_changed(call, change));
  return http::Response::json(200, short_form(stored)).with_header("ETag", stored.etag.value);
}

Result<http::Response> replace_row(const Call& call) {
  const auto row = TRY(object_body(call));
  std::size_t index = 0;
  const auto change = [&](Value& body) -> Result<void> {
    index = TRY(row_index(call, body));
    rows_of(body)[index] = row;
    return {};
  };
  auto stored = TRY(store_changed(call, change));
  return http::Response::json(200, rows_of(stored.body)[index]).with_header("ETag", stored.etag.value);
}

Result<http::Response> remove_row(const Call& call) {
  const auto change = [&call](Value& body) -> Result<void> {
    const auto index = TRY(row_index(call, body));
    rows_of(body).erase(rows_of(body).begin() + static_cast<std::ptrdiff_t>(index));
    return {};
  };
  const auto stored = TRY(store_changed(call, change));
  return http::Response::json(200, short_form(stored)).with_header("ETag", stored.etag.value);
}

Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.lock(call.scope(), ResourceKind::mapping_set, call.id()));
    const auto flows = TRY(count_where(transaction, call.scope(), ResourceKind::flow,
                                       "transformations[].params.mappingId", call.id()));
    if (flows > 0)
      return bad_request("FLOW-1417-400", "",
                         "The mapping set is in use by " + std::to_string(flows) + " flow(s).");
    return transaction.remove(call.scope(), ResourceKind::mapping_set, call.id(), if_match(call));
  };
  TRY(call.store().transact(work));
  return http::Response::empty(204);
}

Result<http::Response> rows(const Call& call) {
  const auto set = TRY(get_set(call));
  return http::Response::json(200, or_null(set.body.find("mappings")));
}

Result<http::Response> row(const Call& call) {
  auto set = TRY(get_set(call));
  const auto index = TRY(row_index(call, set.body));
  return http::Response::json(200, rows_of(set.body)[index]);
}

}  // namespace headwater::api::mapping_sets
