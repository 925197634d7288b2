# shellcheck shell=bash
# The recipe for nginx, in a server of its own. Part of tests/recipes/run.

: "${folder:?}"
nginx=$PWD/build/nginx # as tests/recipes/prepare has unpacked it

nginx_configuration() {
  [ "$(id -u)" -ne 0 ] || echo "user root;" # it stands for a user with the role `read`
  cat <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/log-nginx warn;
load_module $nginx/usr/lib/nginx/modules/ndk_http_module.so;
load_module $nginx/usr/lib/nginx/modules/ngx_http_lua_module.so;
events {}
http {
  access_log off;
  lua_package_path "$nginx/usr/share/lua/5.1/?.lua;;";
  client_body_temp_path $folder/nginx-body;
  proxy_temp_path $folder/nginx-proxy;
  fastcgi_temp_path $folder/nginx-fastcgi;
  uwsgi_temp_path $folder/nginx-uwsgi;
  scgi_temp_path $folder/nginx-scgi;
  include $folder/recipe.nginx;
}
END
}

through_proxy() {
  curl --silent --show-error --fail-with-body --max-time 10 --unix-socket "$folder/proxy.sock" \
    "http://localhost$1" "${@:2}"
}

recipe nginx "$folder/recipe.nginx"
nginx_configuration >"$folder/nginx.conf"
LD_LIBRARY_PATH=$(printf '%s:' "$nginx"/{usr/,}lib/*-linux-gnu) \
  "$nginx/usr/sbin/nginx" -e "$folder/log-nginx" -p "$folder" -c "$folder/nginx.conf" &
processes+=($!)
if within 10 test -S "$folder/proxy.sock"; then
  id=2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55
  answer=$(through_proxy /apps/v1/instance 2>&1)
  contains "nginx: a call without a token arrives with one" "$id" "$answer"
  answer=$(through_proxy /some/api -H 'Authorization: of the caller' \
    -H 'Origin: https://a.example' -d '{"a":1}' 2>&1)
  contains "nginx: so does one with a body, an Origin, and a token of the caller's" "$id" "$answer"
  equal "nginx: it takes one mint" 1 "$(mints_of "$id")"
  check "nginx: the token's location is not for callers" \
    [ "$(through_proxy /_token -o /dev/null -w '%{http_code}' 2>/dev/null)" = 404 ]

  sed -i "s/$id/$(instance 9)/" "$folder/recipe.nginx"
  kill -HUP "${processes[-1]}"
  refused() { [ "$(through_proxy / -o /dev/null -w '%{http_code}' 2>/dev/null)" = 503 ]; }
  check "nginx: without a token nothing goes to Wix" within 10 refused
  contains "nginx: and its log says why" unknown_upstream "$(cat "$folder/log-nginx")"
else
  fail "nginx: it starts" "$(cat "$folder/log-nginx")"
fi
