// EVP looks the algorithm up and allocates its state for every text, which takes longer than hashing a field.
// The functions below it do neither; OpenSSL 3 calls them deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <libdeflate.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

namespace headwater::crypto {

std::size_t digest(Digest kind, std::string_view data, std::span<unsigned char, kDigestBytesMax> out) {
  switch (kind) {
    case Digest::md5: {
      MD5_CTX state;
      MD5_Init(&state);
      MD5_Update(&state, data.data(), data.size());
      MD5_Final(out.data(), &state);
      return MD5_DIGEST_LENGTH;
    }
    case Digest::sha1: {
      SHA_CTX state;
      SHA1_Init(&state);
      SHA1_Update(&state, data.data(), data.size());
      SHA1_Final(out.data(), &state);
      return SHA_DIGEST_LENGTH;
    }
    case Digest::sha256: {
      SHA256_CTX state;
      SHA256_Init(&state);
      SHA256_Update(&state, data.data(), data.size());
      SHA256_Final(out.data(), &state);
      return SHA256_DIGEST_LENGTH;
    }
    case Digest::sha512: {
      SHA512_CTX state;
      SHA512_Init(&state);
      SHA512_Update(&state, data.data(), data.size());
      SHA512_Final(out.data(), &state);
      return SHA512_DIGEST_LENGTH;
    }
  }
  return 0;
}

std::uint32_t crc32(std::string_view data) {
  // Carry-less multiplication, where zlib's goes byte by byte: every event of the journal is checked twice.
  return ::libdeflate_crc32(0, data.data(), data.size());
}

}  // namespace headwater::crypto
