#include <algorithm>
#include <array>
#include <optional>

#include "base/digest.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using crypto::Digest;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "Hashing";
constexpr std::string_view kDigits = "0123456789abcdef";

enum class Charset : std::uint8_t { utf8, utf16, latin1, ascii };

// Names as people write them: any case, with or without "-" and "_".
template <class Named>
std::optional<Named> named(std::string_view name, std::span<const std::pair<std::string_view, Named>> table) {
  std::array<char, 16> plain;
  std::size_t size = 0;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    if (size == plain.size()) return std::nullopt;
    plain[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  for (const auto& [known, value] : table)
    if (known == std::string_view(plain.data(), size)) return value;
  return std::nullopt;
}

std::optional<Charset> charset_named(std::string_view name) {
  static constexpr std::pair<std::string_view, Charset> kCharsets[] = {
      {"utf8", Charset::utf8},     {"utf16", Charset::utf16},   {"iso88591", Charset::latin1},
      {"latin1", Charset::latin1}, {"usascii", Charset::ascii}, {"ascii", Charset::ascii}};
  return named<Charset>(name, kCharsets);
}

void append_utf16(TextBuilder& out, std::string_view text) {
  const auto unit = [&out](std::uint32_t code) {
    const char bytes[] = {static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    out.append({bytes, 2});
  };
  if (!text.empty()) unit(0xFEFF);
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_utf8(text, at);
    if (character.size == 0) return;  // texts are well-formed
    at += character.size;
    if (character.code < 0x10000) {
      unit(character.code);
    } else {
      unit(0xD800U + ((character.code - 0x10000U) >> 10U));
      unit(0xDC00U + ((character.code - 0x10000U) & 0x3FFU));
    }
  }
}

// Characters from `limit` on are not in the charset.
void append_single_bytes(TextBuilder& out, std::string_view text, std::uint32_t limit) {
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_utf8(text, at);
    if (character.size == 0) return;
    at += character.size;
    out.push_back(character.code < limit ? static_cast<char>(character.code) : '?');
  }
}

Value encoded(Arena& arena, std::string_view text, Charset charset) {
  TextBuilder out(arena);
  switch (charset) {
    case Charset::utf8:
      return Value::of(text);
    case Charset::utf16:
      append_utf16(out, text);
      break;
    case Charset::latin1:
      append_single_bytes(out, text, 0x100);
      break;
    case Charset::ascii:
      append_single_bytes(out, text, 0x80);
      break;
  }
  return out.finish();
}

Value hexadecimal(Arena& arena, std::span<const unsigned char> bytes) {
  auto* out = arena.take<char>(2 * bytes.size());
  if (out == nullptr) return Value::failure(kTooLarge);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4U];
    out[2 * i + 1] = kDigits[bytes[i] & 15U];
  }
  return Value::of(std::string_view(out, 2 * bytes.size()));
}

// None: CRC-32.
Value hashed(Evaluation& run, Arguments& in, std::size_t input, std::optional<Digest> kind) {
  auto text = run.text(in[input]);
  if (in[input].kind == Value::Kind::lambda) text = in.text(input, "input");
  if (in.given(input + 1)) {
    const auto name = in.text(input + 1, "charset");
    if (in.failed()) return in.failure();
    const auto charset = charset_named(name);
    if (!charset)
      return in.fail(
          {"charset must be UTF-8, UTF-16, ISO-8859-1 or US-ASCII, it is ", in.shown(in[input + 1])});
    const auto bytes = encoded(run.arena(), text, *charset);
    if (bytes.failed()) return bytes;
    text = bytes.characters();
  }
  if (in.failed()) return in.failure();
  std::array<unsigned char, crypto::kDigestBytesMax> bytes;
  if (kind) return hexadecimal(run.arena(), std::span(bytes).first(crypto::digest(*kind, text, bytes)));
  const auto sum = crypto::crc32(text);
  // The least significant byte comes first (D.3).
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<unsigned char>(sum >> (8 * i));
  return hexadecimal(run.arena(), std::span(bytes).first(4));
}

Value md5(Evaluation& run, In values) {
  Arguments in(run, "md5", values);
  return hashed(run, in, 0, Digest::md5);
}
Value sha1(Evaluation& run, In values) {
  Arguments in(run, "sha1", values);
  return hashed(run, in, 0, Digest::sha1);
}
Value sha256(Evaluation& run, In values) {
  Arguments in(run, "sha256", values);
  return hashed(run, in, 0, Digest::sha256);
}
Value sha512(Evaluation& run, In values) {
  Arguments in(run, "sha512", values);
  return hashed(run, in, 0, Digest::sha512);
}
Value crc32(Evaluation& run, In values) {
  Arguments in(run, "crc32", values);
  return hashed(run, in, 0, std::nullopt);
}

Value hash(Evaluation& run, In values) {
  static constexpr std::pair<std::string_view, std::optional<Digest>> kAlgorithms[] = {
      {"crc32", std::nullopt},
      {"md5", Digest::md5},
      {"sha1", Digest::sha1},
      {"sha256", Digest::sha256},
      {"sha512", Digest::sha512}};
  Arguments in(run, "hash", values);
  const auto name = in.text(0, "algorithm");
  if (in.failed()) return in.failure();
  const auto algorithm = named<std::optional<Digest>>(name, kAlgorithms);
  if (!algorithm)
    return in.fail({"algorithm must be crc32, md5, sha1, sha256 or sha512, it is ", in.shown(in[0])});
  return hashed(run, in, 1, *algorithm);
}

Function row(std::string_view name, std::string_view description, std::string_view returns,
             std::vector<Example> examples, decltype(Function::call) call) {
  return {
      .info = {.name = name,
               .category = kCategory,
               .description = description,
               .returns = returns,
               .return_type = Type::string,
               .parameters = {{"input", "the value whose text form is hashed", Type::string},
                              {"charset",
                               "how the text becomes bytes: UTF-8 (when left out), UTF-16 (big-endian with a "
                               "mark), ISO-8859-1, US-ASCII; what a charset lacks becomes ?",
                               Type::string}},
               .optional = 1,
               .examples = std::move(examples)},
      .call = call,
      .works_on = 0};
}

Function hash_row() {
  auto out = row("hash", "Hashes a text with the algorithm that the first argument names.",
                 "The digest in lower-case hexadecimal, as the function of that name gives it.",
                 {{R"(hash("crc32", "abc", "UTF-8"))", R"("c2412435")"},
                  {R"(hash("MD5", "abc", "UTF-8"))", R"("900150983cd24fb0d6963f7d28e17f72")"},
                  {R"(hash("SHA-1", "abc", null))", R"("a9993e364706816aba3e25717850c26c9cd0d89d")"},
                  {R"(hash("sha-256", "abc", "utf8"))",
                   R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
                  {R"(hash("sha1", null, "UTF-8"))", "null"}},
                 &hash);
  out.info.parameters.insert(out.info.parameters.begin(),
                             {"algorithm", "crc32, md5, sha1, sha256 or sha512, in any case", Type::string});
  out.info.optional = 0;
  out.works_on = 1;
  return out;
}

}  // namespace

std::vector<Function> hashing_functions() {
  return {
      row("sha1", "SHA-1 of a text.", "40 lower-case hexadecimal digits.",
          {{R"(sha1("abc"))", R"("a9993e364706816aba3e25717850c26c9cd0d89d")"},
           {R"(sha1(""))", R"("da39a3ee5e6b4b0d3255bfef95601890afd80709")"},
           {R"(sha1(null))", "null"}},
          &sha1),
      row("sha256", "SHA-256 of a text.", "64 lower-case hexadecimal digits.",
          {{R"(sha256("abc"))", R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
           {R"(sha256(email))", R"("b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514")",
            R"({"email":"user@example.com"})"},
           {R"(sha256(null))", "null"}},
          &sha256),
      row("sha512", "SHA-512 of a text.", "128 lower-case hexadecimal digits.",
          {{R"(sha512("abc"))",
            R"("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")"},
           {R"(sha512(null))", "null"}},
          &sha512),
      row("md5", "MD5 of a text.", "32 lower-case hexadecimal digits.",
          {{R"(md5("abc"))", R"("900150983cd24fb0d6963f7d28e17f72")"},
           {R"(md5("Grüße", "ISO-8859-1"))", R"("2c987648c54e9054bf8c8c916b17d5c0")"},
           {R"(md5("Grüße", "US-ASCII"))", R"("5fbcf22217c05fcc6a2d04b1c71f5a3d")"},
           {R"(md5("Gr??e"))", R"("5fbcf22217c05fcc6a2d04b1c71f5a3d")"},
           {R"(md5("abc", "UTF-16"))", R"("d629fd10ce46bd5f3025a857461840d8")"},
           {R"(md5("😀", "utf-16"))", R"("5933a92c976e7c0825d1194249243b59")"},
           {R"(md5("😀", "iso_8859_1"))", R"("d1457b72c3fb323a2671125aef3eab5d")"},
           {R"(md5("", "UTF-16"))", R"("d41d8cd98f00b204e9800998ecf8427e")"},
           {R"(md5("abc", null))", R"("900150983cd24fb0d6963f7d28e17f72")"},
           {R"(md5(12))", R"("c20ad4d76fe97759aa27a0c99bff6710")"},
           {R"(md5([1, "a"]))", R"("fd4105d9312f0888af6ee470373c2c0d")"},
           {R"(md5(null))", "null"}},
          &md5),
      row("crc32", "CRC-32 of a text, as zip has it, but with its four bytes the other way round.",
          "8 lower-case hexadecimal digits, the least significant byte first.",
          {{R"(crc32("abc"))", R"("c2412435")"},
           {R"(crc32(""))", R"("00000000")"},
           {R"(crc32("é", "ISO-8859-1"))", R"("51b5d40b")"},
           {R"(crc32(null))", "null"}},
          &crc32),
      hash_row()};
}

}  // namespace headwater::mapping
