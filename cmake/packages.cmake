# What we use of Debian 12. `./dev setup` installs it (the list is in tools/dev.d/setup.sh).
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL Crypto)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)        # spdlog::spdlog: the compiled library, with Debian's fmt
find_package(tomlplusplus REQUIRED)  # tomlplusplus::tomlplusplus: compiled as well
find_package(CLI11 REQUIRED)         # CLI11::CLI11
