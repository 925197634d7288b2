# How everything of ours is compiled and linked. The interface target `wixtokend::flags` carries it;
# wixtokend_library, wixtokend_program and wixtokend_tests (targets.cmake) link it. What goes to
# users as a library (src/client) links only `wixtokend::warnings`, and uses no Asio: our settings
# of it would not be theirs.
#
# Options, set by the presets:
#   WIXTOKEND_SANITIZE   a list for -fsanitize: "address,undefined" or "thread"; empty: none
#   WIXTOKEND_FUZZ       ON: build the fuzz targets with libFuzzer (clang), and no unit tests
#   WIXTOKEND_HARDENING  ON: the compiler's and linker's hardening, for what is shipped
#   WIXTOKEND_STATIC     ON: programs that need no file beside themselves (static-pie)
#   WIXTOKEND_WERROR     ON (default): warnings are errors
set(WIXTOKEND_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize")
option(WIXTOKEND_FUZZ "Build fuzz targets with libFuzzer" OFF)
option(WIXTOKEND_HARDENING "Harden what is built" OFF)
option(WIXTOKEND_STATIC "Link everything statically" OFF)
option(WIXTOKEND_WERROR "Treat warnings as errors" ON)

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# CMake's own Release and RelWithDebInfo define NDEBUG; our assertions stay on in what we ship.
# `-g1` keeps file and line in backtraces at a third of the cost of `-g`.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")

# Speed-ups, where the machine has them.
find_program(WIXTOKEND_CCACHE ccache)
if(WIXTOKEND_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${WIXTOKEND_CCACHE}")
endif()
find_program(WIXTOKEND_LLD ld.lld)

add_library(wixtokend_warnings INTERFACE)
add_library(wixtokend::warnings ALIAS wixtokend_warnings)
add_library(wixtokend_flags INTERFACE)
add_library(wixtokend::flags ALIAS wixtokend_flags)
target_link_libraries(wixtokend_flags INTERFACE wixtokend_warnings)

target_compile_features(wixtokend_warnings INTERFACE cxx_std_20)
set(CMAKE_CXX_EXTENSIONS OFF)

target_compile_options(wixtokend_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wextra-semi
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op>
  # False for coroutine frames when optimised: only one side of Asio's new and delete is inlined.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
  $<$<BOOL:${WIXTOKEND_WERROR}>:-Werror>)

target_compile_definitions(wixtokend_warnings INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_definitions(wixtokend_flags INTERFACE
  # Every file that includes Asio or Beast must see the same; the bodies are compiled in src/boost.
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)

if(WIXTOKEND_LLD)
  target_link_options(wixtokend_warnings INTERFACE -fuse-ld=lld)
endif()

if(WIXTOKEND_SANITIZE)
  target_compile_options(wixtokend_warnings INTERFACE
    -fsanitize=${WIXTOKEND_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # False positives of g++ 12 in sanitized standard headers.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # Asio's fences are unknown to g++'s thread sanitizer; its locks beside them are not.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>
    # clang 14 cannot emit a coroutine under it.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(wixtokend_warnings INTERFACE -fsanitize=${WIXTOKEND_SANITIZE})
endif()

if(WIXTOKEND_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "WIXTOKEND_FUZZ needs clang: libFuzzer comes with it")
  endif()
  target_compile_options(wixtokend_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(WIXTOKEND_HARDENING)
  # What is shipped does not tell where it was built (assertions and debug information name
  # sources), and is the same wherever that was. A relative name is what ccache may make of an
  # absolute one.
  file(RELATIVE_PATH to_source "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")
  target_compile_options(wixtokend_warnings INTERFACE
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=" "-ffile-prefix-map=${to_source}="
    -fstack-protector-strong $<$<NOT:$<BOOL:$<TARGET_PROPERTY:POSITION_INDEPENDENT_CODE>>>:-fPIE>
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>)
  target_compile_definitions(wixtokend_warnings INTERFACE _FORTIFY_SOURCE=3)
  target_link_options(wixtokend_warnings INTERFACE
    $<$<NOT:$<BOOL:${WIXTOKEND_STATIC}>>:-pie> -Wl,-z,relro,-z,now)
endif()

if(WIXTOKEND_STATIC)
  # What is not reachable goes.
  target_compile_options(wixtokend_warnings INTERFACE -ffunction-sections -fdata-sections)
  # Relocations in their short form: 650 KB less.
  if(WIXTOKEND_LLD)
    set(short_relocations -Wl,--pack-dyn-relocs=relr)
  else()
    set(short_relocations -Wl,-z,pack-relative-relocs)
  endif()
  target_link_options(wixtokend_warnings INTERFACE
    -static-pie -Wl,--gc-sections ${short_relocations})
endif()
