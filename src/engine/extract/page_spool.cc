#include "engine/extract/page_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace headwater::extract {

namespace {
constexpr std::size_t kWindow = 512U << 10;
using Length = std::uint32_t;
constexpr Length kContinued = Length{1} << 31;  // in a length: more of the text follows
}  // namespace

Result<void> PageSpool::append(std::string_view text, bool to_be_continued) {
  if (text.size() >= kContinued)
    return Error{ErrorKind::too_large, "A record is larger than 2 GB, the most that a page may hold."};
  if (!file_ && bytes_.size() + text.size() + sizeof(Length) > memory_max_ && !bytes_.empty())
    TRY(open_file());
  const auto length = static_cast<Length>(text.size()) | (to_be_continued ? kContinued : 0);
  char prefix[sizeof(Length)];
  std::memcpy(prefix, &length, sizeof(Length));
  bytes_.append(prefix, sizeof(Length));
  bytes_.append(text);
  if (file_ && bytes_.size() >= kWindow) return flush();
  return {};
}

Result<void> PageSpool::open_file() {
  // O_TMPFILE has no name to leak; file systems without it get a name that is removed at once.
  const int unnamed = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0) {
    file_ = UniqueFd(unnamed);
    return flush();
  }
  std::string path = (folder_ / "headwater-page-XXXXXX").string();
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named < 0) return errno_error("create", path);
  file_ = UniqueFd(named);
  ::unlink(path.c_str());
  return flush();
}

Error PageSpool::cut_short() const {
  return Error{ErrorKind::storage, "The page spool in " + folder_.string() + " was cut short."};
}

Result<void> PageSpool::flush() {
  TRY(write_all(file_.get(), bytes_, "page spool in " + folder_.string()));
  file_bytes_ += bytes_.size();
  bytes_.clear();
  return {};
}

Result<void> PageSpool::seal() {
  if (file_ && !bytes_.empty()) TRY(flush());
  rewind();
  return {};
}

void PageSpool::go_to(std::uint64_t place) {
  at_ = 0;
  if (file_) {
    bytes_.clear();
    read_from_ = place;
  } else {
    at_ = static_cast<std::size_t>(place);
  }
}

// Makes `bytes` readable at at_; false when the texts end before.
Result<bool> PageSpool::have(std::size_t bytes) {
  if (bytes_.size() - at_ >= bytes) return true;
  if (!file_ || (bytes_.size() == at_ && read_from_ == file_bytes_)) return false;
  bytes_.erase(0, at_);
  at_ = 0;
  const std::size_t held = bytes_.size();
  const std::uint64_t left = file_bytes_ - read_from_;
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(kWindow, bytes) - held));
  bytes_.resize(held + wanted);
  for (std::size_t done = 0; done < wanted;) {
    const auto got =
        ::pread(file_.get(), bytes_.data() + held + done, wanted - done, static_cast<off_t>(read_from_));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errno_error("read", "page spool in " + folder_.string());
    done += static_cast<std::size_t>(got);
    read_from_ += static_cast<std::uint64_t>(got);
  }
  return bytes_.size() >= bytes;
}

Result<bool> PageSpool::next(std::string_view& text) {
  const bool more = TRY(have(sizeof(Length)));
  if (!more) return false;
  Length length = 0;
  std::memcpy(&length, bytes_.data() + at_, sizeof(Length));
  continued_ = (length & kContinued) != 0;
  length &= ~kContinued;
  const bool whole = TRY(have(sizeof(Length) + length));
  if (!whole) return cut_short();
  text = std::string_view(bytes_).substr(at_ + sizeof(Length), length);
  at_ += sizeof(Length) + length;
  return true;
}

}  // namespace headwater::extract
