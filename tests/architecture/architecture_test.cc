// Reads the sources as text: who includes whom, and a compiler trap that no warning tells of.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

const fs::path kSource = fs::path(HEADWATER_SOURCE_DIR) / "src";

// docs/ARCHITECTURE.md, "may include besides base". A room always sees itself and base.
const std::map<std::string, Rooms> kAllowed{
    {"base", {}},
    {"json", {}},
    {"http", {"json"}},
    {"schema", {"json"}},
    {"mapping", {"json"}},
    {"secrets", {"json"}},
    {"journal", {}},
    {"domain", {"json", "schema", "mapping"}},
    {"store", {"json", "domain", "secrets"}},
    {"identity", {"json", "store", "secrets", "domain"}},
    {"lake", {"json", "schema", "domain"}},
    {"engine/extract", {"json", "schema", "mapping", "domain", "http"}},
    {"engine/shape", {"json", "schema", "mapping", "domain"}},
    {"engine/map", {"json", "schema", "mapping", "domain"}},
    {"engine/land", {"json", "schema", "mapping", "domain", "lake"}},
    {"engine/run",
     {"engine/extract", "engine/shape", "engine/map", "engine/land", "store", "lake", "domain", "json",
      "schema", "mapping"}},
    {"webhook", {"json", "domain", "store", "http"}},
    {"inlet",
     {"webhook", "journal", "engine/run", "engine/map", "engine/land", "lake", "store", "identity", "domain",
      "mapping", "schema", "http", "json"}},
    {"schedule", {"webhook", "engine/run", "store", "domain", "json"}},
    {"api",
     {"webhook", "schedule", "engine/run", "lake", "identity", "secrets", "store", "domain", "mapping",
      "schema", "http", "json"}},
    {"authoring",
     {"engine/run", "engine/extract", "engine/shape", "engine/map", "engine/land", "mapping", "schema",
      "domain", "http", "json"}},
    {"catalog", {"authoring", "json"}},
    {"cli", {"authoring", "engine/run", "lake", "mapping", "schema", "domain", "http", "json"}},
    {"app", {"base",       "json",        "http",       "schema",  "mapping",        "secrets",
             "domain",     "store",       "identity",   "lake",    "engine/extract", "engine/shape",
             "engine/map", "engine/land", "engine/run", "webhook", "inlet",          "schedule",
             "api",        "authoring",   "catalog",    "cli"}},
};

struct Source {
  fs::path path;     // below src/
  std::string room;  // "engine/extract"
  std::vector<std::string> lines;
};

std::string room_of(const std::string& path) {
  const auto first = path.find('/');
  if (first == std::string::npos) return "";
  if (path.substr(0, first) != "engine") return path.substr(0, first);
  const auto second = path.find('/', first + 1);
  return path.substr(0, second);
}

const std::vector<Source>& sources() {
  static const auto all = [] {
    std::vector<Source> out;
    for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cc") continue;
      Source source;
      source.path = fs::relative(entry.path(), kSource);
      source.room = room_of(source.path.generic_string());
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) source.lines.push_back(line);
      out.push_back(std::move(source));
    }
    return out;
  }();
  return all;
}

bool is_test(const fs::path& path) {
  return path.stem().string().ends_with("_test") || path.string().find("test_") != std::string::npos;
}

TEST(Architecture, EveryRoomIsNamed) {
  for (const auto& source : sources()) EXPECT_TRUE(kAllowed.contains(source.room)) << source.path;
}

TEST(Architecture, RoomsIncludeOnlyWhatTheirLineNames) {
  const std::regex include(R"rx(^#include "([^"]+)")rx");
  for (const auto& source : sources()) {
    if (is_test(source.path) || !kAllowed.contains(source.room)) continue;
    const Rooms& allowed = kAllowed.at(source.room);
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const std::string room = room_of(match[1].str());
      if (!kAllowed.contains(room)) continue;  // generated, or of the tests
      EXPECT_TRUE(room == source.room || room == "base" || allowed.contains(room))
          << source.path << " includes " << match[1] << ": " << source.room << " may not see " << room;
      EXPECT_TRUE(room == source.room || match[1].str().find("/internal/") == std::string::npos)
          << source.path << " looks into another room: " << match[1];
    }
  }
}

TEST(Architecture, LibrariesStayInTheirRooms) {
  struct Library {
    const char* include;
    Rooms rooms;
  };
  const std::vector<Library> libraries{{"<boost/url", {"base"}},
                                       {"<boost/multiprecision", {"mapping"}},
                                       {"<boost/", {"http", "base"}},
                                       {"<curl/", {"http"}},
                                       {"<nlohmann/", {"json"}},
                                       {"<simdjson", {"json"}},
                                       {"<sqlite3", {"store"}},
                                       {"<libpq", {"store"}},
                                       {"<duckdb", {"lake"}},
                                       {"<pcre2", {"base"}},
                                       {"<openssl/", {"base", "http"}},
                                       {"<spdlog/", {"base"}},
                                       {"<prometheus/", {"base"}},
                                       {"<date/", {"base"}},
                                       {"<CLI/", {"cli", "app"}},
                                       {"<toml", {"app"}},
                                       {"<yaml", {"mapping", "authoring"}},
                                       {"<expat", {"authoring"}},
                                       {"<unicode/", {"mapping"}},
                                       {"<zlib", {"base"}},
                                       {"<libdeflate", {"base"}}};
  for (const auto& source : sources()) {
    if (is_test(source.path)) continue;
    for (const auto& line : source.lines) {
      if (!line.starts_with("#include <")) continue;
      const auto owner = std::find_if(libraries.begin(), libraries.end(), [&](const Library& library) {
        return line.find(library.include) != std::string::npos;
      });
      if (owner == libraries.end()) continue;
      EXPECT_TRUE(owner->rooms.contains(source.room)) << source.path << ": " << line;
      const bool internal = source.path.string().find("/internal/") != std::string::npos;
      EXPECT_TRUE(source.path.extension() == ".cc" || internal)
          << source.path << " shows a library in a header: " << line;
    }
  }
}

// g++ 12 destroys an aggregate made in the same expression as a co_await once too often.
TEST(Architecture, NoBraceStandsInAnExpressionWithCoAwait) {
  for (const auto& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const auto& line = source.lines[i];
      const auto await = line.find("co_await");
      if (await == std::string::npos || line.find("//") < await) continue;
      std::string expression = line.substr(await);
      for (std::size_t next = i + 1;
           expression.find(';') == std::string::npos && next < source.lines.size() && next < i + 10; ++next)
        expression += source.lines[next];
      expression = expression.substr(0, expression.find(';'));
      // A statement such as `if (co_await f()) {` opens a block, not an aggregate.
      if (expression.ends_with("{")) expression.pop_back();
      EXPECT_EQ(expression.find('{'), std::string::npos) << source.path << ":" << i + 1;
    }
  }
}

// With the await in the condition, g++ 12 leaves the frame of the awaited coroutine half made.
TEST(Architecture, NoConditionAwaits) {
  for (const auto& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i)
      for (const std::string_view bad :
           {"if (co_await", "if (!co_await", "while (co_await", "while (!co_await"})
        EXPECT_EQ(source.lines[i].find(bad), std::string::npos) << source.path << ":" << i + 1;
  }
}

TEST(Architecture, EverySourceFileIsBuilt) {
  for (const auto& source : sources()) {
    if (source.path.extension() != ".cc") continue;
    fs::path folder = kSource / source.path.parent_path();
    while (!fs::exists(folder / "CMakeLists.txt")) folder = folder.parent_path();
    std::ifstream in(folder / "CMakeLists.txt");
    std::stringstream text;
    text << in.rdbuf();
    const std::string name = fs::relative(kSource / source.path, folder).generic_string();
    EXPECT_NE(text.str().find(name), std::string::npos) << source.path << " is in no CMakeLists.txt";
  }
}

}  // namespace
