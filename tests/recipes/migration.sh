# shellcheck shell=bash
# What docs/migration.md has to be run. Part of tests/recipes/run.

: "${folder:?}" "${socket:?}" "${http_port:?}" "${app_id:?}"
cd "$folder" || exit 1

for n in 21 22 23; do instance $n && echo; done >instances.txt
recipe migration-register register.sh
sh register.sh >log-register 2>&1
check "migration: a list of ids is registered" grep -q "3 added, 0 known" log-register
sh register.sh >log-register 2>&1
check "migration: once more does no harm" grep -q "0 added, 3 known" log-register

# A refresh token as the old callback has got it.
code=$(control POST codes "{\"instance\":\"$(instance 24)\"}" | sed 's/.*"code":"\([^"]*\)".*/\1/')
refresh_token=$(curl --silent "http://127.0.0.1:$http_port/oauth/access" --json "{
  \"grant_type\":\"authorization_code\",\"client_id\":\"$app_id\",
  \"client_secret\":\"$(cat secret)\",\"code\":\"$code\"}" |
  sed 's/.*"refresh_token":"\([^"]*\)".*/\1/')
# The database.
mkdir bin
printf '#!/bin/sh\necho "%s,%s"\n' "$(instance 24)" "$refresh_token" >bin/psql
chmod 0700 bin/psql
recipe migration-import import.sh
check "migration: refresh tokens are imported" env PATH="$folder/bin:$PATH" sh import.sh
legacy=$(curl --silent --unix-socket "$socket" "http://localhost/v1/instances/$(instance 24)/token")
contains "migration: the daemon has a token of that grant" '"access_token":"OAUTH2.' "$legacy"
refreshed=$(curl --silent "http://127.0.0.1:$http_port/oauth/access" --json "{
  \"grant_type\":\"refresh_token\",\"client_id\":\"$app_id\",
  \"client_secret\":\"$(cat secret)\",\"refresh_token\":\"$refresh_token\"}")
contains "migration: the old job can still use the refresh token" '"access_token":"OAUTH2.' \
  "$refreshed"

recipe migration-bridge bridge.sh
export TOKEN_FILE=$folder/token
INSTANCE_ID=$(instance 25) sh bridge.sh 2>log-bridge &
processes+=($!)
check "migration: the bridge writes a token" within 5 test -s token
first=$(cat token)
# From here on the file must never be missing, or empty.
(while [ -s token ]; do :; done && echo gap >gap) &
processes+=($!)
curl --silent --unix-socket "$socket" -X DELETE "http://localhost/v1/instances/$(instance 25)/token"
another() { [ -s token ] && [ "$(cat token)" != "$first" ]; }
check "migration: and a newer one when there is one" within 5 another
check "migration: the file was never without a token" test ! -e gap
contains "migration: Wix takes what stands in it" "$(instance 25)" \
  "$(curl --silent -H "Authorization: $(cat token)" "http://127.0.0.1:$http_port/apps/v1/instance")"
equal "migration: the bridge takes no more mints than that" 2 "$(mints_of "$(instance 25)")"

cd - >/dev/null || exit 1
