# shellcheck shell=bash
# ./dev bench: the benchmarks, always of the release build.

command_bench() {
  ensure_setup
  [ -x bench/run ] || die "there are no benchmarks: bench/run is missing"
  build release || exit 1
  ensure_node_packages || exit 1
  export WIXTOKEND_PROGRAMS_DIR="$PWD/build/release/bin"
  exec bench/run "$@"
}
