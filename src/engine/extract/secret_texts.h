#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::extract {

/// Values that must stand in no text, however a source echoes them: as they are; with escapes of URLs, forms,
/// JSON, HTML and XML, in any mixture, also twice; as base64 (alone or within more) and as hexadecimal
/// digits. Values of fewer than three characters are in every text and are none; one of fewer than five has
/// no base64 and no digits of its own.
class SecretTexts {
 public:
  void add(std::string_view secret);
  bool empty() const { return needles_.empty(); }

  /// The text with each of them replaced by "***"; all of it where so many signs may begin an escape that
  /// looking for them would take too long, as only a text made for that does.
  std::string concealed(std::string text) const;
  bool stand_in(std::string_view text) const;

 private:
  struct Match {
    std::size_t begin = 0, end = 0;  // end 0: none
  };
  void add_needle(std::string needle);
  /// Takes from `steps` what it tries; none may be left, then what it says is unknown.
  Match first_in(std::string_view text, std::size_t from, const std::string& needle,
                 std::size_t& steps) const;

  std::vector<std::string> needles_;  // longest first; each is looked for with all escapes
};

}  // namespace headwater::extract
