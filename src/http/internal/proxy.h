#pragma once

#include <string>
#include <string_view>

#include "base/url.h"
#include "http/client.h"

namespace headwater::http {

/// The proxy for a call to `url`, or "" for none. Options come before the environment (https_proxy,
/// http_proxy, all_proxy, no_proxy in either case); the environment's proxy is not used for loopback.
std::string choose_proxy(const ClientOptions& options, const Url& url);

/// Whether `host` is named by a no_proxy list: "*", host names with their subdomains, addresses, CIDRs.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host);

}  // namespace headwater::http
