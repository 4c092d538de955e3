#include "cli/secret_file.h"

#include <iostream>
#include <iterator>

#include "base/file.h"

namespace headwater::cli {

Result<Secret> read_secret(const std::string& file) {
  constexpr std::uint64_t kSecretBytesMax = 64U << 10;
  std::string text;
  if (file == "-")
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  else
    text = TRY(read_file(file, kSecretBytesMax));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty())
    return Error{ErrorKind::invalid_argument,
                 (file == "-" ? "Standard input" : file) + " holds no secret: it is empty."};
  return Secret(std::move(text));
}

}  // namespace headwater::cli
