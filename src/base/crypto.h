#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::crypto {

/// `size` bytes from the operating system's generator.
std::string random_bytes(std::size_t size);
/// A random RFC 9562 version 4 UUID, lower case with dashes.
std::string uuid();
/// A UUID that begins with the milliseconds of the wall clock, so that keys made one after the other stand
/// side by side in an index (docs/decisions/0037-ordered-ids.md). 74 bits are random; it is labelled
/// version 4.
std::string ordered_uuid();
/// Always the same UUID for the same text, shaped as version 8: made by a rule of ours. For what must be one
/// thing however often it is made. Stored ids follow from it, so the rule stays as it is.
std::string derived_uuid(std::string_view text);
/// `bytes * 2` random lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

std::string sha256(std::string_view data);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
std::string hex(std::string_view data);

std::string base64(std::string_view data);
std::string base64url(std::string_view data);  // RFC 4648 section 5, without padding
/// Accepts both alphabets, with or without padding, and ignores nothing else.
std::optional<std::string> base64_decode(std::string_view text);

/// Takes the same time whatever differs.
bool equal_constant_time(std::string_view a, std::string_view b);

/// AES-256-GCM: nonce (12) + ciphertext + tag (16). `key` is 32 bytes; `context` is authenticated, not kept.
std::string seal(std::string_view key, std::string_view plain, std::string_view context);
/// Errors: storage, when the key or context is wrong or the bytes were changed.
Result<std::string> open_sealed(std::string_view key, std::string_view sealed, std::string_view context);

}  // namespace headwater::crypto
