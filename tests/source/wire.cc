#include "wire.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace source {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Collects pieces that stay valid and sends them with one call.
class Gather {
 public:
  explicit Gather(int fd) : fd_(fd) {}
  bool add(std::string_view bytes) {
    if (bytes.empty()) return true;
    pieces_[count_++] = iovec{const_cast<char*>(bytes.data()), bytes.size()};
    return count_ < pieces_.size() || flush();
  }
  bool flush() {
    auto* at = pieces_.data();
    while (count_ > 0) {
      msghdr message{};
      message.msg_iov = at;
      message.msg_iovlen = count_;
      const auto sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      auto left = static_cast<std::size_t>(sent);
      while (count_ > 0 && left >= at->iov_len) {
        left -= at->iov_len;
        ++at;
        --count_;
      }
      if (count_ > 0) {
        at->iov_base = static_cast<char*>(at->iov_base) + left;
        at->iov_len -= left;
      }
    }
    return true;
  }

 private:
  int fd_;
  std::array<iovec, 32> pieces_{};
  std::size_t count_ = 0;
};

std::string chunk_head(std::size_t size) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%zx\r\n", size);
  return text.data();
}

bool each_piece(const Answer& answer, const Dataset& dataset, const Dataset::Piece& piece) {
  for (const auto& segment : answer.body) {
    if (!segment.text.empty() && !piece(segment.text, true)) return false;
    if (segment.count > 0 && !dataset.range(segment.first, segment.count, piece)) return false;
  }
  return true;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::optional<std::string> Request::param(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::uint64_t Request::number(std::string_view name, std::uint64_t otherwise) const {
  const auto text = param(name);
  return text && !text->empty() ? std::strtoull(text->c_str(), nullptr, 10) : otherwise;
}

bool Request::flag(std::string_view name) const {
  const auto text = param(name);
  return text && *text != "0";
}

Answer Answer::json(int status, std::string text) {
  return Answer::text(status, "application/json", std::move(text));
}

Answer Answer::text(int status, std::string_view content_type, std::string text) {
  Answer answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", content_type);
  answer.body.push_back(Segment{std::move(text), 0, 0});
  return answer;
}

std::string Answer::flat(const Dataset& dataset) const {
  std::string out;
  out.reserve(bytes(dataset));
  each_piece(*this, dataset, [&out](std::string_view bytes, bool) {
    out += bytes;
    return true;
  });
  return out;
}

std::uint64_t Answer::bytes(const Dataset& dataset) const {
  std::uint64_t sum = 0;
  for (const auto& segment : body) sum += segment.text.size() + dataset.bytes(segment.first, segment.count);
  return sum;
}

std::string decode_percent(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string encode_percent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      std::array<char, 4> code{};
      std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned char>(c));
      out += code.data();
    }
  }
  return out;
}

Pairs read_form(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      pairs.emplace_back(decode_percent(pair.substr(0, equals), true),
                         decode_percent(pair.substr(std::min(equals + 1, pair.size())), true));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pairs;
}

std::string write_form(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += encode_percent(name) + '=' + encode_percent(value);
  }
  return out;
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

bool Connection::fill() {
  std::array<char, 16384> bytes{};
  for (;;) {
    const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
}

std::optional<Request> Connection::read() {
  buffer_.erase(0, used_);
  used_ = 0;
  std::size_t head_end = 0;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (buffer_.size() > (1U << 20) || !fill()) return std::nullopt;
  const std::string head = buffer_.substr(0, head_end + 2);
  used_ = head_end + 4;

  Request request;
  const auto line_end = head.find("\r\n");
  const auto line = std::string_view(head).substr(0, line_end);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first) return std::nullopt;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  // A proxy's client sends the absolute form.
  auto relative = std::string_view(request.target);
  if (relative.starts_with("http://"))
    relative.remove_prefix(std::min(relative.find('/', 7), relative.size()));
  const auto mark = std::min(relative.find('?'), relative.size());
  request.path = relative.substr(0, mark);
  if (mark < relative.size()) request.query = read_form(relative.substr(mark + 1));
  for (auto at = line_end + 2; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto field = std::string_view(head).substr(at, end - at);
    const auto colon = field.find(':');
    if (colon != std::string_view::npos) {
      auto value = field.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      request.headers.emplace_back(lower(field.substr(0, colon)), value);
    }
    at = end + 2;
  }
  if (!read_body(request)) return std::nullopt;
  return request;
}

bool Connection::read_body(Request& request) {
  if (request.header("expect") == "100-continue" && !send_all("HTTP/1.1 100 Continue\r\n\r\n")) return false;
  if (lower(request.header("transfer-encoding")) == "chunked") return read_chunks(request);
  const auto length = std::strtoull(std::string(request.header("content-length")).c_str(), nullptr, 10);
  while (buffer_.size() - used_ < length)
    if (!fill()) return false;
  request.body = buffer_.substr(used_, length);
  used_ += length;
  return true;
}

bool Connection::read_chunks(Request& request) {
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n", used_)) == std::string::npos)
      if (!fill()) return false;
    const auto size = std::strtoull(buffer_.substr(used_, end - used_).c_str(), nullptr, 16);
    used_ = end + 2;
    while (buffer_.size() - used_ < size + 2)
      if (!fill()) return false;
    request.body.append(buffer_, used_, size);
    used_ += size + 2;
    if (size == 0) return true;
  }
}

bool Connection::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::write(const Answer& answer, const Dataset& dataset, bool head_only) {
  std::string head =
      "HTTP/1.1 " + std::to_string(answer.status) + (answer.status < 400 ? " OK\r\n" : " Error\r\n");
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  const bool chunked =
      answer.chunked || answer.ending == Ending::chunk_cut || answer.ending == Ending::endless;
  if (answer.status != 204 && answer.status != 304)
    head += chunked ? "Transfer-Encoding: chunked\r\n"
                    : "Content-Length: " + std::to_string(answer.bytes(dataset)) + "\r\n";
  head += "\r\n";
  if (head_only) return send_all(head);
  return answer.ending == Ending::complete ? write_complete(std::move(head), answer, dataset)
                                           : write_badly(head, answer, dataset);
}

bool Connection::write_complete(std::string head, const Answer& answer, const Dataset& dataset) {
  if (answer.chunked) {
    const auto chunk = [this](std::string_view bytes, bool) {
      constexpr std::size_t kChunk = 32'768;
      for (; !bytes.empty(); bytes.remove_prefix(std::min(kChunk, bytes.size()))) {
        const auto part = bytes.substr(0, kChunk);
        if (!send_all(chunk_head(part.size())) || !send_all(part) || !send_all("\r\n")) return false;
      }
      return true;
    };
    return send_all(head) && each_piece(answer, dataset, chunk) && send_all("0\r\n\r\n");
  }
  Gather gather(fd_);
  const auto piece = [&gather](std::string_view bytes, bool stable) {
    return gather.add(bytes) && (stable || gather.flush());
  };
  return gather.add(head) && each_piece(answer, dataset, piece) && gather.flush();
}

bool Connection::drip(std::string_view bytes, const Answer& answer) {
  const auto step = std::max<std::size_t>(1, answer.cut_at);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    if (!send_all(bytes.substr(0, step))) return false;
    std::this_thread::sleep_for(answer.pause);
  }
  return true;
}

// Sends what the answer's ending asks for. All but a drip end the connection.
bool Connection::write_badly(const std::string& head, const Answer& answer, const Dataset& dataset) {
  if (!send_all(head)) return false;
  const auto body = answer.flat(dataset);
  switch (answer.ending) {
    case Ending::drip:
      return drip(body, answer);
    case Ending::truncated:
      send_all(std::string_view(body).substr(0, answer.cut_at));
      return false;
    case Ending::chunk_cut: {
      const auto part = std::string_view(body).substr(0, answer.cut_at);
      send_all(chunk_head(part.size() + 100) + std::string(part));
      return false;
    }
    case Ending::reset: {
      send_all(std::string_view(body).substr(0, answer.cut_at));
      const linger now{1, 0};  // close() sends RST
      ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      return false;
    }
    case Ending::endless: {
      if (!send_all(chunk_head(body.size()) + body + "\r\n")) return false;
      // A valid start is followed by white space for ever, or until the client has had enough.
      const std::string space(16'384, ' ');
      while (send_all(chunk_head(space.size()) + space + "\r\n")) std::this_thread::sleep_for(answer.pause);
      return false;
    }
    case Ending::complete:
      break;
  }
  return true;
}

}  // namespace source
