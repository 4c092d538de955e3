// The commands of the documents, run as they stand there, in their order: each gives what is printed below
// it.
#include <gmock/gmock.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;

/// "$ command" of a document's block, and the lines below it. "..." in these stands for anything in a line.
struct Command {
  std::string text;
  std::string printed;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

bool is_open(const std::string& command) {
  return std::count(command.begin(), command.end(), '\'') % 2 == 1 || command.ends_with('\\') ||
         command.ends_with('|');
}

// What serves until Ctrl-C is ended as by that once it has said all; "failed" is added when it ends
// otherwise.
std::string until_interrupted(const std::string& command, const std::string& last) {
  return ": > served; (trap - INT; exec env --default-signal=INT " + command +
         " > served 2>&1) & until grep -q '^" + last +
         "' served || ! kill -0 $! 2>/dev/null; do sleep 0.05; done; kill -INT $!; wait $! || echo failed; "
         "cat served";
}

/// The commands between a heading and the next of its rank; from the whole text without one.
std::vector<Command> commands_of(const std::string& text, const std::string& heading) {
  std::vector<Command> out;
  bool inside = heading.empty();
  bool block = false;
  bool commands = false;
  std::size_t indent = 0;
  for (const auto& line : lines_of(text)) {
    if (!block && !heading.empty() && line.starts_with("## ")) inside = line == heading;
    const auto begin = line.find_first_not_of(' ');
    if (begin != std::string::npos && line.compare(begin, 3, "```") == 0) {
      block = !block;
      if (block) commands = begin + 3 == line.size();  // none in one that names a language
      indent = begin;
      continue;
    }
    if (!inside || !block || !commands) continue;
    const std::string inner = line.substr(std::min(indent, line.size()));
    if (inner.starts_with("$ "))
      out.push_back({inner.substr(2), ""});
    else if (!out.empty() && out.back().printed.empty() && is_open(out.back().text))
      out.back().text += "\n" + inner;
    else if (!out.empty())
      out.back().printed += inner + "\n";
  }
  return out;
}

std::string pattern_of(const std::string& printed) {
  std::string out;
  for (std::size_t i = 0; i < printed.size(); ++i) {
    if (printed.compare(i, 3, "...") == 0) {
      out += "[^\n]*";
      i += 2;
    } else {
      if (std::string_view(R"(.[]{}()*+?^$|\)").find(printed[i]) != std::string_view::npos) out += '\\';
      out += printed[i];
    }
  }
  return out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class Documents : public ServingTest {
 protected:
  Documents() : ServingTest(1) { serving_ = std::make_unique<Serving>(data_); }

  std::string here(std::string text) const {
    replace_all(text, "http://127.0.0.1:8080", serving_->url());
    if (!shop_.empty()) replace_all(text, "http://127.0.0.1:3000", shop_);
    replace_all(text, "$PWD/build/demo/data", data_);
    replace_all(text, "$PWD/build/release", fs::path(kBinary).parent_path().string());
    return text;
  }
  std::string shop_;  // what stands for http://127.0.0.1:3000
  static std::vector<Command> read(const std::string& name, const std::string& heading) {
    const auto text = read_file(fs::path(HEADWATER_SOURCE_DIR) / name);
    EXPECT_TRUE(text) << name;
    return text ? commands_of(*text, heading) : std::vector<Command>();
  }
  /// All in one shell: later commands use what earlier ones have set.
  void expect_as_printed(const std::vector<Command>& commands) {
    const std::string mark = "@@@";
    std::string script = "set -u\n";
    for (const auto& command : commands) {
      const bool serves = command.text.starts_with("headwater source dev");
      const auto text = serves ? until_interrupted(command.text, "Ctrl-C ends it") : command.text;
      script += "echo " + mark + "\n" + here(text) + "\n";
    }
    script += "echo " + mark + "\n";
    const auto file = (folder_.path() / "script").string();
    std::ofstream(file) << script;
    const auto done = run_program({"bash", "-c", "exec bash " + file + " 2>&1"},
                                  {.folder = folder_.path().string(), .error_file = {}, .environment = {}});
    std::size_t at = done.output.find(mark);
    for (const auto& command : commands) {
      ASSERT_NE(at, std::string::npos) << "the shell ended before: " << command.text << "\n" << done.output;
      const auto begin = at + mark.size() + 1;
      at = done.output.find(mark + "\n", begin);
      std::string output = done.output.substr(begin, at - begin);
      std::erase(output, '\r');
      if (!output.empty() && !output.ends_with('\n')) output += '\n';
      EXPECT_TRUE(std::regex_match(output, std::regex(pattern_of(here(command.printed)))))
          << "$ " << command.text << "\nprinted:\n"
          << output << "instead of:\n"
          << command.printed;
    }
  }
};

TEST_F(Documents, TheStreamingTutorialsCommandsPrintWhatTheySay) {
  auto commands = read("README.md", "## Streaming");
  ASSERT_GT(commands.size(), 20U);
  const auto more = read("docs/streaming.md", "");
  ASSERT_GT(more.size(), 10U);
  commands.insert(commands.end(), more.begin(), more.end());
  expect_as_printed(commands);
}

TEST_F(Documents, TheAuthorsTutorialsCommandsPrintWhatTheySay) {
  std::string orders;
  for (int i = 0; i < 250; ++i)
    orders += (i == 0 ? "" : ",") + (R"({"id":)" + std::to_string(i + 1)) + R"(,"customer":{"name":"c)" +
              std::to_string(i % 7) + R"("},"total":)" + std::to_string(i) + "}";
  const auto database = write("db.json", R"({"orders":[)" + orders + "]}");
  const auto port = run_program({"node", "-e",
                                 "const s = require('net').createServer().listen(0, '127.0.0.1', () => { "
                                 "console.log(s.address().port); s.close(); })"});
  const auto number = port.output.substr(0, port.output.find('\n'));
  ChildProcess shop({"node", HEADWATER_SOURCE_DIR "/tests/servers/node_modules/json-server/lib/cli/bin.js",
                     "--host", "127.0.0.1", "--port", number, database});
  ASSERT_NE(shop.wait_for_line("  Home"), "") << shop.output();
  shop_ = "http://127.0.0.1:" + number;
  const auto commands = read("docs/authoring.md", "");
  ASSERT_GT(commands.size(), 15U);
  expect_as_printed(commands);
}

}  // namespace
}  // namespace headwater::testing
