#include "schema/internal/compiler.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "schema/internal/circle.h"
#include "schema/internal/patterns.h"
#include "schema/internal/resources.h"
#include "schema/internal/uri.h"

namespace headwater::schema {
namespace {

constexpr std::string_view kMetaschemaUri = "http://json-schema.org/draft-07/schema";
constexpr std::size_t kDivisorDigitsMax = 1000;

std::string with_index(const std::string& pointer, std::size_t index) {
  return pointer + "/" + std::to_string(index);
}

std::string with_name(std::string pointer, std::string_view name) {
  append_token(pointer, name);
  return pointer;
}

std::uint8_t type_bit(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> kTypes = {
      {{"null", kNullBit},
       {"boolean", kBooleanBit},
       {"integer", kIntegerBit},
       {"number", kNumberBit | kIntegerBit},
       {"string", kStringBit},
       {"array", kArrayBit},
       {"object", kObjectBit}}};
  for (const auto& [type, bit] : kTypes)
    if (type == name) return bit;
  return 0;
}

std::unordered_set<std::string_view> names_of(const json::Object& object) {
  std::unordered_set<std::string_view> names;
  for (const auto& member : object) names.insert(member.name);
  return names;
}

class Compiler {
 public:
  Compiler(const json::Value& root, const CompileOptions& options)
      : root_(root), options_(options), base_(split_fragment(options.base_uri).first) {}

  Result<std::shared_ptr<const Validator::Program>> run() {
    resources_.add(root_, base_);
    check_dialect();
    index_of(Location{&root_, Resources::base_within(root_, base_), ""});
    for (std::size_t next = 0; next < queue_.size() && !too_many_; ++next) {
      const auto at = queue_[next];
      compile(at, static_cast<Index>(next));
    }
    if (problems_.empty()) find_circles();
    if (!problems_.empty()) {
      Error error{ErrorKind::invalid_argument, "The JSON schema cannot be used: " + problems_.front().reason};
      error.where = problems_.front().pointer;
      error.problems = std::move(problems_);
      return error;
    }
    return std::shared_ptr<const Validator::Program>(
        std::make_shared<Validator::Program>(std::move(program_)));
  }

 private:
  struct Context {
    const Location& at;
    Index index;
  };
  void check_dialect() {
    const auto* dialect = root_.find("$schema");
    if (dialect == nullptr) return;
    const auto* text = dialect->if_string();
    if (text != nullptr && split_fragment(*text).first == kMetaschemaUri) return;
    program_.warnings.push_back(Problem{"/$schema", "names another dialect; the schema is read as draft-07.",
                                        "Write \"http://json-schema.org/draft-07/schema#\".",
                                        Severity::warning});
  }

  void problem(std::string pointer, std::string reason, std::string hint = {}) {
    problems_.push_back(Problem{std::move(pointer), std::move(reason), std::move(hint)});
  }

  // The compiled subschema at a location; compiled later when it is new.
  Index index_of(Location location) {
    const auto [known, fresh] = indexes_.try_emplace(location.value, static_cast<Index>(queue_.size()));
    if (!fresh) return known->second;
    if (queue_.size() >= options_.schemas_max) {
      if (!too_many_) problem(location.pointer, "The schema has too many subschemas.");
      too_many_ = true;
      return 0;
    }
    queue_.push_back(std::move(location));
    program_.schemas.emplace_back();
    in_place_.emplace_back();
    return known->second;
  }

  Index child(const Context& context, const json::Value& value, std::string pointer) {
    return index_of(Location{&value, Resources::base_within(value, context.at.base), std::move(pointer)});
  }
  // A subschema that applies to the same instance: such steps must not form a circle.
  Index child_in_place(const Context& context, const json::Value& value, std::string pointer) {
    const auto index = child(context, value, std::move(pointer));
    in_place_[context.index].push_back(index);
    return index;
  }

  template <class Rules>
  Rules& rules(const Context& context, std::vector<Rules>& table, Index Schema::* slot) {
    auto& index = program_.schemas[context.index].*slot;
    if (index == kNone) {
      index = static_cast<Index>(table.size());
      table.emplace_back();
    }
    return table[index];
  }
  NumberRules& numbers(const Context& c) { return rules(c, program_.numbers, &Schema::number); }
  StringRules& strings(const Context& c) { return rules(c, program_.strings, &Schema::string); }
  ArrayRules& arrays(const Context& c) { return rules(c, program_.arrays, &Schema::array); }
  ObjectRules& objects(const Context& c) { return rules(c, program_.objects, &Schema::object); }
  GenericRules& generics(const Context& c) { return rules(c, program_.generics, &Schema::generic); }

  void compile(const Location& at, Index index) {
    if (const auto* always = at.value->if_boolean()) {
      program_.schemas[index].never = !*always;
      return;
    }
    if (!at.value->is_object()) return problem(at.pointer, "A schema must be an object or a boolean.");
    const Context context{at, index};
    if (const auto* ref = at.value->find("$ref")) return compile_ref(context, *ref);
    for (const auto& [name, value] : *at.value->if_object()) {
      const auto pointer = with_name(at.pointer, name);
      if (!compile_number(context, name, value, pointer) && !compile_string(context, name, value, pointer) &&
          !compile_object(context, name, value, pointer))
        compile_generic(context, name, value, pointer);
    }
    compile_items(context);
    compile_condition(context);
  }

  void compile_ref(const Context& context, const json::Value& ref) {
    const auto pointer = context.at.pointer + "/$ref";
    const auto* text = ref.if_string();
    if (text == nullptr) return problem(pointer, "$ref must be a string.");
    const auto absolute = resolve_uri(context.at.base, *text);
    load(std::string(split_fragment(absolute).first));
    bool document_known = false;
    auto target = resources_.find(absolute, document_known);
    if (!document_known)
      return problem(pointer, "refers to \"" + absolute + "\", which is not part of this schema.",
                     "Only the draft-07 metaschema is known by name; put the schema under \"definitions\".");
    if (!target) return problem(pointer, "refers to \"" + *text + "\", where nothing stands.");
    if (foreign_.contains(target->base)) target->pointer = target->base + "#" + target->pointer;
    const auto index = index_of(*std::move(target));
    in_place_[context.index].push_back(index);
    program_.schemas[context.index].ref = index;
  }

  // Makes a document known that was given or is built in, the first time something refers to it.
  void load(const std::string& uri) {
    if (resources_.contains(uri)) return;
    for (const auto& [name, document] : options_.documents) {
      if (split_fragment(name).first != uri) continue;
      foreign_.insert(uri);
      return resources_.add(document, uri);
    }
    if (uri == kMetaschemaUri || uri == "https://json-schema.org/draft-07/schema") {
      foreign_.insert(uri);
      resources_.add(draft7_metaschema(), uri);
    }
  }

  const std::string* number_text(const json::Value& value, const std::string& pointer) {
    if (const auto* number = value.if_number()) return &number->text;
    const bool draft4 = value.is_boolean() &&
                        (pointer.ends_with("/exclusiveMinimum") || pointer.ends_with("/exclusiveMaximum"));
    problem(pointer, "must be a number.",
            draft4 ? "Draft-07 takes the bound itself here, not true or false." : "");
    return nullptr;
  }

  std::optional<std::uint64_t> count(const json::Value& value, const std::string& pointer) {
    const auto* number = value.if_number();
    if (number != nullptr && is_whole_number(number->text) && Bound("0").compare_to(number->text) >= 0) {
      const auto small = value.as_int64();
      return small ? static_cast<std::uint64_t>(*small) : UINT64_MAX;
    }
    problem(pointer, "must be a whole number, zero or more.");
    return std::nullopt;
  }

  std::optional<Pattern> regex(const std::string& text, const std::string& pointer) {
    auto compiled = patterns_.compiled(text);
    if (compiled) return *std::move(compiled);
    problem(pointer, compiled.error().message);
    return std::nullopt;
  }

  bool compile_number(const Context& context, std::string_view name, const json::Value& value,
                      const std::string& pointer) {
    std::optional<Bound> NumberRules::* slot = nullptr;
    if (name == "maximum")
      slot = &NumberRules::maximum;
    else if (name == "exclusiveMaximum")
      slot = &NumberRules::exclusive_maximum;
    else if (name == "minimum")
      slot = &NumberRules::minimum;
    else if (name == "exclusiveMinimum")
      slot = &NumberRules::exclusive_minimum;
    else if (name != "multipleOf")
      return false;
    const auto* text = number_text(value, pointer);
    if (text == nullptr) return true;
    if (slot != nullptr) {
      numbers(context).*slot = Bound(*text);
    } else if (Bound("0").compare_to(*text) <= 0) {
      problem(pointer, "must be greater than zero.");
    } else if (Decimal(*text).digit_count() > kDivisorDigitsMax) {
      problem(pointer, "has more than 1000 digits.");
    } else {
      numbers(context).multiple_of = *text;
    }
    return true;
  }

  bool compile_string(const Context& context, std::string_view name, const json::Value& value,
                      const std::string& pointer) {
    if (name == "maxLength") {
      if (const auto n = count(value, pointer)) strings(context).length_max = *n;
    } else if (name == "minLength") {
      if (const auto n = count(value, pointer)) strings(context).length_min = *n;
    } else if (name == "pattern") {
      const auto* text = value.if_string();
      if (text == nullptr) {
        problem(pointer, "must be a string.");
      } else if (auto pattern = regex(*text, pointer)) {
        strings(context).pattern = std::move(pattern);
      }
    } else if (name == "format") {
      const auto* text = value.if_string();
      if (text == nullptr) {
        problem(pointer, "must be a string.");
      } else if (const auto format = find_format(*text); format && options_.assert_formats) {
        strings(context).format = format;
      }
    } else {
      return false;
    }
    return true;
  }

  const json::Object* map(const json::Value& value, const std::string& pointer) {
    if (!value.is_object()) problem(pointer, "must be an object.");
    return value.if_object();
  }

  void compile_required(const Context& context, const json::Value& value, const std::string& pointer) {
    const auto* names = value.if_array();
    if (names == nullptr)
      return problem(pointer, "must be an array of member names.",
                     value.is_boolean() ? "List the name in the `required` of the enclosing object." : "");
    const auto* declared = context.at.value->find("properties");
    const auto is_declared = declared != nullptr && declared->is_object()
                                 ? names_of(*declared->if_object())
                                 : std::unordered_set<std::string_view>();
    std::unordered_set<Index> required;
    for (std::size_t i = 0; i < names->size(); ++i) {
      const auto* name = (*names)[i].if_string();
      if (name == nullptr) {
        problem(with_index(pointer, i), "must be a string.");
        continue;
      }
      auto& rules = objects(context);
      const auto number = rules.names.add(*name);
      if (!required.insert(number).second) problem(with_index(pointer, i), "names \"" + *name + "\" twice.");
      rules.required.push_back(number);
      if (declared != nullptr && declared->is_object() && !is_declared.contains(*name))
        program_.warnings.push_back(Problem{
            with_index(pointer, i), "requires \"" + *name + "\", which `properties` does not declare.",
            "Declare the property or correct the name.", Severity::warning});
    }
  }

  void compile_properties(const Context& context, const json::Value& value, const std::string& pointer) {
    const auto* members = map(value, pointer);
    if (members == nullptr) return;
    objects(context);
    for (const auto& [name, schema] : *members) {
      const auto index = child(context, schema, with_name(pointer, name));
      auto& rules = objects(context);
      const auto number = rules.names.add(name);
      if (rules.properties.size() <= number) rules.properties.resize(number + 1, kNone);
      rules.properties[number] = index;
    }
  }

  void compile_dependencies(const Context& context, const json::Value& value, const std::string& pointer) {
    const auto* members = map(value, pointer);
    if (members == nullptr) return;
    for (const auto& [name, rule] : *members) {
      const auto at = with_name(pointer, name);
      Dependency dependency{objects(context).names.add(name), kNone, {}};
      if (const auto* names = rule.if_array()) {
        for (std::size_t i = 0; i < names->size(); ++i) {
          if (const auto* needed = (*names)[i].if_string())
            dependency.required.push_back(objects(context).names.add(*needed));
          else
            problem(with_index(at, i), "must be a string.");
        }
      } else {
        dependency.schema = child_in_place(context, rule, at);
      }
      objects(context).dependencies.push_back(std::move(dependency));
    }
  }

  bool compile_object(const Context& context, std::string_view name, const json::Value& value,
                      const std::string& pointer) {
    if (name == "maxProperties") {
      if (const auto n = count(value, pointer)) objects(context).members_max = *n;
    } else if (name == "minProperties") {
      if (const auto n = count(value, pointer)) objects(context).members_min = *n;
    } else if (name == "required") {
      compile_required(context, value, pointer);
    } else if (name == "properties") {
      compile_properties(context, value, pointer);
    } else if (name == "patternProperties") {
      const auto* members = map(value, pointer);
      if (members == nullptr) return true;
      for (const auto& [text, schema] : *members) {
        auto pattern = regex(text, with_name(pointer, text));
        const auto index = child(context, schema, with_name(pointer, text));
        if (pattern) objects(context).patterns.emplace_back(*std::move(pattern), index);
      }
    } else if (name == "additionalProperties") {
      const auto index = child(context, value, pointer);
      objects(context).additional = index;
    } else if (name == "propertyNames") {
      const auto index = child(context, value, pointer);
      objects(context).property_names = index;
    } else if (name == "dependencies") {
      compile_dependencies(context, value, pointer);
    } else {
      return false;
    }
    return true;
  }

  void compile_types(const Context& context, const json::Value& value, const std::string& pointer) {
    const auto add = [this, &context](const json::Value& type, const std::string& at) {
      const auto* name = type.if_string();
      const auto bit = name == nullptr ? std::uint8_t{0} : type_bit(*name);
      if (bit == 0)
        problem(at, "is no type.", "Use null, boolean, integer, number, string, array or object.");
      auto& types = program_.schemas[context.index].types;
      types = static_cast<std::uint8_t>(types | bit);
    };
    const auto* list = value.if_array();
    if (list == nullptr) return add(value, pointer);
    if (list->empty()) problem(pointer, "must name a type.");
    for (std::size_t i = 0; i < list->size(); ++i) add((*list)[i], with_index(pointer, i));
  }

  void compile_generic(const Context& context, std::string_view name, const json::Value& value,
                       const std::string& pointer) {
    if (name == "type") return compile_types(context, value, pointer);
    if (name == "enum") {
      const auto* list = value.if_array();
      if (list == nullptr) return problem(pointer, "must be an array.");
      generics(context).enumeration = *list;
      generics(context).has_enumeration = true;
    } else if (name == "const") {
      generics(context).constant = value;
    } else if (name == "allOf") {
      compile_list(context, value, pointer, &GenericRules::all_of);
    } else if (name == "anyOf") {
      compile_list(context, value, pointer, &GenericRules::any_of);
    } else if (name == "oneOf") {
      compile_list(context, value, pointer, &GenericRules::one_of);
    } else if (name == "not") {
      const auto index = child_in_place(context, value, pointer);
      generics(context).negation = index;
    } else if (name == "maxItems") {
      if (const auto n = count(value, pointer)) arrays(context).items_max = *n;
    } else if (name == "minItems") {
      if (const auto n = count(value, pointer)) arrays(context).items_min = *n;
    } else if (name == "uniqueItems") {
      if (!value.is_boolean()) return problem(pointer, "must be true or false.");
      if (*value.if_boolean()) arrays(context).unique = true;
    } else if (name == "contains") {
      const auto index = child(context, value, pointer);
      arrays(context).contains = index;
    } else if (name == "definitions") {
      // Compiled although nothing may use them: an author wants to hear of their faults.
      if (const auto* members = map(value, pointer))
        for (const auto& [member, schema] : *members) child(context, schema, with_name(pointer, member));
    } else if (name == "$id") {
      if (!value.is_string()) return problem(pointer, "must be a string.");
      if (value.if_string()->size() > Resources::kIdBytesMax)
        problem(pointer, "is longer than " + std::to_string(Resources::kIdBytesMax) + " characters.");
    }
  }

  void compile_list(const Context& context, const json::Value& value, const std::string& pointer,
                    std::vector<Index> GenericRules::* slot) {
    const auto* list = value.if_array();
    if (list == nullptr || list->empty())
      return problem(pointer, "must be an array with at least one schema.");
    std::vector<Index> indexes;
    indexes.reserve(list->size());
    for (std::size_t i = 0; i < list->size(); ++i)
      indexes.push_back(child_in_place(context, (*list)[i], with_index(pointer, i)));
    generics(context).*slot = std::move(indexes);
  }

  void compile_items(const Context& context) {
    const auto* items = context.at.value->find("items");
    const auto* additional = context.at.value->find("additionalItems");
    const auto pointer = context.at.pointer + "/items";
    const auto beyond =
        additional == nullptr ? kNone : child(context, *additional, context.at.pointer + "/additionalItems");
    if (items == nullptr) return;
    if (const auto* list = items->if_array()) {
      std::vector<Index> positions;
      positions.reserve(list->size());
      for (std::size_t i = 0; i < list->size(); ++i)
        positions.push_back(child(context, (*list)[i], with_index(pointer, i)));
      auto& rules = arrays(context);
      rules.positions = std::move(positions);
      rules.rest = beyond;
      rules.rest_is_additional = true;
    } else {
      const auto index = child(context, *items, pointer);
      arrays(context).rest = index;
    }
  }

  void compile_condition(const Context& context) {
    const auto part = [this, &context](const char* name) {
      const auto* value = context.at.value->find(name);
      return value == nullptr ? kNone : child_in_place(context, *value, context.at.pointer + "/" + name);
    };
    const auto condition = part("if");
    const auto consequence = part("then");
    const auto alternative = part("else");
    if (condition == kNone || (consequence == kNone && alternative == kNone)) return;
    auto& rules = generics(context);
    rules.condition = condition;
    rules.consequence = consequence;
    rules.alternative = alternative;
  }

  // A schema that applies itself to the same instance would never end.
  void find_circles() {
    if (const auto circle = find_circle(in_place_))
      problem(queue_[*circle].pointer, "refers to itself in a circle, so it says nothing.",
              "Break the circle of $ref.");
  }

  const json::Value& root_;
  const CompileOptions& options_;
  std::string base_;
  Resources resources_;
  std::unordered_set<std::string> foreign_;  // documents beside the root's: their pointers carry the URI
  std::unordered_map<const json::Value*, Index> indexes_;
  Patterns patterns_;
  std::vector<Location> queue_;  // by index; compiled in this order
  std::vector<std::vector<Index>> in_place_;
  Validator::Program program_;
  std::vector<Problem> problems_;
  bool too_many_ = false;
};

}  // namespace

Result<std::shared_ptr<const Validator::Program>> compile_program(const json::Value& schema,
                                                                  const CompileOptions& options) {
  return Compiler(schema, options).run();
}

}  // namespace headwater::schema
