#include "json/array_cutter.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "json/internal/frame_builder.h"
#include "json/internal/grammar.h"
#include "json/internal/probe_set.h"
#include "json/internal/stream_tokens.h"
#include "json/record.h"

namespace headwater::json {
namespace {

using internal::is_space;
using internal::no_json;

/// What comes next.
enum class Step : std::uint8_t {
  root,
  first_name,     // a name or }
  name,           // a name
  in_name,        // inside its quotes
  colon,          // behind a name
  value,          // a member's value
  after_member,   // , or }
  first_element,  // an element or ]
  element,        // an element
  after_element,  // , or ]
  in_container,   // inside a value with brackets
  in_string,      // inside a string value
  in_scalar,      // inside a number or literal
  end,            // behind the root
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::uint32_t kDepthMax = 200;            // of what is kept
constexpr std::size_t kHeldCapacityMax = 1U << 20;  // a buffer that grew larger is given back

}  // namespace

struct ArrayCutter::State {
  /// An object whose members are looked at one by one: on the path, or on the way to a probe.
  struct OpenObject {
    std::optional<std::size_t> level;  // of the path; none beside it
    std::size_t depth = 0;             // how many names lead here
    internal::ProbeSet::Ids probes;    // that go through here
  };
  /// What becomes of the value that is being read.
  enum class Fate : std::uint8_t { drop, hold, element };

  State(Options given, ElementSink given_sink, PartSink given_part_sink)
      : options(std::move(given)),
        sink(std::move(given_sink)),
        part_sink(std::move(given_part_sink)),
        probes(options.probes),
        frame_builder(options.path.size()) {}

  Options options;
  ElementSink sink;
  PartSink part_sink;
  internal::ProbeSet probes;
  internal::FrameBuilder frame_builder;

  Step step = Step::root;
  Found found = Found::missing;
  std::size_t element_count = 0;
  std::size_t frame_bytes = 0;
  std::size_t fed = 0;  // bytes of earlier chunks
  std::string_view chunk;
  std::optional<Error> failure;

  std::size_t mark_seen = 0;  // bytes of the byte order mark
  bool in_array = false;
  bool whole = false;     // the root object is the one element
  bool in_parts = false;  // the element being read is large: its begin was given out
  std::vector<OpenObject> open;

  std::string name_text;  // with its quotes
  std::string name;       // escapes resolved

  // The value being read: its bytes before this chunk are in `held`, the others start at `value_at`.
  Fate fate = Fate::drop;
  std::size_t value_at = 0;
  std::size_t value_offset = 0;    // in the document; of a name too while it is read
  internal::BracketScan scan;      // of a value with brackets
  internal::StringScan text_scan;  // of a name or a string value
  std::string held;
  bool keep_member = false;
  bool ends_path = false;
  internal::ProbeSet::Match match;

  std::string whole_text;
  std::size_t whole_at = 0;

  Result<void> feed(std::string_view bytes);
  Result<std::size_t> advance(std::size_t at);
  Result<void> outside(char c, std::size_t at);
  Result<void> start_root(char c, std::size_t at);
  Result<void> start_member_value(char c, std::size_t at);
  Result<void> start_value(char c, std::size_t at, Fate its_fate);
  Result<void> end_name();
  Result<void> end_value(std::size_t at);
  Result<void> end_held(std::string_view text);
  Result<void> end_object(std::size_t at);
  Result<void> give(std::string_view text);
  Result<void> end_element(std::string& buffer, std::string_view rest);
  Result<void> give_part(std::string_view text, bool last);
  bool goes_in_parts(std::size_t bytes) const { return part_sink && bytes > options.whole_bytes_max; }
  Result<void> hold_value(std::string_view bytes);
  Result<void> hold_element(std::string& buffer, std::string_view bytes);
  Result<void> count_frame(std::size_t bytes);
  void after_value();

  Error element_too_large() const;
  Error frame_too_large() const;
};

ArrayCutter::ArrayCutter(Options options, ElementSink sink, PartSink part_sink)
    : state_(std::make_unique<State>(std::move(options), std::move(sink), std::move(part_sink))) {}
ArrayCutter::~ArrayCutter() = default;

Result<void> ArrayCutter::feed(std::string_view bytes) {
  if (state_->failure) return *state_->failure;
  auto outcome = state_->feed(bytes);
  if (!outcome) state_->failure = outcome.error();
  return outcome;
}

Result<void> ArrayCutter::State::feed(std::string_view bytes) {
  chunk = bytes;
  value_at = 0;
  whole_at = 0;
  for (std::size_t at = 0; at < chunk.size();) at = TRY(advance(at));
  const bool in_value = step == Step::in_container || step == Step::in_string || step == Step::in_scalar;
  if (in_value && fate != Fate::drop) TRY(hold_value(chunk.substr(value_at)));
  if (whole && step != Step::end) TRY(hold_element(whole_text, chunk.substr(whole_at)));
  value_at = 0;
  fed += chunk.size();
  chunk = {};
  return {};
}

/// Takes what stands at `at`; gives the place to go on from.
Result<std::size_t> ArrayCutter::State::advance(std::size_t at) {
  const char* const here = chunk.data() + at;
  const std::size_t left = chunk.size() - at;
  switch (step) {
    case Step::in_container:
      at += scan.run(here, left);
      if (scan.done()) TRY(end_value(at));
      return at;
    case Step::in_name: {
      const std::size_t taken = text_scan.run(here, left);
      if (name_text.size() + taken > options.frame_bytes_max) return frame_too_large();
      name_text.append(here, taken);
      if (text_scan.done()) TRY(end_name());
      return at + taken;
    }
    case Step::in_string:
      at += text_scan.run(here, left);
      if (text_scan.done()) TRY(end_value(at));
      return at;
    case Step::in_scalar:
      at += internal::scalar_length(here, left);
      if (at < chunk.size()) TRY(end_value(at));
      return at;
    case Step::root:
    case Step::first_name:
    case Step::name:
    case Step::colon:
    case Step::value:
    case Step::after_member:
    case Step::first_element:
    case Step::element:
    case Step::after_element:
    case Step::end:
      break;
  }
  if (is_space(*here) && (mark_seen == 0 || mark_seen == kByteOrderMark.size())) return at + 1;
  TRY(outside(*here, at));
  return at + 1;
}

/// Takes one byte, no white space, that stands outside names and values.
Result<void> ArrayCutter::State::outside(char c, std::size_t at) {
  const auto fail = [this, at](std::string_view reason) { return no_json(reason, fed + at); };
  switch (step) {
    case Step::root:
      return start_root(c, at);
    case Step::first_name:
    case Step::name:
      if (c == '}' && step == Step::first_name) return end_object(at);
      if (c != '"') return fail("a member name in double quotes was expected");
      name_text.assign(1, '"');
      value_offset = fed + at;
      text_scan = internal::StringScan();
      step = Step::in_name;
      return {};
    case Step::colon:
      if (c != ':') return fail("a colon was expected after a member name");
      step = Step::value;
      return {};
    case Step::value:
      return start_member_value(c, at);
    case Step::after_member:
      if (c == '}') return end_object(at);
      if (c != ',') return fail("a comma or } was expected");
      step = Step::name;
      return {};
    case Step::first_element:
    case Step::after_element:
      if (c == ']') {
        in_array = false;
        after_value();
        return {};
      }
      if (step == Step::first_element) return start_value(c, at, Fate::element);
      if (c != ',') return fail("a comma or ] was expected");
      step = Step::element;
      return {};
    case Step::element:
      return start_value(c, at, Fate::element);
    case Step::in_name:
    case Step::in_container:
    case Step::in_string:
    case Step::in_scalar:
    case Step::end:
      break;
  }
  return fail("something follows the end of the document");
}

Result<void> ArrayCutter::State::start_root(char c, std::size_t at) {
  const std::size_t offset = fed + at;
  if (offset == mark_seen && mark_seen < kByteOrderMark.size() && c == kByteOrderMark[mark_seen]) {
    ++mark_seen;
    return {};
  }
  if (mark_seen != 0 && mark_seen != kByteOrderMark.size()) return no_json("a value was expected", offset);
  const bool object = c == '{';
  const bool cuts_root = options.path.empty() && !options.probes_only;
  const Fate root_fate = cuts_root ? Fate::element : Fate::drop;
  if (cuts_root) {
    if (c == '[') {
      found = Found::array;
      in_array = true;
      step = Step::first_element;
      return {};
    }
    found = c == 'n' ? Found::null_array : Found::whole_document;
    // Walked member by member, so that probes are found however large it is.
    whole = object;
    whole_at = at;
  }
  if (!object) return start_value(c, at, c == '[' || c == '"' ? root_fate : Fate::hold);
  const bool on_path = !whole && !options.probes_only;
  open.push_back({on_path ? std::optional<std::size_t>(0) : std::nullopt, 0, probes.all()});
  step = Step::first_name;
  return {};
}

Result<void> ArrayCutter::State::end_name() {
  auto text = internal::read_name(name_text);
  if (!text) return no_json("a member name is no valid string", value_offset);
  name = *std::move(text);
  step = Step::colon;
  return {};
}

Result<void> ArrayCutter::State::start_member_value(char c, std::size_t at) {
  const OpenObject& object = open.back();
  match = probes.step(object.probes, object.depth, name);
  keep_member = false;
  ends_path = false;
  bool enter = false;  // go through this object's members
  std::optional<std::size_t> next_level;
  if (object.level) {
    const std::size_t level = *object.level;
    const bool last = level + 1 == options.path.size();
    if (name == options.path[level]) {
      if (!frame_builder.enter(level, name_text))
        return no_json("the member " + quoted(name) + " of the content path stands a second time", fed + at);
      if (last && c == '[') {
        found = Found::array;
        probes.set_array(match.exact);
        in_array = true;
        step = Step::first_element;
        return {};
      }
      if (last) found = Found::not_an_array;
      ends_path = last && c == 'n';
      if (!last && c == '{') {
        probes.set(match.exact, Value(Object{{options.path[level + 1], Value()}}));
        next_level = level + 1;
        enter = true;
      }
    } else {
      keep_member = !last || !options.keep_sibling || options.keep_sibling(name);
      if (!keep_member) {
        TRY(count_frame(name.size()));
        frame_builder.drop(name);
      }
    }
  }
  // Numbers and literals are held because only what is held is checked.
  const bool scalar = c != '{' && c != '[' && c != '"';
  const bool must_hold = keep_member || ends_path || scalar || !match.exact.empty();
  if (!enter && !must_hold) enter = c == '{' && !match.deeper.empty();
  if (!enter) return start_value(c, at, must_hold ? Fate::hold : Fate::drop);
  open.push_back({next_level, object.depth + 1, match.deeper});
  step = Step::first_name;
  return {};
}

Result<void> ArrayCutter::State::start_value(char c, std::size_t at, Fate its_fate) {
  fate = its_fate;
  value_at = at;
  value_offset = fed + at;
  held.clear();
  switch (c) {
    case '{':
    case '[':
      scan = internal::BracketScan();
      scan.run(&c, 1);
      step = Step::in_container;
      return {};
    case '"':
      text_scan = internal::StringScan();
      step = Step::in_string;
      return {};
    case '}':
    case ']':
    case ',':
    case ':':
      return no_json("a value was expected", value_offset);
    default:
      step = Step::in_scalar;
      return {};
  }
}

/// Ends the value whose last byte stands before `at`.
Result<void> ArrayCutter::State::end_value(std::size_t at) {
  const Fate was = fate;
  if (was == Fate::drop) {
    after_value();
    return {};
  }
  std::string_view text = chunk.substr(value_at, at - value_at);
  if (was == Fate::element) {
    TRY(end_element(held, text));
  } else {
    if (!held.empty()) {
      TRY(hold_value(text));
      text = held;
    }
    TRY(end_held(text));
  }
  if (held.capacity() > kHeldCapacityMax) held = std::string();
  after_value();
  return {};
}

/// A member that is kept or probed is whole.
Result<void> ArrayCutter::State::end_held(std::string_view text) {
  std::vector<Node> nodes;
  std::vector<internal::OpenContainer> stack;
  std::string mended;
  auto error = internal::parse_strictly(text, kDepthMax, nodes, stack);
  if (error && mend_half_pairs(mended.assign(text))) {
    text = mended;
    error = internal::parse_strictly(text, kDepthMax, nodes, stack);
  }
  if (error) return no_json(error->reason, value_offset + error->offset);
  if (open.empty()) return found == Found::whole_document ? give(text) : Result<void>();
  if (ends_path) found = Found::null_array;
  const Record record{text, nodes.data(), static_cast<std::uint32_t>(nodes.size())};
  if (!match.exact.empty()) probes.set(match.exact, to_value(record, record.root()));
  const OpenObject& object = open.back();
  probes.set_below(match.deeper, object.depth + 1, record);
  if (keep_member || !match.exact.empty()) TRY(count_frame(text.size()));
  if (keep_member) {
    TRY(count_frame(name_text.size()));
    frame_builder.keep(*object.level, name, name_text, text);
  }
  return {};
}

/// The object ends with the byte at `at`.
Result<void> ArrayCutter::State::end_object(std::size_t at) {
  open.pop_back();
  if (whole && open.empty()) {
    step = Step::end;
    return end_element(whole_text, chunk.substr(whole_at, at + 1 - whole_at));
  }
  after_value();
  return {};
}

Result<void> ArrayCutter::State::give(std::string_view text) {
  ++element_count;
  return sink(text);
}

/// `buffer` holds what earlier chunks had of the element.
Result<void> ArrayCutter::State::end_element(std::string& buffer, std::string_view rest) {
  const bool held_some = !buffer.empty();
  if (in_parts || held_some || goes_in_parts(rest.size())) TRY(hold_element(buffer, rest));
  if (in_parts) {
    ++element_count;
    return give_part({}, true);
  }
  if (!held_some && rest.size() > options.element_bytes_max) return element_too_large();
  return give(held_some ? std::string_view(buffer) : rest);
}

Result<void> ArrayCutter::State::give_part(std::string_view text, bool last) {
  in_parts = !last;
  return part_sink(text, last);
}

Result<void> ArrayCutter::State::hold_value(std::string_view bytes) {
  if (fate == Fate::element) return hold_element(held, bytes);
  if (held.size() + bytes.size() > options.frame_bytes_max - frame_bytes) return frame_too_large();
  held.append(bytes);
  return {};
}

Result<void> ArrayCutter::State::hold_element(std::string& buffer, std::string_view bytes) {
  if (in_parts || goes_in_parts(buffer.size() + bytes.size())) {
    if (!buffer.empty()) TRY(give_part(std::exchange(buffer, {}), false));
    return give_part(bytes, false);
  }
  if (buffer.size() + bytes.size() > options.element_bytes_max) return element_too_large();
  buffer.append(bytes);
  return {};
}

Result<void> ArrayCutter::State::count_frame(std::size_t bytes) {
  if (bytes > options.frame_bytes_max - frame_bytes) return frame_too_large();
  frame_bytes += bytes;
  return {};
}

Error ArrayCutter::State::element_too_large() const {
  return internal::record_too_large(element_count + 1, options.element_bytes_max);
}

Error ArrayCutter::State::frame_too_large() const {
  return Error{ErrorKind::too_large, "The members around the records are larger than " +
                                         std::to_string(options.frame_bytes_max) +
                                         " bytes together, the limit; skip the large ones."};
}

void ArrayCutter::State::after_value() {
  if (in_array)
    step = Step::after_element;
  else
    step = open.empty() ? Step::end : Step::after_member;
}

Result<ArrayCutter::Frame> ArrayCutter::finish() {
  State& state = *state_;
  if (state.failure) return *state.failure;
  // A scalar at the root ends with the document.
  const bool root_scalar = state.step == Step::in_scalar && state.open.empty() && !state.in_array;
  if (root_scalar) TRY(state.end_value(0));
  if (state.step == Step::root)
    return Error{ErrorKind::invalid_argument, "The document is empty (empty body): it holds no JSON value."};
  if (state.step != Step::end) {
    return Error{ErrorKind::invalid_argument, "The JSON document is truncated at byte " +
                                                  std::to_string(state.fed) + ": it stops before its end."};
  }
  return give_up();
}

ArrayCutter::Frame ArrayCutter::give_up() {
  State& state = *state_;
  Frame frame;
  frame.found = state.found;
  frame.element_count = state.element_count;
  frame.bytes = state.fed;
  state.probes.finish(state.element_count > 0);
  frame.probe_found = state.probes.found();
  frame.probes = state.probes.take_values();
  if (state.found == Found::array && !state.options.path.empty()) state.frame_builder.write(frame);
  state.frame_builder.write_dropped(frame);
  return frame;
}

}  // namespace headwater::json
