// 20 direct mappings and 20 mixed expressions over records of 1 KB and 30 fields, against a loop written by
// hand that reads the same texts with simdjson, has the paths in code and writes the same texts. One core.
// Prints records per CPU second, the ratio, and allocations for each record.
#include <simdjson.h>

#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <new>
#include <string>
#include <vector>

#include "json/record.h"
#include "mapping/mapping_set.h"
#include "mapping/mapping_set_json.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace headwater;

constexpr std::size_t kRecords = 50'000;
constexpr int kRounds = 5;
constexpr std::size_t kSampleStep = 97;  // prime to every cycle in the records

std::vector<std::string> make_records() {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < kRecords; ++i) {
    const auto n = std::to_string(i);
    std::string text =
        R"({"id":)" + n + R"(,"first":"Ada)" + n + R"(","last":"Lovelace","email":"ada)" + n +
        R"(@example.com","age":)" + std::to_string(i % 90) + R"(,"active":)" +
        (i % 3 == 0 ? "true" : "false") + R"(,"created":"2024-03-)" + (i % 28 < 9 ? "0" : "") +
        std::to_string(i % 28 + 1) + R"( 10:20:30","amount":)" + std::to_string(i % 1000) + ".25" +
        R"(,"currency":"EUR","address":{"street":"5 Elm Street","city":"Springfield","zip":"10001","country":"de"})" +
        R"(,"company":{"name":"Analytical Engines","size":120,"vat":"DE123456789"})";
    for (int field = 0; field < 15; ++field)
      text += ",\"field" + std::to_string(field) + "\":\"a value of thirty-two characters" +
              std::to_string((i + static_cast<std::size_t>(field)) % 10) + "\"";
    records.push_back(text + "}");
  }
  return records;
}

struct Place {
  const char* source;
  const char* destination;
};

constexpr std::array<Place, 20> kDirect{{{"id", "_id"},
                                         {"first", "person.firstName"},
                                         {"last", "person.lastName"},
                                         {"email", "person.email"},
                                         {"age", "person.age"},
                                         {"active", "active"},
                                         {"created", "createdAt"},
                                         {"amount", "total"},
                                         {"currency", "currency"},
                                         {"address.street", "home.line1"},
                                         {"address.city", "home.city"},
                                         {"address.zip", "home.postalCode"},
                                         {"address.country", "home.country"},
                                         {"company.name", "employer.name"},
                                         {"company.size", "employer.employees"},
                                         {"field0", "notes.a"},
                                         {"field3", "notes.b"},
                                         {"field6", "notes.c"},
                                         {"field9", "notes.d"},
                                         {"field12", "notes.e"}}};

constexpr std::array<Place, 20> kMixed{
    {{"concat(first, ' ', last)", "name"},
     {"concat(address.street, ', ', address.zip, ' ', address.city)", "label"},
     {"concat('id-', id)", "key"},
     {"concat(company.name, '/', company.vat)", "employer"},
     {"upper(last)", "last"},
     {"upper(address.country)", "country"},
     {"upper(currency)", "currency"},
     {"upper(email)", "mail"},
     {"iif(age >= 18, 'adult', 'minor')", "group"},
     {"iif(active, 'yes', 'no')", "active"},
     {"iif(amount > 500, 'large', 'small')", "size"},
     {"iif(company.size > 100, company.name, last)", "party"},
     {"date(created, 'yyyy-MM-dd HH:mm:ss')", "created"},
     {"date(created)", "seen"},
     {"date_part('year', date(created, 'yyyy-MM-dd HH:mm:ss'))", "year"},
     {"format(date(created, 'yyyy-MM-dd HH:mm:ss'), 'dd.MM.yyyy')", "day"},
     {"md5(email)", "mailHash"},
     {"sha256(email)", "mailDigest"},
     {"amount * 2", "double"},
     {"age + 1", "next"}}};

template <std::size_t N>
mapping::Mapping compiled(const std::array<Place, N>& places, mapping::SourceType type) {
  mapping::MappingSet set;
  for (const auto& place : places) set.rows.push_back({type, place.source, place.destination});
  auto rows = mapping::Mapping::compile(set);
  if (!rows) {
    std::fprintf(stderr, "%s\n", rows.error().message.c_str());
    std::exit(1);
  }
  return *std::move(rows);
}

// --- By hand ---

void put(std::string& out, const char* key, simdjson::dom::element value) {
  out += key;
  std::string_view text;
  bool flag = false;
  std::int64_t whole = 0;
  if (value.get(text) == simdjson::SUCCESS) {
    out += '"';
    out += text;  // the records hold nothing to escape
    out += '"';
  } else if (value.get(flag) == simdjson::SUCCESS) {
    out += flag ? "true" : "false";
  } else if (value.is_int64() && value.get(whole) == simdjson::SUCCESS) {
    out += std::to_string(whole);
  } else {
    std::array<char, 32> digits{};
    out.append(digits.data(), simdjson::internal::to_chars(digits.data(), nullptr, double(value)));
  }
}

void direct_by_hand(simdjson::dom::element r, std::string& out) {
  put(out, R"({"_id":)", r["id"]);
  put(out, R"(,"person":{"firstName":)", r["first"]);
  put(out, R"(,"lastName":)", r["last"]);
  put(out, R"(,"email":)", r["email"]);
  put(out, R"(,"age":)", r["age"]);
  put(out, R"(},"active":)", r["active"]);
  put(out, R"(,"createdAt":)", r["created"]);
  put(out, R"(,"total":)", r["amount"]);
  put(out, R"(,"currency":)", r["currency"]);
  const auto address = r["address"];
  put(out, R"(,"home":{"line1":)", address["street"]);
  put(out, R"(,"city":)", address["city"]);
  put(out, R"(,"postalCode":)", address["zip"]);
  put(out, R"(,"country":)", address["country"]);
  const auto company = r["company"];
  put(out, R"(},"employer":{"name":)", company["name"]);
  put(out, R"(,"employees":)", company["size"]);
  put(out, R"(},"notes":{"a":)", r["field0"]);
  put(out, R"(,"b":)", r["field3"]);
  put(out, R"(,"c":)", r["field6"]);
  put(out, R"(,"d":)", r["field9"]);
  put(out, R"(,"e":)", r["field12"]);
  out += "}}";
}

void put_text(std::string& out, const char* key, std::initializer_list<std::string_view> parts) {
  out += key;
  out += '"';
  for (const auto part : parts) out += part;
  out += '"';
}

void put_upper(std::string& out, const char* key, std::string_view text) {
  out += key;
  out += '"';
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  out += '"';
}

void put_digest(std::string& out, const char* key, const EVP_MD* kind, std::string_view text) {
  std::array<unsigned char, 64> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr);
  out += key;
  out += '"';
  for (unsigned i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4U];
    out += "0123456789abcdef"[digest[i] & 15U];
  }
  out += '"';
}

void mixed_by_hand(simdjson::dom::element r, std::string& out) {
  const std::string_view first = r["first"], last = r["last"], email = r["email"], created = r["created"];
  const auto address = r["address"];
  const auto company = r["company"];
  const std::string_view street = address["street"], city = address["city"], zip = address["zip"],
                         country = address["country"], name = company["name"], vat = company["vat"],
                         currency = r["currency"];
  const std::int64_t age = r["age"], size = company["size"];
  const double amount = r["amount"];
  std::array<char, 24> id{};
  std::snprintf(id.data(), id.size(), "%lld", static_cast<long long>(std::int64_t(r["id"])));
  put_text(out, R"({"name":)", {first, " ", last});
  put_text(out, R"(,"label":)", {street, ", ", zip, " ", city});
  put_text(out, R"(,"key":)", {"id-", id.data()});
  put_text(out, R"(,"employer":)", {name, "/", vat});
  put_upper(out, R"(,"last":)", last);
  put_upper(out, R"(,"country":)", country);
  put_upper(out, R"(,"currency":)", currency);
  put_upper(out, R"(,"mail":)", email);
  put_text(out, R"(,"group":)", {age >= 18 ? "adult" : "minor"});
  put_text(out, R"(,"active":)", {bool(r["active"]) ? "yes" : "no"});
  put_text(out, R"(,"size":)", {amount > 500 ? "large" : "small"});
  put_text(out, R"(,"party":)", {size > 100 ? name : last});
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::sscanf(created.data(), "%4d-%2d-%2d %2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second);
  std::array<char, 80> time{};
  std::snprintf(time.data(), time.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, hour, minute,
                second);
  put_text(out, R"(,"created":)", {time.data()});
  put_text(out, R"(,"seen":)", {time.data()});
  out += R"(,"year":)" + std::to_string(year);
  std::snprintf(time.data(), time.size(), "%02d.%02d.%04d", day, month, year);
  put_text(out, R"(,"day":)", {time.data()});
  put_digest(out, R"(,"mailHash":)", EVP_md5(), email);
  put_digest(out, R"(,"mailDigest":)", EVP_sha256(), email);
  std::array<char, 32> digits{};
  out += R"(,"double":)";
  out.append(digits.data(), simdjson::internal::to_chars(digits.data(), nullptr, amount * 2));
  out += R"(,"next":)" + std::to_string(age + 1) + "}";
}

// --- The race ---

struct Figures {
  double seconds = 0;
  std::uint64_t allocations = 0;
  std::vector<std::string> sample;  // the texts of every kSampleStep-th record, to compare
};

template <class Work>
Figures timed(const std::vector<std::string>& records, Work work) {
  Figures best;
  json::RecordGroup out;
  for (int round = 0; round < kRounds; ++round) {
    const auto before = allocations.load();
    const auto begin = std::clock();  // CPU time: others may be using the core too
    for (const auto& record : records) {
      if (out.size() == 500) out.clear();
      work(record, out);
      out.close_text();
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (round == 0 || seconds < best.seconds) best.seconds = seconds;
    best.allocations = allocations.load() - before;  // of the last, warm round
  }
  for (std::size_t i = 0; i < records.size(); i += kSampleStep) {
    out.clear();
    work(records[i], out);
    out.close_text();
    best.sample.emplace_back(out[0]);
  }
  return best;
}

// The rows and the sample's texts, for the same race in other languages.
template <std::size_t N>
void write(const std::string& path, const std::array<Place, N>& places,
           const std::vector<std::string>& sample) {
  std::ofstream rows(path + ".tsv");
  for (const auto& place : places) rows << place.source << '\t' << place.destination << '\n';
  std::ofstream texts(path + ".mapped.ndjson");
  for (const auto& text : sample) texts << text << '\n';
}

// Returns the texts of the sample.
template <std::size_t N>
std::vector<std::string> race(const char* name, const std::vector<std::string>& records,
                              const std::array<Place, N>& places, mapping::SourceType type,
                              void (*by_hand)(simdjson::dom::element, std::string&)) {
  std::vector<std::string> padded = records;
  for (auto& record : padded) record.reserve(record.size() + json::RecordParser::kPadding);
  simdjson::dom::parser parser;
  const auto hand = timed(padded, [&](const std::string& record, json::RecordGroup& out) {
    by_hand(parser.parse(record.data(), record.size(), false), out.buffer());
  });
  const auto rows = compiled(places, type);
  mapping::Mapping::Scratch scratch;
  json::RecordParser record_parser;
  std::vector<mapping::Mapping::Failure> failures;
  const auto mapped = timed(padded, [&](const std::string& record, json::RecordGroup& out) {
    const auto parsed = record_parser.parse(record);
    rows.apply(*parsed, scratch, out, failures);
    if (!failures.empty()) std::abort();
  });
  for (std::size_t i = 0; i < hand.sample.size(); ++i) {
    if (hand.sample[i] == mapped.sample[i]) continue;
    std::fprintf(stderr, "%s: the texts differ:\n%s\n%s\n", name, hand.sample[i].c_str(),
                 mapped.sample[i].c_str());
    std::exit(1);
  }
  const auto rate = [&](const Figures& figures) {
    return static_cast<double>(records.size()) / figures.seconds;
  };
  std::printf("%-22s %10.0f records/s by hand, %10.0f mapped: %3.0f %%, %.4f allocations a record\n", name,
              rate(hand), rate(mapped), 100 * rate(mapped) / rate(hand),
              static_cast<double>(mapped.allocations) / static_cast<double>(records.size()));
  return mapped.sample;
}

}  // namespace

// With a folder as argument: also writes the records, the rows and a sample of the results there, for
// bench/mapping/run.
int main(int argc, char** argv) {
  const auto records = make_records();
  std::printf("%zu records of %zu bytes, best of %d rounds\n", records.size(), records[0].size(), kRounds);
  const auto direct =
      race("20 direct mappings", records, kDirect, mapping::SourceType::attribute, direct_by_hand);
  const auto mixed =
      race("20 mixed expressions", records, kMixed, mapping::SourceType::expression, mixed_by_hand);
  if (argc > 1) {
    const std::string folder = argv[1];
    std::ofstream out(folder + "/records.ndjson");
    for (const auto& record : records) out << record << '\n';
    write(folder + "/direct", kDirect, direct);
    write(folder + "/mixed", kMixed, mixed);
  }
  return 0;
}
