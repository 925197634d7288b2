# shellcheck shell=bash
# bash completion for wixtokend(1)

_wixtokend() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command="" i words
  # "--option=value" is three words.
  [ "$option" = "=" ] && option=${COMP_WORDS[COMP_CWORD - 2]}
  [ "$current" = "=" ] && current=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -c | --config) ((i++)) ;;
      run | check | keygen | backup | healthcheck | version)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done

  case $option in
    -c | --config | -o | --output | --socket)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --timeout)
      mapfile -t COMPREPLY < <(compgen -W "500ms 2s 5s 30s" -- "$current")
      return
      ;;
  esac
  case $command in
    "") words="run check keygen backup healthcheck version -c --config --version" ;;
    run) words="-c --config" ;;
    check) words="-c --config --store" ;;
    keygen) words="-o --output" ;;
    backup) words="-c --config" ;;
    healthcheck) words="--socket --ready --timeout" ;;
    version) words="" ;;
  esac
  if [ "$command" = backup ] && [[ $current != -* ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words -h --help" -- "$current")
}

complete -F _wixtokend wixtokend
