#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace headwater::cli {

/// How a list goes on behind its first page.
enum class Paging : std::uint8_t {
  whole,   // it does not
  link,    // _links.next.href names the parameter that asks for the next page
  offset,  // start counts resources
  pages,   // start counts pages
};

/// What a list's parameters are called, which differs between the services behind one API.
struct ListForm {
  Paging paging;
  std::string_view orderby;   // empty: it has no order
  std::string_view property;  // empty: it has no filter of that kind
  unsigned page_max;          // what --all asks for at a time
};

struct Column {
  enum class Kind : std::uint8_t { text, time_ms };
  std::string_view title;
  std::string_view path;  // dotted
  Kind kind = Kind::text;
};

/// How a verb works; what it takes from the command line is in `Verb::takes`.
enum class Shape : std::uint8_t {
  list,    // pages of resources
  search,  // the same, asked for with a body
  one,     // one call, its answer printed
  silent,  // one call, nothing printed
  watch,   // a run until its end
  files,   // a batch's data files, printed or downloaded
  meta,    // a batch's diagnostics, printed or downloaded
  upload,  // files into a new batch, to its end
  put,     // files into a batch that was begun
};

enum Takes : unsigned {
  kNothing = 0,
  kId = 1,
  kBody = 2,
  kEtag = 4,       // If-Match: --if-match, or the current one
  kIfMatch = 8,    // If-Match only when --if-match is given
  kDraft = 16,     // --draft
  kValidate = 32,  // --validate
  kWindow = 64,    // --since, --until
  kParams = 128,   // --params: a source's params, sent as sourceParams
  kFiles = 256,    // FILE...
  kSecret = 512,   // --secret-file, --grace
};

struct Verb {
  std::string_view name;
  std::string_view help;
  Shape shape;
  std::string_view method;
  std::string_view path;  // behind the collection's path, or a whole one; {id} stands for the id
  unsigned takes = kNothing;
};

struct Resource {
  std::string_view name;
  std::string_view noun;  // "a flow"
  std::string_view help;
  std::string_view path;
  std::string_view completion_id;  // the member whose value completes an id on a shell's line
  ListForm list;
  std::span<const Column> columns;
  std::span<const Verb> verbs;
};

/// Every resource of a server with every verb of the command line, in the order of --help.
std::span<const Resource> resources();

}  // namespace headwater::cli
