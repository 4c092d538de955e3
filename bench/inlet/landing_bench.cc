// From the journal into Parquet: the consumer against a loop that parses the same events with simdjson and
// appends them to DuckDB's columns; and batches of 500 events into the journal against a loop that parses and
// appends to a file. Events have ten members and about 300 bytes. Usage: landing_bench FOLDER [events] FOLDER
// on the disk that counts
#include <duckdb.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "inlet/consumer.h"
#include "inlet/message.h"
#include "secrets/vault.h"

namespace {

using namespace headwater;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using Seconds = std::chrono::duration<double>;

std::string event(std::uint64_t id) {
  const std::string n = std::to_string(id);
  return R"({"id":)" + n + R"(,"price":)" + n + R"(.25,"quantity":)" + std::to_string(id % 50) +
         R"(,"member":true,"score":0.5,"name":"Ada Lovelace )" + n +
         R"(","city":"London","country":"GB","mail":"ada.lovelace.)" + n + R"(@example.test","note":")" +
         std::string(110, static_cast<char>('a' + id % 26)) + "\"}";
}

constexpr std::string_view kTexts[] = {"name", "city", "country", "mail", "note"};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

void check(bool fine, const char* what) {
  if (fine) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

// Seconds of CPU that the loop by hand takes.
double loop_by_hand(const std::filesystem::path& folder, const std::vector<std::string>& events) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  check(duckdb_open(nullptr, &database) == DuckDBSuccess, "DuckDB");
  check(duckdb_connect(database, &connection) == DuckDBSuccess, "DuckDB");
  const auto run = [&](const std::string& sql) {
    check(duckdb_query(connection, sql.c_str(), nullptr) == DuckDBSuccess, sql.c_str());
  };
  run("SET threads=1");
  run("CREATE TABLE e(id BIGINT, price DOUBLE, quantity BIGINT, member BOOLEAN, score DOUBLE, name VARCHAR, "
      "city VARCHAR, country VARCHAR, mail VARCHAR, note VARCHAR)");
  const double begun = cpu_seconds();
  duckdb_appender appender = nullptr;
  check(duckdb_appender_create(connection, nullptr, "e", &appender) == DuckDBSuccess, "the appender");
  simdjson::ondemand::parser parser;
  simdjson::padded_string padded;
  for (const std::string& text : events) {
    padded = simdjson::padded_string(text);
    simdjson::ondemand::document document = parser.iterate(padded);
    duckdb_append_int64(appender, document["id"].get_int64().value());
    duckdb_append_double(appender, document["price"].get_double().value());
    duckdb_append_int64(appender, document["quantity"].get_int64().value());
    duckdb_append_bool(appender, document["member"].get_bool().value());
    duckdb_append_double(appender, document["score"].get_double().value());
    for (const std::string_view name : kTexts) {
      const std::string_view value = document[name].get_string().value();
      duckdb_append_varchar_length(appender, value.data(), value.size());
    }
    duckdb_appender_end_row(appender);
  }
  check(duckdb_appender_destroy(&appender) == DuckDBSuccess, "appending");
  run("COPY e TO '" + (folder / "loop.parquet").string() + "' (FORMAT parquet, COMPRESSION zstd)");
  const double taken = cpu_seconds() - begun;
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return taken;
}

// What the product needs around a consumer.
struct House {
  explicit House(const std::filesystem::path& folder)
      : store(must(store::Store::open("sqlite", folder))),
        vault(must(secrets::Vault::open(folder / "key"))),
        credentials(*store, vault),
        lake(must(lake::Lake::open({.root = folder / "lake"}, clock))) {
    check(lake->put_dataset({DatasetId("d"), "", "", lake::Format::parquet}).has_value(), "the dataset");
    Object properties{{"id", Object{{"type", "integer"}}},
                      {"price", Object{{"type", "number"}}},
                      {"quantity", Object{{"type", "integer"}}},
                      {"member", Object{{"type", "boolean"}}},
                      {"score", Object{{"type", "number"}}}};
    for (const std::string_view name : kTexts) properties.set(name, Object{{"type", "string"}});
    const std::string schema =
        add(ResourceKind::schema, Object{{"type", "object"}, {"properties", std::move(properties)}}, "s");
    add(ResourceKind::dataset, Object{{"schemaRef", Object{{"id", schema}}}}, "d");
    add(ResourceKind::connection_spec, Object{{"name", "streaming"}}, "c");
    add(ResourceKind::source_connection, Object{{"connectionSpec", Object{{"id", "c"}}}}, "source");
    add(ResourceKind::target_connection, Object{{"params", Object{{"dataSetId", "d"}}}}, "target");
    add(ResourceKind::flow,
        Object{{"flowSpec", Object{{"id", "f"}}},
               {"sourceConnectionIds", Array{"source"}},
               {"targetConnectionIds", Array{"target"}}},
        "flow");
  }
  std::string add(ResourceKind kind, Value body, const std::string& id) const {
    const domain::Tenant tenant{OrgId("o"), SandboxId("s"), "prod"};
    must(store->insert(domain::new_resource(kind, id, tenant, {"u", "c"}, epoch_millis(clock.now()),
                                            std::move(body), "enabled")));
    return id;
  }
  SystemClock clock;
  std::unique_ptr<store::Store> store;
  secrets::Vault vault;
  store::Credentials credentials;
  std::unique_ptr<lake::Lake> lake;
};

void land_all(const std::filesystem::path& folder, const std::vector<std::string>& events) {
  const double by_hand = loop_by_hand(folder, events);
  House house(folder / "data");
  journal::Options options;
  options.folder = folder / "journal";
  const auto journal = must(journal::Journal::open(options));
  for (std::size_t i = 0; i < events.size(); i += 500) {
    std::vector<journal::Message> messages;
    for (std::size_t k = i; k < std::min(i + 500, events.size()); ++k)
      messages.push_back({"flow", events[k]});
    std::binary_semaphore told(0);
    check(journal->append(0, messages, epoch_millis(house.clock.now()),
                          [&told](const Result<std::uint64_t>&) { told.release(); }),
          "appending");
    told.acquire();
  }
  inlet::TrafficBoard board;
  inlet::ConsumerOptions when;
  when.commit_age = std::chrono::milliseconds(1000);
  inlet::Consumer consumer({*house.store, house.credentials, *house.lake, house.clock}, *journal, board,
                           when);
  const double begun = cpu_seconds();
  const auto started = std::chrono::steady_clock::now();
  consumer.start();
  while (consumer.lag().find("events")->as_int64() != 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const double wall = Seconds(std::chrono::steady_clock::now() - started).count();
  const double ours = cpu_seconds() - begun;
  const auto count = static_cast<double>(events.size());
  std::printf(
      "journal to Parquet: %.0f events a CPU second (%.0f a second), by hand %.0f a CPU second: %.0f %%\n",
      count / ours, count / wall, count / by_hand, 100 * by_hand / ours);
}

void take_batches(const std::filesystem::path& folder, const std::vector<std::string>& events) {
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i + 500 <= events.size(); i += 500) {
    std::string body = "{\"messages\":[";
    for (std::size_t k = i; k < i + 500; ++k) body.append(k == i ? "" : ",").append(events[k]);
    body += "]}";
    body.reserve(body.size() + json::RecordParser::kPadding);
    bodies.push_back(std::move(body));
  }
  const auto seconds = [](auto&& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return Seconds(std::chrono::steady_clock::now() - begun).count();
  };
  const double by_hand = seconds([&] {
    std::ofstream file(folder / "loop.events", std::ios::binary);
    simdjson::ondemand::parser parser;
    for (const std::string& body : bodies) {
      simdjson::padded_string_view view(body.data(), body.size(), body.capacity());
      simdjson::ondemand::document document = parser.iterate(view);
      for (auto message : document["messages"].get_array()) file << simdjson::to_json_string(message).value();
    }
  });
  journal::Options options;
  options.folder = folder / "batches";
  const auto journal = must(journal::Journal::open(options));
  inlet::Inlet inlet;
  const double ours = seconds([&] {
    json::RecordParser cutter;
    inlet::MessageReader reader;
    std::counting_semaphore<64> free(64);
    for (const std::string& body : bodies) {
      std::vector<journal::Message> messages;
      for (const auto text : must(inlet::cut_batch(cutter, body, inlet::BatchForm::messages, 1000)))
        messages.push_back({"flow", must(reader.read(text, inlet)).record});
      free.acquire();
      check(journal->append(0, messages, 0, [&free](const Result<std::uint64_t>&) { free.release(); }),
            "appending");
    }
    for (int i = 0; i < 64; ++i) free.acquire();
  });
  const auto count = static_cast<double>(bodies.size() * 500);
  std::printf("batches of 500 into the journal: %.0f events/s, by hand %.0f/s: %.0f %%\n", count / ours,
              count / by_hand, 100 * by_hand / ours);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: landing_bench FOLDER [events]\n");
    return 2;
  }
  const std::filesystem::path folder =
      std::filesystem::path(argv[1]) / ("landing-bench-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "data");
  const std::uint64_t number = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  std::vector<std::string> events;
  events.reserve(number);
  for (std::uint64_t i = 0; i < number; ++i) events.push_back(event(i));
  take_batches(folder, events);
  land_all(folder, events);
  std::filesystem::remove_all(folder);
}
