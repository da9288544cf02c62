//! The bytes of a text file as text, and back, without losing one.

use std::borrow::Cow;

use super::Problem;

#[cfg(test)]
mod tests;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const LITTLE_MARK: [u8; 2] = [0xFF, 0xFE];
const BIG_MARK: [u8; 2] = [0xFE, 0xFF];

/// How the bytes of a file stand for characters, its byte order mark included. Known only from [`decode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Utf8 {
        mark: bool,
    },
    Utf16 {
        big: bool,
    },
    /// Some code page that nobody named: each byte is the character with its number. Bit n: the byte 0x80 + n was there.
    SingleByte {
        seen: u128,
    },
}

/// The text of the bytes, without a byte order mark, and how to make bytes of it again. Every sequence of bytes is some
/// text: `encode` of what comes out gives the same bytes.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Encoding) {
    let (mark, content) = bytes.strip_prefix(UTF8_MARK).map_or((false, bytes), |content| (true, content));
    if let Ok(text) = std::str::from_utf8(content) {
        return (Cow::Borrowed(text), Encoding(Kind::Utf8 { mark }));
    }
    if let Some((text, big)) = decode_utf16(bytes) {
        return (Cow::Owned(text), Encoding(Kind::Utf16 { big }));
    }
    let mut seen = 0;
    for byte in bytes.iter().filter(|byte| !byte.is_ascii()) {
        seen |= bit(*byte);
    }
    (Cow::Owned(bytes.iter().copied().map(char::from).collect()), Encoding(Kind::SingleByte { seen }))
}

/// Refuses a byte order mark, which is a second one: [`decode`] takes off the first. What is put before it would leave it in
/// the middle, and a name behind it is another one. At the start of a line it becomes one as soon as the lines before are taken out.
pub(super) fn check_marks(text: &str) -> Result<(), Problem> {
    if text.starts_with('\u{feff}') {
        return Err(Problem::new(0, "the text begins with a second byte order mark").hint("take it out"));
    }
    match text.find("\n\u{feff}") {
        Some(at) => Err(Problem::new(at + 1, "the line begins with a byte order mark").hint("take it out")),
        None => Ok(()),
    }
}

fn decode_utf16(bytes: &[u8]) -> Option<(String, bool)> {
    let (mark, content) = bytes.split_first_chunk::<2>()?;
    let big = match *mark {
        LITTLE_MARK => false,
        BIG_MARK => true,
        _ => return None,
    };
    let (units, []) = content.as_chunks::<2>() else { return None };
    let unit = |unit: &[u8; 2]| if big { u16::from_be_bytes(*unit) } else { u16::from_le_bytes(*unit) };
    let text = char::decode_utf16(units.iter().map(unit)).collect::<Result<String, _>>().ok()?;
    Some((text, big))
}

/// The place of a byte above ASCII in the set of those that were seen.
fn bit(byte: u8) -> u128 {
    1 << (byte & 0x7F)
}

impl Encoding {
    /// The bytes of the text. UTF-8 and UTF-16 have every character. In a single-byte encoding it is not known which
    /// characters the bytes above ASCII are, so only those that the file held already can be written.
    pub(crate) fn encode(&self, text: String) -> Result<Vec<u8>, Problem> {
        match self.0 {
            Kind::Utf8 { mark: false } => Ok(text.into_bytes()),
            Kind::Utf8 { mark: true } => Ok([UTF8_MARK, text.as_bytes()].concat()),
            Kind::Utf16 { big } => Ok(encode_utf16(&text, big)),
            Kind::SingleByte { seen } => encode_single(&text, seen),
        }
    }
}

fn encode_utf16(text: &str, big: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 2 + 2);
    bytes.extend(if big { BIG_MARK } else { LITTLE_MARK });
    for unit in text.encode_utf16() {
        bytes.extend(if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    }
    bytes
}

fn encode_single(text: &str, seen: u128) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() || seen & bit(byte) != 0 => bytes.push(byte),
            _ => {
                return Err(Problem::new(offset, "the encoding of the file is not known to have this character")
                    .hint("the file is neither UTF-8 nor UTF-16: convert it to UTF-8"));
            }
        }
    }
    Ok(bytes)
}
