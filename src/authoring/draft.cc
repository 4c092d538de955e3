#include "authoring/draft.h"

#include "base/file.h"
#include "domain/spec_check.h"
#include "engine/extract/authenticator.h"
#include "schema/coerce.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::uint64_t kDocumentBytesMax = 64U << 20;

Result<Value> read_document(const std::filesystem::path& path) {
  const auto text = TRY(read_file(path, kDocumentBytesMax));
  auto document = json::parse(text);
  if (!document) {
    Error error = document.error();
    error.message = path.string() + ": " + error.message;
    return error;
  }
  return document;
}

Result<Value> read_if_named(const std::filesystem::path& path) {
  if (path.empty()) return Value();
  return read_document(path);
}

// The schema of the user's parameters, in each generation of documents (REST-source reference, section 2).
Value input_schema(const Value& spec) {
  for (const std::string_view place : {"sourceSpec.spec", "sourceSpec.attributes.spec"})
    if (const Value* schema = spec.find_path(place); schema != nullptr && schema->is_object()) return *schema;
  return Object{};
}

void merge_into(Object& target, const Object& changes) {
  for (const auto& [name, value] : changes) {
    Value* present = target.find(name);
    if (present != nullptr && present->is_object() && value.is_object())
      merge_into(*present->if_object(), *value.if_object());
    else
      target.set(name, value);
  }
}

}  // namespace

Result<run::SourceDocuments> make_draft(Value spec, const Value& auth, Value params,
                                        const std::vector<std::pair<std::string, std::string>>& param_texts) {
  if (!spec.is_object())
    return Error{ErrorKind::invalid_argument, "The connection spec must be a JSON object."};
  if (params.is_null()) params = Object{};
  if (!params.is_object())
    return Error{ErrorKind::invalid_argument, "The params must be a JSON object of names and values."};
  const auto given = TRY(schema::coerce_params(param_texts, input_schema(spec)));
  merge_into(*params.if_object(), given);
  TRY(extract::read_auth(spec, auth));

  run::SourceDocuments draft;
  draft.connection_spec = std::move(spec);
  draft.auth = auth;
  draft.params = std::move(params);
  return draft;
}

Result<run::SourceDocuments> read_draft(const DraftFiles& files) {
  auto spec = TRY(read_document(files.spec));
  const auto auth = TRY(read_if_named(files.auth));
  auto params = TRY(read_if_named(files.params));
  return make_draft(std::move(spec), auth, std::move(params), files.param_texts);
}

std::vector<Problem> lint(const Value& spec) { return domain::check_connection_spec(spec); }

}  // namespace headwater::authoring
