# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# Activation, readiness, credentials, the journal.

# line_of <text>: where it stands in the journal.
line_of() { journal | grep -nF -- "$1" | head -n 1 | cut -d: -f1; }

check_activation() {
  local lines
  check "the sockets start" \
    in_box systemctl --quiet enable --now wixtokend.socket wixtokend-admin.socket
  equal "with them the daemon does not" inactive "$(property ActiveState)"
  equal "the socket belongs to the daemon's user and group" "wixtokend:wixtokend 660" \
    "$(in_box stat -c '%U:%G %a' "$socket")"
  equal "the socket for administrators is for root alone" "root:root 600" \
    "$(in_box stat -c '%U:%G %a' "$admin_socket")"
  equal "the first connection starts it, and is answered with a token" 200 "$(token 1)"
  check "it runs" active wixtokend.service
  lines="$(line_of 'daemon_started') $(line_of 'Started wixtokend.service')"
  check "systemd takes it for started when it says that it is ready, not before" \
    test "${lines% *}" -lt "${lines#* }"
  contains "its status is shown" "instances kept warm are usable" "$(property StatusText)"
  check "all instances get their tokens" within 10 warm
}

check_credentials() {
  local pid seen
  pid=$(main_pid)
  equal "it runs as its own user" wixtokend "$(in_box stat -c %U "/proc/$pid")"
  seen=$(in_box cat "/proc/$pid/environ" "/proc/$pid/cmdline" | tr '\0' '\n')
  contains "the secrets come as credentials" "CREDENTIALS_DIRECTORY=" "$seen"
  equal "the app's secret is neither in its environment nor in its command line" "" \
    "$(grep -F "$app_secret" <<<"$seen")"
  for user in reader stranger; do
    check "the credentials are out of reach of a $user" \
      test "$(as $user cat /run/credentials/wixtokend.service/app_secret 2>&1 | grep -c denied)" = 1
  done
}

check_encrypted_credential() {
  local plain=/etc/credstore/wixtokend.app_secret encrypted=/etc/credstore.encrypted
  in_box mkdir -p -m 700 "$encrypted"
  check "systemd-creds encrypts the app's secret" in_box systemd-creds encrypt --name=app_secret \
    "$plain" "$encrypted/wixtokend.app_secret"
  in_box mv "$plain" "$plain.away"
  override wixtokend.service \
    '[Service]\nLoadCredentialEncrypted=app_secret:wixtokend.app_secret'
  check "it starts with the encrypted secret alone" in_box systemctl restart wixtokend.service
  equal "and mints with it, for a sixth instance" 200 "$(token 6)"
  in_box mv "$plain.away" "$plain"
  restore wixtokend.service
}

check_journal() {
  local line
  line=$(in_box journalctl --quiet --output json --unit wixtokend.service |
    grep -F daemon_started | head -n 1)
  contains "a line of the log is a line of the journal, with its event first" \
    '"MESSAGE":"daemon_started ' "$line"
  contains "an ordinary event has the priority of information" '"PRIORITY":"6"' "$line"
  contains "the journal knows the daemon by its name" '"SYSLOG_IDENTIFIER":"wixtokend"' "$line"
  contains "and its user" "\"_UID\":\"$(in_box id -u wixtokend)\"" "$line"
}

check_watchdog() {
  local pid
  override wixtokend.service '[Service]\nWatchdogSec=2'
  in_box systemctl restart wixtokend.service
  pid=$(main_pid)
  sleep 3
  equal "with a watchdog of 2 s it lives longer than that" "$pid" "$(main_pid)"
  contains "its status follows the tokens" "6 of 6 instances" "$(property StatusText)"
  forget_mints
  in_box kill -STOP "$pid"
  equal "a daemon that hangs is replaced, and the waiting caller is answered" 200 "$(token 1)"
  check "by the watchdog" journal_has "Watchdog timeout"
  check "so that another process runs" test "$(main_pid)" != "$pid"
  equal "the tokens are still there: no mint" 0 "$(mints)"
  restore wixtokend.service
  in_box systemctl restart wixtokend.service
}

check_start() {
  check_activation
  check_credentials
  check_encrypted_credential
  check_journal
  check_watchdog
}
