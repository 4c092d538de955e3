#include "mapping/user_agent.h"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/regex.h"
#include "mapping/internal/agent_cache.h"
#include "mapping/internal/agent_patterns.h"
#include "mapping/internal/device_class.h"
#include "mapping/internal/packaged_patterns.h"

namespace headwater::mapping {
namespace {

// Senders write some hundred characters; what a longer text says behind these is not looked at.
constexpr std::size_t kTextMost = 2048;

struct Renamed {
  std::string_view from;
  std::string_view to;
};

// One browser has one name, whatever it runs on.
constexpr Renamed kAgentNames[] = {
    {"Chrome Mobile", "Chrome"},
    {"Chrome Mobile iOS", "Chrome"},
    {"Chrome Mobile WebView", "Chrome Webview"},
    {"Mobile Safari", "Safari"},
    {"Mobile Safari UI/WKWebView", "Safari Webview"},
    {"Firefox Mobile", "Firefox"},
    {"Firefox iOS", "Firefox"},
    {"Edge Mobile", "Edge"},
    {"Opera Mobile", "Opera"},
    {"IE", "Internet Explorer"},
    {"IE Mobile", "Internet Explorer"},
    {"Samsung Internet", "SamsungBrowser"},
    {"curl", "Curl"},
};

constexpr Renamed kSystemNames[] = {
    {"ATV OS X", "tvOS"},
    {"WatchOS", "watchOS"},
    {"Web0S", "webOS"},
};

// Those Windows that are not NT; all others, also without a known version, are.
constexpr std::string_view kOldWindows[] = {"3.1", "95", "98", "ME", "CE"};

std::string renamed(std::string name, std::span<const Renamed> names) {
  const auto row = std::ranges::find(names, std::string_view(name), &Renamed::from);
  return row == names.end() ? std::move(name) : std::string(row->to);
}

std::string joined(const std::array<std::string, 4>& version) {
  std::string out;
  for (const auto& part : version) {
    if (part.empty()) break;
    if (!out.empty()) out += '.';
    out += part;
  }
  return out;
}

std::string with(const std::string& name, const std::string& version) {
  return name.empty() || version.empty() ? name : name + " " + version;
}

std::string major(const std::string& version) { return version.substr(0, version.find('.')); }

// Many patterns take three numbers of a product's four: the rest is read off the text.
std::string completed(std::string version, std::string_view text) {
  const auto at = version.empty() ? std::string_view::npos : text.find("/" + version + ".");
  if (at == std::string_view::npos) return version;
  const auto from = at + 1 + version.size();
  const auto end = std::min(text.find_first_not_of(".0123456789", from), text.size());
  version += text.substr(from, end - from);
  while (version.ends_with('.')) version.pop_back();
  return version;
}

// Header fields are ASCII. A byte that is none stands for no character here, so that every value made of the
// text's parts is UTF-8 and one line.
std::string readable(std::string_view text) {
  std::string out(text.substr(0, kTextMost));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

}  // namespace

struct UserAgents::Parts {
  AgentPatterns patterns;
  DeviceClasses classes;
  Regex stock_browser;  // Of Android; the version is not the system's.
  Regex product;        // The first product of a text that no pattern knows: "Name/1.2".
  AgentCache cache;

  std::pair<std::string, std::string> name_and_version(std::string_view text, const Grams& grams) const;
};

std::pair<std::string, std::string> UserAgents::Parts::name_and_version(std::string_view text,
                                                                        const Grams& grams) const {
  auto agent = patterns.agent(text, grams);
  std::array<Regex::Group, 3> groups;
  // uap-core calls everything on Android by the system's name that it has no other name for, and reads the 17
  // of Java/17.0.8 as the 1 of Java/1.8.
  const bool android = agent.family == "Android";
  if (agent.family == "Java") agent.family.clear();
  if (android && stock_browser.find(text, 0, groups) == Regex::Outcome::match)
    return {"Stock Browser", std::string(groups[1].in(text))};
  if ((android || agent.family.empty()) && product.find(text, 0, groups) == Regex::Outcome::match)
    return {std::string(groups[1].in(text)), std::string(groups[2].in(text))};
  if (android || agent.family.empty()) return {};
  return {renamed(std::move(agent.family), kAgentNames), completed(joined(agent.version), text)};
}

UserAgents::UserAgents(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
UserAgents::UserAgents(UserAgents&&) noexcept = default;
UserAgents& UserAgents::operator=(UserAgents&&) noexcept = default;
UserAgents::~UserAgents() = default;

Result<UserAgents> UserAgents::make(std::string_view uap_core_yaml) {
  auto patterns = TRY(AgentPatterns::make(uap_core_yaml));
  auto classes = TRY(DeviceClasses::make());
  auto stock = TRY(Regex::make(R"(\bVersion/(\d[\d.]*\d|\d))", Regex::Text::bytes));
  auto product =
      TRY(Regex::make(R"(^ *(?!Mozilla/)([A-Za-z][\w.+ -]{0,63}?)/v?(\d[\w.]{0,31}))", Regex::Text::bytes));
  return UserAgents(std::unique_ptr<Parts>(new Parts{std::move(patterns), std::move(classes),
                                                     std::move(stock), std::move(product), AgentCache()}));
}

const UserAgents& UserAgents::packaged() {
  static const UserAgents made = [] {
    auto agents = make(packaged_patterns());
    // The text is part of the program: only a broken build gets here.
    if (!agents) throw std::logic_error(agents.error().message);
    return *std::move(agents);
  }();
  return made;
}

std::shared_ptr<const Agent> UserAgents::parse(std::string_view user_agent) const {
  return parts_->cache.find_or(user_agent.substr(0, kTextMost),
                               [this](std::string_view text) { return parse_anew(text); });
}

Agent UserAgents::parse_anew(std::string_view user_agent) const {
  const std::string text = readable(user_agent);
  const Grams grams(text);
  const auto system = parts_->patterns.system(text, grams);
  const auto device = parts_->patterns.device(text, grams);

  Agent out;
  out.device_class = parts_->classes.of(text, system.family, device);
  if (out.device_class == DeviceClasses::kHacker)
    return out;  // Nothing else in such a text is to be believed.

  std::tie(out.agent_name, out.agent_version) = parts_->name_and_version(text, grams);
  out.agent_version_major = with(out.agent_name, major(out.agent_version));

  // Of a HbbTV text uap-core gives the maker and year of the set as its system.
  if (system.family.empty() || system.family == "Other" || out.agent_name == "HbbTV") return out;
  const std::string name = renamed(system.family, kSystemNames);
  out.os_version = joined(system.version);
  out.os_version_major = with(name, major(out.os_version));
  out.os_name_version = with(name, out.os_version);
  const bool is_nt =
      name == "Windows" && std::ranges::find(kOldWindows, out.os_version) == std::end(kOldWindows);
  out.os_name = is_nt ? "Windows NT" : name;
  return out;
}

}  // namespace headwater::mapping
