#include "json/path_cutter.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "json/internal/grammar.h"
#include "json/internal/path_plan.h"
#include "json/internal/stream_tokens.h"

namespace headwater::json {
namespace {

using internal::is_space;
using internal::no_json;
using internal::PathPlan;

/// What comes next.
enum class Step : std::uint8_t {
  value,
  first_element,  // an element or ]
  after_value,    // , or the closing bracket
  first_name,     // a name or }
  name,
  in_name,
  colon,
  in_container,  // inside a value that is held or passed over
  in_string,
  in_scalar,
  end,
};

constexpr std::uint32_t kDepthMax = 200;
constexpr std::size_t kHeldCapacityMax = 1U << 20;  // a buffer that grew larger is given back

}  // namespace

struct PathCutter::State {
  /// A container that is walked through.
  struct Open {
    bool is_array = false;
    bool gives = false;  // its elements are records
    PathPlan::Set set = 0;
    std::int64_t index = 0;               // of the element that is read
    std::vector<std::string> names = {};  // members that the path named and that have been there
  };

  State(const internal::PathQuery& query, std::size_t given_max, ArrayCutter::ElementSink given_sink)
      : plan(query), held_max(given_max), sink(std::move(given_sink)) {}

  PathPlan plan;
  std::size_t held_max;
  ArrayCutter::ElementSink sink;

  Step step = Step::value;
  bool found = false;        // an array was selected, or there was nothing to select from
  bool found_other = false;  // something was selected that is no array
  std::size_t element_count = 0;
  std::size_t fed = 0;
  std::string_view chunk;
  std::optional<Error> failure;

  std::vector<Open> open;
  std::string name_text;  // with its quotes
  std::string name;

  // The value that is held or passed over: its bytes before this chunk are in `held`.
  bool holds = false;
  PathPlan::Child child;
  std::size_t value_at = 0;
  std::size_t value_offset = 0;    // in the document
  internal::BracketScan scan;      // of a value with brackets
  internal::StringScan text_scan;  // of a name or a string value
  std::string held;

  Result<void> feed(std::string_view bytes);
  Result<std::size_t> advance(std::size_t at);
  Result<void> outside(char c, std::size_t at);
  Result<void> start_value(char c, std::size_t at);
  Result<void> end_name();
  Result<void> end_value(std::size_t at);
  Result<void> hold(std::string_view bytes);
  Result<void> take_held(std::string_view text);
  Result<void> take_selected(std::string_view text);
  Result<void> give(std::string_view text);
  void close() {
    open.pop_back();
    after_value();
  }
  void after_value() { step = open.empty() ? Step::end : Step::after_value; }
  bool gives_elements() const { return !open.empty() && open.back().gives; }

  Error too_large() const;
};

PathCutter::PathCutter(const JsonPath& query, std::size_t held_max, ArrayCutter::ElementSink sink)
    : state_(std::make_unique<State>(internal::tree_of(query), held_max, std::move(sink))) {}
PathCutter::~PathCutter() = default;

Result<void> PathCutter::feed(std::string_view bytes) {
  if (state_->failure) return *state_->failure;
  auto outcome = state_->feed(bytes);
  if (!outcome) state_->failure = outcome.error();
  return outcome;
}

Result<ArrayCutter::Found> PathCutter::finish() {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (state.step == Step::in_scalar && state.open.empty()) {
    if (auto ended = state.end_value(0); !ended) return ended.error();
  }
  if (state.step != Step::end) return no_json("the document is truncated", state.fed);
  if (state.found_other) return ArrayCutter::Found::not_an_array;
  return state.found ? ArrayCutter::Found::array : ArrayCutter::Found::missing;
}

Result<void> PathCutter::State::feed(std::string_view bytes) {
  chunk = bytes;
  value_at = 0;
  for (std::size_t at = 0; at < chunk.size();) at = TRY(advance(at));
  const bool in_value = step == Step::in_container || step == Step::in_string || step == Step::in_scalar;
  if (in_value && holds) TRY(hold(chunk.substr(value_at)));
  value_at = 0;
  fed += chunk.size();
  chunk = {};
  return {};
}

/// Takes what stands at `at`; gives the place to go on from.
Result<std::size_t> PathCutter::State::advance(std::size_t at) {
  const char* const here = chunk.data() + at;
  const std::size_t left = chunk.size() - at;
  switch (step) {
    case Step::in_container:
      at += scan.run(here, left);
      if (scan.done()) TRY(end_value(at));
      return at;
    case Step::in_name: {
      const std::size_t taken = text_scan.run(here, left);
      if (name_text.size() + taken > held_max) return too_large();
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
    case Step::value:
    case Step::first_element:
    case Step::after_value:
    case Step::first_name:
    case Step::name:
    case Step::colon:
    case Step::end:
      break;
  }
  if (!is_space(*here)) TRY(outside(*here, at));
  return at + 1;
}

/// Takes one byte, no white space, that stands outside names and values.
Result<void> PathCutter::State::outside(char c, std::size_t at) {
  const auto fail = [this, at](std::string_view reason) { return no_json(reason, fed + at); };
  switch (step) {
    case Step::first_element:
      if (c != ']') return start_value(c, at);
      close();
      return {};
    case Step::value:
      return start_value(c, at);
    case Step::after_value: {
      Open& here = open.back();
      if (c == (here.is_array ? ']' : '}')) {
        close();
        return {};
      }
      if (c != ',') return fail("a comma or the closing bracket was expected");
      ++here.index;
      step = here.is_array ? Step::value : Step::name;
      return {};
    }
    case Step::first_name:
    case Step::name:
      if (c == '}' && step == Step::first_name) {
        close();
        return {};
      }
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
    case Step::in_name:
    case Step::in_container:
    case Step::in_string:
    case Step::in_scalar:
    case Step::end:
      break;
  }
  return fail("something follows the end of the document");
}

Result<void> PathCutter::State::end_name() {
  auto text = internal::read_name(name_text);
  if (!text) return no_json("a member name is no valid string", value_offset);
  name = *std::move(text);
  Open& object = open.back();
  if (plan.names(object.set, name)) {
    // Elements of the first one have been given out already.
    if (std::find(object.names.begin(), object.names.end(), name) != object.names.end())
      return no_json("the member " + quoted(name) + " of the content path stands a second time",
                     value_offset);
    object.names.push_back(name);
  }
  step = Step::colon;
  return {};
}

Result<void> PathCutter::State::start_value(char c, std::size_t at) {
  if (c == '}' || c == ']' || c == ',' || c == ':') return no_json("a value was expected", fed + at);
  if (open.empty())
    child = PathPlan::Child{plan.start(), 0};
  else
    child = open.back().is_array ? plan.element(open.back().set, open.back().index)
                                 : plan.member(open.back().set, name);
  const bool is_array = c == '[';
  const bool is_container = is_array || c == '{';
  const bool is_selected = (child.set & plan.selected()) != 0;
  if ((child.set & plan.open_end()) != 0 && (is_container || c == 'n')) found = true;
  holds = gives_elements() || child.filters != 0 || (is_array && plan.needs_array(child.set)) ||
          (open.empty() && plan.needs_document());
  if (!holds) {
    if (is_selected) (is_array || c == 'n' ? found : found_other) = true;
    const bool inside = (child.set & ~plan.selected()) != 0;
    if (is_container && (inside || (is_selected && is_array))) {
      if (open.size() >= kDepthMax) return no_json("the nesting is deeper than 200 levels", fed + at);
      open.push_back(Open{is_array, is_selected && is_array, child.set});
      step = is_array ? Step::first_element : Step::first_name;
      return {};
    }
  }
  value_at = at;
  value_offset = fed + at;
  held.clear();
  text_scan = internal::StringScan();
  step = is_container ? Step::in_container : c == '"' ? Step::in_string : Step::in_scalar;
  if (is_container) {
    scan = internal::BracketScan();
    scan.run(&c, 1);
  }
  return {};
}

/// Ends the value whose last byte stands before `at`.
Result<void> PathCutter::State::end_value(std::size_t at) {
  if (holds) {
    std::string_view text = chunk.substr(value_at, at - value_at);
    if (!held.empty() || text.size() > held_max) {
      TRY(hold(text));
      text = held;
    }
    TRY(take_held(text));
    if (held.capacity() > kHeldCapacityMax) held = std::string();
  }
  after_value();
  return {};
}

Result<void> PathCutter::State::hold(std::string_view bytes) {
  if (held.size() + bytes.size() > held_max) return too_large();
  held.append(bytes);
  return {};
}

Result<void> PathCutter::State::take_held(std::string_view text) {
  if (gives_elements()) TRY(give(text));
  if (child.set == 0 && child.filters == 0) return {};
  return take_selected(text);
}

Result<void> PathCutter::State::take_selected(std::string_view text) {
  if (plan.needs_document()) found = true;  // a filter may select nothing
  const ParseLimits limits{.depth_max = kDepthMax, .bytes_max = text.size()};
  auto value = parse(text, limits);
  std::string mended;
  if (!value && mend_half_pairs(mended.assign(text))) value = parse(mended, limits);
  if (!value) return no_json("the value is not well formed (" + value.error().message + ")", value_offset);
  Array one;
  one.push_back(*std::move(value));
  const Value holder(std::move(one));
  for (const Value* each : plan.select(holder, child)) {
    const Array* array = each->if_array();
    (array != nullptr || each->is_null() ? found : found_other) = true;
    if (array == nullptr) continue;
    for (const Value& element : *array) TRY(give(element.dump()));
  }
  return {};
}

Result<void> PathCutter::State::give(std::string_view text) {
  ++element_count;
  return sink(text);
}

Error PathCutter::State::too_large() const {
  if (gives_elements()) return internal::record_too_large(element_count + 1, held_max);
  return Error{ErrorKind::too_large,
               "The path needs more than " + std::to_string(held_max) +
                   " bytes of the document in memory: a filter holds the value it tests, an index or slice "
                   "that counts "
                   "from the end its array, and $ inside a filter the whole document. Write the path without "
                   "them, or ask for smaller pages."};
}

}  // namespace headwater::json
