#include "engine/extract/extractor.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/extract/neighbours.h"
#include "engine/extract/page_builder.h"
#include "engine/extract/page_fetcher.h"
#include "engine/extract/paginator.h"
#include "engine/extract/request_builder.h"

namespace headwater::extract {

namespace {

constexpr std::int64_t kCursorVersion = 1;
constexpr std::size_t kNotesMax = 50;
constexpr std::size_t kKeyShown = 60;  // bytes

Error cursor_error(std::string why) {
  return Error{ErrorKind::invalid_argument,
               "The checkpoint cannot be continued: " + std::move(why) + ". Start the run anew."};
}

std::uint64_t count_at(const json::Value& state, std::string_view name) {
  const auto* value = state.find(name);
  const auto number = value ? value->as_int64_lenient() : std::nullopt;
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

// Where an answer came from: what its links are relative to. A redirect to https keeps the origin that was
// asked, to which the credentials belong; asked again, the source leads to https again.
Url base_of_links(const Flight& flight) {
  auto from = Url::parse(flight.builder->final_url());
  if (!from) return flight.url;
  from->scheme = flight.url.scheme;
  from->port = flight.url.port;
  return *std::move(from);
}

class SourceExtractor final : public Extractor {
 public:
  SourceExtractor(const Services& services, SourceInputs inputs, ExtractorOptions options,
                  RequestBuilder requests, Paginator paginator, PageShape shape,
                  std::unique_ptr<http::Client> client)
      : services_(services),
        inputs_(std::move(inputs)),
        options_(std::move(options)),
        requests_(std::move(requests)),
        paginator_(std::move(paginator)),
        shape_(std::move(shape)),
        fetcher_(services, inputs_.auth, secrets_of(inputs_), requests_, shape_, options_,
                 std::move(client)) {}

  Result<void> resume(std::string_view cursor);
  Result<std::optional<Page>> next_page(std::stop_token stop) override;
  std::string cursor() const override;
  Ending ending() const override { return ending_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  const ExtractStats& stats() const override { return stats_; }
  std::optional<std::uint64_t> total_records() const override { return paginator_.total_records(); }

 private:
  Result<std::unique_ptr<Flight>> take_flight(std::stop_token stop);
  Result<void> start_ahead(std::stop_token stop);
  void start_next(std::stop_token stop);
  void abandon_ahead();
  Result<Neighbours::Overlap> refetch_when_odd(std::unique_ptr<Flight>& flight, std::stop_token stop);
  void name_overlap(const PageBuilder& answer, const Neighbours::Overlap& overlap);
  Result<std::unique_ptr<Flight>> ask_behind(PageParameters parameters, std::uint64_t page,
                                             std::stop_token stop);
  Result<void> run_check(std::stop_token stop);
  Result<void> look_behind(const PageBuilder& answer, std::string note_if_unknown, std::stop_token stop);
  Result<void> clear_suspect(const PageBuilder& answer);
  Result<void> check_completeness();
  bool reached_page_limit() const;
  PageFacts facts_of(const Flight& flight) const;
  void note(std::string text);
  void count(const Flight& flight);

  Services services_;
  SourceInputs inputs_;
  ExtractorOptions options_;
  RequestBuilder requests_;
  Paginator paginator_;
  PageShape shape_;
  PageFetcher fetcher_;
  std::deque<std::unique_ptr<Flight>> ahead_;  // the pages from the next one on, in order
  Neighbours neighbours_;
  std::uint64_t pages_ = 0;
  std::uint64_t records_ = 0;  // handed on, without repeated ones
  std::uint64_t pages_in_this_run_ = 0;
  /// The first record behind a short page, which the next page must hold, and how short that page was.
  std::optional<ElementMark> suspect_;
  std::uint64_t suspect_count_ = 0;
  bool limit_reached_ = false;
  bool completeness_checked_ = false;
  TimePoint last_answer_{};
  Ending ending_ = Ending::running;
  std::vector<std::string> notes_;
  ExtractStats stats_;
};

void SourceExtractor::note(std::string text) {
  if (text.empty()) return;
  if (notes_.size() + 1 == kNotesMax) text = "There are more notes of this kind; they are left out.";
  if (notes_.size() < kNotesMax) notes_.push_back(std::move(text));
}

void SourceExtractor::count(const Flight& flight) {
  stats_.bytes += flight.stats.bytes;
  stats_.requests += flight.stats.requests;
  stats_.retries += flight.stats.retries;
  stats_.throttled += flight.stats.throttled;
}

std::string SourceExtractor::cursor() const {
  json::Object state;
  state.set("v", json::Value(kCursorVersion));
  state.set("type", json::Value(static_cast<std::int64_t>(inputs_.spec.paging.type)));
  state.set("pages", json::Value(pages_));
  state.set("records", json::Value(records_));
  if (limit_reached_) state.set("limitReached", json::Value(true));
  state.set("paging", paginator_.state());
  state.set("tail", neighbours_.state());
  if (suspect_) {
    state.set("suspect", marks_to_json({&*suspect_, 1}));
    state.set("suspectCount", json::Value(suspect_count_));
  }
  return json::Value(std::move(state)).dump();
}

Result<void> SourceExtractor::resume(std::string_view text) {
  const auto state = json::parse(text);
  if (!state || !state->is_object()) return cursor_error("it is no JSON object");
  const auto* version = state->find("v");
  if (!version || version->as_int64() != kCursorVersion)
    return cursor_error("it was written by another version");
  const auto* type = state->find("type");
  if (!type || type->as_int64() != static_cast<std::int64_t>(inputs_.spec.paging.type))
    return cursor_error("the spec's paging type has changed");
  const auto* paging = state->find("paging");
  if (!paging) return cursor_error("the paging state is missing");
  TRY(paginator_.restore(*paging));
  pages_ = count_at(*state, "pages");
  records_ = count_at(*state, "records");
  limit_reached_ = state->find("limitReached") != nullptr;
  if (const auto* tail = state->find("tail")) neighbours_.restore(*tail);
  if (const auto* suspect = state->find("suspect")) {
    const auto marks = marks_from_json(*suspect);
    if (!marks.empty()) suspect_ = marks.front();
    suspect_count_ = count_at(*state, "suspectCount");
  }
  last_answer_ = services_.clock.now();
  return {};
}

Result<void> SourceExtractor::start_ahead(std::stop_token stop) {
  const std::uint64_t known = paginator_.pages_ahead();
  std::uint64_t wanted =
      std::min<std::uint64_t>(known, options_.fetch_ahead > 0 ? options_.fetch_ahead - 1 : 0);
  if (options_.pages_max > 0) {
    const std::uint64_t left = options_.pages_max - std::min(options_.pages_max, pages_in_this_run_ + 1);
    wanted = std::min(wanted, left);
  }
  while (ahead_.size() < wanted) {
    const std::uint64_t ahead = ahead_.size() + 1;
    ahead_.push_back(TRY(fetcher_.start(paginator_.request_ahead(ahead), pages_ + 1 + ahead, stop)));
  }
  return {};
}

// The source makes its next page while this one is landed. Only where pages are asked for by their position:
// a token or a link may tell the source that the page before it has been taken, and that page is not landed
// yet.
void SourceExtractor::start_next(std::stop_token stop) {
  const auto& paging = inputs_.spec.paging;
  const bool by_position =
      paging.type == domain::PagingType::offset || paging.type == domain::PagingType::page;
  if (!by_position || paging.delay.count() > 0) return;
  if (!ahead_.empty() || options_.fetch_ahead < 2 || reached_page_limit()) return;
  if (auto flight = fetcher_.start_early(paginator_.request(), pages_ + 1, std::move(stop)))
    ahead_.push_back(std::move(flight));
}

void SourceExtractor::abandon_ahead() {
  // Nothing of them is used, but they were asked for: the counts say so.
  for (const auto& flight : ahead_) stats_.requests += flight->stats.requests;
  ahead_.clear();
}

// The flight of the next page, started earlier or now, with the ones ahead of it on their way.
Result<std::unique_ptr<Flight>> SourceExtractor::take_flight(std::stop_token stop) {
  std::unique_ptr<Flight> flight;
  if (!ahead_.empty()) {
    flight = std::move(ahead_.front());
    ahead_.pop_front();
  } else {
    const auto delay = inputs_.spec.paging.delay;
    if (delay.count() > 0 && paginator_.requests() > 0 &&
        !services_.clock.wait_until(last_answer_ + delay, stop))
      return Error{ErrorKind::cancelled, "Stopped between two requests."};
    flight = TRY(fetcher_.start(paginator_.request(), pages_ + 1, stop));
  }
  TRY(start_ahead(stop));
  if (auto done = fetcher_.complete(*flight, stop); !done) {
    count(*flight);  // A page that never came has cost requests all the same.
    return std::move(done).error();
  }
  last_answer_ = services_.clock.now();
  return flight;
}

PageFacts SourceExtractor::facts_of(const Flight& flight) const {
  const PageBuilder& answer = *flight.builder;
  PageFacts facts;
  facts.headers = &answer.headers();
  facts.probes = &answer.frame().probes;
  facts.probe_found = &answer.frame().probe_found;
  facts.record_count = answer.element_count();
  facts.no_content = answer.no_content();
  facts.body_hash = answer.body_hash();
  facts.elements_hash = answer.elements_hash();
  facts.url = flight.url;
  facts.came_from =
      inputs_.spec.paging.type == domain::PagingType::pointer ? base_of_links(flight) : flight.url;
  return facts;
}

// A page that overlaps the one before it, or that is short where more follows, is asked for once more:
// the source may have been caught in the middle of a change. Gives what the page taken shares with the one
// before it.
Result<Neighbours::Overlap> SourceExtractor::refetch_when_odd(std::unique_ptr<Flight>& flight,
                                                              std::stop_token stop) {
  const auto type = inputs_.spec.paging.type;
  const bool allows = type == domain::PagingType::offset || type == domain::PagingType::page;
  auto overlap = neighbours_.compare(flight->builder->marks());
  const bool is_short = paginator_.short_in_the_middle(flight->builder->element_count());
  const bool overlaps = !overlap.repeated.empty() || overlap.changed > 0 || overlap.at_border > 0;
  if (!allows || pages_ == 0 || (!overlaps && !is_short)) return overlap;
  // A page that repeats the whole page before it is a loop, not a shift.
  if (overlap.repeated.size() == flight->builder->element_count() ||
      overlap.at_border == flight->builder->element_count())
    if (flight->builder->element_count() > 0) return overlap;
  auto again = TRY(fetcher_.start(paginator_.request(), pages_ + 1, stop));
  TRY(fetcher_.complete(*again, stop));
  note("Page " + std::to_string(pages_ + 1) +
       (is_short ? " was shorter than the ones around it" : " overlapped the page before it") +
       " and was fetched again.");
  count(*flight);
  flight = std::move(again);
  return neighbours_.compare(flight->builder->marks());
}

void SourceExtractor::name_overlap(const PageBuilder& answer, const Neighbours::Overlap& overlap) {
  const std::string page = "Page " + std::to_string(pages_ + 1);
  if (!overlap.repeated.empty())
    note(page + " repeats " + counted(overlap.repeated.size(), "record") +
         " of the page before it (first recordKey " +
         fetcher_.shown(std::string(answer.key_text(overlap.repeated.front())), kKeyShown) +
         "); they are taken once. The source changed while it was read, and records may be missing.");
  if (overlap.changed > 0)
    note(page + " holds " + counted(overlap.changed, "record") +
         " whose recordKey stood on the page before it with other content; both are kept.");
  if (overlap.within > 0)
    note(page + " holds " + counted(overlap.within, "record") +
         " with a recordKey that stands on it already; all are kept.");
  if (overlap.at_border > 0)
    note(page + " begins with " + counted(overlap.at_border, "record") +
         " that ended the page before it; without recordKey both are kept.");
}

// A request beside the pages. Behind the last record some sources answer an error: that is an answer as well.
Result<std::unique_ptr<Flight>> SourceExtractor::ask_behind(PageParameters parameters, std::uint64_t page,
                                                            std::stop_token stop) {
  const auto delay = inputs_.spec.paging.delay;
  if (delay.count() > 0 && !services_.clock.wait_until(last_answer_ + delay, stop))
    return Error{ErrorKind::cancelled, "Stopped between two requests."};
  auto flight = TRY(fetcher_.start(std::move(parameters), page, stop));
  TRY(fetcher_.complete(*flight, stop, true));
  last_answer_ = services_.clock.now();
  count(*flight);
  return flight;
}

Result<void> SourceExtractor::run_check(std::stop_token stop) {
  const auto flight = TRY(ask_behind(paginator_.request(), 2, stop));
  std::uint64_t new_records = 0;
  if (flight->builder->is_success()) {
    // A source that does not page gives the same records again: nothing is missing then.
    const auto& marks = flight->builder->marks();
    const auto known = std::count_if(marks.begin(), marks.end(),
                                     [this](const ElementMark& mark) { return neighbours_.holds(mark); });
    new_records = flight->builder->element_count() - static_cast<std::uint64_t>(known);
  }
  const auto step = paginator_.after_check(new_records);
  if (!step) return step.error();
  return {};
}

// Looks behind a short page that is not the last. A source that leaves records out of its pages itself
// answers with a record of this page or of the next one; a source that caps its pages with one that is on
// neither.
Result<void> SourceExtractor::look_behind(const PageBuilder& answer, std::string note_if_unknown,
                                          std::stop_token stop) {
  const auto flight = TRY(ask_behind(paginator_.gap_request(), pages_, stop));
  paginator_.after_gap_request();
  const PageBuilder& behind = *flight->builder;
  if (!behind.is_success() || !answer.marks_all()) {
    note(std::move(note_if_unknown));
    return {};
  }
  if (behind.marks().empty() || neighbours_.holds(behind.marks().front())) return {};
  suspect_ = behind.marks().front();
  suspect_count_ = answer.element_count();
  return {};
}

Result<void> SourceExtractor::clear_suspect(const PageBuilder& answer) {
  const auto suspect = std::exchange(suspect_, std::nullopt);
  if (!suspect || is_among(*suspect, answer.marks()) || !answer.marks_all()) return {};
  Error error = paginator_.caps_pages(suspect_count_);
  error.message = "Page " + std::to_string(pages_) + ": " + error.message;
  if (suspect->key == 0)
    error.message += " (If it gives the same records with other bytes each time, name their recordKey.)";
  return error;
}

Result<void> SourceExtractor::check_completeness() {
  if (completeness_checked_) return {};
  completeness_checked_ = true;
  const auto total = paginator_.total_records();
  if (!total || ending_ != Ending::complete) return {};
  if (records_ >= *total) {
    if (records_ > *total)
      note("The source counts " + counted(*total, "record") + " but gave " + std::to_string(records_) + ".");
    return {};
  }
  const std::string message = "The source counts " + counted(*total, "record") + " but gave only " +
                              std::to_string(records_) + ": " + counted(*total - records_, "record") +
                              " missing.";
  if (!paginator_.total_declared()) {
    note(message + " (The count was read from a header that the spec does not name.)");
    return {};
  }
  return Error{ErrorKind::upstream,
               message + " Run it again, or remove totalPath if that count means something else.",
               {},
               "CONNECTOR-1001-500"};
}

bool SourceExtractor::reached_page_limit() const {
  return options_.pages_max > 0 && pages_in_this_run_ >= options_.pages_max;
}

Result<std::optional<Page>> SourceExtractor::next_page(std::stop_token stop) {
  if (!paginator_.finished() && reached_page_limit()) {
    ending_ = Ending::page_limit;
    abandon_ahead();
    return std::optional<Page>();
  }
  // Left over from a run that ended at its page limit.
  if (!paginator_.finished() && paginator_.is_checking()) TRY(run_check(stop));
  if (paginator_.finished()) {
    ending_ = limit_reached_ ? Ending::request_limit : Ending::complete;
    TRY(check_completeness());
    return std::optional<Page>();
  }
  auto flight = TRY(take_flight(stop));
  auto overlap = TRY(refetch_when_odd(flight, stop));
  PageBuilder& answer = *flight->builder;
  const auto total_before = paginator_.total_records();
  auto step = paginator_.after(facts_of(*flight));
  if (!step) {
    abandon_ahead();
    Error error = std::move(step).error();
    const std::string page =
        "Page " + std::to_string(pages_ + 1) + " of " + requests_.shown(flight->url) + ": ";
    error.message = fetcher_.shown(page + error.message);
    return error;
  }
  TRY(clear_suspect(answer));
  name_overlap(answer, overlap);
  if (!step->gap) note(step->note);
  const auto total_now = paginator_.total_records();
  if (paginator_.total_fell() && total_before && total_now)
    note("The source's count fell from " + std::to_string(*total_before) + " to " +
         std::to_string(*total_now) + " at page " + std::to_string(pages_ + 1) +
         ": records may have moved past unread.");
  answer.leave_out(std::move(overlap.repeated));
  neighbours_.advance(answer.marks());
  count(*flight);
  ++pages_;
  ++pages_in_this_run_;
  if (step->gap && !reached_page_limit()) TRY(look_behind(answer, std::move(step->note), stop));
  Page page = answer.take_page();
  records_ += page.record_count;
  // A preview of one page makes one request.
  if (step->next == Paginator::Next::check && !reached_page_limit()) TRY(run_check(stop));
  limit_reached_ = step->request_limit;
  page.last = paginator_.finished();
  if (page.last) {
    ending_ = limit_reached_ ? Ending::request_limit : Ending::complete;
    abandon_ahead();
  } else if (step->next == Paginator::Next::page) {
    start_next(stop);
  }
  page.number = pages_;
  page.stats = flight->stats;
  return std::optional<Page>(std::move(page));
}

}  // namespace

Result<std::unique_ptr<Extractor>> Extractor::make(const Services& services, SourceInputs inputs,
                                                   ExtractorOptions options, std::string_view resume_cursor) {
  auto requests = TRY(RequestBuilder::make(inputs, services.clock.now(), options.schedule_parameters));
  auto paginator = TRY(Paginator::make(inputs.spec.paging, requests.limit_text()));
  auto shape = TRY(PageShape::make(inputs.spec, options, paginator.probes()));
  auto client = TRY(http::Client::make(with_certificate(options.client, inputs.auth)));
  auto extractor =
      std::make_unique<SourceExtractor>(services, std::move(inputs), std::move(options), std::move(requests),
                                        std::move(paginator), std::move(shape), std::move(client));
  if (!resume_cursor.empty()) TRY(extractor->resume(resume_cursor));
  return std::unique_ptr<Extractor>(std::move(extractor));
}

Result<SourceInputs> read_inputs(const json::Value& connection_spec, const json::Value& auth,
                                 const json::Value& params, const Window& window) {
  SourceInputs inputs;
  inputs.params = params.is_object() ? params : json::Value(json::Object{});
  inputs.window = window;
  inputs.spec = TRY(domain::read_source_spec(connection_spec, inputs.params));
  inputs.auth = TRY(read_auth(connection_spec, auth));
  return inputs;
}

}  // namespace headwater::extract
