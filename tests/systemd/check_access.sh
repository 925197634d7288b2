# shellcheck shell=bash disable=SC2154  # set in world.sh and box.sh
# Who gets what, by users and groups; and why PrivateUsers= is not set.

check_access() {
  local id
  id=$(instance 1)
  equal "a member of the group reads tokens" 200 "$(token 1 reader)"
  equal "others cannot connect" 000 "$(token 1 stranger)"
  equal "a reader cannot drop a token" 403 \
    "$(http reader "$socket" DELETE "/v1/instances/$id/token")"
  equal "and does not reach the socket for administrators" 000 \
    "$(http reader "$admin_socket" GET /v1/instances)"
  equal "over which root lists the instances" 200 "$(http root "$admin_socket" GET /v1/instances)"
  equal "but not over the other socket, which cannot grant it" 403 \
    "$(http root "$socket" GET /v1/instances)"

  override wixtokend.service '[Service]\nPrivateUsers=yes'
  in_box systemctl restart wixtokend.service
  equal "with PrivateUsers the same reader is nobody, and gets nothing" 403 "$(token 1 reader)"
  check "since its uid is hidden" journal_has "uid=65534"
  restore wixtokend.service
  in_box systemctl restart wixtokend.service
  equal "without it all is as before" 200 "$(token 1 reader)"
}
