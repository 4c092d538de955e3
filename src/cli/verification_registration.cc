// The first steps against a server: the spec is registered, and the account accepted.
#include <fmt/format.h>

#include "authoring/publish_source.h"
#include "cli/published_specs.h"
#include "cli/verification.h"

namespace headwater::cli {
namespace {

using json::Object;
using json::Value;

const std::string kSpecs = "/data/foundation/flowservice/connectionSpecs";
const std::string kConnections = "/data/foundation/flowservice/connections";

// A spec without what it is called and shown as: what runs of it.
Value what_runs(Value spec) {
  spec = authoring::without_server_members(std::move(spec));
  auto* members = spec.if_object();
  if (members == nullptr) return spec;
  for (const char* name : {"id", "name", "version", "description"}) members->erase(name);
  const auto without_texts = [](Value* attributes) {
    if (attributes == nullptr || !attributes->is_object()) return;
    attributes->if_object()->erase("uiAttributes");
    attributes->if_object()->erase("category");
  };
  without_texts(spec.find("attributes"));
  if (const auto* left = spec.find("attributes");
      left != nullptr && left->is_object() && left->if_object()->empty())
    members->erase("attributes");
  if (auto* source = spec.find("sourceSpec")) without_texts(source->find("attributes"));
  return spec;
}

// Where two specs differ in what runs; empty where they do not.
std::string difference(const Value& stored, const Value& spec) {
  const auto changes = authoring::compare_specs(what_runs(stored), what_runs(spec));
  if (changes.empty()) return {};
  return changes.front().pointer +
         (changes.size() > 1 ? fmt::format(" and {} more places", changes.size() - 1) : "");
}

}  // namespace

Result<std::string> Verification::register_spec() {
  const std::string own_id(subject_.spec.string_at("id"));
  std::string differs;
  const auto stored = subject_.may_be_published && !own_id.empty() ? TRY(spec_with_id(client_, own_id))
                                                                   : std::optional<Value>();
  if (stored) differs = difference(*stored, subject_.spec);
  if (stored && differs.empty()) {
    spec_id_ = own_id;
  } else {
    Value spec = subject_.spec;
    if (!subject_.may_be_published || stored) spec.if_object()->erase("id");
    // Nobody takes it for the source itself, whatever becomes of this walk.
    spec.if_object()->set("name", name_);
    spec_id_ = TRY(create(kSpecs, spec));
  }
  in_flow_spec_ = !made_.empty();  // no other has that id: it is taken out, if no answer comes
  in_flow_spec_ = TRY(add_to_flow_spec(client_, flow_spec(), spec_id_));
  if (made_.empty()) return "published already as " + spec_id_;
  return "registered as " + spec_id_ +
         (differs.empty() ? "" : "; the published one, " + own_id + ", differs at " + differs);
}

Result<std::string> Verification::connect() {
  connection_ =
      TRY(create(kConnections, Object{{"name", name_},
                                      {"auth", subject_.account},
                                      {"connectionSpec", Object{{"id", spec_id_}, {"version", "1.0"}}}}));
  const auto answer = TRY(call("GET", kConnections + "/" + connection_ + "/test"));
  const auto* result = answer.find("result");
  if (result == nullptr || result->if_boolean() == nullptr || !*result->if_boolean())
    return account_refused();
  const auto* required = subject_.spec.find_path("sourceSpec.spec.required");
  const bool needs_params = required != nullptr && required->is_array() && !required->if_array()->empty();
  const auto* params = subject_.account.find("params");
  const bool has_test = params != nullptr && !params->string_at("authorizationTestUrl").empty();
  // The test sends the first page's request, which it cannot without them.
  if (needs_params && !has_test)
    return std::string("stored; without the source's parameters it cannot be tried, so Explore does");
  return std::string("the account was accepted");
}

Error Verification::account_refused() {
  const std::string refused = "The account was not accepted";
  const auto* params = subject_.account.find("params");
  const auto test_url = params == nullptr ? std::string_view() : params->string_at("authorizationTestUrl");
  if (subject_.tokens_are_servers) return failed(refused + ".");
  const auto answer = ask_source(client_, subject_.spec, subject_.account, subject_.params, {}, stop_);
  if (!answer) {
    help_ = kUnreachedHelp;
    return failed(refused + ": " + answer.error().message);
  }
  const auto page = fmt::format("{} answered {}", answer->asked, answer->status);
  if (!test_url.empty() && answer->status < 400) {
    help_ = "See what the account's authorizationTestUrl answers to its credentials.";
    return failed(
        fmt::format("{}: its authorizationTestUrl gave no good answer, although {}.", refused, page));
  }
  if (answer->status == 404) help_ = "There is nothing at this address: check urlParams and the parameters.";
  return failed(refused + ": " + page + ".");
}

}  // namespace headwater::cli
