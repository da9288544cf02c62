//! Looking at files with the rights of somebody else, without becoming him.

use std::thread;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Gid, Uid, setfsgid, setfsuid};

use super::Credentials;

/// Does the work on a thread for which the kernel judges files as for this user. Nothing when that right is missing.
pub(crate) fn acting_as<T: Send>(credentials: &Credentials, work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let acting = move || {
            act_as(credentials).ok()?;
            Some(work())
        };
        scope.spawn(acting).join().ok().flatten()
    })
}

/// Changes this thread alone: the functions of the C library would change all of them.
#[allow(unsafe_code, reason = "the calls for a single thread have no safe form")]
fn act_as(credentials: &Credentials) -> Result<(), Errno> {
    let groups: Vec<libc::gid_t> = credentials.groups.clone();
    // SAFETY: the call reads that many numbers of a list that lives as long, and changes nothing but the groups of this thread.
    let set = unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) };
    match Errno::result(set) {
        // Who is that user already needs no other groups.
        Err(Errno::EPERM) if nix::unistd::geteuid().as_raw() == credentials.uid => return Ok(()),
        result => result.map(drop)?,
    }
    // The answer is the number before, so the second call asks whether the first one was done.
    let (gid, uid) = (Gid::from_raw(credentials.gid), Uid::from_raw(credentials.uid));
    setfsgid(gid);
    setfsuid(uid);
    if (setfsgid(gid), setfsuid(uid)) == (gid, uid) { Ok(()) } else { Err(Errno::EPERM) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::acting_as;
    use crate::process::Credentials;
    use crate::process::subprocess::is_root;
    use crate::root::{Access, Root};

    #[test]
    fn files_are_judged_as_for_the_user_and_only_on_that_thread() {
        if !is_root() {
            return;
        }
        let root = Root::open(Path::new("/")).unwrap();
        let user = Credentials { uid: 1234, gid: 1234, groups: vec![1234], home: PathBuf::from("/") };
        let can = |path: &str, access| root.can(Path::new(path), access).unwrap();
        assert_eq!(acting_as(&user, || can("/etc/shadow", Access::Read)), Some(false));
        assert_eq!(acting_as(&user, || can("/etc/passwd", Access::Read)), Some(true));
        assert_eq!(acting_as(&user, || can("/etc/passwd", Access::Write)), Some(false));
        let shadow = Credentials { groups: vec![42], ..user };
        assert_eq!(acting_as(&shadow, || can("/etc/shadow", Access::Read)), Some(true));
        assert!(can("/etc/shadow", Access::Write), "this thread is changed");
    }
}
