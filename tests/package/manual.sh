# shellcheck shell=bash
# shellcheck disable=SC2154  # root and here are set by tests/package/run
# The manual pages of the packages: well-formed, and complete. $root is where the packages lie
# unpacked.

# rendered <page>: as people see it, without breaks in lines.
rendered() { man --nh --nj -l "$root/usr/share/man/man${1##*.}/$1.gz"; }

# commands_of <program>: its commands, if it has some.
commands_of() { "$root/usr/bin/$1" --help | sed -nE '/ommands:$/,/^$/s/^  ([a-z-]+) .*/\1/p'; }

# options_of <program> [command]: a line each, "-c" and "--config".
options_of() {
  "$root/usr/bin/$1" "${@:2}" --help | sed -nE 's/^ +(-.*)/\1/p' |
    grep -oE '^(-[a-zA-Z]\b,?)?(--[a-z-]+)?' | tr , '\n' | grep . | sort -u
}

# without_each <text> <words…>: prints the words that are not in the text.
without_each() {
  local text=$1 word
  shift
  for word in "$@"; do
    grep -qF -e "$word" <<<"$text" || echo "$word"
  done
}

check_pages() {
  local page warnings
  for page in "$root"/usr/share/man/man*/*; do
    warnings=$(man --warnings -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
    equal "manual: ${page##*/} is well-formed" "" "$warnings"
  done
  for page in wixtokend.1 wixtokend.toml.5 wixtokend-api.7 wix-oauth-emulator.1; do
    check "manual: there is $page" test -s "$root/usr/share/man/man${page##*.}/$page.gz"
  done
}

# Each option of each program with a manual page stands in it.
check_options() {
  local program command words
  for program in "$root"/usr/bin/*; do
    program=${program##*/}
    mapfile -t words < <(
      options_of "$program"
      for command in $(commands_of "$program"); do
        echo "$command"
        options_of "$program" "$command"
      done
    )
    contains "manual: $program has options" --help "${words[*]}"
    equal "manual: $program(1) has every command and option" "" \
      "$(without_each "$(rendered "$program.1")" "${words[@]}")"
  done
}

# The keys of config/wixtokend.toml, which a unit test holds against the program's own.
check_keys() {
  local declared described
  declared=$(awk '/^#?\[/ { gsub(/[#\[\]]/, ""); table = $0 }
    /^#?[a-z_]+ = / { sub(/^#/, ""); print table "." $1 }' config/wixtokend.toml)
  described=$(rendered wixtokend.toml.5 | awk '
    /^[A-Z]/ { inside = /^KEYS/ }
    inside && /^   [A-Z].*: \[/ { table = $0; sub(/^[^[]*\[+/, "", table); sub(/\]+$/, "", table) }
    inside && /^       [a-z_]+ = / { print table "." $1 }')
  contains "manual: keys are found" app.app_id "$declared"
  equal "manual: wixtokend.toml(5) has every key of every table, in their order" \
    "$declared" "$described"
}

# The paths and error codes of docs/openapi.yaml, which a unit test holds against the program's.
check_calls() {
  local text paths codes
  text=$(rendered wixtokend-api.7)
  mapfile -t paths < <(sed -nE 's/^  (\/[^:]+):$/\1/p' docs/openapi.yaml | grep -v '^/v1/apps/')
  mapfile -t codes < <(sed -n '/^    ErrorCode:/,/^    Error:/s/^ *- //p' docs/openapi.yaml)
  contains "manual: calls are found" "/v1/status" "${paths[*]}"
  equal "manual: wixtokend-api(7) has every call" "" "$(without_each "$text" "${paths[@]}")"
  contains "manual: error codes are found" access_denied "${codes[*]}"
  equal "manual: wixtokend-api(7) has every error code" "" "$(without_each "$text" "${codes[@]}")"
}

check_manual() {
  local LC_ALL=C.UTF-8 MANWIDTH=1000 MANPAGER=cat
  export LC_ALL MANWIDTH MANPAGER
  check_pages
  check_options
  check_keys
  check_calls
}
