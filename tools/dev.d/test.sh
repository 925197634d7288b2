# shellcheck shell=bash
# ./dev test and check. The last line is always `N passed, N failed`, with `, N skipped` if any was.

passed=0
failed=0
skipped=0

# count_results <junit file>: adds ctest's own report to the sums. Whatever did not run to a good
# end (failed, crashed, timed out, skipped, not built) has failed.
count_results() {
  local all good
  all=$(grep -c '<testcase ' "$1" || true)
  good=$(grep -c '<testcase .* status="run"' "$1" || true)
  passed=$((passed + good))
  failed=$((failed + all - good))
}

# search_for_secrets <preset>: nothing that the tests have printed may hold an app's secret or a
# token. (What the programs print is searched by the tests that start them.)
search_for_secrets() {
  local log="build/$1/Testing/Temporary/LastTest.log" found
  local tokens='OauthNG\.JWS\.[A-Za-z0-9_-]{16}|OAUTH2\.(eyJ|fake|secret)[A-Za-z0-9_-]{8}'
  local secrets='fake-(app-)?secret|secret-of-the-(emulator|other-app|same-app)|PRIVATE KEY'
  found=$(grep -anEm 5 "$tokens|$secrets" "$log" 2>/dev/null) || return 0
  complain "the tests print what must be secret; $log:" "$found"
  failed=$((failed + 1))
}

# test_preset <preset> <ctest arguments…>
test_preset() {
  local preset=$1 report status=0 failed_before=$failed
  shift
  report="$PWD/build/$preset/junit.xml"
  local targets=()
  [ "$preset" = fuzz ] && targets=(fuzz_targets)  # it has no other tests
  say "test: preset $preset"
  if ! build "$preset" "${targets[@]}"; then
    failed=$((failed + 1))
    return
  fi
  rm -f "$report"
  ctest --preset "$preset" --parallel "$(jobs_max)" --no-tests=ignore --output-junit "$report" \
    "$@" </dev/null | grep -vE --line-buffered '^ +Start +[0-9]+: ' || status=${PIPESTATUS[0]}
  [ -e "$report" ] && count_results "$report"
  search_for_secrets "$preset"
  if [ "$status" -ne 0 ] && [ "$failed" -eq "$failed_before" ]; then
    complain "ctest failed with status $status"
    failed=$((failed + 1))
  fi
}

# The suites that are scripts, for what takes a whole system: tests/<name>/run, which prints a line
# for each check (tests/support/checks.sh).
script_suites() {
  local script
  for script in tests/*/run; do
    [ -x "$script" ] && basename "$(dirname "$script")"
  done
}

# test_script <name>: runs that suite. Skipping is for what the kernel here refuses; CI does not
# take it unless tests/allowed_skips names the check.
test_script() {
  local name=$1 output status=0 line good bad
  say "test: $name"
  if [ -x "tests/$name/prepare" ] && ! "tests/$name/prepare" </dev/null; then
    failed=$((failed + 1))
    return
  fi
  output=$(mktemp)
  "tests/$name/run" </dev/null 2>&1 | tee "$output" || status=${PIPESTATUS[0]}
  good=$(grep -c '^ok - ' "$output" || true)
  bad=$(grep -c '^not ok - ' "$output" || true)
  passed=$((passed + good))
  failed=$((failed + bad))
  while IFS= read -r line; do
    skipped=$((skipped + 1))
    line="$name: ${line#skip - }"
    [ -n "${WIXTOKEND_CI-}" ] || continue
    grep -v '^#' tests/allowed_skips | grep -qxF "${line%% # *}" && continue
    complain "this must not be skipped here: $line"
    failed=$((failed + 1))
  done < <(grep '^skip - ' "$output" || true)
  # A script that breaks off has failed, whatever it had said before.
  if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || ! grep -q '^done$' "$output"; }; then
    complain "tests/$name/run ended early, with status $status"
    failed=$((failed + 1))
  fi
  rm -f "$output"
}

# shellcheck disable=SC2120  # ./dev gives the arguments
command_test() {
  local chosen=() filter=() preset suites=() suite
  while [ $# -gt 0 ]; do
    case "$1" in
      --preset)
        [ $# -ge 2 ] || die "--preset needs a name"
        require_preset "$2"
        [ "$2" != static ] || die "'static' has no tests of its own; see ./dev test pod"
        chosen+=("$2")
        shift
        ;;
      --kills | --seed)
        if ! [ "${2-}" -gt 0 ] 2>/dev/null; then die "$1 needs a number"; fi
        [ "$1" = --kills ] && export WIXTOKEND_KILLS=$2 && chosen=(dev)
        [ "$1" = --seed ] && export WIXTOKEND_SEED=$2
        shift
        ;;
      -*) die "'test' does not know $1; see ./dev help" ;;
      *)
        [ ${#filter[@]} -eq 0 ] || die "'test' takes one regex; see ./dev help"
        filter=(-R "$1")
        [ "$1" = crash ] && filter=(-R '^integration\.crash:')
        ;;
    esac
    shift
  done

  mapfile -t suites < <(script_suites)
  if (ensure_setup); then
    ensure_node_packages || complain "going on: the tests with JavaScript clients will fail"
    if [[ " ${suites[*]} " == *" ${filter[1]-none} "* ]]; then
      test_script "${filter[1]}"
    elif [ ${#chosen[@]} -gt 0 ]; then
      for preset in "${chosen[@]}"; do test_preset "$preset" "${filter[@]}"; done
    else
      test_preset dev "${filter[@]}"
      test_preset asan -LE integration "${filter[@]}"
      # A regex is for a quick look, unless it is for these.
      [[ ${filter[1]-fuzz} != *fuzz* ]] || test_preset fuzz "${filter[@]}"
      if [ ${#filter[@]} -eq 0 ]; then
        for suite in "${suites[@]}"; do test_script "$suite"; done
      fi
    fi
  else
    failed=1
  fi
  if [ $((passed + failed)) -eq 0 ]; then
    complain "no test ran"
    failed=1
  fi
  if [ "$skipped" -eq 0 ]; then
    echo "$passed passed, $failed failed"
  else
    echo "$passed passed, $failed failed, $skipped skipped"
  fi
  [ "$failed" -eq 0 ]
}

command_check() {
  no_arguments check "$@"
  command_lint
  # shellcheck disable=SC2119
  command_test
}
