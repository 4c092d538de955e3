#include <cmath>
#include <string>
#include <vector>

#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "api/internal/rows.h"
#include "api/internal/upload.h"
#include "domain/batch.h"
#include "domain/record_schema.h"
#include "lake/query.h"
#include "mapping/suggest.h"

namespace headwater::api::mapping_sets {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kSampleRecords = 100;

// The id that a query parameter must give.
Result<std::string> named(const Call& call, std::string_view name, std::string_view what) {
  const auto id = call.request.query_param(name).value_or("");
  if (id.empty())
    return bad_request("CONNECTOR-1302-400", std::string(name),
                       "The query parameter " + std::string(name) + " must name " + std::string(what) + ".");
  return std::string(id);
}

Result<bool> leaves_out_unmapped(const Call& call) {
  const auto text = call.request.query_param("excludeUnmapped");
  if (!text) return true;
  const auto flag = Value(*text).as_bool_lenient();
  if (!flag) return bad_request("FLOW-1412-400", "excludeUnmapped", "excludeUnmapped must be true or false.");
  return *flag;
}

// The schema of the records that the dataset takes.
Result<Resource> schema_of(const Call& call, const std::string& dataset_id) {
  const auto dataset = TRY(call.store().get(call.scope(), ResourceKind::dataset, dataset_id));
  const Value* reference = dataset.body.find("schemaRef");
  const auto id = reference == nullptr ? std::string_view() : reference->string_at("id");
  auto schema = TRY(call.store().find(call.scope(), ResourceKind::schema, id));
  if (schema) return *std::move(schema);
  return bad_request(
      "CONNECTOR-1302-400", "datasetId",
      "The dataset " + dataset_id + " has no schema: rows are proposed for a schema's fields.");
}

// The first records of a batch: of its files while it is an upload, else of what it has brought into the
// lake.
Result<Value> sample_of(const Call& call, const std::string& batch_id) {
  const auto batch = TRY(call.store().get(call.scope(), ResourceKind::batch, batch_id));
  const auto dataset = domain::dataset_of(batch.body);
  const BatchId id(batch.id);
  Array sample;
  const auto manifest = call.services.lake.manifest(dataset);
  if (manifest && TRY((*manifest)->find_batch(id))) {
    const auto rows = TRY(queries::first_rows(call, dataset, id, kSampleRecords));
    const auto records = TRY(json::parse(rows));
    sample = *records.if_array();
  } else if (const Value* input = batch.body.find("inputFormat"); domain::is_upload(batch.body)) {
    const auto format = TRY(domain::read_input_format(input == nullptr ? Value(Object()) : *input));
    const lake::Uploads uploads(call.services.lake, dataset, id);
    auto records = ingest::first_records(uploads, format, kSampleRecords);
    if (!records && records.error().kind != ErrorKind::not_found) return std::move(records).error();
    if (records)
      for (Object& record : *records) sample.emplace_back(std::move(record));
  }
  if (sample.empty())
    return bad_request("CONNECTOR-1302-400", "batchId",
                       "The batch " + batch_id +
                           " has no records to look at: name one that was committed, or an upload with "
                           "files.");
  return Value(std::move(sample));
}

// As a row of a set, without what it gets when it is stored.
Value encode(const mapping::Suggestion& suggestion) {
  const Value destination = suggestion.destination.empty() ? Value() : Value(suggestion.destination);
  const auto hundredths = std::llround(suggestion.score * 100);
  const auto digits = std::to_string(100 + hundredths % 100).substr(1);
  return Object{{"sourceType", "ATTRIBUTE"},
                {"source", suggestion.source},
                {"destination", destination},
                {"identity", false},
                {"primaryIdentity", false},
                {"matchScore", json::Number{std::to_string(hundredths / 100) + "." + digits}},
                {"functionVersion", 1},
                {"expressionAttributes", Array()},
                {"sourceAttribute", suggestion.source},
                {"destinationXdmPath", destination}};
}

Result<http::Response> answer(const Resource& schema, const Value& sample, mapping::Unmapped unmapped) {
  Array rows;
  for (const auto& suggestion : TRY(mapping::suggest(sample, domain::record_schema(schema.body), unmapped)))
    rows.push_back(encode(suggestion));
  const Object reference{{"id", schema.id}, {"contentType", "application/vnd.adobe.xed-full+json;version=1"}};
  return http::Response::json(200, Object{{"version", 0},
                                          {"outputSchema", Object{{"schemaRef", reference}}},
                                          {"schemaRef", reference},
                                          {"xdmSchema", schema.id},
                                          {"xdmVersion", *reference.find("contentType")},
                                          {"mappings", std::move(rows)}});
}

}  // namespace

// A mapping set that is not stored: it can be sent to POST /mappingSets once its rows have been looked at.
Result<http::Response> suggestion(const Call& call) {
  const auto dataset = TRY(named(call, "datasetId", "the dataset that the records shall go to"));
  const auto batch = TRY(named(call, "batchId", "a batch of source records"));
  const bool mapped_only = TRY(leaves_out_unmapped(call));
  const auto schema = TRY(schema_of(call, dataset));
  const auto sample = TRY(sample_of(call, batch));
  return answer(schema, sample, mapped_only ? mapping::Unmapped::left_out : mapping::Unmapped::named);
}

// Our extension: the same for records that are not in the lake yet, such as those of a preview.
Result<http::Response> suggest_for_records(const Call& call) {
  const auto body = TRY(object_body(call));
  const std::string dataset(body.string_at("datasetId"));
  if (dataset.empty())
    return bad_request("CONNECTOR-1304-400", "/datasetId",
                       "datasetId is required: the dataset that the records shall go to.");
  const Value* data = body.find("data");
  const Array* records = data == nullptr ? nullptr : data->if_array();
  if (records == nullptr || records->empty() || records->size() > kSampleRecords)
    return bad_request(
        "CONNECTOR-1304-400", "/data",
        "data is required: an array of 1 to " + std::to_string(kSampleRecords) + " sample records.");
  const bool mapped_only = TRY(leaves_out_unmapped(call));
  const auto schema = TRY(schema_of(call, dataset));
  return answer(schema, *data, mapped_only ? mapping::Unmapped::left_out : mapping::Unmapped::named);
}

}  // namespace headwater::api::mapping_sets
