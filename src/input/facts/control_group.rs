//! What the control group of a container allows: version 2, else version 1. A container sees its own group at the mount.

use super::read;
use crate::root::Root;

/// Whole processors, at least 1: those of `allowed` that the control group leaves, cut down to its quota.
pub(super) fn cpus(host: &Root, allowed: u64) -> u64 {
    let set = ["cpuset.cpus.effective", "cpuset/cpuset.effective_cpus", "cpuset/cpuset.cpus"];
    let set = set.iter().find_map(|name| count(&read(host, &format!("/sys/fs/cgroup/{name}"))?));
    let version_2 = || read(host, "/sys/fs/cgroup/cpu.max").and_then(|text| quota(&text));
    // The mount has both controllers in its name where they share one.
    let version_1 = || ["cpu", "cpu,cpuacct", "cpuacct,cpu"].iter().find_map(|mount| version_1_quota(host, mount));
    let limits = [set, version_2().or_else(version_1)];
    limits.into_iter().flatten().fold(allowed, u64::min).max(1)
}

fn version_1_quota(host: &Root, mount: &str) -> Option<u64> {
    let microseconds = read(host, &format!("/sys/fs/cgroup/{mount}/cpu.cfs_quota_us"))?;
    let period = read(host, &format!("/sys/fs/cgroup/{mount}/cpu.cfs_period_us"))?;
    quota(&format!("{} {}", microseconds.trim(), period.trim()))
}

/// `<quota> <period>` in microseconds as whole processors, rounded up; none for `max` or -1.
fn quota(text: &str) -> Option<u64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0 && quota > 0).then(|| quota.div_ceil(period).max(1))
}

/// The number of processors in a list such as `0-3,8`; none for an empty or unknown one.
fn count(list: &str) -> Option<u64> {
    let mut count: u64 = 0;
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        count = count.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    Some(count)
}

/// Bytes: the limit of the control group, or what the machine has. Version 1 says "no limit" with a huge number.
pub(super) fn memory(host: &Root) -> Option<u64> {
    let total = read(host, "/proc/meminfo").and_then(|text| total_memory(&text));
    let limit = read(host, "/sys/fs/cgroup/memory.max")
        .or_else(|| read(host, "/sys/fs/cgroup/memory/memory.limit_in_bytes"))
        .and_then(|text| text.trim().parse::<u64>().ok());
    match (limit, total) {
        (Some(limit), Some(total)) => Some(limit.min(total)),
        (limit, total) => limit.or(total),
    }
}

fn total_memory(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::super::prepared::Machine;
    use super::{count, cpus, memory, quota, total_memory};

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemTotal:       8388608 kB\nMemFree: 1 kB\n");
    const GIB: u64 = 1024 * 1024 * 1024;

    #[test]
    fn both_versions_of_control_groups_are_understood() {
        let none: &[(&str, &str)] = &[];
        for (name, files, wanted_cpus, wanted_memory) in [
            ("no control group", none, 64, 8 * GIB),
            (
                "version 2",
                &[("sys/fs/cgroup/cpu.max", "150000 100000\n"), ("sys/fs/cgroup/memory.max", "536870912\n")],
                2,
                GIB / 2,
            ),
            (
                "version 2 without limits",
                &[("sys/fs/cgroup/cpu.max", "max 100000\n"), ("sys/fs/cgroup/memory.max", "max\n")],
                64,
                8 * GIB,
            ),
            (
                "version 2 with a set of processors",
                &[("sys/fs/cgroup/cpu.max", "max 100000\n"), ("sys/fs/cgroup/cpuset.cpus.effective", "0-3,8\n")],
                5,
                8 * GIB,
            ),
            (
                "version 1",
                &[
                    ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n"),
                    ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
                    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n"),
                ],
                3,
                GIB,
            ),
            (
                "version 1 without limits, both controllers in one mount",
                &[
                    ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
                    ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
                    ("sys/fs/cgroup/cpuset/cpuset.cpus", "0-7\n"),
                    ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
                ],
                8,
                8 * GIB,
            ),
            (
                "version 1, both controllers in one mount",
                &[
                    ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n"),
                    ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
                ],
                1,
                8 * GIB,
            ),
            (
                "nonsense",
                &[
                    ("sys/fs/cgroup/cpu.max", "\u{0}many 0"),
                    ("sys/fs/cgroup/cpuset.cpus.effective", "\n"),
                    ("sys/fs/cgroup/memory.max", "a lot"),
                ],
                64,
                8 * GIB,
            ),
        ] {
            let machine = Machine::with(&[&[MACHINE], files].concat());
            assert_eq!(cpus(&machine.root(), 64), wanted_cpus, "{name}");
            assert_eq!(memory(&machine.root()), Some(wanted_memory), "{name}");
        }
        assert_eq!(memory(&Machine::with(none).root()), None);
    }

    #[test]
    fn fewer_processors_are_allowed_than_the_quota_pays_for() {
        let machine = Machine::with(&[("sys/fs/cgroup/cpu.max", "800000 100000")]);
        assert_eq!(cpus(&machine.root(), 2), 2);
    }

    #[test]
    fn numbers() {
        for (text, wanted) in [
            ("200000 100000\n", Some(2)),
            ("150000 100000", Some(2)),
            ("50000 100000", Some(1)),
            ("max 100000", None),
            ("-1 100000", None),
            ("0 0", None),
            ("", None),
        ] {
            assert_eq!(quota(text), wanted, "{text}");
        }
        for (list, wanted) in [
            ("0", Some(1)),
            ("0-3,8", Some(5)),
            ("", None),
            ("3-0", None),
            ("0-18446744073709551615", None),
            ("x", None),
        ] {
            assert_eq!(count(list), wanted, "{list}");
        }
        for (text, wanted) in [
            ("MemTotal:       2048 kB\nMemFree: 1 kB\n", Some(2_097_152)),
            ("MemTotal: 18446744073709551615 kB\n", None),
            ("MemFree: 1 kB\n", None),
        ] {
            assert_eq!(total_memory(text), wanted, "{text}");
        }
    }
}
