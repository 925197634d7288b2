# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# Every way in which it may end, and what its callers see of that: nothing.

socket_is_active() { [ "$(property ActiveState wixtokend.socket)" = active ]; }
restarted_often() { [ "$(property NRestarts)" -ge "$1" ]; }

check_stop() {
  check "systemctl stop succeeds" in_box systemctl stop wixtokend.service
  equal "it has ended cleanly" success "$(property Result)"
  check "and has told why and when" journal_has daemon_stopped
  check "its socket stays, and takes connections" in_box test -S "$socket"
  equal "the next one starts it again" 200 "$(token 1)"
}

check_kill() {
  local pid
  pid=$(main_pid)
  forget_mints
  in_box kill -KILL "$pid"
  equal "after kill -9 the next caller waits and is answered" 200 "$(token 1)"
  check "by another process" test "$(main_pid)" != "$pid"
  check "all tokens are usable again" warm
  equal "without a single mint" 0 "$(mints)"
}

# Ten starts in a row that fail are more than systemd's own limit, which would end the socket.
check_storm() {
  local file=/etc/wixtokend/wixtokend.toml answer=$box/answer waiting
  override wixtokend.service '[Service]\nRestartSec=200ms'
  in_box mv "$file" $file.away
  in_box systemctl restart --no-block wixtokend.service
  token 1 >"$answer" &
  waiting=$!
  check "without its configuration it is tried again and again" within 10 restarted_often 10
  contains "the journal has the reason, as an error" '"PRIORITY":"3"' "$(in_box journalctl --quiet \
    --output json --unit wixtokend.service | grep -F "wixtokend: 1 error in $file" | head -n 1)"
  check "the socket survives that" socket_is_active
  in_box mv $file.away "$file"
  wait $waiting
  equal "who has waited is served when the configuration is back" 200 "$(cat "$answer")"
  restore wixtokend.service
}

# Sockets and configuration must agree.
check_disagreement() {
  in_box systemctl --quiet disable wixtokend-admin.socket
  in_box systemctl --quiet stop wixtokend-admin.socket wixtokend.service
  in_box systemctl start --no-block wixtokend.service
  check "a configured socket that is not passed on is an error that names it" \
    within 5 journal_has 'FileDescriptorName=admin'
  in_box systemctl --quiet enable wixtokend-admin.socket
  check "once its unit is enabled, a restart of the daemon brings it along" \
    in_box systemctl restart wixtokend.service
  equal "and both sockets are served" "200 200" \
    "$(token 1) $(http root "$admin_socket" GET /v1/instances)"
}

check_end() {
  check_stop
  check_kill
  check_storm
  check_disagreement
}
