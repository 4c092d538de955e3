#include "http/internal/proxy.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "http/internal/egress.h"

namespace headwater::http {
namespace {

std::string environment(const char* lower, const char* upper) {
  for (const char* name : {lower, upper})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto address = Address::parse(host);
  return address && address->is_loopback();
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, std::string_view host) {
  const bool is_address = Address::parse(host).has_value();
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(", "), no_proxy.size());
    auto entry = no_proxy.substr(0, end);
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    if (entry == "*") return true;
    if (is_address) {
      if (Network{std::string(entry)}.contains(host)) return true;
      continue;
    }
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty() || host.size() < entry.size()) continue;
    if (!equal_ignoring_case(entry, host.substr(host.size() - entry.size()))) continue;
    if (host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.') return true;
  }
  return false;
}

std::string choose_proxy(const ClientOptions& options, const Url& url) {
  const auto no_proxy = options.no_proxy.empty() ? environment("no_proxy", "NO_PROXY") : options.no_proxy;
  if (bypasses_proxy(no_proxy, url.host)) return {};
  if (!options.proxy.empty()) return options.proxy;
  if (is_loopback(url.host)) return {};
  const auto own = url.scheme == "https" ? environment("https_proxy", "HTTPS_PROXY")
                                         : environment("http_proxy", "HTTP_PROXY");
  return own.empty() ? environment("all_proxy", "ALL_PROXY") : own;
}

}  // namespace headwater::http
