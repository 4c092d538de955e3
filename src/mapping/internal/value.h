#pragma once

#include <cstdint>
#include <string_view>

#include "json/record.h"

namespace headwater::mapping {

struct ZonedTime;
struct Member;

/// A value of the expression language (reference C.8): 16 bytes that own nothing. What it points to lives
/// in the record, the program or the arena, as long as the record is being mapped.
struct Value {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,      // fits 64 bits
    big_integer,  // decimal digits, beyond 64 bits
    real,
    decimal,  // plain decimal digits
    string,   // UTF-8
    date,
    node,    // an object or array of the record, as it stands there
    array,   // of the arena
    object,  // of the arena; a map too
    lambda,
    failed,  // text: why. Whoever gets it from an argument hands it on.
  };
  enum Flag : std::uint8_t {
    kPlain = 0,
    kExplicit = 1,  // null: nullify(), removes what a copy would have written (B.9)
    kLexeme = 2,    // real: `text` is the number as the record writes it, to be written unchanged
    kSingle = 4,    // real: of 32 bits, shown in the shortest form that gives the same float
  };

  Kind kind = Kind::null;
  std::uint8_t flags = kPlain;
  std::uint32_t size = 0;  // bytes of text, elements, members
  union {
    bool boolean;
    std::int64_t integer = 0;
    double real;
    const char* text;
    const ZonedTime* date;
    const json::Node* node;
    const Value* elements;
    const Member* members;
    std::uint32_t lambda;  // its operation in the program
  };

  static Value of(bool value) {
    Value out;
    out.kind = Kind::boolean;
    out.boolean = value;
    return out;
  }
  static Value of(std::int64_t value) {
    Value out;
    out.kind = Kind::integer;
    out.integer = value;
    return out;
  }
  static Value of(double value, std::uint8_t flags = kPlain) {
    Value out;
    out.kind = Kind::real;
    out.flags = flags;
    out.real = value;
    return out;
  }
  /// `text` must outlive the value.
  static Value of(Kind kind, std::string_view text, std::uint8_t flags = kPlain) {
    Value out;
    out.kind = kind;
    out.flags = flags;
    out.size = static_cast<std::uint32_t>(text.size());
    out.text = text.data();
    return out;
  }
  static Value of(std::string_view text) { return of(Kind::string, text); }
  /// `reason` must outlive the value: a literal, or text of the arena.
  static Value failure(std::string_view reason) { return of(Kind::failed, reason); }
  static Value of(const ZonedTime* date) {
    Value out;
    out.kind = Kind::date;
    out.date = date;
    return out;
  }

  bool is_null() const { return kind == Kind::null; }
  bool failed() const { return kind == Kind::failed; }
  bool is_string() const { return kind == Kind::string; }
  bool is_number() const { return kind >= Kind::integer && kind <= Kind::decimal; }
  bool is_array() const {
    return kind == Kind::array || (kind == Kind::node && node->kind == json::Kind::array);
  }
  bool is_object() const {
    return kind == Kind::object || (kind == Kind::node && node->kind == json::Kind::object);
  }
  bool is_container() const { return kind >= Kind::node && kind <= Kind::object; }
  /// The characters of a string, the digits of a big number, a failure's reason.
  std::string_view characters() const { return {text, size}; }
};

struct Member {
  std::string_view name;
  Value value;
};

}  // namespace headwater::mapping
