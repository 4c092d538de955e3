#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace headwater {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, gzip's frame around it
constexpr std::size_t kPieceBytes = 64U << 10;

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Error broken(const char* why) {
  return Error{ErrorKind::invalid_argument, std::string("The body is no gzip text: ") + why + "."};
}

}  // namespace

Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) std::abort();  // out of memory
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::size_t filled = 0;
  for (;;) {
    // One byte more than allowed tells that there are too many.
    out.resize(std::min(filled + kPieceBytes, bytes_max + 1));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = static_cast<uInt>(out.size() - filled);
    const int state = inflate(&stream, Z_NO_FLUSH);
    filled = out.size() - stream.avail_out;
    if (filled > bytes_max)
      return Error{ErrorKind::too_large,
                   "The decoded body has more than " + std::to_string(bytes_max) + " bytes."};
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return broken("it cannot be read on");
      continue;
    }
    if (state == Z_BUF_ERROR || (state == Z_OK && stream.avail_in == 0 && stream.avail_out > 0))
      return broken("it breaks off");
    if (state != Z_OK) return broken(stream.msg == nullptr ? "it is damaged" : stream.msg);
  }
  out.resize(filled);
  return out;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    std::abort();  // out of memory
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace headwater
