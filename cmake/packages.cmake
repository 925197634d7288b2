# What we use of Debian 12. `./dev setup` installs it (the list is in tools/dev.d/setup.sh).
#
# Debian has no static archive of spdlog, fmt and toml++: in a static build their headers hold all.
# WIXTOKEND_SPDLOG and WIXTOKEND_TOMLPLUSPLUS are what src/CMakeLists.txt links of them.
if(WIXTOKEND_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(Boost_USE_STATIC_LIBS ON)
  set(OPENSSL_USE_STATIC_LIBS ON)
endif()

find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL Crypto)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)        # spdlog::spdlog: the compiled library, with Debian's fmt
find_package(tomlplusplus REQUIRED)  # tomlplusplus::tomlplusplus: compiled as well
find_package(CLI11 REQUIRED)         # CLI11::CLI11

if(WIXTOKEND_STATIC)
  add_library(wixtokend_spdlog INTERFACE)
  target_compile_definitions(wixtokend_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(wixtokend_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)
  set(WIXTOKEND_SPDLOG wixtokend_spdlog)
  set(WIXTOKEND_TOMLPLUSPLUS "")
else()
  set(WIXTOKEND_SPDLOG spdlog::spdlog)
  set(WIXTOKEND_TOMLPLUSPLUS tomlplusplus::tomlplusplus)
endif()
