// The loop that Headwater is measured against: libcurl on one kept-alive connection, simdjson On-Demand over
// each page, every element of the configured array written as one NDJSON line {"item":...}. No retries, no
// checks, no checkpoint.
//   reference_loop URL LIMIT OUTPUT [sync]
#include <curl/curl.h>
#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

size_t collect(char* bytes, size_t size, size_t count, void* page) {
  static_cast<std::string*>(page)->append(bytes, size * count);
  return size * count;
}

void write_all(int fd, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (put <= 0) std::exit(1);
    done += static_cast<std::size_t>(put);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: reference_loop URL LIMIT OUTPUT [sync]\n"), 2;
  const std::string base = argv[1];
  const std::size_t limit = std::strtoul(argv[2], nullptr, 10);
  const int out = ::open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  simdjson::ondemand::parser parser;
  std::string page, lines;
  std::size_t records = 0;
  for (std::size_t offset = 0;; offset += limit) {
    page.clear();
    const std::string url = base + "?limit=" + std::to_string(limit) + "&offset=" + std::to_string(offset);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
    if (curl_easy_perform(curl) != CURLE_OK) return 1;
    page.reserve(page.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document;
    if (parser.iterate(page.data(), page.size(), page.capacity()).get(document) != simdjson::SUCCESS)
      return 1;
    lines.clear();
    std::size_t here = 0;
    for (auto element : document["items"]) {
      simdjson::ondemand::object object;
      if (element.get_object().get(object) != simdjson::SUCCESS) return 1;
      const std::string_view raw = object.raw_json();
      lines.append("{\"item\":").append(raw).append("}\n");
      ++here;
    }
    if (here == 0) break;
    write_all(out, lines);
    records += here;
    if (here < limit) break;
  }
  if (argc > 4 && ::fdatasync(out) != 0) return 1;
  std::fprintf(stderr, "%zu records\n", records);
  return 0;
}
