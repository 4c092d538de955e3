#include "secrets/params.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/crypto.h"
#include "base/regex.h"
#include "base/text.h"
#include "json/pointer.h"

namespace headwater::secrets {
namespace {

using json::Value;
using Schemas = std::vector<const Value*>;

constexpr std::size_t kSchemasMax = 1000;  // of one place; a schema that refers to itself ends here

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && token[i + 1] == '1')
      out += '/';
    else if (escape && token[i + 1] == '0')
      out += '~';
    else {
      out += token[i];
      continue;
    }
    ++i;
  }
  return out;
}

/// The place below `at` that a pointer names, or nullptr.
template <class V>
V* follow(V* at, std::string_view pointer) {
  while (at != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const auto token = unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (at->is_object()) {
      at = at->find(token);
      continue;
    }
    auto* elements = at->if_array();
    std::size_t index = 0;
    const auto [stop, failure] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool fits = elements != nullptr && failure == std::errc() && stop == token.data() + token.size() &&
                      index < elements->size();
    at = fits ? &(*elements)[index] : nullptr;
  }
  return at;
}

/// Adds a schema and all that may describe the same place: branches of combinations, local references.
/// Which branch applies is not decided: a place is secret when any branch says so.
void add_branches(const Value& root, const Value* schema, Schemas& out) {
  if (schema == nullptr || !schema->is_object() || out.size() >= kSchemasMax) return;
  if (std::find(out.begin(), out.end(), schema) != out.end()) return;
  out.push_back(schema);
  for (const auto* list : {"allOf", "anyOf", "oneOf"})
    if (const auto* branches = schema->find(list); branches != nullptr && branches->is_array())
      for (const auto& branch : *branches->if_array()) add_branches(root, &branch, out);
  for (const auto* one : {"if", "then", "else"}) add_branches(root, schema->find(one), out);
  if (const auto* dependent = schema->find("dependencies"); dependent != nullptr && dependent->is_object())
    for (const auto& [name, branch] : *dependent->if_object()) add_branches(root, &branch, out);
  const auto reference = schema->string_at("$ref");
  if (reference.starts_with('#')) {
    const auto pointer = reference.substr(1);
    if (pointer.empty() || pointer.starts_with('/')) add_branches(root, follow(&root, pointer), out);
  }
}

bool says_password(const Schemas& schemas) {
  return std::any_of(schemas.begin(), schemas.end(),
                     [](const Value* schema) { return schema->string_at("format") == "password"; });
}

Schemas schemas_of_member(const Value& root, const Schemas& schemas, const std::string& name) {
  Schemas out;
  for (const auto* schema : schemas) {
    if (const auto* properties = schema->find("properties"); properties != nullptr)
      add_branches(root, properties->find(name), out);
    if (const auto* patterns = schema->find("patternProperties");
        patterns != nullptr && patterns->is_object()) {
      for (const auto& [pattern, branch] : *patterns->if_object()) {
        const auto regex = Regex::make(pattern);
        // A pattern that cannot be read may have meant this member.
        if (!regex || regex->search(name)) add_branches(root, &branch, out);
      }
    }
    add_branches(root, schema->find("additionalProperties"), out);
  }
  return out;
}

Schemas schemas_of_element(const Value& root, const Schemas& schemas, std::size_t index) {
  Schemas out;
  for (const auto* schema : schemas) {
    const auto* items = schema->find("items");
    if (items != nullptr && items->is_array()) {
      const auto& tuple = *items->if_array();
      add_branches(root, index < tuple.size() ? &tuple[index] : schema->find("additionalItems"), out);
    } else {
      add_branches(root, items, out);
    }
  }
  return out;
}

// Credentials are text; the rare number or object (and text that begins with the mark itself) is kept as
// JSON.
constexpr char kJsonMark = '\0';

Secret encoded(const Value& value) {
  const auto* text = value.if_string();
  if (text != nullptr && !text->starts_with(kJsonMark)) return Secret(*text);
  return Secret(kJsonMark + value.dump());
}

Value decoded(const Secret& secret) {
  const auto& text = secret.reveal();
  if (!text.starts_with(kJsonMark)) return text;
  auto value = json::parse(std::string_view(text).substr(1));
  return value ? *std::move(value) : Value(text);
}

// Members that hold tokens whatever a schema says.
bool is_token(std::string_view name) { return name == "accessToken" || name == "refreshToken"; }

/// Whether a member that no schema describes is a credential by its name: "password", "client_secret",
/// "authKey2". Names that go on ("accessTokenUrl") are none.
bool sounds_secret(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) plain += ascii_lower(c);
  constexpr std::string_view kEndings[] = {"password",  "passwd",     "passphrase", "secret",
                                           "token",     "credential", "apikey",     "authkey",
                                           "accesskey", "privatekey", "secretkey",  "assertion"};
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&plain](std::string_view ending) { return plain.ends_with(ending); });
}

class Splitter {
 public:
  enum class Guess : std::uint8_t { by_name, never };
  Splitter(const Value& root, const Places& sealed, Guess guess, SplitParams& out)
      : root_(root), sealed_(sealed), guess_(guess), out_(out) {}

  void walk(Value& at, const Schemas& schemas, const std::string& pointer, bool named) {
    if (named || says_password(schemas) || sealed_.contains(pointer)) {
      take(at, pointer);
      return;
    }
    if (auto* object = at.if_object()) {
      for (auto& [name, member] : *object) {
        const Schemas described = schemas_of_member(root_, schemas, name);
        walk(member, described, pointer + "/" + json::escape_pointer_token(name),
             guess_ == Guess::by_name && (is_token(name) || (described.empty() && sounds_secret(name))));
      }
    } else if (auto* array = at.if_array()) {
      for (std::size_t i = 0; i < array->size(); ++i)
        walk((*array)[i], schemas_of_element(root_, schemas, i), pointer + "/" + std::to_string(i), false);
    }
  }

 private:
  void take(Value& at, const std::string& pointer) {
    const auto* text = at.if_string();
    if (at.is_null() || (text != nullptr && (text->empty() || *text == kRedacted))) return;
    out_.secrets[pointer] = encoded(at);
    at = Value(kRedacted);
  }

  const Value& root_;
  const Places& sealed_;
  Guess guess_;
  SplitParams& out_;
};

bool says_redacted(const Value* place) {
  const auto* text = place == nullptr ? nullptr : place->if_string();
  return text != nullptr && *text == kRedacted;
}

/// Texts in the places of credentials, which show where each of them came to stand.
class Marks {
 public:
  explicit Marks(const SecretsByPointer& stored) : stored_(stored) {}

  void put(Value& params) const {
    for (const auto& [pointer, secret] : stored_)
      if (Value* place = follow(&params, pointer); says_redacted(place)) *place = begin_ + pointer;
  }
  /// The credentials by the places of their marks.
  void collect(const Value& at, const std::string& pointer, SecretsByPointer& out) const {
    if (const auto* text = at.if_string()) {
      if (!text->starts_with(begin_)) return;
      const auto found = stored_.find(text->substr(begin_.size()));
      if (found != stored_.end()) out.emplace(pointer, found->second);
    } else if (const auto* object = at.if_object()) {
      for (const auto& [name, member] : *object)
        collect(member, pointer + "/" + json::escape_pointer_token(name), out);
    } else if (const auto* array = at.if_array()) {
      for (std::size_t i = 0; i < array->size(); ++i)
        collect((*array)[i], pointer + "/" + std::to_string(i), out);
    }
  }

 private:
  const SecretsByPointer& stored_;
  // Unknown to whoever wrote the document and the patch: what he writes is never taken for one.
  std::string begin_ = crypto::random_hex(32);
};

SplitParams split(const Value& schema, const Value& params, const Places& sealed, Splitter::Guess guess) {
  SplitParams out;
  out.open = params;
  Schemas schemas;
  add_branches(schema, &schema, schemas);
  Splitter(schema, sealed, guess, out).walk(out.open, schemas, "", false);
  return out;
}

}  // namespace

SplitParams split_params(const Value& schema, const Value& params, const Places& sealed) {
  return split(schema, params, sealed, Splitter::Guess::by_name);
}

SplitParams split_described(const Value& schema, const Value& params, const Places& sealed) {
  return split(schema, params, sealed, Splitter::Guess::never);
}

Places sealed_places(const Value& open, const SecretsByPointer& stored) {
  Places places;
  for (const auto& [pointer, secret] : stored)
    if (says_redacted(follow(&open, pointer))) places.insert(pointer);
  return places;
}

SecretsByPointer moved_along(const Value& before, const json::Patch& patch, const json::Pointer& params_at,
                             const SecretsByPointer& stored) {
  Value marked = before;
  Value* params = params_at.find(marked);
  if (params == nullptr) return stored;
  const Marks marks(stored);
  marks.put(*params);
  // They held for the document without marks, or there would be nothing to store.
  std::vector<json::Patch::Operation> operations;
  for (const auto& operation : patch.operations())
    if (operation.op != json::Patch::Op::test) operations.push_back(operation);
  const auto patched = json::Patch(std::move(operations)).apply(marked);
  const Value* after = patched ? params_at.find(*patched) : nullptr;
  SecretsByPointer moved;
  if (after != nullptr) marks.collect(*after, "", moved);
  for (const auto& [pointer, secret] : stored) moved.try_emplace(pointer, secret);
  return moved;
}

Value restore_params(const Value& changed, const Value& before, const SecretsByPointer& stored) {
  Value restored = changed;
  for (const auto& [pointer, secret] : stored) {
    Value* place = follow(&restored, pointer);
    if (place == nullptr) continue;
    const Value* old = follow(&before, pointer);
    const bool untouched = old != nullptr && *old == *place && !secret.empty();
    if (says_redacted(place) || untouched) *place = decoded(secret);
  }
  return restored;
}

Value merge_params(const Value& open, const SecretsByPointer& secrets) {
  Value merged = open;
  for (const auto& [pointer, secret] : secrets)
    if (auto* place = follow(&merged, pointer); place != nullptr) *place = decoded(secret);
  return merged;
}

Value redact_params(const Value& schema, const Value& params) { return split_params(schema, params).open; }

}  // namespace headwater::secrets
