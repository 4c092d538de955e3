#include "cli/event_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace headwater::cli {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;
constexpr int kPollMillis = 100;  // how soon a stop is noticed while a pipe is silent

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

Result<EventReader> EventReader::open(const std::string& file) {
  const bool standard_input = file == "-";
  UniqueFd fd(standard_input ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return Error{ErrorKind::not_found, "There is no file " + file + "."};
  if (!fd) return errno_error("open", file);
  return EventReader(standard_input ? "standard input" : file, std::move(fd));
}

// False when there is nothing to read for now; at the end it stays so.
Result<bool> EventReader::fill(bool may_wait, const std::stop_token& stop) {
  if (ended_) return false;
  pollfd waiting{fd_.get(), POLLIN, 0};
  while (::poll(&waiting, 1, may_wait ? kPollMillis : 0) <= 0)
    if (!may_wait || stop.stop_requested()) return false;
  buffer_.resize(kReadBytes);
  ssize_t got = 0;
  do got = ::read(fd_.get(), buffer_.data(), buffer_.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return errno_error("read", name_);
  buffer_.resize(static_cast<std::size_t>(got));
  at_ = 0;
  ended_ = got == 0;
  return true;
}

// False when the end of the line is not there yet, or there is no further line. What is too long is thrown
// away piece by piece: it need not fit into memory.
Result<bool> EventReader::complete_line(std::size_t bytes_max, bool may_wait, const std::stop_token& stop) {
  while (!line_done_) {
    if (at_ == buffer_.size()) {
      const bool more = TRY(fill(may_wait, stop));
      if (!more && !(ended_ && (line_too_long_ || !line_.empty()))) return false;
      line_done_ = ended_ && (line_too_long_ || !line_.empty());
      continue;
    }
    const auto end = buffer_.find('\n', at_);
    const auto piece = std::string_view(buffer_).substr(at_, end - at_);
    line_too_long_ = line_too_long_ || line_.size() + piece.size() >= bytes_max;
    if (!line_too_long_) line_ += piece;
    line_done_ = end != std::string::npos;
    at_ = line_done_ ? end + 1 : buffer_.size();
  }
  return true;
}

Result<EventLines> EventReader::next(std::size_t lines_max, std::size_t bytes_max,
                                     const std::stop_token& stop) {
  EventLines out;
  while (out.numbers.size() < lines_max) {
    const bool whole = TRY(complete_line(bytes_max, out.empty(), stop));
    if (!whole) break;
    if (!line_too_long_ && out.text.size() + line_.size() >= bytes_max) break;
    ++number_;
    if (line_too_long_) {
      out.too_long.push_back(number_);
    } else if (!is_blank(line_)) {
      out.text.append(line_).push_back('\n');
      out.numbers.push_back(number_);
    }
    line_.clear();
    line_done_ = line_too_long_ = false;
  }
  return out;
}

}  // namespace headwater::cli
