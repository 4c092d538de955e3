#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "json/record.h"
#include "mapping/environment.h"
#include "mapping/internal/arena.h"
#include "mapping/internal/expression_program.h"
#include "mapping/internal/source_places.h"
#include "mapping/internal/value.h"
#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {

/// Evaluates expressions on one record after another; lives as long as a `Scratch`. What functions see of
/// the record, the world and each other. Values it gives live until the next `start`.
class Evaluation {
 public:
  explicit Evaluation(const Environment& environment);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  /// Begins a record. `places` tells what it has been found to hold (see source_places.h).
  void start(const json::Record& record, const FoundPlaces& places);
  /// The value of an expression for the record; `failed` when it has none. `elements`: what each attribute
  /// with [*] stands at, when the row runs over arrays; without it such an attribute gives an array.
  Value run(const ExpressionProgram& program, std::span<const json::Node* const> elements = {});

  // --- For functions: reading arguments ---

  /// The text form (C.8): null is empty, objects and arrays are compact JSON.
  std::string_view text(const Value& value);
  /// A whole number: of a number without fraction, or of such a text. Nothing for everything else.
  std::optional<std::int64_t> whole(const Value& value);
  std::optional<double> number(const Value& value);
  /// A date value, or a text read as date(x) reads it.
  std::optional<ZonedTime> date(const Value& value);
  /// What is in an array; an object's members in their order. Empty for other values.
  std::span<const Value> elements(const Value& array);
  std::span<const Member> members(const Value& object);
  /// Null when there is none.
  Value member(const Value& object, std::string_view name);
  Value element(const Value& array, std::size_t index);
  /// The place of the record that a path names, in the path's text form; nothing when it has none.
  std::optional<Value> place(std::string_view path);
  /// Compiled, remembered for the next calls; null when it is not valid, `reason` says why.
  const Regex* regex(std::string_view pattern, std::string_view& reason);
  /// The expression's matches, charged by how hard they are. `next`: as Regex::find_next.
  enum class Where : std::uint8_t { anywhere, next, whole };
  Regex::Outcome match(const Regex& regex, Where where, std::string_view text, std::size_t from = 0,
                       std::span<Regex::Group> groups = {});
  const DatePattern* date_pattern(std::string_view pattern, std::string_view& reason);

  /// Calls a lambda argument.
  Value call(const Value& lambda, const Value& argument);
  /// Gives back what a round of a loop took of the arena, unless its result stands there.
  void end_round(Arena::Mark mark, const Value& result);

  // --- For functions: making results ---

  Arena& arena() { return arena_; }
  /// A string value with a copy of `text`.
  Value make_text(std::string_view text);
  Value make_date(const ZonedTime& time);
  /// A failure with a reason made of parts.
  Value fail(std::initializer_list<std::string_view> parts);
  /// A value of the parsed JSON text; failed when it is none.
  Value parse_json(std::string_view text);
  /// A record's node as a value.
  Value of_node(const json::Record& record, const json::Node& node);

  const Environment& environment() const { return environment_; }
  const json::Record& record() const { return *record_; }
  /// Counts work that is proportional to `size` bytes or elements, so that loops over large values end.
  /// False: the record has used up its steps, and the expression fails whatever the function gives.
  bool charge(std::size_t size);
  /// The same for all expressions of one record.
  std::int64_t now_ms();

 private:
  Value evaluate(std::uint32_t at);
  Value operate(const Operation& operation, std::uint32_t at);
  Value attribute(const AttributeUse& use);
  Value index(const Value& from, const Value& at);
  Value array(const Operation& operation, std::uint32_t at);
  Value map(const Operation& operation, std::uint32_t at);
  Value call_function(const Operation& operation, std::uint32_t at);
  Value call_method(const Operation& operation, std::uint32_t at);
  Value decode(const Operation& operation, std::uint32_t at);
  Value walk(const Value& from, std::span<const Step> steps);
  Value copied(const json::Record& record, std::uint32_t& at);
  std::uint32_t next_of(std::uint32_t at) const { return program_->operations[at].next; }

  const Environment& environment_;
  Arena arena_;
  const json::Record* record_ = nullptr;
  const FoundPlaces* places_ = nullptr;
  const ExpressionProgram* program_ = nullptr;
  std::span<const json::Node* const> elements_;
  std::vector<Value> locals_;  // of the lambdas that are running, outermost first
  std::uint64_t steps_ = 0;
  bool exhausted_ = false;  // a text form did not fit any more: what was made of it is wrong
  std::optional<std::int64_t> now_ms_;
  std::string scratch_;   // a text without its escapes
  std::string rendered_;  // a text form
  std::string json_text_;
  json::RecordParser json_parser_;
  struct Remembered;
  std::vector<std::unique_ptr<Remembered>> remembered_;  // patterns that were made at run time
};

}  // namespace headwater::mapping
