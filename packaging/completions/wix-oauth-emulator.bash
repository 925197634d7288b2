# shellcheck shell=bash
# bash completion for wix-oauth-emulator(1)

_wix_oauth_emulator() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} words
  # "--option=value" is three words.
  [ "$option" = "=" ] && option=${COMP_WORDS[COMP_CWORD - 2]}
  [ "$current" = "=" ] && current=""
  case $option in
    --ca-out | --settings)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --https | --http) words="127.0.0.1:0" ;;
    --certificate) words="good wrong-host expired untrusted" ;;
    --log-level) words="trace debug info warning error" ;;
    --app | --instance | --expires-in | --seed) words="" ;;
    *)
      words="-h --help --https --http --ca-out --certificate --app --instance"
      words+=" --instances-listed-only --expires-in --settings --seed --open-control --log-level"
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _wix_oauth_emulator wix-oauth-emulator
