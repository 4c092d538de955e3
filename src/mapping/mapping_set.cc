#include "mapping/mapping_set.h"

#include <algorithm>

#include "mapping/internal/program.h"
#include "mapping/internal/value_writer.h"

namespace headwater::mapping {

struct Mapping::Scratch::State {
  std::vector<std::uint32_t> slots;    // node index of each source place, or kNone
  std::vector<std::uint32_t> cursors;  // per wildcard of a row: the current element's node, or kNone
  std::vector<std::uint64_t> visited;  // per destination: the pass that wrote it last
  std::uint64_t pass = 0;
  std::string text;
};

Mapping::Scratch::Scratch() : state_(std::make_unique<State>()) {}
Mapping::Scratch::~Scratch() = default;
Mapping::Scratch::Scratch(Scratch&&) noexcept = default;

namespace {

using json::Kind;
using json::Node;

/// Applies a program to one record. Lives for one call.
class Application {
 public:
  Application(const Mapping::Program& program, const json::Record& record, std::string& out,
              std::vector<std::uint32_t>& slots, std::vector<std::uint32_t>& cursors,
              std::vector<std::uint64_t>& visited, std::uint64_t& pass, std::string& text,
              std::vector<Mapping::Failure>& failures)
      : program_(program),
        record_(record),
        out_(out),
        slots_(slots),
        cursors_(cursors),
        visited_(visited),
        pass_(pass),
        text_(text),
        failures_(failures),
        writer_(program.types, program.allow_nulls) {}

  void run() {
    slots_.assign(program_.slot_count, kNone);
    cursors_.assign(program_.cursor_count, kNone);
    visited_.resize(program_.destinations.size(), 0);
    collect(0, 0);
    const auto start = out_.size();
    write_members(program_.destinations[0], nullptr);
    if (out_.size() == start) out_.append("{}");
  }

 private:
  // --- Reading the source ---

  // One walk over what rows read; the rest is skipped by its end.
  void collect(std::uint32_t node_index, std::uint32_t place_index) {
    const auto& place = program_.sources[place_index];
    const auto& node = record_.nodes[node_index];
    if (place.slot != kNone) slots_[place.slot] = node_index;
    if (node.kind == Kind::object && !place.members.empty()) {
      for (auto at = node_index + 1; at < node.next;) {
        const auto value = at + 1;
        const auto wanted = place.members.find(record_.characters(record_.nodes[at], text_));
        if (wanted != place.members.end()) collect(value, wanted->second);
        at = record_.nodes[value].next;
      }
    } else if (node.kind == Kind::array && !place.elements.empty()) {
      auto wanted = place.elements.begin();
      std::uint32_t position = 0;
      for (auto at = node_index + 1; at < node.next && wanted != place.elements.end(); ++position) {
        if (wanted->first == position) collect(at, (wanted++)->second);
        at = record_.nodes[at].next;
      }
    }
  }

  const Node* node_at(std::uint32_t index) const { return index == kNone ? nullptr : record_.nodes + index; }

  const Node* step_into(const Node* from, const Step& step) const {
    if (from == nullptr) return nullptr;
    if (step.kind == Step::Kind::name)
      return from->kind == Kind::object ? record_.find(*from, step.name) : nullptr;
    if (from->kind != Kind::array) return nullptr;
    std::uint32_t position = 0;
    for (auto at = static_cast<std::uint32_t>(from - record_.nodes) + 1; at < from->next;
         at = record_.nodes[at].next)
      if (position++ == step.index) return record_.nodes + at;
    return nullptr;
  }

  // What a wildcard row's path names up to its `wildcard`-th [*], or to its end, from the current elements.
  const Node* resolve(const CompiledRow& row, std::uint32_t wildcard) const {
    const auto& path = row.program.source;
    const auto* at = &record_.root();
    std::uint32_t seen = 0;
    for (const auto& step : path) {
      if (step.kind == Step::Kind::every) {
        if (seen == wildcard) return at;
        at = node_at(cursors_[row.cursors + seen]);
        ++seen;
      } else {
        at = step_into(at, step);
      }
    }
    return at;
  }

  const Node* source_of(const CompiledRow& row) const {
    if (row.slots.empty()) return resolve(row, kNone);
    for (const auto slot : row.slots)
      if (const auto* node = node_at(slots_[slot])) return node;
    return nullptr;
  }

  // --- Writing the target ---

  // Writes one place; `copied` is what the copy of a parent object puts there, or null. False: nothing
  // written.
  bool write(std::uint32_t index, const Node* copied) {
    const auto& destination = program_.destinations[index];
    const auto* own = copied;
    if (destination.row != kNone) {
      const auto& row = program_.rows[destination.row];
      if (row.program.kind == RowProgram::Kind::constant) {
        if (!row.constant.empty()) return out_.append(row.constant), true;
      } else if (const auto* node = source_of(row)) {
        if (node->kind != Kind::null || program_.allow_nulls) own = node;
      }
    }
    if (!destination.members.empty() && write_members(destination, own)) return true;
    if (destination.every != kNone && write_every(destination)) return true;
    if (!destination.elements.empty() && write_elements(destination, own)) return true;
    if (own == nullptr) return false;
    return write_value(destination, *own);
  }

  bool write_value(const Destination& destination, const Node& node) {
    writer_.clear_reason();
    const bool written =
        writer_.write(out_, record_, node, destination.type) == ValueWriter::Outcome::written;
    note_failure(destination);
    return written;
  }

  // A member that a copied object had to leave out counts as a failure of the copying row.
  void note_failure(const Destination& destination) {
    if (!writer_.reason().empty() && destination.row != kNone)
      failures_.push_back(Mapping::Failure{destination.row, writer_.reason()});
  }

  // An object of the rows below, over the members that are copied from `own` where it is an object.
  bool write_members(const Destination& destination, const Node* own) {
    const auto mark = out_.size();
    const auto pass = ++pass_;
    out_ += '{';
    bool first = true;
    const bool copies = own != nullptr && own->kind == Kind::object;
    if (copies) copy_members(destination, *own, pass, first);
    for (const auto index : destination.member_order) {
      if (visited_[index] == pass) continue;
      const auto& member = program_.destinations[index];
      put(first, member.key, [this, index] { return write(index, nullptr); });
    }
    if (first && !copies) return out_.resize(mark), false;
    out_ += '}';
    return true;
  }

  void copy_members(const Destination& destination, const Node& object, std::uint64_t pass, bool& first) {
    for (auto at = static_cast<std::uint32_t>(&object - record_.nodes) + 1; at < object.next;) {
      const auto& name_node = record_.nodes[at];
      const auto& value = record_.nodes[at + 1];
      const auto name = record_.characters(name_node, text_);
      const auto known = destination.members.find(name);
      if (known != destination.members.end()) {
        const auto index = known->second;
        if (visited_[index] != pass) {
          visited_[index] = pass;
          put(first, program_.destinations[index].key,
              [this, index, &value] { return write(index, &value); });
        }
      } else {
        const auto type = program_.types.member(destination.type, name);
        writer_.clear_reason();
        put(first, record_.raw(name_node), [this, type, &value] {
          out_ += ':';
          return writer_.write(out_, record_, value, type) == ValueWriter::Outcome::written;
        });
        note_failure(destination);
      }
      at = value.next;
    }
  }

  // Writes a comma, the key and the value; nothing when the value is nothing.
  template <class Write>
  void put(bool& first, std::string_view key, Write write_value_text) {
    const auto mark = out_.size();
    if (!first) out_ += ',';
    out_.append(key);
    if (write_value_text())
      first = false;
    else
      out_.resize(mark);
  }

  // list[0], list[3]: gaps are null, as far as something follows.
  bool write_elements(const Destination& destination, const Node* own) {
    const auto mark = out_.size();
    out_ += '[';
    std::uint32_t position = 0;
    bool any = false;
    const Node* source = nullptr;
    std::uint32_t rest = kNone;
    if (own != nullptr && own->kind == Kind::array) {
      rest = static_cast<std::uint32_t>(own - record_.nodes) + 1;
      any = true;
    }
    auto wanted = destination.elements.begin();
    auto complete = out_.size();  // what stands before is final; nulls behind it may be dropped
    while (wanted != destination.elements.end() || (own != nullptr && rest != kNone && rest < own->next)) {
      source = nullptr;
      if (rest != kNone && rest < own->next) {
        source = record_.nodes + rest;
        rest = source->next;
      }
      if (position > 0) out_ += ',';
      bool written = false;
      if (wanted != destination.elements.end() && wanted->first == position) {
        written = write(wanted->second, source);
        ++wanted;
      } else if (source != nullptr) {
        written = writer_.write(out_, record_, *source, program_.types.element(destination.type)) ==
                  ValueWriter::Outcome::written;
      }
      if (!written) out_.append("null");
      if (written || source != nullptr) complete = out_.size();
      any = any || written;
      ++position;
    }
    out_.resize(complete);
    if (!any) return out_.resize(mark), false;
    out_ += ']';
    return true;
  }

  // list[*]: one element for each element of the longest source array; an element without values keeps its
  // place.
  bool write_every(const Destination& destination) {
    bool found = false;
    for (const auto row_index : destination.wildcard_rows) {
      const auto& row = program_.rows[row_index];
      auto& cursor = cursors_[row.cursors + destination.wildcard];
      const auto* array = resolve(row, destination.wildcard);
      const bool usable = array != nullptr && array->kind == Kind::array;
      const auto first = usable ? static_cast<std::uint32_t>(array - record_.nodes) + 1 : kNone;
      cursor = usable && first < array->next ? first : kNone;
      found = found || usable;
    }
    if (!found) return false;
    out_ += '[';
    bool more = has_cursor(destination);
    for (bool first = true; more; first = false) {
      if (!first) out_ += ',';
      if (!write(destination.every, nullptr))
        out_.append(program_.destinations[destination.every].members.empty() ? "null" : "{}");
      advance(destination);
      more = has_cursor(destination);
    }
    out_ += ']';
    return true;
  }

  bool has_cursor(const Destination& destination) const {
    return std::any_of(destination.wildcard_rows.begin(), destination.wildcard_rows.end(),
                       [&](std::uint32_t row) {
                         return cursors_[program_.rows[row].cursors + destination.wildcard] != kNone;
                       });
  }

  void advance(const Destination& destination) {
    for (const auto row_index : destination.wildcard_rows) {
      const auto& row = program_.rows[row_index];
      auto& cursor = cursors_[row.cursors + destination.wildcard];
      if (cursor == kNone) continue;
      const auto next = record_.nodes[cursor].next;
      const auto* array = resolve(row, destination.wildcard);
      cursor = next < array->next ? next : kNone;
    }
  }

  const Mapping::Program& program_;
  const json::Record& record_;
  std::string& out_;
  std::vector<std::uint32_t>& slots_;
  std::vector<std::uint32_t>& cursors_;
  std::vector<std::uint64_t>& visited_;
  std::uint64_t& pass_;
  std::string& text_;
  std::vector<Mapping::Failure>& failures_;
  ValueWriter writer_;
};

}  // namespace

void Mapping::apply(const json::Record& record, Scratch& scratch, json::RecordGroup& out,
                    std::vector<Failure>& failures) const {
  failures.clear();
  auto& s = *scratch.state_;
  Application(*program_, record, out.buffer(), s.slots, s.cursors, s.visited, s.pass, s.text, failures).run();
}

const Row& Mapping::row(std::size_t index) const { return program_->rows[index].row; }
std::size_t Mapping::row_count() const { return program_->rows.size(); }

}  // namespace headwater::mapping
