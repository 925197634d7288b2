# shellcheck shell=bash
# bash completion for wixtoken(1)

_wixtoken() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command="" i words
  local common="-h --help --socket --app --owner --timeout --wait --json --no-color"
  # "--option=value" is three words.
  [ "$option" = "=" ] && option=${COMP_WORDS[COMP_CWORD - 2]}
  [ "$current" = "=" ] && current=""
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket | --app | --owner | --timeout | --wait) ((i++)) ;;
      get | header | watch | reject | list | show | add | import | remove | retry | restore | \
        status | top | version)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done

  case $option in
    --socket | --token-file | --refresh-token-file | --code-file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --owner)
      mapfile -t COMPREPLY < <(compgen -u -- "$current")
      return
      ;;
    --timeout | --wait | --min-valid | --interval)
      mapfile -t COMPREPLY < <(compgen -W "1s 2s 5s 10s 30s 1m" -- "$current")
      return
      ;;
    --state)
      words="cold warm stale blocked app_refused idle"
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
      return
      ;;
    --app | --generation | --count | --limit) return ;;
  esac
  case $command in
    "")
      words="get header watch reject list show add import remove retry restore status top version"
      words+=" $common --version"
      ;;
    get | header) words="--min-valid --no-wait $common" ;;
    watch) words="--count $common" ;;
    reject) words="--generation --token-file --drop $common" ;;
    list) words="--state --limit $common" ;;
    add) words="--refresh-token-file --code-file --client-credentials --replace $common" ;;
    import)
      words="--replace $common"
      if [[ $current != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
      fi
      ;;
    top) words="--interval --once $common" ;;
    *) words=$common ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _wixtoken wixtoken
