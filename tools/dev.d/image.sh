# shellcheck shell=bash
# ./dev image: the container image of the static program, and its bill of materials.

project_version() { sed -n 's/^ *VERSION \([0-9.]*\)$/\1/p' CMakeLists.txt; }

command_image() {
  no_arguments image "$@"
  ensure_setup
  build static wixtokend || exit 1
  say "image: build/image"
  packaging/image/assemble build/static build/image "$(project_version)" ||
    die "the image could not be made"
}
