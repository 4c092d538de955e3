#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "json/internal/grammar.h"
#include "json/record.h"

namespace headwater::json {
namespace {

using internal::is_space;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One past the number at `at`, or nullptr when none stands there. The caller knows that a byte that ends
/// any number follows.
const char* end_of_number(const char* at) {
  if (*at == '-') ++at;
  if (*at == '0') {
    ++at;
  } else {
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  if (*at == '.') {
    if (!is_digit(*++at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '+' || *at == '-') ++at;
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  return at;
}

// The walk keeps its state in registers only when nothing of it is called out of line.
#define HEADWATER_INLINE [[gnu::always_inline]] inline

/// Turns simdjson's structural positions (brackets, colons, commas, and where strings and other scalars
/// begin) into nodes, checking the grammar on the way. Stage 1 has checked UTF-8, control characters
/// in strings, and that strings end. Gives up at anything unusual: the strict parser then decides.
class StructuralWalk {
 public:
  StructuralWalk(std::string_view text, const std::uint32_t* positions, std::uint32_t count, Node* nodes,
                 std::uint32_t* open, std::uint32_t depth_max)
      : text_(text.data()),
        size_(static_cast<std::uint32_t>(text.size())),
        next_(positions),
        end_(positions + count),
        nodes_(nodes),
        out_(nodes),
        open_(open),
        depth_max_(depth_max) {
    find_backslash(0);
  }

  bool run() {
    // A closing bracket at the end also bounds every scan of a number before it.
    const char first = text_[*next_];
    const char last = text_[end_[-1]];
    if ((first != '{' && first != '[') || (last != '}' && last != ']')) return false;
    bool after_value = false;
    do {
      if (!after_value) {
        if (!value(after_value)) return false;
      } else if (!separator(after_value)) {
        return false;
      }
    } while (depth_ > 0);
    return next_ == end_;
  }

  std::uint32_t count() const { return static_cast<std::uint32_t>(out_ - nodes_); }

 private:
  HEADWATER_INLINE bool value(bool& after_value) {
    if (next_ == end_) return false;
    const std::uint32_t at = *next_++;
    after_value = true;
    switch (text_[at]) {
      case '{':
        if (!open(at, Kind::object)) return false;
        if (next_ == end_ || text_[*next_] == '}') return true;
        after_value = false;
        return name();
      case '[':
        if (!open(at, Kind::array)) return false;
        after_value = next_ == end_ || text_[*next_] == ']';
        return true;
      case '"':
        return string(at);
      case 't':
        return literal(at, "true", 4, Kind::boolean);
      case 'f':
        return literal(at, "false", 5, Kind::boolean);
      case 'n':
        return literal(at, "null", 4, Kind::null);
      default: {
        const char* end = end_of_number(text_ + at);
        return end != nullptr && scalar(at, static_cast<std::uint32_t>(end - text_), Kind::number);
      }
    }
  }

  HEADWATER_INLINE bool separator(bool& after_value) {
    if (next_ == end_) return false;
    const std::uint32_t at = *next_++;
    Node& container = nodes_[open_[depth_ - 1]];
    const bool object = container.kind == Kind::object;
    const char c = text_[at];
    if (c == ',') {
      after_value = false;
      return !object || name();
    }
    if (c != (object ? '}' : ']')) return false;
    container.end = at + 1;
    container.next = count();
    --depth_;
    return true;
  }

  HEADWATER_INLINE bool name() {
    if (next_ == end_ || text_[*next_] != '"') return false;
    const std::uint32_t at = *next_++;
    if (!string(at)) return false;
    if (next_ == end_ || text_[*next_] != ':') return false;
    ++next_;
    return true;
  }

  HEADWATER_INLINE bool open(std::uint32_t at, Kind kind) {
    if (depth_ >= depth_max_) return false;
    open_[depth_++] = count();
    *out_++ = {at, at, 0, kind, false};
    return true;
  }

  HEADWATER_INLINE void add(std::uint32_t begin, std::uint32_t end, Kind kind, bool escaped) {
    *out_ = {begin, end, count() + 1, kind, escaped};
    ++out_;
  }

  HEADWATER_INLINE bool literal(std::uint32_t at, const char* word, std::uint32_t length, Kind kind) {
    return size_ - at >= length && std::memcmp(text_ + at, word, length) == 0 &&
           scalar(at, at + length, kind);
  }

  /// The token must end where the next one begins, or white space must stand between.
  HEADWATER_INLINE bool scalar(std::uint32_t begin, std::uint32_t end, Kind kind) {
    if (next_ == end_ || (end != *next_ && !is_space(text_[end]))) return false;
    add(begin, end, kind, false);
    return true;
  }

  HEADWATER_INLINE bool string(std::uint32_t begin) {
    if (next_ == end_) return false;
    // The closing quote is the last byte before the next token that is no white space.
    std::uint32_t last = *next_ - 1;
    while (is_space(text_[last])) --last;
    if (last <= begin || text_[last] != '"') return false;
    bool escaped = false;
    if (backslash_ < last) {
      escaped = true;
      if (internal::wrong_escape({text_ + begin + 1, last - begin - 1}) != std::string_view::npos)
        return false;
      find_backslash(last);
    }
    add(begin, last + 1, Kind::string, escaped);
    return true;
  }

  void find_backslash(std::uint32_t from) {
    const void* found = std::memchr(text_ + from, '\\', size_ - from);
    backslash_ = found == nullptr ? std::numeric_limits<std::uint32_t>::max()
                                  : static_cast<std::uint32_t>(static_cast<const char*>(found) - text_);
  }

  const char* text_;
  std::uint32_t size_;
  const std::uint32_t* next_;
  const std::uint32_t* end_;
  Node* nodes_;
  Node* out_;
  std::uint32_t* open_;
  std::uint32_t depth_max_;
  std::uint32_t depth_ = 0;
  std::uint32_t backslash_ = 0;  // the first one not yet passed
};

#undef HEADWATER_INLINE

}  // namespace

struct RecordParser::State {
  Limits limits;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1;
  std::size_t capacity = 0;  // of stage1, in bytes
  std::unique_ptr<Node[]> nodes;
  std::size_t nodes_capacity = 0;
  std::vector<std::uint32_t> open;
  // For what the fast walk does not take: scalars alone, and texts that are wrong.
  std::vector<Node> strict_nodes;
  std::vector<internal::OpenContainer> strict_open;

  bool reserve(std::size_t bytes);
  std::uint32_t parse_fast(std::string_view text);
};

bool RecordParser::State::reserve(std::size_t bytes) {
  if (bytes <= capacity) return true;
  const std::size_t wanted = std::max<std::size_t>(bytes + std::min<std::size_t>(bytes, 1U << 20), 16U << 10);
  const auto error =
      stage1 ? stage1->set_capacity(wanted)
             : simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, stage1);
  capacity = error == simdjson::SUCCESS ? wanted : 0;
  return capacity > 0;
}

/// The number of nodes, or 0 when the strict parser has to look.
std::uint32_t RecordParser::State::parse_fast(std::string_view text) {
  if (text.empty() || text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES / 2 || !reserve(text.size())) return 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (stage1->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return 0;
  const std::size_t positions = stage1->n_structural_indexes;
  if (positions == 0) return 0;
  if (positions > nodes_capacity) {  // each position makes one node at most
    nodes_capacity = 2 * positions;
    nodes = std::make_unique_for_overwrite<Node[]>(nodes_capacity);
  }
  StructuralWalk walk(text, stage1->structural_indexes.get(), stage1->n_structural_indexes, nodes.get(),
                      open.data(), limits.depth_max);
  return walk.run() ? walk.count() : 0;
}

RecordParser::RecordParser() : RecordParser(Limits{}) {}
RecordParser::RecordParser(Limits limits) : state_(std::make_unique<State>()) {
  state_->limits = limits;
  state_->open.resize(std::size_t{limits.depth_max} + 1);
}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;

Result<Record> RecordParser::parse(std::string_view padded_text) {
  State& state = *state_;
  if (const std::uint32_t count = state.parse_fast(padded_text); count > 0)
    return Record{padded_text, state.nodes.get(), count};
  const auto error =
      internal::parse_strictly(padded_text, state.limits.depth_max, state.strict_nodes, state.strict_open);
  if (error) {
    return Error{ErrorKind::invalid_argument, "Not valid JSON: " + std::string(error->reason) + " at byte " +
                                                  std::to_string(error->offset) + "."};
  }
  return Record{padded_text, state.strict_nodes.data(),
                static_cast<std::uint32_t>(state.strict_nodes.size())};
}

}  // namespace headwater::json
