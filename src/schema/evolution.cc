#include "schema/evolution.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "json/pointer.h"

namespace headwater::schema {
namespace {

using json::Value;

constexpr int kDepthMax = 32;
constexpr std::size_t kProblemsMax = 100;

// A larger number of the first kind, a smaller one of the second, takes fewer values.
constexpr std::string_view kLowerBounds[] = {"minimum", "exclusiveMinimum", "minLength", "minItems",
                                             "minProperties"};
constexpr std::string_view kUpperBounds[] = {"maximum", "exclusiveMaximum", "maxLength", "maxItems",
                                             "maxProperties"};
// Of these any change may take fewer values.
constexpr std::string_view kFixed[] = {
    "format",       "pattern",       "multipleOf", "const",       "not",
    "anyOf",        "oneOf",         "contains",   "uniqueItems", "if",
    "dependencies", "propertyNames", "then",       "else",        "patternProperties"};

const Value* resolve(const Value& root, std::string_view reference) {
  if (!reference.starts_with("#/")) return nullptr;
  const Value* at = &root;
  for (std::string_view rest = reference.substr(2); at != nullptr;) {
    const auto slash = rest.find('/');
    at = at->find(rest.substr(0, slash));
    if (slash == rest.npos) return at;
    rest.remove_prefix(slash + 1);
  }
  return nullptr;
}

/// A schema with what its references and allOf add to it.
class View {
 public:
  View(const Value& root, const Value& node) : root_(root) { add(node, 0); }

  const Value* find(std::string_view keyword) const {
    for (const Value* part : parts_)
      if (const Value* value = part->find(keyword)) return value;
    return nullptr;
  }
  const Value* property(std::string_view name) const {
    for (const Value* part : parts_)
      if (const Value* all = part->find("properties"))
        if (const Value* value = all->find(name)) return value;
    return nullptr;
  }
  std::vector<std::pair<std::string, const Value*>> properties() const {
    std::vector<std::pair<std::string, const Value*>> out;
    for (const Value* part : parts_)
      if (const Value* all = part->find("properties"); all != nullptr && all->is_object())
        for (const auto& [name, value] : *all->if_object()) out.emplace_back(name, &value);
    return out;
  }
  std::vector<std::string> required() const {
    std::vector<std::string> out;
    for (const Value* part : parts_)
      if (const Value* names = part->find("required"); names != nullptr && names->is_array())
        for (const Value& name : *names->if_array())
          if (name.is_string()) out.push_back(*name.if_string());
    return out;
  }
  /// Type names without "null", sorted; empty: any.
  std::vector<std::string> types() const {
    std::vector<std::string> out;
    const Value* type = find("type");
    if (type != nullptr && type->is_string()) out.push_back(*type->if_string());
    if (type != nullptr && type->is_array())
      for (const Value& name : *type->if_array())
        if (name.is_string() && *name.if_string() != "null") out.push_back(*name.if_string());
    std::sort(out.begin(), out.end());
    return out;
  }
  bool allows_null() const {
    const Value* type = find("type");
    if (type == nullptr) return true;
    if (!type->is_array()) return type->is_string() && *type->if_string() == "null";
    return std::any_of(type->if_array()->begin(), type->if_array()->end(),
                       [](const Value& name) { return name.is_string() && *name.if_string() == "null"; });
  }

 private:
  void add(const Value& node, int depth) {
    if (depth > kDepthMax || !node.is_object()) return;
    if (std::find(parts_.begin(), parts_.end(), &node) != parts_.end()) return;  // references in a circle
    parts_.push_back(&node);
    if (const Value* target = resolve(root_, node.string_at("$ref"))) add(*target, depth + 1);
    if (const Value* all = node.find("allOf"); all != nullptr && all->is_array())
      for (const Value& part : *all->if_array()) add(part, depth + 1);
  }

  const Value& root_;
  std::vector<const Value*> parts_;
};

class Comparison {
 public:
  Comparison(const Value& before, const Value& after) : before_(before), after_(after) {}

  std::vector<Problem> run() {
    compare(before_, after_, "", 0);
    return std::move(problems_);
  }

 private:
  void report(const std::string& pointer, std::string reason, std::string hint = {}) {
    if (problems_.size() < kProblemsMax)
      problems_.push_back({pointer, std::move(reason), std::move(hint), Severity::error});
  }

  void compare(const Value& before_node, const Value& after_node, const std::string& pointer, int depth) {
    // What is referred to from many places, or from within itself, is looked at once.
    if (depth > kDepthMax || !seen_.emplace(&before_node, &after_node).second) return;
    const View before(before_, before_node), after(after_, after_node);
    if (before.types() != after.types() || (before.allows_null() && !after.allows_null())) {
      report(pointer + "/type", "the type is another than before", "Add a member with a new name instead.");
      return;
    }
    compare_values(before, after, pointer);
    const auto was_required = before.required();
    for (const std::string& name : after.required())
      if (std::find(was_required.begin(), was_required.end(), name) == was_required.end())
        report(pointer + "/required", "\"" + name + "\" became required",
               "Records that were written without it would not be valid any more.");
    for (const auto& [name, member] : before.properties()) {
      const std::string place = pointer + "/properties/" + json::escape_pointer_token(name);
      if (const Value* later = after.property(name))
        compare(*member, *later, place, depth + 1);
      else
        report(place, "the member was removed", "Keep it, as optional as it was.");
    }
    const Value* items = before.find("items");
    if (items == nullptr || !items->is_object()) return;
    const Value* later = after.find("items");
    if (later != nullptr && later->is_object())
      compare(*items, *later, pointer + "/items", depth + 1);
    else
      report(pointer + "/items", "what the elements are was removed or changed");
  }

  void compare_values(const View& before, const View& after, const std::string& pointer) {
    compare_bounds(before, after, pointer);
    for (const std::string_view keyword : kFixed) {
      const Value* now = after.find(keyword);
      const Value* was = before.find(keyword);
      const bool same = was != nullptr && now != nullptr && *was == *now;
      // A format that goes is a column of another type.
      if (same || (now == nullptr && (was == nullptr || keyword != "format"))) continue;
      report(pointer + "/" + std::string(keyword), std::string(keyword) + " is another than before");
    }
    const Value* closed = after.find("additionalProperties");
    const Value* was_closed = before.find("additionalProperties");
    const bool same = was_closed != nullptr && closed != nullptr && *was_closed == *closed;
    const bool open = closed == nullptr || (closed->if_boolean() != nullptr && *closed->if_boolean());
    if (!open && !same) report(pointer + "/additionalProperties", "other members are not allowed any more");
    const Value* values = after.find("enum");
    if (values == nullptr || !values->is_array()) return;
    const Value* known = before.find("enum");
    if (known == nullptr || !known->is_array()) {
      report(pointer + "/enum", "only some values are allowed now");
      return;
    }
    for (const Value& value : *known->if_array())
      if (std::find(values->if_array()->begin(), values->if_array()->end(), value) ==
          values->if_array()->end())
        report(pointer + "/enum", value.dump() + " is not allowed any more");
  }

  void compare_bounds(const View& before, const View& after, const std::string& pointer) {
    const auto narrower = [&](std::string_view keyword, int direction) {
      const Value* now = after.find(keyword);
      if (now == nullptr || now->if_number() == nullptr) return false;
      const Value* was = before.find(keyword);
      if (was == nullptr || was->if_number() == nullptr) return true;
      return json::compare_numbers(now->if_number()->text, was->if_number()->text) * direction > 0;
    };
    for (const std::string_view keyword : kLowerBounds)
      if (narrower(keyword, 1))
        report(pointer + "/" + std::string(keyword), std::string(keyword) + " is higher than before");
    for (const std::string_view keyword : kUpperBounds)
      if (narrower(keyword, -1))
        report(pointer + "/" + std::string(keyword), std::string(keyword) + " is lower than before");
  }

  const Value& before_;
  const Value& after_;
  std::set<std::pair<const Value*, const Value*>> seen_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> breaking_changes(const Value& before, const Value& after) {
  return Comparison(before, after).run();
}

}  // namespace headwater::schema
