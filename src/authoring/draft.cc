#include "authoring/draft.h"

#include <algorithm>
#include <iterator>

#include "base/file.h"
#include "domain/param_check.h"
#include "domain/source_spec.h"
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
    error.kind = ErrorKind::invalid_argument;  // also when it is nested too deep
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

// What a refresh writes into an account is not the author's, and the author's schema need not foresee it.
Value without_own_tokens(Value params, const Value& schema) {
  const Value* properties = schema.find("properties");
  auto* members = params.if_object();
  if (members == nullptr) return params;
  for (const std::string_view name : {"accessToken", "refreshToken"})
    if (properties == nullptr || properties->find(name) == nullptr) members->erase(name);
  const Value* required = schema.find("required");
  const auto* names = required == nullptr ? nullptr : required->if_array();
  if (names == nullptr || std::find(names->begin(), names->end(), Value("expirationDate")) == names->end())
    members->erase("expirationDate");
  return params;
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

void put_tokens(Value& account, const Value& changed) {
  Value* params = account.find("params");
  if (params == nullptr || !params->is_object()) params = &account;
  auto* members = params->if_object();
  if (members == nullptr || changed.if_object() == nullptr) return;
  for (const auto& [name, value] : *changed.if_object()) {
    if (value.is_null())
      members->erase(name);
    else
      members->set(name, value);
  }
}

Result<void> check_params(const run::SourceDocuments& draft) {
  const auto source = TRY(domain::read_source_spec(draft.connection_spec, draft.params));
  std::vector<Problem> problems;
  std::string wrong;
  if (source.inputs.is_object()) {
    problems = TRY(domain::param_problems(source.inputs, draft.params, "/params", "params"));
    if (!problems.empty()) wrong = "params";
  }
  const auto account = TRY(extract::read_auth(draft.connection_spec, draft.auth));
  if (!draft.auth.is_null() && !account.schema.is_null()) {
    auto more = TRY(domain::param_problems(account.schema, without_own_tokens(account.params, account.schema),
                                           "/auth/params", "auth.params"));
    if (!more.empty()) wrong += wrong.empty() ? "auth.params" : " and the auth.params";
    std::move(more.begin(), more.end(), std::back_inserter(problems));
  }
  if (problems.empty()) return {};
  Error error{ErrorKind::invalid_argument, "The " + wrong + " do not match the spec."};
  error.problems = std::move(problems);
  return error;
}

std::vector<Problem> lint(const Value& spec) { return domain::check_connection_spec(spec); }

}  // namespace headwater::authoring
