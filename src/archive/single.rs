//! One file that is compressed by itself.

use std::io::{BufReader, Read, Seek};
use std::rc::Rc;

use super::compression::Compression;
use super::error::Error;
use super::limits::Limits;
use super::stream::{Counted, Input, Stream};
use super::{BLOCK, BUFFER, fill};

/// How a file is compressed, by what its name ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing(Compression);

/// Why a file cannot be decompressed, or what took its content failed.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// In words that go on after `cannot read ...: `.
    Content(String),
    /// What took the content refused it.
    Taker(std::io::Error),
    Interrupted,
}

const SUFFIXES: [(&str, Compression); 4] = [
    (".gz", Compression::Gzip),
    (".xz", Compression::Xz),
    (".zst", Compression::Zstandard),
    (".bz2", Compression::Bzip2),
];

impl Packing {
    /// What the name says, and the name without it.
    pub(crate) fn of(name: &[u8]) -> (Option<Self>, &[u8]) {
        let known =
            SUFFIXES.iter().find_map(|(suffix, packing)| Some((*packing, name.strip_suffix(suffix.as_bytes())?)));
        known.map_or((None, name), |(packing, inner)| (Some(Self(packing)), inner))
    }

    /// Hands the content over, piece by piece, to the end and no more than `limit` bytes. `interrupted` is asked between them.
    pub(crate) fn unpack<'a>(
        self,
        mut source: impl Read + Seek + 'a,
        limit: u64,
        interrupted: &'a dyn Fn() -> bool,
        take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), Unreadable> {
        let content = |error: &Error| Unreadable::Content(words(error));
        let mut beginning = [0; BLOCK];
        let length = fill(&mut source, &mut beginning).map_err(|error| content(&Error::from_source(&error)))?;
        source.rewind().map_err(|error| content(&Error::from_source(&error)))?;
        if Compression::of(&beginning[..length]) != self.0 {
            return Err(Unreadable::Content(format!("it is not {}", self.0.name())));
        }
        let input = Rc::new(Input::default());
        let buffered = BufReader::with_capacity(BUFFER, Counted::new(source, Rc::clone(&input)));
        let limits = Limits { size: limit, entries: 0, ratio: None };
        let mut stream = Stream::new(self.0.decoder(buffered), input, self.0, limits, interrupted);
        let mut buffer = vec![0; BUFFER];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => take(&buffer[..length]).map_err(Unreadable::Taker)?,
                Err(Error::Interrupted) => return Err(Unreadable::Interrupted),
                Err(error) => return Err(content(&error)),
            }
        }
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::Truncated => "it ends too early".to_owned(),
        Error::Passed(_) => "it becomes too large".to_owned(),
        Error::Source(_) => "the file cannot be read".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::{Packing, Unreadable};

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(name: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, String> {
        let packing = Packing::of(name.as_bytes()).0.unwrap();
        let mut content = Vec::new();
        let taken = packing.unpack(Cursor::new(bytes), limit, &|| false, &mut |piece| {
            content.extend_from_slice(piece);
            Ok(())
        });
        match taken {
            Ok(()) => Ok(content),
            Err(Unreadable::Content(words)) => Err(words),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_name_says_how_a_file_is_compressed() {
        for (name, is_packed, inner) in [
            ("a.sql.gz", true, "a.sql"),
            ("a.sql.zst", true, "a.sql"),
            ("a.sql", false, "a.sql"),
            ("a.sql.GZ", false, "a.sql.GZ"),
            (".gz", true, ""),
        ] {
            let (packing, rest) = Packing::of(name.as_bytes());
            assert_eq!((packing.is_some(), rest), (is_packed, inner.as_bytes()), "{name}");
        }
    }

    #[test]
    fn content_comes_whole_or_not_at_all() {
        let packed = gzip(b"select 1;");
        let two = [gzip(b"select 1;"), gzip(b"select 2;")].concat();
        for (name, bytes, limit, wanted) in [
            ("a.gz", packed.as_slice(), 9, Ok("select 1;")),
            ("a.gz", &two, 100, Ok("select 1;select 2;")),
            ("a.gz", &packed, 8, Err("it becomes too large")),
            ("a.gz", &packed[..packed.len() - 3], 100, Err("it ends too early")),
            ("a.gz", b"select 1;", 100, Err("it is not gzip")),
            ("a.gz", b"", 100, Err("it is not gzip")),
            ("a.xz", &packed, 100, Err("it is not xz")),
        ] {
            let wanted = wanted.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned);
            assert_eq!(unpacked(name, bytes, limit), wanted, "{name} {limit}");
        }
        let mut damaged = packed.clone();
        damaged[12] ^= 0xff;
        assert!(unpacked("a.gz", &damaged, 100).is_err());
    }
}
