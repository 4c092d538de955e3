#include "schema/infer.h"

#include <algorithm>

namespace headwater::schema {
namespace {

constexpr std::string_view kSafeLeast = "9007199254740992";  // its digits
constexpr std::string_view kSafeMost = "9007199254740991";
constexpr std::string_view kInt64Max = "9223372036854775807";
constexpr std::string_view kInt64Least = "9223372036854775808";

// True when the digits of an integer text are beyond `limit` digits.
bool is_beyond(std::string_view digits, std::string_view limit) {
  return digits.size() != limit.size() ? digits.size() > limit.size() : digits > limit;
}

json::Value typed(std::string_view type) {
  json::Object schema;
  schema.set("type", type);
  return schema;
}

}  // namespace

const Shape::Member* Shape::find(std::string_view name) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [name](const Member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

bool is_nullable(const Shape& parent, const Shape::Member& member) {
  return member.shape.nulls > 0 || member.shape.seen < parent.objects;
}

void Inference::add(const json::Record& record) { add_node(record, 0, root_); }

void Inference::add(const json::Record& record, const json::Node& node) {
  add_node(record, static_cast<std::uint32_t>(&node - record.nodes), root_);
}

// Records of one source repeat their members in order, so the member is mostly where it was last time.
Shape* Inference::member_of(Shape& shape, std::string_view name, std::size_t position) {
  if (position < shape.members.size() && shape.members[position].name == name)
    return &shape.members[position].shape;
  for (auto& member : shape.members)
    if (member.name == name) return &member.shape;
  if (places_left_ == 0) {
    truncated_ = true;
    return nullptr;
  }
  --places_left_;
  shape.members.push_back(Shape::Member{std::string(name), {}});
  return &shape.members.back().shape;
}

std::uint32_t Inference::add_node(const json::Record& record, std::uint32_t index, Shape& shape) {
  const auto& node = record.nodes[index];
  ++shape.seen;
  switch (node.kind) {
    case json::Kind::null:
      ++shape.nulls;
      break;
    case json::Kind::boolean:
      ++shape.booleans;
      break;
    case json::Kind::string:
      ++shape.strings;
      break;
    case json::Kind::number: {
      auto text = record.raw(node);
      if (text.find_first_of(".eE") != std::string_view::npos) {
        ++shape.fractions;
        break;
      }
      ++shape.integers;
      const bool negative = text.front() == '-';
      if (negative) text.remove_prefix(1);
      shape.beyond_2_53 = shape.beyond_2_53 || is_beyond(text, negative ? kSafeLeast : kSafeMost);
      shape.beyond_int64 = shape.beyond_int64 || is_beyond(text, negative ? kInt64Least : kInt64Max);
      break;
    }
    case json::Kind::array: {
      ++shape.arrays;
      for (auto at = index + 1; at < node.next; at = record.nodes[at].next) {
        if (!shape.elements) shape.elements = std::make_unique<Shape>();
        add_node(record, at, *shape.elements);
      }
      break;
    }
    case json::Kind::object: {
      ++shape.objects;
      std::size_t position = 0;
      for (auto at = index + 1; at < node.next; ++position) {
        const auto value = at + 1;
        const auto name = record.characters(record.nodes[at], scratch_);
        if (auto* member = member_of(shape, name, position)) add_node(record, value, *member);
        at = record.nodes[value].next;
      }
      break;
    }
  }
  return node.next;
}

json::Value Inference::schema() const { return schema_of(root_); }

json::Value schema_of(const Shape& shape) {
  const bool scalar = shape.booleans + shape.integers + shape.fractions + shape.strings > 0;
  if (shape.objects > 0) {
    if (scalar || shape.arrays > 0) return json::Object{};
    json::Object properties;
    for (const auto& member : shape.members) properties.set(member.name, schema_of(member.shape));
    json::Object schema;
    schema.set("type", "object");
    schema.set("properties", std::move(properties));
    return schema;
  }
  if (shape.arrays > 0) {
    if (scalar) return json::Object{};
    json::Object schema;
    schema.set("type", "array");
    schema.set("items", shape.elements ? schema_of(*shape.elements) : json::Value(json::Object{}));
    return schema;
  }
  if (!scalar) return json::Object{};
  const bool numeric = shape.integers + shape.fractions > 0;
  if (shape.strings > 0 || (shape.booleans > 0 && numeric)) return typed("string");
  if (shape.booleans > 0) return typed("boolean");
  if (shape.fractions > 0) return typed("number");
  json::Object schema;
  schema.set("type", "integer");
  if (!shape.beyond_2_53) {
    schema.set("minimum", json::Number{"-" + std::string(kSafeLeast)});
    schema.set("maximum", json::Number{std::string(kSafeMost)});
  }
  return schema;
}

}  // namespace headwater::schema
