#include "mapping/internal/agent_patterns.h"

#include <gtest/gtest.h>
#include <yaml.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "mapping/internal/packaged_patterns.h"

namespace headwater::mapping {
namespace {

using Case = std::map<std::string, std::string>;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The entries of one of uap-core's own test files: each a mapping of texts.
std::vector<Case> cases_of(const std::string& file) {
  const std::string text = read(std::filesystem::path(UAP_CORE_FOLDER) / "tests" / file);
  yaml_parser_t parser;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::vector<Case> out;
  std::string name;
  int depth = 0;
  bool is_name = true;
  for (bool more = true; more;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) break;
    more = event.type != YAML_STREAM_END_EVENT;
    if (event.type == YAML_MAPPING_END_EVENT) --depth;
    if (event.type == YAML_MAPPING_START_EVENT && ++depth == 2) {
      out.emplace_back();
      is_name = true;
    }
    if (event.type == YAML_SCALAR_EVENT && depth == 2) {
      const std::string value(reinterpret_cast<const char*>(event.data.scalar.value),
                              event.data.scalar.length);
      if (is_name)
        name = value;
      else
        out.back()[name] = value;
      is_name = !is_name;
    }
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return out;
}

const AgentPatterns& patterns() {
  static const auto made = *AgentPatterns::make(packaged_patterns());
  return made;
}

std::string or_other(const std::string& family) { return family.empty() ? "Other" : family; }

void expect_named(AgentPatterns::Named (AgentPatterns::*look_up)(std::string_view, const Grams&) const,
                  const std::string& file, std::size_t least) {
  const auto cases = cases_of(file);
  EXPECT_GE(cases.size(), least);
  for (auto row : cases) {
    const auto& text = row["user_agent_string"];
    const auto got = (patterns().*look_up)(text, Grams(text));
    EXPECT_EQ(or_other(got.family), row["family"]) << text;
    EXPECT_EQ(got.version[0], row["major"]) << text;
    EXPECT_EQ(got.version[1], row["minor"]) << text;
    EXPECT_EQ(got.version[2], row["patch"]) << text;
    // The fourth number of agents is not what their patterns say in a few rows of uap-core's file.
    if (look_up == &AgentPatterns::system) {
      EXPECT_EQ(got.version[3], row["patch_minor"]) << text;
    }
  }
}

TEST(AgentPatterns, AgentsAreThoseOfUapCoresOwnTests) {
  expect_named(&AgentPatterns::agent, "test_ua.yaml", 1000);
}

TEST(AgentPatterns, SystemsAreThoseOfUapCoresOwnTests) {
  expect_named(&AgentPatterns::system, "test_os.yaml", 400);
}

TEST(AgentPatterns, DevicesAreThoseOfUapCoresOwnTests) {
  const auto cases = cases_of("test_device.yaml");
  EXPECT_GE(cases.size(), 10'000U);
  for (auto row : cases) {
    const auto& text = row["user_agent_string"];
    const auto got = patterns().device(text, Grams(text));
    EXPECT_EQ(or_other(got.family), row["family"]) << text;
    EXPECT_EQ(got.brand, row["brand"]) << text;
    EXPECT_EQ(got.model, row["model"]) << text;
  }
}

TEST(AgentPatterns, MistakesNameTheLine) {
  const auto message = [](std::string_view yaml) { return AgentPatterns::make(yaml).error().message; };
  EXPECT_NE(message("user_agent_parsers:\n  - regex: '(a'\n").find("line 2"), std::string::npos);
  EXPECT_NE(message("user_agent_parsers:\n  - regex: '(a'\n").find("position 2"), std::string::npos);
  EXPECT_NE(message("user_agent_parsers: 7\n").find("line 1"), std::string::npos);
  EXPECT_NE(message("user_agent_parsers:\n - [a]\n").find("line 2"), std::string::npos);
  EXPECT_NE(message("a: 'b\n").find("line "), std::string::npos);
  EXPECT_NE(message("").find("line 1"), std::string::npos);
  EXPECT_NE(message("user_agent_parsers:\n  - regex: a\n").find("missing"), std::string::npos);
}

TEST(NeededLiterals, AreInEveryMatch) {
  using Clauses = std::vector<std::vector<std::string>>;
  const struct {
    const char* pattern;
    Clauses want;
  } rows[] = {
      {"Firefox/(\\d+)\\.(\\d+)", {{"Firefox/"}}},
      {"ab?cd", {{"cd"}}},
      {"abc+de", {{"abc"}, {"de"}}},
      {"abc*de", {{"ab"}, {"de"}}},
      {"abc{0,2}de", {{"ab"}, {"de"}}},
      {"abc{2}de", {{"abc"}, {"de"}}},
      {"ab.*?cd", {{"ab"}, {"cd"}}},
      {"(Opera|Edge)/(?: x|)", {{"Opera", "Edge"}}},
      {"(Opera|)ab", {{"ab"}}},
      {"(?:abc)?de", {{"de"}}},
      {"(?!abc)de(?=fg)(?<!hi)", {{"de"}}},
      {"abc|def ghi|\\d", {}},
      {"abc|d.efg", {{"abc", "efg"}}},
      {"[Bb]o[Tt]s?", {{"BoT"}}},
      {"[^\\]abc]xy", {{"xy"}}},
      {"\\(KHTML\\.", {{"(KHTML."}}},
      {"\\nos:", {{"\nos:"}}},
      {"abc\\x41", {}},
      {"abc(?i)d", {}},
      {"ab\\1", {}},
      {"abc[[:alpha:]]", {}},
      {"a", {}},
  };
  for (const auto& row : rows) EXPECT_EQ(needed_literals(row.pattern), row.want) << row.pattern;
}

}  // namespace
}  // namespace headwater::mapping
