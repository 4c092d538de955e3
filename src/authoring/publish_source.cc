#include "authoring/publish_source.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "authoring/secret_scan.h"
#include "authoring/sent_credentials.h"
#include "authoring/source_template.h"
#include "authoring/spec_as_read.h"
#include "authoring/svg_check.h"
#include "base/text.h"
#include "domain/source_spec.h"
#include "json/member_index.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Reach = BreakingChange::Reach;

constexpr std::size_t kChangesMax = 500;
constexpr std::size_t kBreaksMax = 5'000;

Object& member_object(Object& holder, std::string_view name) {
  Value& value = holder[name];
  if (!value.is_object()) value = Object{};
  return *value.if_object();
}

// A text of an entry, however it is written: {"text"}, {"key", "text"}, or the text itself.
std::string entry_text(const Value& shown, std::string_view member, std::string_view name) {
  const Value* entry = shown.find(member);
  if (entry == nullptr) return "";
  if (const auto* text = entry->if_string()) return *text;
  return std::string(entry->string_at(name));
}

std::set<std::string> names_in(const Value* list) {
  std::set<std::string> out;
  if (list != nullptr && list->is_array())
    for (const Value& each : *list->if_array())
      if (const auto* text = each.if_string()) out.insert(*text);
  return out;
}

Value part(const Value& spec, std::string_view dotted) {
  const Value* found = spec.find_path(dotted);
  return found == nullptr ? Value() : *found;
}

void compare(const Value& before, const Value& after, const std::string& pointer,
             std::vector<SpecChange>& out) {
  if (before == after || out.size() >= kChangesMax) return;
  const auto* old_members = before.if_object();
  const auto* new_members = after.if_object();
  if (old_members != nullptr && new_members != nullptr) {
    const json::MemberIndex now(*new_members);
    const json::MemberIndex then(*old_members);
    for (const auto& [name, value] : *old_members) {
      if (out.size() >= kChangesMax) return;
      const std::string place = pointer + "/" + json::escape_pointer_token(name);
      if (const Value* changed = now.find(name))
        compare(value, *changed, place, out);
      else
        out.push_back({SpecChange::Kind::removed, place, value, {}});
    }
    for (const auto& [name, value] : *new_members)
      if (then.find(name) == nullptr && out.size() < kChangesMax)
        out.push_back({SpecChange::Kind::added, pointer + "/" + json::escape_pointer_token(name), {}, value});
    return;
  }
  const auto* old_list = before.if_array();
  const auto* new_list = after.if_array();
  if (old_list != nullptr && new_list != nullptr) {
    const std::size_t both = std::min(old_list->size(), new_list->size());
    for (std::size_t i = 0; i < both; ++i)
      compare((*old_list)[i], (*new_list)[i], pointer + "/" + std::to_string(i), out);
    for (std::size_t i = both; i < old_list->size() && out.size() < kChangesMax; ++i)
      out.push_back({SpecChange::Kind::removed, pointer + "/" + std::to_string(i), (*old_list)[i], {}});
    for (std::size_t i = both; i < new_list->size() && out.size() < kChangesMax; ++i)
      out.push_back({SpecChange::Kind::added, pointer + "/" + std::to_string(i), {}, (*new_list)[i]});
    return;
  }
  out.push_back({SpecChange::Kind::changed, pointer, before, after});
}

class Breaking {
 public:
  Breaking(const Value& before, const Value& after)
      : before_(before), after_(after), old_(spec_as_read(before)), new_(spec_as_read(after)) {}

  std::vector<BreakingChange> run() {
    if (part(before_, "type") != part(after_, "type"))
      add(Reach::every_flow, "", "/type", "The kind of source changes.");
    request();
    if (old_.content != new_.content)
      of_every_flow("contentPath",
                    "The content path changes: records have another shape, mappings find nothing at their "
                    "paths.");
    if (old_.explode != new_.explode)
      of_every_flow("explodeEntityPath", "The exploded path changes: there are other records.");
    inputs();
    accounts();
    for (auto& change : broken_credentials(before_, after_)) out_.push_back(std::move(change));
    if (out_.size() > kBreaksMax) {
      out_.resize(kBreaksMax);
      out_.push_back(
          {Reach::every_flow, "", "", "More than " + std::to_string(kBreaksMax) + " changes break flows."});
    }
    return std::move(out_);
  }

 private:
  void add(Reach reach, std::string name, std::string pointer, std::string message) {
    if (out_.size() > kBreaksMax) return;
    out_.push_back({reach, std::move(name), std::move(pointer), std::move(message)});
  }

  void of_every_flow(std::string_view attribute, std::string message) {
    add(Reach::every_flow, "", std::string(kAttributesPlace) + std::string(attribute), std::move(message));
  }

  // Another address delivers other records, as another content path does.
  void request() {
    if (old_.url.host != new_.url.host)
      of_every_flow("urlParams/host", "The host changes: credentials of accounts go elsewhere.");
    if (old_.url.path != new_.url.path)
      of_every_flow("urlParams/path", "The path changes: flows fetch other records.");
    if (old_.url.method != new_.url.method)
      of_every_flow("urlParams/method", "The method changes: the source answers something else.");
  }

  void inputs() {
    const Value old_inputs = part(before_, "sourceSpec.spec.properties");
    const Value new_inputs = part(after_, "sourceSpec.spec.properties");
    const std::string place = "/sourceSpec/spec/properties/";
    static const Object none;
    const auto* given_now = new_inputs.if_object();
    const json::MemberIndex index(given_now == nullptr ? none : *given_now);
    if (const auto* members = old_inputs.if_object())
      for (const auto& [name, property] : *members) {
        // An attribute in the place of an input is none that a flow gives.
        if (domain::is_execution_attribute(name) && !domain::is_input_schema(property)) continue;
        const Value* now = index.find(name);
        const std::string pointer = place + json::escape_pointer_token(name);
        if (now == nullptr)
          add(Reach::flows_that_give, name, pointer, "The input \"" + name + "\" is no longer there.");
        else if (part(property, "type") != part(*now, "type"))
          add(Reach::flows_that_give, name, pointer, "The input \"" + name + "\" has another type.");
      }
    const auto old_required = names_in(before_.find_path("sourceSpec.spec.required"));
    for (const auto& name : names_in(after_.find_path("sourceSpec.spec.required")))
      if (!old_required.contains(name))
        add(Reach::flows_that_lack, name, "/sourceSpec/spec/required",
            "The input \"" + name + "\" must be given now.");
  }

  // The authentications by their names, whose spelling does not matter; of two the first.
  static std::map<std::string, const Value*> entries_of(const Value& spec) {
    std::map<std::string, const Value*> out;
    const Value* list = spec.find("authSpec");
    if (list == nullptr || !list->is_array()) return out;
    for (const Value& each : *list->if_array()) out.emplace(plain_name(each.string_at("name")), &each);
    return out;
  }

  void add_account_input(const std::string& account, const std::string& input, std::string pointer,
                         std::string_view what) {
    std::string message = "\"" + input + "\" of the authentication \"" + account + "\" ";
    message += what;
    add(Reach::flows_of_the_account, account, std::move(pointer), std::move(message));
  }

  void accounts() {
    const Value* list = before_.find("authSpec");
    if (list == nullptr || !list->is_array()) return;
    const auto entries = entries_of(after_);
    for (std::size_t i = 0; i < list->if_array()->size(); ++i) {
      const Value& old_entry = (*list->if_array())[i];
      const std::string name(old_entry.string_at("name"));
      const std::string pointer = "/authSpec/" + std::to_string(i);
      const auto found = entries.find(plain_name(name));
      if (found == entries.end()) {
        add(Reach::flows_of_the_account, name, pointer,
            "The authentication \"" + name + "\" is no longer there.");
        continue;
      }
      const Value* now = found->second;
      if (now->string_at("type") != old_entry.string_at("type"))
        add(Reach::flows_of_the_account, name, pointer + "/type",
            "The authentication \"" + name + "\" is of another type.");
      const auto old_required = names_in(old_entry.find_path("spec.required"));
      for (const auto& input : names_in(now->find_path("spec.required")))
        if (!old_required.contains(input))
          add_account_input(name, input, pointer + "/spec/required", "must be given now.");
      // Where a key is sent is as much the authentication as its name.
      const Value old_inputs = part(old_entry, "spec.properties");
      static const Object none;
      const Value* new_inputs = now->find_path("spec.properties");
      const bool has_inputs = new_inputs != nullptr && new_inputs->is_object();
      const json::MemberIndex index(has_inputs ? *new_inputs->if_object() : none);
      if (const auto* members = old_inputs.if_object())
        for (const auto& [input, property] : *members) {
          const Value* changed = index.find(input);
          if (changed == nullptr || part(*changed, "restAttributes") != part(property, "restAttributes"))
            add_account_input(name, input, pointer + "/spec/properties/" + json::escape_pointer_token(input),
                              changed == nullptr ? "is no longer there." : "is sent elsewhere.");
        }
    }
  }

  const Value& before_;
  const Value& after_;
  const domain::SourceSpec old_, new_;
  std::vector<BreakingChange> out_;
};

bool is_paged(const domain::SourceSpec& source) { return source.paging.type != domain::PagingType::none; }

// The pause between requests says only when something is fetched, not what.
domain::Paging paging_of(const domain::SourceSpec& source) {
  auto paging = source.paging;
  paging.delay = {};
  paging.declared = true;
  return paging;
}

// In the order of names: that of a document means nothing.
auto query_of(const domain::SourceSpec& source) {
  auto query = source.url.query;
  std::stable_sort(query.begin(), query.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  return query;
}

}  // namespace

Value without_server_members(Value spec) {
  if (auto* members = spec.if_object())
    for (const char* name : {"createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient",
                             "updatedClient", "sandboxId", "sandboxName", "imsOrgId", "etag", "state"})
      members->erase(name);
  return spec;
}

std::string published_folder(const Value& stored) {
  const auto folder_in = [&stored](std::string_view member) {
    const Value* entry = stored.find_path("sourceSpec.attributes.uiAttributes." + std::string(member));
    const auto key = entry == nullptr ? std::string_view() : entry->string_at("key");
    const std::string ending = "-" + std::string(member);
    return key.ends_with(ending) ? std::string(key.substr(0, key.size() - ending.size())) : std::string();
  };
  const std::string folder = folder_in("label");
  return folder == folder_in("icon") ? folder : "";
}

Result<Value> catalog_spec(const SourceArtifacts& artifacts) {
  auto spec = TRY(json::parse(artifacts.spec));
  auto* members = spec.if_object();
  if (members == nullptr)
    return Error{ErrorKind::invalid_argument, "The connection spec must be a JSON object."};
  spec = without_server_members(std::move(spec));
  members = spec.if_object();
  const std::string& name = artifacts.name;
  auto& shown =
      member_object(member_object(member_object(*members, "sourceSpec"), "attributes"), "uiAttributes");
  shown.set("category", Object{{"key", artifacts.category}});
  shown.set("icon", Object{{"key", name + "-icon"}, {"svg", bare_svg(artifacts.icon)}});
  shown.set("label", Object{{"key", name + "-label"}, {"text", artifacts.label}});
  shown.set("description", Object{{"key", name + "-description"}, {"text", artifacts.description}});
  member_object(*members, "attributes").set("category", artifacts.category);
  return spec;
}

SourceArtifacts artifacts_of(const Value& stored, std::string_view name) {
  Value spec = without_server_members(stored);
  const Value shown = part(spec, "sourceSpec.attributes.uiAttributes");
  SourceArtifacts out;
  out.name = name;
  out.label = entry_text(shown, "label", "text");
  if (out.label.empty()) out.label = title_of(name);
  out.description = entry_text(shown, "description", "text");
  if (out.description.empty()) out.description = spec.string_at("description");
  if (out.description.empty()) out.description = out.label;
  out.category = entry_text(shown, "category", "key");
  if (out.category.empty())
    out.category = spec.string_at("providerId") == kStreamingProvider ? "streaming" : "protocols";
  out.icon = entry_text(shown, "icon", "svg");
  if (out.icon.empty()) out.icon = plain_icon(out.label);
  if (auto* entries = spec.find("sourceSpec"))
    if (auto* attributes = entries->find("attributes"))
      if (auto* development = attributes->find("uiAttributes");
          development != nullptr && development->is_object()) {
        auto& texts = *development->if_object();
        texts.set("label", Object{{"text", out.label}});
        texts.set("description", Object{{"text", out.description}});
        texts.set("category", Object{{"key", out.category}});
        texts.set("icon", Object{{"key", std::string(name) + "-icon"}});
      }
  out.spec = spec.dump(2);
  return out;
}

std::vector<SpecChange> compare_specs(const Value& before, const Value& after) {
  std::vector<SpecChange> out;
  compare(before, after, "", out);
  return out;
}

std::vector<BreakingChange> breaking_changes(const Value& before, const Value& after) {
  return Breaking(before, after).run();
}

std::vector<FetchChange> fetch_changes(const Value& before, const Value& after) {
  const auto old_spec = spec_as_read(before);
  const auto new_spec = spec_as_read(after);
  std::vector<FetchChange> out;
  const auto tell = [&out](std::string_view attribute, std::string message) {
    out.push_back({std::string(kAttributesPlace) + std::string(attribute), std::move(message)});
  };
  if (paging_of(old_spec) != paging_of(new_spec) || old_spec.record_key != new_spec.record_key)
    tell("paginationParams", is_paged(old_spec) && !is_paged(new_spec)
                                 ? "Paging ends: runs fetch the first page only."
                                 : "Paging changes: runs may fetch more pages, or fewer.");
  if (old_spec.schedule != new_spec.schedule && !(old_spec.schedule.empty() && new_spec.schedule.empty()))
    tell("scheduleParams", "The window changes: runs may fetch other records, or all of them again.");
  if (query_of(old_spec) != query_of(new_spec))
    tell("urlParams/queryParams", "The parameters change: the source may answer other records.");
  if (old_spec.body != new_spec.body)
    tell("bodyParams", "The body changes: the source may answer other records.");
  if (other_headers_differ(before, after))
    tell("headerParams", "The headers change: the source may answer otherwise.");
  return out;
}

bool breaks(const BreakingChange& change, const FlowUse& flow) {
  switch (change.reach) {
    case Reach::every_flow:
      return true;
    case Reach::flows_that_give:
      return flow.params.find(change.name) != nullptr;
    case Reach::flows_that_lack:
      return flow.params.find(change.name) == nullptr;
    case Reach::flows_of_the_account:
      return plain_name(flow.auth_name) == plain_name(change.name);
  }
  return true;
}

}  // namespace headwater::authoring
