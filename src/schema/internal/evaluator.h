#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/kind_phrase.h"
#include "schema/internal/equality.h"
#include "schema/internal/program.h"
#include "schema/internal/resources.h"

namespace headwater::schema {

// A schema can ask for exponential work, or for recursion as deep as the instance times the schema.
constexpr std::uint64_t kStepsMax = 5'000'000;
constexpr int kDepthMax = 1000;

enum class Gather : std::uint8_t { nothing, violations };

/// Which of an object's known names were seen: a bit each, on the stack for the usual sizes.
class Presence {
 public:
  explicit Presence(std::size_t names) {
    if (names > few_.size() * 64) many_.resize(names / 64 + 1);
  }
  void mark(Index name) { words()[name / 64] |= std::uint64_t{1} << name % 64; }
  bool has(Index name) { return (words()[name / 64] >> name % 64 & 1) != 0; }

 private:
  std::uint64_t* words() { return many_.empty() ? few_.data() : many_.data(); }
  std::array<std::uint64_t, 4> few_{};
  std::vector<std::uint64_t> many_;
};

/// Runs a program over one instance. With Gather::nothing it stops at the first fault and keeps no path.
template <class Document>
class Evaluator {
 public:
  using Handle = typename Document::Handle;

  Evaluator(const Validator::Program& program, const Document& document,
            std::vector<Violation>* violations = nullptr, std::size_t violations_max = 0)
      : program_(program), document_(document), violations_(violations), violations_max_(violations_max) {}

  bool accepts(Handle instance) { return apply<Gather::nothing>(0, instance) && !gave_up_; }

  void gather(Handle instance) {
    apply<Gather::violations>(0, instance);
    if (gave_up_ && violations_->size() <= violations_max_)
      violations_->push_back(Violation{Keyword::limit, "", "takes more steps to validate than are allowed.",
                                       "Simplify the schema: alternatives inside alternatives multiply.", "",
                                       false});
  }

 private:
  template <Gather kGather>
  bool apply(Index index, Handle h) {
    if (++steps_ > kStepsMax || depth_ > kDepthMax) gave_up_ = true;
    if (gave_up_) return false;
    const auto* schema = &program_.schemas[index];
    while (schema->ref != kNone) schema = &program_.schemas[schema->ref];
    if (schema->never) return fail<kGather>(Keyword::false_schema, h, "is not allowed here.");
    const auto kind = document_.kind(h);
    if (schema->types != 0 && !has_type(schema->types, kind, h)) {
      if constexpr (kGather == Gather::violations) report_type(schema->types, h);
      return false;
    }
    ++depth_;
    bool ok = true;
    const auto also = [&ok](bool valid) { return ok = ok && valid, ok || kGather == Gather::violations; };
    if (schema->generic == kNone || also(apply_generic<kGather>(program_.generics[schema->generic], h))) {
      if (kind == json::Kind::object && schema->object != kNone)
        also(apply_object<kGather>(program_.objects[schema->object], h));
      else if (kind == json::Kind::string && schema->string != kNone)
        also(apply_string<kGather>(program_.strings[schema->string], h));
      else if (kind == json::Kind::number && schema->number != kNone)
        also(apply_number<kGather>(program_.numbers[schema->number], h));
      else if (kind == json::Kind::array && schema->array != kNone)
        also(apply_array<kGather>(program_.arrays[schema->array], h));
    }
    --depth_;
    return ok;
  }

  bool has_type(std::uint8_t types, json::Kind kind, Handle h) const {
    switch (kind) {
      case json::Kind::null:
        return (types & kNullBit) != 0;
      case json::Kind::boolean:
        return (types & kBooleanBit) != 0;
      case json::Kind::string:
        return (types & kStringBit) != 0;
      case json::Kind::array:
        return (types & kArrayBit) != 0;
      case json::Kind::object:
        return (types & kObjectBit) != 0;
      case json::Kind::number:
        break;
    }
    return (types & kNumberBit) != 0 || ((types & kIntegerBit) != 0 && is_whole_number(document_.number(h)));
  }

  // --- Reports ---

  template <Gather kGather, class Reason>
  bool fail(Keyword keyword, Handle h, Reason&& reason, std::string hint = {}, std::string member = {}) {
    if constexpr (kGather == Gather::violations) {
      if (violations_->size() < violations_max_)
        violations_->push_back(Violation{keyword, path_, std::string(reason), std::move(hint),
                                         std::move(member), document_.kind(h) == json::Kind::null});
    } else {
      static_cast<void>(keyword), static_cast<void>(h), static_cast<void>(reason);
    }
    return false;
  }

  void report_type(std::uint8_t types, Handle h) {
    std::string wanted;
    const auto add = [&wanted](std::string_view name) {
      wanted.append(wanted.empty() ? "" : " or ").append(name);
    };
    if (types & kNullBit) add("null");
    if (types & kBooleanBit) add("a boolean");
    if (types & kNumberBit)
      add("a number");
    else if (types & kIntegerBit)
      add("a whole number");
    if (types & kStringBit) add("a string");
    if (types & kArrayBit) add("an array");
    if (types & kObjectBit) add("an object");
    const auto kind = document_.kind(h);
    const bool quoted = kind == json::Kind::string && (types & (kNumberBit | kIntegerBit | kBooleanBit)) != 0;
    const bool bare = (kind == json::Kind::number || kind == json::Kind::boolean) && types == kStringBit;
    fail<Gather::violations>(Keyword::type, h,
                             "is " + std::string(json::phrase(kind)) + ", but must be " + wanted + ".",
                             quoted ? "Write it without quotes."
                             : bare ? "Write it in quotes."
                                    : "");
  }

  static std::string shown(const std::vector<json::Value>& values) {
    std::string text;
    for (const auto& value : values) {
      if (!text.empty()) text += ", ";
      if (text.size() > 300) return text + "...";
      text += value.dump();
    }
    return text;
  }

  class Step {
   public:
    Step(std::string& path, std::string_view token) : path_(path), size_(path.size()) {
      append_token(path, token);
    }
    ~Step() { path_.resize(size_); }

   private:
    std::string& path_;
    std::size_t size_;
  };

  // Applies a subschema to a part of the instance.
  template <Gather kGather>
  bool apply_at(std::string_view token, Index index, Handle h) {
    if constexpr (kGather == Gather::nothing) {
      return apply<kGather>(index, h);
    } else {
      const Step step(path_, token);
      return apply<kGather>(index, h);
    }
  }

  // --- Keywords for any kind ---

  bool is_one_of(const std::vector<json::Value>& values, Handle h) const {
    for (const auto& value : values)
      if (same(document_, h, ValueDocument{}, &value)) return true;
    return false;
  }

  template <Gather kGather>
  bool apply_generic(const GenericRules& rules, Handle h) {
    bool ok = true;
    const auto also = [&ok](bool valid) { return ok = ok && valid, ok || kGather == Gather::violations; };
    if (rules.has_enumeration && !is_one_of(rules.enumeration, h) &&
        !also(fail<kGather>(
            Keyword::enumeration, h,
            kGather == Gather::nothing ? std::string() : "must be one of " + shown(rules.enumeration) + ".")))
      return false;
    if (rules.constant && !same(document_, h, ValueDocument{}, &*rules.constant) &&
        !also(fail<kGather>(
            Keyword::constant, h,
            kGather == Gather::nothing ? std::string() : "must be " + shown({*rules.constant}) + ".")))
      return false;
    for (const auto index : rules.all_of)
      if (!also(apply<kGather>(index, h))) return false;
    if (!rules.any_of.empty() && !also(apply_any_of<kGather>(rules, h))) return false;
    if (!rules.one_of.empty() && !also(apply_one_of<kGather>(rules, h))) return false;
    if (rules.negation != kNone && apply<Gather::nothing>(rules.negation, h) &&
        !also(fail<kGather>(Keyword::negation, h, "is what the schema forbids (not).")))
      return false;
    if (rules.condition != kNone) {
      const bool holds = apply<Gather::nothing>(rules.condition, h);
      const auto branch = holds ? rules.consequence : rules.alternative;
      if (branch != kNone) also(apply<kGather>(branch, h));
    }
    return ok;
  }

  // The faults of the alternative that has the fewest, as a hint.
  std::string closest(const std::vector<Index>& alternatives, Handle h) {
    std::vector<Violation> best;
    for (const auto index : alternatives) {
      std::vector<Violation> found;
      Evaluator other(program_, document_, &found, 20);
      other.steps_ = steps_;
      other.depth_ = depth_;
      other.path_ = path_;
      other.template apply<Gather::violations>(index, h);
      steps_ = other.steps_;
      gave_up_ = gave_up_ || other.gave_up_;
      const bool type_fits =
          !found.empty() && !(found.front().keyword == Keyword::type && found.front().pointer == path_);
      if (type_fits && (best.empty() || found.size() < best.size())) best = std::move(found);
    }
    if (best.empty()) return {};
    const auto& first = best.front();
    return "Closest: " + (first.pointer.empty() ? std::string("it") : first.pointer) + " " + first.reason;
  }

  template <Gather kGather>
  bool apply_any_of(const GenericRules& rules, Handle h) {
    for (const auto index : rules.any_of)
      if (apply<Gather::nothing>(index, h)) return true;
    if constexpr (kGather == Gather::violations)
      return fail<kGather>(Keyword::any_of, h, "matches none of the alternatives (anyOf).",
                           closest(rules.any_of, h));
    return false;
  }

  template <Gather kGather>
  bool apply_one_of(const GenericRules& rules, Handle h) {
    std::size_t matches = 0;
    for (const auto index : rules.one_of) {
      if (apply<Gather::nothing>(index, h)) ++matches;
      if (matches > 1)
        return fail<kGather>(Keyword::one_of, h, "matches more than one of the alternatives (oneOf).");
    }
    if (matches == 1) return true;
    if constexpr (kGather == Gather::violations)
      return fail<kGather>(Keyword::one_of, h, "matches none of the alternatives (oneOf).",
                           closest(rules.one_of, h));
    return false;
  }

  // --- Numbers and strings ---

  template <Gather kGather>
  bool apply_number(const NumberRules& rules, Handle h) {
    const auto text = document_.number(h);
    bool ok = true;
    const auto bound = [&](const std::optional<Bound>& limit, auto holds, Keyword keyword,
                           const char* words) {
      if (!limit || holds(limit->compare_to(text))) return;
      ok = false;
      if constexpr (kGather == Gather::violations)
        fail<kGather>(keyword, h, "must be " + std::string(words) + " " + limit->text() + ".");
    };
    bound(rules.maximum, [](int order) { return order <= 0; }, Keyword::maximum, "at most");
    bound(
        rules.exclusive_maximum, [](int order) { return order < 0; }, Keyword::exclusive_maximum,
        "less than");
    bound(rules.minimum, [](int order) { return order >= 0; }, Keyword::minimum, "at least");
    bound(
        rules.exclusive_minimum, [](int order) { return order > 0; }, Keyword::exclusive_minimum,
        "greater than");
    if (!rules.multiple_of.empty() && !is_multiple_of(text, rules.multiple_of))
      ok = fail<kGather>(
          Keyword::multiple_of, h,
          kGather == Gather::nothing ? std::string() : "must be a multiple of " + rules.multiple_of + ".");
    return ok;
  }

  static std::uint64_t length_of(std::string_view text) {
    std::uint64_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
  }

  template <Gather kGather>
  bool apply_string(const StringRules& rules, Handle h) {
    const auto text = document_.characters(h, scratch_);
    bool ok = true;
    if (text.size() > rules.length_max && length_of(text) > rules.length_max)
      ok = fail<kGather>(Keyword::max_length, h,
                         "is longer than " + std::to_string(rules.length_max) + " characters.");
    if (rules.length_min > 0 && length_of(text) < rules.length_min)
      ok = fail<kGather>(Keyword::min_length, h,
                         "is shorter than " + std::to_string(rules.length_min) + " characters.");
    if (rules.pattern && !rules.pattern->regex.search(text))
      ok = fail<kGather>(Keyword::pattern, h,
                         kGather == Gather::nothing
                             ? std::string()
                             : "does not match the pattern " + rules.pattern->text + ".");
    if (rules.format && !conforms(*rules.format, text)) {
      if constexpr (kGather == Gather::violations)
        fail<kGather>(Keyword::format, h, "is no valid " + std::string(format_name(*rules.format)) + ".",
                      "Write it like " + std::string(format_example(*rules.format)) + ".");
      ok = false;
    }
    return ok;
  }

  // --- Arrays ---

  template <Gather kGather>
  bool apply_array(const ArrayRules& rules, Handle h) {
    std::uint64_t count = 0;
    bool ok = true;
    bool contained = rules.contains == kNone;
    const bool gone_through = document_.each_element(h, [&](Handle element) {
      const bool positioned = count < rules.positions.size();
      const auto index = positioned ? rules.positions[static_cast<std::size_t>(count)] : rules.rest;
      if (index != kNone) {
        bool valid = false;
        if constexpr (kGather == Gather::violations)
          valid = apply_at<kGather>(std::to_string(count), index, element);
        else
          valid = apply<kGather>(index, element);
        ok = ok && valid;
      }
      if (!contained) contained = apply<Gather::nothing>(rules.contains, element);
      ++count;
      return ok || (kGather == Gather::violations && !gave_up_);
    });
    if (!gone_through) return false;
    if (count > rules.items_max)
      ok = fail<kGather>(Keyword::max_items, h,
                         "has more than " + std::to_string(rules.items_max) + " elements.");
    if (count < rules.items_min)
      ok = fail<kGather>(Keyword::min_items, h,
                         "has fewer than " + std::to_string(rules.items_min) + " elements.");
    if (!contained)
      ok = fail<kGather>(Keyword::contains, h, "holds no element of the kind asked for (contains).");
    if (rules.unique && count > 1 && !all_unique(document_, h))
      ok = fail<kGather>(Keyword::unique_items, h, "holds an element twice.");
    return ok;
  }

  // --- Objects ---

  template <Gather kGather>
  bool apply_object(const ObjectRules& rules, Handle h) {
    Presence present(rules.names.size());
    std::string name_scratch;
    std::uint64_t count = 0;
    bool ok = true;
    const bool gone_through = document_.each_member(
        h, name_scratch, [&](std::string_view name, const auto& with_name, Handle value) {
          ++count;
          const bool valid = apply_member<kGather>(rules, present, name, value, h);
          ok = ok && valid;
          if (rules.property_names != kNone) {
            const auto is_allowed = [&](Handle text) {
              return apply<Gather::nothing>(rules.property_names, text);
            };
            if (!with_name(is_allowed))
              ok = fail<kGather>(Keyword::property_names, h,
                                 kGather == Gather::nothing ? std::string()
                                                            : "has a member \"" + std::string(name) +
                                                                  "\", a name that is not allowed.");
          }
          return ok || (kGather == Gather::violations && !gave_up_);
        });
    if (!gone_through) return false;
    if (count > rules.members_max)
      ok = fail<kGather>(Keyword::max_properties, h,
                         "has more than " + std::to_string(rules.members_max) + " members.");
    if (count < rules.members_min)
      ok = fail<kGather>(Keyword::min_properties, h,
                         "has fewer than " + std::to_string(rules.members_min) + " members.");
    for (const auto name : rules.required) {
      if (present.has(name)) continue;
      ok = missing<kGather>(rules, name, h, Keyword::required, "");
      if (kGather == Gather::nothing) return false;
    }
    return apply_dependencies<kGather>(rules, present, h) && ok;
  }

  template <Gather kGather>
  bool apply_member(const ObjectRules& rules, Presence& present, std::string_view name, Handle value,
                    Handle object) {
    bool ok = true;
    bool known = false;
    const auto number = rules.names.find(name);
    if (number != kNone) {
      present.mark(number);
      if (number < rules.properties.size() && rules.properties[number] != kNone) {
        known = true;
        ok = apply_at<kGather>(name, rules.properties[number], value);
      }
    }
    for (const auto& [pattern, index] : rules.patterns) {
      if (!ok && kGather == Gather::nothing) return false;
      if (!pattern.regex.search(name)) continue;
      known = true;
      const bool valid = apply_at<kGather>(name, index, value);
      ok = ok && valid;
    }
    if (known || rules.additional == kNone) return ok;
    if (!program_.schemas[rules.additional].never) return apply_at<kGather>(name, rules.additional, value);
    if constexpr (kGather == Gather::violations) {
      const Step step(path_, name);
      fail<kGather>(Keyword::additional_properties, value, "is a member that the schema does not know.",
                    rules.properties.empty() ? "" : "Known are: " + known_names(rules) + ".",
                    std::string(name));
    }
    static_cast<void>(object);
    return false;
  }

  static std::string known_names(const ObjectRules& rules) {
    std::string text;
    for (Index i = 0; i < rules.properties.size(); ++i) {
      if (rules.properties[i] == kNone) continue;
      if (text.size() > 200) return text + "...";
      text.append(text.empty() ? "" : ", ").append(rules.names.name(i));
    }
    return text;
  }

  template <Gather kGather>
  bool missing(const ObjectRules& rules, Index name, Handle h, Keyword keyword, std::string_view why) {
    if constexpr (kGather == Gather::violations)
      fail<kGather>(keyword, h,
                    "lacks the member \"" + rules.names.name(name) + "\"" + std::string(why) + ".", "Add it.",
                    rules.names.name(name));
    else
      static_cast<void>(rules), static_cast<void>(name), static_cast<void>(h), static_cast<void>(keyword),
          static_cast<void>(why);
    return false;
  }

  template <Gather kGather>
  bool apply_dependencies(const ObjectRules& rules, Presence& present, Handle h) {
    bool ok = true;
    for (const auto& dependency : rules.dependencies) {
      if (!present.has(dependency.name)) continue;
      for (const auto name : dependency.required)
        if (!present.has(name))
          ok = missing<kGather>(rules, name, h, Keyword::dependencies,
                                kGather == Gather::nothing
                                    ? std::string()
                                    : ", which \"" + rules.names.name(dependency.name) + "\" needs");
      if (dependency.schema != kNone) {
        const bool valid = apply<kGather>(dependency.schema, h);
        ok = ok && valid;
      }
      if (!ok && kGather == Gather::nothing) return false;
    }
    return ok;
  }

  const Validator::Program& program_;
  const Document& document_;
  std::vector<Violation>* violations_;
  std::size_t violations_max_;
  std::string path_;
  std::string scratch_;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
  bool gave_up_ = false;
};

}  // namespace headwater::schema
