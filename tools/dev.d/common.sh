# shellcheck shell=bash
# What the commands of ./dev share. Sourced with the root of the tree as the current folder.

say() { echo "dev: $*"; }
complain() { echo "dev: $*" >&2; }
die() {
  complain "$*"
  exit 1
}

# no_arguments <command> <arguments…>: refuses any.
no_arguments() {
  local command=$1
  shift
  [ $# -eq 0 ] || die "'$command' takes no arguments; see ./dev help"
}

project_version() { sed -n 's/^ *VERSION \([0-9.]*\)$/\1/p' CMakeLists.txt; }

jobs_max() { nproc 2>/dev/null || echo 2; }

# All C++ sources of ours.
cpp_sources() {
  local folders=() folder
  for folder in src include tests bench clients; do
    [ -d "$folder" ] && folders+=("$folder")
  done
  find "${folders[@]}" -name node_modules -prune -o -type f \( -name '*.cpp' -o -name '*.hpp' \) \
    -print | LC_ALL=C sort
}

# All shell scripts of ours: by their ending, or by their first line.
shell_scripts() {
  local file
  find . \( -path ./build -o -path ./.git -o -name node_modules \) -prune -o -type f \
    \( -name '*.sh' -o -name '*.bash' -o ! -name '*.*' -o -path './.ci/*' \
    -o -path './packaging/debian/*' \) -print | LC_ALL=C sort |
    while IFS= read -r file; do
      case "$file" in
        *.sh | *.bash) echo "$file" ;;
        *) head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' && echo "$file" ;;
      esac
    done || true
}
