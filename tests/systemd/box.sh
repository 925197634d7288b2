# shellcheck shell=bash
# A machine to test in: a real systemd as process 1 of a container, without an image. Its files are
# an overlay over this machine's own, all writes go into memory, its network is loopback only. It is
# used in namespaces of its own, with which its mounts and processes go (see `run`).

box=${WIXTOKEND_BOX:?is set by tests/systemd/run}
box_root=$box/root
box_leader=

# Mounts the file system; what is put into $box_root then is there when it boots.
box_prepare() {
  mkdir "$box/memory" "$box_root" &&
    mount -t tmpfs -o size=1g,mode=0755 wixtokend-box "$box/memory" &&
    mkdir "$box/memory/upper" "$box/memory/work" &&
    mount -t overlay wixtokend-box "$box_root" \
      -o "lowerdir=/,upperdir=$box/memory/upper,workdir=$box/memory/work"
}

# Groups of its own in every hierarchy, so that nothing of this machine's is touched. A cpuset of
# cgroup v1 takes no process until it is filled.
box_join_cgroups() {
  local hierarchy own kind
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    own=$hierarchy/${box##*/}
    [ -f "$hierarchy/cgroup.procs" ] || continue
    mkdir "$own" 2>/dev/null || continue
    for kind in cpuset.cpus cpuset.mems; do
      [ ! -f "$hierarchy/$kind" ] || cat "$hierarchy/$kind" >"$own/$kind"
    done
    echo "$BASHPID" >"$own/cgroup.procs" 2>/dev/null || true
  done
}

# box_boot <unit>: returns 1 if it does not come up; $box/console says why.
box_boot() {
  local nspawn tries=0
  (
    box_join_cgroups
    exec setsid systemd-nspawn --quiet --boot --register=no --keep-unit --private-network \
      --directory="$box_root" --machine=wixtokend-box --console=pipe \
      "systemd.unit=$1" </dev/null >"$box/console" 2>&1
  ) &
  nspawn=$!
  while kill -0 "$nspawn" 2>/dev/null && [ $tries -lt 400 ]; do
    box_leader=$(pgrep -P "$nspawn" -x systemd || true)
    case $([ -z "$box_leader" ] || in_box systemctl is-system-running 2>/dev/null) in
      running | degraded) return 0 ;;
    esac
    sleep 0.05
    tries=$((tries + 1))
  done
  return 1
}

# in_box <command…>: runs it there as root.
in_box() { nsenter -t "$box_leader" -m -u -i -p -n -C -- "$@"; }
