# A room: one static library, and one test program whose cases ctest lists one by one.
#   SOURCES files of the library        TESTS files of the test program
#   USES    rooms and public libraries  LIBS  libraries only the .cc files see
#   TEST_USES what only the tests link
function(headwater_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;TESTS;USES;LIBS;TEST_USES" ${ARGN})
  string(REPLACE "/" "_" target ${name})
  add_library(headwater_${target} STATIC ${ROOM_SOURCES})
  add_library(headwater::${target} ALIAS headwater_${target})
  target_include_directories(headwater_${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(headwater_${target} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_LIBS} headwater_warnings)
  if(ROOM_TESTS AND HEADWATER_TESTS)
    add_executable(headwater_${target}_test ${ROOM_TESTS})
    target_link_libraries(headwater_${target}_test
      PRIVATE headwater::${target} ${ROOM_TEST_USES} headwater_warnings GTest::gmock GTest::gtest_main)
    gtest_discover_tests(headwater_${target}_test TEST_PREFIX ${name}/ NO_PRETTY_VALUES
      DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
