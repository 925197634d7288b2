# shellcheck shell=bash
# ./dev fuzz: one fuzz target for as long as it is told. What it learns (inputs that reach new code)
# stays in build/fuzz/corpus, and what it finds in build/fuzz/found, until ./dev clean.

fuzz_targets() {
  sed -nE 's/^ *wixtokend_fuzz\(([a-z_]+).*/\1/p' tests/CMakeLists.txt | LC_ALL=C sort
}

# Prints the first comment of a target's source as one line.
fuzz_subject() {
  sed -nE '/^\/\//!q; s/^\/\/ ?//p' "tests/fuzz/$1_fuzz.cpp" | tr '\n' ' ' | sed 's/[.:;].*//'
}

list_fuzz_targets() {
  local target
  echo "usage: ./dev fuzz TARGET [--for 10m]"
  echo
  for target in $(fuzz_targets); do
    printf '  %-14s %s\n' "$target" "$(fuzz_subject "$target")"
  done
}

# Prints a length of time ("90s", "10m", "2h") in seconds.
seconds_of() {
  local number=${1%[smh]}
  [[ $1 =~ ^[1-9][0-9]{0,5}[smh]$ ]] || return 1
  case "$1" in
    *s) echo "$number" ;;
    *m) echo $((number * 60)) ;;
    *h) echo $((number * 3600)) ;;
  esac
}

# run_fuzz_target <target> <seconds>: returns 1 if it found anything.
run_fuzz_target() {
  local target=$1 seconds=$2 status=0
  local corpus="build/fuzz/corpus/$target" found="build/fuzz/found/$target" log before after
  log="build/fuzz/found/$target.log"
  mkdir -p "$corpus" "$found"
  before=$(find "$found" -type f | LC_ALL=C sort)
  say "fuzz: $target for $seconds s (build/fuzz/corpus keeps what it learns; log: $log)"
  "build/fuzz/tests/fuzz_$target" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$found/" "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1 </dev/null ||
    status=$?
  sed -nE 's/^stat::number_of_executed_units: +/dev: executions: /p' "$log"
  [ $status -eq 0 ] && { say "fuzz: $target found nothing" && return; }

  after=$(find "$found" -type f | LC_ALL=C sort)
  grep -aE 'does not hold|ERROR: |SUMMARY: |runtime error' "$log" >&2 || tail -n 20 "$log" >&2
  complain "fuzz: $target failed with status $status; the input that did it, and how to replay it:"
  comm -13 <(echo "$before") <(echo "$after") | while IFS= read -r input; do
    complain "  build/fuzz/tests/fuzz_$target $input"
  done
  complain "once it is mended, keep it: cp the input to tests/fuzz/corpus/$target/NAME_OF_THE_CASE"
  return 1
}

command_fuzz() {
  local target="" seconds=600
  while [ $# -gt 0 ]; do
    case "$1" in
      --for)
        seconds=$(seconds_of "${2-}") || die "--for needs a time such as 90s, 10m or 2h"
        shift
        ;;
      -h | --help) list_fuzz_targets && return ;;
      -*) die "'fuzz' does not know $1; see ./dev help" ;;
      *)
        [ -z "$target" ] || die "'fuzz' takes one target; see ./dev help"
        target=$1
        ;;
    esac
    shift
  done
  [ -n "$target" ] || { list_fuzz_targets && return; }
  fuzz_targets | grep -qxF "$target" || { list_fuzz_targets >&2 && die "no target '$target'"; }
  ensure_setup
  build fuzz "fuzz_$target" || exit 1
  run_fuzz_target "$target" "$seconds"
}
