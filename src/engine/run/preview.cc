#include "engine/run/preview.h"

#include <utility>

#include "engine/extract/extractor.h"
#include "engine/shape/shaper.h"
#include "json/record.h"
#include "schema/infer.h"

namespace headwater::run {
namespace {

// More of a page than this is only read until there are records enough to show.
constexpr std::uint64_t kPageBytes = 16U << 20;

// The schema is derived with the nulls in place: a member that is always null appears there as {}, while the
// data leaves it out (reference, 7.2).
Result<void> take_records(extract::Page& page, shape::Shaper& shaper, std::size_t records_max,
                          Preview& preview, schema::Inference& inference) {
  json::RecordGroup elements;
  shape::Shaped shaped;
  json::RecordParser parser;
  std::string without_nulls;
  const auto is_full = [&] { return preview.records.size() >= records_max; };
  std::uint64_t before = 0;  // elements of earlier groups
  const auto take = [&]() -> Result<void> {
    for (const auto& reject : shaped.rejects)
      if (++preview.rejected == 1)
        preview.first_rejected =
            "record " + std::to_string(before + reject.element + 1) + ": " + reject.reason;
    for (std::size_t k = 0; k < shaped.records.size() && !is_full(); ++k) {
      const auto record = TRY(parser.parse(shaped.records[k]));
      inference.add(record);
      without_nulls.clear();
      shape::append_without_nulls(without_nulls, record);
      preview.records.push_back(TRY(json::parse(without_nulls)));
    }
    shaped.clear();
    return {};
  };
  while (!is_full()) {
    if (!TRY(page.read(elements))) break;
    for (std::size_t i = 0; i < elements.size() && !is_full(); ++i) {
      shaper.shape(elements[i], i, shaped);
      TRY(take());
      while (shaper.has_more() && !is_full()) {
        shaper.more(shaped);
        TRY(take());
      }
    }
    if (!page.is_within_element()) before += elements.size();
  }
  if (preview.records.empty() && preview.rejected > 0)
    return Error{ErrorKind::upstream,
                 "The first page holds no readable record; " + preview.first_rejected + ".",
                 {},
                 "CONNECTOR-2001-500"};
  return {};
}

}  // namespace

Result<Preview> preview(SourceAccess& access, const SourceDocuments& source, const PreviewOptions& options,
                        std::stop_token stop) {
  auto inputs = TRY(SourceAccess::read(source, extract::Window{}));
  const domain::SourceSpec spec = inputs.spec;
  auto shaper = TRY(shape::Shaper::make(spec.content, spec.explode, shape::Mode::ingest));
  auto extracting = access.defaults();
  extracting.pages_max = 1;
  extracting.fetch_ahead = 1;
  extracting.schedule_parameters = false;
  extracting.preview_bytes_max = kPageBytes;
  extracting.preview_records = options.records_max;
  extracting.answer = options.answer;
  const auto asked = inputs;
  auto extractor = TRY(extract::Extractor::make(access.services(), std::move(inputs), extracting));

  Preview result;
  schema::Inference inference;
  auto page = TRY(extractor->next_page(stop));
  if (page) {
    result.input_bytes = page->stats.bytes;
    result.cut = page->cut;
    result.element_count = page->record_count;
    // That the next page cannot be told is no fault of this one.
    if (options.answer != nullptr)
      if (auto next = extract::plan_next(access.services(), asked, extracting, extractor->cursor()))
        result.next = *std::move(next);
    TRY(shaper.begin_page(page->frame));
    TRY(take_records(*page, shaper, options.records_max, result, inference));
  }
  result.schema = spec.schema.is_null() ? inference.schema()
                                        : shape::shaped_schema(spec.schema, spec.content, spec.explode);
  return result;
}

json::Value encode(const Preview& preview) {
  return json::Object{{"format", "hierarchical"}, {"schema", preview.schema}, {"data", preview.records}};
}

namespace {

// Credentials that the source did not accept, as an error of the source.
Result<void> outcome(const extract::Probe& probe, const extract::AuthSettings& secrets, std::string where) {
  if (probe.accepted) return {};
  if (probe.fault == ErrorKind::invalid_argument)
    return Error{probe.fault, extract::without_credentials(probe.message, secrets), probe.where};
  return Error{probe.fault, extract::without_credentials(probe.message, secrets), std::move(where),
               "CONNECTOR-1001-500"};
}

}  // namespace

Result<void> probe_connection(SourceAccess& access, const SourceDocuments& source,
                              const ProbeOptions& options, std::stop_token stop) {
  auto auth = TRY(extract::read_auth(source.connection_spec, source.auth));
  auth.connection_key = source.account;
  auth.persist = source.keep_tokens;
  const auto& client = access.defaults().client;
  const auto tested = TRY(extract::probe_credentials(access.services(), auth, client, stop));
  if (tested.called || options.only_test_url)
    return outcome(tested, auth, "/auth/params/authorizationTestUrl");

  // Without params the spec often cannot be run: a connection is then fine as far as anybody can tell.
  auto inputs = SourceAccess::read(source, extract::Window{});
  if (!inputs) return {};
  const auto asked = extract::probe_source(access.services(), *inputs, client, stop);
  if (!asked) {
    if (asked.error().kind == ErrorKind::invalid_argument) return {};
    return asked.error();
  }
  return outcome(*asked, extract::secrets_of(*inputs), "");
}

}  // namespace headwater::run
