#include "mapping/suggest.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "mapping/internal/path.h"
#include "mapping/internal/target_type.h"

namespace headwater::mapping {
namespace {

using Kind = TargetType::Kind;

constexpr double kScoreMin = 0.6;
constexpr int kDepthMax = 20;
constexpr std::size_t kFieldsMax = 2000;
constexpr double kNameShare = 0.8;  // of the score; the rest is the type's

struct Field {
  Path path;
  Kind kind = Kind::any;
  std::vector<std::string> words;  // of the whole path, the last name's last
  std::size_t own_words = 0;       // of the last name
};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word_character(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "firstName", "first_name" and "FIRST-NAME" are the same words.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_word_character(c)) {
      end_word();
      continue;
    }
    const bool starts = is_upper(c) && !word.empty() &&
                        (!is_upper(name[i - 1]) ||
                         (i + 1 < name.size() && !is_upper(name[i + 1]) && is_word_character(name[i + 1])));
    if (starts) end_word();
    word += is_upper(c) ? static_cast<char>(c + 32) : c;
  }
  end_word();
  return words;
}

void add_field(std::vector<Field>& fields, const Path& path, Kind kind) {
  if (fields.size() >= kFieldsMax) return;
  Field field{path, kind, {}, 0};
  for (const auto& step : path) {
    if (step.kind != Step::Kind::name) continue;
    auto words = words_of(step.name);
    field.own_words = words.size();
    std::move(words.begin(), words.end(), std::back_inserter(field.words));
  }
  fields.push_back(std::move(field));
}

Kind kind_of(const json::Value& value) {
  if (value.is_boolean()) return Kind::boolean;
  if (value.is_number()) return value.as_int64() ? Kind::integer : Kind::number;
  if (value.is_string()) return Kind::string;
  return Kind::any;
}

void add_value(std::vector<Field>& fields, std::set<std::string>& seen, const json::Value& value, Path& path,
               int depth) {
  if (depth > kDepthMax) return;
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (name.empty()) continue;  // no path names it
      path.push_back({Step::Kind::name, name, 0});
      add_value(fields, seen, member, path, depth + 1);
      path.pop_back();
    }
    return;
  }
  const auto* array = value.if_array();
  const bool objects = array != nullptr && !array->empty() && array->front().is_object();
  if (objects) {
    path.push_back({Step::Kind::every, "", 0});
    for (const auto& element : *array) add_value(fields, seen, element, path, depth + 1);
    path.pop_back();
    return;
  }
  if (!path.empty() && seen.insert(path_text(path)).second)
    add_field(fields, path, array != nullptr ? Kind::array : kind_of(value));
}

void add_type(std::vector<Field>& fields, const TargetTypes& types, std::uint32_t type, Path& path,
              int depth) {
  if (depth > kDepthMax) return;
  const auto& here = types[type];
  if (!here.members.empty()) {
    const std::map<std::string, std::uint32_t> ordered(here.members.begin(), here.members.end());
    for (const auto& [name, member] : ordered) {
      if (name.empty()) continue;
      path.push_back({Step::Kind::name, name, 0});
      add_type(fields, types, member, path, depth + 1);
      path.pop_back();
    }
    return;
  }
  const bool objects = here.kind == Kind::array && here.items != kNone && !types[here.items].members.empty();
  if (objects) {
    path.push_back({Step::Kind::every, "", 0});
    add_type(fields, types, here.items, path, depth + 1);
    path.pop_back();
    return;
  }
  if (!path.empty()) add_field(fields, path, here.kind);
}

double overlap(std::vector<std::string> a, std::vector<std::string> b) {
  if (a.empty() || b.empty()) return 0;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return 2.0 * static_cast<double>(both.size()) / static_cast<double>(a.size() + b.size());
}

// How much of two texts is the same, by their pairs of letters: "mail" and "email" are near.
double likeness(const std::string& a, const std::string& b) {
  if (a == b) return 1;
  const auto pairs = [](const std::string& text) {
    std::vector<std::string> out;
    out.reserve(text.size());
    for (std::size_t i = 0; i + 1 < text.size(); ++i) out.push_back(text.substr(i, 2));
    return out;
  };
  return overlap(pairs(a), pairs(b));
}

std::string joined(const std::vector<std::string>& words, std::size_t last) {
  std::string out;
  for (auto i = words.size() - last; i < words.size(); ++i) out += words[i];
  return out;
}

double name_score(const Field& source, const Field& target) {
  const auto own = likeness(joined(source.words, source.own_words), joined(target.words, target.own_words));
  const auto whole = std::max(
      overlap(source.words, target.words),
      likeness(joined(source.words, source.words.size()), joined(target.words, target.words.size())));
  return std::max({own * 0.9 + whole * 0.1, whole});
}

double type_score(Kind source, Kind target) {
  if (source == target || source == Kind::any || target == Kind::any) return 1;
  const bool numbers = (source == Kind::integer || source == Kind::number) &&
                       (target == Kind::integer || target == Kind::number);
  const bool dates = source == Kind::string && (target == Kind::date_time || target == Kind::date);
  if (numbers || dates) return 1;
  if (target == Kind::string && source != Kind::array) return 0.7;  // any scalar has a text
  if (source == Kind::string) return 0.5;                           // may hold one
  return target == Kind::array ? 0.5 : 0;
}

struct Pair {
  std::size_t source, target;
  double score;
};

// The best first; of equals, the one whose target and source come first.
std::vector<Pair> pairs_of(const std::vector<Field>& sources, const std::vector<Field>& targets) {
  std::vector<Pair> pairs;
  for (std::size_t t = 0; t < targets.size(); ++t)
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if (wildcard_count(sources[s].path) != wildcard_count(targets[t].path)) continue;
      const auto type = type_score(sources[s].kind, targets[t].kind);
      const auto score =
          type == 0 ? 0 : name_score(sources[s], targets[t]) * kNameShare + type * (1 - kNameShare);
      if (score >= kScoreMin) pairs.push_back({s, t, score});
    }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tuple(-a.score, a.target, a.source) < std::tuple(-b.score, b.target, b.source);
  });
  return pairs;
}

}  // namespace

Result<std::vector<Suggestion>> suggest(const json::Value& sample, const json::Value& target_schema,
                                        Unmapped unmapped) {
  if (!sample.is_object() && !sample.is_array())
    return Error{ErrorKind::invalid_argument,
                 "The sample must be a record: a JSON object, or an array of them."};
  if (!target_schema.is_object())
    return Error{ErrorKind::invalid_argument, "The target schema must be a JSON object."};
  std::vector<Field> sources;
  std::vector<Field> targets;
  std::set<std::string> seen;
  Path path;
  if (const auto* records = sample.if_array())
    for (const auto& record : *records) add_value(sources, seen, record, path, 0);
  else
    add_value(sources, seen, sample, path, 0);
  const TargetTypes types(target_schema);
  add_type(targets, types, 0, path, 0);

  const auto pairs = pairs_of(sources, targets);
  std::vector<const Pair*> of_target(targets.size(), nullptr);
  std::vector<bool> used(sources.size(), false);
  for (const auto& pair : pairs) {
    if (of_target[pair.target] != nullptr || used[pair.source]) continue;
    of_target[pair.target] = &pair;
    used[pair.source] = true;
  }
  std::vector<Suggestion> out;
  out.reserve(sources.size());
  for (std::size_t t = 0; t < targets.size(); ++t)
    if (of_target[t] != nullptr)
      out.push_back(
          {path_text(sources[of_target[t]->source].path), path_text(targets[t].path), of_target[t]->score});
  for (std::size_t s = 0; unmapped == Unmapped::named && s < sources.size(); ++s)
    if (!used[s]) out.push_back({path_text(sources[s].path), "", 0});
  return out;
}

}  // namespace headwater::mapping
