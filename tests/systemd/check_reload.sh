# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# systemctl reload, with a good configuration and with a bad one.

status_has() { [[ $(property StatusText) == *"$1"* ]]; }

check_reload() {
  local pid file=/etc/wixtokend/wixtokend.toml good
  pid=$(main_pid)
  good=$(in_box cat "$file")
  equal "an instance that is not configured is not known" 404 \
    "$(http root "$admin_socket" GET "/v1/instances/$(instance 80)")"
  in_box tee "$file" <<<"${good/instances = \[/instances = [\"$(instance 80)\", }" >/dev/null
  check "systemctl reload succeeds" in_box systemctl reload wixtokend.service
  check "it says so in the journal" within 5 journal_has configuration_reloaded
  equal "what was added is known" 200 \
    "$(http root "$admin_socket" GET "/v1/instances/$(instance 80)")"

  echo 'nonsense = 1' | in_box tee -a "$file" >/dev/null
  in_box systemctl reload wixtokend.service
  check "a bad configuration is refused in the status" within 5 status_has "last reload was refused"
  check "and in the journal, with file and line" journal_has "reason=\"$file:"
  contains "as an error" '"PRIORITY":"3"' "$(in_box journalctl --quiet --output json \
    --unit wixtokend.service | grep -F reload_refused | head -n 1)"
  check "the daemon is not harmed" active wixtokend.service
  equal "what was in force stays in force" 200 "$(token 1)"
  check "and it is the same process" test "$(main_pid)" = "$pid"

  in_box tee "$file" <<<"$good" >/dev/null
  in_box systemctl reload wixtokend.service
  check "a good one is taken again" within 5 status_has "usable"
}
