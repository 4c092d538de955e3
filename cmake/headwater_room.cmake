# A room: one static library, and one test program whose cases ctest lists one by one.
#   SOURCES files of the library        TESTS files of the test program
#   USES    rooms and public libraries  LIBS  libraries only the .cc files see
#   TEST_USES what only the tests link
#   HOT     sources that every record goes through: release builds optimise them further
#   TOGETHER how many sources a release build compiles as one, in a room whose headers take most of the time
function(headwater_room name)
  cmake_parse_arguments(ROOM "" "TOGETHER" "SOURCES;TESTS;USES;LIBS;TEST_USES;HOT" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  # x86-64-v2 (2009) counts bits in one instruction; the baseline calls a function.
  set(hot_options "$<$<CONFIG:Release>:-O3>")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND hot_options "$<$<CONFIG:Release>:-march=x86-64-v2>")
  endif()
  if(NOT CMAKE_UNITY_BUILD)  # A file with options of its own joins no group.
    set_source_files_properties(${ROOM_HOT} PROPERTIES COMPILE_OPTIONS "${hot_options}")
  endif()
  add_library(headwater_${target} STATIC ${ROOM_SOURCES})
  add_library(headwater::${target} ALIAS headwater_${target})
  target_include_directories(headwater_${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(headwater_${target} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_LIBS} headwater_warnings)
  if(ROOM_TOGETHER AND CMAKE_BUILD_TYPE STREQUAL Release)
    set_target_properties(headwater_${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${ROOM_TOGETHER})
  endif()
  if(ROOM_TESTS AND HEADWATER_TESTS)
    add_executable(headwater_${target}_test ${ROOM_TESTS})
    target_link_libraries(headwater_${target}_test
      PRIVATE headwater::${target} ${ROOM_TEST_USES} headwater_warnings GTest::gmock GTest::gtest_main)
    gtest_discover_tests(headwater_${target}_test TEST_PREFIX ${name}/ NO_PRETTY_VALUES
      DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
