//! One entry in the text of `passwd` or `group`. Lines that are no entries are passed over, as the C library does.

/// Where the name and the number stand in both files.
const NAME: usize = 0;
const ID: usize = 2;

/// The entry that is wished.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) id: u32,
    /// Fields that an existing entry has to have: where, and what.
    pub(super) wished: &'a [(usize, String)],
    /// The line of a new entry, without its end.
    pub(super) line: String,
}

/// What has to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Right,
    /// The number has another name already.
    Named(String),
    /// The name belongs to another number.
    Taken(u32),
    /// The text with a new entry.
    Added(Vec<u8>),
    /// The text with another entry in its line, which is handed out too.
    Mended(Vec<u8>, String),
}

/// What has to be done so that the text holds the entry. Of several lines with one name or one number the first counts, as
/// for everybody who reads these files.
pub(super) fn place(text: &[u8], entry: &Entry<'_>, replace: bool) -> Placed {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let entries: Vec<(usize, &str, u32)> =
        lines.iter().enumerate().filter_map(|(index, line)| parse(line).map(|(name, id)| (index, name, id))).collect();
    if let Some((index, ..)) = entries.iter().find(|(_, name, id)| *name == entry.name && *id == entry.id) {
        return mend(&lines, *index, entry.wished);
    }
    if let Some((_, name, _)) = entries.iter().find(|(.., id)| *id == entry.id) {
        return Placed::Named((*name).to_owned());
    }
    match entries.iter().find(|(_, name, _)| *name == entry.name) {
        Some((index, _, id)) if replace && *id != 0 => {
            let mut wished = vec![(ID, entry.id.to_string())];
            wished.extend_from_slice(entry.wished);
            mend(&lines, *index, &wished)
        }
        Some((.., id)) => Placed::Taken(*id),
        None => Placed::Added(add(&lines, &entry.line)),
    }
}

fn parse(line: &[u8]) -> Option<(&str, u32)> {
    let mut fields = line.trim_ascii_end().split(|byte| *byte == b':');
    let name = std::str::from_utf8(fields.nth(NAME)?).ok()?;
    let id = std::str::from_utf8(fields.nth(ID - NAME - 1)?).ok()?;
    // A third separator makes it an entry.
    fields.next()?;
    let is_entry = !name.is_empty() && !name.starts_with(['#', '+', '-']);
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if is_entry && is_number { Some((name, id.parse().ok()?)) } else { None }
}

/// The text with these fields in one line; its other fields and its end stay.
fn mend(lines: &[&[u8]], index: usize, wished: &[(usize, String)]) -> Placed {
    let line = lines[index];
    let (content, end) = line.split_at(line.trim_ascii_end().len());
    let mut fields: Vec<&[u8]> = content.split(|byte| *byte == b':').collect();
    for (field, value) in wished {
        if fields.len() <= *field {
            fields.resize(*field + 1, b"");
        }
        fields[*field] = value.as_bytes();
    }
    let mended = fields.join(&b':');
    if mended == content {
        return Placed::Right;
    }
    let shown = String::from_utf8_lossy(&mended).into_owned();
    let text = [lines[..index].concat(), mended, end.to_vec(), lines[index + 1..].concat()].concat();
    Placed::Mended(text, shown)
}

/// The text with one more line: at the end, or before the first line that hands over to a directory service (`+`), behind
/// which it would come too late.
fn add(lines: &[&[u8]], line: &str) -> Vec<u8> {
    let at = lines.iter().position(|line| line.starts_with(b"+")).unwrap_or(lines.len());
    let mut text = lines[..at].concat();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text.extend_from_slice(line.as_bytes());
    text.push(b'\n');
    text.extend(lines[at..].concat());
    text
}

#[cfg(test)]
mod tests {
    use super::{Entry, Placed, place};

    const FILE: &str = "root:x:0:0:root:/root:/bin/sh\n# app:x:7:7::/:\nbroken\nhuge:x:4294967296:0::/:\nnode:x:1000:1000:,\u{e4}:/n:/s\n";

    fn app(text: &[u8], id: u32, wished: &[(usize, String)], replace: bool) -> Placed {
        let line = format!("app:x:{id}:0::/:/sbin/nologin");
        place(text, &Entry { name: "app", id, wished, line }, replace)
    }

    #[test]
    fn entries_are_added_and_everything_else_stays() {
        let added = "app:x:7:0::/:/sbin/nologin\n";
        for (before, after) in [
            (String::new(), added.to_owned()),
            (FILE.to_owned(), format!("{FILE}{added}")),
            ("a:x:1:1::/:/s".to_owned(), format!("a:x:1:1::/:/s\n{added}")),
            ("a:x:1:1::/:/s\r\n".to_owned(), format!("a:x:1:1::/:/s\r\n{added}")),
            ("a:x:1:1::/:/s\n+::::::\n".to_owned(), format!("a:x:1:1::/:/s\n{added}+::::::\n")),
            ("app:x:none:1::/:/s\n".to_owned(), format!("app:x:none:1::/:/s\n{added}")),
        ] {
            let placed = app(before.as_bytes(), 7, &[], false);
            assert_eq!(placed, Placed::Added(after.clone().into_bytes()), "{before}");
            assert_eq!(app(after.as_bytes(), 7, &[], false), Placed::Right, "{before}");
        }
        let bytes = b"\xff\xfe:x:1:1::/:\n\0\n";
        let Placed::Added(text) = app(bytes, 7, &[], false) else { panic!("not added") };
        assert_eq!(text, [&bytes[..], added.as_bytes()].concat());
    }

    #[test]
    fn numbers_and_names_that_are_taken() {
        assert_eq!(app(FILE.as_bytes(), 1000, &[], false), Placed::Named("node".to_owned()));
        assert_eq!(app(FILE.as_bytes(), 1000, &[], true), Placed::Named("node".to_owned()));
        let taken = format!("{FILE}app:x:9:9:c:/h:/s\r\nlast:x:8:8::/:\n");
        assert_eq!(app(taken.as_bytes(), 7, &[], false), Placed::Taken(9));
        let mended = taken.replace("app:x:9:9:c:/h:/s", "app:x:7:0:c:/h:/s");
        let line = "app:x:7:0:c:/h:/s".to_owned();
        assert_eq!(app(taken.as_bytes(), 7, &[(3, "0".to_owned())], true), Placed::Mended(mended.into_bytes(), line));
        assert_eq!(app(b"app:x:0:0::/:\n", 7, &[], true), Placed::Taken(0));
    }

    #[test]
    fn wished_fields_of_an_entry_are_mended() {
        let wished = [(5, "/data".to_owned()), (6, "/bin/sh".to_owned())];
        for (before, after) in [
            ("app:x:7:0:c:/:/s\n", "app:x:7:0:c:/data:/bin/sh\n"),
            ("app:x:7:0\n", "app:x:7:0::/data:/bin/sh\n"),
            ("app:x:7:0:c:/:/s:more", "app:x:7:0:c:/data:/bin/sh:more"),
        ] {
            let line = after.trim_end().to_owned();
            assert_eq!(app(before.as_bytes(), 7, &wished, false), Placed::Mended(after.as_bytes().to_vec(), line));
            assert_eq!(app(after.as_bytes(), 7, &wished, false), Placed::Right);
        }
        // The second of two is not the one that counts.
        assert_eq!(app(b"node:x:7:0::/:\napp:x:7:0::/:/s\n", 7, &[], false), Placed::Right);
    }
}
