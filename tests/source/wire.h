#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataset.h"

namespace source {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string target;  // as sent
  std::string path;    // without the query
  Pairs query;         // decoded
  Pairs headers;       // names in lower case
  std::string body;

  std::string_view header(std::string_view name) const;
  std::optional<std::string> param(std::string_view name) const;
  std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
  bool flag(std::string_view name) const;  // present and not "0"
};

/// A part of an answer's body: a text, or a range of records.
struct Segment {
  std::string text;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// How the sending of an answer goes wrong.
enum class Ending : std::uint8_t { complete, truncated, chunk_cut, reset, drip, endless };

struct Answer {
  int status = 200;
  Pairs headers;
  std::vector<Segment> body;
  bool chunked = false;
  Ending ending = Ending::complete;
  std::uint64_t cut_at = 0;            // truncated, chunk_cut, reset: bytes of the body sent before
  std::chrono::milliseconds pause{0};  // drip: between two pieces of `cut_at` bytes

  static Answer json(int status, std::string text);
  static Answer text(int status, std::string_view content_type, std::string text);
  std::string flat(const Dataset& dataset) const;
  std::uint64_t bytes(const Dataset& dataset) const;
};

std::string decode_percent(std::string_view text, bool plus_is_space);
std::string encode_percent(std::string_view text);
Pairs read_form(std::string_view text);
std::string write_form(const Pairs& pairs);

/// One kept-alive connection of a client. Confined to one thread.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// nullopt at the end of the connection, or when what came is no HTTP.
  std::optional<Request> read();
  /// False when the connection cannot go on.
  bool write(const Answer& answer, const Dataset& dataset, bool head_only);

 private:
  bool fill();
  bool read_body(Request& request);
  bool read_chunks(Request& request);
  bool send_all(std::string_view bytes);
  bool write_complete(std::string head, const Answer& answer, const Dataset& dataset);
  bool write_badly(const std::string& head, const Answer& answer, const Dataset& dataset);
  bool drip(std::string_view bytes, const Answer& answer);

  int fd_;
  std::string buffer_;
  std::size_t used_ = 0;
};

}  // namespace source
