# The functions that declare our targets. One line per folder; the link lines are the dependency
# diagram of docs/ARCHITECTURE.md and point one way only.

# wixtokend_library(name SOURCES… USES…): the static library wixtokend::name of one folder.
# Headers are included from the root `src`: #include "base/error.hpp".
function(wixtokend_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wixtokend_library(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  add_library(wixtokend_${name} STATIC ${arg_SOURCES})
  add_library(wixtokend::${name} ALIAS wixtokend_${name})
  target_include_directories(wixtokend_${name} PUBLIC
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
  target_link_libraries(wixtokend_${name} PUBLIC ${arg_USES} PRIVATE wixtokend::flags)
endfunction()

# All executables: `cmake --build --preset dev --target programs`.
add_custom_target(programs)

# wixtokend_program(name SOURCES… USES…): the executable `name`, in the build folder's `bin`.
function(wixtokend_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wixtokend_program(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${arg_USES} wixtokend::flags)
  add_dependencies(programs ${name})
endfunction()
