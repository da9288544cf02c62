//! Facts about the machine, as far as a container can know them.

use std::path::Path;

use serde_json::{Map, Value};

use crate::root::Root;

/// Bytes of a file below `/proc` or `/sys`.
const SIZE_LIMIT: u64 = 64 * 1024;

/// Gathers all facts. `host` is the root of the file system, whatever the plan's root is.
pub(super) fn gather(host: &Root) -> Map<String, Value> {
    let hostname = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut facts = Map::new();
    facts.insert("ordinal".to_owned(), ordinal(&hostname).map_or(Value::Null, Value::from));
    facts.insert("hostname".to_owned(), hostname.into());
    facts.insert("cpus".to_owned(), cpus(host).into());
    facts.insert("memory".to_owned(), memory(host).map_or(Value::Null, Value::from));
    facts.insert("uid".to_owned(), nix::unistd::geteuid().as_raw().into());
    facts.insert("gid".to_owned(), nix::unistd::getegid().as_raw().into());
    facts
}

/// The number behind the last `-`: what a `StatefulSet` gives its pods.
fn ordinal(hostname: &str) -> Option<u64> {
    let (_, number) = hostname.split('.').next()?.rsplit_once('-')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}

/// Whole processors, at least 1: those that this process may run on, cut down to the quota of its control group.
fn cpus(host: &Root) -> u64 {
    let allowed = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let version_2 = read(host, "/sys/fs/cgroup/cpu.max").and_then(|text| quota(&text));
    let version_1 = || {
        let microseconds = read(host, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")?;
        let period = read(host, "/sys/fs/cgroup/cpu/cpu.cfs_period_us")?;
        quota(&format!("{} {}", microseconds.trim(), period.trim()))
    };
    version_2.or_else(version_1).map_or(allowed, |quota| quota.min(allowed))
}

/// `<quota> <period>` in microseconds as whole processors, rounded up; none for `max` or -1.
fn quota(text: &str) -> Option<u64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0 && quota > 0).then(|| quota.div_ceil(period).max(1))
}

/// Bytes: the limit of the control group, or what the machine has.
fn memory(host: &Root) -> Option<u64> {
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
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

fn read(host: &Root, path: &str) -> Option<String> {
    String::from_utf8(host.read(Path::new(path), SIZE_LIMIT).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{gather, ordinal, quota, total_memory};
    use crate::root::Root;
    use crate::template::FACTS;

    #[test]
    fn every_fact_that_can_be_named_is_gathered() {
        let facts = gather(&Root::open(Path::new("/")).unwrap());
        let mut names: Vec<&str> = FACTS.to_vec();
        names.sort_unstable();
        assert_eq!(facts.keys().map(String::as_str).collect::<Vec<_>>(), names);
    }

    #[test]
    fn ordinals() {
        for (hostname, wanted) in [
            ("web-0", Some(0)),
            ("my-db-12", Some(12)),
            ("web-3.web.default.svc", Some(3)),
            ("web", None),
            ("web-", None),
            ("web-7f9c", None),
            ("web-+1", None),
        ] {
            assert_eq!(ordinal(hostname), wanted, "{hostname}");
        }
    }

    #[test]
    fn quotas() {
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
        assert_eq!(total_memory("MemTotal:       2048 kB\nMemFree: 1 kB\n"), Some(2_097_152));
    }
}
