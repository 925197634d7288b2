# shellcheck shell=bash
# shellcheck disable=SC2154  # box_root and so on are set by tests/systemd/box.sh and world.sh
# The life of the packages: installed, configured, upgraded under load, removed, installed again,
# purged.

all_packages=(wixtokend wixtoken libwixtoken-dev wix-oauth-emulator)

# What the machine has before: a target to boot, the emulator's secret, a user who may read tokens,
# and the leave to start services. Without an index of manual pages, which takes seconds each time.
prepare_machine() {
  rm -f "$box_root/usr/sbin/policy-rc.d" "$box_root/var/lib/man-db/auto-update"
  mkdir "$box_root/packages" || return 1
  local package
  for package in "${all_packages[@]}"; do
    cp "build/package/${package}_"*.deb "$box_root/packages/$package.deb" || return 1
  done
  cp build/package-next/wixtokend_*.deb "$box_root/packages/wixtokend-next.deb" || return 1
  printf 'u %s -\n' reader | systemd-sysusers --root="$box_root" - || return 1
  echo "$app_secret" | write etc/emulator_secret
  write etc/systemd/system/box.target <<END_OF_UNIT
[Unit]
Requires=basic.target
After=basic.target
AllowIsolate=yes
END_OF_UNIT
  echo 0123456789abcdef0123456789abcdef | write etc/machine-id
}

# All that packages may leave: files, users, groups, and what systemd knows of. What dpkg itself
# keeps (its list of packages, copies of lists of users) is no trace of ours.
traces() {
  in_box find /etc /usr /lib /var /run -xdev \( -path /var/log -o -path /var/cache \
    -o -path /var/tmp -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /run/systemd \
    -o -path /run/credentials \) -prune -o -printf '%M %u:%g %p\n' |
    grep -vE ' /etc/(passwd|group|shadow|gshadow)-$' | sort -k 3
  in_box getent passwd
  in_box getent group
  in_box find /var/lib/systemd -name '*wix*'
  in_box systemctl list-unit-files --no-legend '*wix*'
  in_box dpkg --list '*wix*' 2>/dev/null | grep -v '^un' | grep wix
}

# dpkg_in_box <arguments…>: all files, also of machines that leave out the documentation.
dpkg_in_box() { in_box dpkg --path-include='/usr/share/*' --force-confold "$@" </dev/null; }

# shellcheck disable=SC2016  # the variable is dpkg-query's
installed_version() { in_box dpkg-query --show --showformat '${Version}' wixtokend; }

check_installation() {
  local output status=0 unit files=("${all_packages[@]/#//packages/}")
  files=("${files[@]/%/.deb}")
  output=$(dpkg_in_box --install "${files[@]}" 2>&1) || status=$?
  equal "lifecycle: the packages install" 0 "$status"
  [ "$status" -eq 0 ] || { echo "$output" && finish; }
  contains "lifecycle: what is to be done next is said" README.Debian "$output"
  for unit in wixtokend.service wixtokend.socket; do
    equal "lifecycle: $unit is enabled" enabled "$(in_box systemctl is-enabled $unit)"
    check "lifecycle: starting $unit without a configuration is no error" \
      in_box systemctl start $unit
    equal "lifecycle: … but $unit does not run" inactive/dead \
      "$(property ActiveState $unit)/$(property SubState $unit)"
  done
  equal "lifecycle: nothing has failed" "" "$(in_box systemctl --failed --no-legend)"
  equal "lifecycle: the folder of secrets is root's alone" "700 root" \
    "$(in_box stat --format '%a %U' /etc/credstore)"
  check "lifecycle: the manual is found" in_box man --where wixtokend.toml wixtokend-api
  check "lifecycle: pkg-config finds the library" in_box pkg-config --exists wixtoken
}

# As README.Debian says.
check_configuration() {
  in_box systemd-run --quiet --unit=emulator wix-oauth-emulator --http 127.0.0.1:8080 \
    --app "$app_id:/etc/emulator_secret"
  in_box cp /etc/emulator_secret /etc/credstore/wixtokend.app_secret
  check "lifecycle: a key for the store is made" \
    in_box wixtokend keygen -o /etc/credstore/wixtokend.store_key
  {
    configuration "$admin_socket" "$instances"
    printf '\n[store]\nfile = "/var/lib/wixtokend/state.db"\n'
  } | in_box tee /etc/wixtokend/wixtokend.toml >/dev/null
  in_box usermod --append --groups wixtokend reader
  check "lifecycle: the configuration can be checked with the secrets of the service" \
    in_box systemd-run --quiet --pipe --uid=wixtokend \
    -p LoadCredential=app_secret:wixtokend.app_secret \
    -p LoadCredential=store_key:wixtokend.store_key wixtokend check
  check "lifecycle: the administrators' socket can be added" \
    in_box systemctl enable --now wixtokend-admin.socket
  check "lifecycle: it starts when it is configured" \
    in_box systemctl start wixtokend.socket wixtokend.service
  check "lifecycle: it serves tokens" within 20 warm
  check "lifecycle: the command speaks with it" in_box wixtoken status

  in_box cp /etc/emulator_secret /etc/credstore/wixtokend@blue.app_secret
  in_box wixtokend keygen -o /etc/credstore/wixtokend@blue.store_key
  {
    configuration /run/wixtokend/wixtokend-admin@blue.sock 1
    printf '\n[store]\nfile = "/var/lib/wixtokend@blue/state.db"\n'
  } | in_box tee /etc/wixtokend/wixtokend@blue.toml >/dev/null
  check "lifecycle: a second daemon can be added" in_box systemctl enable --now \
    wixtokend@blue.socket wixtokend-admin@blue.socket wixtokend@blue.service
  check "lifecycle: it serves tokens, too" \
    within 20 [ "$(token 1 reader /run/wixtokend/wixtokend@blue.sock)" = 200 ]
}

# restarted_blue <process>: the second daemon runs, as another process.
restarted_blue() {
  active wixtokend@blue.service && [ "$(main_pid wixtokend@blue.service)" != "$1" ]
}

check_upgrade() {
  local before blue_before socket_since pids=() number all
  before=$(main_pid)
  blue_before=$(main_pid wixtokend@blue.service)
  socket_since=$(property ActiveEnterTimestampMonotonic wixtokend.socket)
  forget_mints
  for number in 1 2 3; do
    new_connections "$box/load-$number" &
    pids+=($!)
  done
  kept_connections "$box/load-kept" &
  pids+=($!)
  sleep 0.5
  check "lifecycle: the next version installs under load" \
    dpkg_in_box --install /packages/wixtokend-next.deb
  check "lifecycle: it runs" within 10 active wixtokend.service
  sleep 0.5
  touch "$box/enough"
  wait "${pids[@]}"

  all=$(cat "$box"/load-*)
  equal "lifecycle: no request has failed over the upgrade ($(wc -l <<<"$all") requests)" 200 \
    "$(sort -u <<<"$all")"
  equal "lifecycle: and Wix was asked for nothing" 0 "$(mints)"
  contains "lifecycle: the new version is there" -2 "$(installed_version)"
  check "lifecycle: the daemon was restarted" [ "$(main_pid)" != "$before" ]
  check "lifecycle: and so was the second daemon" within 10 restarted_blue "$blue_before"
  equal "lifecycle: the socket has stayed" "$socket_since" \
    "$(property ActiveEnterTimestampMonotonic wixtokend.socket)"
}

check_removal() {
  check "lifecycle: the package is removed" dpkg_in_box --remove wixtokend
  equal "lifecycle: its processes are gone" "" "$(in_box pgrep -x wixtokend)"
  check "lifecycle: its sockets are gone" in_box [ ! -e /run/wixtokend ]
  equal "lifecycle: configuration, secrets and state are there" "$(printf '%s\n' \
    /etc/credstore/wixtokend{,@blue}.{app_secret,store_key} /etc/wixtokend/wixtokend{,@blue}.toml \
    /var/lib/wixtokend{,@blue}/state.db | sort)" \
    "$(in_box sh -c 'find /etc/credstore /etc/wixtokend /var/lib/wixtokend* -type f \
      ! -name "state.db?*"' | sort)"
  equal "lifecycle: nothing has failed" "" "$(in_box systemctl --failed --no-legend)"
}

check_return() {
  forget_mints
  check "lifecycle: it is installed again" dpkg_in_box --install /packages/wixtokend.deb
  check "lifecycle: it serves its old tokens" within 20 warm
  check "lifecycle: the second daemon is back, too" within 10 active wixtokend@blue.service
  equal "lifecycle: and Wix was asked for nothing" 0 "$(mints)"
}

check_purge() {
  check "lifecycle: the packages are purged" dpkg_in_box --purge "${all_packages[@]}"
  in_box systemctl stop emulator.service
  in_box systemctl daemon-reload
  equal "lifecycle: nothing is left" "" "$(diff "$box/before" <(traces))"
}
