# shellcheck shell=bash
# shellcheck disable=SC2154  # root and here are set by tests/package/run
# The shells' completions in the packages: each command and option of --help, and no other.
# $root is where the packages lie unpacked. After manual.sh.

in_bash() { bash "$here/complete.bash" "$root/usr/share/bash-completion/completions" "$@"; }
in_zsh() { timeout 30 zsh -f "$here/complete.zsh" "$root/usr/share/zsh/vendor-completions" "$*"; }

# only_in <lines> <lines>: those of the first that the second has not.
only_in() { comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2"); }

# check_command <program> [command]: a command may also be offered the options of its program.
check_command() {
  local options known offered
  options=$(options_of "$@")
  known=$(options_of "$1" && options_of "$@")
  offered=$(in_bash "$@" -)
  equal "completions: bash knows the options of $*" "" "$(only_in "$options" "$offered")"
  equal "completions: bash offers nothing else for $*" "" "$(only_in "$offered" "$known")"
  mapfile -t options <<<"$options"
  equal "completions: zsh knows the options of $*" "" \
    "$(without_each "$(in_zsh "$@" -)" "${options[@]}")"
}

check_completions() {
  local program command commands
  for program in "$root"/usr/bin/*; do
    program=${program##*/}
    check_command "$program"
    mapfile -t commands < <(commands_of "$program")
    [ ${#commands[@]} -gt 0 ] || continue
    equal "completions: bash knows the commands of $program" "" \
      "$(without_each "$(in_bash "$program" "")" "${commands[@]}")"
    equal "completions: zsh knows the commands of $program" "" \
      "$(without_each "$(in_zsh "$program" "")" "${commands[@]}")"
    for command in "${commands[@]}"; do check_command "$program" "$command"; done
  done
  equal "completions: zsh knows the kinds of certificates" "" "$(without_each \
    "$(in_zsh wix-oauth-emulator --certificate "")" good wrong-host expired untrusted)"
  equal "completions: bash knows the levels of the log" info \
    "$(in_bash wix-oauth-emulator --log-level in)"
}
