#include "lake/parquet_writer.h"

#include <algorithm>

#include "lake/internal/column_chunk.h"
#include "lake/internal/infer.h"
#include "lake/internal/parquet_stream.h"

namespace headwater::lake {
namespace {

constexpr std::size_t kInferBytes = 4U << 20;
constexpr std::size_t kRowGroupBytes = 8U << 20;
constexpr std::size_t kRowGroupRowsMax = 122'880;
constexpr std::string_view kCorruptCode = "INGEST-1401-400";

}  // namespace

struct ParquetWriter::State {
  explicit State(Options given)
      : options(std::move(given)), filler(options.layout && options.layout->strict) {}

  Result<json::Record> parse(const json::RecordGroup& records, std::size_t index, std::string_view text);
  Result<void> infer(const json::RecordGroup& records, std::vector<Misfit>& misfits);
  Result<void> settle();
  Result<void> open_stream(std::size_t bytes, std::size_t records);
  Result<void> fill(const json::RecordGroup& records, std::vector<Misfit>& misfits);
  Result<void> hand_over();

  Options options;
  RowFiller filler;
  json::RecordParser parser;
  LayoutGuess guess;
  json::RecordGroup waiting;  // the first records, until their types are known
  std::unique_ptr<ParquetStream> stream;
  std::unique_ptr<ColumnChunk> chunk;
  Totals totals;
};

ParquetWriter::ParquetWriter(Options options) : state_(std::make_unique<State>(std::move(options))) {}
ParquetWriter::~ParquetWriter() = default;

Result<void> ParquetWriter::append(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  if (records.empty()) return {};
  if (!state_->options.layout) return state_->infer(records, misfits);
  if (!state_->stream) TRY(state_->open_stream(records.bytes(), records.size()));
  return state_->fill(records, misfits);
}

/// `text` is the record's own or a padded copy of it.
Result<json::Record> ParquetWriter::State::parse(const json::RecordGroup& records, std::size_t index,
                                                 std::string_view text) {
  auto record = records.parsed(index);
  if (record.nodes == nullptr) return parser.parse(text);
  record.text = text;
  return record;
}

Result<void> ParquetWriter::State::infer(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto parsed = parse(records, i, records[i]);
    if (!parsed) {
      misfits.push_back({i, kCorruptCode, parsed.error().message});
      continue;
    }
    if (parsed->root().kind != json::Kind::object) {
      misfits.push_back({i, kCorruptCode, "The record is no object, so it has no columns."});
      continue;
    }
    guess.add(*parsed);
    waiting.append(records[i]);
  }
  return waiting.bytes() >= kInferBytes ? settle() : Result<void>();
}

Result<void> ParquetWriter::State::settle() {
  options.layout = options.known.extended_by(guess.layout());
  TRY(open_stream(waiting.bytes(), waiting.size()));
  std::vector<Misfit> none;
  TRY(fill(waiting, none));
  waiting = {};
  return {};
}

Result<void> ParquetWriter::State::open_stream(std::size_t bytes, std::size_t records) {
  const auto record_bytes = std::max<std::size_t>(1, bytes / std::max<std::size_t>(1, records));
  const auto rows = std::clamp(kRowGroupBytes / record_bytes, ColumnChunk::kRows, kRowGroupRowsMax);
  stream =
      TRY(ParquetStream::open(options.file, *options.layout, rows / ColumnChunk::kRows * ColumnChunk::kRows));
  return {};
}

Result<void> ParquetWriter::State::fill(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  for (std::size_t next = 0; next < records.size();) {
    if (!chunk) chunk = stream->take();
    // The texts that may still fit are copied in one piece; long strings of the rows point into it.
    auto last = next;
    std::size_t bytes = 0;
    while (last < records.size() && last - next < ColumnChunk::kRows - chunk->rows() &&
           (bytes == 0 || bytes + chunk->text_bytes() < ColumnChunk::kTextBytesMax))
      bytes += records[last++].size();
    const auto* begin = records[next].data();
    const auto piece = chunk->keep({begin, bytes});
    for (; next < last; ++next) {
      const auto text =
          piece.substr(static_cast<std::size_t>(records[next].data() - begin), records[next].size());
      const auto parsed = parse(records, next, text);
      if (!parsed) {
        misfits.push_back({next, kCorruptCode, parsed.error().message});
        continue;
      }
      auto outcome = filler.fill(*chunk, *parsed);
      if (!outcome.fits) {
        misfits.push_back({next, kCorruptCode, std::move(outcome.problem)});
        continue;
      }
      ++totals.records;
      if (outcome.has_other) ++totals.records_with_other;
    }
    if (chunk->full()) TRY(hand_over());
  }
  return {};
}

Result<void> ParquetWriter::State::hand_over() {
  if (chunk->rows() > 0) return stream->push(std::move(chunk));
  chunk->clear();
  return {};
}

ParquetWriter::Totals ParquetWriter::totals() const {
  auto totals = state_->totals;
  totals.records += state_->waiting.size();
  totals.other_members = state_->filler.other_members();
  return totals;
}

Result<ParquetWriter::Totals> ParquetWriter::finish() {
  if (!state_->options.layout) TRY(state_->settle());
  if (!state_->stream) TRY(state_->open_stream(0, 0));
  if (state_->chunk) TRY(state_->hand_over());
  const auto bytes = TRY(state_->stream->finish());
  auto totals = this->totals();
  totals.bytes = bytes;
  return totals;
}

void ParquetWriter::abandon() { state_->stream.reset(); }

const std::optional<Layout>& ParquetWriter::layout() const { return state_->options.layout; }

}  // namespace headwater::lake
