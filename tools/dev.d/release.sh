# shellcheck shell=bash
# ./dev release: everything that a release consists of, in build/release-files, the same bytes from
# the same commit. docs/releasing.md describes the steps around it.

release_folder=build/release-files

# make_release <folder>: fills it anew. Builds come first, packing follows.
make_release() {
  local folder=$1 version
  version=$(project_version)
  # shellcheck disable=SC2154  # set in package.sh
  build release "${packaged_targets[@]}" || return 1
  build static wixtokend || return 1
  rm -rf "$folder"
  mkdir -p "$folder"

  git archive --format=tar --prefix="wixtokend-$version/" HEAD | gzip -9n \
    >"$folder/wixtokend-$version.tar.gz" || return 1
  make_packages "$(package_version 1)" build/package || return 1
  check_packages build/package || return 1
  cp build/package/*.deb "$folder/"
  packaging/image/assemble build/static build/image "$version" || return 1
  cp build/image/"wixtokend-$version".{oci.tar,spdx.json} "$folder/" || return 1
  npm pack ./clients/node --pack-destination "$folder" --loglevel=error </dev/null >/dev/null ||
    return 1
  (cd "$folder" && LC_ALL=C sha256sum -- * >SHA256SUMS)
}

# sign_with_minisign <folder> <secret key>, sign_with_gpg <folder> <key>: sign the sums, and by them
# everything. The key is never kept here.
sign_with_minisign() {
  command -v minisign >/dev/null || die "minisign is not installed: apt-get install minisign"
  minisign -S -s "$2" -m "$1/SHA256SUMS" -t "wixtokend $(project_version)"
}
sign_with_gpg() {
  command -v gpg >/dev/null || die "gpg is not installed: apt-get install gpg"
  gpg --local-user "$2" --armor --detach-sign --output "$1/SHA256SUMS.asc" "$1/SHA256SUMS"
}

# A release is of a commit, and its changes stand in the changelog under its number.
require_releasable() {
  [ -z "$(git status --porcelain)" ] || die "there are changes that are not committed"
  local version
  version=$(project_version)
  [ "$(sed -n 's/^  "version": "\(.*\)",$/\1/p' clients/node/package.json)" = "$version" ] ||
    die "clients/node/package.json has another version than CMakeLists.txt ($version)"
  grep -q "^## $version\b" CHANGELOG.md ||
    complain "CHANGELOG.md has no section '## $version' yet: this is a rehearsal"
}

command_release() {
  local minisign_key='' gpg_key=''
  while [ $# -gt 0 ]; do
    case "$1" in
      --minisign | --gpg)
        [ $# -ge 2 ] || die "$1 needs a key"
        [ "$1" = --minisign ] && minisign_key=$2
        [ "$1" = --gpg ] && gpg_key=$2
        shift
        ;;
      *) die "'release' does not know $1; see ./dev help" ;;
    esac
    shift
  done
  ensure_setup
  require_releasable
  make_release "$release_folder" || die "the release could not be made"
  [ -z "$minisign_key" ] || sign_with_minisign "$release_folder" "$minisign_key" || exit 1
  [ -z "$gpg_key" ] || sign_with_gpg "$release_folder" "$gpg_key" || exit 1
  say "these are the files of release $(project_version):"
  cat "$release_folder/SHA256SUMS"
}
