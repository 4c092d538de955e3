#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::mapping {

/// What is known of the sender of one user agent text. An empty text: not known.
struct Agent {
  std::string agent_name;           // Firefox
  std::string agent_version;        // 115.0
  std::string agent_version_major;  // Firefox 115; the name alone when the version is not known
  std::string os_name;              // Android, Mac OS X, Windows NT
  std::string os_version;           // 14, 10.15.7
  std::string os_version_major;     // Android 14, Windows 10; the name alone when the version is not known
  std::string os_name_version;      // Mac OS X 10.15.7, Windows 10; likewise
  std::string device_class;         // Phone; Unknown, never empty
};

/// Reads user agent texts with the patterns of uap-core and device classes of our own
/// (docs/functions-user-agent.md). Remembers the last few thousand texts. Any thread; no text, however
/// long or broken, is an error or takes long.
class UserAgents {
 public:
  /// `uap_core_yaml`: the file regexes.yaml of uap-core.
  /// Errors: invalid_argument, naming the line of the file.
  static Result<UserAgents> make(std::string_view uap_core_yaml);
  /// With the patterns in this program: made at the first call (some tens of milliseconds), kept until its
  /// end.
  static const UserAgents& packaged();

  UserAgents(UserAgents&&) noexcept;
  UserAgents& operator=(UserAgents&&) noexcept;
  ~UserAgents();

  /// Shared with the memory of texts, which may forget it meanwhile; never null.
  std::shared_ptr<const Agent> parse(std::string_view user_agent) const;
  /// The same without the memory.
  Agent parse_anew(std::string_view user_agent) const;

 private:
  struct Parts;
  explicit UserAgents(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace headwater::mapping
