# shellcheck shell=bash
# ./dev load: the refresh engine beside the common alternatives, in virtual time. Always of the
# release build; the figures of docs/refresh.md are `./dev load --docs`.

command_load() {
  ensure_setup
  local folder=build/load docs=false arguments=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --docs) docs=true ;;
      --csv) folder=${2:-$folder} && shift ;;
      *) arguments+=("$1") ;;
    esac
    [ $# -gt 0 ] && shift
  done
  build release wixtokend_load || exit 1
  mkdir -p "$folder"
  build/release/bin/wixtokend_load --csv "$folder" "${arguments[@]}" || exit 1
  say "the same as CSV: $folder"
  $docs || return 0
  node tools/plots/draw.mjs "$folder" docs || exit 1
}
