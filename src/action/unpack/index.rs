//! What the entries of an archive are, so that those that contradict each other are found before anything is written.

use std::collections::HashMap;
use std::collections::hash_map;
use std::ffi::OsString;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
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
}

/// The names so far. Of each only a number is kept, made of it with a key that nobody knows: some 40 bytes, however long it is.
pub(super) struct Index {
    keys: RandomState,
    places: HashMap<u64, Place>,
    limits: Limits,
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
        Self { keys: RandomState::new(), places: HashMap::new(), limits }
    }

    /// Adds a name. Tells the directories on the way to it, and itself, that are new: how many parts each has.
    pub(super) fn add(&mut self, parts: &[OsString], role: Role) -> Result<Vec<usize>, Clash> {
        let mut new = Vec::new();
        let mut hasher = self.keys.build_hasher();
        for (number, part) in parts.iter().enumerate() {
            hasher.write(part.as_bytes());
            hasher.write_u8(b'/');
            let is_last = number + 1 == parts.len();
            let role = if is_last { role } else { Role::Directory };
            match self.places.entry(hasher.finish()) {
                hash_map::Entry::Vacant(place) => {
                    place.insert(Place { role, linked: false });
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
        let mut hasher = self.keys.build_hasher();
        for part in parts {
            hasher.write(part.as_bytes());
            hasher.write_u8(b'/');
        }
        match self.places.get_mut(&hasher.finish()) {
            Some(place) if place.role == Role::File => {
                place.linked = true;
                true
            }
            _ => false,
        }
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
}
