#include "authoring/yaml_document.h"

#include <yaml.h>

#include <algorithm>
#include <string>

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kDepthMax = 200;
// Aliases of aliases multiply; a document of an API has some ten thousand nodes.
constexpr std::size_t kNodesMax = 2'000'000;

std::string text_of(const yaml_node_t& node) {
  return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
}

// Only plain scalars are anything but texts.
Value scalar_of(const yaml_node_t& node) {
  std::string text = text_of(node);
  if (node.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const auto number = json::parse(text);
  if (number && number->is_number()) return *number;
  return text;
}

class Reader {
 public:
  explicit Reader(yaml_document_t& document) : document_(document) {}

  Result<Value> read(int index, std::size_t depth) {
    const yaml_node_t* node = yaml_document_get_node(&document_, index);
    if (node == nullptr) return Value();
    if (depth > kDepthMax || ++nodes_ > kNodesMax)
      return Error{ErrorKind::too_large, "The YAML document is nested too deeply, or its aliases multiply."};
    if (node->type == YAML_SCALAR_NODE) return scalar_of(*node);
    if (node->type == YAML_SEQUENCE_NODE) {
      Array list;
      for (auto* item = node->data.sequence.items.start; item != node->data.sequence.items.top; ++item)
        list.push_back(TRY(read(*item, depth + 1)));
      return Value(std::move(list));
    }
    std::vector<json::Member> members;
    std::vector<Value> merged;
    if (node->type == YAML_MAPPING_NODE)
      for (auto* pair = node->data.mapping.pairs.start; pair != node->data.mapping.pairs.top; ++pair) {
        const yaml_node_t* key = yaml_document_get_node(&document_, pair->key);
        if (key == nullptr || key->type != YAML_SCALAR_NODE) continue;
        auto value = TRY(read(pair->value, depth + 1));
        const bool is_merge = key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && text_of(*key) == "<<";
        if (is_merge && value.is_array())
          for (Value& each : *value.if_array()) merged.push_back(std::move(each));
        else if (is_merge && value.is_object())
          merged.push_back(std::move(value));
        else
          members.push_back(json::Member{text_of(*key), std::move(value)});
      }
    Object out = Object::from_members(std::move(members));
    // "<<: *defaults": a member of its own goes before, and so does what was merged first.
    for (const Value& each : merged)
      if (const auto* more = each.if_object())
        for (const auto& [name, value] : *more)
          if (!out.contains(name)) out.set(name, value);
    return Value(std::move(out));
  }

 private:
  yaml_document_t& document_;
  std::size_t nodes_ = 0;
};

// Frees what the C library made.
struct Parser {
  yaml_parser_t parser{};
  yaml_document_t document{};
  bool loaded = false;
  Parser() { yaml_parser_initialize(&parser); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() {
    if (loaded) yaml_document_delete(&document);
    yaml_parser_delete(&parser);
  }
};

}  // namespace

Result<Value> read_yaml(std::string_view text) {
  Parser yaml;
  yaml_parser_set_encoding(&yaml.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&yaml.parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  if (yaml_parser_load(&yaml.parser, &yaml.document) == 0)
    return Error{ErrorKind::invalid_argument,
                 "line " + std::to_string(yaml.parser.problem_mark.line + 1) + ", column " +
                     std::to_string(yaml.parser.problem_mark.column + 1) + ": " +
                     (yaml.parser.problem != nullptr ? yaml.parser.problem : "no YAML")};
  yaml.loaded = true;
  const yaml_node_t* root = yaml_document_get_root_node(&yaml.document);
  if (root == nullptr) return Value();
  return Reader(yaml.document).read(1, 0);
}

}  // namespace headwater::authoring
