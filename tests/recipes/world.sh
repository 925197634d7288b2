# shellcheck shell=bash
# The emulator and the daemon for the recipes. Sets socket, https_port and http_port; needs folder.
# shellcheck source=tests/support/emulator.sh
. tests/support/emulator.sh

reader_group=users # any group but the caller's own

instance() { printf '00000000-0000-4000-8000-%012d' "$1"; }

# control <method> <path> [body]: the emulator's control API.
control() {
  curl --silent --show-error --fail -X "$1" ${3:+--json "$3"} \
    "http://127.0.0.1:$http_port/__control/$2"
}

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
  start_emulator || return 1
  "$programs/wixtokend" keygen --output "$folder/store-key" || return 1
  write_config >"$folder/wixtokend.toml"
  "$programs/wixtokend" run --config "$folder/wixtokend.toml" >"$folder/log-daemon" 2>&1 &
  processes+=($!)
  within 10 test -S "$socket"
}
