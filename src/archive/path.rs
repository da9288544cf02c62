//! What the names in an archive may be.

/// Bytes of one part of a name: no file system of Linux takes more.
const PART_LIMIT: usize = 255;
/// Parts of a name: for each the directory that it names is remembered with its whole path.
const DEPTH_LIMIT: usize = 256;
/// Bytes of a name and of what a link says: the kernel takes no more at once.
const NAME_LIMIT: usize = 4096;

/// The parts of a name; none when it is that of the top. `.` and empty parts are left out. An absolute name, or one with `..`,
/// is refused and not bent: what it was made for is not known.
pub(crate) fn parts(name: &[u8]) -> Result<Vec<&[u8]>, &'static str> {
    if name.is_empty() {
        return Err("its name is empty");
    }
    if name.len() > NAME_LIMIT {
        return Err("its name is longer than 4096 bytes");
    }
    if name.contains(&0) {
        return Err("its name holds a NUL character");
    }
    if name.starts_with(b"/") {
        return Err("its name is absolute");
    }
    let parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.contains(&&b".."[..]) {
        return Err("its name holds `..`");
    }
    if parts.iter().any(|part| part.len() > PART_LIMIT) {
        return Err("a part of its name is longer than 255 bytes");
    }
    if parts.len() > DEPTH_LIMIT {
        return Err("its name has more than 256 parts");
    }
    Ok(parts)
}

/// Why a symbolic link so many directories below the top may lead outside; `None` when it cannot. `..` counts only at the
/// beginning: behind a name it leads from wherever that name leads, which may be another link.
pub(crate) fn link_refusal(says: &[u8], depth: usize) -> Option<&'static str> {
    if says.is_empty() {
        return Some("the link says nothing");
    }
    if says.len() >= NAME_LIMIT {
        return Some("the link is longer than 4095 bytes");
    }
    if says.contains(&0) {
        return Some("the link holds a NUL character");
    }
    if says.starts_with(b"/") {
        return Some("the link is absolute");
    }
    let mut up = 0;
    let mut named = false;
    for part in says.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if named => return Some("the link holds `..` behind a name"),
            b".." => up += 1,
            _ => named = true,
        }
    }
    (up > depth).then_some("the link leads outside")
}

#[cfg(test)]
mod tests {
    use super::{link_refusal, parts};

    #[test]
    fn names() {
        for (name, wanted) in [
            (&b"a"[..], Ok("a")),
            (b"a/b", Ok("a|b")),
            (b"./a//b/./", Ok("a|b")),
            (b"./", Ok("")),
            (b".", Ok("")),
            (b"a/..b/...", Ok("a|..b|...")),
            (b" a ", Ok(" a ")),
            (b"a\\..\\b", Ok("a\\..\\b")),
            (b"", Err("its name is empty")),
            (b"/a", Err("its name is absolute")),
            (b"//a", Err("its name is absolute")),
            (b"..", Err("its name holds `..`")),
            (b"a/../b", Err("its name holds `..`")),
            (b"a/..", Err("its name holds `..`")),
            (b"./../b", Err("its name holds `..`")),
            (b"a\0b", Err("its name holds a NUL character")),
            (&[b'x'; 256], Err("a part of its name is longer than 255 bytes")),
            (&[b'/'; 4097], Err("its name is longer than 4096 bytes")),
            ("a/".repeat(257).as_bytes(), Err("its name has more than 256 parts")),
        ] {
            let found = parts(name).map(|parts| parts.iter().map(|part| str::from_utf8(part).unwrap()).collect());
            let found = found.map(|parts: Vec<&str>| parts.join("|"));
            assert_eq!(found, wanted.map(ToOwned::to_owned), "{name:?}");
        }
        assert!(parts(&[b'x'; 255]).is_ok() && parts("a/".repeat(256).as_bytes()).is_ok());
    }

    #[test]
    fn links() {
        for (says, depth, wanted) in [
            (&b"a"[..], 0, None),
            (b"./a/b/", 0, None),
            (b"../a", 1, None),
            (b".././../a", 2, None),
            (b"..", 1, None),
            (b"../a", 0, Some("the link leads outside")),
            (b"../../a", 1, Some("the link leads outside")),
            (b"a/../b", 3, Some("the link holds `..` behind a name")),
            (b"../a/..", 3, Some("the link holds `..` behind a name")),
            (b"/etc", 3, Some("the link is absolute")),
            (b"", 3, Some("the link says nothing")),
            (b"a\0", 3, Some("the link holds a NUL character")),
            (&[b'x'; 4096], 3, Some("the link is longer than 4095 bytes")),
        ] {
            assert_eq!(link_refusal(says, depth), wanted, "{says:?} {depth}");
        }
    }
}
