#include "authoring/curl_command.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace headwater::authoring {
namespace {

Error wrong(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

enum class Meaning : std::uint8_t {
  none,     // how to reach the host, what to print
  refused,  // asks for what a source cannot do
  insecure,
  head,
  get,
  method,
  url,
  header,
  user,
  bearer,
  data,
  data_raw,
  data_urlencode,
  json,
  url_query,
  user_agent,
  cookie
};

struct CurlOption {
  std::string_view name;
  char letter;  // 0: none
  bool takes_value;
  Meaning meaning;
};

constexpr CurlOption kOptions[] = {
    {"request", 'X', true, Meaning::method},
    {"header", 'H', true, Meaning::header},
    {"user", 'u', true, Meaning::user},
    {"oauth2-bearer", 0, true, Meaning::bearer},
    {"data", 'd', true, Meaning::data},
    {"data-ascii", 0, true, Meaning::data},
    {"data-binary", 0, true, Meaning::data},
    {"data-raw", 0, true, Meaning::data_raw},
    {"data-urlencode", 0, true, Meaning::data_urlencode},
    {"json", 0, true, Meaning::json},
    {"get", 'G', false, Meaning::get},
    {"head", 'I', false, Meaning::head},
    {"url", 0, true, Meaning::url},
    {"url-query", 0, true, Meaning::url_query},
    {"user-agent", 'A', true, Meaning::user_agent},
    {"cookie", 'b', true, Meaning::cookie},
    {"insecure", 'k', false, Meaning::insecure},
    {"form", 'F', true, Meaning::refused},
    {"upload-file", 'T', true, Meaning::refused},
    {"config", 'K', true, Meaning::refused},
    {"netrc", 'n', false, Meaning::refused},
    {"digest", 0, false, Meaning::refused},
    {"ntlm", 0, false, Meaning::refused},
    {"negotiate", 0, false, Meaning::refused},
    {"aws-sigv4", 0, true, Meaning::refused},
    {"basic", 0, false, Meaning::none},
    {"anyauth", 0, false, Meaning::none},
    {"silent", 's', false, Meaning::none},
    {"show-error", 'S', false, Meaning::none},
    {"location", 'L', false, Meaning::none},
    {"verbose", 'v', false, Meaning::none},
    {"include", 'i', false, Meaning::none},
    {"show-headers", 0, false, Meaning::none},
    {"fail", 'f', false, Meaning::none},
    {"fail-with-body", 0, false, Meaning::none},
    {"globoff", 'g', false, Meaning::none},
    {"progress-bar", '#', false, Meaning::none},
    {"no-buffer", 'N', false, Meaning::none},
    {"junk-session-cookies", 'j', false, Meaning::none},
    {"ipv4", '4', false, Meaning::none},
    {"ipv6", '6', false, Meaning::none},
    {"http1.0", '0', false, Meaning::none},
    {"tlsv1", '1', false, Meaning::none},
    {"remote-name", 'O', false, Meaning::none},
    {"remote-header-name", 'J', false, Meaning::none},
    {"compressed", 0, false, Meaning::none},
    {"http1.1", 0, false, Meaning::none},
    {"http2", 0, false, Meaning::none},
    {"http3", 0, false, Meaning::none},
    {"tlsv1.2", 0, false, Meaning::none},
    {"tlsv1.3", 0, false, Meaning::none},
    {"path-as-is", 0, false, Meaning::none},
    {"no-progress-meter", 0, false, Meaning::none},
    {"location-trusted", 0, false, Meaning::none},
    {"ssl-no-revoke", 0, false, Meaning::none},
    {"output", 'o', true, Meaning::none},
    {"write-out", 'w', true, Meaning::none},
    {"dump-header", 'D', true, Meaning::none},
    {"cookie-jar", 'c', true, Meaning::none},
    {"referer", 'e', true, Meaning::none},
    {"max-time", 'm', true, Meaning::none},
    {"proxy", 'x', true, Meaning::none},
    {"proxy-user", 'U', true, Meaning::none},
    {"cert", 'E', true, Meaning::none},
    {"range", 'r', true, Meaning::none},
    {"key", 0, true, Meaning::none},
    {"cacert", 0, true, Meaning::none},
    {"connect-timeout", 0, true, Meaning::none},
    {"retry", 0, true, Meaning::none},
    {"retry-delay", 0, true, Meaning::none},
    {"max-redirs", 0, true, Meaning::none},
    {"resolve", 0, true, Meaning::none},
    {"limit-rate", 0, true, Meaning::none},
    {"noproxy", 0, true, Meaning::none},
    {"interface", 0, true, Meaning::none},
    {"form-string", 0, true, Meaning::refused},
    {"netrc-file", 0, true, Meaning::refused},
    {"netrc-optional", 0, false, Meaning::refused},
    {"next", ':', false, Meaning::refused},
    {"ssl-reqd", 0, false, Meaning::none},
    {"http2-prior-knowledge", 0, false, Meaning::none},
    {"http0.9", 0, false, Meaning::none},
    {"tlsv1.0", 0, false, Meaning::none},
    {"tlsv1.1", 0, false, Meaning::none},
    {"sslv2", '2', false, Meaning::none},
    {"sslv3", '3', false, Meaning::none},
    {"keepalive", 0, false, Meaning::none},
    {"keepalive-time", 0, true, Meaning::none},
    {"alpn", 0, false, Meaning::none},
    {"npn", 0, false, Meaning::none},
    {"sessionid", 0, false, Meaning::none},
    {"progress", 0, false, Meaning::none},
    {"disable", 'q', false, Meaning::none},
    {"styled-output", 0, false, Meaning::none},
    {"fail-early", 0, false, Meaning::none},
    {"create-dirs", 0, false, Meaning::none},
    {"remote-name-all", 0, false, Meaning::none},
    {"output-dir", 0, true, Meaning::none},
    {"remote-time", 'R', false, Meaning::none},
    {"parallel", 'Z', false, Meaning::none},
    {"post301", 0, false, Meaning::none},
    {"post302", 0, false, Meaning::none},
    {"post303", 0, false, Meaning::none},
    {"raw", 0, false, Meaning::none},
    {"tr-encoding", 0, false, Meaning::none},
    {"tcp-nodelay", 0, false, Meaning::none},
    {"trace", 0, true, Meaning::none},
    {"trace-ascii", 0, true, Meaning::none},
    {"trace-time", 0, false, Meaning::none},
    {"stderr", 0, true, Meaning::none},
    {"retry-max-time", 0, true, Meaning::none},
    {"retry-all-errors", 0, false, Meaning::none},
    {"retry-connrefused", 0, false, Meaning::none},
    {"speed-limit", 'Y', true, Meaning::none},
    {"speed-time", 'y', true, Meaning::none},
    {"max-filesize", 0, true, Meaning::none},
    {"capath", 0, true, Meaning::none},
    {"cert-type", 0, true, Meaning::none},
    {"key-type", 0, true, Meaning::none},
    {"pass", 0, true, Meaning::none},
    {"ciphers", 0, true, Meaning::none},
    {"tls-max", 0, true, Meaning::none},
    {"pinnedpubkey", 0, true, Meaning::none},
    {"proxy-header", 0, true, Meaning::none},
    {"proxy-insecure", 0, false, Meaning::none},
    {"preproxy", 0, true, Meaning::none},
    {"socks5", 0, true, Meaning::none},
    {"socks5-hostname", 0, true, Meaning::none},
    {"connect-to", 0, true, Meaning::none},
    {"dns-servers", 0, true, Meaning::none},
    {"doh-url", 0, true, Meaning::none},
    {"unix-socket", 0, true, Meaning::none},
    {"local-port", 0, true, Meaning::none},
    {"request-target", 0, true, Meaning::refused},
    {"continue-at", 'C', true, Meaning::none},
    {"time-cond", 'z', true, Meaning::none},
    {"quote", 'Q', true, Meaning::none},
};

class CurlReader {
 public:
  explicit CurlReader(std::vector<std::string> words) : words_(std::move(words)) {}

  Result<SentRequest> read() {
    while (at_ < words_.size() && stands_before(words_[at_])) ++at_;
    if (at_ == words_.size() || !is_curl(words_[at_])) {
      const bool other =
          at_ < words_.size() && (words_[at_].starts_with("Invoke-") || words_[at_].starts_with("fetch("));
      return wrong(other ? "This is no curl command: in the browser choose \"Copy as cURL\"."
                         : "A curl command begins with curl.");
    }
    for (++at_; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (word.starts_with("--") && word.size() > 2) {
        TRY(long_option(word.substr(2)));
      } else if (word.starts_with('-') && word.size() > 1 && word != "--") {
        TRY(short_options(word));
      } else if (word != "--") {
        TRY(take_url(word));
      }
    }
    return finished();
  }

 private:
  // A copied prompt, "time", "sudo", and variables that are set for the command alone.
  static bool stands_before(const std::string& word) {
    const auto equals = word.find('=');
    const bool sets = equals != std::string::npos && equals > 0 && word.find_first_of("/:-") > equals &&
                      !word.starts_with("curl");
    return sets || word == "$" || word == "%" || word == "time" || word == "sudo" || word == "command";
  }
  static bool is_curl(const std::string& word) {
    const auto name = word.substr(word.find_last_of("/\\") + 1);
    return equal_ignoring_case(name, "curl") || equal_ignoring_case(name, "curl.exe");
  }

  Result<void> take_url(const std::string& url) {
    if (!sent_.url.empty()) return wrong("The command asks for two URLs; give a command for one of them.");
    sent_.url = url;
    return {};
  }

  Result<void> long_option(const std::string& name) {
    const auto called = [](const std::string& wanted) {
      return std::find_if(std::begin(kOptions), std::end(kOptions),
                          [&wanted](const CurlOption& each) { return each.name == wanted; });
    };
    const auto* option = called(name);
    if (option == std::end(kOptions) && name.starts_with("no-")) {
      option = called(name.substr(3));  // switches one off that would be on
      if (option != std::end(kOptions) && !option->takes_value) return {};
      option = std::end(kOptions);
    }
    if (option == std::end(kOptions))
      return wrong("curl's option --" + name + " is not known here; leave it out.");
    std::string value;
    if (option->takes_value) value = TRY(next_word(*option));
    return take(*option, value);
  }

  Result<void> short_options(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions),
                                        [&](const CurlOption& each) { return each.letter == word[i]; });
      if (option == std::end(kOptions))
        return wrong("curl's option -" + std::string(1, word[i]) + " is not known here; leave it out.");
      if (!option->takes_value) {
        TRY(take(*option, ""));
        continue;
      }
      std::string value;
      if (i + 1 < word.size())
        value = word.substr(i + 1);
      else
        value = TRY(next_word(*option));
      return take(*option, value);
    }
    return {};
  }

  Result<std::string> next_word(const CurlOption& option) {
    if (++at_ >= words_.size())
      return wrong("curl's option --" + std::string(option.name) + " stands without its value.");
    return words_[at_];
  }

  void add_data(const std::string& more) {
    if (!data_.empty()) data_ += '&';
    data_ += more;
    has_data_ = true;
  }

  Result<void> take(const CurlOption& option, const std::string& value) {
    switch (option.meaning) {
      case Meaning::none:
      case Meaning::user_agent:
        return {};
      case Meaning::refused:
        return wrong("curl's option --" + std::string(option.name) + " asks for what a source cannot do.");
      case Meaning::head:
        return wrong("The command asks for the head only (-I); leave that out.");
      case Meaning::insecure:
        sent_.notes.emplace_back(
            "-k was passed over: certificates are checked; name yours with --ca-bundle.");
        return {};
      case Meaning::get:
        get_ = true;
        return {};
      case Meaning::method:
        method_ = value;
        for (char& c : method_)
          if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return {};
      case Meaning::url:
        return take_url(value);
      case Meaning::header:
        return take_header(value);
      case Meaning::user: {
        const auto colon = value.find(':');
        sent_.has_user = true;
        sent_.user = value.substr(0, colon);
        if (colon != std::string::npos) sent_.password = Secret(value.substr(colon + 1));
        return {};
      }
      case Meaning::bearer:
        sent_.headers.emplace_back("Authorization", "Bearer " + value);
        return {};
      case Meaning::cookie:
        sent_.headers.emplace_back("Cookie", value);
        return {};
      case Meaning::data:
        if (value.starts_with('@')) return wrong("-d @FILE: write the body itself into the command.");
        add_data(value);
        return {};
      case Meaning::data_raw:
        add_data(value);
        return {};
      case Meaning::data_urlencode:
        return take_urlencode(value);
      case Meaning::json:
        if (value.starts_with('@')) return wrong("--json @FILE: write the body itself into the command.");
        data_ += value;
        has_data_ = true;
        json_ = true;
        return {};
      case Meaning::url_query:
        url_query_.push_back(value);
        return {};
    }
    return {};
  }

  Result<void> take_header(const std::string& value) {
    if (value.starts_with('@')) return wrong("-H @FILE: write the headers themselves into the command.");
    const auto colon = value.find(':');
    if (colon == std::string::npos) return {};  // "X-Empty;" and its like
    const auto begin = value.find_first_not_of(" \t", colon + 1);
    if (begin == std::string::npos) return {};
    sent_.headers.emplace_back(value.substr(0, colon), value.substr(begin));
    return {};
  }

  Result<void> take_urlencode(const std::string& value) {
    const auto equals = value.find('=');
    const auto at = value.find('@');
    if (at != std::string::npos && (equals == std::string::npos || at < equals))
      return wrong("--data-urlencode NAME@FILE: write the value itself into the command.");
    if (equals == std::string::npos)
      add_data(percent_encode(value));
    else
      add_data((equals == 0 ? "" : value.substr(0, equals + 1)) + percent_encode(value.substr(equals + 1)));
    return {};
  }

  void append_query(const std::string& query) {
    if (query.empty()) return;
    const auto hash = sent_.url.find('#');
    if (hash != std::string::npos) sent_.url.resize(hash);
    sent_.url += (sent_.url.find('?') == std::string::npos ? "?" : "&") + query;
  }

  Result<SentRequest> finished() {
    if (sent_.url.empty()) return wrong("The command names no URL.");
    for (const auto& text : url_query_) append_query(text);
    if (get_) append_query(data_);
    const bool posts = has_data_ && !get_;
    sent_.method = !method_.empty() ? method_ : posts ? "POST" : "GET";
    if (posts) {
      sent_.body = std::move(data_);
      if (!http::find_header(sent_.headers, "Content-Type"))
        sent_.headers.emplace_back("Content-Type",
                                   json_ ? "application/json" : "application/x-www-form-urlencoded");
    }
    return std::move(sent_);
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  SentRequest sent_;
  std::string method_, data_;
  std::vector<std::string> url_query_;
  bool has_data_ = false, get_ = false, json_ = false;
};

}  // namespace

Result<SentRequest> read_curl(std::string_view command, const ShellVariables& variables) {
  return CurlReader(TRY(split_command(command, variables))).read();
}

}  // namespace headwater::authoring
