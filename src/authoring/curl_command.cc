#include "authoring/curl_command.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace headwater::authoring {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Error wrong(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

class WordReader {
 public:
  WordReader(std::string_view text, const ShellVariables& variables) : text_(text), variables_(variables) {}

  Result<std::vector<std::string>> read() {
    std::vector<std::string> words;
    while (true) {
      skip_blanks();
      if (at_ == text_.size() || ends_command()) return words;
      words.push_back(TRY(word()));
    }
  }

 private:
  bool has(std::string_view next) const { return text_.substr(at_, next.size()) == next; }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_]))
        ++at_;
      else if (has("\\\n"))
        at_ += 2;
      else if (has("\\\r\n"))
        at_ += 3;
      else
        return;
    }
  }

  // An "&" within a URL is what the person meant, even without quotes.
  bool ends_command() const {
    const char c = text_[at_];
    return c == '|' || c == ';' || c == '>' || c == '<' || c == '#' || has("&&") || has("2>") ||
           (c == '&' && (at_ + 1 == text_.size() || is_blank(text_[at_ + 1])));
  }

  Result<std::string> word() {
    std::string out;
    while (at_ < text_.size() && !is_blank(text_[at_])) {
      const char c = text_[at_];
      if (c == '\'') {
        TRY(single_quotes(out));
      } else if (c == '"') {
        TRY(double_quotes(out));
      } else if (has("$'")) {
        TRY(escaped_quotes(out));
      } else if (c == '$' || c == '`') {
        TRY(dollar(out));
      } else if (c == '\\') {
        ++at_;
        if (at_ == text_.size()) break;
        if (text_[at_] != '\n') out += text_[at_];
        ++at_;
      } else {
        out += c;
        ++at_;
      }
    }
    return out;
  }

  Result<void> single_quotes(std::string& out) {
    const auto end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return wrong("The command has an open ' quote.");
    out += text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return {};
  }

  Result<void> double_quotes(std::string& out) {
    for (++at_; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '$' || c == '`') {
        TRY(dollar(out));
        continue;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        const char next = text_[at_ + 1];
        if (next != '"' && next != '\\' && next != '$' && next != '`' && next != '\n') out += c;
        if (next != '\n') out += next;
        at_ += 2;
        continue;
      }
      out += c;
      ++at_;
    }
    return wrong("The command has an open \" quote.");
  }

  // $'...', as browsers copy requests.
  Result<void> escaped_quotes(std::string& out) {
    for (at_ += 2; at_ < text_.size();) {
      const char c = text_[at_++];
      if (c == '\'') return {};
      if (c != '\\' || at_ == text_.size()) {
        out += c;
        continue;
      }
      const char escape = text_[at_++];
      switch (escape) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        case 'r':
          out += '\r';
          break;
        case 'x':
          append_code(out, 2);
          break;
        case 'u':
          append_code(out, 4);
          break;
        default:
          out += escape;
      }
    }
    return wrong("The command has an open $' quote.");
  }

  void append_code(std::string& out, std::size_t digits_max) {
    unsigned code = 0;
    const std::string_view digits = text_.substr(at_, digits_max);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    at_ += static_cast<std::size_t>(read.ptr - digits.data());
    if (digits_max == 2 || code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      out += static_cast<char>(0xe0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }

  Result<void> dollar(std::string& out) {
    if (text_[at_] == '`' || has("$("))
      return wrong("The command holds a command substitution; write what it gives in its place.");
    std::size_t begin = at_ + 1;
    const bool braces = begin < text_.size() && text_[begin] == '{';
    if (braces) ++begin;
    std::size_t end = begin;
    if (end < text_.size() && is_name_start(text_[end]))
      while (end < text_.size() && is_name(text_[end])) ++end;
    if (end == begin || (braces && (end == text_.size() || text_[end] != '}'))) {
      out += text_[at_++];  // "$filter": OData's own; a lone "$"
      return {};
    }
    const std::string name(text_.substr(begin, end - begin));
    const auto value = variables_(name);
    if (!value)
      return wrong("The command uses the variable $" + name +
                   ", which is not set here: export it, or put the $ into single quotes if it is meant so.");
    out += *value;
    at_ = braces ? end + 1 : end;
    return {};
  }

  std::string_view text_;
  const ShellVariables& variables_;
  std::size_t at_ = 0;
};

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
};

class CurlReader {
 public:
  explicit CurlReader(std::vector<std::string> words) : words_(std::move(words)) {}

  Result<SentRequest> read() {
    if (!words_.empty() && words_[0] == "$") ++at_;  // a copied prompt
    if (at_ == words_.size() || (words_[at_] != "curl" && !words_[at_].ends_with("/curl")))
      return wrong("A curl command begins with curl.");
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
  Result<void> take_url(const std::string& url) {
    if (!sent_.url.empty()) return wrong("The command asks for two URLs; give a command for one of them.");
    sent_.url = url;
    return {};
  }

  Result<void> long_option(const std::string& name) {
    const auto* option = std::find_if(std::begin(kOptions), std::end(kOptions),
                                      [&name](const CurlOption& each) { return each.name == name; });
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

Result<std::vector<std::string>> split_command(std::string_view text, const ShellVariables& variables) {
  return WordReader(text, variables).read();
}

Result<SentRequest> read_curl(std::string_view command, const ShellVariables& variables) {
  return CurlReader(TRY(split_command(command, variables))).read();
}

}  // namespace headwater::authoring
