//! The block before each entry.

use super::super::BLOCK;
use super::super::error::Error;

/// What a header says. Numbers of owners and times are not read: nobody asks for them.
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) mode: u32,
    pub(super) size: u64,
    name: Vec<u8>,
    link: Vec<u8>,
}

/// Which name is asked for.
#[derive(Clone, Copy)]
pub(super) enum Name {
    Entry,
    Link,
}

const CHECKSUM: std::ops::Range<usize> = 148..156;

impl Header {
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, Error> {
        if !has_checksum(block) {
            return Err(Error::Form("the checksum of a header in it is wrong"));
        }
        let number = |range: std::ops::Range<usize>| {
            number(&block[range]).ok_or(Error::Form("a number in a header of it is none"))
        };
        let mut name = until_nul(&block[..100]).to_vec();
        // GNU's old form has times where POSIX has the beginning of a long name.
        if &block[257..265] == b"ustar\x0000" {
            let prefix = until_nul(&block[345..500]);
            if !prefix.is_empty() {
                name = [prefix, b"/", &name].concat();
            }
        }
        Ok(Self {
            kind: block[156],
            mode: u32::try_from(number(100..108)? & 0o7777).unwrap_or(0),
            size: number(124..136)?,
            name,
            link: until_nul(&block[157..257]).to_vec(),
        })
    }

    pub(super) fn name(&self, name: Name) -> Vec<u8> {
        match name {
            Name::Entry => self.name.clone(),
            Name::Link => self.link.clone(),
        }
    }
}

/// Whether this is the beginning of a tar archive: a header, or the mark of the end of an empty one.
pub(in super::super) fn is_tar(beginning: &[u8]) -> bool {
    <&[u8; BLOCK]>::try_from(beginning).is_ok_and(|block| has_checksum(block) || block.iter().all(|byte| *byte == 0))
}

/// The sum of all bytes with blanks in place of the sum itself. Some old programs took the bytes as signed.
fn has_checksum(block: &[u8; BLOCK]) -> bool {
    let Some(written) = number(&block[CHECKSUM]) else { return false };
    let written = i64::try_from(written).ok();
    written == Some(sum(block, i32::from)) || written == Some(sum(block, |byte| byte.cast_signed().into()))
}

fn sum(block: &[u8; BLOCK], value: impl Fn(u8) -> i32) -> i64 {
    let of = |bytes: &[u8]| bytes.iter().map(|byte| value(*byte)).sum::<i32>();
    (of(block) - of(&block[CHECKSUM]) + 8 * i32::from(b' ')).into()
}

/// A number: octal digits between blanks and NULs, or, where the first bit is set, the bits of the number. None when it is
/// negative or too large, or no number.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first == 0x80 {
        let (high, low) = rest.split_at(rest.len().saturating_sub(8));
        let low = low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        return (high.iter().all(|byte| *byte == 0) && i64::try_from(low).is_ok()).then_some(low);
    }
    let end = field.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    let start = field.iter().position(|byte| *byte != b' ').unwrap_or(0).min(end);
    field[start..end]
        .iter()
        .try_fold(0, |number, byte| (b'0'..=b'7').contains(byte).then(|| number << 3 | u64::from(byte - b'0')))
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        for (field, wanted) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"644     ", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"77777777777\0", Some(0o77_777_777_777)),
            (b"00008\0", None),
            (b"0x1\0", None),
            (b"-1\0", None),
            (b"6 44\0", None),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Some(0x2_0000_0000)),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(number(field), wanted, "{field:?}");
        }
    }
}
