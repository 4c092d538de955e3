#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::json {

/// One value of a parsed record, as bytes of the record's own text: nothing is copied or converted.
/// A record is a flat list of nodes in document order. An object's node is followed by name node, value
/// subtree, name node, value subtree, ...; an array's by its elements' subtrees.
struct Node {
  std::uint32_t begin;  // Offset of the value's first byte in the record's text.
  std::uint32_t end;    // One past its last byte (for containers past the closing bracket).
  std::uint32_t next;   // Index of the first node after this value's subtree.
  Kind kind;
  bool escaped;  // For strings and names: the text holds a backslash.
};

/// A parsed record. The bytes belong to whoever parsed; both live until the next parse.
struct Record {
  std::string_view text;
  const Node* nodes = nullptr;  // nodes[0] is the root
  std::uint32_t node_count = 0;

  const Node& root() const { return nodes[0]; }
  /// The value's JSON text as written (a string with its quotes).
  std::string_view raw(const Node& node) const { return text.substr(node.begin, node.end - node.begin); }
  /// A string's or name's characters between the quotes, escapes not resolved: valid as it is unless
  /// `escaped`.
  std::string_view inner(const Node& node) const {
    return text.substr(node.begin + 1, node.end - node.begin - 2);
  }
  /// The string's characters; `scratch` holds them when escapes had to be resolved.
  std::string_view characters(const Node& node, std::string& scratch) const;
  /// The member's value, or nullptr. Compares names with escapes resolved. The last of repeated names wins.
  const Node* find(const Node& object, std::string_view name) const;
};

/// Parses records one after another without allocating once warm. Checks everything that JSON demands:
/// grammar, UTF-8, escapes, number syntax; numbers of any size stay text. Confined to one thread.
class RecordParser {
 public:
  struct Limits {
    std::uint32_t depth_max = 200;
  };
  RecordParser();
  explicit RecordParser(Limits limits);
  ~RecordParser();
  RecordParser(RecordParser&&) noexcept;

  /// Bytes that must be readable (not necessarily meaningful) after each text passed to `parse`.
  static constexpr std::size_t kPadding = 64;

  /// Parses one JSON text. kPadding readable bytes must follow it (buffers of RecordGroup have them).
  /// Errors: invalid_argument with the byte offset and reason.
  Result<Record> parse(std::string_view padded_text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A bounded run of JSON texts in one buffer: how records travel between engine steps. `end_of(i)` bounds
/// text i; texts do not overlap and stand in order. The buffer always has RecordParser::kPadding
/// readable bytes after its last text.
class RecordGroup {
 public:
  void clear();
  /// Copies one text to the end.
  void append(std::string_view text);
  /// Appends one text made of parts, without a temporary.
  void append(std::initializer_list<std::string_view> parts);
  /// For writers that build a text in place: append to `buffer()`, then `close_text()`.
  std::string& buffer() { return bytes_; }
  void close_text();
  /// Forgets what was appended to buffer() since the last close_text().
  void drop_open_text();
  /// Forgets the last text.
  void drop_last_text();

  /// Keeps the nodes of the last text with it, so that whoever reads the group need not parse it again.
  void keep_nodes(const Record& record);
  /// Text `index` as parsed, when its nodes were kept; otherwise `nodes` is null.
  Record parsed(std::size_t index) const;

  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::size_t bytes() const { return ends_.empty() ? 0 : ends_.back(); }
  std::string_view operator[](std::size_t index) const;

 private:
  std::string bytes_;  // capacity is kept at size + kPadding
  std::vector<std::size_t> ends_;
  std::vector<Node> nodes_;             // those that were kept, text after text
  std::vector<std::size_t> node_ends_;  // where a text's nodes end; may stop before the last texts
};

/// Copies a node into a Value (for errors, previews and other cold paths).
Value to_value(const Record& record, const Node& node);

/// Appends the text of a node without white space outside strings.
void append_minified(std::string& out, std::string_view json_text);

}  // namespace headwater::json
