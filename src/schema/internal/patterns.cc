#include "schema/internal/patterns.h"

#include "schema/internal/ecma_regex.h"

namespace headwater::schema {

Result<Pattern> Patterns::compiled(const std::string& text) {
  if (const auto known = known_.find(text); known != known_.end()) return known->second;
  if (known_.size() >= kMax)
    return Error{ErrorKind::too_large,
                 "is one too many: a schema may have " + std::to_string(kMax) + " patterns that differ."};
  const auto translated = TRY(translate_ecma_regex(text));
  return known_.emplace(text, Pattern{text, TRY(Regex::make(translated))}).first->second;
}

}  // namespace headwater::schema
