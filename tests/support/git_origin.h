#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "support/child_process.h"

namespace headwater::testing {

/// A bare git repository on this disk, and a working copy that pushes into it, as an author's would.
class GitOrigin {
 public:
  GitOrigin() : folder_(*TemporaryFolder::make("headwater-origin-")) {
    git({"init", "--quiet", "--bare", "--initial-branch=main", bare().string()});
    git({"init", "--quiet", "--initial-branch=main", copy().string()});
  }
  std::filesystem::path bare() const { return folder_.path() / "origin.git"; }
  std::filesystem::path copy() const { return folder_.path() / "copy"; }
  std::string url() const { return "file://" + bare().string(); }

  void write(const std::filesystem::path& path, std::string_view text) const {
    std::filesystem::create_directories((copy() / path).parent_path());
    std::ofstream(copy() / path, std::ios::binary) << text;
  }
  std::string read(const std::filesystem::path& path) const { return *read_file(copy() / path); }
  void replace(const std::filesystem::path& path, const std::string& from, const std::string& to) const {
    auto text = read(path);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(path, text.replace(at, from.size(), to));
  }
  /// The commit's id.
  std::string push(const std::string& message = "change", const std::vector<std::string>& more = {}) const {
    here({"add", "--all"});
    here({"commit", "--quiet", "--allow-empty", "-m", message});
    std::vector<std::string> words{"push", "--quiet", url(), "HEAD:main"};
    words.insert(words.end(), more.begin(), more.end());
    here(words);
    auto id = here({"rev-parse", "HEAD"});
    id.pop_back();
    return id;
  }
  std::string here(std::vector<std::string> words) const {
    words.insert(words.begin(), {"-C", copy().string()});
    return git(std::move(words));
  }

 private:
  static std::string git(std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=Ada", "-c", "user.email=ada@example.test"});
    const auto done =
        run_program(words, {.folder = {}, .error_file = {}, .environment = {"GIT_CONFIG_GLOBAL=/dev/null"}});
    EXPECT_EQ(done.exit_code, 0) << words[5] << " " << done.errors;
    return done.output;
  }
  TemporaryFolder folder_;
};

}  // namespace headwater::testing
