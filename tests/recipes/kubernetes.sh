# shellcheck shell=bash
# The manifest of a container, whose user, group and variables open a socket that another user's
# daemon has made. Part of tests/recipes/run; comes last, since the socket gets another owner.

: "${folder:?}" "${socket:?}" "${reader_group:?}"
manifest=$folder/manifest.yaml
recipe kubernetes "$manifest"

# field <key>: the value of the first field of that name.
field() { sed -n "s/^[ -]*$1: \"\{0,1\}\([^\" ]*\).*/\1/p" "$manifest" | head -n 1; }

# variable <name>: the value that the container gets for it.
variable() {
  sed -n "/- name: $1\( \|$\)/{n;s/^ *value: \"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p}" "$manifest"
}

path=$(variable WIXTOKEN_SOCKET)
path=${path/#$socket//run/wixtokend/wixtokend.sock} # as it stands on the page
equal "kubernetes: the socket is in the folder that is mounted" "$(field mountPath)" "${path%/*}"
check "kubernetes: which nobody can write to" grep -q '^ *readOnly: true' "$manifest"

# contained <variable=value…>: the Node client as the container's user, with the pod's group.
contained() {
  # shellcheck disable=SC2016  # JavaScript
  setpriv --reuid "$(field runAsUser)" --regid "$(field runAsUser)" \
    --groups "$(getent group "$reader_group" | cut -d: -f3)" \
    env "$@" "$(command -v node)" -e '
      const { Sidecar } = require(process.argv[1]);
      const got = new Sidecar({ timeoutMs: 5000 }).token(process.argv[2]);
      got.then(() => console.log("a token"), (error) => console.log(error.code));
    ' "$folder/client" "$(instance 26)" 2>&1
}

if [ "$(id -u)" -ne 0 ]; then
  skip "kubernetes: the container gets its token" "it takes root to be another user"
else
  cp -r clients/node "$folder/client" # the tree may be where only root can read
  chmod -R a+rX "$folder/client"
  chown "$(variable WIXTOKEN_SOCKET_OWNER)" "$socket"
  equal "kubernetes: the container gets its token" "a token" \
    "$(contained "WIXTOKEN_SOCKET=$(variable WIXTOKEN_SOCKET)" \
      "WIXTOKEN_SOCKET_OWNER=$(variable WIXTOKEN_SOCKET_OWNER)")"
  equal "kubernetes: it takes no other user's socket for the daemon's" wrong_owner \
    "$(contained "WIXTOKEN_SOCKET=$(variable WIXTOKEN_SOCKET)")"
fi
