# shellcheck shell=bash
# ./dev sim: the simulator, always of the release build. With --mutation it is the program with the
# deliberate mistakes that runs.

command_sim() {
  ensure_setup
  local program=wixtokend_sim argument
  for argument in "$@"; do
    case "$argument" in
      --mutation | --mutation=* | --list-mutations) program=sim_mutants ;;
    esac
  done
  build release "$program" || exit 1
  exec "build/release/bin/$program" "$@"
}
