#include <array>
#include <cstdio>
#include <string>

#include "base/crypto.h"
#include "mapping/internal/evaluation.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using Values = std::span<const Value>;

Value uuid(Evaluation& run, Values) {
  const auto version = (run.environment().random() & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
  const auto variant = (run.environment().random() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
  std::array<char, 40> text{};
  const auto size = std::snprintf(text.data(), text.size(), "%08llx-%04llx-%04llx-%04llx-%012llx",
                                  static_cast<unsigned long long>(version >> 32U),
                                  static_cast<unsigned long long>((version >> 16U) & 0xFFFFU),
                                  static_cast<unsigned long long>(version & 0xFFFFU),
                                  static_cast<unsigned long long>(variant >> 48U),
                                  static_cast<unsigned long long>(variant & 0xFFFFFFFFFFFFU));
  return run.make_text({text.data(), static_cast<std::size_t>(size)});
}

// The vendor's algorithm is not published: two halves of 63 bits of the SHA-256 of the id in lower case, each
// of 19 digits. The same id always gives the same number (reference Part G).
Value fpid_to_ecid(Evaluation& run, Values values) {
  Arguments in(run, "fpid_to_ecid", values);
  std::string id(in.text(0, "fpid"));
  if (in.failed()) return in.failure();
  for (auto& c : id)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  const auto is_uuid = [&id] {
    if (id.size() != 36) return false;
    for (std::size_t i = 0; i < id.size(); ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      const bool hex = (id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f');
      if (dash ? id[i] != '-' : !hex) return false;
    }
    return true;
  };
  if (!is_uuid()) return in.fail({"fpid must be a UUID, it is ", in.shown(values[0])});
  const auto digest = crypto::sha256(id);
  std::array<char, 48> digits{};
  std::array<unsigned long long, 2> halves{};
  for (std::size_t half = 0; half < halves.size(); ++half) {
    for (std::size_t i = 0; i < 8; ++i)
      halves[half] = (halves[half] << 8U) | static_cast<unsigned char>(digest[half * 8 + i]);
    halves[half] &= 0x7FFFFFFFFFFFFFFFU;
  }
  const auto size = std::snprintf(digits.data(), digits.size(), "%019llu%019llu", halves[0], halves[1]);
  return run.make_text({digits.data(), static_cast<std::size_t>(size)});
}

}  // namespace

std::vector<Function> special_functions() {
  constexpr std::string_view kCategory = "Special Operations";
  return {
      {.info = {.name = "uuid",
                .aliases = {"guid"},
                .category = kCategory,
                .description = "A new random identifier.",
                .returns = "A version 4 UUID in lower case with dashes; another one at each call.",
                .return_type = Type::string,
                .examples = {{"uuid()", ""}, {"size_of(guid())", "36"}}},
       .call = &uuid},
      {.info =
           {.name = "fpid_to_ecid",
            .category = kCategory,
            .description =
                "Makes an identifier of 38 digits of a first-party device id, always the same one. It is not "
                "the vendor's, whose way of making them is not published.",
            .returns = "Two numbers of 19 digits each, as one text.",
            .return_type = Type::string,
            .parameters = {{"fpid", "a UUID", Type::string}},
            .examples =
                {{R"(size_of(fpid_to_ecid("9d1b7a52-0f0e-4a8b-9a53-2f63e1a1d0c4")))", "38"},
                 {R"(fpid_to_ecid("9D1B7A52-0F0E-4A8B-9A53-2F63E1A1D0C4") == fpid_to_ecid("9d1b7a52-0f0e-4a8b-9a53-2f63e1a1d0c4"))",
                  "true"},
                 {"fpid_to_ecid(null)", "null"}}},
       .call = &fpid_to_ecid,
       .works_on = 0}};
}

}  // namespace headwater::mapping
