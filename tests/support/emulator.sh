# shellcheck shell=bash
# The emulator for suites that are scripts, in `folder`, which has to be set. What they start goes
# into `processes`, and is gone after `clean_up`.

: "${folder:?}"

programs=${WIXTOKEND_PROGRAMS_DIR:-$PWD/build/dev/bin}
app_id=11111111-2222-4333-8444-555555555555
processes=()

# number_in <name>: of a line of JSON.
number_in() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

# Sets https_port and http_port; the app's secret is in `secret`, the authority in `ca.pem`.
# shellcheck disable=SC2034  # each suite takes what it needs
start_emulator() {
  (umask 077 && echo fake-app-secret-of-a-script >"$folder/secret")
  "$programs/wix-oauth-emulator" --https 127.0.0.1:0 --http 127.0.0.1:0 --ca-out "$folder/ca.pem" \
    --app "$app_id:$folder/secret" >"$folder/ports" 2>"$folder/log-emulator" &
  emulator=$!
  processes+=("$emulator")
  within 10 grep -q '"http_port":[0-9]' "$folder/ports" || return 1
  https_port=$(number_in https_port <"$folder/ports")
  http_port=$(number_in http_port <"$folder/ports")
}

clean_up() {
  trap '' INT TERM HUP
  local process
  for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
  wait || true
  rm -rf "$folder"
}
