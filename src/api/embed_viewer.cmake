# Writes the files of the description's page into one source file: OUTPUT. OWN is the folder of ours, PACKAGE the one of
# npm's swagger-ui-dist; what is large there is compressed once, here, instead of for every browser.
set(entries "")

# Every byte is written as \xNN: nothing that follows can lengthen an escape.
function(append_file folder name type)
  set(file ${folder}/${name})
  set(encoding "")
  if("${ARGN}" STREQUAL "gzip")
    set(encoding gzip)
    set(file ${OUTPUT}.gz)
    execute_process(COMMAND gzip -9nc ${folder}/${name} OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
  endif()
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" text "${hex}")
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 etag)
  set(entries "${entries}    {\"${name}\", \"${type}\", \"${encoding}\", {\"${text}\", ${size}}, \"\\\"${etag}\\\"\"},\n"
      PARENT_SCOPE)
endfunction()

append_file(${OWN} index.html "text/html; charset=utf-8")
append_file(${OWN} start.js "text/javascript; charset=utf-8")
append_file(${PACKAGE} swagger-ui-bundle.js "text/javascript; charset=utf-8" gzip)
append_file(${PACKAGE} swagger-ui.css "text/css; charset=utf-8" gzip)
append_file(${PACKAGE} favicon-32x32.png image/png)
# What the licences of the package and of its parts want to travel along.
append_file(${PACKAGE} swagger-ui-bundle.js.LICENSE.txt "text/plain; charset=utf-8")
append_file(${PACKAGE} LICENSE "text/plain; charset=utf-8")
append_file(${PACKAGE} NOTICE "text/plain; charset=utf-8")

file(REMOVE ${OUTPUT}.gz)
file(WRITE ${OUTPUT} "#include \"api/internal/viewer_files.h\"

namespace headwater::api {
namespace {

constexpr EmbeddedFile kFiles[] = {
${entries}};

}  // namespace

std::span<const EmbeddedFile> viewer_files() { return kFiles; }

}  // namespace headwater::api
")
