# shellcheck shell=bash
# The emulator and the daemon for the recipes. Sets socket, https_port and http_port; needs folder.

: "${folder:?}"

programs=${WIXTOKEND_PROGRAMS_DIR:-$PWD/build/dev/bin}
app_id=11111111-2222-4333-8444-555555555555
reader_group=users # any group but the caller's own
processes=()

instance() { printf '00000000-0000-4000-8000-%012d' "$1"; }

# control <method> <path> [body]: the emulator's control API.
control() {
  curl --silent --show-error --fail -X "$1" ${3:+--json "$3"} \
    "http://127.0.0.1:$http_port/__control/$2"
}

number_in() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

mints_of() { control GET "instances/$1" | number_in mints; }

write_config() {
  cat <<END
[[app]]
app_id = "$app_id"
app_secret_file = "secret"
base_url = "https://127.0.0.1:$https_port"
ca_file = "ca.pem"

[[socket]]
path = "$socket"
END
  # Only root may give the socket to a group that it is not in.
  [ "$(id -u)" -ne 0 ] || cat <<END
mode = "0660"
group = "$reader_group"

[[access]]
group = "$reader_group"
roles = ["read"]
END
  cat <<END

[[access]]
uid = $(id -u)
roles = ["read", "register", "manage", "status"]

[store]
file = "$folder/state.db"
key_file = "store-key"
allow_volatile = true
END
}

start_world() {
  chmod 0755 "$folder" # the socket's own rights count
  socket=$folder/wixtokend.sock
  (umask 077 && echo fake-app-secret-of-the-recipes >"$folder/secret")
  "$programs/wix-oauth-emulator" --https 127.0.0.1:0 --http 127.0.0.1:0 --ca-out "$folder/ca.pem" \
    --app "$app_id:$folder/secret" >"$folder/ports" 2>"$folder/log-emulator" &
  processes+=($!)
  within 10 grep -q '"http_port":[0-9]' "$folder/ports" || return 1
  https_port=$(number_in https_port <"$folder/ports")
  http_port=$(number_in http_port <"$folder/ports")
  "$programs/wixtokend" keygen --output "$folder/store-key" || return 1
  write_config >"$folder/wixtokend.toml"
  "$programs/wixtokend" run --config "$folder/wixtokend.toml" >"$folder/log-daemon" 2>&1 &
  processes+=($!)
  within 10 test -S "$socket"
}

clean_up() {
  trap '' INT TERM HUP
  local process
  for process in "${processes[@]}"; do kill "$process" 2>/dev/null; done
  wait
  rm -rf "$folder"
}
