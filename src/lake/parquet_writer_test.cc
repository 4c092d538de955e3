#include "lake/parquet_writer.h"

#include <random>

#include "lake/lake_test.h"

namespace headwater::lake {
namespace {

/// Values that repeat and values that do not, lists that are null, empty or long, structures in lists in
/// structures: every way through dictionaries, levels and pages.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string record(std::size_t id) {
    std::string out = "{\"id\":" + std::to_string(id);
    maybe(out, "city", [this] { return quoted("city-" + std::to_string(below(7))); });
    maybe(out, "note",
          [this] { return quoted(std::string(below(40), 'x') + std::to_string(below(1'000'000))); });
    maybe(out, "big", [this] { return std::to_string(static_cast<std::int64_t>(random_())); });
    maybe(out, "few", [this] { return std::to_string(below(3)); });
    maybe(out, "rate", [this] { return std::to_string(below(1000)) + ".5"; });
    maybe(out, "flag", [this] { return std::string(below(2) == 0 ? "true" : "false"); });
    maybe(out, "wide", [this] { return "12345678901234567890123" + std::to_string(10 + below(90)); });
    maybe(out, "tags",
          [this] { return list(3, [this] { return null_or(quoted("t" + std::to_string(below(4)))); }); });
    maybe(out, "who", [this] { return person(); });
    maybe(out, "grid", [this] {
      return list(3, [this] { return null_or(list(3, [this] { return std::to_string(below(9)); })); });
    });
    maybe(out, "lines", [this] { return list(4, [this] { return null_or(line()); }); });
    return out + "}";
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  static std::string quoted(const std::string& text) { return '"' + text + '"'; }
  std::string null_or(std::string text) { return below(5) == 0 ? "null" : std::move(text); }

  template <class Make>
  void maybe(std::string& out, const std::string& name, Make make) {
    out += ",\"" + name + "\":" + null_or(make());
  }
  template <class Make>
  std::string list(std::size_t longest, Make make) {
    std::string out = "[";
    for (auto left = below(longest + 1); left > 0; --left) out += make() + (left > 1 ? "," : "");
    return out + "]";
  }
  std::string person() {
    std::string out = "{\"name\":" + null_or(quoted("n" + std::to_string(below(9))));
    maybe(out, "phones", [this] { return list(2, [this] { return quoted(std::to_string(below(100))); }); });
    return out + "}";
  }
  std::string line() {
    std::string out = "{\"sku\":" + null_or(quoted("s" + std::to_string(below(5))));
    maybe(out, "prices", [this] { return list(3, [this] { return null_or(std::to_string(below(100))); }); });
    return out + "}";
  }

  std::mt19937_64 random_;
};

constexpr std::string_view kSchema = R"({"properties":{
  "id":{"type":"integer"},"city":{"type":"string"},"note":{"type":"string"},"big":{"type":"integer"},
  "few":{"type":"integer"},"rate":{"type":"number"},"flag":{"type":"boolean"},
  "wide":{"type":"integer","maximum":99999999999999999999999999},
  "tags":{"type":"array","items":{"type":"string"}},
  "who":{"properties":{"name":{"type":"string"},"phones":{"type":"array","items":{"type":"string"}}}},
  "grid":{"type":"array","items":{"type":"array","items":{"type":"integer"}}},
  "lines":{"type":"array","items":{"properties":{"sku":{"type":"string"},
    "prices":{"type":"array","items":{"type":"integer"}}}}}}})";

/// A member as a result's cell shows it.
std::string cell_of(const json::Value& value) {
  if (value.is_null()) return "NULL";
  return value.is_string() ? *value.if_string() : value.dump();
}

class ParquetWriterTest : public test::LakeFixture {
 protected:
  /// Lands the records as one batch, in groups of ever other sizes.
  void land_groups(const std::vector<std::string>& records, const std::string& batch_id) {
    BatchOptions options;
    options.dataset = DatasetId("ds1");
    options.batch = BatchId(batch_id);
    options.schema = *json::parse(kSchema);
    auto batch = lake_->open_batch(std::move(options));
    ASSERT_TRUE(batch.has_value()) << batch.error().message;
    std::vector<Misfit> misfits;
    json::RecordGroup group;
    for (std::size_t i = 0; i < records.size(); ++i) {
      group.append(records[i]);
      if (group.size() < 1 + i % 700 && i + 1 < records.size()) continue;
      ASSERT_TRUE((*batch)->append(group, misfits).has_value());
      group.clear();
    }
    ASSERT_TRUE(misfits.empty()) << misfits.front().message;
    ASSERT_TRUE((*batch)->commit().has_value());
  }
};

// More than one row group (131,072 rows), dictionaries that overflow, pages that end within them.
TEST_F(ParquetWriterTest, EveryShapeComesBackAsItWas) {
  Generator generator(7);
  std::vector<std::string> records;
  records.reserve(140'000);
  for (std::size_t i = 0; i < 140'000; ++i) records.push_back(generator.record(i));
  land_groups(records, "b1");
  const auto rows = test::rows_of(
      *lake_,
      "SELECT id, city, note, big, few, rate, flag, wide, tags, who, grid, lines FROM sales ORDER BY id");
  ASSERT_EQ(rows.size(), records.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto record = *json::parse(records[i]);
    std::size_t column = 0;
    for (const auto& [name, value] : *record.if_object())
      ASSERT_EQ(rows[i][column++], cell_of(value)) << "record " << i << ", " << name;
  }
}

// Readers skip row groups by these; a wrong one loses rows silently.
TEST_F(ParquetWriterTest, StatisticsBoundTheValues) {
  Generator generator(8);
  std::vector<std::string> records;
  records.reserve(3000);
  for (std::size_t i = 0; i < 3000; ++i) records.push_back(generator.record(i));
  land_groups(records, "b1");
  const auto number_where = [this](const std::string& column, const std::string& holds) {
    return test::one_of(*lake_, "SELECT count(*) FROM sales WHERE " + column + holds);
  };
  const auto equal_to = [](const std::string& value) { return " = '" + value + "'"; };
  const auto check = [&](const std::string& column) {
    SCOPED_TRACE(column);
    const auto bounds = test::rows_of(
        *lake_, "SELECT min(" + column + "), max(" + column + "), count(" + column + ") FROM sales");
    for (const auto& bound : {bounds[0][0], bounds[0][1]}) {
      const auto is_bound = equal_to(bound);
      EXPECT_EQ(number_where(column, is_bound), number_where("CAST(" + column + " AS VARCHAR)", is_bound));
    }
    EXPECT_EQ(number_where(column, " IS NOT NULL"), bounds[0][2]);
  };
  for (const auto* column : {"id", "city", "note", "big", "few", "rate", "wide"}) check(column);
}

TEST_F(ParquetWriterTest, AColumnThatWasOnlyEverNullIsReadAsNull) {
  land_groups({R"({"id":1})", R"({"id":2,"city":null,"tags":null})"}, "b1");
  const test::Rows want{{"1", "NULL", "NULL"}, {"2", "NULL", "NULL"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, city, tags FROM sales ORDER BY id"), want);
}

TEST_F(ParquetWriterTest, OneHugeValueIsKept) {
  const auto huge = "{\"id\":1,\"note\":\"" + std::string(40U << 20, 'y') + "\"}";
  land_groups({huge, R"({"id":2,"note":"small"})"}, "b1");
  const test::Rows want{{"1", "41943040"}, {"2", "5"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, length(note) FROM sales ORDER BY id"), want);
}

}  // namespace
}  // namespace headwater::lake
