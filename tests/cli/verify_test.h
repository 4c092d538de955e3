#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"
#include "support/page_source.h"

namespace headwater::testing {

using support::PageSource;

const std::string kBinary = HEADWATER_BINARY;

// {"total":..., "items":[...], ...}: `around` are further members, each with a comma before it.
inline http::Response items(std::size_t from, std::size_t end, const std::string& around = {}) {
  std::string body = R"({"items":[)";
  for (std::size_t i = from; i < end; ++i)
    body += (i == from ? "" : ",") +
            (R"({"id":)" + std::to_string(i) + R"(,"name":"n)" + std::to_string(i) + "\"}");
  return http::Response::text(200, body + "]" + around + "}", "application/json");
}

inline constexpr const char* kBare =
    R"("contentPath":{"path":"$.items","keepAttributes":[],"overrideWrapperAttribute":"item"})";

class VerifyFindings : public ::testing::Test {
 protected:
  VerifyFindings() : folder_(*TemporaryFolder::make("headwater-findings-test-")) {}

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  // Verifies a source that answers so; `paging` is its paginationParams, `more` are further attributes.
  Finished verify(const std::string& paging,
                  std::function<http::Response(const http::Request&, std::size_t offset)> answer,
                  const std::string& more = kBare) const {
    const PageSource api(
        {.records = 0, .record = {}, .instead = [answer](const auto& request, std::size_t offset) {
           return std::optional(answer(request, offset));
         }});
    const auto spec = write(
        "spec.json",
        R"({"name":"findings","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":")" +
            api.origin() + R"(","path":"/items","method":"GET"},)" + more + R"(,"paginationParams":)" +
            paging +
            R"(},"spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})");
    return run_program({kBinary, "source", "verify", spec, "--allow-network", "127.0.0.0/8", "--report",
                        "json", path("report.json"), "--report", "junit", path("report.xml"), "--report",
                        "html", path("report.html")});
  }
  json::Value report() const { return *json::parse(*read_file(path("report.json"))); }

  TemporaryFolder folder_;
};

}  // namespace headwater::testing
