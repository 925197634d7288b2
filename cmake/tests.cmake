# The functions that declare tests. Headers of tests/support are included as "support/…".
find_package(doctest REQUIRED)

add_library(wixtokend_doctest_main STATIC support/doctest_main.cpp)
add_library(wixtokend::doctest_main ALIAS wixtokend_doctest_main)
target_link_libraries(wixtokend_doctest_main PUBLIC doctest::doctest PRIVATE wixtokend::flags)

# wixtokend_tests(folder SOURCES… USES… [PROGRAMS…] [LABELS…] [TIMEOUT s] [SERIAL])
#
# The executable `<folder>_tests`; each case in it becomes a ctest test (cmake/list_cases.cmake).
#   PROGRAMS  executables of ours that the tests start; built first, found in WIXTOKEND_PROGRAMS_DIR
#   LABELS    for `ctest -L`; the sanitizer run of `./dev test` leaves out `integration`
#   TIMEOUT   seconds per case; without it the preset's 60 s
#   SERIAL    no other test runs beside one of these
function(wixtokend_tests folder)
  if(WIXTOKEND_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "SOURCES;USES;PROGRAMS;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wixtokend_tests(${folder}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 0)
  endif()
  if(NOT arg_SERIAL)
    set(arg_SERIAL OFF)
  endif()

  set(target ${folder}_tests)
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    WIXTOKEND_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    WIXTOKEND_PROGRAMS_DIR="${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(${target} PRIVATE
    ${arg_USES} wixtokend::doctest_main wixtokend::flags)
  if(arg_PROGRAMS)
    add_dependencies(${target} ${arg_PROGRAMS})
  endif()

  set(cases "${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake")
  set(lister "${PROJECT_SOURCE_DIR}/cmake/list_cases.cmake")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${lister}")
  add_custom_command(TARGET ${target} POST_BUILD
    BYPRODUCTS "${cases}"
    COMMAND "${CMAKE_COMMAND}" -D "EXECUTABLE=$<TARGET_FILE:${target}>" -D "OUTPUT=${cases}"
            -D "TIMEOUT=${arg_TIMEOUT}" -D "LABELS=${arg_LABELS}" -D "SERIAL=${arg_SERIAL}"
            -P "${lister}"
    VERBATIM)
  set(include_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  file(WRITE "${include_file}"
    "if(EXISTS [==[${cases}]==])\n  include([==[${cases}]==])\n"
    "else()\n  add_test([==[${folder}: not built]==] [==[${target}_not_built]==])\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")
endfunction()

# All fuzz targets: `cmake --build --preset fuzz --target fuzz_targets`.
add_custom_target(fuzz_targets)

# wixtokend_fuzz(name SOURCES… USES…): the fuzz target `fuzz_<name>`, whose sources define
# LLVMFuzzerTestOneInput. Its seeds are the files of tests/fuzz/corpus/<name>; the test
# "fuzz.<name>" replays them with any compiler. Preset `fuzz` makes it a live fuzzer, and the test
# then goes on from the seeds for a few seconds, the same way each time: no more than that stands
# in memory, so that nothing is carried over. `./dev fuzz <name>` looks further.
function(wixtokend_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wixtokend_fuzz(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  set(target fuzz_${name})
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  add_executable(${target} ${arg_SOURCES})
  add_dependencies(fuzz_targets ${target})
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE ${arg_USES} wixtokend::flags)
  if(NOT WIXTOKEND_FUZZ)
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay.cpp")
    add_test(NAME "fuzz.${name}: replays its seeds" COMMAND ${target} "${corpus}")
    return()
  endif()
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  file(GLOB seeds CONFIGURE_DEPENDS "${corpus}/*")
  if(NOT seeds)
    message(FATAL_ERROR "wixtokend_fuzz(${name}): there are no seeds in ${corpus}")
  endif()
  list(JOIN seeds "," seeds)
  set(seed_list "${CMAKE_CURRENT_BINARY_DIR}/${target}_seeds")
  file(WRITE "${seed_list}" "${seeds}")
  set(found "${PROJECT_BINARY_DIR}/found/${name}")
  file(MAKE_DIRECTORY "${found}")
  add_test(NAME "fuzz.${name}: a few seconds of fuzzing find nothing"
    COMMAND ${target} "-seed_inputs=@${seed_list}" -seed=1 -max_total_time=5 -timeout=10
            -verbosity=0 -print_final_stats=1 "-artifact_prefix=${found}/")
endfunction()
