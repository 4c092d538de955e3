#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.h"

namespace headwater::http {

/// An IP address as 16 bytes; IPv4 as its IPv4-mapped form, so that "::ffff:10.0.0.1" is 10.0.0.1.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4() const;
  bool is_loopback() const;
  std::string text() const;
  /// Dotted IPv4 or IPv6, with or without brackets and zone; nullopt for anything else.
  static std::optional<Address> parse(std::string_view text);
  /// `raw` is 4 or 16 bytes in network order.
  static Address from_bytes(const void* raw, std::size_t size);
};

/// Whether the policy lets a call go to that address.
bool may_reach(const EgressPolicy& policy, const Address& address);

/// The error for one that it does not; kind forbidden, naming the option that would allow it.
Error egress_refused(const EgressPolicy& policy, std::string_view host, const Address& address);

}  // namespace headwater::http
