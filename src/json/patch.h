#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/pointer.h"
#include "json/value.h"

namespace headwater::json {

/// A JSON Patch (RFC 6902): operations that change a document together or not at all. Immutable.
class Patch {
 public:
  enum class Op : std::uint8_t { add, remove, replace, move, copy, test };

  struct Operation {
    Op op;
    Pointer path;
    Pointer from;  // move and copy
    Value value;   // add, replace and test
  };

  /// Reads a patch document. Names of operations may be in any letter case; members that the RFC does not
  /// know are ignored. Errors: invalid_argument with a problem for each wrong operation, pointers into the
  /// patch ("/0/path").
  static Result<Patch> parse(std::string_view text);
  static Result<Patch> read(const Value& document);

  explicit Patch(std::vector<Operation> operations) : operations_(std::move(operations)) {}
  const std::vector<Operation>& operations() const { return operations_; }

  /// The patched copy. Errors: conflict when a `test` does not hold; invalid_argument when a path does not
  /// exist or cannot be used; too_large when copies multiply the document; `where` is the operation's place
  /// in the patch ("/0/path").
  Result<Value> apply(const Value& document) const;

 private:
  std::vector<Operation> operations_;
};

std::string_view name_of(Patch::Op op);

}  // namespace headwater::json
