//! Facts about the machine, as far as a container can know them.

mod control_group;
mod network;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use crate::root::Root;
use crate::template::Facts;

/// Bytes of a file below `/proc`, `/sys` or `/etc`.
const SIZE_LIMIT: u64 = 64 * 1024;

/// The facts of this machine, to be gathered when they are asked for.
pub(super) fn later(host: &Root) -> Facts {
    let host = host.clone();
    Arc::new(LazyLock::new(Box::new(move || gather(&host))))
}

/// Gathers all facts; `arguments` is empty until the command is known. `host` is the root of the file system, whatever the
/// plan's root is.
fn gather(host: &Root) -> Map<String, Value> {
    let hostname = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let allowed = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let mut facts = Map::new();
    facts.insert("ordinal".to_owned(), ordinal(&hostname).map_or(Value::Null, Value::from));
    facts.insert("hostname".to_owned(), hostname.into());
    facts.insert("cpus".to_owned(), control_group::cpus(host, allowed).into());
    facts.insert("memory".to_owned(), control_group::memory(host).map_or(Value::Null, Value::from));
    facts.insert("nameservers".to_owned(), network::nameservers(host).into());
    facts.insert("addresses".to_owned(), network::addresses().into());
    facts.insert("uid".to_owned(), nix::unistd::geteuid().as_raw().into());
    facts.insert("gid".to_owned(), nix::unistd::getegid().as_raw().into());
    facts.insert("arguments".to_owned(), Value::Array(Vec::new()));
    facts
}

/// The number behind the last `-`: what a `StatefulSet` gives its pods.
fn ordinal(hostname: &str) -> Option<u64> {
    let (_, number) = hostname.split('.').next()?.rsplit_once('-')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}

fn read(host: &Root, path: &str) -> Option<String> {
    String::from_utf8(host.read(Path::new(path), SIZE_LIMIT).ok()?).ok()
}

/// The file system of another machine, for tests.
#[cfg(test)]
mod prepared {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::root::Root;

    static NEXT: AtomicU32 = AtomicU32::new(0);

    /// Removed at the end.
    pub(super) struct Machine(PathBuf);

    impl Machine {
        pub(super) fn with(files: &[(&str, &str)]) -> Self {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let machine = Self(std::env::temp_dir().join(format!("fitout-facts-{}-{number}", std::process::id())));
            for (path, content) in files {
                machine.file(path, content);
            }
            machine
        }

        #[allow(clippy::disallowed_methods, reason = "a test makes files directly")]
        fn file(&self, path: &str, content: &str) {
            let path = self.0.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
            std::fs::write(path, content).unwrap();
        }

        #[allow(clippy::disallowed_methods, reason = "a test makes files directly")]
        pub(super) fn root(&self) -> Root {
            std::fs::create_dir_all(&self.0).unwrap();
            Root::open(&self.0).unwrap()
        }
    }

    impl Drop for Machine {
        #[allow(clippy::disallowed_methods, reason = "a test removes files directly")]
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{gather, ordinal};
    use crate::root::Root;
    use crate::template::FACTS;

    #[test]
    fn every_fact_that_can_be_named_is_gathered() {
        let facts = gather(&Root::open(Path::new("/")).unwrap());
        let mut wanted: Vec<&str> = FACTS.to_vec();
        wanted.sort_unstable();
        let mut names: Vec<&str> = facts.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, wanted);
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
            ("web-99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(ordinal(hostname), wanted, "{hostname}");
        }
    }
}
