# shellcheck shell=bash disable=SC2034,SC2154  # set in box.sh, or used elsewhere
# What is in the machine before it boots: the installed programs and units, their configuration, and
# the emulator as a unit beside them; and how the checks speak with all of these.

app_id=11111111-2222-4333-8444-555555555555
app_secret=fake-app-secret-of-the-systemd-suite
socket=/run/wixtokend/wixtokend.sock
admin_socket=/run/wixtokend/wixtokend-admin.sock
instances=5
run_units=/run/systemd/system

instance() { printf 'aaaaaaaa-0000-4000-8000-%012d' "$1"; }

# write <file in the machine, before it boots>: what comes in.
write() {
  mkdir -p "$box_root/$(dirname "$1")"
  cat >"$box_root/$1"
}

# configuration <socket for administrators> <instances>: the text of the daemon's file.
configuration() {
  local i ids=
  for ((i = 1; i <= $2; i++)); do ids+="\"$(instance $i)\", "; done
  cat <<END
[[app]]
app_id = "$app_id"
base_url = "http://127.0.0.1:8080"
allow_plain_http = true
instances = [$ids]

[[socket]]
roles = ["read", "status"]

[[socket]]
name = "admin"
path = "$1"

[[access]]
group = "wixtokend"
roles = ["read"]

[[access]]
user = "root"
roles = ["read", "register", "manage", "status"]
END
}

world_install() {
  local component name
  for component in daemon emulator; do
    DESTDIR=$box_root cmake --install build/dev --prefix /usr --component $component >/dev/null ||
      return 1
  done
  install build/dev/bin/sandbox_probe "$box_root/usr/local/bin/" || return 1
  systemd-sysusers --root="$box_root" wixtokend.conf || return 1
  # One who may read, and one who may not even connect.
  printf 'u %s -\n' reader stranger | systemd-sysusers --root="$box_root" - || return 1
  echo 'm reader wixtokend' | systemd-sysusers --root="$box_root" - || return 1

  {
    configuration $admin_socket $instances
    printf '\n[store]\nfile = "/var/lib/wixtokend/state.db"\n'
  } | write etc/wixtokend/wixtokend.toml
  configuration /run/wixtokend/wixtokend-admin@blue.sock 1 | write etc/wixtokend/wixtokend@blue.toml
  for name in wixtokend wixtokend@blue; do
    echo "$app_secret" | write "etc/credstore/$name.app_secret"
    build/dev/bin/wixtokend keygen | write "etc/credstore/$name.store_key"
  done
  chmod -R go= "$box_root/etc/credstore"

  echo "$app_secret" | write etc/emulator_secret
  write etc/systemd/system/emulator.service <<END
[Service]
Type=exec
ExecStart=wix-oauth-emulator --http 127.0.0.1:8080 --app $app_id:/etc/emulator_secret
END
  write etc/systemd/system/box.target <<END
[Unit]
Requires=basic.target emulator.service
After=basic.target
AllowIsolate=yes
END
  echo 0123456789abcdef0123456789abcdef | write etc/machine-id
}

# In the machine, while it runs:

as() {
  local user=$1
  shift
  in_box setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"
}

# http <user> <socket> <method> <target>: prints the status, 000 without an answer.
http() {
  as "$1" curl --silent --output /dev/null --write-out '%{http_code}' --max-time 20 \
    --unix-socket "$2" --request "$3" "http://localhost$4" || true
}

token() { http "${2:-reader}" "${3:-$socket}" GET "/v1/instances/$(instance "$1")/token?wait=15"; }

# warm: whether every instance has its token.
warm() {
  local i
  for ((i = 1; i <= instances; i++)); do [ "$(token $i)" = 200 ] || return 1; done
}

emulator() { in_box curl --silent --max-time 10 "http://127.0.0.1:8080/__control/$1" "${@:2}"; }

# mints: how many tokens the upstream has issued since `forget_mints`.
mints() { emulator 'counters?limit=0' | grep -o '"mints":[0-9]*' | head -n 1 | cut -d: -f2; }
forget_mints() { emulator counters/reset -X POST; }

property() { in_box systemctl show --value --property "$1" "${2:-wixtokend.service}"; }
main_pid() { property MainPID "${1:-wixtokend.service}"; }
journal() { in_box journalctl --quiet --no-pager --output cat --unit wixtokend.service; }
journal_has() { [[ $(journal) == *"$1"* ]]; }
active() { [ "$(property ActiveState "$1")/$(property SubState "$1")" = "${2:-active/running}" ]; }

# override <unit> <lines>: puts a drop-in into force; `restore` takes it away.
override() {
  in_box mkdir -p "$run_units/$1.d"
  printf '%b\n' "$2" | in_box tee "$run_units/$1.d/test.conf" >/dev/null
  in_box systemctl daemon-reload
}
restore() {
  in_box rm -rf "$run_units/$1.d"
  in_box systemctl daemon-reload
}
