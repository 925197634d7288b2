# shellcheck shell=bash
# ./dev lint and fmt.
#
# clang-tidy costs seconds per file. A file that was found clean is not looked at again until it, a
# header of ours that it includes, or the configuration changes: build/tidy-cache holds one empty
# file per clean state, named by a hash of all that.

lint_tools=(clang-format-14 clang-tidy-14 shellcheck)
tidy_cache=build/tidy-cache

require_lint_tools() {
  local tool
  for tool in "${lint_tools[@]}"; do
    command -v "$tool" >/dev/null || die "$tool is not on the PATH, though its package is installed"
  done
}

lint_format() {
  say "lint: format"
  cpp_sources | xargs -r -d '\n' clang-format-14 --style=file --dry-run -Werror ||
    { complain "the format is off; ./dev fmt mends it" && return 1; }
}

lint_shell() {
  say "lint: shell scripts"
  shell_scripts | xargs -r -d '\n' shellcheck --external-sources
}

# Our own rules. Clean of compiler warnings too: everything is built first.
lint_rules() {
  say "lint: build and our own rules"
  build dev || return 1
  build/dev/tests/tidy_tests --no-intro </dev/null
}

# Prints a line per translation unit: the source, a tab, and the files of ours that it is made of
# (itself and headers), separated by spaces. They are read from ninja's log of the last build.
# src/boost is left out: its files are one include of a library each.
translation_units() {
  ninja -C build/dev -t deps | awk -v root="$PWD/" '
    function flush() { if (source != "") print source "\t" files; source = files = "" }
    /^[^ ]/ { flush(); next }
    { path = $1; sub(/^\.\.\/\.\.\//, root, path) }  # relative, if ccache has a base_dir
    index(path, root) == 1 {
      path = substr(path, length(root) + 1)
      if (path ~ /^build\//) next
      if (source == "") source = path
      files = files " " path
    }
    END { flush() }' |
    awk -F '\t' '$1 ~ /\.cpp$/ && $1 !~ /^src\/boost\// && !seen[$1]++' | LC_ALL=C sort
}

# Keeps the translation units that contain a file that differs from the main branch.
only_changed() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null) ||
    die "--changed needs git, and a branch 'main' or 'origin/main'"
  {
    git diff --name-only "$base"
    git ls-files --others --exclude-standard
    echo
    cat "$1"
  } | awk -F '\t' '
    !listed && $0 == "" { listed = 1; next }
    !listed { changed[$1] = 1; next }
    {
      count = split($2, files, " ")
      for (i = 1; i <= count; i++) if (files[i] in changed) { print; next }
    }'
}

# Adds the hash of its state to each translation unit: "hash<TAB>source".
with_state() {
  local units=$1 settings source files
  settings=$({
    clang-tidy-14 --version
    cat .clang-tidy tests/.clang-tidy cmake/flags.cmake CMakePresets.json
  } | sha256sum)
  while IFS=$'\t' read -r source files; do
    # shellcheck disable=SC2086  # a list of paths without spaces
    printf '%s\t%s\n' "$({ echo "$settings" && sha256sum $files; } | sha256sum | cut -c1-64)" \
      "$source"
  done <"$units"
}

# Run by xargs with "hash<TAB>source".
tidy_one() {
  local state=${1%%$'\t'*} source=${1#*$'\t'} output
  # g++'s own warning options are unknown to clang.
  if output=$(clang-tidy-14 -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option \
    "$source" 2>&1); then
    : >"$tidy_cache/$state"
  else
    grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed ' <<<"$output" >&2
    return 1
  fi
}

lint_tidy() {
  local units todo total status=0
  units=$(mktemp) && todo=$(mktemp)
  mkdir -p "$tidy_cache"
  translation_units >"$units"
  [ -s "$units" ] || { complain "there is nothing to check: is build/dev built?" && return 1; }
  case "${1:-}" in
    --all) ;;
    --changed) only_changed "$units" >"$todo" && mv "$todo" "$units" ;;
    # Tests are more than half of the files, and fail by themselves when they are wrong.
    *) grep -v '^tests/' "$units" >"$todo" && mv "$todo" "$units" ;;
  esac
  total=$(wc -l <"$units")
  with_state "$units" | while IFS=$'\t' read -r state source; do
    [ -e "$tidy_cache/$state" ] && touch "$tidy_cache/$state" && continue
    printf '%s\t%s\n' "$state" "$source"
  done >"$todo"
  say "lint: clang-tidy on $(wc -l <"$todo") of $total files (the others have not changed)"
  export -f tidy_one
  export tidy_cache
  # shellcheck disable=SC2016  # expanded by the inner shell
  xargs -r -d '\n' -n 1 -P "$(jobs_max)" bash -c 'tidy_one "$1"' tidy <"$todo" || status=1
  find "$tidy_cache" -type f -mtime +30 -delete
  rm -f "$units" "$todo"
  return $status
}

command_lint() {
  case "${1:-}" in
    "" | --changed | --all) [ $# -le 1 ] || die "'lint' takes --changed, --all or nothing" ;;
    *) die "'lint' does not know $1; see ./dev help" ;;
  esac
  ensure_setup
  require_lint_tools
  local broken=()
  lint_format || broken+=(format)
  lint_shell || broken+=(shell)
  lint_rules || broken+=(rules)
  lint_tidy "$@" || broken+=(clang-tidy)
  [ ${#broken[@]} -eq 0 ] || die "lint failed: ${broken[*]}"
  say "lint: clean"
}

command_fmt() {
  no_arguments fmt "$@"
  ensure_setup
  cpp_sources | xargs -r -d '\n' clang-format-14 --style=file -i
}
