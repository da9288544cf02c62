//! What the entries of an archive are, so that those that contradict each other are found before anything is written.

use std::collections::HashMap;
use std::collections::hash_map;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, DefaultHasher, Hasher as _, RandomState};
use std::os::unix::ffi::OsStrExt as _;

use crate::archive::Limits;

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Directory,
    File,
    /// A symbolic link.
    Link,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    role: Role,
    /// Whether a hard link leads to it.
    linked: bool,
    /// The number of the entry that is to be written; 0 when what is there is right.
    writes: u32,
}

/// What stands for a name: halves of 128 bits, aligned so that a place takes 24 bytes with it.
type Key = [u32; 4];

/// The names so far. Of each only a number is kept, made of it with keys that nobody knows: some 40 bytes, however long it is.
/// That two names have the same is less likely than that the memory errs.
pub(super) struct Index {
    keys: [RandomState; 2],
    places: HashMap<Key, Place>,
    limits: Limits,
}

/// Makes the key of a name, part by part.
struct Keying([DefaultHasher; 2]);

impl Keying {
    fn add(&mut self, part: &OsStr) {
        for hasher in &mut self.0 {
            hasher.write(part.as_bytes());
            hasher.write_u8(b'/');
        }
    }

    fn key(&self) -> Key {
        let [one, other] = self.0.each_ref().map(|hasher| hasher.finish().to_ne_bytes());
        let quarter = |bytes: [u8; 8], at| u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        [quarter(one, 0), quarter(one, 4), quarter(other, 0), quarter(other, 4)]
    }
}

/// Why an entry cannot stand beside those before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clash {
    /// So many of its parts are the name of something else.
    OnTheWay(usize, &'static str),
    /// It is something else than before.
    Kind,
    /// It comes a second time, and a hard link leads to the first one.
    Linked,
    /// With the directories that are only named on the way there are too many.
    TooMany,
}

impl Index {
    pub(super) fn new(limits: Limits) -> Self {
        Self { keys: [RandomState::new(), RandomState::new()], places: HashMap::new(), limits }
    }

    fn keying(&self) -> Keying {
        Keying(self.keys.each_ref().map(BuildHasher::build_hasher))
    }

    fn key(&self, parts: &[OsString]) -> Key {
        let mut keying = self.keying();
        for part in parts {
            keying.add(part);
        }
        keying.key()
    }

    /// Adds a name. Tells the directories on the way to it, and itself, that are new: how many parts each has.
    pub(super) fn add(&mut self, parts: &[OsString], role: Role) -> Result<Vec<usize>, Clash> {
        let mut new = Vec::new();
        let mut keying = self.keying();
        for (number, part) in parts.iter().enumerate() {
            keying.add(part);
            let is_last = number + 1 == parts.len();
            let role = if is_last { role } else { Role::Directory };
            match self.places.entry(keying.key()) {
                hash_map::Entry::Vacant(place) => {
                    place.insert(Place { role, linked: false, writes: 0 });
                    new.push(number + 1);
                }
                hash_map::Entry::Occupied(place) if !is_last && place.get().role != Role::Directory => {
                    let what = if place.get().role == Role::Link { "a symbolic link" } else { "a file" };
                    return Err(Clash::OnTheWay(number + 1, what));
                }
                hash_map::Entry::Occupied(mut place) => {
                    if (place.get().role == Role::Directory) != (role == Role::Directory) {
                        return Err(Clash::Kind);
                    }
                    if place.get().linked {
                        return Err(Clash::Linked);
                    }
                    place.get_mut().role = role;
                }
            }
        }
        if self.places.len() as u64 > self.limits.entries {
            return Err(Clash::TooMany);
        }
        Ok(new)
    }

    /// Whether this is a file so far, which a hard link may lead to. It must stay what it is then.
    pub(super) fn link_to(&mut self, parts: &[OsString]) -> bool {
        let key = self.key(parts);
        match self.places.get_mut(&key) {
            Some(place) if place.role == Role::File => {
                place.linked = true;
                true
            }
            _ => false,
        }
    }

    /// Notes the entry that is to be written to a name that was added, or that none is. Whether one was noted before.
    pub(super) fn note(&mut self, parts: &[OsString], entry: Option<u64>) -> Result<bool, Clash> {
        let writes = u32::try_from(entry.unwrap_or(0)).map_err(|_| Clash::TooMany)?;
        let key = self.key(parts);
        let place = self.places.get_mut(&key);
        Ok(place.is_some_and(|place| std::mem::replace(&mut place.writes, writes) != 0))
    }

    /// The number of the entry that is to be written to a name.
    pub(super) fn noted(&self, parts: &[OsString]) -> Option<u64> {
        let place = self.places.get(&self.key(parts))?;
        (place.writes != 0).then(|| place.writes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Clash, Index, Role};
    use crate::archive::Limits;

    fn parts(name: &str) -> Vec<std::ffi::OsString> {
        name.split('/').map(Into::into).collect()
    }

    #[test]
    fn names_that_contradict_each_other() {
        let mut index = Index::new(Limits { size: 0, entries: 8, ratio: None });
        for (name, role, wanted) in [
            ("a/b/file", Role::File, Ok(vec![1, 2, 3])),
            ("a/b", Role::Directory, Ok(vec![])),
            ("a/b/file", Role::File, Ok(vec![])),
            ("a/link", Role::Link, Ok(vec![2])),
            ("a/link/x", Role::File, Err(Clash::OnTheWay(2, "a symbolic link"))),
            ("a/b/file/x", Role::File, Err(Clash::OnTheWay(3, "a file"))),
            ("a/b", Role::Link, Err(Clash::Kind)),
            ("a/link", Role::Directory, Err(Clash::Kind)),
            ("a/link", Role::File, Ok(vec![])),
            ("ab/file", Role::File, Ok(vec![1, 2])),
            ("1/2/3", Role::File, Err(Clash::TooMany)),
        ] {
            assert_eq!(index.add(&parts(name), role), wanted, "{name}");
        }
        assert!(index.link_to(&parts("a/b/file")));
        assert!(!index.link_to(&parts("a/b")) && !index.link_to(&parts("a/nothing")));
        assert_eq!(index.add(&parts("a/b/file"), Role::File), Err(Clash::Linked));
    }

    #[test]
    fn the_last_entry_of_a_name_is_written() {
        let mut index = Index::new(Limits { size: 0, entries: 8, ratio: None });
        let (one, other) = (parts("a/one"), parts("a/other"));
        for (name, entry, before, after) in [
            (&one, Some(2), false, Some(2)),
            (&other, Some(3), false, Some(3)),
            (&one, Some(4), true, Some(4)),
            (&other, None, true, None),
            (&other, None, false, None),
        ] {
            assert!(index.add(name, Role::File).is_ok());
            assert_eq!(index.note(name, entry), Ok(before), "{name:?}");
            assert_eq!(index.noted(name), after, "{name:?}");
        }
        assert_eq!(index.noted(&one), Some(4));
        assert_eq!(index.noted(&parts("a")), None);
        assert_eq!(index.note(&one, Some(1 << 32)), Err(Clash::TooMany));
    }
}
