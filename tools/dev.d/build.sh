# shellcheck shell=bash
# ./dev build, run and clean.

presets=(dev asan tsan clang release static fuzz)

require_preset() {
  local preset
  for preset in "${presets[@]}"; do
    [ "$preset" = "$1" ] && return
  done
  die "there is no preset '$1'; there are: ${presets[*]}"
}

# configure <preset>: quiet unless it fails.
configure() {
  local log="build/$1/configure.log"
  mkdir -p "build/$1"
  cmake --preset "$1" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    complain "configuring '$1' failed"
    return 1
  }
}

# build <preset> [target…]: returns 1 if it fails.
build() {
  local preset=$1
  shift
  configure "$preset" || return 1
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  cmake --build --preset "$preset" "${targets[@]}" </dev/null || {
    complain "building '$preset' failed"
    return 1
  }
}

command_build() {
  local preset=${1:-dev}
  [ $# -le 1 ] || die "'build' takes one preset; see ./dev help"
  require_preset "$preset"
  ensure_setup
  build "$preset"
}

# The demo is told where the programs are, and gets the arguments as they are.
command_run() {
  ensure_setup
  build dev programs || exit 1
  export WIXTOKEND_PROGRAMS_DIR="$PWD/build/dev/bin"
  exec tools/demo "$@"
}

command_clean() {
  no_arguments clean "$@"
  rm -rf build
}
