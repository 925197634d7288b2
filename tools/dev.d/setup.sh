# shellcheck shell=bash
# ./dev setup: the Debian packages that building, testing, linting and packaging need, and the npm
# packages of the tests with JavaScript clients, and of the manifests.

# Compilers and tools, libraries, what tests use, the image and its pod. Debian 12 has them all;
# nothing comes from elsewhere.
packages=(
  g++ cmake ninja-build ccache lld pkg-config
  clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev llvm-14 shellcheck
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libspdlog-dev libfmt-dev
  libtomlplusplus-dev libcli11-dev libsqlite3-dev doctest-dev
  git openssl curl ca-certificates procps
  prometheus iproute2
  python3 gccgo-12 systemd systemd-container
  debhelper dpkg-dev lintian scdoc man-db zsh minisign gnupg
  buildah podman runc conmon catatonit netavark skopeo
)

node_is_good() {
  local version
  command -v npm >/dev/null || return 1
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 18 ] 2>/dev/null
}

# Prints those of the packages that are not installed.
missing_packages() {
  local wanted=("${packages[@]}") installed package
  # The tests with JavaScript clients need Node 18 or later; it may come from elsewhere.
  node_is_good || wanted+=(nodejs npm)
  # shellcheck disable=SC2016  # the variables are dpkg-query's
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null) ||
    true  # some are not installed
  for package in "${wanted[@]}"; do
    grep -qxF "installed $package" <<<"$installed" || echo "$package"
  done
}

# Makes sure that everything is there; says nothing when it is.
ensure_setup() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    die "this script installs what is missing with apt-get, which this system lacks." \
      "wixtokend is built on Debian 12; on another system use a Debian 12 container"
  fi
  local missing=() as_root=()
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return

  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "these packages are missing, and there is no sudo to install them: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing from Debian: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq </dev/null || complain "apt-get update failed; trying without"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" </dev/null ||
    die "apt-get could not install: ${missing[*]} (wixtokend is built on Debian 12)"

  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] || die "still missing after the installation: ${missing[*]}"
  node_is_good || die "$(command -v node) is older than Node 18; put a later one on the PATH"
}

# Folders with a lock file whose npm packages the tests need.
npm_folders=(tests/integration/sdk tests/clients_node tests/kubernetes)

# ensure_node_packages [folder…]: installs what the lock files of all or these name; quick when
# it is there.
# shellcheck disable=SC2120  # the suites name theirs
ensure_node_packages() {
  local folder
  for folder in "${@:-${npm_folders[@]}}"; do
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && continue
    say "installing the npm packages of $folder"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error </dev/null) || {
      complain "npm could not install the packages of $folder"
      return 1
    }
    touch "$folder/node_modules/.package-lock.json"
  done
}

# What the test of a recipe needs of nginx: unpacked into build/nginx, since installing it would
# start a web server on this machine. Quick when it is there.
unpack_nginx() {
  local folder=build/nginx as_root=() package
  local wanted=(nginx libnginx-mod-http-lua libnginx-mod-http-ndk lua-resty-core lua-resty-lrucache
    libluajit2-5.1-2 libpcre3)
  [ "$(cat "$folder/unpacked" 2>/dev/null)" = "${wanted[*]}" ] && return
  say "unpacking from Debian: ${wanted[*]}"
  rm -rf "$folder" && mkdir -p "$folder/packages"
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  (
    cd "$folder/packages" || exit 1
    apt-get download -qq "${wanted[@]}" 2>/dev/null && exit
    "${as_root[@]}" apt-get update -qq </dev/null # no lists, or old ones
    apt-get download -qq "${wanted[@]}"
  ) || {
    complain "apt-get could not download: ${wanted[*]}"
    return 1
  }
  for package in "$folder"/packages/*.deb; do dpkg-deb --extract "$package" "$folder"; done
  echo "${wanted[*]}" >"$folder/unpacked"
}

command_setup() {
  no_arguments setup "$@"
  ensure_setup
  # shellcheck disable=SC2119
  ensure_node_packages || exit 1
  say "everything that is needed is installed"
}
