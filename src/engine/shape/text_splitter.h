#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::shape {

/// Cuts a stream of bytes into JSON texts that stand one after another. It does not look into them: whoever
/// takes them parses them. Confined to one thread.
class TextSplitter {
 public:
  enum class Mode : std::uint8_t {
    lines,   // one text a line; blank lines count for nothing
    values,  // objects and arrays over any number of lines, with white space or commas between them
  };
  using Sink = std::function<Result<void>(std::string_view text)>;
  TextSplitter(Mode mode, std::size_t text_bytes_max, Sink sink)
      : mode_(mode), text_bytes_max_(text_bytes_max), sink_(std::move(sink)) {}

  /// Errors: too_large, naming the byte where the long text begins; invalid_argument for a bracket that
  /// closes nothing; what the sink gave.
  Result<void> feed(std::string_view bytes);
  /// Errors: invalid_argument when the last text is cut off (values only).
  Result<void> finish();

 private:
  Result<void> feed_lines(std::string_view bytes);
  Result<void> feed_values(std::string_view bytes);
  Result<void> give(std::string_view text);
  Result<void> keep(std::string_view bytes);

  Mode mode_;
  std::size_t text_bytes_max_;
  Sink sink_;
  std::string rest_;                // of the text in hand
  std::uint64_t bytes_before_ = 0;  // fed before this call
  std::uint64_t begin_ = 0;         // where the text in hand begins
  int depth_ = 0;
  bool in_string_ = false, escaped_ = false;
};

}  // namespace headwater::shape
