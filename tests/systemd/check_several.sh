# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# A second daemon beside the first one, from the template; it is left alone after its start, and in
# the end it shows how often an idle daemon wakes.

blue=wixtokend@blue.service
blue_socket=/run/wixtokend/wixtokend@blue.sock

# How often its threads have gone to sleep.
sleeps_of_blue() {
  in_box sh -c "cat /proc/$(main_pid $blue)/task/*/status" |
    awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'
}

check_several() {
  check "the sockets of an instance of the template start" \
    in_box systemctl start wixtokend@blue.socket wixtokend-admin@blue.socket
  equal "the instance serves on its own socket" 200 "$(token 1 reader "$blue_socket")"
  check "beside the first daemon" test "$(main_pid)" != "$(main_pid $blue)"
  equal "which serves on, too" 200 "$(token 1)"
  equal "each has its own folder for its state" "wixtokend wixtokend@blue" \
    "$(in_box sh -c 'cd /var/lib && echo wixtokend*')"
  sleep 1  # until it has no connection any more
  blue_since=$SECONDS
  blue_slept=$(sleeps_of_blue)
}

check_idle() {
  local seconds sleeps
  seconds=$((SECONDS - blue_since))
  sleeps=$(($(sleeps_of_blue) - blue_slept))
  check "an idle daemon wakes at most about once in 10 s ($sleeps times in $seconds s)" \
    test $((sleeps * 10)) -le $((seconds + 20))
}
