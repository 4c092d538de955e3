#include "mapping/mapping_set.h"

#include <algorithm>

#include "mapping/internal/program.h"
#include "mapping/internal/value_writer.h"

namespace headwater::mapping {

Mapping::Scratch::Scratch(const Environment& environment) : state_(std::make_unique<State>(environment)) {}
Mapping::Scratch::~Scratch() = default;
Mapping::Scratch::Scratch(Scratch&&) noexcept = default;

namespace {

using json::Kind;
using json::Node;

/// Applies a program to one record. Lives for one call.
class Application {
 public:
  Application(const Mapping::Program& program, const json::Record& record, std::string& out,
              Mapping::Scratch::State& state, std::vector<Mapping::Failure>& failures)
      : program_(program),
        record_(record),
        out_(out),
        state_(state),
        failures_(failures),
        writer_(program.types, program.allow_nulls, state.run) {}

  void run() {
    state_.places.find(program_.sources, record_);
    state_.run.start(record_, state_.places);
    state_.cursors.assign(program_.cursor_count, kNone);
    state_.visited.resize(program_.destinations.size(), 0);
    const auto start = out_.size();
    write_members(program_.destinations[0], nullptr);
    if (out_.size() == start) out_.append("{}");
  }

 private:
  // --- Reading the source ---

  const Node* node_at(std::uint32_t index) const { return index == kNone ? nullptr : record_.nodes + index; }

  const Node* step_into(const Node* from, const Step& step) const {
    if (from == nullptr) return nullptr;
    if (step.kind == Step::Kind::name)
      return from->kind == Kind::object ? record_.find(*from, step.name) : nullptr;
    if (from->kind != Kind::array) return nullptr;
    std::uint32_t position = 0;
    for (auto at = index_of(*from) + 1; at < from->next; at = record_.nodes[at].next)
      if (position++ == step.index) return record_.nodes + at;
    return nullptr;
  }

  std::uint32_t index_of(const Node& node) const { return static_cast<std::uint32_t>(&node - record_.nodes); }

  // What a path names up to its `wildcard`-th [*], or to its end, from the current elements.
  const Node* resolve(const WildcardPath& path, std::uint32_t wildcard) const {
    const auto* at = state_.places.node(path.place);
    std::uint32_t seen = 0;
    for (const auto& step : path.path) {
      if (step.kind == Step::Kind::every) {
        if (seen == wildcard) return at;
        at = node_at(state_.cursors[path.cursors + seen]);
        ++seen;
      } else if (seen > 0) {
        at = step_into(at, step);
      }
    }
    return at;
  }

  // The value of the row that writes a place; nothing when it gives none and what a copy put there stands.
  struct Given {
    bool any = false;
    bool removes = false;  // what a copy put there
    Value value;
  };
  // Filled in where it stands: a value that is put together anew is waited for when it is read as a whole.
  void find_given(std::uint32_t row_index, Given& out) {
    const auto& program = program_.rows[row_index].program;
    if (program.kind == RowProgram::Kind::attribute) {
      const auto* node = program.wildcards.empty() ? state_.places.node(program.place)
                                                   : resolve(program.wildcards.front(), kNone);
      if (node == nullptr || (node->kind == Kind::null && !program_.allow_nulls)) return;
      out.any = true;
      out.value = as_node(*node);
      return;
    }
    state_.elements.clear();
    for (const auto& path : program.wildcards) state_.elements.push_back(resolve(path, kNone));
    out.value = state_.run.run(*program.expression, state_.elements);
    out.any = true;
    if (out.value.failed()) {
      failures_.push_back(Mapping::Failure{row_index, out.value.characters()});
      out = {program_.allow_nulls, true, Value()};
    } else if (out.value.is_null() && !program_.allow_nulls) {
      out = {false, (out.value.flags & Value::kExplicit) != 0, Value()};
    }
  }

  // --- Writing the target ---

  // Writes one place; `copied` is what the copy of a parent object puts there, or null. False: nothing
  // written.
  bool write(std::uint32_t index, const Value* copied) {
    const auto& destination = program_.destinations[index];
    const auto* own = copied;
    Given row;
    if (destination.row != kNone) {
      const auto& compiled = program_.rows[destination.row];
      if (compiled.program.kind == RowProgram::Kind::constant) {
        if (!compiled.constant.empty()) return out_.append(compiled.constant), true;
      } else {
        find_given(destination.row, row);
        if (row.any) own = &row.value;
        if (row.removes && !row.any) own = nullptr;
      }
    }
    if (!destination.members.empty() && write_members(destination, own)) return true;
    if (destination.every != kNone && write_every(destination)) return true;
    if (!destination.elements.empty() && write_elements(destination, own)) return true;
    if (own == nullptr) return false;
    return write_value(destination, *own);
  }

  bool write_value(const Destination& destination, const Value& value) {
    writer_.clear_reason();
    const auto outcome = writer_.write(out_, value, destination.type);
    note_failure(destination);
    if (outcome == ValueWriter::Outcome::failed && program_.allow_nulls) return out_.append("null"), true;
    return outcome == ValueWriter::Outcome::written;
  }

  // A member that a copied object had to leave out counts as a failure of the copying row.
  void note_failure(const Destination& destination) {
    if (!writer_.reason().empty() && destination.row != kNone)
      failures_.push_back(Mapping::Failure{destination.row, writer_.reason()});
  }

  // An object of the rows below, over the members that are copied from `own` where it is an object.
  bool write_members(const Destination& destination, const Value* own) {
    const auto mark = out_.size();
    const auto pass = ++state_.pass;
    out_ += '{';
    bool first = true;
    const bool copies = own != nullptr && own->is_object();
    if (copies && own->kind == Value::Kind::node) copy_node_members(destination, *own->node, pass, first);
    if (copies && own->kind == Value::Kind::object)
      for (const auto& [name, value] : std::span(own->members, own->size))
        copy_member(destination, name, json::quoted(name), value, pass, first);
    for (const auto index : destination.member_order) {
      if (state_.visited[index] == pass) continue;
      const auto& member = program_.destinations[index];
      put(first, member.key, [this, index] { return write(index, nullptr); });
    }
    if (first && !copies) return out_.resize(mark), false;
    out_ += '}';
    return true;
  }

  void copy_node_members(const Destination& destination, const Node& object, std::uint64_t pass,
                         bool& first) {
    for (auto at = index_of(object) + 1; at < object.next;) {
      const auto& name = record_.nodes[at];
      const auto& value = record_.nodes[at + 1];
      copy_member(destination, record_.characters(name, state_.text), record_.raw(name), as_node(value), pass,
                  first);
      at = value.next;
    }
  }

  void copy_member(const Destination& destination, std::string_view name, std::string_view quoted_name,
                   const Value& value, std::uint64_t pass, bool& first) {
    const auto known = destination.members.find(name);
    if (known != destination.members.end()) {
      const auto index = known->second;
      if (state_.visited[index] == pass) return;
      state_.visited[index] = pass;
      return put(first, program_.destinations[index].key,
                 [this, index, &value] { return write(index, &value); });
    }
    const auto type = program_.types.member(destination.type, name);
    writer_.clear_reason();
    put(first, quoted_name, [this, type, &value] {
      out_ += ':';
      return writer_.write(out_, value, type) == ValueWriter::Outcome::written;
    });
    note_failure(destination);
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
  bool write_elements(const Destination& destination, const Value* own) {
    const auto mark = out_.size();
    out_ += '[';
    const auto copied = own != nullptr && own->is_array() ? elements_of(*own) : std::span<const Value>();
    bool any = own != nullptr && own->is_array();
    auto wanted = destination.elements.begin();
    auto complete = out_.size();  // what stands before is final; nulls behind it may be dropped
    for (std::uint32_t position = 0; wanted != destination.elements.end() || position < copied.size();
         ++position) {
      const auto* source = position < copied.size() ? &copied[position] : nullptr;
      if (position > 0) out_ += ',';
      bool written = false;
      if (wanted != destination.elements.end() && wanted->first == position) {
        written = write(wanted->second, source);
        ++wanted;
      } else if (source != nullptr) {
        written = writer_.write(out_, *source, program_.types.element(destination.type)) ==
                  ValueWriter::Outcome::written;
      }
      if (!written) out_.append("null");
      if (written || source != nullptr) complete = out_.size();
      any = any || written;
    }
    out_.resize(complete);
    if (!any) return out_.resize(mark), false;
    out_ += ']';
    return true;
  }

  std::span<const Value> elements_of(const Value& array) {
    if (array.kind == Value::Kind::array) return {array.elements, array.size};
    ArrayBuilder out(state_.run.arena());
    const auto& node = *array.node;
    for (auto at = index_of(node) + 1; at < node.next; at = record_.nodes[at].next)
      out.push_back(as_node(record_.nodes[at]));
    const auto value = out.finish();
    return value.failed() ? std::span<const Value>() : std::span(value.elements, value.size);
  }

  // list[*]: one element for each element of the longest source array; an element without values keeps its
  // place.
  bool write_every(const Destination& destination) {
    bool found = false;
    each_wildcard(destination, [&](const WildcardPath& path) {
      const auto* array = resolve(path, destination.wildcard);
      const bool usable = array != nullptr && array->kind == Kind::array;
      const auto first = usable ? index_of(*array) + 1 : kNone;
      state_.cursors[path.cursors + destination.wildcard] = usable && first < array->next ? first : kNone;
      found = found || usable;
    });
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

  template <class Visit>
  void each_wildcard(const Destination& destination, Visit visit) const {
    for (const auto row : destination.wildcard_rows)
      for (const auto& path : program_.rows[row].program.wildcards)
        if (path.count > destination.wildcard) visit(path);
  }

  bool has_cursor(const Destination& destination) const {
    bool any = false;
    each_wildcard(destination, [&](const WildcardPath& path) {
      any = any || state_.cursors[path.cursors + destination.wildcard] != kNone;
    });
    return any;
  }

  void advance(const Destination& destination) {
    each_wildcard(destination, [&](const WildcardPath& path) {
      auto& cursor = state_.cursors[path.cursors + destination.wildcard];
      if (cursor == kNone) return;
      const auto next = record_.nodes[cursor].next;
      const auto* array = resolve(path, destination.wildcard);
      cursor = next < array->next ? next : kNone;
    });
  }

  const Mapping::Program& program_;
  const json::Record& record_;
  std::string& out_;
  Mapping::Scratch::State& state_;
  std::vector<Mapping::Failure>& failures_;
  ValueWriter writer_;
};

}  // namespace

void Mapping::apply(const json::Record& record, Scratch& scratch, json::RecordGroup& out,
                    std::vector<Failure>& failures) const {
  failures.clear();
  Application(*program_, record, out.buffer(), *scratch.state_, failures).run();
}

const Row& Mapping::row(std::size_t index) const { return program_->rows[index].row; }
std::size_t Mapping::row_count() const { return program_->rows.size(); }

}  // namespace headwater::mapping
