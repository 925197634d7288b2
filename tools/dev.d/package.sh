# shellcheck shell=bash
# ./dev package: the Debian packages. They hold what the preset `release` builds, are described in
# packaging/debian, and come into being in a copy of the tree below build/, which stays clean so.

# What has to be built before.
packaged_targets=(wixtokend wix-oauth-emulator wixtoken wixtokend_client)

# The version of a package: the project's, and the number of the packaging.
package_version() { echo "$(project_version)-$1"; }

# When what is packaged was last changed, in seconds since 1970: the same source, the same bytes.
source_date() {
  git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md
}

# write_debian_changelog <version> <folder>
write_debian_changelog() {
  local maintainer
  maintainer=$(sed -n 's/^Maintainer: //p' packaging/debian/control)
  cat >"$2/changelog" <<TEXT
wixtokend ($1) unstable; urgency=medium

  * What changes for users is in /usr/share/doc/wixtokend/changelog.gz.

 -- $maintainer  $(LC_ALL=C date --utc --rfc-email --date="@$(source_date)")
TEXT
}

# make_packages <version> <folder>: puts the .deb files into the folder, which is made anew. Says
# nothing unless it fails.
make_packages() {
  local version=$1 folder=$2 built="$PWD/build/release"
  rm -rf "$folder"
  mkdir -p "$folder/source"
  tar --create --exclude-vcs --exclude=./build --exclude=node_modules . |
    tar --extract --directory="$folder/source"
  cp -r packaging/debian "$folder/source/debian"
  write_debian_changelog "$version" "$folder/source/debian"
  (cd "$folder/source" && WIXTOKEND_BUILD=$built dpkg-buildpackage --build=binary --no-sign) \
    >"$folder/build.log" 2>&1 </dev/null || {
    tail -n 50 "$folder/build.log" >&2
    complain "packaging failed; the whole log is $folder/build.log"
    return 1
  }
}

# check_packages <folder>: lintian has nothing to say, warnings included.
check_packages() {
  lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$1"/*.changes </dev/null
}

command_package() {
  no_arguments package "$@"
  ensure_setup
  build release "${packaged_targets[@]}" || exit 1
  make_packages "$(package_version 1)" build/package || exit 1
  check_packages build/package || die "lintian complains"
  say "these are the packages (build/package/build.log: how they came into being):"
  ls -1 build/package/*.deb
}
