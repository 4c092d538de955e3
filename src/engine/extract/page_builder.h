#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/source_spec.h"
#include "engine/extract/extractor.h"
#include "engine/extract/large_element.h"
#include "engine/extract/page_hash.h"
#include "engine/extract/page_spool.h"
#include "http/client.h"
#include "json/array_cutter.h"
#include "json/json_path.h"
#include "json/path_cutter.h"
#include "json/record.h"

namespace headwater::extract {

/// What every page of a run is cut by. Immutable.
struct PageShape {
  std::optional<domain::EntityPath> content;
  std::optional<json::JsonPath> complex_path;  // when the content path is more than dotted
  std::vector<std::vector<std::string>> probes;
  std::vector<std::string> element_key;           // recordKey within an element; empty: none
  std::shared_ptr<const ExplodedArray> exploded;  // absent: elements are read whole
  std::size_t whole_bytes_max = 1U << 20;         // a larger element that is exploded is held nowhere
  std::size_t page_memory_max = 4U << 20;
  std::size_t element_bytes_max = 64U << 20;
  std::filesystem::path spool_folder;
  std::chrono::minutes page_time_max{60};
  std::uint64_t preview_bytes_max = 0;  // as in ExtractorOptions
  std::uint64_t preview_records = 0;
  AnswerStart* answer = nullptr;

  /// `record_key` is a path within a shaped record; elements do not know their wrapper yet.
  static Result<PageShape> make(const domain::SourceSpec& spec, const ExtractorOptions& options,
                                std::vector<std::vector<std::string>> probes);
};

/// A record's identity among the page's neighbours.
struct ElementMark {
  std::uint64_t hash = 0;
  std::uint64_t key = 0;  // of its recordKey; 0: none
};

/// Takes one answer as it arrives and turns it into a page. Confined to one thread.
class PageBuilder final : public http::ResponseSink {
 public:
  /// `expected` is the page's size as the spool counts it, when the page before tells; only for speed.
  /// `secrets`, which outlive it, stand in no message.
  PageBuilder(const PageShape& shape, Clock& clock, std::uint64_t expected = 0,
              const AuthSettings* secrets = nullptr);
  ~PageBuilder() override;

  Result<void> head(const http::ResponseHead& head) override;
  Result<void> body(std::string_view bytes) override;
  /// Ends the document of a 2xx answer. Errors: upstream with CONNECTOR codes; `is_truncated` afterwards.
  Result<void> finish();
  /// The finished page's frame and elements.
  Page take_page();

  int status() const { return head_.status; }
  const http::Headers& headers() const { return head_.headers; }
  /// Where the answer came from: redirects may have led elsewhere.
  const std::string& final_url() const { return head_.final_url; }
  /// The first kilobyte of an answer that is no success: what the source says about it.
  std::string_view refusal() const { return refusal_; }
  /// Of a refusal that was not read to its end: as much of its text may be a part of a credential, which
  /// nobody recognises.
  static constexpr std::size_t kRefusalBeyond = 16U << 10;
  bool refusal_is_cut() const { return refusal_is_cut_; }
  bool is_success() const { return head_.status >= 200 && head_.status < 300; }
  bool no_content() const { return no_content_; }
  bool is_truncated() const { return truncated_; }
  /// A preview has seen enough: the transfer was ended from here, and `finish` takes what there is.
  bool is_cut() const { return cut_; }
  const json::ArrayCutter::Frame& frame() const { return frame_; }
  const std::vector<ElementMark>& marks() const { return marks_; }
  /// False when the page has more records than are compared with its neighbours.
  bool marks_all() const { return marks_.size() == element_count_; }
  std::uint64_t element_count() const { return element_count_; }
  /// Of a finished page: what the next one may be expected to need.
  std::uint64_t spool_bytes() const { return spool_ ? spool_->size() : 0; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  std::uint64_t body_hash() const { return body_hash_.value(); }
  std::uint64_t elements_hash() const { return elements_hash_; }
  /// Leaves the elements at these places (ascending) out of the page.
  void leave_out(std::vector<std::uint64_t> places) { left_out_ = std::move(places); }
  /// The key's text of the element at a place whose key repeats, as the source wrote it.
  std::string_view key_text(std::size_t place) const {
    return place < key_texts_.size() ? std::string_view(key_texts_[place]) : std::string_view();
  }

 private:
  Result<void> start_document(std::string_view bytes);
  Result<void> take_element(std::string_view element);
  Result<void> take_part(std::string_view part, bool last);
  Result<void> count_element(std::uint64_t hash, std::uint64_t key);
  std::uint64_t key_of(std::string_view element);
  Result<void> finish_complex();
  std::string content_type() const;

  const PageShape& shape_;
  Clock& clock_;
  std::uint64_t expected_;
  const AuthSettings* secrets_;
  TimePoint begun_{};
  http::ResponseHead head_;
  std::unique_ptr<json::ArrayCutter> cutter_;
  std::unique_ptr<json::PathCutter> path_cutter_;  // for a complex path; the other cutter only probes then
  std::unique_ptr<PageSpool> spool_;
  json::ArrayCutter::Frame frame_;
  std::string refusal_;
  bool refusal_is_cut_ = false;
  std::string start_;  // what came before the document's first character of a byte order mark
  bool started_ = false;
  bool no_content_ = false;
  bool truncated_ = false;
  bool cut_ = false;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t element_count_ = 0;
  StreamHash body_hash_;
  StreamHash part_hash_;  // of the large element that is arriving
  std::uint64_t elements_hash_ = 0;
  std::vector<ElementMark> marks_;
  std::vector<std::string> key_texts_;
  std::vector<std::uint64_t> left_out_;
  std::unique_ptr<json::RecordParser> parser_;
  std::string padded_;
};

}  // namespace headwater::extract
