#include "mapping/user_agent.h"

#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"

namespace headwater::mapping {
namespace {

Value known(Evaluation& run, std::span<const Value> values, std::string_view function,
            std::string Agent::* part) {
  Arguments in(run, function, values);
  const auto text = in.text(0, "user agent");
  if (in.failed()) return in.failure();
  constexpr std::size_t kWork = 16'000;  // hundreds of patterns
  run.charge(kWork);
  const auto agent = run.environment().user_agents().parse(text);
  const std::string& found = (*agent).*part;
  return found.empty() ? Value() : run.make_text(found);
}

Value ua_os_name(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_os_name", &Agent::os_name);
}
Value ua_os_version(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_os_version", &Agent::os_version);
}
Value ua_os_version_major(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_os_version_major", &Agent::os_version_major);
}
Value ua_os_name_version(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_os_name_version", &Agent::os_name_version);
}
Value ua_agent_name(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_agent_name", &Agent::agent_name);
}
Value ua_agent_version(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_agent_version", &Agent::agent_version);
}
Value ua_agent_version_major(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_agent_version_major", &Agent::agent_version_major);
}
Value ua_device_class(Evaluation& run, std::span<const Value> values) {
  return known(run, values, "ua_device_class", &Agent::device_class);
}

constexpr std::string_view kFirefoxOnMac =
    R"({"ua":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:115.0) Gecko/20100101 Firefox/115.0"})";
constexpr std::string_view kChromeOnAndroid =
    R"({"ua":"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) )"
    R"(Chrome/126.0.6478.122 Mobile Safari/537.36"})";

// Each is shown on two user agents and on null; `otherwise` is what a text that says nothing gives.
struct Shown {
  std::string_view call;
  std::string_view firefox;
  std::string_view chrome;
  std::string_view unknown;
  std::string_view of_unknown = "null";
  std::string_view of_null;
};

Function row(std::string_view name, std::string_view description, std::string_view returns,
             const Shown& shown, decltype(Function::call) call) {
  return {.info = {.name = name,
                   .category = "User Agent",
                   .description = description,
                   .returns = returns,
                   .return_type = ValueType::string,
                   .parameters = {{"user_agent", "what a browser or program sends as its User-Agent",
                                   ValueType::string}},
                   .examples = {{shown.call, shown.firefox, kFirefoxOnMac},
                                {shown.call, shown.chrome, kChromeOnAndroid},
                                {shown.unknown, shown.of_unknown},
                                {shown.of_null, "null"}}},
          .call = call,
          .works_on = 0};
}

}  // namespace

std::vector<Function> user_agent_functions() {
  return {
      row("ua_os_name", "Gives the name of the operating system behind a user agent.",
          "The name; null when it is not known.",
          {R"(ua_os_name(ua))", R"("Mac OS X")", R"("Android")", R"(ua_os_name("?"))", "null",
           R"(ua_os_name(null))"},
          &ua_os_name),
      row("ua_os_version_major", "Gives name and major version of the operating system behind a user agent.",
          "Name and number, the name alone when no version is known; null when neither is.",
          {R"(ua_os_version_major(ua))", R"("Mac OS X 10")", R"("Android 14")", R"(ua_os_version_major("?"))",
           "null", R"(ua_os_version_major(null))"},
          &ua_os_version_major),
      row("ua_os_version", "Gives the version of the operating system behind a user agent.",
          "The version; null when it is not known.",
          {R"(ua_os_version(ua))", R"("10.15")", R"("14")", R"(ua_os_version("?"))", "null",
           R"(ua_os_version(null))"},
          &ua_os_version),
      row("ua_os_name_version", "Gives name and full version of the operating system behind a user agent.",
          "Name and version, the name alone when no version is known; null when neither is.",
          {R"(ua_os_name_version(ua))", R"("Mac OS X 10.15")", R"("Android 14")",
           R"(ua_os_name_version("?"))", "null", R"(ua_os_name_version(null))"},
          &ua_os_name_version),
      row("ua_agent_version", "Gives the version of the browser or program that a user agent names.",
          "The version; null when it is not known.",
          {R"(ua_agent_version(ua))", R"("115.0")", R"("126.0.6478.122")", R"(ua_agent_version("?"))", "null",
           R"(ua_agent_version(null))"},
          &ua_agent_version),
      row("ua_agent_version_major",
          "Gives name and major version of the browser or program that a user agent names.",
          "Name and number, the name alone when no version is known; null when neither is.",
          {R"(ua_agent_version_major(ua))", R"("Firefox 115")", R"("Chrome 126")",
           R"(ua_agent_version_major("?"))", "null", R"(ua_agent_version_major(null))"},
          &ua_agent_version_major),
      row("ua_agent_name", "Gives the name of the browser or program that a user agent names.",
          "The name; null when it is not known.",
          {R"(ua_agent_name(ua))", R"("Firefox")", R"("Chrome")", R"(ua_agent_name("?"))", "null",
           R"(ua_agent_name(null))"},
          &ua_agent_name),
      row("ua_device_class",
          "Tells what kind of device a user agent speaks of: Desktop, Phone, Tablet, TV, Robot and so on.",
          "The class; Unknown when it is not known.",
          {R"(ua_device_class(ua))", R"("Desktop")", R"("Phone")", R"(ua_device_class("?"))", R"("Unknown")",
           R"(ua_device_class(null))"},
          &ua_device_class)};
}

}  // namespace headwater::mapping
