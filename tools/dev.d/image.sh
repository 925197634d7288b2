# shellcheck shell=bash
# ./dev image: the container image of the static program, and its bill of materials.

command_image() {
  no_arguments image "$@"
  ensure_setup
  build static wixtokend || exit 1
  say "image: build/image"
  packaging/image/assemble build/static build/image "$(project_version)" ||
    die "the image could not be made"
}
