#include "json/record.h"

#include <algorithm>

#include "json/internal/grammar.h"

namespace headwater::json {
namespace {

std::string text_of(const Record& record, const Node& node) {
  const std::string_view inner = record.inner(node);
  if (!node.escaped) return std::string(inner);
  std::string text;
  internal::append_unescaped(text, inner);
  return text;
}

}  // namespace

std::string_view Record::characters(const Node& node, std::string& scratch) const {
  if (!node.escaped) return inner(node);
  scratch.clear();
  internal::append_unescaped(scratch, inner(node));
  return scratch;
}

const Node* Record::find(const Node& object, std::string_view name) const {
  if (object.kind != Kind::object) return nullptr;
  const Node* found = nullptr;
  const Node* const end = nodes + object.next;
  for (const Node* member = &object + 1; member < end; member = nodes + member[1].next) {
    if (member->escaped ? text_of(*this, *member) == name : inner(*member) == name) found = member + 1;
  }
  return found;
}

Value to_value(const Record& record, const Node& node) {
  const Node* const end = record.nodes + node.next;
  switch (node.kind) {
    case Kind::null:
      return Value();
    case Kind::boolean:
      return Value(record.raw(node) == "true");
    case Kind::number:
      return Value(Number{std::string(record.raw(node))});
    case Kind::string:
      return Value(text_of(record, node));
    case Kind::array: {
      Array array;
      for (const Node* element = &node + 1; element < end; element = record.nodes + element->next)
        array.push_back(to_value(record, *element));
      return Value(std::move(array));
    }
    case Kind::object: {
      std::vector<Member> members;
      for (const Node* name = &node + 1; name < end; name = record.nodes + name[1].next)
        members.push_back({text_of(record, *name), to_value(record, name[1])});
      return Value(Object::from_members(std::move(members)));
    }
  }
  return Value();
}

void RecordGroup::clear() {
  bytes_.clear();
  ends_.clear();
  nodes_.clear();
  node_ends_.clear();
}

void RecordGroup::append(std::string_view text) {
  bytes_.append(text);
  close_text();
}

void RecordGroup::append(std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) bytes_.append(part);
  close_text();
}

void RecordGroup::close_text() {
  ends_.push_back(bytes_.size());
  const std::size_t wanted = bytes_.size() + RecordParser::kPadding;
  if (bytes_.capacity() < wanted) bytes_.reserve(std::max(wanted, 2 * bytes_.capacity()));
}

void RecordGroup::drop_open_text() { bytes_.resize(bytes()); }

void RecordGroup::drop_last_text() {
  ends_.pop_back();
  bytes_.resize(bytes());
  if (node_ends_.size() <= ends_.size()) return;
  node_ends_.pop_back();
  nodes_.resize(node_ends_.empty() ? 0 : node_ends_.back());
}

void RecordGroup::keep_nodes(const Record& record) {
  node_ends_.resize(ends_.size() - 1, nodes_.size());
  nodes_.insert(nodes_.end(), record.nodes, record.nodes + record.node_count);
  node_ends_.push_back(nodes_.size());
}

Record RecordGroup::parsed(std::size_t index) const {
  Record record{(*this)[index], nullptr, 0};
  if (index >= node_ends_.size()) return record;
  const std::size_t begin = index == 0 ? 0 : node_ends_[index - 1];
  record.node_count = static_cast<std::uint32_t>(node_ends_[index] - begin);
  if (record.node_count > 0) record.nodes = nodes_.data() + begin;
  return record;
}

std::string_view RecordGroup::operator[](std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

void append_minified(std::string& out, std::string_view json_text) {
  const std::size_t size = json_text.size();
  std::size_t done = 0;  // what stands before is in `out` or is white space
  for (std::size_t at = 0; at < size;) {
    if (json_text[at] == '"') {
      for (++at; at < size && json_text[at] != '"'; ++at)
        if (json_text[at] == '\\') ++at;
      ++at;
    } else if (internal::is_space(json_text[at])) {
      out.append(json_text, done, at - done);
      while (at < size && internal::is_space(json_text[at])) ++at;
      done = at;
    } else {
      ++at;
    }
  }
  if (done < size) out.append(json_text, done);
}

}  // namespace headwater::json
