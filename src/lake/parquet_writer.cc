#include "lake/parquet_writer.h"

#include <algorithm>

#include "lake/internal/column_chunk.h"
#include "lake/internal/infer.h"
#include "lake/internal/parquet_encoder.h"

namespace headwater::lake {
namespace {

constexpr std::size_t kInferBytes = 4U << 20;
constexpr std::string_view kCorruptCode = "INGEST-1401-400";

}  // namespace

struct ParquetWriter::State {
  explicit State(Options given)
      : options(std::move(given)), filler(options.layout && options.layout->strict) {}

  Result<json::Record> parse(const json::RecordGroup& records, std::size_t index);
  Result<void> infer(const json::RecordGroup& records, std::vector<Misfit>& misfits);
  Result<void> settle();
  Result<void> open();
  Result<void> fill(const json::RecordGroup& records, std::vector<Misfit>& misfits);
  Result<void> encode();

  Options options;
  RowFiller filler;
  json::RecordParser parser;
  LayoutGuess guess;
  json::RecordGroup waiting;                // the first records, until their types are known
  std::unique_ptr<ParquetEncoder> encoder;  // with `chunk`, once the columns are settled
  std::unique_ptr<ColumnChunk> chunk;
  Totals totals;
};

ParquetWriter::ParquetWriter(Options options) : state_(std::make_unique<State>(std::move(options))) {}
ParquetWriter::~ParquetWriter() = default;

Result<void> ParquetWriter::append(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  if (records.empty()) return {};
  if (!state_->options.layout) return state_->infer(records, misfits);
  if (!state_->encoder) TRY(state_->open());
  return state_->fill(records, misfits);
}

Result<json::Record> ParquetWriter::State::parse(const json::RecordGroup& records, std::size_t index) {
  auto record = records.parsed(index);
  if (record.nodes == nullptr) return parser.parse(records[index]);
  return record;
}

Result<void> ParquetWriter::State::infer(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto parsed = parse(records, i);
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
  TRY(open());
  std::vector<Misfit> none;
  TRY(fill(waiting, none));
  waiting = {};
  return {};
}

Result<void> ParquetWriter::State::open() {
  encoder = TRY(ParquetEncoder::open(options.file, *options.layout));
  chunk = std::make_unique<ColumnChunk>(*options.layout);
  return {};
}

// Texts of the rows point into the group, so every chunk is encoded before the group goes.
Result<void> ParquetWriter::State::fill(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (chunk->full()) TRY(encode());
    const auto parsed = parse(records, i);
    if (!parsed) {
      misfits.push_back({i, kCorruptCode, parsed.error().message});
      continue;
    }
    auto outcome = filler.fill(*chunk, *parsed);
    if (!outcome.fits) {
      misfits.push_back({i, kCorruptCode, std::move(outcome.problem)});
      continue;
    }
    ++totals.records;
    if (outcome.has_other) ++totals.records_with_other;
  }
  return encode();
}

Result<void> ParquetWriter::State::encode() {
  TRY(encoder->add(*chunk));
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
  if (!state_->encoder) TRY(state_->open());
  const auto bytes = TRY(state_->encoder->finish());
  auto totals = this->totals();
  totals.bytes = bytes;
  return totals;
}

void ParquetWriter::abandon() { state_->encoder.reset(); }

const std::optional<Layout>& ParquetWriter::layout() const { return state_->options.layout; }

}  // namespace headwater::lake
