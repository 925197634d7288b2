# shellcheck shell=bash
# For the suites that are scripts (tests/<suite>/run): a line for each check, which ./dev test
# counts.
#
#   ok - what was checked
#   not ok - what was checked       and below it, indented, what was seen
#   skip - what was not # why       only where the kernel refuses what it needs
#
# The script goes on after a check that fails, and says `done` at its end: one that breaks off has
# failed. Its tests/<suite>/prepare makes what it needs (installs, builds); it may take long and
# print freely.

checks_failed=0

pass() { echo "ok - $1"; }

# fail <check> [what was seen]
fail() {
  checks_failed=$((checks_failed + 1))
  echo "not ok - $1"
  [ $# -lt 2 ] || tail -n 40 <<<"$2" | while IFS= read -r line; do echo "    $line"; done
}

# check <check> <command…>: passes if the command succeeds; shows what it printed if it does not.
check() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then pass "$what"; else fail "$what" "$* gave: $output"; fi
}

# equal <check> <wanted> <seen>
equal() {
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "wanted: $2"$'\n'"seen:   $3"; fi
}

# contains <check> <part> <text>
contains() {
  if [[ $3 == *"$2"* ]]; then pass "$1"; else fail "$1" "wanted in it: $2"$'\n'"seen: $3"; fi
}

# skip <check> <why>
skip() { echo "skip - $1 # $2"; }

# within <seconds> <command…>: tries until the command succeeds; fails when the time is over.
within() {
  local limit=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || return 1
    sleep 0.05
  done
}

# To be called last.
finish() {
  echo "done"
  exit $((checks_failed > 0))
}
