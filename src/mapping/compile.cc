#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "mapping/internal/program.h"
#include "mapping/internal/value_writer.h"

namespace headwater::mapping {
namespace {

class SetCompiler {
 public:
  SetCompiler(const MappingSet& set, const json::Value& target_schema)
      : set_(set), program_(std::make_shared<Mapping::Program>(target_schema)) {
    program_->allow_nulls = set.allow_nulls;
    program_->destinations.emplace_back();
    program_->destinations[0].type = 0;
    program_->sources.emplace_back();
  }

  void run() {
    for (std::size_t i = 0; i < set_.rows.size(); ++i) {
      auto program = compile_row(set_.rows[i], i, problems_);
      CompiledRow row{set_.rows[i], {}, {}, {}, 0};
      if (program) {
        row.program = *std::move(program);
        place(row, i);
      }
      program_->rows.push_back(std::move(row));
    }
    const auto by_row = [](const RowProblem& a, const RowProblem& b) { return a.row < b.row; };
    std::stable_sort(problems_.begin(), problems_.end(), by_row);
  }

  std::vector<RowProblem>& problems() { return problems_; }
  std::shared_ptr<const Mapping::Program> program() { return program_; }

 private:
  void problem(std::size_t row, const char* member, std::string reason, std::string hint) {
    problems_.push_back(RowProblem{row, member, std::move(reason), std::move(hint), 0});
  }

  void place(CompiledRow& row, std::size_t index) {
    const auto at = destination(row, index);
    if (!at) return;
    auto& destination = program_->destinations[*at];
    if (destination.row != kNone)
      return problem(index, "destination",
                     "is written twice: row " + std::to_string(destination.row) + " writes \"" +
                         path_text(row.program.destination) + "\" too.",
                     "Remove one of the rows.");
    destination.row = static_cast<std::uint32_t>(index);
    if (row.program.kind == RowProgram::Kind::constant) return constant(row, index, destination.type);
    const auto wildcards = wildcard_count(row.program.source);
    if (wildcards > 0) {
      row.cursors = program_->cursor_count;
      program_->cursor_count += static_cast<std::uint32_t>(wildcards);
      return;
    }
    add_slots(row);
  }

  // --- Destinations ---

  std::uint32_t new_destination(std::uint32_t type) {
    program_->destinations.emplace_back();
    program_->destinations.back().type = type;
    return static_cast<std::uint32_t>(program_->destinations.size() - 1);
  }

  std::optional<std::uint32_t> destination(const CompiledRow& row, std::size_t index) {
    std::uint32_t at = 0;
    std::uint32_t wildcard = 0;
    const auto& path = row.program.destination;
    for (std::size_t depth = 0; depth < path.size(); ++depth) {
      const auto& step = path[depth];
      const bool is_member = step.kind == Step::Kind::name;
      const auto& here = program_->destinations[at];
      const bool has_members = !here.members.empty();
      const bool has_elements = !here.elements.empty() || here.every != kNone;
      const bool star = step.kind == Step::Kind::every;
      if (is_member ? has_elements : has_members || (star ? !here.elements.empty() : here.every != kNone)) {
        problem(
            index, "destination",
            "uses \"" + path_text(Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth))) +
                "\" in another way than an earlier row: as an object, an array by index or an array by [*].",
            "Give all rows below one place the same form.");
        return std::nullopt;
      }
      const auto next = is_member ? member(at, step.name)
                        : star    ? every(at, wildcard)
                                  : element(at, step.index);
      if (!next) {
        problem(index, "destination", "names \"" + step.name + "\", which the target schema does not have.",
                "Correct the path or add the field to the schema.");
        return std::nullopt;
      }
      if (star) {
        if (row.program.kind == RowProgram::Kind::attribute)
          program_->destinations[at].wildcard_rows.push_back(static_cast<std::uint32_t>(index));
        ++wildcard;
      }
      at = *next;
    }
    return at;
  }

  std::optional<std::uint32_t> member(std::uint32_t at, const std::string& name) {
    const auto known = program_->destinations[at].members.find(name);
    if (known != program_->destinations[at].members.end()) return known->second;
    const auto type = program_->types.member(program_->destinations[at].type, name);
    if (type == kNone) return std::nullopt;
    const auto next = new_destination(type);
    program_->destinations[next].name = name;
    program_->destinations[next].key = json::quoted(name) + ":";
    program_->destinations[at].members.emplace(name, next);
    program_->destinations[at].member_order.push_back(next);
    return next;
  }

  std::uint32_t element_type(std::uint32_t at) const {
    return program_->types.element(program_->destinations[at].type);
  }

  std::optional<std::uint32_t> element(std::uint32_t at, std::uint32_t index) {
    for (const auto& [known, place] : program_->destinations[at].elements)
      if (known == index) return place;
    const auto next = new_destination(element_type(at));
    auto& elements = program_->destinations[at].elements;
    elements.emplace_back(index, next);
    std::sort(elements.begin(), elements.end());
    return next;
  }

  std::optional<std::uint32_t> every(std::uint32_t at, std::uint32_t wildcard) {
    if (program_->destinations[at].every == kNone) {
      const auto next = new_destination(element_type(at));
      program_->destinations[at].every = next;
      program_->destinations[at].wildcard = wildcard;
    }
    return program_->destinations[at].every;
  }

  // --- Sources ---

  // The path as it is; then, for dots that may belong to a name, the rest of the path as one literal key.
  void add_slots(CompiledRow& row) {
    const auto& path = row.program.source;
    row.slots.push_back(add_slot(path));
    const bool plain = std::all_of(path.begin(), path.end(), [](const Step& step) {
      return step.kind == Step::Kind::name && step.name.find('.') == std::string::npos;
    });
    if (!plain) return;
    for (auto from = path.size() - 1; from-- > 0;) {
      Path shorter(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(from));
      Step rest;
      for (auto i = from; i < path.size(); ++i) rest.name += (i == from ? "" : ".") + path[i].name;
      shorter.push_back(std::move(rest));
      row.slots.push_back(add_slot(shorter));
    }
  }

  std::uint32_t add_slot(const Path& path) {
    std::uint32_t at = 0;
    for (const auto& step : path) {
      auto& here = program_->sources[at];
      const auto fresh = static_cast<std::uint32_t>(program_->sources.size());
      std::uint32_t next = fresh;
      if (step.kind == Step::Kind::name) {
        next = here.members.try_emplace(step.name, fresh).first->second;
      } else {
        const auto known = std::find_if(here.elements.begin(), here.elements.end(),
                                        [&step](const auto& entry) { return entry.first == step.index; });
        if (known != here.elements.end()) {
          next = known->second;
        } else {
          here.elements.emplace_back(step.index, fresh);
          std::sort(here.elements.begin(), here.elements.end());
        }
      }
      if (next == fresh) program_->sources.emplace_back();
      at = next;
    }
    auto& slot = program_->sources[at].slot;
    if (slot == kNone) slot = program_->slot_count++;
    return slot;
  }

  // --- Constants ---

  void constant(CompiledRow& row, std::size_t index, std::uint32_t type) {
    json::RecordGroup group;
    group.append(row.program.constant.dump());
    json::RecordParser parser;
    const auto record = parser.parse(group[0]);
    if (!record) return problem(index, "source", "is no valid text.", "Write the constant in UTF-8.");
    ValueWriter writer(program_->types, program_->allow_nulls);
    if (writer.write(row.constant, *record, record->root(), type) == ValueWriter::Outcome::failed)
      problem(index, "source", "does not fit the target: " + std::string(writer.reason()) + ".",
              "Write a constant of the destination's type.");
  }

  const MappingSet& set_;
  std::shared_ptr<Mapping::Program> program_;
  std::vector<RowProblem> problems_;
};

}  // namespace

std::vector<RowProblem> check(const MappingSet& set, const json::Value& target_schema) {
  SetCompiler compiler(set, target_schema);
  compiler.run();
  return std::move(compiler.problems());
}

Result<Mapping> Mapping::compile(const MappingSet& set, const json::Value& target_schema) {
  SetCompiler compiler(set, target_schema);
  compiler.run();
  if (compiler.problems().empty()) return Mapping(compiler.program());
  Error error{ErrorKind::invalid_argument, ""};
  for (const auto& fault : compiler.problems())
    error.problems.push_back(
        Problem{"/mappings/" + std::to_string(fault.row) + "/" + fault.member, fault.reason, fault.hint});
  error.where = error.problems.front().pointer;
  error.message = "The mapping set cannot be used: row " + std::to_string(compiler.problems().front().row) +
                  ": " + compiler.problems().front().member + " " + error.problems.front().reason;
  return error;
}

}  // namespace headwater::mapping
