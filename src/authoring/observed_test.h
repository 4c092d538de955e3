#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "authoring/curl_command.h"
#include "authoring/observed_request.h"

namespace headwater::authoring {

/// What is made of a curl command that names no variables.
inline ObservedRequest observed(const std::string& command) {
  auto sent = read_curl(command, [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(sent) << command;
  auto request = observe(*std::move(sent));
  EXPECT_TRUE(request) << command;
  return *std::move(request);
}

}  // namespace headwater::authoring
