#include "engine/extract/large_element.h"

#include <utility>

#include "json/value.h"

namespace headwater::extract {

namespace {
constexpr std::size_t kPartBytes = 256U << 10;
}  // namespace

LargeElement::LargeElement(PageSpool& spool, const ExplodedArray& array) : spool_(spool), array_(array) {}
LargeElement::~LargeElement() = default;

json::ArrayCutter::Options LargeElement::cut() const {
  json::ArrayCutter::Options options;
  options.path = array_.path;
  options.keep_sibling = array_.keep_sibling;
  options.element_bytes_max = array_.element_bytes_max;
  return options;
}

Result<bool> LargeElement::survey() {
  const std::uint64_t begin = spool_.place();
  json::ArrayCutter cutter(cut(), [](std::string_view) { return Result<void>(); });
  std::string_view piece;
  bool readable = true;
  do {
    if (!TRY(spool_.next(piece))) break;
    readable = static_cast<bool>(cutter.feed(piece));
  } while (readable && spool_.is_continued());
  spool_.go_to(begin);
  auto frame = readable ? cutter.finish() : Result<json::ArrayCutter::Frame>(json::ArrayCutter::Frame());
  if (!frame || frame->found != json::ArrayCutter::Found::array) {
    unsplit_ = frame ? "it holds no array at the explodeEntityPath." : frame.error().message;
    return false;
  }
  frame_ = *std::move(frame);
  return true;
}

Result<void> LargeElement::next(json::RecordGroup& group) {
  if (!cutter_) {
    cutter_ = std::make_unique<json::ArrayCutter>(cut(), [this](std::string_view element) {
      if (!elements_.empty()) elements_ += ',';
      elements_ += element;
      return Result<void>();
    });
  }
  std::string_view piece;
  while (elements_.size() < kPartBytes && !done_) {
    if (!TRY(spool_.next(piece))) return spool_.cut_short();
    TRY(cutter_->feed(piece));
    done_ = !spool_.is_continued();
  }
  group.append({frame_.before, json::quoted(array_.path.back()), ":[", elements_, "]", frame_.after});
  elements_.clear();
  return {};
}

Result<void> LargeElement::read_whole(json::RecordGroup& group) {
  std::string& whole = group.buffer();
  const std::size_t begin = whole.size();
  std::string_view piece;
  do {
    if (!TRY(spool_.next(piece))) return spool_.cut_short();
    if (whole.size() - begin + piece.size() > array_.element_bytes_max)
      return Error{ErrorKind::too_large, "A record is larger than " +
                                             std::to_string(array_.element_bytes_max) +
                                             " bytes, the limit, and cannot be read in parts: " + unsplit_};
    whole += piece;
  } while (spool_.is_continued());
  group.close_text();
  return {};
}

}  // namespace headwater::extract
