# shellcheck shell=bash
# Control groups of version 1, as far as nobody has mounted them. Without some of them (hugetlb, perf_event,
# net_cls) the engine starts, but its statistics read 0 bytes. With version 2 there is nothing to do.

mount_cgroups() {
  local root=/sys/fs/cgroup kind controllers
  kind=$(stat --file-system --format %T "$root")
  if [[ $kind == cgroup2fs ]]; then return 0; fi
  if [[ $kind != tmpfs ]]; then mount -t tmpfs -o mode=755 cgroup "$root"; fi
  for controllers in cpuset cpu cpuacct blkio memory devices freezer pids hugetlb perf_event net_cls,net_prio; do
    mount_controllers "$root" "$controllers"
  done
}

# mount_controllers ROOT LIST: mounts a hierarchy with these controllers, unless one of them has a hierarchy already.
mount_controllers() {
  local root=$1 list=$2 name
  for name in ${list//,/ }; do
    # Columns of /proc/cgroups: name, hierarchy (0: none of version 1), number of groups, enabled.
    awk -v name="$name" '$1 == name && $2 == 0 && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups || return 0
  done
  mkdir -p "$root/$list"
  if ! mount -t cgroup -o "$list" cgroup "$root/$list"; then
    rmdir "$root/$list"
    say "the control group hierarchy $list cannot be mounted: statistics of containers may read 0"
  fi
}
