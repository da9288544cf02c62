//! For tests of what cannot be done inside the test program: it starts itself again with one test and a role.

use std::process::Command;

const VARIABLE: &str = "FITOUT_TEST_ROLE";

/// The test runs in a process of its own.
pub(super) struct Role;

impl Role {
    pub(super) fn current() -> Option<Self> {
        std::env::vars_os().any(|(name, _)| name == VARIABLE).then_some(Self)
    }

    /// The test program again, with only the named test.
    pub(super) fn start(test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(VARIABLE, "1");
        command
    }
}

/// The standard signals in a mask of `/proc/self/status`, whose text this is. Some environments ignore real-time signals.
pub(super) fn signals(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.split_once(name)).unwrap_or_else(|| panic!("no {name} in {status}"));
    u64::from_str_radix(line.1.trim_start_matches([':', '\t']), 16).unwrap() & 0x7fff_ffff
}

/// Whether the test may change users; without that right it is skipped, but never in CI.
pub(super) fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    let ci = std::env::vars_os().any(|(name, value)| name == "CI" && value == "true");
    assert!(root || !ci, "this test needs root and must not be skipped in CI");
    if !root {
        std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: this test needs root\n").unwrap();
    }
    root
}
