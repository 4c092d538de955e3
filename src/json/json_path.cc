#include "json/json_path.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "json/internal/grammar.h"
#include "json/internal/path_query.h"

namespace headwater::json {
namespace {

using internal::Comparison;
using internal::FunctionCall;
using internal::Logical;
using internal::Operand;
using internal::PathQuery;
using internal::Segment;
using internal::Selector;

/// One step from a value to a child: what normalized paths are written from.
struct Step {
  const Step* parent = nullptr;
  const std::string* name = nullptr;  // of a member, in the document
  std::size_t index = 0;              // of an element
};

struct Located {
  const Value* value = nullptr;
  const Step* step = nullptr;  // null for the root
};

/// Applies a query to one document. It lives for one evaluation.
class Evaluator {
 public:
  Evaluator(const Value& root, bool with_steps) : root_(root), with_steps_(with_steps) {}

  std::vector<Located> run(const PathQuery& query, const Value& current) {
    std::vector<Located> nodes{{query.from_root ? &root_ : &current, nullptr}};
    for (const Segment& segment : query.segments) {
      std::vector<Located> next;
      for (const Located& node : nodes) apply(segment, node, next);
      nodes = std::move(next);
    }
    return nodes;
  }

 private:
  /// Nothing, or a value that lives in the document, in the query or in `computed_`.
  using Operated = const Value*;

  Located child(const Located& parent, const Member& member) {
    return {&member.value, with_steps_ ? &steps_.emplace_back(Step{parent.step, &member.name, 0}) : nullptr};
  }
  Located child(const Located& parent, const Array& array, std::size_t index) {
    return {&array[index], with_steps_ ? &steps_.emplace_back(Step{parent.step, nullptr, index}) : nullptr};
  }

  template <class Visit>
  void for_each_child(const Located& node, const Visit& visit) {
    if (const Array* array = node.value->if_array()) {
      for (std::size_t i = 0; i < array->size(); ++i) visit(child(node, *array, i));
    } else if (const Object* object = node.value->if_object()) {
      for (const Member& member : *object) visit(child(node, member));
    }
  }

  void apply(const Segment& segment, const Located& node, std::vector<Located>& out) {
    for (const Selector& selector : segment.selectors) select(selector, node, out);
    if (!segment.descendant) return;
    for_each_child(node, [&](const Located& below) {
      if (!below.value->is_array() && !below.value->is_object()) return;
      apply(segment, below, out);
    });
  }

  void select(const Selector& selector, const Located& node, std::vector<Located>& out) {
    if (const auto* name = std::get_if<internal::NameSelector>(&selector)) {
      const Object* object = node.value->if_object();
      if (object == nullptr) return;
      for (const Member& member : *object) {
        if (member.name != name->name) continue;
        out.push_back(child(node, member));
        return;
      }
    } else if (const auto* index = std::get_if<internal::IndexSelector>(&selector)) {
      const Array* array = node.value->if_array();
      if (array == nullptr) return;
      const auto size = static_cast<std::int64_t>(array->size());
      const std::int64_t at = index->index < 0 ? size + index->index : index->index;
      if (at >= 0 && at < size) out.push_back(child(node, *array, static_cast<std::size_t>(at)));
    } else if (const auto* slice = std::get_if<internal::SliceSelector>(&selector)) {
      select_slice(*slice, node, out);
    } else if (const auto* filter = std::get_if<internal::FilterSelector>(&selector)) {
      for_each_child(node, [&](const Located& one) {
        if (holds(*filter->condition, *one.value)) out.push_back(one);
      });
    } else {
      for_each_child(node, [&out](const Located& one) { out.push_back(one); });
    }
  }

  /// RFC 9535 2.3.4.2.2.
  void select_slice(const internal::SliceSelector& slice, const Located& node, std::vector<Located>& out) {
    const Array* array = node.value->if_array();
    if (array == nullptr || slice.step == 0) return;
    const auto size = static_cast<std::int64_t>(array->size());
    const auto normal = [size](std::int64_t i) { return i >= 0 ? i : size + i; };
    const bool forward = slice.step > 0;
    const std::int64_t start = normal(slice.start.value_or(forward ? 0 : size - 1));
    // The default end of a backward slice is before the first element, which no normalized index names.
    const std::int64_t end = slice.end ? normal(*slice.end) : (forward ? size : -1);
    if (forward) {
      const std::int64_t lower = std::clamp<std::int64_t>(start, 0, size);
      const std::int64_t upper = std::clamp<std::int64_t>(end, 0, size);
      for (std::int64_t i = lower; i < upper; i += slice.step)
        out.push_back(child(node, *array, static_cast<std::size_t>(i)));
    } else {
      const std::int64_t upper = std::clamp<std::int64_t>(start, -1, size - 1);
      const std::int64_t lower = std::clamp<std::int64_t>(end, -1, size - 1);
      for (std::int64_t i = upper; i > lower; i += slice.step)
        out.push_back(child(node, *array, static_cast<std::size_t>(i)));
    }
  }

  bool holds(const Logical& logical, const Value& current) {
    const auto part_holds = [this, &current](const Logical& part) { return holds(part, current); };
    switch (logical.kind) {
      case Logical::Kind::any_of:
        return std::any_of(logical.parts.begin(), logical.parts.end(), part_holds);
      case Logical::Kind::all_of:
        return std::all_of(logical.parts.begin(), logical.parts.end(), part_holds);
      case Logical::Kind::negation:
        return !part_holds(logical.parts.front());
      case Logical::Kind::exists:
        return !nodes_of(std::get<PathQuery>(logical.operands.front()), current).empty();
      case Logical::Kind::function:
        return matches(*std::get<std::shared_ptr<const FunctionCall>>(logical.operands.front()), current);
      case Logical::Kind::comparison:
        return compares(logical, current);
    }
    return false;
  }

  bool compares(const Logical& logical, const Value& current) {
    Value left_computed, right_computed;
    const Operated left = operate(logical.operands[0], current, left_computed);
    const Operated right = operate(logical.operands[1], current, right_computed);
    switch (logical.comparison) {
      case Comparison::equal:
        return equal(left, right);
      case Comparison::not_equal:
        return !equal(left, right);
      case Comparison::less:
        return less(left, right);
      case Comparison::less_or_equal:
        return less(left, right) || equal(left, right);
      case Comparison::greater:
        return less(right, left);
      case Comparison::greater_or_equal:
        return less(right, left) || equal(left, right);
    }
    return false;
  }

  static bool equal(Operated a, Operated b) {
    if (a == nullptr || b == nullptr) return a == b;
    return *a == *b;
  }

  /// Only numbers and strings have an order. UTF-8 sorts as its characters do.
  static bool less(Operated a, Operated b) {
    if (a == nullptr || b == nullptr) return false;
    if (a->is_number() && b->is_number())
      return compare_numbers(a->if_number()->text, b->if_number()->text) < 0;
    if (a->is_string() && b->is_string()) return *a->if_string() < *b->if_string();
    return false;
  }

  std::vector<Located> nodes_of(const PathQuery& query, const Value& current) {
    const bool with_steps = std::exchange(with_steps_, false);
    auto nodes = run(query, current);
    with_steps_ = with_steps;
    return nodes;
  }

  /// The operand's value; what a function computes is put into `computed`.
  Operated operate(const Operand& operand, const Value& current, Value& computed) {
    if (const auto* literal = std::get_if<Value>(&operand)) return literal;
    if (const auto* query = std::get_if<PathQuery>(&operand)) {
      const auto nodes = nodes_of(*query, current);
      return nodes.empty() ? nullptr : nodes.front().value;
    }
    const FunctionCall& call = *std::get<std::shared_ptr<const FunctionCall>>(operand);
    switch (call.function) {
      case internal::Function::length: {
        Value inner;
        return length(operate(call.arguments[0], current, inner), computed);
      }
      case internal::Function::count:
        computed = Value(
            static_cast<std::uint64_t>(nodes_of(std::get<PathQuery>(call.arguments[0]), current).size()));
        return &computed;
      case internal::Function::value: {
        const auto nodes = nodes_of(std::get<PathQuery>(call.arguments[0]), current);
        return nodes.size() == 1 ? nodes.front().value : nullptr;
      }
      case internal::Function::match:
      case internal::Function::search:
        break;
    }
    return nullptr;
  }

  static Operated length(Operated value, Value& computed) {
    if (value == nullptr) return nullptr;
    std::size_t count = 0;
    if (const std::string* text = value->if_string())
      count = static_cast<std::size_t>(std::count_if(text->begin(), text->end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      }));
    else if (const Array* array = value->if_array())
      count = array->size();
    else if (const Object* object = value->if_object())
      count = object->size();
    else
      return nullptr;
    computed = Value(static_cast<std::uint64_t>(count));
    return &computed;
  }

  bool matches(const FunctionCall& call, const Value& current) {
    Value text_computed, pattern_computed;
    const Operated text = operate(call.arguments[0], current, text_computed);
    if (text == nullptr || !text->is_string()) return false;
    if (call.pattern_is_literal) return call.pattern && call.pattern->search(*text->if_string());
    const Operated pattern = operate(call.arguments[1], current, pattern_computed);
    if (pattern == nullptr || !pattern->is_string()) return false;
    const auto& regex = regex_of(*pattern->if_string(), call.function == internal::Function::match);
    return regex && regex->search(*text->if_string());
  }

  /// A document's pattern that is none, or too large for the engine, matches nothing: RFC 9535 knows no
  /// errors of data.
  static std::optional<Regex> pattern_of(const std::string& text, bool whole) {
    auto compiled = internal::compile_iregexp(text, whole);
    return compiled ? *std::move(compiled) : std::nullopt;
  }

  /// Patterns that stand in the document, each compiled once.
  const std::optional<Regex>& regex_of(const std::string& text, bool whole) {
    auto& known = whole ? whole_patterns_ : part_patterns_;
    const auto found = known.find(text);
    if (found != known.end()) return found->second;
    return known.emplace(text, pattern_of(text, whole)).first->second;
  }

  const Value& root_;
  bool with_steps_;
  std::deque<Step> steps_;
  std::unordered_map<std::string, std::optional<Regex>> whole_patterns_, part_patterns_;
};

/// RFC 9535 2.7.
void append_normalized_name(std::string& out, std::string_view name) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "['";
  for (const char c : name) {
    switch (c) {
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\'':
      case '\\':
        out += '\\';
        out += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[static_cast<unsigned char>(c) >> 4];
          out += kHex[static_cast<unsigned char>(c) & 0xF];
        } else {
          out += c;
        }
    }
  }
  out += "']";
}

std::string normalized(const Step* step) {
  std::vector<const Step*> steps;
  for (; step != nullptr; step = step->parent) steps.push_back(step);
  std::string path = "$";
  for (auto one = steps.rbegin(); one != steps.rend(); ++one) {
    if ((*one)->name != nullptr)
      append_normalized_name(path, *(*one)->name);
    else
      path += '[' + std::to_string((*one)->index) + ']';
  }
  return path;
}

}  // namespace

struct JsonPath::Query {
  PathQuery tree;
};

JsonPath::JsonPath(std::string text, std::shared_ptr<const Query> query)
    : text_(std::move(text)), query_(std::move(query)) {}

Result<JsonPath> JsonPath::compile(std::string_view expression) {
  auto query = std::make_shared<Query>();
  query->tree = TRY(internal::compile_path(expression));
  return JsonPath(std::string(expression), std::move(query));
}

std::vector<JsonPath::Node> JsonPath::nodes(const Value& document) const {
  Evaluator evaluator(document, true);
  std::vector<Node> nodes;
  for (const Located& located : evaluator.run(query_->tree, document))
    nodes.push_back({located.value, normalized(located.step)});
  return nodes;
}

std::vector<const Value*> JsonPath::values(const Value& document) const {
  return internal::evaluate(query_->tree, document, document);
}

const PathQuery& internal::tree_of(const JsonPath& path) { return path.query_->tree; }

std::vector<const Value*> internal::evaluate(const PathQuery& query, const Value& root,
                                             const Value& current) {
  Evaluator evaluator(root, false);
  std::vector<const Value*> values;
  for (const Located& located : evaluator.run(query, current)) values.push_back(located.value);
  return values;
}

bool JsonPath::is_singular() const { return query_->tree.is_singular(); }

bool JsonPath::is_dotted(std::vector<std::string>& names) const {
  std::vector<std::string> found;
  for (const Segment& segment : query_->tree.segments) {
    if (segment.descendant || segment.selectors.size() != 1) return false;
    const auto* name = std::get_if<internal::NameSelector>(&segment.selectors.front());
    if (name == nullptr) return false;
    found.push_back(name->name);
  }
  names = std::move(found);
  return true;
}

std::optional<std::string> JsonPath::last_name() const {
  std::optional<std::string> last;
  for (const Segment& segment : query_->tree.segments)
    for (const auto& selector : segment.selectors)
      if (const auto* name = std::get_if<internal::NameSelector>(&selector)) last = name->name;
  return last;
}

}  // namespace headwater::json
