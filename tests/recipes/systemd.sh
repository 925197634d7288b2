# shellcheck shell=bash
# The unit of a service: systemd reads it without a word, and what it starts gets a token with the
# rights that it says. Part of tests/recipes/run.

: "${folder:?}" "${reader_group:?}"
unit=$folder/storefront.service
recipe systemd "$unit"

# value <key>: of the unit.
value() { sed -n "s/^$1=//p" "$unit"; }

verified() {
  local said units=$folder/units
  mkdir -p "$units"
  cp "$unit" "$units/"
  printf '[Socket]\nListenStream=/run/x.sock\nService=storefront.service\n' \
    >"$units/wixtokend.socket"
  # It reports a misspelt key with exit code 0.
  said=$(SYSTEMD_UNIT_PATH=$units: systemd-analyze verify "$units/storefront.service" 2>&1)
  [ -z "$said" ] || { echo "$said" && return 1; }
}
check "systemd: the unit is read without complaints" verified

check "systemd: it comes after the socket" grep -qx 'After=wixtokend.socket' "$unit"

# started_with <groups>: the unit's command as some user that has nothing but these groups.
started_with() {
  local line
  line=$(value ExecStart)
  # shellcheck disable=SC2016  # systemd expands it
  line=${line//'${WIXTOKEN_SOCKET}'/$(value Environment | sed 's/^WIXTOKEN_SOCKET=//')}
  # shellcheck disable=SC2086  # the words of the command
  setpriv --reuid 4242 --regid 4242 --groups "$1" $line
}

if [ "$(id -u)" -ne 0 ]; then
  skip "systemd: the group opens the socket, and nothing else does" \
    "it takes root to be another user"
else
  id=2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55
  group=$(getent group "$reader_group" | cut -d: -f3) # stands for the group `wixtokend`
  equal "systemd: the unit joins the group of the socket" wixtokend "$(value SupplementaryGroups)"
  contains "systemd: with the group the service gets its token" "\"instance_id\":\"$id\"" \
    "$(started_with "$group" 2>&1)"
  if started_with 4242 >/dev/null 2>&1; then
    fail "systemd: without the group it does not"
  else
    pass "systemd: without the group it does not"
  fi
fi
