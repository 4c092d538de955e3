#include <algorithm>
#include <optional>
#include <utility>

#include "mapping/internal/program.h"
#include "mapping/internal/value_writer.h"

namespace headwater::mapping {
namespace {

class SetCompiler {
 public:
  SetCompiler(const MappingSet& set, const json::Value& target_schema)
      : set_(set), program_(std::make_shared<Mapping::Program>(target_schema)) {
    if (!set.source_schema.is_null()) source_.emplace(set.source_schema);
    program_->allow_nulls = set.allow_nulls;
    program_->destinations.emplace_back();
    program_->destinations[0].type = 0;
  }

  void run() {
    for (std::size_t i = 0; i < set_.rows.size(); ++i) {
      CompiledRow row{set_.rows[i], {}, {}};
      const auto* source = source_ ? &*source_ : nullptr;
      if (compile_row(set_.rows[i], i, source, program_->sources, row.program, problems_)) place(row, i);
      program_->rows.push_back(std::move(row));
    }
  }

  /// The paths of required members that no row writes, in objects that rows make.
  std::vector<std::string> unfilled() const {
    std::vector<std::string> out;
    Path path;
    add_unfilled(0, path, out);
    return out;
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
    for (auto& wildcard : row.program.wildcards) {
      wildcard.cursors = program_->cursor_count;
      program_->cursor_count += wildcard.count;
    }
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
        if (!row.program.wildcards.empty())
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

  // A place with a row of its own may get every member from what is copied there.
  void add_unfilled(std::uint32_t at, Path& path, std::vector<std::string>& out) const {
    const auto& here = program_->destinations[at];
    if (here.row != kNone) return;
    const auto below = [&](Step step, std::uint32_t next) {
      path.push_back(std::move(step));
      add_unfilled(next, path, out);
      path.pop_back();
    };
    if (here.every != kNone) below({Step::Kind::every, "", 0}, here.every);
    for (const auto& [index, next] : here.elements) below({Step::Kind::index, "", index}, next);
    for (const auto next : here.member_order)
      below({Step::Kind::name, program_->destinations[next].name, 0}, next);
    if (here.type == kNone) return;
    for (const auto& name : program_->types[here.type].required) {
      if (here.members.contains(name)) continue;
      path.push_back({Step::Kind::name, name, 0});
      out.push_back(path_text(path));
      path.pop_back();
    }
  }

  // --- Constants ---

  void constant(CompiledRow& row, std::size_t index, std::uint32_t type) {
    json::RecordGroup group;
    group.append(row.program.constant.dump());
    json::RecordParser parser;
    const auto record = parser.parse(group[0]);
    if (!record) return problem(index, "source", "is no valid text.", "Write the constant in UTF-8.");
    Evaluation evaluation(Environment::system());
    FoundPlaces places;
    places.find(program_->sources, *record);
    evaluation.start(*record, places);
    ValueWriter writer(program_->types, program_->allow_nulls, evaluation);
    if (writer.write(row.constant, as_node(record->root()), type) == ValueWriter::Outcome::failed)
      problem(index, "source", "does not fit the target: " + std::string(writer.reason()) + ".",
              "Write a constant of the destination's type.");
  }

  const MappingSet& set_;
  std::optional<TargetTypes> source_;
  std::shared_ptr<Mapping::Program> program_;
  std::vector<RowProblem> problems_;
};

}  // namespace

std::vector<RowProblem> check(const MappingSet& set, const json::Value& target_schema) {
  SetCompiler compiler(set, target_schema);
  compiler.run();
  return std::move(compiler.problems());
}

std::vector<std::string> unfilled_fields(const MappingSet& set, const json::Value& target_schema) {
  SetCompiler compiler(set, target_schema);
  compiler.run();
  return compiler.unfilled();
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
