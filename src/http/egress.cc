#include "http/internal/egress.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace headwater::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Range {
  Address address;
  unsigned prefix = 128;  // bits of the 16-byte form
};

bool holds(const Range& range, const Address& address) {
  const auto whole = range.prefix / 8;
  if (std::memcmp(range.address.bytes.data(), address.bytes.data(), whole) != 0) return false;
  const auto rest = range.prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (range.address.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

std::optional<Range> parse_range(std::string_view cidr) {
  const auto slash = cidr.find('/');
  const auto address = Address::parse(cidr.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned width = address->is_v4() && cidr.find(':') == std::string_view::npos ? 32 : 128;
  unsigned prefix = width;
  if (slash != std::string_view::npos) {
    const auto digits = cidr.substr(slash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (code != std::errc() || end != digits.data() + digits.size() || prefix > width) return std::nullopt;
  }
  return Range{*address, prefix + 128 - width};
}

// What the IANA special-purpose registries keep out of the public internet (RFC 6890 and successors),
// multicast, and the transition ranges that hide an IPv4 address within.
constexpr std::array kSpecial{
    "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "::/96",          "64:ff9b::/96",   "64:ff9b:1::/48",
    "100::/64",       "2001::/23",    "2001:db8::/32",  "2002::/16",      "fc00::/7",       "fe80::/10",
    "fec0::/10",      "ff00::/8"};

// Read once: every call to an address is held against all of them.
const std::vector<Range>& special_ranges() {
  static const auto ranges = [] {
    std::vector<Range> parsed;
    parsed.reserve(std::size(kSpecial));
    for (const std::string_view cidr : kSpecial) parsed.push_back(*parse_range(cidr));
    return parsed;
  }();
  return ranges;
}

}  // namespace

bool Address::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes.begin()); }

bool Address::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes.back() == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; });
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4())
    ::inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
  else
    ::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
  return out.data();
}

Address Address::from_bytes(const void* raw, std::size_t size) {
  Address address;
  if (size == 4) std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
  std::memcpy(address.bytes.data() + (16 - size), raw, size);
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string plain(text.substr(0, text.find('%')));  // a zone ("%eth0") does not change the address
  std::array<std::uint8_t, 16> raw{};
  if (::inet_pton(AF_INET, plain.c_str(), raw.data()) == 1) return from_bytes(raw.data(), 4);
  if (::inet_pton(AF_INET6, plain.c_str(), raw.data()) == 1) return from_bytes(raw.data(), 16);
  return std::nullopt;
}

Result<Network> Network::parse(std::string_view cidr) {
  if (!parse_range(cidr))
    return Error{ErrorKind::invalid_argument,
                 "\"" + std::string(cidr) + "\" is no address range: write it as 10.0.0.0/8 or fd00::/8."};
  return Network{std::string(cidr)};
}

bool Network::contains(std::string_view ip_text) const {
  const auto range = parse_range(text);
  const auto address = Address::parse(ip_text);
  return range && address && holds(*range, *address);
}

bool may_reach(const EgressPolicy& policy, const Address& address) {
  const auto& special = special_ranges();
  if (!policy.allowed_only &&
      std::none_of(special.begin(), special.end(), [&](const Range& range) { return holds(range, address); }))
    return true;
  return std::any_of(policy.allowed.begin(), policy.allowed.end(), [&](const Network& network) {
    const auto range = parse_range(network.text);
    return range && holds(*range, address);
  });
}

Error egress_refused(const EgressPolicy& policy, std::string_view host, const Address& address) {
  const auto ip = address.text();
  std::string message = "Calls to " + std::string(host);
  if (host != ip && host != "[" + ip + "]") message += " (" + ip + ")";
  if (policy.allowed_only)
    message += " are refused: without TLS they go only to networks that --allow-network names.";
  else
    message +=
        " are refused: the address is loopback, private or otherwise not public. Allow its network with "
        "`--allow-network " +
        ip + (address.is_v4() ? "/32" : "/128") + "` or a wider CIDR.";
  return Error{ErrorKind::forbidden, std::move(message)};
}

}  // namespace headwater::http
