# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# The unit files as systemd reads them.

check_units() {
  local units=(wixtokend.service wixtokend.socket wixtokend-admin.socket wixtokend@blue.service
    wixtokend@blue.socket wixtokend-admin@blue.socket) said exposure status=0
  said=$(in_box systemd-analyze verify "${units[@]}" 2>&1)
  equal "systemd-analyze verify says nothing about any unit" "" "$said"

  said=$(in_box systemd-analyze security --offline=true --threshold=15 --no-pager \
    /usr/lib/systemd/system/wixtokend.service 2>&1) || status=$?
  exposure=$(sed -n 's/.*exposure level for [^ ]*: \([0-9.]*\).*/\1/p' <<<"$said")
  equal "systemd-analyze security: an exposure of at most 1.5 (it is $exposure)" 0 "$status"
  contains "that is without PrivateUsers" "✗ PrivateUsers=" "$said"
  check "the daemon's user was made by sysusers" in_box id wixtokend
}
