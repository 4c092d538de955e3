#include "engine/extract/page_builder.h"

#include <algorithm>
#include <utility>

#include "domain/entity_path.h"

namespace headwater::extract {

namespace {

constexpr std::string_view kCopyFailed = "CONNECTOR-1001-500";
constexpr std::string_view kNotProcessed = "CONNECTOR-2001-500";
constexpr std::string_view kPathMissing = "CONNECTOR-1313-400";
constexpr std::string_view kPathNoArray = "CONNECTOR-1315-400";
constexpr std::size_t kMarksMax = 100'000;  // elements of one page that are compared with its neighbours
constexpr std::size_t kGroupBytes = 480U << 10;
constexpr std::size_t kKeyTextsMax = 4'096;
constexpr std::size_t kKeyTextBytes = 1'024;
constexpr std::size_t kContentTypeShown = 80;
constexpr std::size_t kRefusalBytes = 1'024 + PageBuilder::kRefusalBeyond;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Error upstream(std::string message, std::string_view code) {
  return Error{ErrorKind::upstream, std::move(message), {}, code};
}

// The names that lead from a shaped record to the element in it.
std::vector<std::string> names_around(const domain::SourceSpec& spec) {
  std::vector<std::string> around;
  if (!spec.content || (spec.content->names.empty() && spec.content->dotted)) return around;
  if (spec.content->names.size() > 1)
    around.assign(spec.content->names.begin(), spec.content->names.end() - 1);
  around.push_back(spec.content->wrapper);
  return around;
}

}  // namespace

Result<PageShape> PageShape::make(const domain::SourceSpec& spec, const ExtractorOptions& options,
                                  std::vector<std::vector<std::string>> probes) {
  PageShape shape;
  shape.content = spec.content;
  shape.probes = std::move(probes);
  shape.page_memory_max = options.page_memory_max;
  shape.element_bytes_max = options.element_bytes_max;
  shape.spool_folder = options.spool_folder;
  shape.page_time_max = options.page_time_max;
  shape.preview_bytes_max = options.preview_bytes_max;
  shape.preview_records = options.preview_records;
  shape.answer = options.answer;
  if (spec.content && !spec.content->dotted)
    shape.complex_path = TRY(json::JsonPath::compile(spec.content->path));
  const auto around = names_around(spec);
  const auto stands_within = [&around](const std::vector<std::string>& names) {
    return names.size() > around.size() && std::equal(around.begin(), around.end(), names.begin());
  };
  const auto within = [&around](const std::vector<std::string>& names) {
    return std::vector<std::string>(names.begin() + static_cast<std::ptrdiff_t>(around.size()), names.end());
  };
  if (spec.explode && spec.explode->dotted && !shape.complex_path && stands_within(spec.explode->names))
    shape.exploded = std::make_shared<const ExplodedArray>(ExplodedArray{
        within(spec.explode->names), domain::keep_sibling_rule(*spec.explode), options.element_bytes_max});
  // recordKey is written against the shaped record; a nested explode gives records that no element knows.
  if (spec.record_key.empty() || spec.explode) return shape;
  shape.element_key = stands_within(spec.record_key) ? within(spec.record_key) : spec.record_key;
  return shape;
}

PageBuilder::PageBuilder(const PageShape& shape, Clock& clock, std::uint64_t expected,
                         const AuthSettings* secrets)
    : shape_(shape), clock_(clock), expected_(expected), secrets_(secrets) {}
PageBuilder::~PageBuilder() = default;

std::string PageBuilder::content_type() const {
  const auto type = http::find_header(head_.headers, "Content-Type");
  static const AuthSettings none;
  return type ? shown_part(std::string(*type), kContentTypeShown, secrets_ ? *secrets_ : none)
              : std::string("none");
}

Result<void> PageBuilder::head(const http::ResponseHead& head) {
  head_ = head;
  begun_ = clock_.now();
  if (AnswerStart* start = shape_.answer) {
    start->status = head.status;
    start->content_type = http::find_header(head.headers, "Content-Type").value_or("");
    start->headers = head.headers;
    start->text.clear();
    start->bytes = 0;
  }
  if (!is_success()) return {};
  spool_ = std::make_unique<PageSpool>(shape_.page_memory_max, shape_.spool_folder, expected_);
  if (!shape_.element_key.empty()) parser_ = std::make_unique<json::RecordParser>();
  json::ArrayCutter::Options options;
  const auto take = [this](std::string_view element) { return take_element(element); };
  if (shape_.complex_path) {
    options.probes_only = true;
    path_cutter_ = std::make_unique<json::PathCutter>(*shape_.complex_path, shape_.element_bytes_max, take);
  } else if (shape_.content) {
    options.path = shape_.content->names;
    options.keep_sibling = domain::keep_sibling_rule(*shape_.content);
  } else {
    options.keep_sibling = [](std::string_view) { return true; };
  }
  options.probes = shape_.probes;
  options.element_bytes_max = shape_.element_bytes_max;
  json::ArrayCutter::PartSink take_part;
  if (shape_.exploded) {
    options.whole_bytes_max = shape_.whole_bytes_max;
    take_part = [this](std::string_view part, bool last) { return this->take_part(part, last); };
  }
  cutter_ = std::make_unique<json::ArrayCutter>(std::move(options), take, std::move(take_part));
  return {};
}

// The first character decides. `bytes` begin with the document; what is no more than white space or part of a
// byte order mark is waited behind.
Result<void> PageBuilder::start_document(std::string_view bytes) {
  if (bytes.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(bytes)) {
    start_ = bytes;
    return {};
  }
  std::string_view text = bytes;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto first = std::find_if_not(text.begin(), text.end(), is_white);
  if (first == text.end()) {
    start_ = bytes.substr(0, bytes.size() - text.size());
    return {};
  }
  if (*first == '<')
    return upstream("The source answered HTML or XML instead of JSON (content type " + content_type() + ").",
                    kNotProcessed);
  if (*first != '{' && *first != '[')
    return upstream("The source's answer is no JSON object or array (content type " + content_type() + ").",
                    kNotProcessed);
  started_ = true;
  return {};
}

Result<void> PageBuilder::body(std::string_view bytes) {
  if (AnswerStart* start = shape_.answer) {
    start->bytes += bytes.size();
    start->text += bytes.substr(0, start->bytes_max - std::min(start->bytes_max, start->text.size()));
  }
  if (!is_success()) {
    refusal_is_cut_ = refusal_is_cut_ || bytes.size() > kRefusalBytes - refusal_.size();
    refusal_ += bytes.substr(0, kRefusalBytes - refusal_.size());
    return {};
  }
  if (clock_.now() - begun_ > shape_.page_time_max)
    return upstream("The answer does not end: it took longer than " +
                        std::to_string(shape_.page_time_max.count()) + " minutes.",
                    kCopyFailed);
  body_bytes_ += bytes.size();
  body_hash_.add(bytes);
  std::string_view rest = bytes;
  std::string begin;
  if (!started_) {
    if (!start_.empty()) {
      begin.swap(start_);
      begin.append(bytes);
      rest = begin;
    }
    TRY(start_document(rest));
    if (!started_) return {};
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  }
  auto fed = cutter_->feed(rest);
  if (fed && path_cutter_) fed = path_cutter_->feed(rest);
  if (!fed && fed.error().kind == ErrorKind::invalid_argument && fed.error().code.empty())
    return upstream("The source's answer is no valid JSON: " + fed.error().message, kNotProcessed);
  if (!fed && fed.error().code.empty() && fed.error().kind == ErrorKind::too_large && path_cutter_) {
    Error error = std::move(fed).error();
    error.message = "The contentPath " + shape_.complex_path->text() + ": " + error.message;
    error.code = kNotProcessed;
    return error;
  }
  return fed;
}

std::uint64_t PageBuilder::key_of(std::string_view element) {
  padded_.assign(element);
  padded_.append(json::RecordParser::kPadding, ' ');
  const auto record = parser_->parse(std::string_view(padded_).substr(0, element.size()));
  if (!record) return 0;
  const json::Node* node = &record->root();
  for (const auto& name : shape_.element_key) {
    if (node->kind != json::Kind::object) return 0;
    node = record->find(*node, name);
    if (!node) return 0;
  }
  if (node->kind == json::Kind::null) return 0;
  const auto text = record->raw(*node);
  if (key_texts_.size() < kKeyTextsMax) {
    key_texts_.resize(marks_.size());
    key_texts_.emplace_back(text.substr(0, kKeyTextBytes));
  }
  return hash_bytes(text) | 1;
}

Result<void> PageBuilder::take_element(std::string_view element) {
  TRY(spool_->append(element));
  return count_element(hash_bytes(element), parser_ && marks_.size() < kMarksMax ? key_of(element) : 0);
}

Result<void> PageBuilder::take_part(std::string_view part, bool last) {
  part_hash_.add(part);
  TRY(spool_->append(part, !last));
  if (!last) return {};
  return count_element(std::exchange(part_hash_, StreamHash()).value(), 0);
}

Result<void> PageBuilder::count_element(std::uint64_t hash, std::uint64_t key) {
  ++element_count_;
  elements_hash_ = hash ^ (elements_hash_ * 0x9E3779B97F4A7C15ULL + element_count_);
  if (marks_.size() < kMarksMax) marks_.push_back({hash, key});
  cut_ = shape_.preview_bytes_max > 0 && body_bytes_ > shape_.preview_bytes_max &&
         element_count_ >= shape_.preview_records;
  // Ends the transfer; whoever started it knows by is_cut that this is no failure.
  if (cut_) return upstream("The preview has seen enough of the answer.", kCopyFailed);
  return {};
}

Result<void> PageBuilder::finish() {
  no_content_ = head_.status == 204 || !started_;
  if (no_content_) {
    frame_.found = json::ArrayCutter::Found::array;
    frame_.probes.resize(shape_.probes.size());
    frame_.probe_found.resize(shape_.probes.size());
    return spool_->seal();
  }
  if (cut_) {
    frame_ = cutter_->give_up();
  } else {
    auto frame = cutter_->finish();
    if (!frame) {
      truncated_ = true;
      return upstream("The source's answer is no complete JSON: " + frame.error().message, kNotProcessed);
    }
    frame_ = *std::move(frame);
  }
  if (path_cutter_) TRY(finish_complex());
  const std::string path = shape_.content ? shape_.content->path : std::string();
  if (frame_.found == json::ArrayCutter::Found::missing)
    return upstream("The contentPath " + path + " is not in the answer (or is null).", kPathMissing);
  if (frame_.found == json::ArrayCutter::Found::not_an_array)
    return upstream("The contentPath " + path + " leads to something that is no array of records.",
                    kPathNoArray);
  return spool_->seal();
}

// A record of a complex path stands alone: nothing is beside it.
Result<void> PageBuilder::finish_complex() {
  frame_.before.assign(1, '{');
  frame_.after.assign(1, '}');
  frame_.element_count = element_count_;
  frame_.found = json::ArrayCutter::Found::array;
  if (cut_) return {};
  auto found = path_cutter_->finish();
  if (!found)
    return upstream("The source's answer is no valid JSON: " + found.error().message, kNotProcessed);
  frame_.found = *found;
  return {};
}

Page PageBuilder::take_page() {
  Page page;
  page.frame = std::move(frame_);
  page.cut = cut_;
  page.repeated_count = left_out_.size();
  page.record_count = element_count_ - left_out_.size();
  page.spool_ = std::move(spool_);
  page.exploded_ = shape_.exploded;
  page.left_out_ = std::move(left_out_);
  return page;
}

// --- Page ---------------------------------------------------------------------------------------------

Page::Page() = default;
Page::~Page() = default;
Page::Page(Page&&) noexcept = default;
Page& Page::operator=(Page&&) noexcept = default;

void Page::rewind() {
  if (spool_) spool_->rewind();
  large_.reset();
  place_ = 0;
  next_left_out_ = 0;
}

bool Page::passes_over(std::uint64_t place) {
  if (next_left_out_ == left_out_.size() || left_out_[next_left_out_] != place) return false;
  ++next_left_out_;
  return true;
}

Result<bool> Page::read(json::RecordGroup& group) {
  group.clear();
  if (!spool_) return false;
  if (large_) return read_part(group);
  while (group.bytes() < kGroupBytes) {
    const std::uint64_t begin = spool_->place();
    std::string_view text;
    const bool more = TRY(spool_->next(text));
    if (!more) break;
    const bool is_large = spool_->is_continued();
    if (is_large && !group.empty()) {
      spool_->go_to(begin);
      break;
    }
    if (passes_over(place_++)) {
      while (spool_->is_continued())
        if (!TRY(spool_->next(text))) return spool_->cut_short();
      continue;
    }
    if (is_large) {
      spool_->go_to(begin);
      return read_large(group);
    }
    group.append(text);
  }
  return !group.empty();
}

Result<bool> Page::read_large(json::RecordGroup& group) {
  auto large = std::make_unique<LargeElement>(*spool_, *exploded_);
  const bool splits = TRY(large->survey());
  if (!splits) {
    auto whole = large->read_whole(group);
    if (whole) return true;
    Error error = std::move(whole).error();
    error.message =
        "Page " + std::to_string(number) + ", record " + std::to_string(place_) + ": " + error.message;
    return error;
  }
  large_ = std::move(large);
  return read_part(group);
}

Result<bool> Page::read_part(json::RecordGroup& group) {
  TRY(large_->next(group));
  if (large_->is_done()) large_.reset();
  return true;
}

}  // namespace headwater::extract
