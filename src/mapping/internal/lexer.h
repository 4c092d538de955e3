#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mapping/internal/path.h"
#include "mapping/internal/syntax.h"

namespace headwater::mapping {

/// A piece of an expression's text. Source: data-prep reference, C.2.
struct Token {
  enum class Kind : std::uint8_t {
    end,
    identifier,
    wrapped,
    integer,
    big,
    real,
    single,
    decimal,
    string,
    sign
  };
  Kind kind = Kind::end;
  std::string text;  // identifiers without escapes, strings with their escapes resolved, numbers in decimal
  Path path;         // wrapped: what stands between ${ and }
  std::string sign;  // operators, brackets and words that are operators, in the sign's spelling
  std::size_t begin = 0;
  std::size_t end = 0;
  bool escaped = false;  // identifier: held "\.", so it is no word of the language
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The next token. After a dot, digits are one member's index and words are names. False: `problem` says
  /// what is wrong.
  bool next(Token& token, SyntaxProblem& problem, bool after_dot = false);

  /// Puts the reading position back to where a token began.
  void rewind(std::size_t position) { at_ = position; }

 private:
  bool skip_blanks(SyntaxProblem& problem);
  bool identifier(Token& token);
  bool wrapped(Token& token, SyntaxProblem& problem);
  bool number(Token& token, SyntaxProblem& problem);
  bool string(Token& token, SyntaxProblem& problem);
  bool escape(Token& token, char quote, SyntaxProblem& problem);
  bool sign(Token& token, SyntaxProblem& problem);
  bool fail(SyntaxProblem& problem, std::size_t begin, std::string reason, std::string hint = {}) const;
  bool unicode_escape(std::uint32_t& unit) const;
  std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace headwater::mapping
