#include "lake/internal/infer.h"

#include <algorithm>

#include "base/text.h"
#include "lake/internal/numbers.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;

constexpr std::size_t kRootMembersMax = 2000;
// An object with more different members over the first records is a map with data for names.
constexpr std::size_t kMembersMax = 200;
constexpr int kDepthMax = 16;

struct NumberGuess {
  bool any_fraction = false;  // a point or an exponent
  bool all_int64 = true;
  bool all_double = true;
  bool all_plain = true;  // no exponent
  bool trailing_zero = false;
  std::int64_t integer_digits = 0;
  std::int64_t scale = 0;

  void add(std::string_view text) {
    const auto parts = parts_of(text);
    any_fraction |= parts.has_point || parts.has_exponent;
    all_plain &= !parts.has_exponent;
    trailing_zero |= parts.trailing_zero;
    integer_digits = std::max(integer_digits, parts.integer_digits);
    scale = std::max(scale, parts.scale);
    if (!parts.has_point && !parts.has_exponent && all_int64) all_int64 = to_integer(text).has_value();
    if (all_double) {
      const auto value = to_double(text);
      all_double = value && value->exact;
    }
  }

  ColumnType type() const {
    if (!any_fraction && all_int64) return {.kind = Kind::integer};
    const auto digits = integer_digits + scale;
    const bool fits_decimal = all_plain && digits <= 38;
    if (fits_decimal && (!any_fraction || !all_double || trailing_zero)) {
      // Room for larger values than the first ones; 18 digits are stored in 8 bytes instead of 16.
      const std::uint8_t width = digits <= 12 ? 18 : 38;
      return {.kind = Kind::decimal, .width = width, .scale = static_cast<std::uint8_t>(scale)};
    }
    return {.kind = all_double && any_fraction ? Kind::number : Kind::json};
  }
};

}  // namespace

bool can_name_column(std::string_view name) {
  return !name.empty() && name.find('\0') == name.npos && folded(name) != kOtherColumn;
}

std::string folded(std::string_view name) { return lower(name); }

struct LayoutGuess::Node {
  bool saw_boolean = false, saw_number = false, saw_text = false, saw_object = false, saw_array = false;
  bool is_map = false;
  NumberGuess numbers;
  struct Member {
    std::string name;
    std::unique_ptr<Node> guess;
  };
  std::vector<Member> members;                             // in the order they were first seen
  std::unordered_map<std::string, std::size_t> positions;  // by folded name
  std::unique_ptr<Node> element;

  void add(const json::Record& record, const json::Node& node, int depth) {
    switch (node.kind) {
      case json::Kind::null:
        return;
      case json::Kind::boolean:
        saw_boolean = true;
        return;
      case json::Kind::number:
        saw_number = true;
        numbers.add(record.raw(node));
        return;
      case json::Kind::string:
        saw_text = true;
        return;
      case json::Kind::array:
        add_elements(record, node, depth);
        return;
      case json::Kind::object:
        add_members(record, node, depth);
        return;
    }
  }

  void add_elements(const json::Record& record, const json::Node& array, int depth) {
    saw_array = true;
    const auto first = static_cast<std::uint32_t>(&array - record.nodes) + 1;
    for (auto at = first; at < array.next; at = record.nodes[at].next) {
      if (!element) element = std::make_unique<Node>();
      element->add(record, record.nodes[at], depth + 1);
    }
  }

  void add_members(const json::Record& record, const json::Node& object, int depth) {
    saw_object = true;
    if (is_map) return;
    const auto first = static_cast<std::uint32_t>(&object - record.nodes) + 1;
    std::string scratch;
    for (auto at = first; at < object.next;) {
      const auto name = record.characters(record.nodes[at], scratch);
      const auto& value = record.nodes[at + 1];
      if (auto* member = find_or_add(name)) member->add(record, value, depth + 1);
      at = value.next;
    }
    is_map = depth > kDepthMax || (depth > 0 && members.size() > kMembersMax);
    if (is_map) members.clear();
  }

  Node* find_or_add(std::string_view name) {
    if (!can_name_column(name) || members.size() >= kRootMembersMax) return nullptr;
    const auto [place, added] = positions.try_emplace(folded(name), members.size());
    if (added) members.push_back({std::string(name), std::make_unique<Node>()});
    auto& member = members[place->second];
    return member.name == name ? member.guess.get() : nullptr;
  }

  ColumnType type() const {
    const int kinds = saw_boolean + saw_number + saw_text + saw_object + saw_array;
    if (kinds != 1) return {.kind = Kind::json};
    if (saw_boolean) return {.kind = Kind::boolean};
    if (saw_number) return numbers.type();
    if (saw_text) return {.kind = Kind::text};
    if (saw_array) {
      if (!element) return {.kind = Kind::json};
      auto type = element->type();
      if (type.kind == Kind::json) return type;  // The array as it was written is easier to read.
      return {.kind = Kind::list, .children = {{"element", std::move(type)}}};
    }
    if (members.empty()) return {.kind = Kind::json};
    return {.kind = Kind::structure, .children = columns()};
  }

  std::vector<Column> columns() const {
    std::vector<Column> out;
    out.reserve(members.size());
    for (const auto& member : members) out.push_back({member.name, member.guess->type()});
    return out;
  }
};

LayoutGuess::LayoutGuess() : root_(std::make_unique<Node>()) {}
LayoutGuess::~LayoutGuess() = default;

void LayoutGuess::add(const json::Record& record) { root_->add_members(record, record.root(), 0); }

Layout LayoutGuess::layout() const { return {.columns = root_->columns(), .strict = false}; }

}  // namespace headwater::lake
