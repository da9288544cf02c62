//! Users and groups from the files in the root. The C library's lookup would ask the machine's own, and load plugins.

use std::path::Path;

use nix::errno::Errno;

use super::Root;
use super::error::Error;

/// Larger than any real file of users.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// A user of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    gid: u32,
    members: Vec<String>,
}

/// The users and groups of a root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    users: Vec<User>,
    groups: Vec<Group>,
}

impl Accounts {
    /// Reads `/etc/passwd` and `/etc/group`; one that is missing has no entries.
    pub(crate) fn read(root: &Root) -> Result<Self, Error> {
        let text = |path: &str| match root.read(Path::new(path), SIZE_LIMIT) {
            Ok(content) => Ok(String::from_utf8_lossy(&content).into_owned()),
            Err(error) if matches!(error.errno(), Errno::ENOENT | Errno::ENOTDIR) => Ok(String::new()),
            Err(error) => Err(error),
        };
        Ok(Self::parse(&text("/etc/passwd")?, &text("/etc/group")?))
    }

    /// Lines that are not entries are left out, as the C library does.
    fn parse(passwd: &str, group: &str) -> Self {
        Self {
            users: passwd.lines().filter_map(parse_user).collect(),
            groups: group.lines().filter_map(parse_group).collect(),
        }
    }

    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    pub(crate) fn user_by_id(&self, uid: u32) -> Option<&User> {
        self.users.iter().find(|user| user.uid == uid)
    }

    pub(crate) fn group(&self, name: &str) -> Option<u32> {
        self.groups.iter().find(|group| group.name == name).map(|group| group.gid)
    }

    /// The groups that name the user as a member; not his own group.
    pub(crate) fn groups_of(&self, user: &str) -> Vec<u32> {
        let mut groups: Vec<u32> = self
            .groups
            .iter()
            .filter(|group| group.members.iter().any(|member| member == user))
            .map(|group| group.gid)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    pub(crate) fn user_names(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(|user| user.name.as_str())
    }

    pub(crate) fn group_names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.name.as_str())
    }
}

fn parse_user(line: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, ..] = fields.as_slice() else {
        return None;
    };
    Some(User { name: parse_name(name)?, uid: parse_id(uid)?, gid: parse_id(gid)?, home: (*home).to_owned() })
}

fn parse_group(line: &str) -> Option<Group> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, gid, rest @ ..] = fields.as_slice() else {
        return None;
    };
    let members = rest.first().unwrap_or(&"").split(',').map(str::trim).filter(|member| !member.is_empty());
    Some(Group { name: parse_name(name)?, gid: parse_id(gid)?, members: members.map(str::to_owned).collect() })
}

fn parse_name(text: &str) -> Option<String> {
    (!text.is_empty() && !text.starts_with(['#', '+', '-'])).then(|| text.to_owned())
}

/// The highest number means "unchanged" to the kernel and is never an id.
fn parse_id(text: &str) -> Option<u32> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (number != u32::MAX).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::Accounts;

    #[test]
    fn users_and_groups() {
        let accounts = Accounts::parse(
            "root:x:0:0:root:/root:/bin/sh\n# comment:x:1:1::/:\nbroken\nhuge:x:4294967295:0::/:\nfour:x:-4:0::/:\n\
             app:x:1000:1001:,,,:/home/app\napp:x:2000:2000::/second:\n",
            "root:x:0:\nstaff:x:50:app,other\nempty:x:51:\napp:x:1001:\nextra:x:7:x, app \nshort:x:8\n",
        );
        let app = accounts.user("app").unwrap();
        assert_eq!((app.uid, app.gid, app.home.as_str()), (1000, 1001, "/home/app"));
        assert_eq!(accounts.user_by_id(0).unwrap().name, "root");
        assert_eq!(accounts.group("staff"), Some(50));
        assert_eq!(accounts.group("short"), Some(8));
        assert_eq!(accounts.groups_of("app"), [7, 50]);
        for unknown in ["# comment", "broken", "huge", "four", ""] {
            assert_eq!(accounts.user(unknown), None, "{unknown}");
        }
    }
}
