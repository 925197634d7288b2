# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# What the unit's sandbox forbids is tried inside of it, and outside, where it is allowed.

# probe_unit <user>: the daemon's own unit, with the probe in the place of the daemon.
probe_unit() {
  in_box sed -E -e "s/^User=.*/User=$1/; s/^Group=.*/Group=$1/" \
    -e 's/^Type=.*/Type=oneshot/; s/^StateDirectory=.*/StateDirectory=sandbox-probe/' \
    -e 's,^ExecStart=.*,ExecStart=sandbox_probe /var/lib/sandbox-probe,' \
    -e "/^WatchdogSec/ i StandardOutput=truncate:/run/probe-$1" \
    -e '/^(ConditionPathExists|Requires|ExecReload|Restart|RestartSec)=/ d' \
    -e '/^(WatchdogSec|LoadCredential)=/ d' \
    /usr/lib/systemd/system/wixtokend.service |
    in_box tee "$run_units/probe-$1.service" >/dev/null
  in_box systemctl daemon-reload
  in_box systemctl start "probe-$1.service"
  in_box cat "/run/probe-$1"
}

check_sandbox() {
  local inside_as_root inside_as_user outside what seen
  in_box touch /tmp/probe /home/probe /dev/probe
  in_box mkdir -p /usr/lib/modules
  inside_as_root=$(probe_unit root)
  inside_as_user=$(probe_unit wixtokend)
  outside=$(in_box sandbox_probe /var/lib/sandbox-probe)
  # Root may do all of it outside, so that it is the sandbox that forbids it to root within.
  while read -r what seen; do
    if [ "$what" = seeing_processes ]; then
      seen=$(grep "^$what " <<<"$inside_as_user")
    else
      seen=$(grep "^$what " <<<"$inside_as_root")
    fi
    equal "the sandbox forbids: ${what//_/ }" "$what refused, outside $what allowed" \
      "$seen, outside $(grep "^$what " <<<"$outside")"
  done <<<"$outside"
}
