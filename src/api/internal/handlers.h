#pragma once

#include "api/internal/call.h"

// One namespace for each resource; what each route does stands in the file of that name.
namespace headwater::api {

namespace connection_specs {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> explore(const Call& call);
Result<http::Response> configs(const Call& call);
}  // namespace connection_specs

namespace drafts {
Result<http::Response> try_out(const Call& call);
Result<http::Response> compare(const Call& call);
}  // namespace drafts

namespace source_folder {
Result<http::Response> read(const Call& call);
Result<http::Response> write(const Call& call);
}  // namespace source_folder

namespace source_repository {
Result<http::Response> status(const Call& call);
Result<http::Response> check(const Call& call);
}  // namespace source_repository

namespace flow_specs {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> search(const Call& call);
}  // namespace flow_specs

namespace connections {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> act(const Call& call);
Result<http::Response> search(const Call& call);
Result<http::Response> test(const Call& call);
Result<http::Response> explore(const Call& call);
Result<http::Response> configs(const Call& call);
}  // namespace connections

namespace source_connections {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> act(const Call& call);
}  // namespace source_connections

namespace target_connections {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> act(const Call& call);
}  // namespace target_connections

namespace flows {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> act(const Call& call);
Result<http::Response> search(const Call& call);
}  // namespace flows

namespace runs {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> act(const Call& call);
}  // namespace runs

// Of an organisation, whatever the sandbox.
namespace webhooks {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> test(const Call& call);
}  // namespace webhooks

// How they come and go with their owners: internal/inlet_owners.h.
namespace inlets {
Result<http::Response> list(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> act(const Call& call);
Result<http::Response> counters(const Call& call);
Result<http::Response> events(const Call& call);
}  // namespace inlets

namespace mapping_sets {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> validate(const Call& call);
Result<http::Response> preview(const Call& call);
Result<http::Response> suggestion(const Call& call);
Result<http::Response> suggest_for_records(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> remove(const Call& call);
Result<http::Response> rows(const Call& call);
Result<http::Response> row(const Call& call);
Result<http::Response> add_row(const Call& call);
Result<http::Response> replace_row(const Call& call);
Result<http::Response> remove_row(const Call& call);
}  // namespace mapping_sets

namespace languages {
Result<http::Response> validate(const Call& call);
Result<http::Response> functions(const Call& call);
Result<http::Response> operators(const Call& call);
}  // namespace languages

namespace schemas {
Result<http::Response> list(const Call& call);
Result<http::Response> stats(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> remove(const Call& call);
}  // namespace schemas

namespace datasets {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> replace(const Call& call);
Result<http::Response> patch(const Call& call);
Result<http::Response> merge(const Call& call);
Result<http::Response> remove(const Call& call);
}  // namespace datasets

namespace batches {
Result<http::Response> list(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> remove(const Call& call);
}  // namespace batches

// Files are taken by what internal/upload.h declares.
namespace ingest {
Result<http::Response> create(const Call& call);
Result<http::Response> act(const Call& call);
Result<http::Response> revert(const Call& call, const domain::Resource& batch);
Result<http::Response> act_on_file(const Call& call);
Result<http::Response> file_status(const Call& call);
Result<http::Response> preview(const Call& call);
}  // namespace ingest

namespace data_access {
Result<http::Response> batch_files(const Call& call);
Result<http::Response> failed_files(const Call& call);
Result<http::Response> meta_files(const Call& call);
Result<http::Response> file(const Call& call);
Result<http::Response> dataset_files(const Call& call);
Result<http::Response> preview(const Call& call);
}  // namespace data_access

namespace queries {
Result<http::Response> run(const Call& call);
/// The first rows of a dataset, or of one of its batches, as the text of an array of objects: in a process of
/// their own like any query. Errors: rate_limited, those of the query.
Result<std::string> first_rows(const Call& call, const DatasetId& dataset, const BatchId& batch,
                               std::uint64_t rows_max);
}  // namespace queries

namespace sandboxes {
Result<http::Response> list(const Call& call);
Result<http::Response> create(const Call& call);
Result<http::Response> lookup(const Call& call);
Result<http::Response> remove(const Call& call);
}  // namespace sandboxes

}  // namespace headwater::api
