#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/digest.h"

namespace headwater::crypto {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

std::string encode64(std::string_view data, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::size_t left = data.size() - i;
    std::uint32_t word = static_cast<std::uint32_t>(static_cast<unsigned char>(data[i])) << 16;
    if (left > 1) word |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[i + 1])) << 8;
    if (left > 2) word |= static_cast<unsigned char>(data[i + 2]);
    out += alphabet[word >> 18];
    out += alphabet[(word >> 12) & 63];
    if (left > 1) out += alphabet[(word >> 6) & 63];
    if (left > 2) out += alphabet[word & 63];
    if (padded && left < 3) out.append(3 - left, '=');
  }
  return out;
}

int digit64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  if (RAND_bytes(bytes_of(out), static_cast<int>(size)) != 1)
    throw std::runtime_error("the operating system gives no random bytes");
  return out;
}

namespace {

std::string uuid_of(std::string raw, int version) {
  raw[6] = static_cast<char>((raw[6] & 0x0f) | (version << 4));
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
  std::string text = hex(raw);
  text.reserve(36);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) text.insert(place, 1, '-');
  return text;
}

}  // namespace

std::string uuid() { return uuid_of(random_bytes(16), 4); }

std::string ordered_uuid() {
  constexpr std::size_t kTimeBytes = 6;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  auto ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  std::string raw = random_bytes(16);
  for (auto at = kTimeBytes; at-- > 0; ms >>= 8) raw[at] = static_cast<char>(ms & 0xff);
  return uuid_of(std::move(raw), 4);
}

std::string derived_uuid(std::string_view text) {
  std::string raw = sha256(text).substr(0, 16);
  // Two bits more than the variant needs: ids that are stored were made so.
  raw[8] = static_cast<char>((raw[8] & 0x0f) | 0xa0);
  return uuid_of(std::move(raw), 8);
}

std::string random_hex(std::size_t bytes) { return hex(random_bytes(bytes)); }

std::string sha256(std::string_view data) {
  std::array<unsigned char, kDigestBytesMax> out;
  const auto size = digest(Digest::sha256, data, out);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string out(32, '\0');
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(), bytes_of(out),
           &size) == nullptr)
    throw std::runtime_error("HMAC-SHA-256 is not available");
  return out;
}

std::string hex(std::string_view data) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(data.size() * 2);
  for (const char c : data) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string base64(std::string_view data) { return encode64(data, kBase64, true); }
std::string base64url(std::string_view data) { return encode64(data, kBase64Url, false); }

std::optional<std::string> base64_decode(std::string_view text) {
  std::size_t padding = 0;
  while (!text.empty() && text.back() == '=' && padding < 2) {
    text.remove_suffix(1);
    ++padding;
  }
  if (text.size() % 4 == 1 || (padding > 0 && (text.size() + padding) % 4 != 0)) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = digit64(c);
    if (digit < 0) return std::nullopt;
    word = (word << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((word >> bits) & 0xff);
    }
  }
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string seal(std::string_view key, std::string_view plain, std::string_view context) {
  const std::string nonce = random_bytes(kNonceBytes);
  std::string cipher(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const CipherContext ctx(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok =
      key.size() == 32 && ctx &&
      EVP_EncryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(ctx.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(ctx.get(), bytes_of(cipher), &size, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(ctx.get(), bytes_of(cipher) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1;
  if (!ok) throw std::runtime_error("AES-256-GCM encryption failed");
  return nonce + cipher + tag;
}

Result<std::string> open_sealed(std::string_view key, std::string_view sealed, std::string_view context) {
  const Error broken{ErrorKind::storage,
                     "A stored credential cannot be decrypted: the key file is not the one it was sealed "
                     "with, or the data was changed."};
  if (key.size() != 32 || sealed.size() < kNonceBytes + kTagBytes) return broken;
  const auto nonce = sealed.substr(0, kNonceBytes);
  const auto cipher = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(cipher.size(), '\0');
  const CipherContext ctx(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool ok =
      ctx && EVP_DecryptInit_ex(ctx.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(ctx.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_DecryptUpdate(ctx.get(), bytes_of(plain), &size, bytes_of(cipher),
                        static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(ctx.get(), bytes_of(plain) + size, &size) == 1;
  if (!ok) return broken;
  return plain;
}

}  // namespace headwater::crypto
