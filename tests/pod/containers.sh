# shellcheck shell=bash
# podman and buildah with all that they keep in one folder.

# use_containers_in <folder>
use_containers_in() {
  local folder=$1
  mkdir -p "$folder"
  cat >"$folder/storage.conf" <<END
[storage]
driver = "vfs"
runroot = "$folder/run"
graphroot = "$folder/graph"
END
  # runc, since crun refuses machines that have cgroups of both versions. Equal limits, soft and
  # hard: podman swaps them for a pod's first container, and its own default is more than some
  # kernels let root have.
  cat >"$folder/containers.conf" <<END
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
pids_limit = 0
[network]
network_backend = "netavark"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
tmp_dir = "$folder/tmp"
END
  echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$folder/policy.json"
  export CONTAINERS_FOLDER=$folder
  export CONTAINERS_STORAGE_CONF=$folder/storage.conf CONTAINERS_CONF=$folder/containers.conf
}

# load_image <archive> <name>
load_image() {
  skopeo copy --quiet --policy "$CONTAINERS_FOLDER/policy.json" "oci-archive:$1" \
    "containers-storage:$2"
}
