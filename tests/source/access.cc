#include "access.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <thread>

namespace source {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

Answer refused(std::string_view challenge) {
  auto answer = Answer::json(401, R"({"error":"unauthorized"})");
  answer.headers.emplace_back("WWW-Authenticate", challenge);
  return answer;
}

Answer token_error(int status, std::string_view code) {
  return Answer::json(status, json{{"error", code}}.dump());
}

// base64 of "ada:open s\u00e9same" in UTF-8.
constexpr std::string_view kBasic = "Basic YWRhOm9wZW4gc8Opc2FtZQ==";

bool body_holds(const Request& request, const std::string& name, const std::string& value) {
  const auto parsed = json::parse(request.body, nullptr, false);
  if (parsed.is_object()) return parsed.value(name, json()) == value;
  const auto form = read_form(request.body);
  return std::find(form.begin(), form.end(), std::pair(name, value)) != form.end();
}

}  // namespace

void Access::reset() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
  tokens_["access-0"] = Token{steady_clock::time_point::max(), UINT64_MAX};
  refresh_tokens_ = {"refresh-0"};
  issued_ = 0;
}

void Access::expire() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

bool Access::spend(const std::string& token) {
  const std::lock_guard lock(mutex_);
  const auto at = tokens_.find(token);
  if (at == tokens_.end() || at->second.until < steady_clock::now() || at->second.uses == 0) return false;
  --at->second.uses;
  return true;
}

std::optional<Answer> Access::check(Request& request) {
  const auto strip = [&request](std::string_view prefix) {
    if (!request.path.starts_with(prefix) || request.path.size() <= prefix.size() ||
        request.path[prefix.size()] != '/')
      return false;
    request.path.erase(0, prefix.size());
    return true;
  };
  if (strip("/basic")) {
    if (request.header("authorization") != kBasic) return refused("Basic realm=\"source\"");
  } else if (strip("/bearer")) {
    const auto header = std::string(request.header("authorization"));
    if (!header.starts_with("Bearer ") || !spend(header.substr(7)))
      return refused("Bearer error=\"invalid_token\"");
  } else if (strip("/key-header")) {
    if (request.header("x-auth-key1") != "key-one" ||
        (request.flag("two_keys") && request.header("x-auth-key2") != "key-two"))
      return refused("ApiKey");
  } else if (strip("/key-query")) {
    if (request.param("api_key") != "key one&more") return refused("ApiKey");
  } else if (strip("/key-body")) {
    if (!body_holds(request, "apiKey", "key-one")) return refused("ApiKey");
  }
  return std::nullopt;
}

std::string Access::issue(const Request& request, bool with_refresh) {
  const auto number = std::to_string(++issued_);
  const auto lifetime = request.number("expires_in", 3600);
  tokens_["access-" + number] =
      Token{steady_clock::now() + std::chrono::seconds(lifetime), request.number("uses", UINT64_MAX)};
  json answer{{request.param("access_field").value_or("access_token"), "access-" + number},
              {"token_type", "Bearer"},
              {request.param("expires_field").value_or("expires_in"), lifetime}};
  if (with_refresh) {
    refresh_tokens_.insert("refresh-" + number);
    answer[request.param("refresh_field").value_or("refresh_token")] = "refresh-" + number;
  }
  return answer.dump();
}

Answer Access::token(const Request& request) {
  const auto form = request.method == "GET" ? request.query : read_form(request.body);
  const auto field = [&form](std::string_view name) {
    const auto at =
        std::find_if(form.begin(), form.end(), [name](const auto& pair) { return pair.first == name; });
    return at == form.end() ? std::string() : at->second;
  };
  const auto id_name = request.param("id_name").value_or("client_id");
  const auto secret_name = request.param("secret_name").value_or("client_secret");
  if (const auto delay = request.number("delay_ms", 0))
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
  if (field(id_name) != "client-1" || field(secret_name) != "client secret 1")
    return token_error(401, "invalid_client");
  const std::lock_guard lock(mutex_);
  if (field("grant_type") == "client_credentials") return Answer::json(200, issue(request, false));
  if (field("grant_type") != "refresh_token") return token_error(400, "unsupported_grant_type");
  const auto refresh = field("refresh_token");
  if (!refresh_tokens_.contains(refresh)) return token_error(400, "invalid_grant");
  if (!request.flag("keep_refresh")) refresh_tokens_.erase(refresh);
  return Answer::json(200, issue(request, !request.flag("keep_refresh")));
}

}  // namespace source
