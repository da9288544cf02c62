//! All processes that came of the application.

use std::path::{Path, PathBuf};

use super::super::signals;
use crate::root::Root;

/// Bytes of a list of children.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// Sends the signal to every process that came of the application. The first process of a container reaches them all at
/// once; another one asks the kernel for its children and theirs. Where it does not tell them, the group of the application is
/// reached.
pub(super) fn signal_all(application: i32, signal: i32) {
    if std::process::id() == 1 {
        let _ = signals::send(-1, signal);
        return;
    }
    let found =
        Root::open(Path::new("/")).map(|host| find(&host, std::process::id().cast_signed())).unwrap_or_default();
    for process in &found {
        let _ = signals::send(*process, signal);
    }
    if found.is_empty() {
        let _ = signals::send(-application, signal);
    }
}

/// The descendants of a process, parents before their children.
fn find(host: &Root, process: i32) -> Vec<i32> {
    let (mut found, mut next) = (vec![process], 0);
    while let Some(parent) = found.get(next) {
        let tasks = PathBuf::from(format!("/proc/{parent}/task"));
        for task in host.list(&tasks).unwrap_or_default() {
            let list = host.read(&tasks.join(&task.name).join("children"), SIZE_LIMIT).unwrap_or_default();
            let children = String::from_utf8_lossy(&list);
            found.extend(children.split_ascii_whitespace().filter_map(|child| child.parse::<i32>().ok()));
        }
        next += 1;
    }
    found.remove(0);
    found
}
