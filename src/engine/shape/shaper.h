#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/source_spec.h"
#include "json/array_cutter.h"
#include "json/record.h"

namespace headwater::shape {

/// ingest keeps nulls; explore leaves out members that are null, at any depth (reference 7.2).
enum class Mode : std::uint8_t { ingest, explore };

/// An element that is no record.
struct Reject {
  std::size_t element;    // index among the elements given
  std::string_view code;  // "INGEST-1401-400"
  std::string reason;     // "invalid UTF-8 at byte 17"
};

struct Shaped {
  json::RecordGroup records;            // single-line JSON texts, each parsed once and valid
  std::vector<std::size_t> element_of;  // record -> index of the element it came from
  std::vector<Reject> rejects;
  void clear();
};

/// Turns the elements of a page into records: the frame around each, nested arrays exploded. Bytes in,
/// bytes out. Confined to one thread. Source: REST-source reference, section 7.
class Shaper {
 public:
  /// `content` names the wrapper, `explode` the nested array, written against the wrapped record.
  /// Errors: invalid_argument, `where` "/explodeEntityPath/path".
  static Result<Shaper> make(const std::optional<domain::EntityPath>& content,
                             const std::optional<domain::EntityPath>& explode, Mode mode = Mode::ingest);
  Shaper(Shaper&&) noexcept;
  Shaper& operator=(Shaper&&) noexcept;
  ~Shaper();

  /// Takes the frame of the page whose elements follow: what ArrayCutter::finish gave.
  /// Errors: invalid_argument when the members around the array are no valid JSON.
  Result<void> begin_page(const json::ArrayCutter::Frame& frame);

  /// From now on records keep their nodes (RecordGroup::parsed) where they cost nothing more: not when
  /// something is exploded or left out.
  void keep_nodes();

  /// Appends all records of these elements to `shaped`. The group's elements are parsed where they stand.
  void shape(const json::RecordGroup& elements, Shaped& shaped);
  /// One element; kPadding readable bytes must follow it. `index` is reported in `element_of` and rejects.
  /// One that explodes into more than about 512 KB gives its first records: `has_more`.
  void shape(std::string_view padded_element, std::size_t index, Shaped& shaped);
  /// The element shaped last has further records.
  bool has_more() const;
  /// Appends the next of them, as much as `shape` does.
  void more(Shaped& shaped);

 private:
  struct State;
  explicit Shaper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Appends the record without members that are null, at any depth; null elements of arrays stay.
void append_without_nulls(std::string& out, const json::Record& record);

/// An explore schema given by the author (`sourceSpec.schema`, of the raw answer) after the same
/// transformation as the data: the array at the content path becomes an object under the wrapper's name,
/// dropped siblings vanish, and the same for the exploded array. Source: reference, section 10.
json::Value shaped_schema(const json::Value& raw_schema, const std::optional<domain::EntityPath>& content,
                          const std::optional<domain::EntityPath>& explode);

}  // namespace headwater::shape
