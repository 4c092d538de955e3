// An array is cut the same however its bytes arrive, and frame and elements join back to the document.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz_check.h"
#include "json/array_cutter.h"

using namespace headwater::json;

namespace {

struct Cut {
  std::vector<std::string> elements;
  std::optional<ArrayCutter::Frame> frame;
  std::string error;
};

/// `sizes` gives the pieces' sizes, over and over; empty: all at once.
Cut cut(const ArrayCutter::Options& options, std::string_view document, std::string_view sizes) {
  Cut result;
  ArrayCutter cutter(options, [&result](std::string_view element) -> headwater::Result<void> {
    result.elements.emplace_back(element);
    return {};
  });
  for (std::size_t piece = 0; !document.empty(); ++piece) {
    std::size_t size = document.size();
    if (!sizes.empty())
      size = std::min<std::size_t>(size, static_cast<unsigned char>(sizes[piece % sizes.size()]) + 1U);
    const std::vector<char> own(document.begin(), document.begin() + static_cast<std::ptrdiff_t>(size));
    document.remove_prefix(size);
    if (const auto fed = cutter.feed({own.data(), own.size()}); !fed) {
      result.error = fed.error().message;
      return result;
    }
  }
  auto frame = cutter.finish();
  if (frame)
    result.frame = *std::move(frame);
  else
    result.error = frame.error().message;
  return result;
}

const Value* at_path(const Value& document, const std::vector<std::string>& path) {
  const Value* value = &document;
  for (const std::string& name : path)
    if (value != nullptr) value = value->find(name);
  return value;
}

void check_against_document(const ArrayCutter::Options& options, const Value& document, const Cut& whole) {
  const ArrayCutter::Frame& frame = *whole.frame;
  for (std::size_t i = 0; i < options.probes.size(); ++i) {
    const auto& probe = options.probes[i];
    if (probe == options.path) continue;
    const Value* want = at_path(document, probe);
    FUZZ_CHECK(frame.probe_found[i] == (want != nullptr));
    if (want != nullptr) FUZZ_CHECK(frame.probes[i].dump() == want->dump());
  }
  const Value* target = at_path(document, options.path);
  FUZZ_CHECK((frame.found == ArrayCutter::Found::array) == (target != nullptr && target->is_array()));
  if (frame.found != ArrayCutter::Found::array) return;
  FUZZ_CHECK(whole.elements.size() == target->if_array()->size());
  FUZZ_CHECK(frame.element_count == whole.elements.size());
  if (options.path.empty()) return;
  std::string joined = frame.before + quoted(options.path.back()) + ":[";
  for (std::size_t i = 0; i < whole.elements.size(); ++i) joined += (i > 0 ? "," : "") + whole.elements[i];
  const auto again = parse(joined + "]" + frame.after);
  FUZZ_CHECK(again && *again == document);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first bytes choose the path and the pieces' sizes; the rest is the document.
  if (size < 6) return 0;
  const std::string_view text = as_text(data, size);
  const std::string_view sizes = text.substr(1, 4);
  const std::string_view document = text.substr(5);
  ArrayCutter::Options options;
  if (data[0] % 3 == 1) options.path = {"r"};
  if (data[0] % 3 == 2) options.path = {"d", "r"};
  options.probes = {{"n"}, {"m", "n"}, {"d", "n"}, {"m", "n", "o"}};
  const Cut whole = cut(options, document, {});
  const Cut pieces = cut(options, document, sizes);
  FUZZ_CHECK(whole.frame.has_value() == pieces.frame.has_value());
  FUZZ_CHECK(whole.error == pieces.error);
  FUZZ_CHECK(whole.elements == pieces.elements);
  if (whole.frame) {
    FUZZ_CHECK(whole.frame->before == pieces.frame->before && whole.frame->after == pieces.frame->after);
    FUZZ_CHECK(whole.frame->found == pieces.frame->found);
    FUZZ_CHECK(whole.frame->probes == pieces.frame->probes);
    FUZZ_CHECK(whole.frame->probe_found == pieces.frame->probe_found);
  }
  const auto value = parse(document);
  if (!value) return 0;
  // A valid document is refused only because the path's member stands twice in it.
  if (!whole.frame) {
    FUZZ_CHECK(whole.error.find("second time") != std::string::npos);
    return 0;
  }
  check_against_document(options, *value, whole);
  // With every sibling dropped, the elements are the same.
  options.keep_sibling = [](std::string_view) { return false; };
  const Cut bare = cut(options, document, sizes);
  FUZZ_CHECK(bare.frame && bare.elements == whole.elements);
  for (std::size_t i = 0; i < bare.frame->probes.size(); ++i)
    FUZZ_CHECK(bare.frame->probes[i] == whole.frame->probes[i]);
  return 0;
}
