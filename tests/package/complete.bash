# Prints what bash completes: bash complete.bash FOLDER PROGRAM WORD…, the last of which is being typed.
set -euo pipefail
# shellcheck source=/dev/null
. "$1/$2"
shift
function_name=$(complete -p "$1" | sed -E 's/.* -F ([^ ]+) .*/\1/')
compopt() { :; } # works in a completion that readline has asked for only
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"$function_name"
printf '%s\n' "${COMPREPLY[@]}"
