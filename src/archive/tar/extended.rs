//! The records of an extended header: `LENGTH KEY=VALUE`, one behind the other.

use super::super::error::Error;

/// What the records say about the next entry, as far as it matters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) is_sparse: bool,
}

/// Key and value.
type Record<'a> = (&'a [u8], &'a [u8]);

const BROKEN: Error = Error::Form("an extended header in it is damaged");

impl Records {
    /// Reads further records; a later one wins, and an empty value takes an earlier one away.
    pub(super) fn parse(&mut self, mut rest: &[u8]) -> Result<(), Error> {
        while let Some((key, value)) = next(&mut rest)? {
            let text = || (!value.is_empty()).then(|| value.to_vec());
            match key {
                // Of a sparse file `path` is a made-up name.
                b"path" if self.is_sparse && self.path.is_some() => {}
                b"path" | b"GNU.sparse.name" => self.path = text(),
                b"linkpath" => self.link = text(),
                b"size" => self.size = if value.is_empty() { None } else { Some(size(value)?) },
                _ => {}
            }
            self.is_sparse |= key.starts_with(b"GNU.sparse.");
        }
        Ok(())
    }

    /// Records for all entries that follow: comments and times, and never the name of each of them.
    pub(super) fn check_global(mut rest: &[u8]) -> Result<(), Error> {
        while let Some((key, _)) = next(&mut rest)? {
            if matches!(key, b"path" | b"linkpath" | b"size") || key.starts_with(b"GNU.sparse.") {
                return Err(Error::Form("a global header in it gives every entry the same name or size"));
            }
        }
        Ok(())
    }
}

/// The next record. Zeros behind the last one are passed over.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<Record<'a>>, Error> {
    if rest.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let blank = rest.iter().position(|byte| *byte == b' ').ok_or(BROKEN)?;
    let length = decimal(&rest[..blank]).and_then(|length| usize::try_from(length).ok()).ok_or(BROKEN)?;
    let record = rest.get(blank + 1..length).and_then(|record| record.strip_suffix(b"\n")).ok_or(BROKEN)?;
    *rest = &rest[length..];
    let equals = record.iter().position(|byte| *byte == b'=').ok_or(BROKEN)?;
    Ok(Some((&record[..equals], &record[equals + 1..])))
}

fn size(value: &[u8]) -> Result<u64, Error> {
    decimal(value).filter(|size| i64::try_from(*size).is_ok()).ok_or(BROKEN)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let text = str::from_utf8(digits).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{BROKEN, Records};

    #[test]
    fn records() {
        let path = |path: &[u8]| Ok(Records { path: Some(path.to_vec()), ..Records::default() });
        for (text, wanted) in [
            (&b""[..], Ok(Records::default())),
            (b"\0\0", Ok(Records::default())),
            (b"9 path=a\n", path(b"a")),
            (b"13 path=a=\nb\n", path(b"a=\nb")),
            (b"9 path=a\n9 path=b\n", path(b"b")),
            (b"9 path=a\n8 path=\n", Ok(Records::default())),
            (b"9 path=\xff\n\0\0", path(b"\xff")),
            (b"11 size=12\n", Ok(Records { size: Some(12), ..Records::default() })),
            (b"10 mtime=1\n", Err(BROKEN)),
            (b"11 mtime=1\n", Ok(Records::default())),
            (b"8 path=a\n", Err(BROKEN)),
            (b"9 path:a\n", Err(BROKEN)),
            (b"99 path=a\n", Err(BROKEN)),
            (b"path=a\n", Err(BROKEN)),
            (b"-1 path=a\n", Err(BROKEN)),
            (b"0 path=a\n", Err(BROKEN)),
            (b"12 size=-12\n", Err(BROKEN)),
            (b"29 size=99999999999999999999\n", Err(BROKEN)),
        ] {
            let mut records = Records::default();
            assert_eq!(records.parse(text).map(|()| records), wanted, "{:?}", String::from_utf8_lossy(text));
        }
        assert!(Records::check_global(b"19 comment=abcdefg\n").is_ok());
        assert!(Records::check_global(b"9 path=a\n").is_err());
    }

    #[test]
    fn a_sparse_file_has_its_own_name() {
        let mut records = Records::default();
        records.parse(b"22 GNU.sparse.major=1\n21 GNU.sparse.name=a\n26 path=GNUSparseFile.0/a\n").unwrap();
        assert_eq!((records.path.as_deref(), records.is_sparse), (Some(&b"a"[..]), true));
    }
}
