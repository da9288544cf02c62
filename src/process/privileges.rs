//! The user that a program runs as.

use std::path::PathBuf;

use nix::errno::Errno;
use nix::unistd::{
    Gid, Uid, getegid, geteuid, getgroups, getresgid, getresuid, setgroups, setresgid, setresuid, setuid,
};

use super::cause;
use crate::failure::{Failure, Kind};
use crate::root::Accounts;
use crate::spec::{Id, Owner};

/// A user with the groups and the home directory that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Supplementary groups; the group itself is among them.
    pub(crate) groups: Vec<u32>,
    /// `/` when the user is unknown.
    pub(crate) home: PathBuf,
}

impl Credentials {
    /// What an owner of the plan means: a known user brings its groups, `user:group` means only that group, an unknown number
    /// keeps the present group, and `:group` keeps the present user.
    pub(crate) fn resolve(owner: &Owner, accounts: &Accounts) -> Result<Self, Failure> {
        let user = match &owner.user {
            Some(Id::Name(name)) => Some(accounts.user(name).ok_or_else(|| unknown("user", name, "passwd"))?),
            Some(Id::Number(uid)) => accounts.user_by_id(*uid),
            None => accounts.user_by_id(geteuid().as_raw()),
        };
        let uid = match (&owner.user, user) {
            (Some(Id::Number(uid)), _) => *uid,
            (_, Some(user)) => user.uid,
            _ => geteuid().as_raw(),
        };
        let (gid, mut groups) = match (&owner.group, user) {
            (Some(Id::Number(gid)), _) => (*gid, Vec::new()),
            (Some(Id::Name(name)), _) => {
                (accounts.group(name).ok_or_else(|| unknown("group", name, "group"))?, Vec::new())
            }
            (None, Some(user)) => (user.gid, accounts.groups_of(&user.name)),
            (None, None) => (getegid().as_raw(), Vec::new()),
        };
        groups.push(gid);
        groups.sort_unstable();
        groups.dedup();
        let home = user.map(|user| PathBuf::from(&user.home)).filter(|home| !home.as_os_str().is_empty());
        Ok(Self { uid, gid, groups, home: home.unwrap_or_else(|| PathBuf::from("/")) })
    }

    /// What has to be done to become this user.
    pub(super) fn plan(&self) -> Result<Drop, Errno> {
        let (uid, gid) = (getresuid()?, getresgid()?);
        let wanted = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        let same_user = [uid.real, uid.effective, uid.saved].iter().all(|known| *known == wanted.0);
        let same_group = [gid.real, gid.effective, gid.saved].iter().all(|known| *known == wanted.1);
        // Who is this user already keeps the groups that the container was given, for instance a pod's fsGroup: giving them
        // up would need a capability that such a container does not have.
        let stays = same_user && same_group && !wanted.0.is_root();
        let groups: Vec<Gid> = self.groups.iter().copied().map(Gid::from_raw).collect();
        let groups = if stays || same_groups(&groups, gid.effective)? { None } else { Some(groups) };
        Ok(Drop { groups, gid: (!same_group).then_some(wanted.1), uid: (!same_user).then_some(wanted.0) })
    }

    /// Becomes this user, for ever.
    #[cfg(test)]
    pub(super) fn assume(&self) -> Result<(), Failure> {
        self.plan().and_then(|drop| drop.carry_out()).map_err(|errno| self.refused(errno))
    }

    pub(super) fn refused(&self, errno: Errno) -> Failure {
        let (uid, gid) = (self.uid, self.gid);
        let failure = Failure::new(Kind::Step, format!("cannot become user {uid} with group {gid}: {}", cause(errno)));
        match errno {
            Errno::EPERM => failure.hint(format!(
                "this needs the capabilities SETUID and SETGID; without them start the container with `user: \"{uid}:{gid}\"`"
            )),
            Errno::EINVAL => failure.hint("the user namespace of this container does not know one of these ids"),
            _ => failure,
        }
    }
}

/// The calls that make the present process somebody else. What is right already is left out, so that a process that is the
/// wanted user needs no capability.
#[derive(Debug, Default)]
pub(super) struct Drop {
    groups: Option<Vec<Gid>>,
    gid: Option<Gid>,
    uid: Option<Uid>,
}

impl Drop {
    /// Groups first and the user last, because each call needs rights that the next one takes away; then looks whether it is
    /// so. Makes no allocation: called between `fork` and `execve` too.
    pub(super) fn carry_out(&self) -> Result<(), Errno> {
        if let Some(groups) = &self.groups {
            setgroups(groups)?;
        }
        if let Some(gid) = self.gid {
            setresgid(gid, gid, gid)?;
            let now = getresgid()?;
            if [now.real, now.effective, now.saved].iter().any(|id| *id != gid) {
                return Err(Errno::EPERM);
            }
        }
        if let Some(uid) = self.uid {
            setresuid(uid, uid, uid)?;
            let now = getresuid()?;
            let differs = [now.real, now.effective, now.saved].iter().any(|id| *id != uid);
            // Succeeds where capabilities were kept over the change: then nothing was given up.
            if differs || (!uid.is_root() && setuid(Uid::from_raw(0)).is_ok()) {
                return Err(Errno::EPERM);
            }
        }
        Ok(())
    }
}

/// Whether these are the present groups; whether the group itself is listed among them makes no difference.
fn same_groups(wanted: &[Gid], gid: Gid) -> Result<bool, Errno> {
    let sorted = |groups: &[Gid]| {
        let mut ids: Vec<u32> = groups.iter().chain([&gid]).map(|group| group.as_raw()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    Ok(sorted(wanted) == sorted(&getgroups()?))
}

fn unknown(what: &str, name: &str, file: &str) -> Failure {
    Failure::new(Kind::Input, format!("cannot find {what} `{name}`: not in `/etc/{file}`"))
        .hint("add it to the image, or write its number")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Credentials;
    use crate::failure::Kind;
    use crate::process::subprocess::{Role, is_root};
    use crate::root::{Accounts, Root};
    use crate::spec::Owner;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "test files")]
    fn owners_become_credentials() {
        let directory = std::env::temp_dir().join(format!("fitout-accounts-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("etc")).unwrap();
        let passwd = "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\nbare:x:5:6:::\n";
        std::fs::write(directory.join("etc/passwd"), passwd).unwrap();
        let group = "staff:x:50:bare,app\nweb:x:80:app\nalone:x:90:\n";
        std::fs::write(directory.join("etc/group"), group).unwrap();
        let accounts = Accounts::read(&Root::open(&directory).unwrap()).unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        let (own_user, own_group) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        for (owner, uid, gid, groups) in [
            ("app", 1000, 1001, vec![50, 80, 1001]),
            ("1000", 1000, 1001, vec![50, 80, 1001]),
            ("app:web", 1000, 80, vec![80]),
            ("1000:1234", 1000, 1234, vec![1234]),
            ("1234:5678", 1234, 5678, vec![5678]),
            ("1234", 1234, own_group, vec![own_group]),
            (":alone", own_user, 90, vec![90]),
            ("bare", 5, 6, vec![6, 50]),
        ] {
            let resolved = Credentials::resolve(&Owner::try_from(owner.to_owned()).unwrap(), &accounts).unwrap();
            assert_eq!((resolved.uid, resolved.gid, &resolved.groups), (uid, gid, &groups), "{owner}");
            let home = match uid {
                0 => "/root",
                1000 => "/home/app",
                _ => "/",
            };
            assert_eq!(resolved.home, PathBuf::from(home), "{owner}");
        }
        for (owner, message) in [
            ("nobody-here", "cannot find user `nobody-here`: not in `/etc/passwd`"),
            ("1000:nothing", "cannot find group `nothing`: not in `/etc/group`"),
        ] {
            let failure = Credentials::resolve(&Owner::try_from(owner.to_owned()).unwrap(), &accounts).unwrap_err();
            assert_eq!((failure.kind(), failure.to_string().as_str()), (Kind::Input, message));
        }
    }

    fn credentials(uid: u32, gid: u32, groups: &[u32]) -> Credentials {
        Credentials { uid, gid, groups: groups.to_vec(), home: "/".into() }
    }

    #[test]
    fn dropping_is_for_good_and_needs_nothing_when_it_is_done() {
        if !is_root() {
            return;
        }
        let Some(Role) = Role::current() else {
            let test = "process::privileges::tests::dropping_is_for_good_and_needs_nothing_when_it_is_done";
            let output = Role::start(test).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            return;
        };
        // Root that keeps its ids needs no call at all.
        let groups: Vec<u32> = nix::unistd::getgroups().unwrap().iter().map(|group| group.as_raw()).collect();
        let same = credentials(0, 0, &groups).plan().unwrap();
        assert!(same.groups.is_none() && same.gid.is_none() && same.uid.is_none(), "{same:?}");

        credentials(1234, 2345, &[2345, 3456]).assume().unwrap();
        assert!(nix::unistd::setuid(0.into()).is_err());
        // Already this user: other groups are kept, and no capability is needed.
        credentials(1234, 2345, &[2345]).assume().unwrap();
        assert_eq!(nix::unistd::getgroups().unwrap().len(), 2);
        for refused in [credentials(0, 0, &[0]), credentials(1234, 0, &[0]), credentials(1235, 2345, &[2345])] {
            let failure = refused.assume().unwrap_err();
            assert_eq!(failure.kind(), Kind::Step);
            assert!(failure.to_string().ends_with("operation not permitted"), "{failure}");
            assert!(failure.details().hint.as_ref().unwrap().contains("SETUID and SETGID"));
        }
    }
}
