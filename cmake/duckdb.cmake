# DuckDB comes from two npm packages pinned in npm/package-lock.json: the shared library from one, the C
# header from the other. Nothing links against it: lake/ opens it with dlopen when it is first needed.
set(HEADWATER_DUCKDB_LIBRARY
  ${PROJECT_SOURCE_DIR}/npm/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so
  CACHE FILEPATH "DuckDB's shared library")
set(HEADWATER_DUCKDB_INCLUDE ${PROJECT_SOURCE_DIR}/npm/node_modules/duckdb/src/duckdb/src/include
  CACHE PATH "Folder of duckdb.h")
if(NOT EXISTS ${HEADWATER_DUCKDB_LIBRARY} OR NOT EXISTS ${HEADWATER_DUCKDB_INCLUDE}/duckdb.h)
  message(FATAL_ERROR "DuckDB is not installed. Run `make build`, or: scripts/setup")
endif()

# Beside the binary, where it looks first. A link where the file system allows it, else a copy.
if(NOT EXISTS ${PROJECT_BINARY_DIR}/libduckdb.so)
  file(CREATE_LINK ${HEADWATER_DUCKDB_LIBRARY} ${PROJECT_BINARY_DIR}/libduckdb.so COPY_ON_ERROR)
endif()

add_library(headwater_duckdb_header INTERFACE)
target_include_directories(headwater_duckdb_header SYSTEM INTERFACE ${HEADWATER_DUCKDB_INCLUDE})
target_link_libraries(headwater_duckdb_header INTERFACE ${CMAKE_DL_LIBS})
