#include "engine/shape/shaper.h"

#include <utility>

#include "domain/entity_path.h"
#include "json/json_path.h"
#include "json/kind_phrase.h"

namespace headwater::shape {
namespace {

constexpr std::string_view kUnreadable = "INGEST-1401-400";
constexpr std::size_t kStepBytes = 512U << 10;

// In a valid JSON text a line end stands only outside strings.
bool has_line_end(std::string_view text) {
  return text.find('\n') != std::string_view::npos || text.find('\r') != std::string_view::npos;
}

}  // namespace

void Shaped::clear() {
  records.clear();
  element_of.clear();
  rejects.clear();
}

struct Shaper::State {
  std::string wrapper;
  std::optional<domain::EntityPath> explode;
  std::optional<json::JsonPath> explode_path;  // when it is more than member names
  Mode mode = Mode::ingest;
  bool keep_nodes = false;

  std::string before;  // up to and with the wrapper's name and colon; empty: records are bare elements
  std::string after;

  // The array being exploded: `wrapped` and `parser` hold its record.
  struct Exploding {
    json::Record record;
    std::uint32_t at = 0;
    std::uint32_t end = 0;
    std::size_t index = 0;
    bool is_done() const { return at == end; }
  };

  json::RecordParser parser, finisher;
  json::RecordGroup wrapped, piece, frame;
  Exploding exploding;
  std::string compact, before_array, after_array, scratch;

  void add(std::string_view element, std::size_t index, Shaped& shaped);
  void add_whole(std::string_view element, std::size_t index, Shaped& shaped);
  void finish_record(std::string_view padded_text, std::size_t index, Shaped& shaped);
  void explode_record(const json::Record& record, std::size_t index, Shaped& shaped);
  void explode_some(Shaped& shaped);
  void explode_selected(const json::Record& record, std::size_t index, Shaped& shaped);
  void split_around(const json::Record& record, const json::Node& parent);
  void reject(std::size_t index, std::string reason, Shaped& shaped) const {
    shaped.rejects.push_back(Reject{index, kUnreadable, std::move(reason)});
  }
};

Shaper::Shaper(std::unique_ptr<State> state) : state_(std::move(state)) {}
Shaper::Shaper(Shaper&&) noexcept = default;
Shaper& Shaper::operator=(Shaper&&) noexcept = default;
Shaper::~Shaper() = default;

Result<Shaper> Shaper::make(const std::optional<domain::EntityPath>& content,
                            const std::optional<domain::EntityPath>& explode, Mode mode) {
  auto state = std::make_unique<State>();
  if (content) state->wrapper = json::quoted(content->wrapper);
  state->mode = mode;
  if (explode && explode->dotted && explode->names.empty())
    return Error{ErrorKind::invalid_argument, "explodeEntityPath.path must name a member of the record.",
                 "/explodeEntityPath/path"};
  if (explode && !explode->dotted) {
    auto path = json::JsonPath::compile(explode->path);
    if (!path) {
      auto error = std::move(path).error();
      error.where = "/explodeEntityPath/path";
      return error;
    }
    state->explode_path = *std::move(path);
  }
  state->explode = explode;
  return Shaper(std::move(state));
}

Result<void> Shaper::begin_page(const json::ArrayCutter::Frame& frame) {
  auto& s = *state_;
  s.before.clear();
  s.after.clear();
  if (frame.before.empty()) return {};
  // The cutter checks the structure only; the members around the array go into every record, so they are
  // parsed once here.
  s.frame.clear();
  s.frame.append({frame.before, s.wrapper, ":null", frame.after});
  auto parsed = s.parser.parse(s.frame[0]);
  if (!parsed)
    return Error{ErrorKind::invalid_argument,
                 "The members around the records are no valid JSON: " + parsed.error().message};
  s.before.append(frame.before).append(s.wrapper).append(":");
  s.after = frame.after;
  return {};
}

void Shaper::keep_nodes() { state_->keep_nodes = true; }

void Shaper::shape(const json::RecordGroup& elements, Shaped& shaped) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    shape(elements[i], i, shaped);
    while (has_more()) more(shaped);
  }
}

void Shaper::shape(std::string_view padded_element, std::size_t index, Shaped& shaped) {
  state_->exploding = {};
  state_->add(padded_element, index, shaped);
}

bool Shaper::has_more() const { return !state_->exploding.is_done(); }

void Shaper::more(Shaped& shaped) { state_->explode_some(shaped); }

// The element's brackets are balanced, so it is valid alone when it is valid in its frame: one parse.
void Shaper::State::add_whole(std::string_view element, std::size_t index, Shaped& shaped) {
  auto& records = shaped.records;
  records.append({before, element, after});
  const auto record = parser.parse(records[records.size() - 1]);
  if (record) {
    if (keep_nodes) records.keep_nodes(*record);
    shaped.element_of.push_back(index);
    return;
  }
  records.drop_last_text();
  const auto alone = parser.parse(element);  // Its error counts bytes from the element's own begin.
  if (!alone) return reject(index, alone.error().message, shaped);
  records.append({before, element, after});  // Only its frame makes it deeper than the parser goes.
  shaped.element_of.push_back(index);
}

void Shaper::State::add(std::string_view element, std::size_t index, Shaped& shaped) {
  if (!explode && mode == Mode::ingest && !has_line_end(element)) return add_whole(element, index, shaped);
  auto parsed = parser.parse(element);
  if (!parsed) return reject(index, parsed.error().message, shaped);
  auto text = element;
  if (has_line_end(element)) {
    compact.clear();
    json::append_minified(compact, element);
    text = compact;
  }
  if (!explode && mode == Mode::ingest) {
    shaped.records.append({before, text, after});
    shaped.element_of.push_back(index);
    return;
  }
  wrapped.clear();
  wrapped.append({before, text, after});
  if (!explode) return finish_record(wrapped[0], index, shaped);
  auto record = parser.parse(wrapped[0]);
  if (!record) return reject(index, record.error().message, shaped);
  if (explode_path)
    explode_selected(*record, index, shaped);
  else
    explode_record(*record, index, shaped);
}

// Takes a complete valid record.
void Shaper::State::finish_record(std::string_view padded_text, std::size_t index, Shaped& shaped) {
  if (mode == Mode::ingest) {
    shaped.records.append(padded_text);
  } else {
    const auto record = finisher.parse(padded_text);
    if (!record) return reject(index, record.error().message, shaped);
    append_without_nulls(shaped.records.buffer(), *record);
    shaped.records.close_text();
  }
  shaped.element_of.push_back(index);
}

// Cross apply: a record without the array, or with an empty one, gives nothing.
void Shaper::State::explode_record(const json::Record& record, std::size_t index, Shaped& shaped) {
  const auto* parent = &record.root();
  const json::Node* array = nullptr;
  for (std::size_t depth = 0;; ++depth) {
    if (parent->kind != json::Kind::object) {
      const auto at = depth == 0 ? std::string("the record") : "\"" + explode->names[depth - 1] + "\"";
      return reject(index,
                    "explodeEntityPath " + explode->path + ": " + at + " is " +
                        std::string(json::phrase(parent->kind)) + ", not an object.",
                    shaped);
    }
    const auto* next = record.find(*parent, explode->names[depth]);
    if (next == nullptr || next->kind == json::Kind::null) return;
    if (depth + 1 == explode->names.size()) {
      array = next;
      break;
    }
    parent = next;
  }
  if (array->kind != json::Kind::array)
    return reject(index,
                  "explodeEntityPath " + explode->path + ": is " + std::string(json::phrase(array->kind)) +
                      ", not an array.",
                  shaped);
  split_around(record, *parent);
  exploding = {record, static_cast<std::uint32_t>(array - record.nodes) + 1, array->next, index};
  explode_some(shaped);
}

// Each record repeats all members around the array: together they may be far larger than their element.
void Shaper::State::explode_some(Shaped& shaped) {
  const std::size_t begun = shaped.records.bytes();
  auto& [record, at, end, index] = exploding;
  for (; at < end && shaped.records.bytes() - begun < kStepBytes; at = record.nodes[at].next) {
    if (mode == Mode::ingest) {
      shaped.records.append({before_array, record.raw(record.nodes[at]), after_array});
      shaped.element_of.push_back(index);
      continue;
    }
    piece.clear();
    piece.append({before_array, record.raw(record.nodes[at]), after_array});
    finish_record(piece[0], index, shaped);
  }
}

// Writes what goes before and behind each element of the array in `parent`.
void Shaper::State::split_around(const json::Record& record, const json::Node& parent) {
  before_array.assign(record.text.substr(0, parent.begin));
  before_array += '{';
  after_array.clear();
  bool behind = false;
  const auto& last = explode->names.back();
  for (auto at = static_cast<std::uint32_t>(&parent - record.nodes) + 1; at < parent.next;) {
    const auto& name_node = record.nodes[at];
    const auto& value = record.nodes[at + 1];
    const auto name = record.characters(name_node, scratch);
    if (name == last) {
      behind = true;
    } else if (domain::keeps_sibling(*explode, name)) {
      if (behind) after_array += ',';
      auto& side = behind ? after_array : before_array;
      side.append(record.raw(name_node)).append(":").append(record.raw(value));
      if (!behind) side += ',';
    }
    at = value.next;
  }
  before_array.append(json::quoted(explode->wrapper)).append(":");
  after_array += '}';
  after_array.append(record.text.substr(parent.end));
}

// Any other JSONPath: each element of each selected array is a record of its own, without siblings.
void Shaper::State::explode_selected(const json::Record& record, std::size_t index, Shaped& shaped) {
  const auto document = json::to_value(record, record.root());
  const auto selection = explode_path->values(document);
  for (const auto* selected : selection)
    if (!selected->is_null() && selected->if_array() == nullptr)
      return reject(index, "explodeEntityPath " + explode->path + ": selects something that is not an array.",
                    shaped);
  for (const auto* selected : selection) {
    if (selected->is_null()) continue;
    for (const auto& element : *selected->if_array()) {
      json::Object object;
      object.set(explode->wrapper, element);
      piece.clear();
      piece.append(json::Value(std::move(object)).dump());
      finish_record(piece[0], index, shaped);
    }
  }
}

namespace {

std::uint32_t append_node(std::string& out, const json::Record& record, std::uint32_t index) {
  const auto& node = record.nodes[index];
  if (node.kind != json::Kind::object && node.kind != json::Kind::array) {
    out.append(record.raw(node));
    return node.next;
  }
  const bool object = node.kind == json::Kind::object;
  out += object ? '{' : '[';
  bool first = true;
  for (auto at = index + 1; at < node.next;) {
    const auto value = object ? at + 1 : at;
    if (object && record.nodes[value].kind == json::Kind::null) {
      at = record.nodes[value].next;
      continue;
    }
    if (!first) out += ',';
    first = false;
    if (object) out.append(record.raw(record.nodes[at])).append(":");
    at = append_node(out, record, value);
  }
  out += object ? '}' : ']';
  return node.next;
}

}  // namespace

void append_without_nulls(std::string& out, const json::Record& record) { append_node(out, record, 0); }

}  // namespace headwater::shape
