# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# systemctl restart while callers ask as fast as they can: some with a connection for each request,
# one with a connection that it keeps.

# new_connections <file>: statuses, one a line, until $box/enough is there.
new_connections() {
  until [ -e "$box/enough" ]; do
    token $((RANDOM % instances + 1))
    echo
  done >"$1"
}

kept_connections() {
  local urls
  urls="http://localhost/v1/instances/$(instance 0)/token?wait=[1-60]"
  urls=${urls/0\/token/[1-$instances]/token}
  until [ -e "$box/enough" ]; do
    as reader curl --silent --max-time 30 --unix-socket "$socket" --output /dev/null \
      --write-out '%{http_code}\n' "$urls" || echo "curl ended with $?"
  done >"$1"
}

check_load() {
  local number pids=() all
  forget_mints
  for number in 1 2 3; do
    new_connections "$box/load-$number" &
    pids+=($!)
  done
  kept_connections "$box/load-kept" &
  pids+=($!)
  for number in 1 2 3; do
    sleep 0.7
    check "restart $number under load" in_box systemctl restart wixtokend.service
  done
  sleep 0.5
  touch "$box/enough"
  wait "${pids[@]}"
  all=$(cat "$box"/load-*)
  equal "no request has failed over three restarts ($(wc -l <<<"$all") requests)" "200" \
    "$(sort -u <<<"$all")"
  equal "and Wix was asked for nothing" 0 "$(mints)"
}
