#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/url.h"
#include "domain/source_spec.h"
#include "engine/extract/authenticator.h"
#include "http/server.h"

namespace headwater::authoring {

/// What every request of a spec carries besides paging and window: its constant query parameters, headers and
/// members of the body. Placeholders stand for anything, those of credentials for the account's. Immutable.
class MockConstants {
 public:
  MockConstants(const domain::SourceSpec& spec, const extract::AuthSettings& account);

  /// Whether the constants that hold credentials are there.
  bool authorizes(const http::Request& request) const { return !broken(request, true); }
  /// What a request lacks of the others, in a sentence; nullopt when it is all there.
  std::optional<std::string> missing(const http::Request& request) const;
  /// "expand=lines", "X-Version: 7"; those with credentials left out.
  std::vector<std::string> shown() const;

 private:
  struct Constant {
    domain::ParameterPlace place = domain::ParameterPlace::query;
    std::string name, pattern;  // "*" stands for any text
    bool has_credential = false;
  };

  void add(domain::ParameterPlace place, const std::string& name, std::string_view text,
           const extract::AuthSettings& account);
  const Constant* broken(const http::Request& request, bool with_credential) const;

  std::vector<Constant> constants_;
};

}  // namespace headwater::authoring
