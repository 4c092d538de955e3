#include "mapping/internal/first_match.h"

#include <algorithm>
#include <utility>

namespace headwater::mapping {
namespace {

constexpr std::size_t kGramsPerLiteral = 6;  // More of a long literal rule out hardly anything else.

std::uint32_t lower(char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

std::uint16_t gram(std::uint32_t characters) {
  return static_cast<std::uint16_t>((characters * 2654435761U) >> 19U);  // 13 bits
}
static_assert(Grams::kBits == 1U << 13U);

std::uint16_t pair(char a, char b) { return gram(lower(a) << 8U | lower(b)); }
std::uint16_t triple(char a, char b, char c) { return gram(lower(a) << 16U | lower(b) << 8U | lower(c)); }

// Reads a pattern for the literals that every match holds. It knows the common part of the grammar; where it
// meets anything else it gives up on the whole pattern, which is then always tried.
class LiteralReader {
 public:
  using Clause = std::vector<std::string>;
  explicit LiteralReader(std::string_view pattern) : left_(pattern) {}

  std::vector<Clause> read() {
    auto clauses = alternatives();
    if (!known_ || !left_.empty()) return {};
    return clauses;
  }

 private:
  std::vector<Clause> alternatives();
  std::vector<Clause> sequence();
  std::vector<Clause> group();
  bool quantified_to_zero();
  void skip_class();
  void escape(std::string& run, std::vector<Clause>& clauses);
  void literal(char c, std::string& run, std::vector<Clause>& clauses);

  static void end_run(std::string& run, std::vector<Clause>& clauses) {
    if (run.size() >= 2) clauses.push_back({run});
    run.clear();
  }
  bool take(std::string_view token) {
    if (!left_.starts_with(token)) return false;
    left_.remove_prefix(token.size());
    return true;
  }

  std::string_view left_;
  bool known_ = true;
};

std::size_t shortest(const LiteralReader::Clause& clause) {
  return std::ranges::min(clause, {}, &std::string::size).size();
}

std::vector<LiteralReader::Clause> LiteralReader::alternatives() {
  std::vector<Clause> only = sequence();
  if (!left_.starts_with('|')) return only;
  std::vector<std::vector<Clause>> branches;
  branches.push_back(std::move(only));
  while (known_ && take("|")) branches.push_back(sequence());
  // Of each branch the clause that says most: together they are one clause.
  Clause merged;
  for (auto& branch : branches) {
    if (branch.empty()) return {};
    auto best = std::ranges::max_element(branch, {}, shortest);
    merged.insert(merged.end(), best->begin(), best->end());
  }
  std::vector<Clause> out;
  out.push_back(std::move(merged));
  return out;
}

std::vector<LiteralReader::Clause> LiteralReader::sequence() {
  std::vector<Clause> clauses;
  std::string run;
  while (known_ && !left_.empty() && left_.front() != '|' && left_.front() != ')') {
    const char c = left_.front();
    left_.remove_prefix(1);
    switch (c) {
      case '^':
      case '$':
        end_run(run, clauses);
        break;
      case '.':
        end_run(run, clauses);
        quantified_to_zero();
        break;
      case '[':
        if (left_.size() > 2 && left_[2] == ']' && left_[0] != left_[1] &&
            lower(left_[0]) == lower(left_[1])) {
          const char letter = left_.front();  // "[Bb]"; case does not count here.
          left_.remove_prefix(3);
          literal(letter, run, clauses);
          break;
        }
        end_run(run, clauses);
        skip_class();
        quantified_to_zero();
        break;
      case '(': {
        end_run(run, clauses);
        auto inner = group();
        if (!quantified_to_zero()) clauses.insert(clauses.end(), inner.begin(), inner.end());
        break;
      }
      case '\\':
        escape(run, clauses);
        break;
      case '*':
      case '+':
      case '?':
      case '{':
        known_ = false;
        break;
      default:
        literal(c, run, clauses);
    }
  }
  end_run(run, clauses);
  return clauses;
}

// Behind "(". What a lookaround holds is not needed, or needed elsewhere.
std::vector<LiteralReader::Clause> LiteralReader::group() {
  bool counts = true;
  if (left_.starts_with('?')) {
    if (take("?!") || take("?=") || take("?<!") || take("?<="))
      counts = false;
    else if (!take("?:"))
      known_ = false;
  }
  if (!known_) return {};
  auto inner = alternatives();
  if (!take(")")) known_ = false;
  if (!counts) inner.clear();
  return inner;
}

// Takes a quantifier, if there is one; true when it allows none at all.
bool LiteralReader::quantified_to_zero() {
  bool zero = false;
  if (take("*") || take("?")) {
    zero = true;
  } else if (left_.starts_with('{')) {
    const auto end = left_.find('}');
    if (end == std::string_view::npos || end < 2 || left_[1] < '0' || left_[1] > '9') {
      known_ = false;
      return true;
    }
    zero = left_[1] == '0';
    left_.remove_prefix(end + 1);
  } else if (!take("+")) {
    return false;
  }
  if (!take("?")) take("+");  // lazy, possessive
  return zero;
}

// Behind "[".
void LiteralReader::skip_class() {
  take("^");
  take("]");
  while (!left_.empty() && left_.front() != ']') {
    if (left_.starts_with("[:")) {
      known_ = false;
      return;
    }
    left_.remove_prefix(std::min<std::size_t>(left_.front() == '\\' ? 2 : 1, left_.size()));
  }
  if (!take("]")) known_ = false;
}

// Behind a backslash.
void LiteralReader::escape(std::string& run, std::vector<Clause>& clauses) {
  if (left_.empty()) {
    known_ = false;
    return;
  }
  const char c = left_.front();
  left_.remove_prefix(1);
  if (std::string_view("dDwWsSbB").find(c) != std::string_view::npos) {
    end_run(run, clauses);
    quantified_to_zero();
  } else if (c == 'n') {
    literal('\n', run, clauses);
  } else if ((lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9')) {
    known_ = false;  // \x41, \Q, \1 and the like
  } else {
    literal(c, run, clauses);
  }
}

void LiteralReader::literal(char c, std::string& run, std::vector<Clause>& clauses) {
  const bool quantified =
      !left_.empty() && std::string_view("*+?{").find(left_.front()) != std::string_view::npos;
  if (!quantified) {
    run += c;
    return;
  }
  if (!quantified_to_zero()) run += c;
  end_run(run, clauses);
}

}  // namespace

Grams::Grams(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    bits_.set(pair(text[i], text[i + 1]));
    if (i + 2 < text.size()) bits_.set(triple(text[i], text[i + 1], text[i + 2]));
  }
}

std::vector<std::uint16_t> Grams::of_literal(std::string_view literal) {
  std::vector<std::uint16_t> out;
  if (literal.size() == 2) out.push_back(pair(literal[0], literal[1]));
  if (literal.size() < 3) return out;
  const std::size_t triples = literal.size() - 2;
  const std::size_t step = (triples + kGramsPerLiteral - 1) / kGramsPerLiteral;
  for (std::size_t i = 0; i < triples; i += step)
    out.push_back(triple(literal[i], literal[i + 1], literal[i + 2]));
  return out;
}

std::vector<std::vector<std::string>> needed_literals(std::string_view pattern) {
  return LiteralReader(pattern).read();
}

Result<void> FirstMatch::add(std::string_view pattern, bool any_case) {
  auto regex =
      TRY(Regex::make(any_case ? "(?i)" + std::string(pattern) : std::string(pattern), Regex::Text::bytes));
  Rule rule{std::move(regex), {}};
  for (const auto& clause : needed_literals(pattern)) {
    AnyOf any;
    for (const auto& literal : clause) any.push_back(Grams::of_literal(literal));
    rule.needs.push_back(std::move(any));
  }
  rules_.push_back(std::move(rule));
  return {};
}

bool FirstMatch::possible(const Rule& rule, const Grams& grams) {
  const auto all_there = [&grams](const std::vector<std::uint16_t>& literal) {
    return std::ranges::all_of(literal, [&grams](std::uint16_t gram) { return grams.has(gram); });
  };
  return std::ranges::all_of(rule.needs,
                             [&all_there](const AnyOf& any) { return std::ranges::any_of(any, all_there); });
}

std::size_t FirstMatch::find(std::string_view text, const Grams& grams,
                             std::span<Regex::Group> groups) const {
  for (std::size_t i = 0; i < rules_.size(); ++i)
    if (possible(rules_[i], grams) && rules_[i].regex.find(text, 0, groups) == Regex::Outcome::match)
      return i;
  return kNone;
}

}  // namespace headwater::mapping
