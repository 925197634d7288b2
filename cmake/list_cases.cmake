# Run with `cmake -P` after a test executable was linked: asks it for its cases and writes the file
# with which ctest learns them. A ctest test is one doctest case, named "<suite>: <case>", so that
# `ctest -R core.engine` finds a suite.
#
# It takes the place of doctest_discover_tests, which leaves the suite out of the name and of the
# filter, and turns a name with a semicolon into tests that match no case, and so always pass.
#
# Arguments: EXECUTABLE, OUTPUT, TIMEOUT (seconds, 0: the preset's), LABELS, SERIAL (ON or OFF).
cmake_minimum_required(VERSION 3.25)

execute_process(
  COMMAND "${EXECUTABLE}" --list-test-cases --reporters=xml
  OUTPUT_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${EXECUTABLE} cannot list its test cases (${status}):\n${listing}")
endif()

# CMake's lists split at semicolons, except in brackets: other characters stand in for these.
string(ASCII 29 opening)
string(ASCII 30 closing)
string(ASCII 31 semicolon)
string(REPLACE "[" "${opening}" listing "${listing}")
string(REPLACE "]" "${closing}" listing "${listing}")
string(REPLACE ";" "${semicolon}" listing "${listing}")
string(REGEX MATCHALL "<TestCase [^\n]*" cases "${listing}")

function(decode text variable)
  string(REPLACE "&lt${semicolon}" "<" text "${text}")
  string(REPLACE "&gt${semicolon}" ">" text "${text}")
  string(REPLACE "&quot${semicolon}" "\"" text "${text}")
  string(REPLACE "&amp${semicolon}" "&" text "${text}")
  string(REPLACE "${opening}" "[" text "${text}")
  string(REPLACE "${closing}" "]" text "${text}")
  string(REPLACE "${semicolon}" ";" text "${text}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

# doctest's filters are lists with commas.
function(escape text variable)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "," "\\," text "${text}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(script "")
set(seen "")
foreach(case IN LISTS cases)
  if(NOT case MATCHES "name=\"([^\"]*)\" testsuite=\"([^\"]+)\"")
    message(FATAL_ERROR "a test case outside of a TEST_SUITE: ${case}")
  endif()
  set(raw "${CMAKE_MATCH_2}: ${CMAKE_MATCH_1}")
  decode("${CMAKE_MATCH_1}" name)
  decode("${CMAKE_MATCH_2}" suite)
  if(raw IN_LIST seen)
    message(FATAL_ERROR "two test cases of one name: ${suite}: ${name}")
  endif()
  list(APPEND seen "${raw}")
  escape("${name}" name_filter)
  escape("${suite}" suite_filter)
  string(APPEND script
    "add_test([==[${suite}: ${name}]==] [==[${EXECUTABLE}]==]"
    " [==[--test-suite=${suite_filter}]==] [==[--test-case=${name_filter}]==])\n"
    "set_tests_properties([==[${suite}: ${name}]==] PROPERTIES"
    # A run that matched no case must not pass.
    " FAIL_REGULAR_EXPRESSION [==[test cases: +0 \\|]==]"
    " LABELS [==[${LABELS}]==] RUN_SERIAL ${SERIAL}")
  if(TIMEOUT GREATER 0)
    string(APPEND script " TIMEOUT ${TIMEOUT}")
  endif()
  string(APPEND script ")\n")
endforeach()
if(script STREQUAL "")
  message(FATAL_ERROR "${EXECUTABLE} has no test case")
endif()
file(WRITE "${OUTPUT}" "${script}")
